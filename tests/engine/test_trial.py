"""A trial: the account talks with one person alone. Everybody else rests, and nothing of theirs is lost or moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from salesbot.dialog.model import DialogEvent, Status
from salesbot.dialog.trial import Trial
from tests.engine.patience import until
from tests.engine.running import Engine, Town
from tests.engine.two import next_part

A_DAY = timedelta(hours=24, seconds=1)


def with_anna(town: Town) -> None:
    town.trial = Trial(town.anna, "Anna")


async def row(town: Town, dialog_id: int) -> dict[str, Any]:
    return dict((await town.rows("select * from dialogs where id = $1", dialog_id))[0])


async def has_gone_round(engine: Engine) -> None:
    """Whatever is due was looked at: Anna, who wrote last, was answered, and the chores were done."""
    engine.town.says("Are you there?")
    heard = len(engine.town.heard())
    await until(lambda: len(engine.town.heard()) > heard, "Anna is answered")
    await engine.chores.look()


async def test_who_is_not_in_the_trial_rests_and_is_answered_afterwards(town: Town) -> None:
    boris = town.who("boris")
    async with town.engine() as engine:
        await engine.begin("anna")
        await engine.begin("boris")
    with_anna(town)
    async with town.engine() as engine:
        town.says("How much is it?", who=boris)
        await town.until_stored("How much is it?")
        due = (await town.dialog(2)).due_at
        await has_gone_round(engine)
        assert town.heard(boris) == ["Hello"]
        assert due is not None and (await town.dialog(2)).due_at == due
    town.trial = None
    async with town.engine():
        await until(lambda: len(town.heard(boris)) > 1, "Boris is answered")


async def test_no_timer_of_others_moves_during_a_trial(town: Town) -> None:
    """Neither a follow-up nor a human who does not come is a reason: whole rows are compared."""
    boris, clara = town.who("boris"), town.who("clara")
    async with town.engine() as engine:
        for name in ("anna", "boris", "clara"):
            await engine.begin(name)
        await engine.lead(DialogEvent.HANDOFF, 3)
    before = [await row(town, number) for number in (2, 3)]
    with_anna(town)
    await town.clock.turn(A_DAY)
    async with town.engine() as engine:
        await until(lambda: len(town.heard()) > 1, "Anna is followed up")
        await has_gone_round(engine)
    assert [await row(town, number) for number in (2, 3)] == before
    assert town.heard(boris) == town.heard(clara) == ["Hello"]
    town.trial = None
    async with town.engine() as engine:
        await until(lambda: len(town.heard(boris)) > 1, "Boris is followed up")
        await engine.chores.look()
        await town.until_value("select reminders from dialogs where id = 3", 1)


async def test_who_opts_out_during_a_trial_hears_the_farewell_after_it(town: Town) -> None:
    town.scenario = replace(town.scenario, farewell={"en": "Bye then"})
    boris = town.who("boris")
    async with town.engine() as engine:
        await engine.begin("anna")
        await engine.begin("boris")
    with_anna(town)
    async with town.engine() as engine:
        town.says("Do not write to me", who=boris)
        await town.until_parts(("Hello", "sent"), ("Bye then", "pending"), dialog_id=2)
        await has_gone_round(engine)
    assert town.heard(boris) == ["Hello"]
    await town.clock.turn(timedelta(hours=3))
    town.trial = None
    async with town.engine():
        await until(lambda: town.heard(boris) == ["Hello", "Bye then"], "the farewell is heard")


async def test_a_name_asked_for_before_the_trial_is_looked_up_after_it(town: Town) -> None:
    with_anna(town)
    async with town.engine() as engine:
        await engine.start("boris")
        await engine.begin("anna")
        await has_gone_round(engine)
        assert (await town.dialog(1)).status is Status.RESOLVING
    town.trial = None
    async with town.engine():
        await until(lambda: bool(town.heard(town.who("boris"))), "Boris is written to")


async def test_a_name_that_leads_to_somebody_else_by_now_is_not_written_to(town: Town) -> None:
    """Usernames are released and taken by others: the trial is with a person (law 7)."""
    async with town.engine() as engine:
        await engine.begin("anna")
    town.trial = Trial(town.anna, "boris")
    async with town.engine() as engine:
        await engine.start("boris")
        bound = await town.until_status(Status.ACTIVE, 2)
        await has_gone_round(engine)
    assert await town.parts(2) == [], "nothing is drafted either"
    assert bound.contact_id == town.who("boris")
    assert not town.heard(town.who("boris"))


async def test_a_part_on_its_way_to_somebody_else_is_not_claimed(town: Town) -> None:
    boris = town.who("boris")
    town.slower(typing_min_seconds=60, typing_max_seconds=60)
    async with town.engine() as engine:
        town.answers("Hello")
        await engine.start("boris")
        await town.until_parts(("Hello", "pending"))
    with_anna(town)
    town.slower(typing_min_seconds=0, typing_max_seconds=0)
    async with town.engine() as engine:
        await engine.begin("anna")
        async with town.pool.acquire() as connection:
            part = await next_part(connection)
        assert part is not None
        live = engine.context.live[town.account]
        assert not await engine.outbox.claim_and_send(live, part)
        assert await town.parts() == [("Hello", "pending")]
        assert not town.heard(boris)
    town.trial = None
    async with town.engine():
        await until(lambda: town.heard(boris) == ["Hello"], "Boris is written to")


async def test_others_who_wait_to_be_begun_do_not_take_the_place_of_the_trial(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"new_dialogs_per_day": 1, "warm_up": ()})
    with_anna(town)
    async with town.engine() as engine:
        await engine.start("boris")
        await engine.begin("anna")
    assert not town.heard(town.who("boris"))
