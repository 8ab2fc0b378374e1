"""The scripts say what is missing and how to mend it, and can be asked what they do before anything is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Answers like a Python without its venv module (Debian's packages split it off), or like an old one.
WITHOUT_VENV = """#!/bin/sh
case $2 in
    *venv*) exit 1 ;;
    *version_info\\[:2\\]*) echo 3.12 ;;
esac
"""
TOO_OLD = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What scripts/setup sees of a fresh clone."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts")
    return tmp_path


def setup_with(checkout: Path, python: str) -> subprocess.CompletedProcess[str]:
    fake = checkout / "python"
    fake.write_text(python, encoding="ascii")
    fake.chmod(0o755)
    environment = {**os.environ, "PYTHON": str(fake)}
    return subprocess.run(
        [checkout / "scripts" / "setup"], env=environment, capture_output=True, text=True, check=False
    )


def test_without_the_venv_module_it_says_the_one_command_that_mends_it(checkout: Path) -> None:
    done = setup_with(checkout, WITHOUT_VENV)
    assert done.returncode == 1
    assert "sudo apt-get install -y python3.12-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_old_python_is_named(checkout: Path) -> None:
    done = setup_with(checkout, TOO_OLD)
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr


def test_the_demo_tells_its_options_without_installing_anything(tmp_path: Path) -> None:
    shutil.copy(ROOT / "scripts" / "demo", tmp_path)
    done = subprocess.run([tmp_path / "demo", "--help"], capture_output=True, text=True, check=True)
    for option in ("--no-browser", "--data DIR", "--fresh"):
        assert option in done.stdout


def test_trying_an_installation_tells_its_options_without_installing_anything(tmp_path: Path) -> None:
    shutil.copy(ROOT / "scripts" / "try-install", tmp_path)
    done = subprocess.run([tmp_path / "try-install", "--help"], capture_output=True, text=True, check=True)
    for option in ("--place DIR", "--fresh"):
        assert option in done.stdout
