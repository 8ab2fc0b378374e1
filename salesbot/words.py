"""The product's own terms in the operator's language: states, kinds, authors, reasons, ages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from salesbot.dialog.model import Author, Contact, Dialog, Kind, Message, Mode, Outcome, SendState, Status
from salesbot.dialog.titles import Titles
from salesbot.i18n import Lang
from salesbot.visible import inline

WROTE_FIRST = "wrote first"
"""The basis of a dialog that the person began, as it is stored."""

NAME, MEDIA = 60, 300
"""Characters of a person's name, and of what a message is made of; Telegram allows about as many."""


def person(_: Lang, dialog: Dialog, contact: Contact | None) -> str:
    """``Anna P. (@anna)``, or as much of it as is known."""
    username = inline(contact.username or "", NAME) if contact else ""
    name = inline(contact.name, NAME) if contact else ""
    if not contact:
        target = dialog.target_username
        if not target:
            return _("(erased)")
        return _("id {id}").format(id=target) if target.isdecimal() else f"@{target}"
    if username:
        return f"{name} (@{username})" if name else f"@{username}"
    return name or _("id {id}").format(id=contact.id)


def basis(_: Lang, text: str, length: int) -> str:
    """Why we may write to somebody: the operator's words, or that the person began."""
    return _("they wrote first") if text == WROTE_FIRST else inline(text, length)


def status(_: Lang, value: Status) -> str:
    words: Mapping[Status, str] = {
        Status.RESOLVING: _("looking up"),
        Status.ACTIVE: _("active"),
        Status.TAKEN: _("a human speaks"),
        Status.HANDOFF: _("needs a human"),
        Status.STOPPED: _("stopped"),
        Status.CLOSED: _("closed"),
        Status.FAILED: _("not begun"),
    }
    return words[value]


def role(_: Lang, code: str) -> str:
    """What somebody may do at the desk."""
    return {"owner": _("owner"), "operator": _("operator"), "viewer": _("viewer")}.get(code, code)


def outcome(_: Lang, value: Outcome) -> str:
    words: Mapping[Outcome, str] = {
        Outcome.NONE: "",
        Outcome.WON: _("won"),
        Outcome.LOST: _("lost"),
        Outcome.OPTED_OUT: _("asked not to be written to"),
        Outcome.BLOCKED: _("blocked the account"),
        Outcome.UNREACHABLE: _("cannot be reached"),
        Outcome.ALREADY_ACTIVE: _("in another dialog already"),
        Outcome.NO_SUCH_PERSON: _("no such username"),
        Outcome.NOT_A_PERSON: _("not a person"),
    }
    return words[value]


def standing(_: Lang, dialog: Dialog) -> str:
    """Status and, where there is one, outcome."""
    return ", ".join(filter(None, (status(_, dialog.status), outcome(_, dialog.outcome))))


def stage(_: Lang, titles: Titles, dialog: Dialog) -> str:
    """How far the talk is; empty before the first reply."""
    return titles.stage(_.code, dialog.scenario, dialog.stage)


def author(_: Lang, message: Message, dialog: Dialog, contact: Contact | None) -> str:
    match message.author:
        case Author.CONTACT:
            return inline(contact.name if contact else "", NAME) or person(_, dialog, contact)
        case Author.MODEL if message.written_by is None:
            return _("We (model)")
        case Author.MODEL | Author.HUMAN:  # a draft that a colleague wrote anew is theirs
            return _("We (human)")
        case Author.UNEXPLAINED:
            return _("We (not known yet who)")


def kind(_: Lang, message: Message, length: int = MEDIA) -> str:
    """``[voice message, 0:12]``, of the detail so many characters; empty for plain text."""
    if message.kind is Kind.TEXT:
        return ""
    words: Mapping[Kind, str] = {
        Kind.PHOTO: _("photo"),
        Kind.VIDEO: _("video"),
        Kind.VIDEO_NOTE: _("video message"),
        Kind.VOICE: _("voice message"),
        Kind.AUDIO: _("audio"),
        Kind.STICKER: _("sticker"),
        Kind.ANIMATION: _("animation"),
        Kind.DOCUMENT: _("file"),
        Kind.CONTACT: _("contact"),
        Kind.LOCATION: _("location"),
        Kind.POLL: _("poll"),
        Kind.CALL: _("call"),
        Kind.SERVICE: _("service message"),
        Kind.OTHER: _("message of another kind"),
    }
    word = words.get(message.kind, "")
    return f"[{', '.join(filter(None, (word, inline(message.media, length))))}]" if word else ""


