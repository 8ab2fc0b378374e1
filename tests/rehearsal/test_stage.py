"""Whole rehearsals: the engine, a real PostgreSQL and the sandbox's models in this process."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import asyncpg
import pytest

from salesbot import settings
from salesbot.dialog.model import Author, Outcome, Purpose, Status
from salesbot.errors import SettingsError
from salesbot.rehearsal import jsonfile, run
from salesbot.rehearsal.endpoint import RehearsalFailed
from salesbot.rehearsal.profile import Habit, Kind
from salesbot.rehearsal.record import Record, Rehearsal
from salesbot.rehearsal.run import Options, Place
from salesbot.rehearsal.world import LASTS, begins
from salesbot.scenarios import load
from salesbot.settings import Settings
from sandbox.app import Options as SandboxOptions
from sandbox.app import Sandbox
from sandbox.mtproto.crypto import ServerKey
from sandbox.world import Action, Rule
from tests.conftest import Run

SALES = load.load("sales")


@contextmanager
def one_at_a_time(this_run: Run) -> Iterator[None]:
    """The scratch databases of the server are counted, which all workers share."""
    with (this_run.folder / "rehearsing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(autouse=True)
def alone(this_run: Run) -> Iterator[None]:
    with one_at_a_time(this_run):
        yield


def given(**values: str) -> Settings:
    """The settings of somebody whose environment holds only these."""
    return settings.load(values, Path("none"), rehearsal=True)


@pytest.fixture(scope="module")
async def models(server_key: ServerKey) -> AsyncIterator[Sandbox]:
    """The sandbox, for its models; all tests here share it."""
    async with Sandbox.running(SandboxOptions(seed=1, key=server_key)) as running:
        yield running


@pytest.fixture(scope="module")
def options(models: Sandbox, this_run: Run) -> Options:
    """A customer of the mix, and all the difficult ones."""
    where = given(LLM_BASE_URL=models.state()["model"], LLM_MODELS="sandbox/saboteur", DATABASE_URL=this_run.dsn)
    return Options(where, customers=1, seed=5)


@pytest.fixture(scope="module")
async def place(options: Options) -> AsyncIterator[Place]:
    async with run.place(options) as found:
        yield found


@pytest.fixture(scope="module")
async def played(place: Place, options: Options, this_run: Run) -> Rehearsal:
    """One rehearsal that several tests look at."""
    with one_at_a_time(this_run):  # made before ``alone``, whose scope is smaller
        return await rehearsed(place, options)


async def rehearsed(place: Place, options: Options) -> Rehearsal:
    return await run.rehearse(place, options, SALES, lambda done, total: None)


async def scratch_databases(this_run: Run) -> list[str]:
    connection = await asyncpg.connect(this_run.dsn)
    try:
        rows = await connection.fetch("select datname from pg_database where datname like 'salesbot\\_rehearsal%'")
        return [row["datname"] for row in rows]
    finally:
        await connection.close()


def of(rehearsal: Rehearsal, kind: Kind) -> Record:
    return next(one.record for one in rehearsal.verdicts if one.record.profile.kind is kind)


async def test_the_same_seed_gives_the_same_to_the_byte_however_many_play_at_once(
    place: Place, options: Options, played: Rehearsal
) -> None:
    alone = await rehearsed(place, replace(options, repeats=2, at_once=1))
    together = await rehearsed(place, replace(options, repeats=2, at_once=12))
    assert jsonfile.text(alone, None) == jsonfile.text(together, None)
    assert [(one.record.profile.number, one.record.repeat) for one in alone.verdicts] == [
        (number, repeat) for number in range(1, 10) for repeat in (1, 2)
    ]
    assert [one for one in alone.verdicts if one.record.repeat == 1] == [*played.verdicts]
    assert [one for one in alone.verdicts if one.record.repeat == 2] != [*played.verdicts]


async def test_what_is_recorded_is_what_stands_in_the_chats(played: Rehearsal, options: Options) -> None:
    for record in (one.record for one in played.verdicts):
        first, *_ = record.lines
        assert [line.id for line in record.lines] == list(range(1, len(record.lines) + 1))
        assert (first.author, first.purpose) == (Author.MODEL, Purpose.OPENING)
        assert any(text in first.text for text in SALES.disclosure.values())
        assert [event.kind for event in record.events][:2] == ["start", "resolved"]
        assert all(event.at_line <= len(record.lines) for event in record.events)
        assert all(line.at >= begins(SALES) for line in record.lines)
        assert record.lines[-1].at < begins(SALES) + LASTS
        assert record.stages[0] == SALES.first_stage
        assert record.opening in {one.name for one in SALES.openings}
        assert record.ceiling == options.settings.budget_per_dialog
        assert 0 < record.cost < 1
        proven = {line.id for line in record.lines if line.author is Author.CONTACT}
        assert {learnt.line for learnt in record.learnt} <= proven


async def test_engine_store_and_customers_play_together(played: Rehearsal) -> None:
    hot, leaver, machine = (of(played, kind) for kind in (Kind.HOT, Kind.LEAVER, Kind.MACHINE))
    assert hot.outcome is Outcome.WON
    assert hot.tasks and hot.tasks[0].line in {line.id for line in hot.lines if line.purpose is Purpose.REPLY}
    assert (leaver.status, leaver.outcome, leaver.suppressed) == (Status.CLOSED, Outcome.OPTED_OUT, True)
    stop = next(event for event in leaver.events if event.kind == "opt_out")
    assert leaver.lines[stop.at_line - 1].author is Author.CONTACT
    assert all(line.purpose is Purpose.FAREWELL for line in leaver.lines[stop.at_line :])
    assert (machine.status, machine.suppressed) == (Status.HANDOFF, False)
    assert "two_bots" in {event.reason for event in machine.events}


async def test_what_the_seller_spoils_is_refused_and_counted(place: Place, options: Options, models: Sandbox) -> None:
    async def spoilt() -> int:
        async with aiohttp.ClientSession() as http, http.get(f"{models.state()['model']}/sabotage") as answer:
            return sum((await answer.json())["spoilt"].values())

    before = await spoilt()
    played = await rehearsed(place, replace(options, seed=9))
    counted = sum(sum(one.record.interventions.values()) for one in played.verdicts)
    assert 0 < await spoilt() - before == counted
    assert not any(one.violations for one in played.verdicts), "none of it reached anybody"


async def test_who_waits_for_a_human_hears_one_sentence_when_its_time_has_come(
    played: Rehearsal, options: Options
) -> None:
    record = of(played, Kind.DISTRESSED)
    called = next(event for event in record.events if event.kind == "handoff")
    (courtesy,) = [line for line in record.lines if line.purpose is Purpose.COURTESY]
    waited = courtesy.at - record.lines[called.at_line - 1].at
    assert waited >= timedelta(minutes=options.settings.handoff_apology_minutes)
    happened = [event.kind for event in record.events]
    assert happened.index("handoff_waits") < happened.index("apologised")


async def test_people_write_at_night_in_pieces_and_while_the_seller_types(place: Place, options: Options) -> None:
    rehearsal = await rehearsed(place, replace(options, customers=16, seed=2))
    records = [one.record for one in rehearsal.verdicts]
    habits = {habit for record in records for habit in record.profile.habits}
    assert habits == set(Habit)
    assert any(line.was for record in records for line in record.lines)
    assert any(line.kind == "voice" and line.text == "" for record in records for line in record.lines)
    assert any(call.state == "dropped" for record in records for call in record.calls), "no draft was overtaken"
    assert not [one for verdict in rehearsal.verdicts for one in verdict.violations if one.rule == "night"]


async def test_its_database_is_there_while_it_plays_and_gone_afterwards(
    place: Place, options: Options, this_run: Run
) -> None:
    told: list[tuple[int, int]] = []
    looks: list[asyncio.Task[list[str]]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        looks.append(asyncio.ensure_future(scratch_databases(this_run)))

    await run.rehearse(place, options, SALES, progress)
    assert len(await looks[0]) == 1
    assert await scratch_databases(this_run) == []
    assert told == [(done, 9) for done in range(10)]
    await asyncio.gather(*looks)


async def test_a_failure_ends_it_with_the_customers_name(
    place: Place, options: Options, models: Sandbox, this_run: Run
) -> None:
    refusal = models.world.faults.add(Rule("model.chat", Action.ERROR, code=401))
    with pytest.raises(RehearsalFailed, match=r"^customer \d+ \([a-z]+-[a-z]+\), repeat 1: .*sandbox/saboteur refuses"):
        await rehearsed(place, options)
    models.world.faults.remove(refusal.id)
    assert await scratch_databases(this_run) == []


async def test_what_gets_on_no_more_ends_it_instead_of_hanging(place: Place, options: Options, this_run: Run) -> None:
    """The accounts are taken from under the engine, which leaves everything to their new owner."""
    taken: list[asyncio.Task[None]] = []

    async def take() -> None:
        (name,) = await scratch_databases(this_run)
        connection = await asyncpg.connect(this_run.url(name))
        await connection.execute("update accounts set epoch = epoch + 1")
        await connection.close()

    def progress(done: int, total: int) -> None:
        if not taken:
            taken.append(asyncio.ensure_future(take()))

    with pytest.raises(RehearsalFailed, match=r"^customer \d+ .* nothing gets on any more at 2026-03-"):
        await run.rehearse(place, options, SALES, progress)
    await taken[0]


async def test_a_model_that_is_not_there_is_named_before_anybody_plays(options: Options) -> None:
    with pytest.raises(SettingsError, match=r"nobody .*does not answer: HTTP 400"):
        async with run.place(replace(options, model="nobody")):
            raise AssertionError("nobody sells")


async def test_who_may_not_make_a_database_is_told_what_to_do(place: Place, options: Options, this_run: Run) -> None:
    connection = await asyncpg.connect(this_run.dsn)
    try:
        await connection.execute("create role poor login password 'poor'")
        url = urlsplit(this_run.dsn)
        poor = urlunsplit(url._replace(netloc=f"poor:poor@{url.netloc.rpartition('@')[2]}"))
        with pytest.raises(SettingsError, match="CREATEDB"):
            await rehearsed(Place(poor, place.settings, ""), options)
    finally:
        await connection.execute("drop role poor")
        await connection.close()


async def test_a_database_that_is_away_is_said(place: Place, options: Options) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL: the database cannot be reached"):
        await rehearsed(Place("postgresql://nobody@127.0.0.1:9/none", place.settings, ""), options)


def test_no_setting_is_needed_and_the_operators_own_are_used() -> None:
    assert "database_url" not in given().model_fields_set
    assert given(BUDGET_PER_DIALOG="0.5", API_ID="").budget_per_dialog == Decimal("0.5")
    with pytest.raises(SettingsError, match="API_ID is missing"):
        settings.load({}, Path("none"))


async def test_what_would_couple_the_customers_is_off(place: Place) -> None:
    used = place.settings
    assert not any((used.new_dialogs_per_day, used.budget_per_day, used.retention_days))
    assert used.llm_models == ("sandbox/saboteur",)
