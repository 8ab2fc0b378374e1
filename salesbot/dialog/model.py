"""The nouns of a dialogue. Frozen; states are enums; every datetime is aware (a naive one is refused)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of a takeover that only its colleague ends."""


class Status(StrEnum):
    """Where a dialog stands. OPEN ones hold the person: there is at most one of them per person."""

    RESOLVING = "resolving"
    """The operator named somebody; the owner of the account has not looked the name up yet."""
    ACTIVE = "active"
    """The model speaks."""
    TAKEN = "taken"
    """A human speaks from the account; the model keeps quiet until it is given back."""
    HANDOFF = "handoff"
    """The model asked for a human, or could not go on; it keeps quiet until somebody gives it back."""
    STOPPED = "stopped"
    """Stopped by an operator; what the person writes is stored, not answered."""
    CLOSED = "closed"
    """Over: ``outcome`` says how."""
    FAILED = "failed"
    """Never became a dialog (no such person, already active …); ``outcome`` says why."""


OPEN = frozenset({Status.RESOLVING, Status.ACTIVE, Status.TAKEN, Status.HANDOFF})


class DialogEvent(StrEnum):
    """What can happen to a dialog as a whole. The table of what it leads to is in ``transitions``."""

    RESOLVED = "resolved"
    UNRESOLVABLE = "unresolvable"
    STOP = "stop"
    RESUME = "resume"
    TAKE = "take"
    GIVE = "give"
    HANDOFF = "handoff"
    CLOSE = "close"
    OPT_OUT = "opt_out"
    UNREACHABLE = "unreachable"
    RETURNED = "returned"
    """The person wrote again after a dialog that ended well or badly, but not for ever."""
    ERASE = "erase"
    """The person's data go: a dialog without a person is left, of which nothing can come any more."""


class Outcome(StrEnum):
    """How a dialog ended, or what it reached."""

    NONE = "none"
    WON = "won"
    LOST = "lost"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    ALREADY_ACTIVE = "already_active"
    NO_SUCH_PERSON = "no_such_person"
    NOT_A_PERSON = "not_a_person"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Author(StrEnum):
    CONTACT = "contact"
    MODEL = "model"
    HUMAN = "human"
    """A colleague who typed from the account."""
    UNEXPLAINED = "unexplained"
    """Outgoing, seen while a part of ours was unresolved: ours or a colleague's, not known yet."""


class SendState(StrEnum):
    """Of our own parts: pending → sending → sent | cancelled | failed (the last two become sent if it stands)."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Kind(StrEnum):
    """What a message is made of. Anything but TEXT is shown to the model as a label, never dropped."""

    TEXT = "text"
    PHOTO = "photo"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    VOICE = "voice"
    AUDIO = "audio"
    STICKER = "sticker"
    ANIMATION = "animation"
    DOCUMENT = "document"
    CONTACT = "contact"
    LOCATION = "location"
    POLL = "poll"
    CALL = "call"
    SERVICE = "service"
    OTHER = "other"


class Purpose(StrEnum):
    """Why the model is asked."""

    REPLY = "reply"
    OPENING = "opening"
    """The account writes first."""
    FOLLOW_UP = "follow_up"
    """The person went quiet after our last line."""
    COURTESY = "courtesy"
    """A sentence of the scenario that the program says while a human is awaited; no model is asked."""
    FAREWELL = "farewell"
    """The one confirmation of an opt-out, said by the program; the only thing that may follow one."""
    DESK = "desk"
    """A colleague's word, given at the desk; no model is asked."""


class Mode(StrEnum):
    """Who lets out what the program says: of a dialog, or of all that have none of their own."""

    AUTO = "auto"
    DRAFT = "draft"
    """Each reply waits for a button; what the program would say by itself is left unsaid."""
    OFF = "off"
    """Nothing is said but what colleagues say; no model is asked."""


class DraftState(StrEnum):
    """What became of a reply that waited for a button."""

    WAITING = "waiting"
    APPROVED = "approved"
    SKIPPED = "skipped"
    STALE = "stale"
    """Something happened before it could be said: a newer message, a stop, a takeover, another mode."""
    EXPIRED = "expired"


