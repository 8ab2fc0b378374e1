"""The checks of the language model, each made to fail."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from salesbot.finding import State
from sandbox.app import Sandbox
from sandbox.world import Action, Rule
from tests.doctor.conftest import Look
from tests.doctor.fakes import Fake

AWAY = "http://127.0.0.1:9/v1"


async def test_a_provider_that_is_well(look: Look) -> None:
    for name in ("model-key", "models", "answer"):
        assert [one.state for one in await look(name)] == [State.PASS], name


async def test_a_key_that_is_refused(look: Look, fake: Fake) -> None:
    fake.answers = {"/key": 401}
    (found,) = await look("model-key", LLM_BASE_URL=fake.url)
    assert (found.state, "OPENROUTER_API_KEY" in found.mend) == (State.FAIL, True)
    assert [one.state for one in await look("credit", LLM_BASE_URL=fake.url)] == [State.SKIPPED]


@pytest.mark.parametrize("name", ["model-key", "answer"])
async def test_a_provider_that_is_away(look: Look, name: str) -> None:
    (found,) = await look(name, LLM_BASE_URL=AWAY)
    assert (found.state, "LLM_BASE_URL" in found.mend) == (State.FAIL, True)


@pytest.mark.parametrize(
    ("left", "spent", "state"),
    [
        (50, 0, State.PASS),
        (19, 20, State.WARN),
        (0.5, 0, State.WARN),
        (0, 0, State.FAIL),
        (None, 0, State.SKIPPED),
    ],
)
async def test_what_is_left_to_spend(
    look: Look, fake: Fake, pool: asyncpg.Pool, left: float | None, spent: int, state: State
) -> None:
    fake.answers = {"/key": {"data": {"limit_remaining": left}}}
    for table in ("model_calls", "dialog_books"):
        await pool.execute(f"alter table {table} drop constraint {table}_dialog_id_fkey")
    await pool.execute(
        "insert into model_calls (dialog_id, revision, halts, purpose, model_asked, cost, asked_at) "
        "values (1, 1, 1, 'reply', 'm', $1, now())",
        spent,
    )
    (found,) = await look("credit", LLM_BASE_URL=fake.url)
    assert (found.state, bool(found.mend)) == (state, found.wrong)
    assert ("24 hours cost $20.00" in found.said) is (spent == 20)


@pytest.mark.parametrize(
    ("models", "state"),
    [
        ("sandbox/seller,sandbox/echo:free", State.PASS),
        ("sandbox/seller,no/such", State.WARN),
        ("no/such,sandbox/seller", State.FAIL),
    ],
)
async def test_models_that_do_not_exist(look: Look, models: str, state: State) -> None:
    (found,) = await look("models", LLM_MODELS=models)
    assert (found.state, "no/such" in found.said) == (state, state is not State.PASS)


@pytest.mark.parametrize(
    ("rule", "state", "said"),
    [
        ({"action": Action.ERROR, "code": 402}, State.FAIL, "no credit left"),
        ({"action": Action.ERROR, "code": 401}, State.FAIL, "key"),
        ({"action": Action.ERROR, "code": 503}, State.FAIL, "does not answer"),
        ({"action": Action.EMPTY}, State.FAIL, "does not answer"),
        ({"action": Action.CONTENT, "text": "Hello!"}, State.WARN, "not in the form"),
    ],
)
async def test_a_model_that_does_not_answer(
    look: Look, sandbox: Sandbox, rule: dict[str, Any], state: State, said: str
) -> None:
    sandbox.world.faults.add(Rule("model.chat", **rule))
    (found,) = await look("answer")
    assert (found.state, said in found.said, bool(found.mend)) == (state, True, True)


async def test_what_costs_money_can_be_left_out(look: Look, sandbox: Sandbox) -> None:
    (found,) = await look("answer", free=True)
    assert found.state is State.SKIPPED
    assert not sandbox.models.requests
    (found,) = await look("answer")
    assert "for $0.0" in found.said
    assert len(sandbox.models.requests) == 1
