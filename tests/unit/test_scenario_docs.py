"""docs/scenarios.md tells everything that a scenario can hold, and its examples work."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from salesbot.dialog.model import FieldKind
from salesbot.dialog.scenario import FactKind
from salesbot.scenarios.load import check
from salesbot.scenarios.shape import CURRENCIES, SHAPES, FactShape, ScenarioShape

DOCS = Path(__file__).parents[2] / "docs"
MANUAL = (DOCS / "scenarios.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", MANUAL, re.DOTALL)
SECTIONS = {"outcomes", "limits", "stages", "fields", "openings"}


@pytest.mark.parametrize("shape", [ScenarioShape, FactShape, *SHAPES.values()])
def test_every_key_is_told(shape: type[BaseModel]) -> None:
    missing = [key for key in shape.model_fields if not re.search(rf"`\[*{key}\]*`|`{key} = |\[{key}\]", MANUAL)]
    assert [key for key in missing if key not in SECTIONS or f"[{key}]" not in MANUAL] == []


@pytest.mark.parametrize("word", [*FieldKind, *FactKind, *CURRENCIES])
def test_every_kind_and_currency_is_told(word: str) -> None:
    assert f'`"{word}"`' in MANUAL


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_can_be_read_and_has_keys_that_there_are(block: str) -> None:
    data = tomllib.loads(block)
    known = {*ScenarioShape.model_fields, "max_parts", "fact"}
    assert set(data) <= known
    for key, shape in {**SHAPES, "fact": FactShape}.items():
        given = data.get(key, [])
        for one in given if isinstance(given, list) else [given]:
            assert set(one) <= set(shape.model_fields)


def test_the_defaults_that_it_names_are_those_of_the_program() -> None:
    limits = SHAPES["limits"]
    told = dict(re.findall(r"\| `(\w+)` \| [^|]*\(?[^|]*\| `(\d+)` \|", MANUAL))
    assert told == {key: str(field.default) for key, field in limits.model_fields.items()}


def test_what_it_calls_needed_is_needed() -> None:
    rows = re.findall(r"\| `\[?(\w+)\]?` \|.*\| (yes|no) \|", MANUAL)
    fields = {**ScenarioShape.model_fields, **SHAPES["stages"].model_fields, **FactShape.model_fields}
    assert len(rows) > 20
    for key, needed in rows:
        assert fields[key].is_required() == (needed == "yes"), key


def test_the_scenario_of_another_business_is_sound() -> None:
    found = check(DOCS / "scenarios" / "swim-school")
    assert found.problems == ()
    assert [fact.id for fact in found.scenario.facts if fact.price] == ["tadpoles", "otters", "cap"]
