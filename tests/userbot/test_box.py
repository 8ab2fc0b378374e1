"""Telethon's bookkeeping as we mended it, and the routing of updates that the sandbox does not send."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from telethon._updates import EntityCache, GapError
from telethon._updates.session import SessionState
from telethon.tl import types

from salesbot.errors import Transient
from salesbot.userbot.box import Box
from salesbot.userbot.delivery import Batch, Delivery
from salesbot.userbot.peers import PeerBook
from tests.userbot.conftest import Notes

WHEN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ACCOUNT, ANNA, STRANGER = 1, 7, 8


@pytest.fixture
async def box() -> Box:
    made = Box(logging.getLogger("telethon"), lambda user_id: user_id == ANNA, lambda: None, lambda reason: None)
    made.load(SessionState(0, 0, False, 10, 0, int(WHEN.timestamp()), 0, None), [])
    return made


def short(user_id: int, pts: int = 11) -> Any:
    return types.UpdateShortMessage(id=5, user_id=user_id, message="hi", pts=pts, pts_count=1, date=WHEN)


def updates(*items: Any, users: tuple[Any, ...] = ()) -> Any:
    return types.Updates(updates=list(items), users=list(users), chats=[], date=WHEN, seq=0)


def new_message(user_id: int, pts: int = 11) -> Any:
    said = types.Message(id=5, peer_id=types.PeerUser(user_id), date=WHEN, message="hi")
    return types.UpdateNewMessage(said, pts, 1)


def process(box: Box, told: Any) -> list[Any]:
    result: list[Any] = []
    box.process_updates(told, EntityCache(), result)
    return result


async def test_somebody_known_is_passed_on_and_moves_the_state(box: Box) -> None:
    assert len(process(box, short(ANNA))) == 1
    assert len(process(box, updates(new_message(ANNA, 12)))) == 1
    place = box.state()
    assert place is not None
    assert place.pts == 12


@pytest.mark.parametrize(
    "told",
    [
        short(STRANGER),
        updates(new_message(STRANGER)),
        updates(new_message(STRANGER), users=(types.User(id=STRANGER, access_hash=1, min=True),)),
    ],
    ids=["short form", "not shown", "shown in passing"],
)
async def test_somebody_who_could_not_be_answered_is_asked_for_by_a_difference(box: Box, told: Any) -> None:
    with pytest.raises(GapError):
        process(box, told)
    assert box.get_difference() is not None
    place = box.state()
    assert place is not None
    assert place.pts == 10, "the state went past a message that was not passed on"


@pytest.mark.parametrize(
    "user",
    [types.User(id=STRANGER, access_hash=1), types.User(id=STRANGER, bot=True, bot_info_version=1)],
    ids=["addressable", "a bot"],
)
async def test_a_stranger_who_is_shown_needs_no_difference(box: Box, user: Any) -> None:
    assert len(process(box, updates(new_message(STRANGER), users=(user,)))) == 1


async def test_channels_are_not_followed(box: Box) -> None:
    post = types.Message(id=5, peer_id=types.PeerChannel(99), date=WHEN, message="news")
    told = updates(types.UpdateNewChannelMessage(post, 300, 1), types.UpdateChannelTooLong(98, pts=5))
    assert process(box, told) == []
    assert box.get_channel_difference(EntityCache()) is None
    assert box.session_state()[1] == {}


async def test_a_failed_difference_is_told(box: Box) -> None:
    told: list[str] = []
    box._on_failure = told.append
    with pytest.raises(GapError):
        process(box, types.UpdatesTooLong())
    box.end_difference()
    assert told


class Desk:
    """A delivery without a connection."""

    def __init__(self, pool: asyncpg.Pool, fetched: Any = None) -> None:
        self.notes = Notes()
        self.peers = PeerBook(ACCOUNT, pool)
        self._fetched = fetched
        self.delivery = Delivery(ACCOUNT, self.notes, self.peers, self._fetch)

    async def _fetch(self, message_id: int) -> Any:
        if isinstance(self._fetched, Exception):
            raise self._fetched
        return self._fetched

    async def deliver(self, *items: Any, users: tuple[Any, ...] = ()) -> None:
        self.delivery.put(Batch(items, {user.id: user for user in users}))
        running = asyncio.create_task(self.delivery.run())
        await self.delivery.drained()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_reaction_that_names_only_the_message_is_looked_up(pool: asyncpg.Pool) -> None:
    thumb = types.ReactionEmoji("👍")
    reactions = types.MessageReactions([types.ReactionCount(thumb, 1)])
    shown = types.Message(id=5, peer_id=types.PeerUser(ANNA), date=WHEN, message="hi", reactions=reactions)
    told = types.UpdateMessageReactions(types.PeerUser(ANNA), 5, reactions)
    for fetched, edits in ((shown, ["👍"]), (None, []), (Transient("away"), [])):
        desk = Desk(pool, fetched)
        await desk.deliver(told)
        assert [seen.reaction for seen in desk.notes.edits] == edits


async def test_groups_bots_notes_to_self_and_notices_are_not_delivered(pool: asyncpg.Pool) -> None:
    desk = Desk(pool)
    bot = types.User(id=20, bot=True, bot_info_version=1)
    in_group = types.Message(id=6, peer_id=types.PeerChat(3), from_id=types.PeerUser(ANNA), date=WHEN, message="hi")
    await desk.deliver(
        new_message(20),
        new_message(ACCOUNT),
        new_message(777000),
        short(777000),
        types.UpdateNewMessage(in_group, 11, 1),
        types.UpdateEditMessage(in_group, 11, 1),
        types.UpdateNewMessage(types.MessageEmpty(id=4, peer_id=None), 11, 1),
        types.UpdateReadHistoryOutbox(types.PeerChat(3), 5, 11, 1),
        types.UpdateUserTyping(ANNA, types.SendMessageTypingAction()),
        users=(bot,),
    )
    await desk.deliver(short(20))
    assert (desk.notes.messages, desk.notes.edits, desk.notes.reads) == ([], [], [])
    assert desk.peers.knows(20), "a bot's next message must not cost a difference"


async def test_somebody_who_deleted_the_account_is_still_heard(pool: asyncpg.Pool) -> None:
    desk = Desk(pool)
    await desk.deliver(new_message(ANNA), users=(types.User(id=ANNA, deleted=True),))
    assert [(seen.text, seen.person) for seen in desk.notes.messages] == [("hi", None)]
