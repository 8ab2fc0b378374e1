"""Reads a scenario's folder and says what is wrong with it: everything at once, each with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from salesbot.dialog.scenario import Fact, Field, Limits, Opening, Price, Scenario, Stage
from salesbot.errors import SettingsError
from salesbot.scenarios import checks, problems
from salesbot.scenarios.checks import Draft
from salesbot.scenarios.problems import Problem, Source
from salesbot.scenarios.shape import SENTENCES, FactShape, ScenarioShape

SHIPPED = Path(__file__).parent
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
FILES = ("scenario.toml", "facts.toml", "prompt.md")

STAND_INS = {
    **dict.fromkeys(("company", "persona", "goal", "follow_up"), "-"),
    **{key: {} for key in SENTENCES},
    "languages": ["en"],
    "timezone": "UTC",
    "outcomes": dict.fromkeys(("won", "lost", "human"), "-"),
    "stages": [{"name": "stage", "what": "-"}],
    "openings": [{"name": "opening", "how": "-"}],
}
"""What takes the place of keys that cannot be used, so that the others can be looked at."""


ALL_KEYS = frozenset(ScenarioShape.model_fields)


@dataclass(frozen=True, slots=True)
class Checked:
    """A folder as it was found: a scenario, and what is wrong with it."""

    scenario: Scenario
    """With gaps, if there are problems."""
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    """What is worth a look and stops nothing."""


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The scenarios there are: those of the operator's folder and the shipped ones."""
    return tuple(sorted(_places(folder)))


def place_of(name: str, folder: Path | None = None) -> Path:
    """The folder of the scenario of this name, the operator's rather than a shipped one. Raises SettingsError."""
    places = _places(folder)
    if name not in places:
        raise SettingsError(f"There is no scenario {name!r}; there are: {', '.join(sorted(places)) or 'none'}.")
    return places[name]


def find(place: str, folder: Path | None = None) -> Path:
    """Where a scenario lies: what is given is its name, its folder, or a file in that. Raises SettingsError."""
    path = Path(place).parent if Path(place).is_file() else Path(place)
    if len(path.parts) > 1 and not path.is_dir():
        raise SettingsError(f"There is no folder {place}.")
    return path if path.is_dir() else place_of(place, folder)


def load(name: str, folder: Path | None = None) -> Scenario:
    """The scenario of this name, from the operator's folder or else from the shipped ones.

    Raises SettingsError that names everything that is wrong, one ``file:line: what`` a line.
    """
    return sound([check(place_of(name, folder))])[0]


def load_all(folder: Path | None = None) -> dict[str, Scenario]:
    """Every scenario there is, by name. Raises SettingsError with all that is wrong with any of them."""
    if folder is not None and not folder.is_dir():
        raise SettingsError(f"SCENARIOS_DIR names {folder}, and there is no such folder.")
    return {one.name: one for one in sound([check(place) for place in _places(folder).values()])}


def check(place: Path) -> Checked:
    """Reads a folder; what is wrong with it is told in the order of its files and lines."""
    main, wrong = problems.read_toml(place / "scenario.toml")
    facts_file, more = problems.read_toml(place / "facts.toml")
    instructions, yet_more = problems.read_text(place / "prompt.md")
    wrong += [*more, *yet_more]
    unread = {problem.file for problem in wrong}
    file, broken, more = _shaped(main) if main.path not in unread else (_stand_in({}), ALL_KEYS, [])
    facts, yet_more = _facts(facts_file) if facts_file.path not in unread else ([], [])
    wrong += [*_name(place), *more, *yet_more]
    broken |= {problem.file.name for problem in wrong}
    scenario = _scenario(place.resolve().name, file, [fact for _, fact in facts], instructions.strip())
    draft = Draft(scenario, file, facts, main, facts_file, broken)
    wrong += checks.run(draft)
    ordered = sorted(set(wrong), key=lambda one: (FILES.index(one.file.name), one.line, one.what))
    return Checked(scenario, tuple(ordered), tuple(checks.notes(draft)))


