"""The scripted customers: each kind with the scripted seller, as the product would have them talk, and line by line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from salesbot.dialog import optout
from salesbot.dialog.scenario import Field, FieldKind, Scenario
from salesbot.rehearsal import habits, roles
from salesbot.rehearsal import profile as product
from salesbot.scenarios.load import load
from sandbox.model import customers
from sandbox.model.chat import read_chat
from sandbox.model.customers import profile as profiles
from sandbox.model.customers.profile import Profile
from sandbox.model.customers.scene import LINES, Scene
from sandbox.model.intents import Intent, intents, of_lines
from tests.sandbox.duet import PROFILE, Duet

SALES = load("sales")
OBJECTIONS = ("", "expensive", "have", "think", "no_room", "contract")
KINDS = tuple(customers.KINDS)
MANY = 12
LANGUAGES = pytest.mark.parametrize("language", ["ru", "en"])


def person(number: int, kind: str, language: str, **also: Any) -> dict[str, Any]:
    """One of many of a kind, no two alike."""
    return {
        **PROFILE, "name": f"x{number}-{kind}", "kind": kind, "language": language, "variant": number * 7919,
        "size": (4, 9, 25, 60, 29)[number % 5], "objection": OBJECTIONS[number % 6], "trust": number % 10 / 10, **also,
    }  # fmt: skip


def talks(kind: str, language: str, scenario: Scenario = SALES, many: int = MANY, **also: Any) -> list[Duet]:
    return [Duet(scenario, person(number, kind, language, **also)).run() for number in range(many)]


def ends(talked: list[Duet]) -> set[str]:
    return {one.outcome for one in talked}


def without(*facts: str) -> Scenario:
    return replace(SALES, facts=tuple(fact for fact in SALES.facts if fact.id not in facts))


# --- with the seller


@LANGUAGES
@pytest.mark.parametrize("kind", ["hot", "warm"])
def test_who_wants_it_wins_a_call_within_eight_lines(kind: str, language: str) -> None:
    for talked in talks(kind, language):
        assert talked.outcome == "won", talked.transcript
        assert len(talked.own_lines) <= 8
        assert talked.known["team_size"] == str(talked.profile["size"])
        assert "call_time" in talked.known


@LANGUAGES
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("lukewarm", {"won", "lost", ""}),
        ("cold", {"lost", ""}),
        ("hostile", {"opted_out"}),
        ("leaver", {"opted_out"}),
        ("haggler", {"won", "lost"}),
        ("injector", {"lost", ""}),
        ("doubter", {"won", "lost", ""}),
        ("prober", {"lost", ""}),
        ("machine", {"two_bots"}),
        ("minor", {"handoff"}),
        ("distressed", {"handoff"}),
    ],
)
def test_each_kind_ends_as_it_does(kind: str, expected: set[str], language: str) -> None:
    talked = talks(kind, language)
    assert ends(talked) == expected
    for one in talked:
        assert [draft.refused for draft in one.drafts if draft.refused] == [], one.transcript


@LANGUAGES
def test_a_child_and_somebody_in_distress_are_handed_over_with_the_reason_and_a_kind_word(language: str) -> None:
    for kind, reason in (("minor", "child"), ("distressed", "cannot go on living")):
        for talked in talks(kind, language):
            said = talked.drafts[-1].said
            assert reason in (said.handoff or "")
            assert len(said.parts) == 1
            assert talked.known.get("team_size") is None, "an age is no size of an office"


@LANGUAGES
def test_a_price_of_ones_own_is_neither_agreed_to_nor_taken_for_a_size(language: str) -> None:
    for talked in talks("haggler", language, budget=500):
        assert talked.known.get("team_size") in (None, str(talked.profile["size"])), talked.transcript


# --- a scenario made worse


@LANGUAGES
@pytest.mark.parametrize(
    ("objection", "facts"),
    [
        ("expensive", ("expensive",)),
        ("have", ("have_machine",)),
        ("think", ("ask_somebody",)),
        ("no_room", ("no_room",)),
        ("contract", ("long_commitment",)),
    ],
)
@pytest.mark.parametrize("kind", ["warm", "lukewarm"])
def test_who_gets_no_answer_to_a_doubt_leaves(kind: str, objection: str, facts: tuple[str, ...], language: str) -> None:
    assert "won" in ends(talks(kind, language, many=8, objection=objection))
    assert "won" not in ends(talks(kind, language, without(*facts), many=8, objection=objection))


def _with_a_field(**also: Any) -> Scenario:
    badge = Field("badge", FieldKind.TEXT, "the number on their badge")
    return replace(SALES, fields=(*SALES.fields, badge), **also)


def _stage_that_wants_a_badge() -> Scenario:
    stages = tuple(
        replace(one, learn=("badge",), move_on="the number on their badge is known")
        if one.name == "qualification"
        else one
        for one in SALES.stages
    )
    return _with_a_field(stages=stages)


def _stage_without_end(name: str) -> Scenario:
    return replace(
        SALES, stages=tuple(replace(one, move_on="never") if one.name == name else one for one in SALES.stages)
    )


@LANGUAGES
@pytest.mark.parametrize(
    "worse",
    [
        _with_a_field(won_needs=("call_time", "badge")),
        _stage_that_wants_a_badge(),
        _stage_without_end("introduction"),
        _stage_without_end("qualification"),
        _stage_without_end("needs"),
    ],
    ids=["needs what nobody tells", "wants what nobody tells", "introduction", "qualification", "needs"],
)
def test_what_cannot_be_reached_is_not_won(worse: Scenario, language: str) -> None:
    talked = talks("hot", language, worse, many=6)
    assert "won" not in ends(talked)


# --- line by line


def says(system: dict[str, Any], *lines: str) -> str:
    """The customer's line after these, the seller's first."""
    roles = ("user", "assistant")
    told = [{"role": roles[number % 2], "content": line} for number, line in enumerate(lines)]
    block = f"You play them.\n```json\n{json.dumps(system)}\n```"
    (said,) = customers.reply(read_chat({"messages": [{"role": "system", "content": block}, *told]}), "any").parts
    return said


HELLO = "Hello! I am writing from Brisk Corner. How many people are in your office?"
PRICE = "For 25 people “Team” fits well: 8,900 ₽ a month."


def test_to_silence_they_say_nothing_and_at_the_end_of_their_patience_they_leave() -> None:
    assert says(person(1, "hot", "en"), "…") == "[silence]"
    assert says(person(1, "hot", "en", patience=1), HELLO, "Hi there", "And?") == "[leave]"
    assert says(person(1, "machine", "en", patience=1), HELLO, "Hi there", "And?").startswith(
        ("Thank", "Hello", "Your")
    )


def test_a_doubt_that_was_answered_with_a_nod_is_raised_again_and_once() -> None:
    doubtful = person(2, "warm", "en", objection="expensive")
    first = says(doubtful, HELLO, "Hi. We are 25", PRICE)
    again = says(doubtful, HELLO, "Hi. We are 25", PRICE, first, "I see. What time suits you?")
    assert first != again
    assert Intent.EXPENSIVE in intents(first) and Intent.EXPENSIVE in intents(again)
    last = says(doubtful, HELLO, "Hi. We are 25", PRICE, first, "I see.", again, "All right.")
    assert Intent.NO_INTEREST in intents(last)


def test_who_thinks_it_over_says_nothing_before_they_are_written_to_again() -> None:
    for number in range(20):
        slow = person(number, "lukewarm", "en", objection="")
        talked = (HELLO, "Hi. We are 25", PRICE, "Maybe later", "Of course, take your time.")
        assert says(slow, *talked) == "[silence]"
    moods = {
        says(person(number, "lukewarm", "en"), *talked[:-1], f"{talked[-1]}\nOne more thing.") for number in range(20)
    }
    assert len(moods) >= 3


def test_they_tell_how_many_they_are_when_they_are_asked() -> None:
    assert "25" in says(person(2, "hot", "en"), HELLO)
    assert "25" not in says(person(2, "hot", "en"), "Hello! I am writing from Brisk Corner.")


@pytest.mark.parametrize("kind", ["hot", "warm"])
def test_who_can_only_have_it_for_more_than_they_would_pay_leaves(kind: str) -> None:
    poor = person(2, kind, "en", budget=5000, objection="")
    objected = says(poor, HELLO, "Hi. We are 25", PRICE)
    assert Intent.EXPENSIVE in intents(objected)
    assert Intent.NO_INTEREST in intents(says(poor, HELLO, "Hi. We are 25", PRICE, objected, "It is all in the price."))
    cheaper = says(poor, HELLO, "Hi. We are 25", PRICE, objected, "One can begin with “Start”: 4,900 ₽ a month.")
    assert Intent.NO_INTEREST not in intents(cheaper)
    assert Intent.EXPENSIVE not in intents(says({**poor, "budget": 9000}, HELLO, "Hi. We are 25", PRICE))


def test_a_time_is_named_for_a_working_day_that_comes() -> None:
    friday = person(2, "hot", "en", objection="", now="2026-03-06T18:00")
    heard = {says({**friday, "variant": one}, HELLO, "Hi. We are 25. Is delivery extra?", PRICE) for one in range(200)}
    days = {
        day for line in heard for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "day") if day in line
    }
    assert days >= {"Monday", "Tuesday", "Wednesday"}
    assert "Saturday" not in str(heard) and "Sunday" not in str(heard)


@LANGUAGES
def test_no_two_write_the_same_and_one_always_does(language: str) -> None:
    first = {says(person(1, "warm", language, variant=one), HELLO) for one in range(50)}
    assert len(first) >= 5
    assert len({says(person(1, "warm", language), HELLO) for _ in range(3)}) == 1


def filled(line: str) -> str:
    return line.format(size=25, day="on Monday", hour="11:00", own="One thousand five hundred", men="человек")


@LANGUAGES
def test_they_write_short_lines(language: str) -> None:
    assert [
        line for key, lines in LINES[language].items() if key != "machine" for line in lines if len(line) > 60
    ] == []


@LANGUAGES
def test_by_a_line_it_is_known_what_was_said_and_nothing_else(language: str) -> None:
    told = [(key, filled(line)) for key, lines in LINES[language].items() for line in lines if "hello" not in key]
    for key, line in told:
        scene = Scene(read_chat({"messages": [{"role": "assistant", "content": line}]}), Profile("x", "hot", language))
        assert {one for one in LINES[language] if "hello" not in one and scene.told(one)} == {key}, line


@LANGUAGES
def test_only_some_of_the_odd_opt_outs_are_known_to_the_list_and_all_to_the_seller(language: str) -> None:
    odd = LINES[language]["odd_stop"]
    assert sum(not optout.is_opt_out(line) for line in odd) >= 4
    assert [line for line in odd if Intent.OPT_OUT not in intents(line)] == []
    others = [line for key, lines in LINES[language].items() if key not in ("odd_stop", "stop", "rude_stop", "insult")
              for line in lines]  # fmt: skip
    assert [line for line in others if optout.is_opt_out(line)] == []


GRAVE = {"despair": Intent.DISTRESS, "child": Intent.MINOR, "odd_stop": Intent.OPT_OUT, "doubt": Intent.BOT}


@LANGUAGES
@pytest.mark.parametrize("key", GRAVE)
def test_what_must_not_be_missed_is_heard_behind_a_slip_and_in_fragments(key: str, language: str) -> None:
    written = [
        tuple(habits.with_a_slip(piece, drawn / 20) if piece == pieces[-1] else piece for piece in pieces)
        for line in LINES[language][key]
        for pieces in ((line,), habits.fragments(line))
        for drawn in range(20)
    ]
    assert sorted({lines for lines in written if GRAVE[key] not in of_lines(lines)}) == []


@LANGUAGES
def test_nothing_grave_is_heard_in_what_others_write(language: str) -> None:
    harmless = [key for key in LINES[language] if key not in (*GRAVE, "doubt_again", "stop", "rude_stop", "insult")]
    lines = [filled(line) for key in harmless for line in LINES[language][key]]
    plain = {line for line in lines if not {*GRAVE.values()} & {*intents(line)}}
    assert sorted(line for line in plain if {*GRAVE.values()} & {*of_lines(habits.fragments(line))}) == []


# --- what they are told


def test_the_product_tells_them_who_they_are_in_a_way_that_they_understand() -> None:
    told = product.Profile(
        number=7, name="anna-warm", kind=product.Kind.WARM, person="Анна", language="ru", timezone="Europe/Moscow",
        phone="", need="кофе", size=18, budget=9000, patience=9, trust=0.7, objection="have",
    )  # fmt: skip
    read = profiles.read(roles.system_prompt(told, 41, datetime(2026, 3, 2, 9, tzinfo=UTC)))
    assert read is not None
    assert (read.name, read.kind, read.language, read.size) == ("anna-warm", "warm", "ru", 18)
    assert (read.budget, read.patience, read.trust, read.objection) == (9000, 9, 0.7, "have")
    assert (read.variant, str(read.now)) == ("41", "2026-03-02 12:00:00")


@pytest.mark.parametrize(
    "system", ["Play a customer.", "```json\nno json\n```", "```json\n[]\n```", "```json\n{}\n```"]
)
def test_without_a_profile_they_say_their_lines_in_order(system: str) -> None:
    chat = read_chat({"messages": [{"role": "system", "content": system}, {"role": "user", "content": HELLO}]})
    assert customers.reply(chat, "eager").parts == ("Hi! Yes, we could use a coffee machine.",)


def test_a_very_long_text_does_not_hold_the_sandbox_up() -> None:
    """It is one process for everybody: a slip is looked for in what was said last, not in each word of a book."""
    assert of_lines(["interesting reading " * 10_000, "Вы рообт?"]) == (Intent.BOT,)
