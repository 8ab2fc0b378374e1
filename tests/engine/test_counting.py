"""What happens is counted where it happens, and what is logged about it says of which dialog and turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loguru import logger

from salesbot import metrics
from sandbox.world import Action
from tests.engine.patience import until
from tests.engine.running import Engine, Town


class Counted:
    """By how much each counter has grown since the test began."""

    def __init__(self) -> None:
        self._before = self._now()

    @staticmethod
    def _now() -> dict[tuple[str, str], float]:
        return {
            (sample.name.removeprefix("salesbot_"), ",".join(sample.labels.values())): sample.value
            for family in metrics.REGISTRY.collect()
            for sample in family.samples
        }

    def __call__(self, name: str, labels: str = "") -> float:
        return self._now().get((name, labels), 0) - self._before.get((name, labels), 0)


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    """The fields of each line that is logged, and its message."""
    found: list[dict[str, object]] = []
    sink = logger.add(lambda m: found.append({"message": m.record["message"], **m.record["extra"]}), level="INFO")
    yield found
    logger.remove(sink)


async def test_a_reply_is_counted_with_its_phases_its_parts_and_its_model(town: Town, engine: Engine) -> None:
    await engine.begin()
    before = Counted()
    town.answers("One", "Two")
    town.says("A-1")
    await town.until_heard("Hello", "One", "Two")
    await town.until_at_rest()
    await until(lambda: before("phase_seconds_count", "send") == 2)
    assert before("turns_total", "spoken") == 1
    assert before("parts_total", "sent") == 2
    assert before("messages_received_total") == 1
    assert [before("phase_seconds_count", phase) for phase in ("queue", "draft", "answer")] == [1, 1, 1]
    model = "sandbox/echo"
    assert before("model_calls_total", f"{model},reply") == 1
    assert before("model_tokens_total", f"{model},prompt") > 0
    assert before("model_tokens_total", f"{model},completion") > 0
    assert before("model_cost_dollars_total", model) > 0
    assert before("model_seconds_count", model) == 1
    assert (metrics.LAST_UPDATE.of(town.account) or 0) < 60


async def test_what_goes_wrong_is_counted_by_its_kind(town: Town, engine: Engine, counted: Counted) -> None:
    await engine.begin()
    town.fault("model.chat", Action.ERROR, code=503, count=None)
    town.says("A-1")
    await town.until_value("select failures from dialogs", 1)
    await until(lambda: counted("turns_total", "no_model") == 1)
    assert counted("model_failures_total", "unavailable") == 2


async def test_a_flood_wait_is_counted_for_its_account(town: Town, engine: Engine, counted: Counted) -> None:
    await engine.begin()
    town.fault("messages.sendMessage", Action.FLOOD_WAIT, user=town.account, seconds=7)
    town.says("A-1")
    await until(lambda: counted("flood_waits_total", str(town.account)) == 1)
    assert counted("flood_wait_seconds_total", str(town.account)) == 7
    assert counted("parts_total", "put_back") == 1


async def test_each_line_about_a_dialog_says_which_and_of_which_turn(
    town: Town, engine: Engine, lines: list[dict[str, object]]
) -> None:
    await engine.begin()
    town.fault("model.chat", Action.ERROR, code=503, count=None)
    town.says("A-1")
    await town.until_value("select failures from dialogs", 1)
    (told,) = [line for line in lines if line["message"] == "no model answers"]
    revision = await town.value("select max(revision) from model_calls")
    assert (told["account"], told["dialog"], told["turn"]) == (town.account, 1, revision)
