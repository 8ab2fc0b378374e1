"""A human is called whenever the person has heard, or has reason to think, that one is; and not for ever again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from salesbot.dialog.model import DialogEvent, Outcome, Status
from sandbox.world import Action
from tests.engine.running import Engine, Town

REASON = "select data ->> 'reason' from events where kind = $1 order by id desc limit 1"
COMES = "A colleague will see to that"


@pytest.mark.parametrize(
    ("line", "also", "reason"),
    [("Delete my data", {}, "erase"), ("I want to buy", {"handoff": "wants to buy"}, "asked")],
)
async def test_a_human_comes_although_they_wrote_on_while_they_were_told_so(
    town: Town, engine: Engine, line: str, also: dict[str, str], reason: str
) -> None:
    await engine.begin()
    town.answers(COMES, "Anything else?", **also)
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says(line)
    await town.fired(held)
    town.says("B-2")
    await town.until_stored("B-2")
    assert (await town.dialog()).status is Status.ACTIVE, "whether they have heard it is not known yet"
    town.release(held)
    await town.until_status(Status.HANDOFF)
    await town.until_at_rest()
    assert town.heard() == ["Hello", COMES]
    assert await town.value(REASON, "handoff") == reason
    await engine.lead(DialogEvent.GIVE)
    await town.until_heard("Hello", COMES, "B-2")
    assert (await town.dialog()).status is Status.ACTIVE, "they were called once"


async def test_a_human_comes_at_once_when_the_rest_of_what_told_so_is_overtaken(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.slower(part_pause_seconds=60)
    async with town.engine():
        town.answers(COMES, "Anything else?", handoff="wants to buy")
        town.says("A-1")
        await town.until_parts(("Hello", "sent"), (COMES, "sent"), ("Anything else?", "pending"))
        town.says("B-2")
        await town.until_status(Status.HANDOFF)
        await town.until_parts(("Hello", "sent"), (COMES, "sent"), ("Anything else?", "cancelled"))
        assert (await town.dialog()).handoff_note == "wants to buy"


async def test_a_human_comes_after_a_reply_that_stands_against_newer_messages(town: Town, engine: Engine) -> None:
    await engine.begin()
    first, second = town.fault("model.chat", Action.HOLD), town.fault("model.chat", Action.HOLD)
    town.says("Delete my data")
    await town.fired(first)
    town.says("B-2")
    await town.until_stored("B-2")
    town.release(first)
    await town.fired(second)
    town.says("C-3")
    await town.until_stored("C-3")
    town.release(second)
    await town.until_status(Status.HANDOFF)
    await town.until_at_rest()
    assert town.heard() == ["Hello", "B-2"]
    assert await town.value(REASON, "handoff") == "erase"


async def test_an_end_is_overtaken_by_a_newer_message(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("Goodbye then", outcome="lost")
    held = town.fault("messages.sendMessage", Action.HOLD_ANSWER, user=town.account)
    town.says("A-1")
    await town.fired(held)
    town.says("B-2")
    await town.until_stored("B-2")
    town.release(held)
    await town.until_heard("Hello", "Goodbye then", "A-1 B-2")
    await town.until_at_rest()
    assert (await town.dialog()).status is Status.ACTIVE


async def test_an_edit_that_asks_for_erasure_after_the_answer_brings_a_human(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.turn_clock(timedelta(minutes=1))
    said = town.world.send(town.anna, town.account, "A-1").id
    await town.until_heard("Hello", "A-1")
    await town.until_at_rest()
    town.world.edit(town.anna, said, "Delete my data")
    await town.until_stored("Delete my data")
    town.says("B-2")
    await town.until_status(Status.HANDOFF)
    assert await town.value(REASON, "handoff") == "erase"


@pytest.mark.parametrize(
    "lines",
    [
        ("Please delete my data and stop writing to me",),
        ("Удалите мои данные и больше не пишите",),
        ("Delete my data", "Stop writing to me"),
    ],
)
async def test_an_opt_out_does_not_swallow_a_wish_to_be_erased(
    town: Town, engine: Engine, lines: tuple[str, ...]
) -> None:
    await engine.begin()
    held = town.fault("model.chat", Action.HOLD)
    for line in lines:
        town.says(line)
        await town.until_stored(line)
    await town.until_status(Status.CLOSED)
    town.release(held)
    assert (await town.dialog()).outcome is Outcome.OPTED_OUT
    assert await town.value(REASON, "opt_out") == "erase"
    assert await town.value("select count(*) from suppressions") > 0


async def test_the_models_opt_out_does_not_swallow_it_either(town: Town, engine: Engine) -> None:
    await engine.begin()
    town.answers("All right", opt_out=True)
    town.says("Delete my data, I am through with you")
    await town.until_status(Status.CLOSED)
    assert await town.value(REASON, "opt_out") == "erase"


@pytest.mark.parametrize("line", ["Delete my data", "Delete my data and stop writing to me"])
async def test_who_wrote_to_a_quiet_dialog_is_erased_on_demand_as_well(town: Town, engine: Engine, line: str) -> None:
    await engine.begin()
    town.says("Stop writing to me")
    await town.until_status(Status.CLOSED)
    assert await town.value(REASON, "opt_out") == ""
    for said in ("Hey", line):  # of the first the operator was told just now
        town.says(said)
        await town.until_stored(said)
    assert await town.value(REASON, "wrote_while_quiet") == "erase"
    assert (await town.dialog()).status is Status.CLOSED


async def test_two_machines_given_back_by_a_human_talk_on(town: Town, engine: Engine) -> None:
    await engine.begin()
    line, said = "Thank you for your message, we will answer soon.", ["Hello"]
    for answer in ("We have teapots", "And cups, too"):
        town.answers(answer)
        town.says(line)
        said.append(answer)
        await town.until_heard(*said)
        await town.until_at_rest()
    town.says(line)
    await town.until_status(Status.HANDOFF)
    await engine.turn_clock(timedelta(minutes=5))
    town.answers("Still there?")
    await engine.lead(DialogEvent.GIVE)
    await town.until_heard(*said, "Still there?")
    await town.until_at_rest()
    assert (await town.dialog()).status is Status.ACTIVE
    assert (await town.kinds()).count("handoff") == 1
