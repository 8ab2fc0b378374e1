"""What listeners are told, one value per kind; ``owner`` is the user in whose box it happened.

``session`` is the MTProto session that caused it, if one did: that session has the answer and needs no push.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.world.model import Message


@dataclass(frozen=True, slots=True)
class MessageNew:
    owner: int
    message: Message
    pts: int
    session: int | None = None


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A new text, media or keyboard, or (``reaction_by``) somebody's reaction."""

    owner: int
    message: Message
    pts: int
    session: int | None = None
    reaction_by: int | None = None


@dataclass(frozen=True, slots=True)
class MessagesDeleted:
    owner: int
    peer: int
    ids: tuple[int, ...]
    pts: int
    session: int | None = None


@dataclass(frozen=True, slots=True)
class ReadInbox:
    """The owner has read the peer's messages up to ``max_id``."""

    owner: int
    peer: int
    max_id: int
    unread: int
    pts: int
    session: int | None = None


@dataclass(frozen=True, slots=True)
class ReadOutbox:
    """The peer has read the owner's messages up to ``max_id``."""

    owner: int
    peer: int
    max_id: int
    pts: int


@dataclass(frozen=True, slots=True)
class Typing:
    """The owner sees the peer typing; ``action`` as in the Bot API (``typing``, ``record_voice``, ``cancel`` …)."""

    owner: int
    peer: int
    action: str


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """``owner`` is the bot; ``message_id`` stands in its box."""

    owner: int
    query_id: int
    user: int
    message_id: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CallbackAnswered:
    """``owner`` is the user who pressed."""

    owner: int
    query_id: int
    text: str
    alert: bool


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """``owner`` sees ``peer`` come or go."""

    owner: int
    peer: int
    online: bool


@dataclass(frozen=True, slots=True)
class UserChanged:
    """The user ``owner`` was created or changed."""

    owner: int


Event = (
    MessageNew
    | MessageEdited
    | MessagesDeleted
    | ReadInbox
    | ReadOutbox
    | Typing
    | ButtonPressed
    | CallbackAnswered
    | PresenceChanged
    | UserChanged
)
Listener = Callable[[Event], None]
