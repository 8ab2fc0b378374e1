"""A seller as it is tried here: at any hour, and without the pauses of a person."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

QUICK = {
    "DEBOUNCE_SECONDS": "0.3",
    "DEBOUNCE_CAP_SECONDS": "2",
    "READ_DELAY_SECONDS": "0",
    "TYPING_SECONDS_PER_CHAR": "0",
    "TYPING_MIN_SECONDS": "0",
    "TYPING_MAX_SECONDS": "0",
    "PART_PAUSE_SECONDS": "0",
}
"""Settings of a seller who need not look like a person: answers within a second."""


def copy_without_quiet_hours(scenario: Path, scenarios: Path) -> Path:
    """Copy the folder of a scenario, less its quiet hours, into a new folder of scenarios.

    Returns ``scenarios``, fit for ``SCENARIOS_DIR``; what stood there is gone.
    """
    shutil.rmtree(scenarios, ignore_errors=True)
    copy = scenarios / scenario.name
    copy.mkdir(parents=True)
    for file in scenario.iterdir():
        if file.suffix in (".toml", ".md"):
            shutil.copyfile(file, copy / file.name)
    written = (copy / "scenario.toml").read_text(encoding="utf-8")
    (copy / "scenario.toml").write_text(re.sub(r"(?m)^quiet_hours\b.*\n", "", written), encoding="utf-8")
    return scenarios
