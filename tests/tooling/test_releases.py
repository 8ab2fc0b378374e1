"""What a release needs to be one, and the scripts that a maintainer tries it with."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import salesbot

ROOT = Path(__file__).parents[2]


def test_the_version_is_the_same_wherever_it_stands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == salesbot.__version__


@pytest.mark.parametrize(("script", "words"), [("compatible", "REVISION"), ("try-container", "--place DIR")])
def test_a_script_tells_what_it_does_without_installing_anything(script: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / script, tmp_path / "scripts")
    done = subprocess.run([tmp_path / "scripts" / script, "--help"], capture_output=True, text=True, check=True)
    assert words in done.stdout


def test_the_image_takes_from_the_checkout_only_what_it_is_allowed_to_see() -> None:
    """What the ignore file leaves out cannot be copied; what is copied for nothing would be a leak."""
    container = ROOT / "scripts" / "container"
    copied = {
        word
        for line in (container / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }
    ignored = (container / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied
    assert "*" in ignored
