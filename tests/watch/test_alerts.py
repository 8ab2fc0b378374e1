"""The alert rules and the page about them: they speak of metrics that exist, and fire when they should."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import asyncpg
import pytest

from salesbot import metrics
from salesbot.clock import SystemClock
from salesbot.watch.gauges import Gauges, of_the_process
from salesbot.watch.look import Look

ROOT = Path(__file__).parents[2]
RULES = ROOT / "docs" / "monitoring" / "alerts.yml"
PAGE = ROOT / "docs" / "monitoring.md"
PROMETHEUS = {"up", "process_start_time_seconds"}
"""Names that come from Prometheus itself and from its library."""


def families(pool: asyncpg.Pool) -> dict[str, tuple[str, tuple[str, ...]]]:
    """All that the page serves: name to type and labels."""
    everything = [
        *metrics.REGISTRY.collect(),
        *Gauges(Look((), None, frozenset(), False, ()), pool, SystemClock()).collect(),
    ]
    found = {}
    for family in everything:
        labels = {name for sample in family.samples for name in sample.labels} - {"le"}
        found[family.name] = (family.type, tuple(sorted(labels)))
    return found


def series(pool: asyncpg.Pool) -> set[str]:
    """The names that a rule may use."""
    names = set()
    for name, (kind, _) in families(pool).items():
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(kind, [""])
        names |= {name + ending for ending in endings}
    return names


def test_the_rules_speak_of_metrics_that_exist(pool: asyncpg.Pool) -> None:
    expressions = re.findall(r"^ +expr: (.*)$", RULES.read_text(encoding="utf-8"), re.MULTILINE)
    used = {name for one in expressions for name in re.findall(r"\b(?:salesbot|process)_\w+|\bup\b", one)}
    assert used - series(pool) - PROMETHEUS == set()
    assert "process_start_time_seconds" in {sample.name for one in of_the_process().collect() for sample in one.samples}
    assert len(expressions) > 10


def test_the_values_of_labels_in_the_rules_exist(pool: asyncpg.Pool) -> None:
    text = RULES.read_text(encoding="utf-8")
    assert {*re.findall(r'_turns_total\{end="(\w+)"', text)} <= {end.value for end in metrics.TurnEnd}
    assert {*re.findall(r'_parts_total\{end="(\w+)"', text)} <= {end.value for end in metrics.PartEnd}


def test_the_page_lists_every_metric_and_no_other(pool: asyncpg.Pool) -> None:
    listed = re.findall(r"^\| `(salesbot_\w+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    endings = {"counter": "_total"}
    served = [name + endings.get(kind, "") for name, (kind, _) in families(pool).items()]
    assert sorted(listed) == sorted(served)


@pytest.mark.skipif(shutil.which("promtool") is None and "SALESBOT_CI" not in os.environ, reason="promtool is not here")
def test_promtool_takes_the_rules_and_they_fire_when_they_should() -> None:
    promtool = shutil.which("promtool")
    assert promtool, "sudo apt-get install prometheus"
    for command in (
        ["check", "rules", str(RULES)],
        ["test", "rules", str(Path(__file__).with_name("alerts.test.yml"))],
    ):
        done = subprocess.run([promtool, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
