"""A replay asks the models what they were asked then, shows what they say now, and changes nothing at all."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from rich.cells import cell_len
from rich.console import Console

from salesbot.dialog.model import DialogEvent, FieldKind, Purpose, Status
from salesbot.dialog.scenario import Field
from salesbot.errors import ModelUnavailable, Refused
from salesbot.rehearsal.html import replayed
from salesbot.rehearsal.replay import again, terminal, wording
from salesbot.rehearsal.replay.again import Plan, Replayed
from salesbot.store import retention
from salesbot.store.pool import transaction
from sandbox.app import Options, Sandbox
from sandbox.mtproto.crypto import ServerKey
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town, settings_of

A_DAY = timedelta(hours=24, seconds=1)
A_MOMENT = timedelta(seconds=2)
"""Telegram's times are whole seconds."""


@pytest.fixture
async def town(server_key: ServerKey, database: str, pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Town]:
    async with Sandbox.running(Options(seed=1, key=server_key)) as sandbox:
        key_file = tmp_path / "server.pem"
        key_file.write_text(sandbox.mtproto.public_key)
        town = Town(sandbox, database, pool, settings_of(sandbox, key_file, database_url=database))
        await town.sign_in()
        yield town


async def answered(engine: Engine, text: str, *parts: str, **also: Any) -> None:
    """Anna says something, and the model answers this."""
    town = engine.town
    town.answers(*parts, **also)
    town.says(text)
    await until(lambda: parts[-1] in town.heard(), f"{parts[-1]!r} is heard")
    await town.until_at_rest()


async def replay(town: Town, number: int = 1, *, at_once: bool = True) -> tuple[Plan, tuple[Replayed, ...]]:
    """``at_once``: turns are asked side by side; else one after the other, so that answers can be planned."""
    shown: list[Replayed] = []
    settings = town.settings if at_once else town.settings.model_copy(update={"llm_concurrency": 1})
    plan = again.planned(await again.read(settings, number), town.scenario, settings.llm_models)
    turns = await again.run(settings, plan, shown.append)
    assert tuple(shown) == turns, "each is shown, in order"
    return plan, turns


def asked_for(town: Town) -> list[list[tuple[str, str]]]:
    """What models were shown, but for the time, in which a minute may have begun meanwhile."""
    return sorted(
        [(one["role"], re.sub(r"^Time: .*\n", "", one["content"])) for one in request["messages"]]
        for request in town.sandbox.models.requests
    )


async def everything(town: Town) -> dict[str, list[asyncpg.Record]]:
    tables = await town.rows("select table_name as name from information_schema.tables where table_schema = 'public'")
    return {
        row["name"]: await town.rows(f'select t::text from "{row["name"]}" t order by 1')  # noqa: S608 (our own tables)
        for row in tables
    }


async def test_the_model_is_shown_what_it_was_shown_then(town: Town) -> None:
    """Whatever came later: edits, deletions, more lines, what was learnt and promised, a colleague's word."""
    town.scenario = replace(town.scenario, fields=(Field("pots", FieldKind.NUMBER, "how many pots"),))
    with town.long_ago():
        town.says("We met at the fair")
    async with town.engine() as engine:
        await engine.begin()
        town.answers("Nice.")
        hello = town.world.send(town.anna, town.account, "Hello yourself")
        await town.until_heard("Hello", "Nice.")
        await town.until_at_rest()
        several = {"learnt": [{"field": "pots", "value": "3", "quote": "three pots"}]}
        await answered(engine, "What are three pots?", "They are blue.", "Shall I send them?", stage="offer", **several)
        await engine.turn_clock(A_MOMENT)
        town.world.edit(town.anna, hello.id, "Hello, and edited after the answer")
        await town.until_stored("Hello, and edited after the answer")
        await engine.turn_clock(A_MOMENT)
        promise = {"what": "Call Anna", "until": None}
        await answered(engine, "Please call me", "A colleague will call you.", promise=promise, stage="over")
        town.colleague_types("Vera here, I will call at five.")
        await until(lambda: town.heard()[-1].startswith("Vera"))
        await town.until_status(Status.TAKEN)
        await engine.lead(DialogEvent.GIVE)
        await answered(engine, "Fine, and the second one?", "It is the same.", stage="offer")
        town.world.delete(town.anna, [hello.id])
        await town.until_value("select count(*) from messages where deleted_at is not null", 1)
        town.answers("Still there?")
        await engine.turn_clock(A_DAY)
        await until(lambda: "Still there?" in town.heard(), "the follow-up")
        await town.until_at_rest()
        await answered(engine, "Yes", "Good.")
        await engine.lead(DialogEvent.STOP)
        town.says("And one more line, which nobody answers")
        await town.until_stored("And one more line, which nobody answers")
    then = asked_for(town)
    town.sandbox.models.requests.clear()
    before = await everything(town)

    _, turns = await replay(town)

    assert asked_for(town) == then
    assert await everything(town) == before, "nothing in the database is changed"
    purposes = [Purpose.OPENING, *[Purpose.REPLY] * 4, Purpose.FOLLOW_UP, Purpose.REPLY]
    assert [one.purpose for one in turns] == purposes
    heard = [line.content for line in turns[4].since]
    assert heard == ["Vera here, I will call at five.", "Fine, and the second one?"]


