"""The units of systemd: known to systemd, hardened, each option with its reason, and of one mind with each other."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
MOST_EXPOSED = 15  # tenths, of 100
SERVICES = ("sales_bot.service", "salesbot-backup.service", "salesbot-alert@.service")
SPEAK_FOR_THEMSELVES = {"Description", "Documentation"}

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and "SALESBOT_CI" not in os.environ, reason="systemd-analyze is not here"
)


def files() -> list[Path]:
    return sorted(path for path in UNITS.rglob("*") if path.suffix in {".service", ".timer", ".conf"})


def options(path: Path) -> Iterator[tuple[int, str, str, bool]]:
    """Line, name and value of every option, and whether a comment stands above it (or above the same one before it)."""
    above, last = False, ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, is_option, value = line.partition("=")
        if is_option and not line.startswith("#"):
            yield number, name, value, above or name == last
            last = name
        above = line.startswith("#")


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A root in which everything that the units name stands in its place."""
    etc = tmp_path / "etc/systemd/system"
    shutil.copytree(UNITS, etc, symlinks=True)
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    for program in ("opt/sales_bot/current/.venv/bin/python", "bin/sh", "bin/systemctl"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).write_text("#!/bin/true\n", encoding="ascii")
        (tmp_path / program).chmod(0o755)
    return tmp_path


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False)


@needs_systemd
@pytest.mark.parametrize("unit", [path.name for path in files() if path.suffix in {".service", ".timer"}])
def test_systemd_finds_nothing_wrong(server: Path, unit: str) -> None:
    done = analyze("verify", f"--root={server}", "--recursive-errors=one", "--man=no", unit)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES)
def test_a_unit_is_hardly_exposed(server: Path, unit: str) -> None:
    done = analyze("security", f"--root={server}", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", unit)
    assert done.returncode == 0, done.stdout


def test_every_option_has_its_reason_above_it() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{line}: {name}={value}"
        for path in files()
        for line, name, value, explained in options(path)
        if not explained and name not in SPEAK_FOR_THEMSELVES
    ]
    assert not bare, "\n".join(bare)


def test_a_unit_that_another_one_starts_exists() -> None:
    named = {
        re.sub(r"@.*(\.\w+)$", r"@\1", unit)
        for path in files()
        for _, name, value, _ in options(path)
        if name in {"OnFailure", "PartOf", "Unit"}
        for unit in value.split()
    }
    assert named >= {"salesbot-alert@.service", "salesbot-again.timer"}
    assert {name for name in named if not (UNITS / name).is_file()} == set()


@pytest.mark.parametrize("unit", SERVICES[1:])
def test_what_a_unit_may_not_do_is_written_once(unit: str) -> None:
    assert (UNITS / f"{unit}.d" / "hardening.conf").readlink() == Path("../sales_bot.service.d/hardening.conf")
