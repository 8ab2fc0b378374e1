"""Who runs which test, and when: for a run on several workers.

What takes longest begins first, so that all end at about the same time. Tests that share something expensive stay with
one worker: a browser, a folder that takes half a minute to make. So do the many small ones of a module, which cost less
than being handed out one by one. (pytest-xdist's own groups are names behind a test's id, and pytest 9 hides them.)
"""

from __future__ import annotations

import os

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

TOGETHER = {
    "tests/page/": "browser",
    "tests/export/test_page.py": "browser",
    "tests/rehearsal/test_html.py": "browser",
    "tests/nasty/test_exports.py": "browser",
    "tests/acceptance/test_story.py": "browser",
    "tests/tooling/test_demo.py": "demo",
    "tests/rehearsal/test_stage.py": "rehearsal",
    "tests/sandbox/test_gramjs.py": "gramjs",
}
"""Units of work that go to one worker as a whole, by the beginning of their tests' ids."""

ONE_BY_ONE = ("tests/acceptance/", "tests/security/", "tests/tooling/", "tests/rehearsal/", "tests/sandbox/")
"""Where a single test may take seconds; elsewhere a module is a unit."""

LONGEST = (
    "tests/page/",
    "tests/tooling/test_demo.py",
    "tests/acceptance/test_restart.py",
    "tests/test_bench.py",
    "tests/rehearsal/test_stage.py",
    "tests/acceptance/",
    "tests/security/",
    "tests/sandbox/test_gramjs.py",
    "tests/tooling/",
    "tests/rehearsal/",
    "tests/export/",
    "tests/engine/",
    "tests/adminbot/",
    "tests/sandbox/",
)
"""What is begun first, in this order; the rest as it stands in the folders."""


def unit_of(nodeid: str) -> str:
    """What goes to one worker together with this test."""
    for beginning, name in TOGETHER.items():
        if nodeid.startswith(beginning):
            return name
    return nodeid if nodeid.startswith(ONE_BY_ONE) else nodeid.partition("::")[0]


def place_of(nodeid: str) -> int:
    """How early a test begins."""
    together = [beginning for beginning, name in TOGETHER.items() if name == unit_of(nodeid)]
    begun = [n for n, first in enumerate(LONGEST) if any(one.startswith(first) for one in (nodeid, *together))]
    return min(begun, default=len(LONGEST))


class Schedule(LoadScopeScheduling):
    """Hands out one unit after the other to whoever is about to have nothing left to do."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker is gone: what it had left goes to others, but the test in whose midst it died, which has failed."""
        units = self.assigned_work[node].values()
        for unit in units:
            for nodeid, done in unit.items():
                if not done:
                    unit[nodeid] = True
                    super().remove_node(node)
                    return nodeid
        super().remove_node(node)
        return None


def pytest_xdist_auto_num_workers() -> int:
    """Two for each core, for they wait as much as they work; each takes half a gigabyte."""
    return min(8, 2 * (os.cpu_count() or 1))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Schedule:
    config.option.loadscopereorder = False  # by how many tests a unit has
    return Schedule(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: place_of(item.nodeid))
