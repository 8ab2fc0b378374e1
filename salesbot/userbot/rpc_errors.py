"""Telethon's errors as ours (``salesbot.errors``): by Telegram's own names, then by the numeric code.

Telethon has classes for the names it knows and, for the rest, the class of the code with the name in ``.message``; both
lead to the name here. Traps: PRIVACY_PREMIUM_REQUIRED is an ``AuthKeyError`` and means that one person does not accept
messages; FROZEN_METHOD_INVALID is a flood error without seconds and means a frozen account; RANDOM_ID_DUPLICATE means
delivered and is never translated (``client.send`` asks for it first).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from loguru import logger
from telethon import errors
from telethon.errors.rpcerrorlist import rpc_errors_dict

from salesbot.errors import (
    AccountUnusable,
    FloodWait,
    NoSuchPerson,
    PeerFlood,
    Refused,
    SalesbotError,
    Transient,
    Unknown,
    Unreachable,
)

UNKNOWN_FLOOD = 60.0
"""Seconds to wait when Telegram says flood and no number."""

_NAMES: Mapping[type[BaseException], str] = {cls: name for name, cls in rpc_errors_dict.items()}


def _says(kind: Callable[[str, str], SalesbotError], code: str) -> Callable[[str], SalesbotError]:
    return lambda name: kind(code, f"Telegram says {name}")


_MEANING: Mapping[str, Callable[[str], SalesbotError]] = {
    "USERNAME_NOT_OCCUPIED": _says(NoSuchPerson, "unknown_username"),
    "USERNAME_INVALID": _says(NoSuchPerson, "malformed_username"),
    "PEER_ID_INVALID": _says(NoSuchPerson, "unknown_id"),
    "USER_ID_INVALID": _says(NoSuchPerson, "unknown_id"),
    "INPUT_USER_DEACTIVATED": _says(Unreachable, "deactivated"),
    "USER_IS_BLOCKED": _says(Unreachable, "blocked"),
    "YOU_BLOCKED_USER": _says(Unreachable, "you_blocked"),
    "USER_PRIVACY_RESTRICTED": _says(Unreachable, "privacy"),
    "PRIVACY_PREMIUM_REQUIRED": _says(Unreachable, "privacy"),
    "CHAT_WRITE_FORBIDDEN": _says(Unreachable, "forbidden"),
    "PEER_FLOOD": lambda name: PeerFlood(f"Telegram says {name}"),
    "AUTH_KEY_UNREGISTERED": _says(AccountUnusable, "logged_out"),
    "SESSION_REVOKED": _says(AccountUnusable, "logged_out"),
    "SESSION_EXPIRED": _says(AccountUnusable, "logged_out"),
    "SESSION_PASSWORD_NEEDED": _says(AccountUnusable, "logged_out"),
    "AUTH_KEY_DUPLICATED": _says(AccountUnusable, "key_lost"),
    "AUTH_KEY_INVALID": _says(AccountUnusable, "key_lost"),
    "AUTH_KEY_PERM_EMPTY": _says(AccountUnusable, "key_lost"),
    "USER_DEACTIVATED": _says(AccountUnusable, "banned"),
    "USER_DEACTIVATED_BAN": _says(AccountUnusable, "banned"),
    "PHONE_NUMBER_BANNED": _says(AccountUnusable, "banned"),
    "FROZEN_METHOD_INVALID": _says(AccountUnusable, "frozen"),
    "FROZEN_PARTICIPANT_MISSING": _says(AccountUnusable, "frozen"),
}

_LOST = (
    OSError,  # ConnectionError and TimeoutError among them
    asyncio.IncompleteReadError,
    asyncio.CancelledError,  # how Telethon ends what waits when it disconnects
    errors.AuthKeyNotFound,
    errors.TypeNotFoundError,  # an answer of a newer layer than ours
    errors.SecurityError,
    errors.InvalidBufferError,
    errors.BadMessageError,
)


def name_of(error: BaseException) -> str:
    """What Telegram said, e.g. ``USER_IS_BLOCKED``."""
    return _NAMES.get(type(error)) or getattr(error, "message", None) or type(error).__name__


def translate(error: BaseException, *, effect: bool) -> SalesbotError:
    """What a failed call means. ``effect``: the call changes something, so that not knowing is its own answer."""
    if isinstance(error, errors.RPCError):
        return _translate_rpc(error, effect=effect)
    if isinstance(error, errors.AuthKeyNotFound) and not effect:
        return AccountUnusable("key_lost", "Telegram does not know this session's key")
    kind = type(error).__name__
    if not isinstance(error, _LOST):  # a defect, Telethon's or ours: waited out like the rest, but to be found
        logger.opt(exception=error).warning("unexpected")
        kind = f"unexpected {kind}"
    if isinstance(error, OSError):  # what the others say quotes what was sent or received
        kind += f": {error}"
    return Unknown(f"no answer ({kind})") if effect else Transient(f"no answer ({kind})")


def _translate_rpc(error: errors.RPCError, *, effect: bool) -> SalesbotError:
    name = name_of(error)
    if meaning := _MEANING.get(name):
        return meaning(name)
    match error:
        case errors.FloodError() | errors.SlowModeWaitError():
            seconds = float(getattr(error, "seconds", 0) or UNKNOWN_FLOOD)
            return FloodWait(f"Telegram says wait {seconds:.0f} s", seconds)
        case errors.UnauthorizedError():
            return AccountUnusable("logged_out", f"Telegram says {name}")
        case errors.ServerError() | errors.TimedOutError() | errors.InvalidDCError():
            return Unknown(f"Telegram says {name}") if effect else Transient(f"Telegram says {name}")
        case errors.ForbiddenError():
            return Unreachable("privacy" if name.startswith("ALLOW_PAYMENT_REQUIRED") else "forbidden", name)
        case _:
            return Refused(name.lower(), f"Telegram says {name}")
