"""What happened, as one short message to an admin: events in, texts out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from salesbot import words
from salesbot.adminbot import keyboards
from salesbot.adminbot.html import esc
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Outcome
from salesbot.i18n import Lang
from salesbot.store.notices import Notice
from salesbot.visible import inline


def notice(_: Lang, told: Notice) -> Shown:
    """A notice in words; a kind without words of its own is shown by its name."""
    text = _text(_, told)
    if text is None:
        return plain(_, told)
    if told.kind == "handoff" and told.dialog and told.dialog.handoff_note:
        text += "\n" + _("In the model's words: {note}")
    keyboard = None
    if told.kind == "account_limited" and told.account_id is not None:
        keyboard = keyboards.allow_openings(_, told.account_id)
    return Shown(text.format(**_facts(_, told)), keyboard)


def _text(_: Lang, told: Notice) -> str | None:
    """The words for a kind, with what they leave to be filled in."""
    if told.dialog is None:
        return _of_account(_).get(told.kind)
    reason = told.data.get("reason")
    if told.kind == "unresolvable":
        return _unresolvable(_, told)
    if told.kind in ("handoff", "wrote_while_quiet") and reason in _asked(_):
        return _asked(_)[str(reason)]
    if told.kind == "opt_out":
        return "\n".join([_opt_out(_, told), *([_asked(_)["erase"]] if reason == "erase" else [])])
    if told.kind == "promised" and told.task_due_at is not None:
        return _("№ {n}: {who} was promised by {due}: {task}. When it is done: /tasks")
    return _of_dialog(_).get(told.kind) or _of_account(_).get(told.kind)


def _opt_out(_: Lang, told: Notice) -> str:
    if told.actor == "model":
        return _(
            "№ {n}: the model understood that {who} wants no more messages. The dialog is closed for ever. /view {n}"
        )
    return _("№ {n}: {who} asked not to be written to. The dialog is closed for ever.")


def _asked(_: Lang) -> Mapping[str, str]:
    """What asks for something else than to talk, by its reason."""
    return {
        "erase": _("№ {n}: {who} wants their data deleted. /forget {n} does that; /data {n} exports what is kept."),
        "two_bots": _(
            "№ {n}: {who} seems to be a program as well, so nothing more is said. "
            "/view {n}; /give {n} goes on, /stop {n} ends it."
        ),
        "budget": _(
            "№ {n}: the dialog with {who} has cost as much as one may (BUDGET_PER_DIALOG). "
            "/take {n}: you speak; /give {n}: the model goes on, for as much again."
        ),
    }


def plain(_: Lang, told: Notice) -> Shown:
    """A notice without any words that could be refused."""
    name = esc(told.kind.replace("_", " "))
    if told.dialog is None:
        return Shown(_("Note: {what}.").format(what=name))
    return Shown(_("№ {n}: {what}. /view {n} shows the dialog.").format(n=told.dialog.id, what=name))


def _of_dialog(_: Lang) -> Mapping[str, str]:
    return {
        "resolved": _("№ {n}: {who}: the first message is on its way."),
        "stop_confirmed": _("№ {n}: stopped. Nothing of it is on its way any more."),
        "human_spoke": _("№ {n}: somebody typed to {who} from the account, so the model keeps quiet. /give {n}"),
        "handoff": _("№ {n}: {who} needs a human: {reason}. /view {n}, /take {n}; /give {n}: the model goes on."),
        "parked": _("№ {n}: it kept failing, so the dialog with {who} waits: {reason}. /give {n} tries anew."),
        "unreachable": _("№ {n}: {who} cannot be written to: {reason}. The dialog is closed."),
        "close": _("№ {n}: the dialog with {who} is closed: {outcome}."),
        "returned": _("№ {n}: {who} wrote again; the dialog goes on."),
        "wrote_while_quiet": _("№ {n}: {who} wrote. It is stored and not answered. /view {n}"),
        "opening_waits": _("№ {n}: it is late where {who} is; the first message goes out at {until}."),
        "promised": _("№ {n}: {who} was promised: {task}. When it is done: /tasks"),
        "task_due": _("№ {n}: the time has come for what {who} was promised: {task}. When it is done: /tasks"),
        "handoff_waits": _(
            "№ {n}: nobody has come to {who} yet. /view {n}, /take {n}: you speak; /give {n}: the model goes on."
        ),
        "takeover_ends_soon": _(
            "№ {n}: you have said nothing to {who} for long; in an hour the model goes on. "
            "A line from the account keeps it yours, /stop {n} ends it."
        ),
        "give": _("№ {n}: the takeover came to its end, the model speaks with {who} again. /take {n} takes it back."),
        "two_bots": _asked(_)["two_bots"],
        "budget_dialog": _asked(_)["budget"],
        "model_down": _("№ {n}: no model answers; {who} waits for a reply. It goes on by itself."),
        "model_back": _("№ {n}: the model answers again."),
    }


def _of_account(_: Lang) -> Mapping[str, str]:
    return {
        "account_dead": _(
            "The account {account} is out: {reason}. Its dialogs wait. "
            "On the server: <code>python -m salesbot login</code>"
        ),
        "account_limited": _(
            "Telegram limits {account}: no new conversations from it until you allow them. Running dialogs go on."
        ),
        "flood_wait": _("Telegram makes {account} wait until {until}. Its messages go out after that."),
        "names_wait": _(
            "Telegram lets {account} look up no names until {until}. New dialogs wait; running ones go on."
        ),
        "budget_day": _(
            "The money for today is spent (BUDGET_PER_DAY). What people write is stored and answered from {until} on."
        ),
        "budget_back": _("There is money for replies again; what waited goes on."),
        "openings_wait": _(
            "{account} has begun as many conversations as it may today (NEW_DIALOGS_PER_DAY, WARM_UP). "
            "The others begin on the next days by themselves."
        ),
        "model_down": _("No model answers. Dialogs wait and go on by themselves."),
        "model_back": _("The model answers again."),
    }


def _unresolvable(_: Lang, told: Notice) -> str:
    reason, outcome = str(told.data.get("reason") or ""), str(told.data.get("outcome") or "")
    if outcome == Outcome.ALREADY_ACTIVE and reason.isdecimal():
        return _("№ {n}: there is an open dialog with {who} already: № {other}. /view {other}")
    return _("№ {n}: {who}: {reason}. No message was sent.")


def _facts(_: Lang, told: Notice) -> Mapping[str, object]:
    """Everything the texts may name."""
    dialog = told.dialog
    code = str(told.data.get("reason") or "")
    reason = words.reason(_, code) or (words.outcome(_, dialog.outcome) if dialog else "")
    return {
        "n": dialog.id if dialog else "",
        "who": esc(words.person(_, dialog, told.contact)) if dialog else "",
        "outcome": esc(words.outcome(_, dialog.outcome)) if dialog else "",
        "reason": esc(inline(reason, 200)) or _("no reason was given"),
        "account": esc(inline(told.account_name or "", 60) or _("the account")),
        "until": _clock_time(told.data.get("until")),
        "task": esc(inline(told.task, 500)) or _("(deleted)"),
        "due": _moment(told.task_due_at),
        "note": esc(inline(dialog.handoff_note, 1500)) if dialog else "",
        "other": esc(code),
    }


def _moment(at: datetime | None) -> str:
    return at.astimezone().strftime("%d.%m %H:%M %Z") if at else ""


def _clock_time(value: object) -> str:
    if not isinstance(value, str):
        return "00:00 UTC"
    return datetime.fromisoformat(value).astimezone().strftime("%H:%M:%S %Z")
