"""The world without any protocol: boxes, journals, refusals, persistence."""

from pathlib import Path

import pytest

from sandbox.world import Button, Event, Keyboard, Media, MediaKind, Quote, Role, World, WorldError, events


@pytest.fixture
def world() -> World:
    return peopled(World())


def peopled(world: World) -> World:
    world.users.create(Role.ACCOUNT, "Maria", username="sales", id=1)
    world.users.create(Role.TARGET, "Anna", username="anna", id=2)
    world.users.create(Role.BOT, "Desk", username="desk_bot", id=3)
    return world


def test_a_message_has_an_id_of_its_own_in_each_box(world: World) -> None:
    world.send(2, 3, "/start")
    sent = world.send(1, 2, "hello", random_id=7)
    got = world.message(2, sent.twin_id)
    assert (sent.id, got.id, got.text, got.out, sent.out) == (1, 2, "hello", False, True)


def test_every_change_moves_the_pts_of_both_boxes(world: World) -> None:
    told: list[Event] = []
    world.subscribe(told.append)
    sent = world.send(1, 2, "hello")
    world.edit(1, sent.id, "hello!")
    world.react(2, sent.twin_id, "👍")
    world.read(2, 1)
    world.delete(1, [sent.id])
    assert (world.box(1).pts, world.box(2).pts) == (6, 6)
    assert [type(e) for e in told if not isinstance(e, events.UserChanged) and e.owner == 1] == [
        events.MessageNew,
        events.MessageEdited,
        events.MessageEdited,
        events.ReadOutbox,
        events.MessagesDeleted,
    ]


def test_a_quote_names_the_message_of_the_readers_own_box(world: World) -> None:
    world.send(2, 3, "/start")
    first = world.send(2, 1, "how much?")
    answer = world.send(1, 2, "ten", reply_to=Quote(first.twin_id))
    got = world.message(2, answer.twin_id)
    assert got.reply_to == Quote(first.id)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "MESSAGE_EMPTY"),
        (" \n ", "MESSAGE_EMPTY"),
        ("x" * 4097, "MESSAGE_TOO_LONG"),
        ("😀" * 2049, "MESSAGE_TOO_LONG"),
        ("half a pair \ud83d", "INPUT_TEXT_INVALID"),
    ],
)
def test_a_text_that_telegram_refuses_is_refused(world: World, text: str, refusal: str) -> None:
    with pytest.raises(WorldError) as caught:
        world.send(1, 2, text)
    assert caught.value.text == refusal


def test_a_button_carries_at_most_64_bytes(world: World) -> None:
    world.send(2, 3, "/start")
    world.send(3, 2, "fits", keyboard=Keyboard(((Button("b", b"x" * 64),),)))
    with pytest.raises(WorldError, match="BUTTON_DATA_INVALID"):
        world.send(3, 2, "does not", keyboard=Keyboard(((Button("b", b"x" * 65),),)))


def test_a_bot_writes_only_to_who_started_it(world: World) -> None:
    with pytest.raises(WorldError, match="BOT_NOT_STARTED"):
        world.send(3, 2, "hello")
    world.send(2, 3, "/start")
    assert world.send(3, 2, "hello").text == "hello"


def test_an_edit_that_changes_nothing_is_refused(world: World) -> None:
    sent = world.send(1, 2, "same")
    with pytest.raises(WorldError, match="MESSAGE_NOT_MODIFIED"):
        world.edit(1, sent.id, "same")


def test_a_listener_that_fails_harms_nobody_else(world: World) -> None:
    told: list[Event] = []

    def broken(event: Event) -> None:
        raise RuntimeError("broken listener")

    world.subscribe(broken)
    world.subscribe(told.append)
    world.send(1, 2, "hello")
    assert len(told) == 2


def test_everything_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    world = peopled(World(data=tmp_path))
    sent = world.send(1, 2, "hello", random_id=7)
    world.send(2, 1, "photo", media=Media(MediaKind.PHOTO, world.files.add(b"\x00\xff"), size=2))
    world.send(2, 3, "/start")
    world.send(3, 2, "choose", keyboard=Keyboard(((Button("b", b"\xff\x00"),),)))
    world.read(1, 2)
    world.delete(1, [sent.id], revoke=False)
    hashes = world.users.access_hash(1, 2)

    again = World(data=tmp_path)  # nothing was closed
    assert again.users[2] == world.users[2]
    assert again.users.access_hash(1, 2) == hashes
    for owner in (1, 2):
        old, new = world.box(owner), again.box(owner)
        assert (new.messages, new.journal, new.chats, new.pts, new.last_id) == (
            old.messages,
            old.journal,
            old.chats,
            old.pts,
            old.last_id,
        )
    assert again.files.get(1) == b"\x00\xff"
    with pytest.raises(WorldError, match="RANDOM_ID_DUPLICATE"):
        again.send(1, 2, "hello", random_id=7)
