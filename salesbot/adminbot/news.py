"""What happened, as one short message to an admin: events in, texts out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from salesbot import words
from salesbot.adminbot import keyboards
from salesbot.adminbot.html import LIMIT, esc, units
from salesbot.adminbot.logbook import detail, phrase
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Outcome
from salesbot.dialog.titles import UNTITLED, Titles
from salesbot.i18n import Lang
from salesbot.store.notices import Notice
from salesbot.visible import inline

LINES = 60
"""Events that are read for one message; of more there is only their number."""
ROOM = LIMIT - 400
"""Units for the lines of a message about many; the rest is its heading and its end."""
LEARNT = 8
"""Fields that are told with a won lead; the others stand in /view."""
LATE = timedelta(minutes=10)
"""What is told later than that says when it happened."""


@dataclass(frozen=True, slots=True)
class Style:
    """For whom it is worded, and when."""

    lang: Lang
    zone: tzinfo
    now: datetime
    titles: Titles = UNTITLED


def notice(style: Style, told: Notice) -> Shown:
    """A notice in words; a kind without a sentence of its own is told by its few words in the log."""
    _ = style.lang
    text = _text(_, told)
    if text is None:
        return plain(_, told)
    if told.kind == "handoff" and told.dialog and told.dialog.handoff_note:
        text += "\n" + _("In the model's words: {note}")
    text = text.format(**_facts(style, told))
    if style.now - told.created_at > LATE:
        text += f"\n<i>{esc(_moment(told.created_at, style.zone))}</i>"
    other = _other_dialog(told)
    keyboard = keyboards.open_dialog(_, other or told.dialog.id) if told.dialog else None
    if told.kind == "account_limited" and told.account_id is not None:
        keyboard = keyboards.allow_openings(_, told.account_id)
    return Shown(text, keyboard)


def group(style: Style, told: Sequence[Notice], count: int) -> Shown:
    """One message about ``count`` events of a kind, of which these were read: whom each is about, as many as fit."""
    _ = style.lang
    lines = Counter(_of_many(_, one) for one in told)
    shown: list[str] = []
    for line, times in lines.items():
        text = f"{line} ×{times}" if times > 1 else line
        if units("\n".join([*shown, text])) > ROOM:
            break
        shown.append(text)
    left = count - sum(times for _line, times in list(lines.items())[: len(shown)])
    rest = _.plural("… and {n} more. /list and /log show how things stand.",
                    "… and {n} more. /list and /log show how things stand.", left)  # fmt: skip
    title = phrase(_, told[0].kind)
    since = _moment(told[0].created_at, style.zone)
    heading = f"<b>{esc(title[:1].upper() + title[1:])}: {count}</b>"
    return Shown(
        "\n".join([f"{heading} <i>({esc(_('since {at}').format(at=since))})</i>", *shown, *([rest] * (left > 0))])
    )


def _of_many(_: Lang, told: Notice) -> str:
    """``№ 7 Anna P. (@anna): the model asks for one``; of an account its name."""
    what = detail(_, told.kind, told.data, told.other_name)
    if told.dialog is not None:
        return esc(f"№ {told.dialog.id} {words.person(_, told.dialog, told.contact)}{what}")
    return esc(f"{inline(told.account_name, 60)}{what}".removeprefix(": ") or phrase(_, told.kind))


def database_away(_: Lang, since: datetime) -> Shown:
    """Of an outage nobody can be told by way of the database."""
    return Shown(
        _(
            "⚠ The database has not answered since {at}. Nothing is lost: what people write is fetched later, and "
            "nobody is answered until then. On the server: <code>systemctl status postgresql</code>"
        ).format(at=since.strftime("%H:%M:%S"))
    )


def _text(_: Lang, told: Notice) -> str | None:
    """The words for a kind, with what they leave to be filled in."""
    if told.dialog is None:
        return _of_account(_).get(told.kind)
    reason = told.data.get("reason")
    if told.kind == "resolved" and told.dialog.preview:
        return _("№ {n}: {who} is found. The first message is shown to you before it is sent.")
    if told.kind == "unresolvable":
        return _unresolvable(_, told)
    if told.kind in ("handoff", "close") and told.data.get("outcome") == Outcome.WON:
        return _won(_, told)
    if told.kind in ("handoff", "wrote_while_quiet") and reason in _asked(_):
        return _asked(_)[str(reason)]
    if told.kind == "opt_out":
        return "\n".join([_opt_out(_, told), *([_asked(_)["erase"]] if reason == "erase" else [])])
    if told.kind == "promised" and told.task_due_at is not None:
        return _("№ {n}: promised to {who}, due {due}: {task}. When it is done: /tasks")
    return _of_dialog(_).get(told.kind) or _of_account(_).get(told.kind)


def _won(_: Lang, told: Notice) -> str:
    """The best there is to tell, and what is to be done now."""
    lines = [_("🎉 № {n}: {who} is won."), *(["{learnt}"] if told.learnt else [])]
    if told.kind == "handoff":
        lines.append(_("The rest is yours: /view {n}, /take {n}: you speak; /give {n}: the model goes on."))
    else:
        lines.append(_("/view {n} shows the dialog."))
    return "\n".join(lines)


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
        "model_down": _(
            "№ {n}: no model has answered for long, and {who} waits. "
            "/take {n}: you speak; /give {n}: the model is asked again; /status says what is wrong."
        ),
        "draft_expired": _(
            "№ {n}: the draft for {who} waited too long for a button and was not sent. "
            "/give {n}: a new one is made; /take {n}: you speak."
        ),
    }


def plain(_: Lang, told: Notice, count: int = 1) -> Shown:
    """A notice without any words that could be refused."""
    name = esc(phrase(_, told.kind))
    if count > 1:
        return Shown(_("{what}: {n} times. /log shows them.").format(what=name, n=count))
    if told.dialog is None:
        return Shown(_("Note: {what}.").format(what=name))
    return Shown(_("№ {n}: {what}. /view {n} shows the dialog.").format(n=told.dialog.id, what=name))


def _of_dialog(_: Lang) -> Mapping[str, str]:
    return {
        "resolved": _("№ {n}: {who}: the first message is on its way."),
        "stop_confirmed": _("№ {n}: stopped. Nothing of it is on its way any more."),
        "human_spoke": _("№ {n}: somebody typed to {who} from the account, so the model keeps quiet. /give {n}"),
        "spoke_in_gap": _(
            "№ {n}: {who} was written to after the backup that was restored, by whom nobody knows any more, so the "
            "model keeps quiet. /view {n}; /give {n}: it goes on."
        ),
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
        "draft_expired": _asked(_)["draft_expired"],
        "unsaid": _("№ {n}: what was to be said to {who} from here did not go out: {reason}."),
        "unsent": _("№ {n}: the message to {who} is taken back."),
        "unsend_failed": _("№ {n}: the message to {who} could not be taken back: {reason}."),
        "hot_lead": _("🔥 № {n}: {who} is close to a yes ({stage}). /view {n}, /take {n}: you speak."),
        "assigned": _("№ {n}: {actor} gave the dialog with {who} to {other}. Its notices go there. /view {n}"),
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
        "campaign_finished": _(
            "List № {campaign} is worked through: begun {opened}, left out {skipped}. /campaigns says why."
        ),
        "openings_wait": _(
            "{account} has begun as many conversations as it may today (NEW_DIALOGS_PER_DAY, WARM_UP). "
            "The others begin on the next days by themselves."
        ),
        "model_down": _("No model answers. Dialogs wait and go on by themselves. /status says what is wrong."),
        "model_back": _("The model answers again."),
        "account_back": _("The account {account} is signed in again; its dialogs go on."),
        "database_back": _("The database answers again, after {minutes} min. What waited goes on."),
        "gap_read": _(
            "{account} has read what was said since the backup that was restored: {dialogs} dialogs, and {others} "
            "chats that were in none. Telegram does not show: {unreadable}. Replies go out again."
        ),
        "admin_added": _("{actor} let {other} in: {role}."),
        "admin_removed": _("{actor} took the access of {other} away."),
        "paused": _("All is paused by {actor}: nothing is said in any dialog. /resume goes on."),
        "running": _("Everything goes on, says {actor}."),
        "pause_confirmed": _("Everything is paused, and nothing is on its way any more."),
        "house_mode": _("Mode of all dialogs: {mode}, says {actor}."),
    }


def _other_dialog(told: Notice) -> int | None:
    """The open dialog with the person whose name was looked up for a new one."""
    reason = str(told.data.get("reason") or "")
    busy = told.kind == "unresolvable" and told.data.get("outcome") == Outcome.ALREADY_ACTIVE
    return int(reason) if busy and reason.isdecimal() else None


def _unresolvable(_: Lang, told: Notice) -> str:
    if _other_dialog(told):
        return _("№ {n}: there is an open dialog with {who} already: № {other}. /view {other}")
    return _("№ {n}: {who}: {reason}. No message was sent.")


def _facts(style: Style, told: Notice) -> Mapping[str, object]:
    """Everything the texts may name."""
    _, dialog, data = style.lang, told.dialog, told.data
    code = str(data.get("reason") or "")
    reason = words.reason(_, code) or (words.outcome(_, dialog.outcome) if dialog else "")
    learnt = [(_field(style, told, code), inline(value, 200)) for code, value in told.learnt[:LEARNT]]
    seconds = data.get("seconds")
    return {
        "n": dialog.id if dialog else "",
        "who": esc(words.person(_, dialog, told.contact)) if dialog else "",
        "outcome": esc(words.outcome(_, dialog.outcome)) if dialog else "",
        "stage": esc(inline(words.stage(_, style.titles, dialog), 60)) if dialog else "",
        "reason": esc(inline(reason, 200)) or _("no reason was given"),
        "account": esc(inline(told.account_name or "", 60) or _("the account")),
        "until": _clock_time(data.get("until"), style.zone),
        "task": esc(inline(told.task, 500)) or _("(deleted)"),
        "due": _moment(told.task_due_at, style.zone),
        "note": esc(inline(dialog.handoff_note, 1500)) if dialog else "",
        "other": esc(code if code.isdecimal() else inline(told.other_name, words.NAME) or _("nobody")),
        "actor": esc(inline(told.actor_name, words.NAME) or _("somebody")),
        "role": esc(words.role(_, str(data.get("role") or ""))),
        "learnt": "\n".join(f"{esc(field)}: {esc(value)}" for field, value in learnt),
        "mode": words.mode(_, str(data.get("mode") or "")),
        **{name: data.get(name, 0) for name in ("campaign", "opened", "skipped", "dialogs", "others", "unreadable")},
        "minutes": max(1, round(seconds / 60)) if isinstance(seconds, int) else "?",
    }


def _field(style: Style, told: Notice, code: str) -> str:
    return style.titles.field(style.lang.code, told.dialog.scenario if told.dialog else "", code)


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%d.%m %H:%M") if at else ""


def _clock_time(value: object, zone: tzinfo) -> str:
    if not isinstance(value, str):
        return "00:00 UTC"
    return datetime.fromisoformat(value).astimezone(zone).strftime("%H:%M:%S")
