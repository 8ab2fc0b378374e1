"""Texts as the server sees them; offsets count UTF-16 units."""

import pytest

from sandbox.world import Entity
from sandbox.world.text import checked, trimmed, units


@pytest.mark.parametrize(("text", "length"), [("abc", 3), ("é", 1), ("😀", 2), ("", 0)])
def test_lengths_are_utf_16_units(text: str, length: int) -> None:
    assert units(text) == length


@pytest.mark.parametrize(
    ("text", "entity", "left"),
    [
        ("  bold ", Entity("bold", 2, 4), ("bold", (Entity("bold", 0, 4),))),
        ("\n😀 bold", Entity("bold", 4, 4), ("😀 bold", (Entity("bold", 3, 4),))),
        ("bold  ", Entity("bold", 0, 6), ("bold", (Entity("bold", 0, 4),))),
        ("bold  ", Entity("bold", 4, 2), ("bold", ())),
    ],
)
def test_white_ends_are_cut_and_entities_move_along(text: str, entity: Entity, left: object) -> None:
    assert trimmed(text, [entity]) == left


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start @anna now", [("bot_command", 0, 6), ("mention", 7, 5)]),
        ("😀 https://example.org/x?y=1", [("url", 3, 25)]),
        ("mail me at a@anna.example, 1/2", []),
    ],
)
def test_commands_mentions_and_links_are_found(text: str, found: list[tuple[str, int, int]]) -> None:
    _, entities = checked(text, (), has_media=False)
    assert [(e.kind, e.offset, e.length) for e in entities] == found


def test_what_is_formatted_already_is_left_alone() -> None:
    code = Entity("code", 0, 14)
    assert checked("/start in code", [code], has_media=False)[1] == (code,)
