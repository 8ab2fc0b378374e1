"""The checks of the accounts and of the processes that serve them.

Telegram ends a session for ever that is used on two connections. So while a process has an account, its state in the
database is believed; over the wire it is asked under the account's own lock alone, and never in a database that was
restored or copied: there the session may be in use elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from salesbot import keys, words
from salesbot.doctor.house import Found, House, Skipped
from salesbot.errors import AccountUnusable, DataError, FloodWait, Refused, SettingsError, Transient
from salesbot.finding import Finding, failure, good, skipped, warning
from salesbot.store import accounts, checkup, installation, locks
from salesbot.store.accounts import Account
from salesbot.userbot import probe

LOGIN = "sudo salesbot login"
SLOW = 5.0
"""Seconds to Telegram and back, a new key included, that are worth a word."""


async def telegram(house: House) -> Found:
    """Reachable, and API_ID and API_HASH are taken: with a key of its own that is nobody's."""
    _ = house.lang
    try:
        reached = await house.telegram()
    except SettingsError as exc:
        return failure(f"{exc}.", _("Correct the setting and restart: sudo systemctl restart sales_bot"))
    except FloodWait as exc:
        return warning(str(exc), _("Wait; do not ask again before."))
    except Transient as exc:
        return failure(
            str(exc), _("Does the server get out (ping 1.1.1.1)? Where Telegram is blocked, set TELEGRAM_PROXY.")
        )
    said = _("Telegram answers in {n} s and takes API_ID and API_HASH.").format(n=f"{reached.seconds:.1f}")
    if reached.seconds > SLOW:
        return warning(said, _("Is the line overloaded, or TELEGRAM_PROXY far away?"))
    return good(said)


async def sessions(house: House) -> Found:
    _ = house.lang
    async with house.tables() as connection:
        found = await accounts.list_accounts(connection)
        taken = [one.id for one in found if await locks.is_taken(connection, one.id)]
        confirmed = await installation.is_confirmed(connection)
    if not found:
        return failure(_("No account is signed in."), LOGIN)
    return await asyncio.gather(*(_session(house, one, taken=one.id in taken, confirmed=confirmed) for one in found))


async def _session(house: House, account: Account, *, taken: bool, confirmed: bool) -> Finding:
    _, name = house.lang, _name(account)
    if not account.ready:
        return _out(house, account, account.state)
    if taken:
        return good(_("{account} is signed in, and a process has it.").format(account=name))
    if not confirmed:
        return skipped(_("{account} is not asked: the database is not confirmed.").format(account=name))
    if not house.outside:
        return skipped(_("{account} is served by no process.").format(account=name))
    try:
        async with house.room:  # the lock is held on a connection
            await probe.session(house.settings, keys.load(house.settings), await house.pool(), account.id)
    except AccountUnusable as exc:
        return _out(house, account, exc.code)
    except Refused:  # a process has it by now
        return good(_("{account} is signed in, and a process has it.").format(account=name))
    except (DataError, SettingsError, Transient) as exc:
        return skipped(_("{account} could not be asked: {why}").format(account=name, why=exc))
    return good(_("{account} is signed in; Telegram knows its session.").format(account=name))


def _out(house: House, account: Account, code: str) -> Finding:
    """``docs/trouble.md`` has an entry for each of these."""
    _ = house.lang
    said = _("{account} is out: {reason}.").format(account=_name(account), reason=words.reason(_, code))
    if code in ("banned", "frozen"):
        return failure(said, _("Ask Telegram in its own app what happened, then: sudo salesbot login"))
    return failure(said, LOGIN)


async def limits(house: House) -> Found:
    """What Telegram limits the accounts to, as it last said."""
    _ = house.lang
    async with house.tables() as connection:
        found = [one for one in await accounts.list_accounts(connection) if one.ready]
    if not found:
        raise Skipped(_("No account is signed in."))
    return [*_spam(house, found), *_floods(house, found, datetime.now(UTC))] or good(
        _("Telegram limits no account and makes none wait.")
    )


def _spam(house: House, found: Sequence[Account]) -> Sequence[Finding]:
    _ = house.lang
    return [
        warning(
            _("Telegram limits new conversations of {account}.").format(account=_name(one)),
            _("Ask @SpamBot until when; then press the button below /status."),
        )
        for one in found
        if one.openings_blocked
    ]


def _floods(house: House, found: Sequence[Account], now: datetime) -> Sequence[Finding]:
    _ = house.lang
    return [
        warning(
            _("{account} waits until {at}, as Telegram wants.").format(
                account=_name(one), at=f"{one.flood_until:%Y-%m-%d %H:%M} UTC"
            ),
            _("Wait. If it comes again: fewer NEW_DIALOGS_PER_DAY."),
        )
        for one in found
        if one.flood_until and one.flood_until > now
    ]


async def processes(house: House) -> Found:
    _ = house.lang
    async with house.asking() as connection:
        count = await checkup.processes(connection)
    if not count:
        return warning(_("The product does not run."), "sudo systemctl start sales_bot")
    if count > 1:
        return warning(
            _("{n} processes work with this database; one serves, they disturb each other at the bot.").format(n=count),
            _("Stop those that are not sales_bot.service: pgrep -af salesbot"),
        )
    return good(_("One process works with this database."))


def _name(account: Account) -> str:
    return f"@{account.username}" if account.username else account.name or str(account.id)
