"""How everything is, on one page; what is wrong stands first, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import accumulate, takewhile

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

from salesbot import __version__, words
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc, units
from salesbot.adminbot.keyboards import AllowOpenings, button, rows
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Mode
from salesbot.dialog.openings import allowance
from salesbot.finding import Finding, counts
from salesbot.i18n import Lang
from salesbot.store import health
from salesbot.store.accounts import Account
from salesbot.store.health import Health
from salesbot.store.pool import transaction
from salesbot.visible import inline

OVERDUE = timedelta(minutes=5)
"""So long a dialog may be due before somebody should look why."""
SLOW = 0.5
"""Seconds in which a database answers that is well."""
ROOM = 1_500
"""Units for what is wrong, and as many for the accounts."""
BUTTONS = 20


class StatusPage(CallbackData, prefix="hs"):
    """How everything is now."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the page is made of."""

    lang: Lang
    on: Desk
    health: Health
    now: datetime
    zone: tzinfo
    seconds: float
    findings: Sequence[Finding]
    """The doctor's."""

    def clock(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        same_day = local.date() == self.now.astimezone(self.zone).date()
        return local.strftime("%H:%M" if same_day else "%d.%m %H:%M")


async def page(on: Desk, _: Lang, admin_id: int) -> Shown:
    """Raises what a database that is away raises."""
    begun = on.clock.monotonic()
    async with transaction(on.pool) as connection:
        found = await health.of(connection, on.clock.now())
        seconds = on.clock.monotonic() - begun
        zone = await on.admins.zone(connection, admin_id)
    findings = await on.checkup(_) if on.checkup else ()
    seen = _Seen(_, on, found, on.clock.now(), zone, seconds, findings)
    problems = list(_problems(seen))
    count = _.plural("⚠ {n} thing needs a look", "⚠ {n} things need a look", len(problems))
    head = f"<b>{count}</b>" if problems else f"<b>✓ {_('Everything works.')}</b>"
    accounts = [f"<b>{_('Accounts')}</b>", *_fitting(_, _accounts(seen))]
    parts = [head, *_fitting(_, problems), "", *accounts, "", *_rest(seen)]
    return Shown("\n".join(parts), rows(*_allow(seen), [button(_("refresh"), StatusPage())]))


def away(on: Desk, _: Lang) -> Shown:
    """Without a database: all that can be said."""
    connected = _.plural("{n} account is connected", "{n} accounts are connected", len(on.connected()))
    lines = [
        f"<b>⚠ {_('The database does not answer.')}</b>",
        _("What people write is fetched later, nobody is answered until then."),
        _("On the server: {command}").format(command="<code>systemctl status postgresql</code>"),
        "",
        f"{connected}.",
        _running(on, _, on.clock.now()),
    ]
    return Shown("\n".join(lines), rows([button(_("refresh"), StatusPage())]))


def _problems(seen: _Seen) -> Iterator[str]:
    """What is wrong, with what to do; of the accounts last: there may be many."""
    told = (*_of_switches(seen), *_of_work(seen), *_of_the_doctor(seen), *_of_accounts(seen))
    yield from (f"• {text}" for text in told)


def _of_switches(seen: _Seen) -> Iterator[str]:
    _, switches = seen.lang, seen.health.switches
    if switches.paused_at is not None:
        yield _("Everything is paused since {at}. /resume goes on.").format(at=seen.clock(switches.paused_at))
    if switches.mode is Mode.OFF:
        yield _("The model is off: nobody is answered. <code>/mode all auto</code> or <code>/mode all draft</code>")


def _of_accounts(seen: _Seen) -> Iterator[str]:
    _, present = seen.lang, seen.health.accounts
    login = "<code>python -m salesbot login</code>"
    if not present:
        yield _("No account is signed in. On the server: {command}").format(command=login)
    for account, _begun in present:
        name = esc(_name(account))
        if not account.ready:
            reason = esc(words.reason(_, account.state))
            yield _("{account} is out: {reason}. On the server: {command}").format(
                account=name, reason=reason, command=login
            )
        elif account.gap_unread:
            yield _(
                "{account} has still to read what was said since the backup that was restored; nothing is sent before."
            ).format(account=name)
        elif account.id not in seen.on.connected():
            yield _(
                "{account} is not connected to Telegram; it is tried again all the time. If that lasts: is the server "
                "online, does TELEGRAM_PROXY work, does another salesbot run?"
            ).format(account=name)
        if account.openings_blocked:
            yield _(
                "Telegram limits new conversations of {account}. @SpamBot says until when; then press the button below."
            ).format(account=name)


def _of_work(seen: _Seen) -> Iterator[str]:
    _, queue, models = seen.lang, seen.health.queue, seen.health.models
    if models.failing:
        yield _("No model answers: {why}.").format(why=_why(seen))
    if seen.health.out_of_money:
        yield _("The money for today is spent. Raise BUDGET_PER_DAY and restart, or wait for 00:00 UTC.")
    elif (
        queue.oldest and seen.now - queue.oldest > OVERDUE and not models.failing and not seen.health.switches.paused_at
    ):
        yield _("A dialog has waited for its turn since {at}; the log on the server says why.").format(
            at=seen.clock(queue.oldest)
        )
    if queue.humans:
        yield _.plural("{n} dialog needs a human: /list needs", "{n} dialogs need a human: /list needs", queue.humans)
    if seen.seconds > SLOW:
        yield _("The database takes {n} s to answer; is the server overloaded, or its disk full?").format(
            n=f"{seen.seconds:.1f}"
        )


def _of_the_doctor(seen: _Seen) -> Iterator[str]:
    for finding in seen.findings:
        if finding.wrong:
            yield f"{esc(finding.said)} {esc(finding.mend)}"


def _why(seen: _Seen) -> str:
    """The commonest reason of the last hour, with its mend."""
    _ = seen.lang
    mends: Mapping[str, str] = {
        "no_credit": _("there is no credit at the provider; top it up"),
        "key": _("the provider refuses the key; mend OPENROUTER_API_KEY and restart"),
        "bad_request": _("the provider does not know what is asked; mend LLM_MODELS"),
        "no_answer": _("it takes too long; wait, or set another model in LLM_MODELS"),
    }
    errors = seen.health.models.errors
    commonest = max(errors, key=lambda code: errors[code], default="")
    return mends.get(commonest, _("the provider has an outage; wait, or set another model in LLM_MODELS"))


def _accounts(seen: _Seen) -> Iterator[str]:
    for account, begun in seen.health.accounts:
        live = account.ready and account.id in seen.on.connected()
        yield f"{'🟢' if live else '🔴'} {esc(', '.join(_of_account(seen, account, begun, live=live)))}"


def _fitting(_: Lang, lines: Iterable[str]) -> Sequence[str]:
    """The lines for which there is room, and how many more there are."""
    every = list(lines)
    sizes = accumulate(units(line) + 1 for line in every)
    shown = list(takewhile(lambda line_and_size: line_and_size[1] <= ROOM, zip(every, sizes, strict=True)))
    left = len(every) - len(shown)
    return [*(line for line, _size in shown), *([_.plural("… and {n} more", "… and {n} more", left)] if left else [])]


def _of_account(seen: _Seen, account: Account, begun: int, *, live: bool) -> Iterator[str]:
    _, settings = seen.lang, seen.on.settings
    yield _name(account)
    yield _("connected") if live else words.reason(_, account.state) if not account.ready else _("not connected")
    most = allowance(settings.new_dialogs_per_day, settings.warm_up, account.first_opening_at, seen.now)
    limit = str(most) if most is not None else "∞"
    yield _("new conversations today: {n} of {limit}").format(n=begun, limit=limit)
    if account.flood_until and account.flood_until > seen.now:
        yield _("waits until {at}, as Telegram wants").format(at=seen.clock(account.flood_until))
    yield _("new conversations limited by Telegram") if account.openings_blocked else _("no spam limit")


def _rest(seen: _Seen) -> Iterator[str]:
    _, queue, models = seen.lang, seen.health.queue, seen.health.models
    oldest = f" ({_('since {at}').format(at=seen.clock(queue.oldest))})" if queue.oldest else ""
    yield _(
        "<b>Queue</b>: {due} due{oldest}, {pending} to be sent, {sending} on the way, {drafts} drafts waiting"
    ).format(due=queue.due, oldest=oldest, pending=queue.pending, sending=queue.sending, drafts=queue.drafts)
    lately = _("{asked} questions in the last hour, {failed} without an answer").format(
        asked=models.asked, failed=sum(models.errors.values())
    )
    if models.answered_at is None:
        answered = _("not asked yet")
    else:
        age = words.age(_, seen.now - models.answered_at)
        answered = _("{model} answered {age}").format(model=esc(inline(models.model, 60)), age=age)
    yield f"<b>{_('Model')}</b>: {answered}; {lately}"
    ceiling = seen.on.settings.budget_per_day
    of = _("of ${limit}").format(limit=f"{ceiling:.2f}") if ceiling else _("without a limit")
    yield f"<b>{_('Budget')}</b>: ${seen.health.spent_today:.2f} {of} {_('today (UTC)')}"
    megabytes = f"{seen.health.size / 1_000_000:.0f}"
    yield f"<b>{_('Database')}</b>: PostgreSQL {esc(seen.health.server)}, {megabytes} MB, {seen.seconds * 1000:.0f} ms"
    if seen.findings:
        told = counts(_, seen.findings)
        yield _("<b>Doctor</b>: {counts}; on the server <code>sudo salesbot doctor</code> asks for more").format(
            counts=told
        )
    yield _running(seen.on, _, seen.now)


def _running(on: Desk, _: Lang, now: datetime) -> str:
    minutes = max(0, int((now - on.started_at).total_seconds() // 60))
    hours, days = minutes // 60, minutes // 1440
    span = _("{d} d {h} h") if days else _("{h} h {m} min") if hours else _("{m} min")
    up = span.format(d=days, h=hours % 24, m=minutes % 60)
    return _("<b>salesbot</b> {version}, up for {span}").format(version=esc(__version__), span=up)


def _allow(seen: _Seen) -> Iterator[list[InlineKeyboardButton]]:
    """A button for each account that Telegram limited."""
    limited = [account for account, _begun in seen.health.accounts if account.openings_blocked]
    for account in limited[:BUTTONS]:
        text = seen.lang("Allow new conversations: {account}").format(account=inline(_name(account), 30))
        yield [button(text, AllowOpenings(account=account.id))]


def _name(account: Account) -> str:
    return f"@{account.username}" if account.username else inline(account.name, words.NAME) or account.phone