def send_state(_: Lang, message: Message) -> str:
    """Why a part of ours does not stand in the chat; empty when it does."""
    match message.send_state:
        case SendState.PENDING:
            return _("waiting to be sent")
        case SendState.SENDING:
            return _("being sent")
        case SendState.CANCELLED:
            return _("cancelled, not sent")
        case SendState.FAILED:
            why = reason(_, message.failure)
            return _("not sent: {reason}").format(reason=why) if why else _("not sent")
        case SendState.SENT | None:
            return ""


_UNUSABLE = ("empty", "schema", "stage", "too_many_parts", "too_long", "note", "leak", "opt_out")
_INVENTED = ("money", "percentage", "link", "number", "term", "sum", "discount")


def reason(_: Lang, code: str) -> str:
    """A code from events and failures; one without a text of its own is shown as it is."""
    words: Mapping[str, str] = {
        "unknown_username": _("there is no such username"),
        "no_such_person": _("there is no such username"),
        "malformed_username": _("this cannot be a username"),
        "not_a_person": _("that is a bot, a group or a channel, not a person"),
        "own_account": _("that is the account itself"),
        "unknown_id": _("this account does not know that id"),
        "already_active": _("there is an open dialog with that person already"),
        "opted_out": _("that person asked never to be written to"),
        "opted_out_name": _(
            "somebody with this username asked never to be written to, "
            "and whether it has passed to another person cannot be known"
        ),
        "erase": _("they want their data deleted"),
        "two_bots": _("the other side seems to be a program as well"),
        "budget": _("it has cost as much as one dialog may"),
        "blocked": _("the person blocked the account"),
        "you_blocked": _("the account blocked the person"),
        "deactivated": _("the person's account is deleted"),
        "privacy": _("the person's privacy settings do not allow messages"),
        "forbidden": _("Telegram does not allow messages to this person"),
        "peer_flood": _("Telegram limits new conversations of this account"),
        "restored": _("the database was restored from a backup meanwhile"),
        "too_old": _("it was too old to be sent"),
        "logged_out": _("signed out"),
        "banned": _("banned by Telegram"),
        "frozen": _("frozen by Telegram"),
        "asked": _("the model asks for one"),
        "failed": _("its turns kept failing; the log says why"),
        "model_down": _("no model answers"),
        "unavailable": _("the model gave no answer"),
        "no_answer": _("the model took too long"),
        "moderation": _("the model refuses to answer this"),
        "no_credit": _("there is no credit left at the model's provider"),
        "key": _("the key of the model's provider is refused"),
        "bad_request": _("the model did not understand the request"),
        "repeat": _("the model repeated itself"),
        "overtaken": _("something newer overtook it"),
        "newer_message": _("something newer overtook it"),
        **dict.fromkeys(_UNUSABLE, _("the model's replies could not be used")),
        **dict.fromkeys(_INVENTED, _("the model named something that the facts do not hold")),
        "promise": _("the model promised what nobody would keep"),
        "denial": _("the model denied being a program"),
        "no": _("the model went on after a no"),
        "language": _("the model wrote in a language that the person does not use"),
        "personal_data": _("the model named somebody's personal data"),
        "unproven": _("the model called it won without what that needs"),
        "key_lost": _("the session key is dead"),
    }
    return words.get(code, code.replace("_", " "))


def age(_: Lang, span: timedelta) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max(0, int(span.total_seconds()))
    units: tuple[tuple[int, Callable[[int], str]], ...] = (
        (86_400, lambda n: _("{n} d ago").format(n=n)),
        (3_600, lambda n: _("{n} h ago").format(n=n)),
        (60, lambda n: _("{n} min ago").format(n=n)),
    )
    return next((text(seconds // unit) for unit, text in units if seconds >= unit), _("just now"))


def mode(_: Lang, value: str) -> str:
    """Who lets out what the program says, by the code of a mode."""
    return {Mode.AUTO.value: _("auto"), Mode.DRAFT.value: _("draft"), Mode.OFF.value: _("off")}.get(value, value)


def cost(_: Lang, dollars: Decimal, calls: int) -> str:
    """What a dialog cost; a call's price may be less than a cent."""
    asked = _.plural("{n} question to the model", "{n} questions to the model", calls)
    return _("Cost: ${cost} ({asked})").format(cost=f"{dollars:.4f}" if dollars else "0", asked=asked)


def task_state(_: Lang, due_at: datetime | None, done_at: datetime | None, zone: tzinfo) -> str:
    """``done 21.11 14:00``, ``by 22.11 10:00``, ``no time was named``."""
    if done_at:
        return _("done {at}").format(at=_short(done_at, zone))
    return _("by {at}").format(at=_short(due_at, zone)) if due_at else _("no time was named")


def _short(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%d.%m %H:%M")
