"""What the desk says: codes and rows in, texts and buttons out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from aiogram.types import InlineKeyboardMarkup

from salesbot import words
from salesbot.adminbot import keyboards, manual, marks
from salesbot.adminbot.actions import Answer, Said, Value
from salesbot.adminbot.html import LIMIT, esc, units
from salesbot.adminbot.parse import Wrong, WrongInput
from salesbot.dialog.model import DialogEvent, Outcome, Status
from salesbot.i18n import Lang
from salesbot.store.costs import Costs
from salesbot.store.desk import Head
from salesbot.store.tasks import Task
from salesbot.visible import inline

ROOM = LIMIT - 200
"""Units of a list; the rest is what is said below it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot: HTML and, perhaps, buttons."""

    text: str
    keyboard: InlineKeyboardMarkup | None = None


def unknown(_: Lang, meant: str | None) -> Shown:
    """Nobody understood it; ``meant`` is the command that is most like it."""
    text = _("I do not know that command. /help shows the ones there are.")
    return Shown(" ".join([text, *([_("Did you mean /{command}?").format(command=meant)] if meant else [])]))


def no_command(_: Lang, *, speaks: bool) -> Shown:
    """Plain words, in answer to nothing: perhaps they were meant for a person."""
    if not speaks:
        return Shown(_("I understand commands alone; /help shows the ones there are."))
    text = _("That is no command, and I do not know whom it is for. Answer a message of mine about them, or: {example}")
    return Shown(text.format(example=f"<code>{esc(manual.example(_, 'say'))}</code>"))


def wrong(_: Lang, error: WrongInput, command: str) -> Shown:
    """One clear line and an example."""
    what = f"<code>{esc(inline(error.what, 60))}</code>"
    texts: Mapping[Wrong, str] = {
        Wrong.NUMBER_MISSING: _("The dialog's number is missing."),
        Wrong.PERSON_MISSING: _("Who is it about? A username, an id or a dialog's number is missing."),
        Wrong.BASIS_MISSING: _("Why may we write to them? The words are missing."),
        Wrong.NOT_A_NUMBER: _("{what} is not a dialog's number."),
        Wrong.MALFORMED_USERNAME: _("{what} cannot be a username: 4 to 32 Latin letters, digits and underscores."),
        Wrong.UNKNOWN_KEY: _("I do not know the option {what}; there are scenario, basis and account."),
        Wrong.KEY_TWICE: _("The option {what} stands there twice."),
        Wrong.EMPTY_VALUE: _("The option {what} has no value."),
        Wrong.TOO_MUCH: _("I do not understand {what}."),
        Wrong.NOT_AN_ID: _("{what} is no Telegram id; @userinfobot tells theirs, or forward me a message of theirs."),
        Wrong.UNKNOWN_ROLE: _("There is no role {what}; there are operator and viewer."),
        Wrong.NOT_HOURS: _("{what}: two different whole hours of the day are needed."),
        Wrong.TEXT_MISSING: _("What is to be said? The words are missing."),
        Wrong.UNKNOWN_MODE: _("There is no mode {what}; there are auto, draft and off."),
        Wrong.NO_SUCH_LIST: _("There is no list {what}; there are: {lists}. /find looks for a person."),
        Wrong.WORDS_MISSING: _("Who is to be found? How their name, @username or #label begins is missing."),
        Wrong.NOTE_TOO_LONG: _("This is too long for a note: at most 2000 characters."),
    }
    line = texts[error.wrong].format(what=what, lists=esc(marks.names(_)))
    return Shown(f"{line} {_('Example: {example}').format(example=f'<code>{esc(manual.example(_, command))}</code>')}")


def answer(_: Lang, given: Answer) -> Shown:
    """What an action answers, in words."""
    match given.said:
        case Said.NOT_ALLOWED:
            return Shown(_not_allowed(_, given.data), keyboards.open_dialog(_, _int(given.data["dialog"])))
        case Said.STOPPED | Said.TAKEN | Said.GIVEN | Said.RESUMED:
            return Shown(_led(_, given), keyboards.open_dialog(_, _int(given.data["dialog"])))
        case Said.OFFER:
            keyboard = keyboards.resume_or_anew(_, _int(given.data["dialog"]), _int(given.data["update"]))
            text = _("Dialog № {dialog} with {who} was stopped. Go on with it, or begin anew?")
            return Shown(text.format(dialog=given.data["dialog"], who=_target(_, given.data)), keyboard)
        case Said.ACCOUNT_LIMITED:
            text = _("Telegram limits new conversations of {account}. Running dialogs go on.")
            keyboard = keyboards.allow_openings(_, _int(given.data["account_id"]))
            return Shown(text.format(account=_esc(given.data["account"])), keyboard)
        case Said.ERASED:
            return Shown(_erased(_, given.data))
        case Said.BASIS_MISSING:
            text = _("Here every dialog needs its basis: why we may write to {who}. Example: {example}")
            example = f"/start {_target(_, given.data)} " + _('basis="asked for a price"')
            return Shown(text.format(who=_target(_, given.data), example=f"<code>{example}</code>"))
        case Said.BASIS_SET:
            who = _esc(given.data.get("name") or "") or _target(_, given.data)
            return Shown(_("{who}: noted why we may write to them.").format(who=who))
        case Said.ALREADY_OPEN:
            text = _("There is an open dialog with that person already: № {dialog}.")
            number = _int(given.data["dialog"])
            return Shown(text.format(dialog=number), keyboards.open_dialog(_, number))
        case Said.EXPORTING:
            return Shown(exporting(_, 0, _int(given.data["dialogs"])))
        case said:
            data = {key: _esc(value) for key, value in given.data.items()}
            data["state"] = esc(words.reason(_, str(given.data.get("state", ""))))
            return Shown(_plain(_)[said].format(**data | {"who": _target(_, given.data)}))


def _plain(_: Lang) -> Mapping[Said, str]:
    return {
        Said.LOOKING_UP: _("№ {dialog}: looking up {who}…"),
        Said.LOOKING_UP_ALREADY: _("№ {dialog}: {who} is being looked up already."),
        Said.NO_ACCOUNT: _("No account is signed in yet. On the server: <code>python -m salesbot login</code>"),
        Said.UNKNOWN_ACCOUNT: _("There is no account {account} here. Leave the option out to take the first one."),
        Said.ACCOUNT_OUT: _(
            "The account {account} cannot write ({state}). On the server: <code>python -m salesbot login</code>"
        ),
        Said.UNKNOWN_SCENARIO: _(
            "There is no scenario {scenario}. There are: {known}. Without the option the usual one is taken."
        ),
        Said.UNKNOWN_ID: _("I know nobody with the id {target} yet. Use the username: <code>/start @anna</code>"),
        Said.UNKNOWN_PERSON: _("I do not know {who} yet. <code>/start</code> takes the basis with it."),
        Said.NO_SUCH_DIALOG: _("There is no dialog № {dialog}. /list all shows the ones there are."),
        Said.DROPPED: _("№ {dialog}: dropped before the first message. Nobody was written to."),
        Said.ON_TRIAL: _(
            "The product is being tried: the account writes to @{username} alone, {who} was not written to. "
            "On the server, end the trial (Ctrl-C) and start the product as usual."
        ),
        Said.OPENINGS_ALLOWED: _("The account may open new conversations again."),
        Said.NOTHING_TO_EXPORT: _("No dialogs yet. Open the first one: <code>/start @username</code>"),
        Said.NOTHING_SINCE: _("Nothing was said since then."),
        Said.NOBODY: _("Nothing is kept of that person."),
        Said.NEVER: _("They will never be written to. Nothing else is kept of them."),
        Said.KEPT: _("Kept: nothing was changed."),
        Said.ERASING: _(
            "Stopped. One message to {who} was already on its way; once that is settled their data are erased, "
            "and I will say so."
        ),
        Said.FORGOTTEN: _("That was about somebody whose data are erased."),
        Said.TASK_DONE: _("Done."),
        Said.LIST_ON_TRIAL: _("The product is being tried: nobody but @{username} is written to. End the trial first."),
        Said.EXPIRED: _("This button is too old. Send the command again."),
    }


def _erased(_: Lang, data: Mapping[str, Value]) -> str:
    """What is gone, and what only the operator can delete."""
    counts = (
        _.plural("{n} message", "{n} messages", _int(data["messages"])),
        _.plural("in {n} dialog", "in {n} dialogs", _int(data["dialogs"])),
    )
    return " ".join(
        [
            _("Erased: {what}, and who it was.").format(what=" ".join(counts)),
            *([_("They will never be written to again.")] if data["never"] else []),
            _("Out of my reach: the chat in Telegram itself, what stands here above, the server's log and backups."),
        ]
    )


def _led(_: Lang, given: Answer) -> str:
    """Stop, take, give, resume: done, and whether one message was on its way."""
    on_its_way = bool(given.data.get("in_flight"))
    match given.said:
        case Said.STOPPED if on_its_way:
            text = _("№ {n}: stopping. One message was already on its way; I will confirm once that is settled.")
        case Said.STOPPED:
            text = _("№ {n}: stopped. Nothing of it is on its way. /resume {n} goes on.")
        case Said.TAKEN if on_its_way:
            text = _("№ {n}: yours, though one message was already on its way. /give {n} gives it back.")
        case Said.TAKEN:
            text = _("№ {n}: yours. The model keeps quiet until /give {n}.")
        case Said.GIVEN:
            text = _("№ {n}: the model speaks again.")
        case _resumed:
            text = _("№ {n}: goes on.")
    return text.format(n=given.data["dialog"])


def _not_allowed(_: Lang, data: Mapping[str, Value]) -> str:
    """Why the command has no effect, and what would have one."""
    status, event = Status(str(data["status"])), DialogEvent(str(data["event"]))
    how = words.outcome(_, Outcome(str(data["outcome"]))) or _("stopped before the first message")
    text = _refusals(_)[status]
    if data.get("erased"):
        text = _("№ {n}: the data of that person are erased. Nothing can come of it any more.")
    elif event is DialogEvent.STOP and status is Status.STOPPED:
        text = _("№ {n} is stopped already. /resume {n} goes on.")
    elif event is DialogEvent.TAKE and data.get("first"):
        text = _("№ {n}: {who} was first and speaks there. /give {n} takes it out of their hands, then /take {n}.")
        return text.format(n=data["dialog"], who=_esc(data["first"]))
    elif event is DialogEvent.TAKE and status is Status.TAKEN:
        text = _("№ {n} is yours already. /give {n} gives it back to the model.")
    elif data["outcome"] == Outcome.OPTED_OUT:
        text = _("№ {n} is closed for ever: that person asked not to be written to.")
    return text.format(n=data["dialog"], outcome=how)


def _refusals(_: Lang) -> Mapping[Status, str]:
    return {
        Status.RESOLVING: _("№ {n} is still being looked up. /stop {n} drops it."),
        Status.ACTIVE: _("№ {n} is active already: the model speaks."),
        Status.TAKEN: _("№ {n} is yours: you speak. /give {n} gives it back to the model."),
        Status.HANDOFF: _("№ {n} waits for a human. /take {n}: you speak. /give {n}: the model goes on."),
        Status.STOPPED: _("№ {n} is stopped. /resume {n} goes on."),
        Status.CLOSED: _("№ {n} is closed: {outcome}. Begin anew with /start."),
        Status.FAILED: _("№ {n} was never begun: {outcome}. Begin anew with /start."),
    }


def exporting(_: Lang, done: int, total: int) -> str:
    """The one message that shows how far an export is."""
    return _("Exporting: {done} of {total} dialogs…").format(done=done, total=total)


def exported(_: Lang, dialogs: int, files: int) -> str:
    return " ".join(
        [
            _.plural("Exported {n} dialog", "Exported {n} dialogs", dialogs),
            _.plural("in {n} file.", "in {n} files.", files),
        ]
    )


def promises(_: Lang, open_ones: Sequence[tuple[Task, Head]], *, more: bool, now: datetime, zone: tzinfo) -> Shown:
    """What was promised and is still to be done, each with a button."""
    if not open_ones:
        return Shown(_("Nothing is promised that is not done."))
    lines, shown = [f"<b>{_('Promised and not done yet')}</b>"], list[int]()
    for place, (task, head) in enumerate(open_ones, 1):
        late = "⚠ " if task.due_at and task.due_at <= now else ""
        when = words.task_state(_, task.due_at, None, zone)
        who = esc(words.person(_, head.dialog, head.contact))
        line = f"<b>{place}.</b> № {head.dialog.id} {who}\n{esc(inline(task.what, 250))} · {late}{when}"
        if units("\n\n".join([*lines, line])) > ROOM:
            break
        lines.append(line)
        shown.append(task.id)
    if more or len(shown) < len(open_ones):
        lines.append(_("There are more; they come up as these are done."))
    return Shown("\n\n".join(lines), keyboards.tasks(_, shown))


def spent(_: Lang, costs: Costs, *, ceiling: Decimal) -> Shown:
    """What the models cost; ``ceiling`` is that of a day, 0 for none."""
    today = words.cost(_, costs.today.cost, costs.today.calls)
    lines = [
        _("<b>Today</b> (UTC). {cost}").format(cost=esc(today)),
        *([_("At most ${limit} a day (BUDGET_PER_DAY).").format(limit=f"{ceiling:.2f}")] if ceiling else []),
        _("<b>Last 30 days.</b> {cost}").format(cost=esc(words.cost(_, costs.month.cost, costs.month.calls))),
    ]
    if costs.per_lead is not None:
        won = _.plural("{n} lead was won", "{n} leads were won", costs.won)
        lines.append(_("{won}: ${cost} for each, all talks counted.").format(won=won, cost=f"{costs.per_lead:.4f}"))
    if costs.unpriced:
        lines.append(_.plural("{n} answer came without a price.", "{n} answers came without a price.", costs.unpriced))
    return Shown("\n".join([*lines, _("What one dialog cost stands in /view.")]))


def _target(_: Lang, data: Mapping[str, Value]) -> str:
    target = str(data.get("target", ""))
    return _("id {id}").format(id=target) if target.isdecimal() else esc(f"@{target}")


def _esc(value: Value) -> str:
    return esc(inline(str(value), 300))


def _int(value: Value) -> int:
    return int(value or 0)
