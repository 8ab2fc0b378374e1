"""Fixtures: the whole process against the sandbox and PostgreSQL, a house for each test.

When a test fails, the product's log is printed with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.support.forkserver import ForkServer
from tests.support.house import House, open_house

HOUSE = pytest.StashKey[House]()


@pytest.fixture(scope="session")
def forks(this_run: Run) -> Iterator[ForkServer]:
    """One for a run: what it imports is imported once."""
    server = this_run.forks()
    yield server
    server.close()


@pytest.fixture
async def empty_house(
    request: pytest.FixtureRequest, tmp_path: Path, forks: ForkServer, database: str
) -> AsyncIterator[House]:
    """A sandbox and a database; nobody is signed in, and the product is not started."""
    async with open_house(tmp_path, forks, database) as house:
        request.node.stash[HOUSE] = house
        yield house


@pytest.fixture
async def quiet_house(empty_house: House) -> House:
    """The account is signed in; the product is not started yet. The operator has greeted the bot."""
    await empty_house.sign_in()
    await empty_house.tell_bot("/start")
    return empty_house


@pytest.fixture
async def house(quiet_house: House) -> House:
    """Everything is up."""
    await quiet_house.product.start()
    await quiet_house.bot_says("This bot is your desk")
    return quiet_house


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and HOUSE in item.stash:
        report.sections.append(("the product", _log_of(item.stash[HOUSE])))
    return report


def _log_of(house: Any) -> str:
    return str(house.product.log())
