"""The things in the world: frozen values, replaced when they change. No protocol here.

A private chat exists twice, once in each person's box: a message has one id in the sender's box and another
in the receiver's, and each box counts its own changes (``pts``).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import ConfigDict, with_config


class Role(StrEnum):
    OPERATOR = "operator"
    ACCOUNT = "account"
    TARGET = "target"
    BOT = "bot"


class Privacy(StrEnum):
    """Who may write to a person first."""

    EVERYBODY = "everybody"
    CONTACTS = "contacts"
    PREMIUM = "premium"


@dataclass(frozen=True, slots=True)
class User:
    id: int
    role: Role
    first_name: str
    last_name: str = ""
    username: str | None = None
    phone: str = ""
    code: str = ""
    password: str | None = None
    lang_code: str = "en"
    about: str = ""
    token: str | None = None
    deleted: bool = False
    banned: bool = False
    frozen: bool = False
    spam_limited: bool = False
    hides_forwards: bool = False
    """A forward of what they said tells their name and not who they are."""
    automatic: str = ""
    """What kind of customer answers in their place; empty: nobody does."""
    privacy: Privacy = Privacy.EVERYBODY
    blocked: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()

    @property
    def is_bot(self) -> bool:
        return self.role is Role.BOT

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    username: str
    title: str


class MediaKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    AUDIO = "audio"
    ANIMATION = "animation"
    STICKER = "sticker"
    DOCUMENT = "document"
    CONTACT = "contact"
    LOCATION = "location"
    DICE = "dice"


@dataclass(frozen=True, slots=True)
class Media:
    """What stands in a message beside its text. ``file_id`` leads to the bytes (`World.files`), where there are any."""

    kind: MediaKind
    file_id: int | None = None
    name: str | None = None
    mime: str = "application/octet-stream"
    size: int = 0
    duration: int = 0
    width: int = 0
    height: int = 0
    emoji: str = ""
    value: int = 0
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    contact_id: int = 0
    latitude: float = 0.0
    longitude: float = 0.0


@dataclass(frozen=True, slots=True)
class Entity:
    """Formatting; ``kind`` by its Bot API name (``bold``, ``text_link`` …), offsets in UTF-16 units."""

    kind: str
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None


@with_config(ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: ``data`` calls the bot back, ``url`` opens a page."""

    text: str
    data: bytes | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Keyboard:
    """Buttons under a message (``inline``) or in place of the keyboard; ``remove`` takes the latter away.

    ``force_reply``: no buttons, the person's program answers to this message by itself, and shows the ``placeholder``.
    """

    rows: tuple[tuple[Button, ...], ...] = ()
    inline: bool = True
    remove: bool = False
    force_reply: bool = False
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Forward:
    user_id: int
    date: datetime


@dataclass(frozen=True, slots=True)
class Quote:
    """The message answered to, by its id in the same box, and the words picked out of it."""

    message_id: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One copy of a message: ``id`` in the box of ``owner``, ``twin_id`` in the box of ``peer`` (0: no copy there)."""

    owner: int
    id: int
    peer: int
    out: bool
    date: datetime
    text: str = ""
    entities: tuple[Entity, ...] = ()
    media: Media | None = None
    keyboard: Keyboard | None = None
    reply_to: Quote | None = None
    forward: Forward | None = None
    edited: datetime | None = None
    reactions: tuple[tuple[int, str], ...] = ()
    random_id: int | None = None
    group_id: int | None = None
    twin_id: int = 0

    @property
    def sender(self) -> int:
        return self.owner if self.out else self.peer


class Change(StrEnum):
    NEW = "new"
    EDITED = "edited"
    DELETED = "deleted"
    READ_INBOX = "read_inbox"
    READ_OUTBOX = "read_outbox"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a box's journal: after it the box stands at ``pts``; it counts for ``count``.

    ``ids`` are the messages changed; for the two kinds of reading it is the highest id read.
    """

    pts: int
    count: int
    change: Change
    peer: int
    ids: tuple[int, ...]
    random_id: int | None = None
    incoming: bool = False


@dataclass(slots=True)
class Chat:
    """A box's side of one private chat. `heard`: the peer has written here at some time."""

    peer: int
    ids: list[int] = field(default_factory=list)
    read_inbox: int = 0
    read_outbox: int = 0
    unread: int = 0
    heard: bool = False
