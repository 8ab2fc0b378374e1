"""The audit log: every kind that is recorded has words in both languages, pages lose and repeat nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from salesbot.adminbot import logbook
from salesbot.adminbot.desk import Desk
from salesbot.dialog.model import DialogEvent
from salesbot.i18n import CODES, lang
from salesbot.store import events
from salesbot.store.pool import transaction
from tests.adminbot.people import ACCOUNT, Operator, buttons, open_with, until

PRODUCT = Path(__file__).parents[2] / "salesbot"


def recorded() -> Iterator[tuple[str, str]]:
    """Every kind that is recorded anywhere, with the place: constants, or variables that hold them."""
    for path in sorted(PRODUCT.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "record(" not in source:
            continue
        tree = ast.parse(source)
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]:
            for call in [node for node in ast.walk(function) if isinstance(node, ast.Call)]:
                if ast.unparse(call.func) in ("events.record", "record") and len(call.args) > 1:
                    for kind in kinds_in(call.args[1]):
                        yield f"{path.name}:{call.lineno}", kind


def kinds_in(expression: ast.expr) -> list[str]:
    return [one.value for one in ast.walk(expression) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


@cache
def kinds() -> frozenset[str]:
    """Those, and those that are recorded under a name that is given: a dialog's events, what is told."""
    given = {event.value for event in DialogEvent} | events.TOLD | events.TOLD_OF_THE_SYSTEM | events.PROMPT
    return frozenset(given | {kind for _place, kind in recorded()})


@pytest.mark.parametrize("code", CODES)
def test_every_kind_that_is_recorded_has_words(code: str) -> None:
    silent = kinds() - set(logbook.phrases(lang(code)))
    assert len(kinds()) > 50
    assert not silent, f"no words in {code} for {sorted(silent)}"


@pytest.mark.parametrize("code", [code for code in CODES if code != "en"])
def test_the_words_are_translated(code: str) -> None:
    same = {kind for kind in kinds() if logbook.phrase(lang(code), kind) == logbook.phrase(lang("en"), kind)}
    assert not same


async def happen(desk: Desk, count: int, dialog: int = 1) -> None:
    async with transaction(desk.pool) as connection:
        for number in range(count):
            await events.record(
                connection, "note", actor="system", dialog_id=dialog, account_id=ACCOUNT, data={"field": f"n{number}"}
            )


def numbers(page: dict[str, Any]) -> list[int]:
    return [int(line.rsplit(": n", 1)[1]) for line in page["text"].splitlines() if ": n" in line]


async def turned(operator: Operator, page: dict[str, Any], button: str) -> dict[str, Any]:
    """What stands in the place of a page after one of its buttons."""

    async def another() -> list[dict[str, Any]]:
        return [one for one in await operator.heard() if one["id"] == page["id"] and one["text"] != page["text"]]

    await operator.press(page, button)
    await until(another)
    return (await another())[0]


async def test_the_log_of_a_dialog_is_turned_without_losing_or_repeating_anything(
    desk: Desk, operator: Operator
) -> None:
    await open_with(desk, 501, "anna")
    await open_with(desk, 502, "boris")
    await happen(desk, 30)
    await happen(desk, 5, dialog=2)
    page = await operator.ask("/log 1")
    assert numbers(page) == list(range(29, 19, -1))
    seen = numbers(page)
    for expected in (10, 10):
        page = await turned(operator, page, "older")
        assert len(numbers(page)) == expected
        seen += numbers(page)
    assert seen == list(range(29, -1, -1))
    assert buttons(page) == ["← newer", "refresh"]
    assert numbers(await turned(operator, page, "newer")) == list(range(19, 9, -1))


async def test_the_log_names_who_did_it_and_why(desk: Desk, operator: Operator, admin: int) -> None:
    await open_with(desk, 501, "anna")
    await operator.ask("/take 1")
    await operator.ask("/assign 1 me")
    async with transaction(desk.pool) as connection:
        await events.record(
            connection, "handoff", actor="model", dialog_id=1, data={"reason": "asked", "outcome": "none"}
        )
        await events.record(connection, "flood_wait", actor="system", account_id=ACCOUNT)
    page = await operator.next(await operator.say("/log 1"), "what happened")  # notices of it come as well
    lines = [line[12:] for line in page["text"].splitlines()[1:]]
    assert lines == [
        "the model: a human is needed: the model asks for one",
        "Operator: who looks after it: Operator",
        "Operator: took it over",
    ]
    everything = (await operator.next(await operator.say("/log"), "^What happened"))["text"].splitlines()
    assert everything[0] == "What happened"
    assert everything[1].endswith("@sales Telegram makes it wait")
    assert everything[2].endswith("№ 1 the model: a human is needed: the model asks for one")
    await operator.next(await operator.say("/log 9"), "There is no dialog № 9")


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("unresolvable", {"reason": "unknown_username", "outcome": "no_such_person"}, ": there is no such username"),
        ("unresolvable", {"reason": "17", "outcome": "already_active"}, ": in another dialog already"),
        ("unreachable", {"reason": "blocked", "outcome": "blocked"}, ": the person blocked the account"),
        ("handoff", {"reason": "asked", "outcome": "won"}, ": won"),
        ("close", {"reason": "", "outcome": "lost"}, ": lost"),
        ("unproven", {"field": "call_time"}, ": call time"),
    ],
)
def test_why_is_said_once(kind: str, data: dict[str, str], said: str) -> None:
    assert logbook.detail(lang("en"), kind, data, "") == said


def test_a_mode_is_named_in_the_readers_language() -> None:
    assert logbook.detail(lang("ru"), "mode", {"mode": "draft"}, "") == ": черновик"


async def test_what_is_done_by_a_button_is_in_the_log(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    await desk.pool.execute("insert into tasks (dialog_id, what, created_at) values (1, 'call', now())")
    page = await operator.ask("/tasks")
    await operator.press(page, "✓ 1")
    await until(lambda: desk.pool.fetchval("select exists (select from events where kind = 'task_done')"))
    assert "Operator: kept a promise" in (await operator.ask("/log 1"))["text"]


async def test_a_page_of_the_log_fits_whatever_people_are_called(desk: Desk, operator: Operator, admin: int) -> None:
    await open_with(desk, 501, "anna")
    await desk.pool.execute("update accounts set name = repeat('😀', 64), username = null")
    await desk.pool.execute("insert into admins (id, name) values (5, repeat('😀<', 64))")
    await desk.pool.execute(
        """
        insert into events (kind, actor, dialog_id, account_id, data)
        select 'assigned', 'admin:5', nullif(n % 2, 0), 7001,
            '{"admin": 5, "reason": "opted_out_name"}' from generate_series(1, 40) n
        """
    )
    for command in ("/log 1", "/log"):
        page = await operator.ask(command)
        assert len(page["text"].splitlines()) == logbook.PAGE + 1
        assert "older →" in buttons(page)
