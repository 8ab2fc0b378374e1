"""Telegram in memory: one account and the one person it talks with. The second implementation of ``userbot.gateway``.

It keeps what Telegram keeps: one sequence of ids over both directions, times in whole seconds, each ``random_id`` once,
how far either side has read, what a message said before it was edited. What the person does is told to the engine's
inbox, as the difference would tell it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from salesbot.clock import Clock
from salesbot.dialog.model import Author, Kind, Person, Seen
from salesbot.errors import NoSuchPerson, Unreachable
from salesbot.rehearsal.record import Line
from salesbot.userbot.gateway import Chat, ChatState, Inbox, Sent

VOICE_LETTERS_PER_SECOND = 14


class MemoryGateway:
    """One chat. ``heard`` is called when the person gets a line."""

    def __init__(self, account_id: int, person: Person, clock: Clock, inbox: Inbox, heard: Callable[[], None]) -> None:
        self._account_id = account_id
        self._person = person
        self._clock = clock
        self._inbox = inbox
        self._heard = heard
        self._edited: dict[int, datetime] = {}
        self._media: dict[int, str] = {}
        self._sent: dict[int, Sent] = {}
        """By ``random_id``."""
        self._read_by_us = 0
        self._read_by_them = 0
        self.lines: list[Line] = []
        """What stands in the chat; the first has the id 1."""
        self.blocked = False
        """They want nothing of this account any more."""

    # -- what the account does

    @property
    def account_id(self) -> int:
        return self._account_id

    async def resolve(self, username: str) -> Person:
        if username.lower() != self._person.username:
            raise NoSuchPerson("unknown_username")
        return self._person

    async def person(self, user_id: int) -> Person:
        if user_id != self._person.id:
            raise NoSuchPerson("unknown_id")
        return self._person

    async def read(self, peer_id: int, up_to: int) -> None:
        if self._is_theirs(peer_id):
            self._read_by_us = max(self._read_by_us, up_to)

    async def typing(self, peer_id: int) -> None:
        """Nobody watches."""

    async def send(self, peer_id: int, text: str, random_id: int) -> Sent:
        if not self._is_theirs(peer_id):
            raise Unreachable("forbidden")
        if self.blocked:
            raise Unreachable("blocked")
        if random_id not in self._sent:
            line = self._add(Author.MODEL, text, Kind.TEXT)
            self._sent[random_id] = Sent(line.id, line.at)
            self._heard()
        return self._sent[random_id]

    async def delete(self, peer_id: int, telegram_message_ids: Sequence[int]) -> None:
        """Nobody has a desk here from which anything could be taken back."""

    async def history(self, peer_id: int, *, above: int = 0, below: int = 0, limit: int = 100) -> Sequence[Seen]:
        if not self._is_theirs(peer_id):
            return ()
        found = [line for line in self.lines if above < line.id and (not below or line.id < below)]
        return [self._seen(line) for line in found[-min(limit, 100) :]]

    async def chats_since(self, since: datetime) -> Sequence[Chat]:
        """Nothing is ever restored here."""
        return ()

    async def chats(self, peer_ids: Sequence[int]) -> Sequence[ChatState]:
        if not any(map(self._is_theirs, peer_ids)):
            return ()
        top = len(self.lines)
        return [ChatState(self._person.id, top, self._read_by_us, self._read_by_them, self._edited.get(top))]

    async def caught_up(self) -> None:
        """Nothing happens here that the inbox is not told."""

    def condemn(self, reason: str) -> None:
        """There is no connection that could be thrown away."""

    # -- what the person does

    async def says(self, text: str, kind: Kind = Kind.TEXT) -> None:
        """They send a message; of a voice note the account sees how long it is, not what is said in it."""
        media = ""
        if kind is Kind.VOICE:
            minutes, seconds = divmod(max(1, len(text) // VOICE_LETTERS_PER_SECOND), 60)
            text, media = "", f"{minutes}:{seconds:02}"
        line = self._add(Author.CONTACT, text, kind)
        self._media[line.id] = media
        await self._inbox.arrived(self._account_id, [self._seen(line)])

    async def edits(self, text: str) -> None:
        """Their last message says this from now on."""
        place = next((at for at in reversed(range(len(self.lines))) if self.lines[at].author is Author.CONTACT), None)
        if place is None:
            return
        old = self.lines[place]
        self.lines[place] = replace(old, text=text, was=(*old.was, old.text))
        self._edited[old.id] = self._now()
        await self._inbox.edited(self._account_id, self._seen(self.lines[place]))

    async def reads(self) -> None:
        """They read all there is."""
        newest = max((line.id for line in self.lines if line.author is not Author.CONTACT), default=0)
        if newest > self._read_by_them:
            self._read_by_them = newest
            await self._inbox.read_by_people(self._account_id, {self._person.id: newest})

    # --

    def _is_theirs(self, peer_id: int) -> bool:
        return peer_id == self._person.id

    def _now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)

    def _add(self, author: Author, text: str, kind: Kind) -> Line:
        line = Line(len(self.lines) + 1, self._now(), author, text, kind=kind.value)
        self.lines.append(line)
        return line

    def _seen(self, line: Line) -> Seen:
        return Seen(
            line.id,
            self._person.id,
            outgoing=line.author is not Author.CONTACT,
            text=line.text,
            timestamp=line.at,
            kind=Kind(line.kind),
            media=self._media.get(line.id, ""),
            edited_at=self._edited.get(line.id),
        )