class FieldKind(StrEnum):
    """How a field that is learnt about a person is checked."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Person:
    """A Telegram user as one account sees them. The id is the person; names come and go."""

    id: int
    access_hash: int
    username: str | None = None
    name: str = ""
    language: str | None = None
    phone: str = ""
    """Digits, when their profile shows it to this account."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as Telegram showed it to the account, in a private chat."""

    telegram_message_id: int
    peer_id: int
    outgoing: bool
    text: str
    timestamp: datetime
    kind: Kind = Kind.TEXT
    media: str = ""
    """Detail for the label of a kind other than text: a duration (``0:12``), a file's name, a phone …"""
    reply_to: int | None = None
    """Telegram id of the message that is answered, in this account's numbering."""
    quote: str = ""
    group_id: int | None = None
    """Album: messages with the same group id are one message."""
    edited_at: datetime | None = None
    reaction: str = ""
    person: Person | None = None
    """Who the peer is, when the update taught it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a message said before it was edited, and when that ended."""

    content: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One row of ``messages``: something said, or a part of a reply on its way."""

    id: int
    dialog_id: int
    direction: Direction
    author: Author
    content: str
    timestamp: datetime
    kind: Kind = Kind.TEXT
    media: str = ""
    telegram_message_id: int | None = None
    revision: int = 0
    """The dialog's revision when this was stored (incoming) or decided (a part)."""
    reply_to: int | None = None
    quote: str = ""
    group_id: int | None = None
    reaction: str = ""
    edits: tuple[Edit, ...] = ()
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    read_at: datetime | None = None
    send_state: SendState | None = None
    failure: str = ""
    erased: bool = False
    """Its words are gone for good: what Telegram still shows does not bring them back."""
    written_by: int | None = None
    """The admin who wrote or edited it at the desk."""
    unsend_at: datetime | None = None
    """Since when a colleague wants it taken back; once ``deleted_at`` is set, it is."""

    @property
    def incoming(self) -> bool:
        return self.direction is Direction.IN

    @property
    def said(self) -> bool:
        """Whether this counts as said or about to be said (a cancelled or failed part does not)."""
        return self.send_state not in (SendState.CANCELLED, SendState.FAILED)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a reply as the outbox needs it."""

    id: int
    dialog_id: int
    account_id: int
    contact_id: int
    content: str
    random_id: int
    revision: int
    halts: int
    stands: bool
    """Holds against newer messages, because the draft before it was dropped for one (law 6)."""
    purpose: Purpose
    send_state: SendState
    not_before: datetime
    not_after: datetime
    anchor_id: int | None = None
    first: bool = True
    """Whether it is the first part of its reply."""
    held: bool = False
    """Nothing can be done about it for now: all is paused, or it waits for a button."""
    fits: bool = True
    """Whether the dialog's mode lets it out, at once or once the button is pressed."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person, as known to all accounts."""

    id: int
    username: str | None = None
    name: str = ""
    language: str | None = None
    timezone: str | None = None
    phone: str = ""
    """Digits, when an account was shown it."""
    basis: str = ""
    """Why we may write to them, in the operator's words."""
    basis_at: datetime | None = None
    called: str = ""
    """What an imported list calls them."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """One row of ``dialogs``."""

    id: int
    account_id: int | None
    contact_id: int | None
    target_username: str
    scenario: str
    status: Status
    stage: str
    outcome: Outcome
    revision: int
    answered_revision: int
    """The revision up to which everything has been answered or deliberately left: it moves when a reply begins to stand
    in the chat, not when it is decided."""
    halts: int
    dropped_drafts: int
    """Replies in a row of which nothing was said because of newer messages; one is the cap (law 6)."""
    failures: int
    """Turns in a row that failed; the backoff and the parking depend on it."""
    follow_ups: int
    """Follow-ups sent since the person last wrote."""
    created_at: datetime
    due_at: datetime | None = None
    due_since: datetime | None = None
    """When the first message of the present burst came: the debounce is capped from here."""
    due_reason: str = ""
    not_before: datetime | None = None
    follow_up_at: datetime | None = None
    history_upto: int | None = None
    compare: bool = False
    """Telegram's history has to be read before the next turn."""
    basis: str = ""
    status_since: datetime | None = None
    """Since when the dialog has its status."""
    reminders: int = 0
    """What was said about a status that lasts too long, to the operator and to the person."""
    reminded_at: datetime | None = None
    """When the last of it was said."""
    opened_at: datetime | None = None
    """When it took its place among its account's new conversations of a day."""
    opening: str = ""
    """The name of the way in which the scenario began."""
    handoff_note: str = ""
    """Why a human is needed and what was said so far, in the model's words, for the operator."""
    summary: str = ""
    """What was said up to ``summary_upto``, when the history is too long to be shown."""
    summary_upto: int = 0
    """Id of the newest message (``messages.id``) that the summary holds."""
    mode: Mode | None = None
    """None: as the house has it."""
    preview: bool = False
    """The first message waits for a button, whatever the mode."""
    assignee: int | None = None
    """The admin who looks after it."""
    taken_by: int | None = None
    """The admin who speaks in it; None also when somebody took it by typing on another device."""
    taken_until: datetime | None = None
    """The end that was given to a takeover (``NEVER``: none); None: it ends when its colleague is silent for long."""
    house_mode: Mode = Mode.AUTO
    """The mode of all that have none of their own. This and ``paused`` as they were when the row was read to act."""
    paused: bool = False
    """Everything is paused."""

    @property
    def effective_mode(self) -> Mode:
        return self.mode or self.house_mode

    @property
    def by_itself(self) -> bool:
        """Whether what the program says goes out without a button."""
        return self.effective_mode is Mode.AUTO and not self.preview


@dataclass(frozen=True, slots=True)
class Learnt:
    """A field that the model says it learnt, and the person's words that prove it."""

    field: str
    value: str
    quote: str


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that a human will have to do: it becomes a task. ``until`` is None where no time was named."""

    what: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model proposes, parsed and validated, not yet guarded."""

    parts: tuple[str, ...]
    stage: str
    outcome: Outcome = Outcome.NONE
    handoff: str | None = None
    """Why a human is needed and what was said so far, in a sentence or two for the operator."""
    facts: tuple[str, ...] = ()
    """Ids of the facts that the parts use."""
    sums: tuple[str, ...] = ()
    """Expressions over ids of priced facts, as ``3 * team + delivery``: what the parts may name beside the facts."""
    learnt: tuple[Learnt, ...] = ()
    promise: Promise | None = None
    opt_out: bool = False
    """The person does not want to be written to any more."""


@dataclass(frozen=True, slots=True)
class Timing:
    """The timings of settings, in seconds, as the pure rules use them."""

    debounce: float = 4.0
    debounce_cap: float = 20.0
    read_delay: float = 1.0
    typing_per_char: float = 0.06
    typing_min: float = 1.0
    typing_max: float = 9.0
    between_parts: float = 1.2
    part_max_age: float = 900.0


@dataclass(frozen=True, slots=True)
class History:
    """What the model is shown: messages in Telegram's order, our unsent parts last; ``unanswered`` ids among them."""

    messages: tuple[Message, ...]
    unanswered: frozenset[int] = field(default_factory=frozenset)