def _places(folder: Path | None) -> dict[str, Path]:
    roots = (SHIPPED, folder) if folder is not None else (SHIPPED,)
    return {path.parent.name: path.parent for root in roots for path in sorted(root.glob("*/scenario.toml"))}


def sound(found: Sequence[Checked]) -> list[Scenario]:
    wrong = [str(problem) for one in found for problem in one.problems]
    if wrong:
        raise SettingsError("\n".join(wrong))
    return [one.scenario for one in found]


def _name(place: Path) -> Iterable[Problem]:
    name = place.resolve().name
    if not NAME.fullmatch(name):
        what = f"the folder's name, {name!r}, is the scenario's: use small Latin letters, digits, - and _"
        yield Problem(place / "scenario.toml", 1, what)


def _shaped(source: Source) -> tuple[ScenarioShape, frozenset[str], list[Problem]]:
    """The file, with stand-ins for the keys that cannot be used; and which those are."""
    try:
        return ScenarioShape.model_validate(source.data), frozenset(), []
    except ValidationError as exc:
        broken = frozenset(str(error["loc"][0]) for error in exc.errors())
        return _stand_in(source.data, broken), broken, problems.explain(source, exc, ScenarioShape)


def _stand_in(data: Mapping[str, object], broken: frozenset[str] = frozenset()) -> ScenarioShape:
    return ScenarioShape.model_validate(STAND_INS | {key: value for key, value in data.items() if key not in broken})


def _facts(source: Source) -> tuple[list[tuple[int, FactShape]], list[Problem]]:
    """The facts that can be used, with their number in the file."""
    wrong = [
        source.problem((key,), f"there is no such key here; {FACTS_ALONE}") for key in source.data if key != "fact"
    ]
    given = source.data.get("fact", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return [], [*wrong, source.problem(("fact",), FACTS_ALONE)]
    if not given and not wrong:
        wrong.append(source.problem((), f"there is no fact in it; {FACTS_ALONE}"))
    facts = []
    for at, one in enumerate(given):
        try:
            facts.append((at, FactShape.model_validate(one)))
        except ValidationError as exc:
            wrong += problems.explain(source, exc, FactShape, ("fact", at))
    return facts, wrong


FACTS_ALONE = "each fact begins with a line [[fact]]"


def _scenario(name: str, file: ScenarioShape, facts: Sequence[FactShape], instructions: str) -> Scenario:
    outcomes, limits = file.outcomes, file.limits
    return Scenario(
        name=name,
        persona=file.persona,
        company=file.company,
        goal=file.goal,
        stages=tuple(Stage(one.name, one.what, one.learn, one.move_on, one.hot, one.title) for one in file.stages),
        facts=tuple(_fact(one, file.languages) for one in facts),
        instructions=instructions,
        openings=tuple(Opening(one.name, one.how, one.title) for one in file.openings),
        follow_up=file.follow_up,
        languages=file.languages,
        **{key: getattr(file, key) for key in SENTENCES},
        fields=tuple(Field(one.name, one.kind, one.what, one.choices, one.title) for one in file.fields),
        won=outcomes.won,
        lost=outcomes.lost,
        needs_human=outcomes.human,
        won_needs=outcomes.won_needs,
        follow_ups=file.follow_ups,
        quiet_hours=file.quiet_hours,
        timezone=file.timezone,
        max_parts=limits.max_parts,
        max_part_chars=limits.max_part_chars,
        limits=Limits(limits.facts_chars, limits.turns_per_hour),
    )


def _fact(one: FactShape, languages: Sequence[str]) -> Fact:
    texts = {code or languages[0]: " ".join(text.split("\n")) for code, text in one.text.items()}
    price = Price(one.price.amount, one.price.currency, one.price.per) if one.price else None
    return Fact(one.id, one.kind, texts, one.names, price)
