"""``salesbot try @myself``: what has to be true before the real account talks with the operator alone, and what they
are told to do then. The rule itself is ``dialog.trial``; the product that runs under it is ``app``'s."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack

from salesbot.adminbot import introduction, parse
from salesbot.adminbot.introduction import Admin, Introduction
from salesbot.dialog.model import Dialog
from salesbot.dialog.trial import Trial
from salesbot.errors import Refused
from salesbot.keys import KeyRing
from salesbot.settings import Settings
from salesbot.store import accounts, dialogs, locks, pool, suppressions
from salesbot.store.accounts import Account
from salesbot.store.prepare import prepare


async def prepared(settings: Settings, keys: KeyRing, whom: str) -> tuple[Trial, str]:
    """Whom the trial is with, and what the operator does next.

    Raises ``Refused`` with a sentence for the operator: somebody who is no admin, nothing to talk from, a product that
    runs already. ``SettingsError``, ``DataError`` or one of ``pool.UNAVAILABLE`` as every start.
    """
    dsn = settings.database_url.get_secret_value()
    await prepare(dsn, keys.key_ids)
    known = await introduction.introduce(settings)
    trial = person(whom, known)
    async with AsyncExitStack() as stack:
        database = await pool.create(dsn, max_size=1)
        stack.push_async_callback(pool.close, database)
        async with database.acquire() as connection:
            speaks = _speakers(await accounts.list_accounts(connection), trial)
            for account in speaks:
                await locks.lock_of_idle(connection, account.id)
                await locks.unlock(connection, account.id)
            if await suppressions.holds(connection, keys.marks(trial.person_id), keys.name_marks(trial.username)):
                raise Refused("opted_out", _OPTED_OUT.format(name=trial.username))
            current = await dialogs.open_with(connection, trial.person_id)
    return trial, told(trial, known.bot, speaks, current)


_OPTED_OUT = (
    "@{name} asked once not to be written to. That holds for ever and on every account, also for an admin: try it with "
    "another admin's account."
)


def person(whom: str, known: Introduction) -> Trial:
    """The admin of this username or id. Raises ``Refused`` for everybody else."""
    try:
        name = parse.username(whom).lower()
    except parse.WrongInput as exc:
        raise Refused("malformed", f"{whom!r} is no username. Example: salesbot try @{_example(known)}") from exc
    found = [one for one in known.admins if name == str(one.id) or name in map(str.lower, one.usernames or ())]
    if not found:
        raise Refused("not_an_admin", _not_an_admin(whom, known))
    admin = found[0]
    if admin.usernames is None:
        raise Refused("not_started", f"The bot does not know {whom} yet: write /start to @{known.bot} first.")
    if not admin.usernames:
        raise Refused(
            "no_username", f"{whom} has no username, and /start needs one: choose one in Telegram's settings."
        )
    return Trial(admin.id, next((one for one in admin.usernames if one.lower() == name), admin.usernames[0]))


def _not_an_admin(whom: str, known: Introduction) -> str:
    lines = [
        f"{whom} is none of the admins: while it is tried, the account talks with one of ADMIN_TELEGRAM_ID alone.",
        *(f"  {one.id}  {_names(one, known.bot)}" for one in known.admins),
    ]
    return "\n".join(lines)


def _names(admin: Admin, bot: str) -> str:
    if admin.usernames is None:
        return f"(has not written /start to @{bot} yet, so their username is not known)"
    return ", ".join(f"@{name}" for name in admin.usernames) or "(has no username)"


def _example(known: Introduction) -> str:
    return next((one.usernames[0] for one in known.admins if one.usernames), "myself")


def _speakers(found: Sequence[Account], trial: Trial) -> Sequence[Account]:
    """The accounts that can talk with them."""
    if not found:
        raise Refused("no_account", "No account is signed in yet: python -m salesbot login")
    ready = [one for one in found if one.ready]
    if not ready:
        raise Refused("account_out", f"The account cannot write ({found[0].state}): python -m salesbot login")
    others = [one for one in ready if one.id != trial.person_id]
    if not others:
        raise Refused("own_account", f"@{trial.username} is the account itself: it cannot write to itself.")
    return others


def told(trial: Trial, bot: str, speaks: Sequence[Account], current: Dialog | None) -> str:
    """What the operator reads when it begins."""
    who = ", ".join(f"@{one.username}" if one.username else f"{one.name} ({one.id})" for one in speaks)
    begin = f"Write to @{bot}:  /start @{trial.username}"
    if current is not None:
        begin = (
            f"You are in dialog {current.id} already: go on with it, or write /stop {current.id} to @{bot} and begin"
        )
    return "\n".join(
        (
            f"A trial with @{trial.username} (id {trial.person_id}): {who} talks with nobody else.",
            "What others write is stored; what is due with them waits until the product runs as usual.",
            "",
            f"  1. {begin}",
            "  2. The account writes to you as it would to a customer. Answer as one.",
            "  3. /view N shows what was learnt and what it cost;",
            "     salesbot replay N what another scenario or model would have said.",
            "  4. /stop N when you have seen enough, then Ctrl-C here.",
            "",
            "Do not ask it never to write again: that holds for ever, for you as well (salesbot rehearse tries it).",
            "The conversation counts among the account's new ones of the day (NEW_DIALOGS_PER_DAY, WARM_UP).",
        )
    )
