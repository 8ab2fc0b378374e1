"""The chat in memory and the clock that is turned: what they keep of Telegram and of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from salesbot.dialog.model import Kind, Person, Seen
from salesbot.errors import NoSuchPerson, Unreachable
from salesbot.rehearsal.clock import SimulatedClock
from salesbot.rehearsal.gateway import MemoryGateway
from salesbot.userbot.gateway import ChatState, Gateway, Inbox

ACCOUNT = 7
ANNA = Person(5, 55, username="anna", name="Anna")
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


class Told:
    """An inbox that remembers what it was told."""

    def __init__(self) -> None:
        self.messages: list[Seen] = []
        self.edits: list[Seen] = []
        self.read: list[int] = []

    async def arrived(self, account_id: int, seen: Sequence[Seen]) -> None:
        self.messages += seen

    async def edited(self, account_id: int, seen: Seen) -> None:
        self.edits.append(seen)

    async def deleted(self, account_id: int, telegram_message_ids: Sequence[int]) -> None:
        raise AssertionError("nobody deletes here")

    async def read_by_people(self, account_id: int, up_to: Mapping[int, int]) -> None:
        self.read += up_to.values()

    async def sent_id(self, account_id: int, random_id: int, telegram_message_id: int) -> None:
        raise AssertionError("every send is answered here")

    async def gap(self, account_id: int) -> None:
        raise AssertionError("nothing is lost here")


class Chat:
    """A gateway, with all that is around it."""

    def __init__(self) -> None:
        self.told = Told()
        self.heard = 0
        self.clock = SimulatedClock(MONDAY + timedelta(seconds=0.7), self._nothing)
        inbox: Inbox = self.told
        self.gateway = MemoryGateway(ACCOUNT, ANNA, self.clock, inbox, self._hears)

    async def _nothing(self, until: datetime) -> None:
        self.clock.turn(until)

    def _hears(self) -> None:
        self.heard += 1


@pytest.fixture
def chat() -> Chat:
    return Chat()


def test_it_is_a_gateway(chat: Chat) -> None:
    gateway: Gateway = chat.gateway
    assert gateway.account_id == ACCOUNT


async def test_one_sequence_of_ids_runs_over_both_directions_in_whole_seconds(chat: Chat) -> None:
    sent = await chat.gateway.send(ANNA.id, "Hello", 1)
    await chat.gateway.says("Hi")
    again = await chat.gateway.send(ANNA.id, "How are you?", 2)
    assert (sent.telegram_message_id, again.telegram_message_id) == (1, 3)
    assert [(seen.telegram_message_id, seen.outgoing) for seen in chat.told.messages] == [(2, False)]
    assert sent.timestamp == MONDAY
    assert chat.heard == 2


async def test_a_random_id_is_sent_once(chat: Chat) -> None:
    first = await chat.gateway.send(ANNA.id, "Hello", 1)
    assert await chat.gateway.send(ANNA.id, "Hello", 1) == first
    assert [line.text for line in chat.gateway.lines] == ["Hello"]


async def test_the_history_shows_messages_as_they_are_now_and_a_page_at_a_time(chat: Chat) -> None:
    await chat.gateway.says("Helo")
    await chat.clock.sleep(5)
    await chat.gateway.edits("Hello")
    for number in range(3):
        await chat.gateway.send(ANNA.id, f"line {number}", number)
    history = await chat.gateway.history(ANNA.id)
    assert [seen.text for seen in history] == ["Hello", "line 0", "line 1", "line 2"]
    assert history[0].edited_at == MONDAY + timedelta(seconds=5)
    assert [seen.telegram_message_id for seen in await chat.gateway.history(ANNA.id, above=1, below=4)] == [2, 3]
    assert [seen.telegram_message_id for seen in await chat.gateway.history(ANNA.id, limit=2)] == [3, 4]
    assert await chat.gateway.history(99) == ()
    assert [seen.text for seen in chat.told.edits] == ["Hello"]
    assert chat.gateway.lines[0].was == ("Helo",)


async def test_an_edit_is_of_their_own_last_message(chat: Chat) -> None:
    await chat.gateway.edits("nothing to edit")
    await chat.gateway.says("Helo")
    await chat.gateway.send(ANNA.id, "Hi", 1)
    await chat.gateway.edits("Hello")
    assert [line.text for line in chat.gateway.lines] == ["Hello", "Hi"]


async def test_both_sides_read_up_to_what_there_is(chat: Chat) -> None:
    await chat.gateway.reads()
    assert chat.told.read == []
    await chat.gateway.send(ANNA.id, "Hello", 1)
    await chat.gateway.says("Hi")
    await chat.gateway.reads()
    await chat.gateway.reads()
    await chat.gateway.read(ANNA.id, 2)
    assert chat.told.read == [1]
    assert await chat.gateway.chats([ANNA.id, 99]) == [ChatState(ANNA.id, 2, 2, 1)]
    assert await chat.gateway.chats([99]) == ()


async def test_a_voice_note_shows_how_long_it_is_and_not_what_is_said(chat: Chat) -> None:
    await chat.gateway.says("so many words " * 80, Kind.VOICE)
    (seen,) = chat.told.messages
    assert (seen.kind, seen.text, seen.media) == (Kind.VOICE, "", "1:20")


async def test_only_this_person_is_known_and_not_once_they_blocked_us(chat: Chat) -> None:
    assert await chat.gateway.resolve("Anna") == await chat.gateway.person(ANNA.id) == ANNA
    with pytest.raises(NoSuchPerson):
        await chat.gateway.resolve("boris")
    with pytest.raises(NoSuchPerson):
        await chat.gateway.person(99)
    with pytest.raises(Unreachable):
        await chat.gateway.send(99, "Hello", 1)
    chat.gateway.blocked = True
    with pytest.raises(Unreachable, match="blocked"):
        await chat.gateway.send(ANNA.id, "Hello", 2)
    assert chat.gateway.lines == []


async def test_who_sleeps_turns_the_clock_and_always_gets_on(chat: Chat) -> None:
    begun = chat.clock.now()
    await chat.clock.sleep(2.5)
    assert chat.clock.now() - begun == timedelta(seconds=2.5)
    assert chat.clock.monotonic() == 2.5
    await chat.clock.sleep(1e-12)
    assert chat.clock.now() - begun == timedelta(seconds=2.5, microseconds=1)
    await chat.clock.sleep(0)
    await chat.clock.sleep(-1)
    chat.clock.turn(begun)
    assert chat.clock.now() - begun == timedelta(seconds=2.5, microseconds=1)
