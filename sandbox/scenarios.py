"""A scenario as it is tried here: whoever tries it at night sees the account write as well."""

from __future__ import annotations

import re
import shutil
from pathlib import Path


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
