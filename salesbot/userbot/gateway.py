"""What the engine sees of a Telegram account. The Telethon side implements it; a rehearsal implements it in memory.

Calls raise the errors of ``salesbot.errors``: ``Transient``/``FloodWait`` and ``Refused`` mean it was not done;
``Unknown`` means it may have been; ``AccountUnusable`` ends the account; ``NotOwner`` means the lease is over
and nothing was written to the wire. No call waits longer than its own timeout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from salesbot.dialog.model import Person, Seen


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram's word that a message stands. ``telegram_message_id`` is None for a bare RANDOM_ID_DUPLICATE."""

    telegram_message_id: int | None
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class ChatState:
    """The top of one chat, from ``messages.getPeerDialogs``."""

    peer_id: int
    top_message_id: int
    read_inbox_max_id: int
    read_outbox_max_id: int
    top_edited_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat with a person, from ``messages.getDialogs``."""

    peer_id: int
    top_message_id: int
    top_at: datetime


class Gateway(Protocol):
    """One connection of one account. Thrown away when ``condemned``; never reconnects by itself."""

    @property
    def account_id(self) -> int: ...

    async def resolve(self, username: str) -> Person:
        """Look a username up now. Raises ``NoSuchPerson`` for nobody, a bot, a group or a channel."""
        ...

    async def person(self, user_id: int) -> Person:
        """Look up somebody whose access hash this account knows. Raises ``NoSuchPerson``."""
        ...

    async def read(self, peer_id: int, up_to: int) -> None:
        """Mark incoming messages as read. Its answer carries the account's pts and so reveals a silent gap."""
        ...

    async def typing(self, peer_id: int) -> None:
        """Show "typing…" for about five seconds. Failures are nobody's business: it never raises ``Refused``."""
        ...

    async def send(self, peer_id: int, text: str, random_id: int) -> Sent:
        """Send one text once. The lease is tested just before; nothing is retried."""
        ...

    async def delete(self, peer_id: int, telegram_message_ids: Sequence[int]) -> None:
        """Delete messages for both sides; those that are gone already are no matter."""
        ...

    async def history(self, peer_id: int, *, above: int = 0, below: int = 0, limit: int = 100) -> Sequence[Seen]:
        """The newest ``limit`` (at most 100) messages with ``above < id`` and, unless it is 0, ``id < below``;
        oldest first, both directions, with edits, reactions and kinds as they are now."""
        ...

    async def chats(self, peer_ids: Sequence[int]) -> Sequence[ChatState]:
        """The tops of up to 100 chats."""
        ...

    async def chats_since(self, since: datetime) -> Sequence[Chat]:
        """All chats with persons in which something was said since then, in either direction."""
        ...

    async def caught_up(self) -> None:
        """Return once the difference asked for at connect has been delivered to the inbox."""
        ...

    def condemn(self, reason: str) -> None:
        """Throw this connection away: reset its socket; the supervisor makes a fresh one from the written state."""
        ...


class Inbox(Protocol):
    """Where a gateway delivers what Telegram tells. Each call is one transaction; one that raises condemns the
    connection, and the update state in the database stays behind what it could not store (law 1)."""

    async def arrived(self, account_id: int, seen: Sequence[Seen]) -> None:
        """Messages in either direction, in their order. What was stored of them before one fails stays stored."""
        ...

    async def edited(self, account_id: int, seen: Seen) -> None:
        """An edit, or a reaction (Telegram tells both the same way): texts and marks are compared."""
        ...

    async def deleted(self, account_id: int, telegram_message_ids: Sequence[int]) -> None: ...

    async def read_by_people(self, account_id: int, up_to: Mapping[int, int]) -> None:
        """These people have read our messages up to these ids."""
        ...

    async def sent_id(self, account_id: int, random_id: int, telegram_message_id: int) -> None:
        """``updateMessageID``: the part with this random id stands under this message id."""
        ...

    async def gap(self, account_id: int) -> None:
        """Telegram would not tell the whole difference: every open dialog has to be compared."""
        ...
