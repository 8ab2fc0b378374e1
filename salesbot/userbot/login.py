"""``salesbot login`` and ``logout``: the only places that make or end a session.

By phone, code and two-step password, or by a QR code scanned with a phone that is signed in. The new session is sealed
and stored at once. Both refuse to touch an account that a running process owns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
from telethon import errors, utils
from telethon.tl import functions, types

from salesbot.errors import AccountUnusable, Refused, SalesbotError
from salesbot.keys import KeyRing
from salesbot.settings import Settings
from salesbot.store import installation, sessions
from salesbot.store.pool import ACQUIRE_TIMEOUT
from salesbot.store.sessions import Device, StoredSession, UpdateState
from salesbot.userbot import dial, qr
from salesbot.userbot.rpc_errors import name_of
from salesbot.userbot.visit import SAYS, holding, new_session, stored_session, visit

ATTEMPTS = 3
"""How often a person may mistype a code or a password before we stop asking Telegram."""

_RETRY = frozenset({"wrong_code", "wrong_password"})


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person who logs in says: given beforehand, or asked for when it is needed.

    ``ask(question, secret)`` returns one line; without it a missing answer is an error. ``tell`` shows a line or more.
    """

    phone: str | None = None
    code: str | None = None
    password: str | None = None
    ask: Callable[[str, bool], str] | None = None
    tell: Callable[[str], None] = print

    def question(self, given: str | None, text: str, *, secret: bool = False) -> str:
        if given is not None:
            return given
        if self.ask is None:
            raise Refused("needs_answer", f"This is needed to log in and was not given: {text}")
        return self.ask(text, secret).strip()


async def login(
    *, settings: Settings, keys: KeyRing, pool: asyncpg.Pool, answers: Answers, by_qr: bool = False
) -> StoredSession:
    """Sign an account in and store its session; a session that was stored before is logged out.

    Raises ``Refused`` with a message for the person at the terminal, ``FloodWait``, ``SettingsError``, ``Transient``.
    """
    phone = "" if by_qr else _phone(answers)
    known = await _by_phone(pool, phone) if phone else None
    device = known.device if known else Device()
    async with visit(settings, new_session(settings), device) as client:
        user = await (qr.sign_in(client, answers.tell) if by_qr else _by_code(client, phone, answers))
        if user is None:
            user = await _by_password(client, answers)
        account = _signed_in(client, user, keys, device)
        try:
            async with holding(pool, account.account_id) as connection:
                before = await sessions.load(connection, account.account_id)
                await sessions.save_signed_in(connection, account)
        except BaseException:  # whatever ended it
            await _forget(client)  # a session that nobody keeps must not stay open at Telegram
            raise
    if before is not None and before.sealed_key:
        await _retire(settings, keys, before, answers.tell)
    return account


async def logout(*, settings: Settings, keys: KeyRing, pool: asyncpg.Pool, account_id: int) -> bool:
    """End the account's session at Telegram and forget its key. False when Telegram had ended it before.

    Raises ``DataError`` in a copy that nobody confirmed: the session is that of the machine in use."""
    async with holding(pool, account_id) as connection:
        await installation.check(connection)
        account = await sessions.load(connection, account_id)
        if account is None or not account.sealed_key:
            raise Refused("not_logged_in", f"Account {account_id} is not logged in.")
        try:
            await _end(settings, keys, account)
        except AccountUnusable:
            alive = False
        else:
            alive = True
        await sessions.logged_out(connection, account_id)
        return alive


async def _by_code(client: dial.Client, phone: str, answers: Answers) -> Any | None:
    """The signed-in user; None when the account has a two-step password too."""
    sent = await client.send_code_request(phone)
    answers.tell(f"Telegram has sent a code {_WAYS.get(type(sent.type), 'to you')}.")

    async def attempt() -> Any:
        return await client.sign_in(phone, answers.question(answers.code, "Code"))

    try:
        return await _patiently(attempt, answers, given=answers.code is not None)
    except errors.SessionPasswordNeededError:
        return None


_WAYS = {
    types.auth.SentCodeTypeApp: "to the account's other devices, in the chat with Telegram",
    types.auth.SentCodeTypeSms: "by SMS",
    types.auth.SentCodeTypeCall: "by a phone call",
    types.auth.SentCodeTypeFlashCall: "by a phone call: it is the caller's number",
    types.auth.SentCodeTypeMissedCall: "by a missed call: it ends the caller's number",
    types.auth.SentCodeTypeEmailCode: "by e-mail",
    types.auth.SentCodeTypeFragmentSms: "to fragment.com",
}


async def _by_password(client: dial.Client, answers: Answers) -> Any:
    hint = (await client(functions.account.GetPasswordRequest())).hint
    text = f"Two-step password (hint: {hint})" if hint else "Two-step password"

    async def attempt() -> Any:
        return await client.sign_in(password=answers.question(answers.password, text, secret=True))

    return await _patiently(attempt, answers, given=answers.password is not None)


async def _patiently(attempt: Callable[[], Any], answers: Answers, *, given: bool) -> Any:
    """Let a person try again after a slip; an answer that was given beforehand gets one chance."""
    for left in range(0 if given else ATTEMPTS - 1, -1, -1):
        try:
            return await attempt()
        except errors.RPCError as exc:
            says = SAYS.get(name_of(exc))
            if not left or says is None or says[0] not in _RETRY:
                raise
            answers.tell(says[1])
    raise AssertionError("unreachable")


def _signed_in(client: dial.Client, user: Any, keys: KeyRing, device: Device) -> StoredSession:
    session = client.session
    at, _ = client._message_box.session_state()
    return StoredSession(
        account_id=user.id,
        dc_id=session.dc_id,
        server_address=session.server_address,
        server_port=session.port,
        sealed_key=keys.encrypt(session.auth_key.key),
        update_state=UpdateState(**at) if at["pts"] else None,
        username=user.username,
        name=utils.get_display_name(user),
        phone=user.phone or "",
        device=device,
    )


def _phone(answers: Answers) -> str:
    text = answers.question(answers.phone, "Phone number of the account, like +12025550123")
    phone: str | None = utils.parse_phone(text)
    if phone is None:
        raise Refused("phone_invalid", f"{text!r} is not a phone number. Write it like +12025550123.")
    return phone


async def _end(settings: Settings, keys: KeyRing, account: StoredSession) -> None:
    async with visit(settings, stored_session(settings, keys, account), account.device) as client:
        await client(functions.auth.LogOutRequest())


async def _retire(settings: Settings, keys: KeyRing, before: StoredSession, tell: Callable[[str], None]) -> None:
    """End the session that was replaced: its key is forgotten here, so nobody could later."""
    try:
        await _end(settings, keys, before)
    except AccountUnusable:
        return
    except SalesbotError as exc:
        tell(f"The earlier session could not be logged out ({exc}): end it under Settings → Devices.")


async def _forget(client: dial.Client) -> None:
    try:
        await client(functions.auth.LogOutRequest())
    except (errors.RPCError, OSError):
        return


async def _by_phone(pool: asyncpg.Pool, phone: str) -> StoredSession | None:
    """The account of this number, if we know it. Raises ``Refused`` when a process runs it."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        account = await sessions.by_phone(connection, phone)
    if account is not None:
        async with holding(pool, account.account_id):
            pass
    return account
