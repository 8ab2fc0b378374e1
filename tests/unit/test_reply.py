"""What a model may answer, and what is made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesbot.dialog.model import FieldKind, Learnt, Outcome, Promise, Reply
from salesbot.dialog.scenario import Field, Scenario
from salesbot.errors import InvalidReply
from salesbot.llm.reply import TELEGRAM_LIMIT, parse, response_format, units
from tests.talk import TEAPOTS

ASKING = replace(TEAPOTS, fields=(Field("pots", FieldKind.NUMBER, "how many pots"), Field("day", FieldKind.DATE, "")))


def answer(parts: object = ("Good day!",), **also: object) -> str:
    fields = {"parts": parts, "stage": "hello", "outcome": "none", "handoff": None, **also}
    return json.dumps({name: value for name, value in fields.items() if value != "absent"}, ensure_ascii=False)


GOOD = [
    (answer(), Reply(("Good day!",), "hello")),
    (answer(["a", "b", "c"], stage="offer"), Reply(("a", "b", "c"), "offer")),
    (answer(outcome="won", handoff="call at ten"), Reply(("Good day!",), "hello", Outcome.WON, "call at ten")),
    (answer(outcome="lost"), Reply(("Good day!",), "hello", Outcome.LOST)),
    (answer(handoff=""), Reply(("Good day!",), "hello")),
    (answer(outcome="absent", handoff="absent"), Reply(("Good day!",), "hello")),
    (answer(mood="merry"), Reply(("Good day!",), "hello")),
    (answer(facts=["teapot", "nothing", "teapot"]), Reply(("Good day!",), "hello", facts=("teapot",))),
    (answer(facts=None, sums=None, learnt=None, promise=None), Reply(("Good day!",), "hello")),
    (answer(sums=[" 3 * teapot ", ""]), Reply(("Good day!",), "hello", sums=("3 * teapot",))),
    (answer(opt_out=True), Reply(("Good day!",), "hello", opt_out=True)),
    (answer([], opt_out=True), Reply((), "hello", opt_out=True)),
    (f"```json\n{answer()}\n```", Reply(("Good day!",), "hello")),
    (f"\n```\n{answer()}```\n", Reply(("Good day!",), "hello")),
    (answer(["  Добрый день! \n", "", " \n"]), Reply(("Добрый день!",), "hello")),
    (answer(["one\r\ntwo\tthree"]), Reply(("one\ntwo\tthree",), "hello")),
    (answer(["nul\x00 bell\x07 esc\x1b[0m"]), Reply(("nul bell esc[0m",), "hello")),
    ('{"parts": ["half \\ud83d a face"], "stage": "hello"}', Reply(("half  a face",), "hello")),
    ('{"parts": ["whole \\ud83d\\ude00 face"], "stage": "hello"}', Reply(("whole 😀 face",), "hello")),
]

BAD = [
    ("", "schema"),
    ("Good day!", "schema"),
    ('{"parts": ["Hello', "schema"),
    ("null", "schema"),
    ("[]", "schema"),
    ('{"stage": "hello"}', "schema"),
    (answer("Good day!"), "schema"),
    (answer([1]), "schema"),
    (answer([None]), "schema"),
    (answer(stage=None), "schema"),
    (answer(outcome="opted_out"), "schema"),
    (answer(handoff=True), "schema"),
    (answer(opt_out="yes"), "schema"),
    (answer(promise="tomorrow"), "schema"),
    (answer(learnt=[{"field": "pots"}]), "schema"),
    (answer(learnt=[{"field": "pots", "value": "1", "quote": "one"}] * 50), "schema"),
    (answer(sums=["1 * teapot"] * 50), "schema"),
    (answer([]), "empty"),
    (answer(["", " \n "]), "empty"),
    (answer(["\x00\x00"]), "empty"),
    (answer(stage="closing"), "stage"),
    (answer(["a", "b", "c", "d"]), "too_long"),
    (answer(["word " * 100]), "too_long"),
    (f"{answer()} {answer()}", "schema"),
    ("[" * 100_000, "schema"),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_a_good_answer_becomes_a_reply(text: str, expected: Reply) -> None:
    assert parse(text, TEAPOTS) == expected


@pytest.mark.parametrize(
    ("learnt", "expected"),
    [
        ({"field": "pots", "value": " 3 ", "quote": "three pots"}, Learnt("pots", "3", "three pots")),
        ({"field": "pots", "value": 3, "quote": "three pots"}, Learnt("pots", "3", "three pots")),
        ({"field": "pots", "value": "3"}, None),
        ({"field": "pots", "value": None, "quote": "three pots"}, None),
        ({"field": "pots", "value": "", "quote": "three pots"}, None),
        ({"field": "mood", "value": "merry", "quote": "ha ha"}, None),
    ],
)
def test_what_was_learnt_needs_a_field_a_value_and_a_quote(learnt: object, expected: Learnt | None) -> None:
    assert parse(answer(learnt=[learnt]), ASKING).learnt == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("promise", "expected"),
    [
        ({"what": "send the list", "until": None}, Promise("send the list")),
        ({"what": "send the list"}, Promise("send the list")),
        (
            {"what": "call", "until": "2026-11-24T15:00"},
            Promise("call", datetime(2026, 11, 24, 12, 0, tzinfo=UTC)),
        ),
        (
            {"what": "call", "until": "2026-11-24T15:00:00+01:00"},
            Promise("call", datetime(2026, 11, 24, 14, 0, tzinfo=UTC)),
        ),
        ({"what": "call", "until": "tomorrow at three"}, Promise("call (tomorrow at three)")),
        ({"what": "call", "until": "0001-01-01T00:00"}, Promise("call (0001-01-01T00:00)")),
        ({"what": "  ", "until": "2026-11-24T15:00"}, None),
    ],
)
def test_a_promise_has_the_moment_that_the_person_means(promise: object, expected: Promise | None) -> None:
    """Times are the person's own, here Moscow's; one that cannot be read stays in words."""
    assert parse(answer(promise=promise), TEAPOTS, ZoneInfo("Europe/Moscow")).promise == expected


@pytest.mark.parametrize(("text", "code"), BAD, ids=range(len(BAD)))
def test_a_bad_answer_is_refused_with_what_to_mend(text: str, code: str) -> None:
    with pytest.raises(InvalidReply) as caught:
        parse(text, TEAPOTS)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


def test_the_refusal_does_not_repeat_what_was_answered() -> None:
    with pytest.raises(InvalidReply) as caught:
        parse('{"parts": "the secret of the person", "stage": "hello"}', TEAPOTS)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_long_part_is_divided_at_its_paragraphs() -> None:
    paragraphs = ["First. " * 20, "Second. " * 20]
    assert parse(answer(["\n\n".join(paragraphs)]), TEAPOTS).parts == tuple(one.strip() for one in paragraphs)


def test_a_long_paragraph_is_divided_after_a_sentence() -> None:
    text = "A sentence of some length stands here, with a comma. " * 10
    parts = parse(answer([text]), TEAPOTS).parts
    assert len(parts) == 2
    assert all(part.endswith("comma.") and units(part) <= TEAPOTS.max_part_chars for part in parts)


def test_length_is_counted_in_utf_16_units() -> None:
    assert units("a😀я") == 4
    wide = replace(TEAPOTS, max_part_chars=3000)
    parts = parse(answer(["😀" * 1400 + ". " + "🫖" * 1400]), wide).parts
    assert [units(part) for part in parts] == [2801, 2800]


@settings(deadline=None)
@given(st.lists(st.text(max_size=600), max_size=4), st.sampled_from(["hello", "offer", "nowhere"]))
def test_whatever_is_accepted_can_be_sent(parts: list[str], stage: str) -> None:
    try:
        reply = parse(json.dumps({"parts": parts, "stage": stage}), TEAPOTS)
    except InvalidReply:
        return
    assert 1 <= len(reply.parts) <= 3
    for part in reply.parts:
        assert part == part.strip() != ""
        assert units(part) <= min(TELEGRAM_LIMIT, TEAPOTS.max_part_chars)
        assert part.encode()  # no lone surrogate
        assert "\x00" not in part


def test_the_schema_is_strict_and_names_the_stages() -> None:
    form = response_format(TEAPOTS)
    assert form["type"] == "json_schema"
    described = form["json_schema"]
    assert isinstance(described, dict)
    assert described["strict"] is True
    schema = described["schema"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"])
    assert schema["properties"]["stage"]["enum"] == ["hello", "offer", "over"]
    assert schema["properties"]["facts"]["items"]["enum"] == ["teapot"]


def objects(schema: object) -> list[dict[str, object]]:
    """All objects that a schema describes."""
    if isinstance(schema, list):
        return [found for one in schema for found in objects(one)]
    if not isinstance(schema, dict):
        return []
    inner = [found for one in schema.values() for found in objects(one)]
    return [schema, *inner] if schema.get("type") == "object" else inner


@pytest.mark.parametrize("scenario", [TEAPOTS, ASKING], ids=["no fields", "fields"])
def test_strict_modes_get_what_they_ask_for(scenario: Scenario) -> None:
    """Every object demands all it has and allows nothing else; no list of choices is empty."""
    form = response_format(scenario)
    found = objects(form)
    assert len(found) == 3
    for one in found:
        properties = one["properties"]
        assert isinstance(properties, dict)
        assert one["required"] == list(properties)
        assert one["additionalProperties"] is False
    assert "[]" not in json.dumps(form)
