"""Campaigns: the people of a list are written to as the day allows, in order, each once, whoever dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from salesbot.adminbot.checking import Verdict
from salesbot.dialog.campaigns import Speaker, days, room
from salesbot.dialog.model import DialogEvent, Mode, Status
from salesbot.dialog.trial import Trial
from salesbot.engine import campaigns as engine_campaigns
from salesbot.store import campaign_people, campaigns, erase, model_calls, persons, suppressions, switches
from salesbot.store.campaigns import CampaignState, Entry, Progress
from salesbot.store.pool import transaction
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import KEYS, Engine, Town

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PEOPLE = ("anna", "boris", "clara", "emma")


@pytest.mark.parametrize(
    ("left", "today", "at_once", "expected"),
    [
        (5, 0, 0, 3),
        (5, 3, 3, 0),
        (5, 3, 0, 2),
        (1, 0, 0, 1),
        (1, 1, 0, 0),
        (0, 0, 0, 0),
        (None, 9, 1, 2),
        (None, 0, 5, 0),
    ],
)
def test_room_for_new_dialogs(left: int | None, today: int, at_once: int, expected: int) -> None:
    assert room(left, today=today, at_once=at_once) == expected


@pytest.mark.parametrize(
    ("people", "speakers", "per_day", "expected"),
    [
        (0, [Speaker(None, 0)], 30, 1),
        (5, [Speaker(None, 0)], 30, 1),
        (6, [Speaker(None, 0)], 30, 2),
        (5, [Speaker(NOON, 1)], 30, 2),
        (50, [Speaker(None, 0)], 30, 4),
        (51, [Speaker(None, 0)], 30, 5),
        (60, [Speaker(NOON - timedelta(days=90), 0), Speaker(NOON - timedelta(days=90), 0)], 30, 1),
        (61, [Speaker(NOON - timedelta(days=90), 30), Speaker(NOON - timedelta(days=90), 30)], 30, 3),
        (10_000, [Speaker(None, 0)], 0, 1),
        (1, [], 30, None),
        (10**9, [Speaker(None, 0)], 1, None),
    ],
)
def test_how_many_days_a_list_takes(
    people: int, speakers: Sequence[Speaker], per_day: int, expected: int | None
) -> None:
    assert days(people, speakers, per_day, (5, 10, 15, 20), NOON) == expected


async def listed(town: Town, *names: str, state: CampaignState = CampaignState.RUNNING, **said: str) -> int:
    """A list with these people, started."""
    async with transaction(town.pool) as connection:
        entries = [Entry(line, name, **said) for line, name in enumerate(names, 1)]
        campaign = await campaigns.save(connection, "people.csv", entries, admin_id=1)
        if state is not CampaignState.CHECKED:
            await campaigns.lead(connection, campaign, CampaignState.RUNNING, 1, town.clock.now())
        if state is CampaignState.PAUSED:
            await campaigns.lead(connection, campaign, CampaignState.PAUSED, 1, town.clock.now())
    return campaign


async def lead(town: Town, campaign: int, state: CampaignState) -> None:
    async with transaction(town.pool) as connection:
        assert await campaigns.lead(connection, campaign, state, 1, town.clock.now())


async def progress(town: Town, campaign: int = 1) -> Progress:
    async with transaction(town.pool) as connection:
        return (await campaigns.progress(connection, [campaign]))[campaign]


async def opened(town: Town) -> list[str]:
    """Whom dialogs were opened with, in order."""
    return [row["target_username"] for row in await town.rows("select target_username from dialogs order by id")]


async def until_begun(town: Town, engine: Engine, *names: str) -> None:
    """Rounds of chores until each of these heard something."""

    async def all_heard() -> bool:
        await engine.chores.look()
        return all(town.heard(town.who(name)) for name in names)

    await until(all_heard, f"{names} are written to")


def next_day(town: Town) -> timedelta:
    return model_calls.day_of(town.clock.now()) + timedelta(days=1, seconds=5) - town.clock.now()


async def test_as_many_as_the_day_allows_in_the_order_of_the_list_and_the_others_tomorrow(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"new_dialogs_per_day": 3, "warm_up": (2,)})
    await listed(town, *PEOPLE)
    async with town.engine() as engine:
        await until_begun(town, engine, "anna", "boris")
        await engine.chores.look()
        assert await opened(town) == ["anna", "boris"]
        assert await progress(town) == Progress(opened=2, waiting=2)
        assert await town.value("select count(*) from events where kind = 'openings_wait'") == 0, "nobody waits inside"
        await engine.turn_clock(next_day(town))
        await until_begun(town, engine, "clara", "emma")
        assert await opened(town) == list(PEOPLE)
        await town.until_value("select state from campaigns", "finished")
    events = await town.rows("select data, untold, actor from events where kind = 'campaign_finished'")
    assert [tuple(row) for row in events] == [({"campaign": 1, "opened": 4, "skipped": 0}, True, "system")]
    assert [len(town.heard(town.who(name))) for name in PEOPLE] == [1, 1, 1, 1]
    assert await town.value("select count(*) from dialogs where campaign_id = 1 and not preview") == 4


async def test_campaigns_take_turns(town: Town) -> None:
    await listed(town, "anna", "boris")
    await listed(town, "clara", "emma")
    async with town.engine() as engine:
        await until_begun(town, engine, *PEOPLE)
    assert await opened(town) == ["anna", "clara", "boris", "emma"]


async def test_no_more_than_a_few_are_looked_up_at_a_time(town: Town) -> None:
    looking = town.fault("contacts.resolveUsername", Action.HOLD, count=None)
    await listed(town, *PEOPLE)
    async with town.engine() as engine:
        await engine.chores.look()
        await town.fired(looking)
        await engine.chores.look()
        assert await opened(town) == ["anna", "boris", "clara"]
        town.release(looking)
        await until_begun(town, engine, *PEOPLE)


async def test_a_paused_campaign_begins_nothing_and_what_was_begun_goes_on(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"new_dialogs_per_day": 1, "warm_up": ()})
    campaign = await listed(town, "anna", "boris")
    async with town.engine() as engine:
        await until_begun(town, engine, "anna")
        await lead(town, campaign, CampaignState.PAUSED)
        await engine.turn_clock(next_day(town))
        await engine.chores.look()
        assert await opened(town) == ["anna"]
        town.says("A-1")
        await until(lambda: len(town.heard()) == 2, "Anna is answered")
        await lead(town, campaign, CampaignState.RUNNING)
        await until_begun(town, engine, "boris")


@pytest.mark.parametrize("how", ["pause", "off", "account_limited", "account_flooded", "trial", "checked"])
async def test_nothing_is_begun_while(town: Town, how: str) -> None:
    await listed(town, "anna", state=CampaignState.CHECKED if how == "checked" else CampaignState.RUNNING)
    if how == "trial":
        town.trial = Trial(town.who("boris"), "boris")
    async with transaction(town.pool) as connection:
        if how == "pause":
            await switches.pause(connection, town.clock.now())
        if how == "off":
            await switches.set_mode(connection, Mode.OFF)
        if how == "account_limited":
            await connection.execute("update accounts set openings_blocked = true")
        if how == "account_flooded":
            await connection.execute("update accounts set flood_until = now() + interval '1 hour'")
    async with town.engine() as engine:
        await engine.chores.look()
        assert await opened(town) == []


async def test_each_is_written_to_once_whenever_the_process_is_killed(town: Town) -> None:
    await listed(town, *PEOPLE)
    for api in ("contacts.resolveUsername", "model.chat", "messages.sendMessage"):
        held = town.fault(api, Action.HOLD)
        async with town.engine() as engine:
            await engine.chores.look()
            await town.fired(held)
            await engine.kill()
        town.world.faults.clear()
    async with town.engine() as engine:
        await until_begun(town, engine, *PEOPLE)
        await town.until_value("select state from campaigns", "finished")
    assert await opened(town) == list(PEOPLE)
    assert [len(town.heard(town.who(name))) for name in PEOPLE] == [1, 1, 1, 1]


async def test_rounds_at_the_same_time_open_one_dialog_for_each(town: Town, engine: Engine) -> None:
    await listed(town, "anna", "boris")
    await asyncio.gather(*(engine_campaigns.go_on(engine.context) for _ in range(5)))
    assert await opened(town) == ["anna", "boris"]


async def test_who_does_not_own_the_account_any_more_opens_nothing(town: Town) -> None:
    async with town.engine() as engine:
        await listed(town, "anna")
        await town.pool.execute("update accounts set epoch = epoch + 1")
        await engine_campaigns.go_on(engine.context)
        assert await opened(town) == []
        await town.pool.execute("update accounts set epoch = epoch - 1")


async def test_what_the_list_tells_reaches_the_person_once_they_are_found(town: Town, engine: Engine) -> None:
    said = {"name": "Anna Petrovna", "timezone": "Asia/Omsk", "basis": "asked for a price", "note": "tall #fair #VIP"}
    await town.pool.execute(
        "insert into contacts (id, username, timezone) values ($1, 'boris', 'Asia/Tokyo')", town.who("boris")
    )
    await listed(town, "anna", "boris", **said, language="ka")
    await until_begun(town, engine, "anna", "boris")
    row = await town.pool.fetchrow("select called, timezone, basis from contacts where id = $1", town.anna)
    assert tuple(row) == ("Anna Petrovna", "Asia/Omsk", "asked for a price")
    assert await town.value("select timezone from contacts where id = $1", town.who("boris")) == "Asia/Tokyo"
    notes = await town.rows("select dialog_id, admin_id, content from notes order by id")
    assert [tuple(note) for note in notes] == [(1, 1, "tall #fair #VIP"), (2, 1, "tall #fair #VIP")]
    labels = await town.rows("select label from labels where dialog_id = 1 order by label")
    assert [row["label"] for row in labels] == ["fair", "vip"]
    assert (await town.dialog()).basis == "asked for a price"
    assert await town.value("select string_agg(username || name || note || basis, '') from campaign_people") == ""
    assert "Anna" in str(town.sandbox.models.requests[0]["messages"])


async def test_whoever_cannot_be_written_to_is_counted_with_the_reason(town: Town, engine: Engine) -> None:
    async with transaction(town.pool) as connection:
        await suppressions.add(connection, KEYS.name_marks("boris"))
        await suppressions.add(connection, KEYS.marks(town.who("clara")))
    campaign = await listed(town, "nobody_here", "boris", "clara", "emma", name="Somebody")
    await listed(town, "anna", scenario="removed")
    await until_begun(town, engine, "emma")
    await town.until_value("select count(*) from campaigns where state = 'finished'", 2)
    assert await progress(town, campaign) == Progress(opened=1, skipped={"opted_out": 2, "no_such_person": 1})
    assert (await progress(town, 2)).skipped == {Verdict.UNKNOWN_SCENARIO: 1}
    assert town.heard(town.who("boris")) == town.heard(town.who("clara")) == town.heard() == []
    left = await town.rows(
        "select username, name from campaign_people where state = 'skipped' or dialog_id is not null"
    )
    assert {tuple(row) for row in left} == {("", "")}, "of nobody is kept who they were"


async def test_who_is_in_a_dialog_already_is_left_alone(town: Town, engine: Engine) -> None:
    await engine.begin()
    await listed(town, "anna")
    await engine.chores.look()
    await town.until_value("select status from dialogs where id = 2", Status.FAILED.value)
    await engine.chores.look()
    assert await progress(town) == Progress(skipped={"already_active": 1})
    assert town.heard() == ["Hello"]


async def test_a_dialog_dropped_while_it_is_looked_up_is_counted_as_dropped(town: Town, engine: Engine) -> None:
    looking = town.fault("contacts.resolveUsername", Action.HOLD)
    await listed(town, "anna")
    await engine.chores.look()
    await town.fired(looking)
    await engine.chores.look()
    assert await town.value("select state from campaigns") == "running", "somebody is still looked up"
    await engine.lead(DialogEvent.STOP)
    town.release(looking)
    await engine.chores.look()
    assert await progress(town) == Progress(skipped={"dropped": 1})
    assert await town.value("select state from campaigns") == "finished"


async def test_who_is_erased_is_not_written_to(town: Town, engine: Engine) -> None:
    campaign = await listed(town, "anna", "boris", state=CampaignState.PAUSED, note="tall")
    async with transaction(town.pool) as connection:
        person, locked = await persons.lock(connection, "anna")
        assert (person.known, person.listed) == (True, 1)
        await erase.erase(connection, person, locked, actor="admin:1", now=town.clock.now(), reason="")
    await lead(town, campaign, CampaignState.RUNNING)
    await until_begun(town, engine, "boris")
    assert await opened(town) == ["boris"]
    assert await town.value("select count(*) from campaign_people where note <> ''") == 0


async def test_who_talked_with_another_account_waits_for_that_one(town: Town) -> None:
    await town.pool.execute(
        """
        insert into accounts (id, username, phone, dc_id, server_address, server_port, auth_key)
        values (7, 'second', '7', 2, '127.0.0.1', 443, '')
        """
    )
    await town.pool.execute("insert into contacts (id, username) values ($1, 'anna')", town.anna)
    await town.pool.execute(
        "insert into dialogs (account_id, contact_id, target_username, scenario, status) "
        "values (7, $1, 'anna', 'sales', 'closed')",
        town.anna,
    )
    await listed(town, "anna", "boris")
    async with transaction(town.pool) as connection:
        ours = await campaign_people.next_person(connection, town.account)
    async with transaction(town.pool) as connection:
        theirs = await campaign_people.next_person(connection, 7)
    await town.pool.execute("update accounts set state = 'banned' where id = 7")
    async with transaction(town.pool) as connection:
        orphaned = await campaign_people.next_person(connection, town.account)
    assert [one and one.username for one in (ours, theirs, orphaned)] == ["boris", "anna", "anna"]


async def test_a_list_that_is_never_started_is_forgotten_after_a_week(town: Town, engine: Engine) -> None:
    await listed(town, "anna", state=CampaignState.CHECKED)
    await engine.chores.look()
    assert await town.value("select count(*) from campaign_people") == 1
    await engine.turn_clock(timedelta(days=8))
    await engine.chores.look()
    assert await town.value("select count(*) from campaign_people") == 0
    assert await town.value("select state from campaigns") == "dropped"


async def test_a_flood_wait_on_names_is_not_met_with_more_names(town: Town) -> None:
    flood = town.fault("contacts.resolveUsername", Action.FLOOD_WAIT, user=town.account, seconds=100_000, count=None)
    await listed(town, *PEOPLE, "fedor", "galina")
    async with town.engine() as engine:
        await engine.chores.look()
        await town.fired(flood)
        await town.until_value("select count(*) > 0 from events where kind = 'names_wait'", True)
        for _ in range(3):
            await engine.chores.look()
        assert len(await opened(town)) == 3
