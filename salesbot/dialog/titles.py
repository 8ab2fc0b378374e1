"""What the operator reads in the place of a scenario's codes: its own titles, or at least words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from salesbot.dialog.scenario import Scenario

Title = Mapping[str, str]
"""By the operator's language; the empty one stands for all."""


@dataclass(frozen=True, slots=True)
class Titles:
    """Of all scenarios, by scenario and code. A code without a title in the reader's language, or one that the scenario
    has no more, is shown as words: ``team_size`` as ``team size``."""

    stages: Mapping[tuple[str, str], Title] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], Title] = field(default_factory=dict)
    openings: Mapping[tuple[str, str], Title] = field(default_factory=dict)

    def stage(self, language: str, scenario: str, code: str) -> str:
        return _title(self.stages, language, scenario, code)

    def field(self, language: str, scenario: str, code: str) -> str:
        return _title(self.fields, language, scenario, code)

    def opening(self, language: str, scenario: str, code: str) -> str:
        return _title(self.openings, language, scenario, code)


UNTITLED = Titles()


def of(scenarios: Iterable[Scenario]) -> Titles:
    known = list(scenarios)
    return Titles(
        {(one.name, stage.name): stage.title for one in known for stage in one.stages},
        {(one.name, each.name): each.title for one in known for each in one.fields},
        {(one.name, opening.name): opening.title for one in known for opening in one.openings},
    )


def _title(titles: Mapping[tuple[str, str], Title], language: str, scenario: str, code: str) -> str:
    given = titles.get((scenario, code), {})
    return given.get(language) or given.get("") or code.replace("_", " ")
