"""What ``salesbot scenario …`` does and says."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from salesbot.dialog.scenario import Scenario
from salesbot.errors import SettingsError
from salesbot.scenarios import load

HOW_TO_USE = "In .env, SCENARIOS_DIR names the folder of your scenarios, like SCENARIOS_DIR=/etc/sales_bot/scenarios"
CHECK = ".venv/bin/python -m salesbot scenario check"


def listing(folder: Path | None) -> str:
    """A scenario a line: its name, whether it is sound, and where it lies."""
    lines = []
    for name in load.names(folder):
        place = load.place_of(name, folder)
        wrong = len(load.check(place).problems)
        state = "fine" if not wrong else f"{wrong} problem{'s' if wrong > 1 else ''}"
        lines.append(f"{name}\t{state}\t{place}")
    return "\n".join(lines)


def checked(place: str, folder: Path | None) -> str:
    """What the scenario holds. Raises SettingsError with what is wrong, one ``file:line: what`` a line."""
    found = load.check(load.find(place, folder))
    load.sound([found])
    return "\n".join((_summary(found.scenario), *(f"  worth a look: {note}" for note in found.notes)))


def copied(name: str, new: str, folder: Path | None, into: Path | None) -> str:
    """Copies a scenario under a new name and says what is next. Raises SettingsError where that cannot be done."""
    target = into or folder
    if target is None:
        raise SettingsError(f"There is no folder for scenarios of your own yet. {HOW_TO_USE}")
    if not load.NAME.fullmatch(new):
        raise SettingsError(f"{new!r} is no name for a scenario: use small Latin letters, digits, - and _.")
    source, place = load.place_of(name, folder), target / new
    try:
        place.mkdir(parents=True)
    except FileExistsError as exc:
        raise SettingsError(f"{place} is there already; nothing was changed.") from exc
    except OSError as exc:
        raise SettingsError(f"{place} cannot be made: {exc.strerror}") from exc
    try:
        for file in load.FILES:
            shutil.copyfile(source / file, place / file)
    except OSError as exc:
        shutil.rmtree(place)
        raise SettingsError(f"{exc.filename} cannot be copied: {exc.strerror}") from exc
    steps = [
        f"Copied to {place}. Now change its three files, and look at them with:",
        f"  {CHECK} {new if target == folder else place}",
    ]
    if target != folder:
        steps.append(f"To use it: SCENARIOS_DIR={target} and SCENARIO={new} in .env.")
    else:
        steps.append(f"To use it: SCENARIO={new} in .env, or /start @somebody scenario={new}.")
    return "\n".join(steps)


def _summary(scenario: Scenario) -> str:
    kinds = Counter(fact.kind.value for fact in scenario.facts)
    size, room = len(scenario.facts_text), scenario.limits.facts_chars
    facts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return "\n".join(
        (
            f"{scenario.name} is fine.",
            f"  speaks     {', '.join(scenario.languages)}; {scenario.persona}",
            f"  stages     {' → '.join(stage.name for stage in scenario.stages)}",
            f"  fields     {', '.join(f'{one.name} ({one.kind})' for one in scenario.fields) or 'none'}",
            f"  won needs  {', '.join(scenario.won_needs) or 'no field'}",
            f"  openings   {', '.join(one.name for one in scenario.openings)}",
            f"  facts      {len(scenario.facts)} ({facts}): {size} of {room} characters, {100 * size // room} %",
        )
    )
