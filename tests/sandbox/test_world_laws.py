"""Laws of the world under any course of events."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world import Message, Role, World, WorldError
from sandbox.world.box import Box
from sandbox.world.model import Change

MARIA, ANNA, BORIS = 1, 2, 3

people = st.sampled_from([MARIA, ANNA, BORIS])
some_id = st.integers(1, 12)
deeds = st.one_of(
    st.tuples(st.just("send"), people, people, st.sampled_from(["one", "two"])),
    st.tuples(st.just("edit"), people, some_id, st.sampled_from(["one", "two"])),
    st.tuples(st.just("react"), people, some_id, st.sampled_from(["👍", None])),
    st.tuples(st.just("delete"), people, st.lists(some_id, max_size=3), st.booleans()),
    st.tuples(st.just("read"), people, people, some_id),
)


class Replica:
    """A client that knows a box only by its differences."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self.pts = box.pts
        self.messages: dict[int, Message] = {}

    def catch_up(self, limit: int) -> None:
        while entries := self._box.since(self.pts, limit):
            for entry in entries:
                assert entry.pts == self.pts + entry.count
                self.pts = entry.pts
                if entry.change in {Change.NEW, Change.EDITED} and entry.ids[0] in self._box.messages:
                    self.messages[entry.ids[0]] = self._box.messages[entry.ids[0]]
                elif entry.change is Change.DELETED:
                    for message_id in entry.ids:
                        self.messages.pop(message_id, None)


REFUSALS = {"MESSAGE_ID_INVALID", "MESSAGE_AUTHOR_REQUIRED", "MESSAGE_NOT_MODIFIED"}


def attempt(world: World, deed: tuple[Any, ...]) -> None:
    """Do it, if the world allows it."""
    try:
        do(world, deed)
    except WorldError as refused:
        if refused.text not in REFUSALS:
            raise


def do(world: World, deed: tuple[Any, ...]) -> None:
    match deed:
        case ("send", sender, receiver, text):
            world.send(sender, receiver, text)
        case ("edit", owner, message_id, text):
            world.edit(owner, message_id, text)
        case ("react", owner, message_id, emoji):
            world.react(owner, message_id, emoji)
        case ("delete", owner, ids, revoke):
            world.delete(owner, ids, revoke=revoke)
        case ("read", reader, peer, max_id):
            world.read(reader, peer, max_id)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(deeds, st.booleans()), max_size=25))
def test_whoever_follows_the_differences_has_what_the_box_has(course: list[tuple[tuple[Any, ...], bool]]) -> None:
    world = World()
    for user_id in (MARIA, ANNA, BORIS):
        world.users.create(Role.TARGET, str(user_id), id=user_id)
    replicas = [Replica(world.box(user_id)) for user_id in (MARIA, ANNA, BORIS)]
    for deed, look in course:
        attempt(world, deed)
        if look:
            replicas[0].catch_up(limit=2)
    for replica, user_id in zip(replicas, (MARIA, ANNA, BORIS), strict=True):
        replica.catch_up(limit=100)
        box = world.box(user_id)
        assert replica.messages == box.messages
        assert sorted(i for chat in box.chats.values() for i in chat.ids) == sorted(box.messages)
        for chat in box.chats.values():
            unread = [i for i in chat.ids if i > chat.read_inbox and not box.messages[i].out]
            assert chat.unread == len(unread)


@settings(max_examples=100, deadline=None)
@given(st.lists(deeds, max_size=25))
def test_both_copies_of_a_message_say_the_same(course: list[tuple[Any, ...]]) -> None:
    world = World()
    for user_id in (MARIA, ANNA, BORIS):
        world.users.create(Role.TARGET, str(user_id), id=user_id)
    for deed in course:
        attempt(world, deed)
    for user_id in (MARIA, ANNA, BORIS):
        for message in world.box(user_id).messages.values():
            twin = world.box(message.peer).messages.get(message.twin_id)
            if twin is not None:
                assert (twin.twin_id, twin.peer, twin.out) == (message.id, user_id, not message.out)
                assert (twin.text, twin.edited, twin.reactions) == (message.text, message.edited, message.reactions)