async def test_the_same_words_are_told_from_different_ones(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        await answered(engine, "A", "One.", "Two.")
        await answered(engine, "B", "Three.")
    town.answers("Hello")
    assert [one.same for one in (await replay(town))[1]] == [True, False, False]
    for parts in (("Hello",), ("One.", "Two."), ("Three.",)):
        town.answers(*parts)
    plan, turns = await replay(town, at_once=False)
    assert [one.same for one in turns] == [True, True, True]
    assert again.sum_of(turns).different == 0
    assert "3 turns: 3 the same, 0 different." in shown(plan, turns)


async def test_a_refused_draft_is_shown_with_its_reason_and_what_the_repair_said(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.answers("A teapot costs 7 €.")
    town.answers("It costs what it costs.")
    plan, (turn,) = await replay(town)
    assert turn.now.parts[0].startswith("It costs what it costs.")
    assert [one.code for one in turn.refused] == ["money"]
    assert [wording.said_in(one) for one in turn.refused] == ["A teapot costs 7 €."]
    assert "refused: an amount that is not in the facts" in shown(plan, (turn,))
    page = replayed.page(plan, (turn,))
    assert "A teapot costs 7 €." in page and "<script" not in page


async def test_what_is_refused_twice_would_have_called_a_human(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    settings = town.settings.model_copy(update={"llm_models": ("sandbox/echo",)})
    town.settings = settings
    town.answers("A teapot costs 7 €.")
    town.answers("Only 8 €.")
    plan, (turn,) = await replay(town)
    assert not turn.now.parts and len(turn.refused) == 2 and not turn.same
    assert "a human would be called" in shown(plan, (turn,))


async def test_no_model_answers(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    town.fault("model.chat", Action.ERROR, code=503, count=None)
    with pytest.raises(ModelUnavailable, match=r"No model answers at .* \(sandbox/echo, .*\): HTTP 503"):
        await replay(town)


async def test_what_an_endpoint_asks_to_wait_for_is_waited_for(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "LONGEST_WAIT", 0.0)
    async with town.engine() as engine:
        await engine.begin()
    town.fault("model.chat", Action.ERROR, code=429, seconds=7, count=2)
    town.answers("Hello")
    _, (turn,) = await replay(town)
    assert turn.now.parts[0].startswith("Hello")


async def test_a_folder_of_that_name_that_lies_around_is_not_the_dialogs_scenario(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town.engine() as engine:
        await engine.begin()
    (tmp_path / town.settings.scenario).mkdir()
    monkeypatch.chdir(tmp_path)
    assert (await again.plan(town.settings, 1, None)).scenario.name == town.settings.scenario


async def test_a_dialog_without_words_of_ours_or_whose_words_are_erased_has_nothing_to_replay(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        await answered(engine, "A", "One.")
        await engine.start("nobody_here")
        await town.until_status(Status.FAILED, 2)
        await engine.lead(DialogEvent.STOP)
    with pytest.raises(Refused, match="In dialog 2 the model has said nothing yet"):
        await replay(town, 2)
    with pytest.raises(Refused, match=r"There is no dialog 7\.(?s:.*)  1  @anna"):
        await replay(town, 7)
    later = town.clock.now() + timedelta(days=2)
    async with transaction(town.pool) as connection:
        assert await retention.erase(connection, 1, later, later)
    with pytest.raises(Refused, match="The texts of dialog 1 are erased"):
        await replay(town)


async def test_it_is_readable_at_80_columns_and_peoples_words_do_nothing(town: Town) -> None:
    nasty = "[bold]no markup[/bold] \x1b[2J \u202edrawkcab <script>alert(1)</script> " + "x" * 200
    async with town.engine() as engine:
        await engine.begin()
        await answered(engine, nasty, "One.")
    plan, turns = await replay(town)
    text = shown(plan, turns)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "[bold]no markup[/bold] ␛[2J" in text and "\x1b" not in text
    page = replayed.page(plan, turns)
    assert "<script" not in page and "&lt;script&gt;" in page and "\x1b" not in page


def shown(plan: Plan, turns: tuple[Replayed, ...]) -> str:
    """What a pipe gets."""
    console = Console(file=io.StringIO(), width=80, highlight=False)
    terminal.head(plan, console)
    for one in turns:
        terminal.turn(one, plan, console)
    terminal.end(again.sum_of(turns), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()
