"""The parts of scripts/install.sh that need no server; scripts/try-install plays the whole of it on one."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from salesbot import settings

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "install.sh"


def bash(words: str, *arguments: str, **also: str) -> str:
    """What some words of bash print after everything that install.sh defines."""
    ran = attempt(words, *arguments, **also)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def attempt(words: str, *arguments: str, **also: str) -> subprocess.CompletedProcess[str]:
    """The same, however it ends."""
    defined = SCRIPT.read_text(encoding="utf-8").partition('\narguments "$@"')[0]
    for name, value in also.items():
        defined = re.sub(rf"(?m)^(readonly )?{name}=.*$", f"{name}={value}", defined)
    script = f"{defined}\n{words}"
    return subprocess.run(["bash", "-c", script, SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_help_names_every_command_and_option() -> None:
    said = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, check=True).stdout
    understood = re.findall(r"^            ([\w |-]+)\)", SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)
    words = {word for line in understood for word in line.split(" | ")} - {"-h", "--help"}
    assert len(words) >= 9
    assert [word for word in sorted(words) if word not in said] == []
    assert "set -E" not in said


@pytest.mark.parametrize("value", ["plain", "it's", 'a "b" #c', "back\\slash", "postgresql://u:p%40w@h/d?x=1&y=2"])
def test_what_the_script_writes_is_what_the_product_reads(tmp_path: Path, value: str) -> None:
    file = tmp_path / "env"
    file.write_text("# mine\nAPI_ID=1\nDATABASE_URL=old\n")
    bash('remember DATABASE_URL "$1"', value, settings=str(file), user=str(os.getuid()))
    assert settings.in_file(file) == {"API_ID": "1", "DATABASE_URL": value}
    assert file.read_text().startswith("# mine\n")
    assert file.stat().st_mode & 0o077 == 0


def test_the_same_files_make_the_same_release_and_another_file_another_one(tmp_path: Path) -> None:
    def digest() -> str:
        return bash("source=$1; bundle | sha256sum", str(tmp_path), contents='"salesbot sql"')

    for name in ("salesbot/a.py", "sql/1.sql"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    first = digest()
    (tmp_path / "salesbot" / "a.py").touch()
    (tmp_path / "salesbot" / "__pycache__").mkdir()
    (tmp_path / "salesbot" / "__pycache__" / "a.pyc").write_text("anything")
    (tmp_path / ".env").write_text("SECRET_KEY=no part of a release")
    assert digest() == first
    (tmp_path / "sql" / "1.sql").write_text("other")
    assert digest() != first


def test_every_folder_that_the_product_reads_is_part_of_a_release() -> None:
    named = set(bash('echo "$contents"').split())
    assert {"main.py", "requirements.txt", "salesbot", "scripts", "sql", "systemd"} <= named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
    assert not {".env", "tests", "var"} & named


SWAP = """
    state_of() { echo "$told"; }
    systemctl() { :; }; use() { echo "uses $1"; }; back_up() { :; }; last_words() { :; }; in_use() { echo before; }
    start() { echo starts; }; healthy() { return 0; }
    told=$1 release=after
    swap
"""


@pytest.mark.parametrize(("was", "starts"), [("inactive", False), ("active", True), ("failed", True)])
def test_an_upgrade_that_fails_starts_the_service_only_if_nobody_had_stopped_it(was: str, starts: bool) -> None:
    ran = attempt(SWAP, was, wrapper="false")  # its migrate fails
    assert ran.returncode == 1
    said = ran.stdout.splitlines()
    assert [line for line in said if line.startswith("uses")] == ["uses after", "uses before"]
    assert ("starts" in said) is starts
    assert ("stays stopped" in ran.stderr) is not starts


@pytest.mark.parametrize("link", ["current", "previous"])
def test_a_release_in_use_is_not_made_anew_because_it_does_not_start_just_now(tmp_path: Path, link: str) -> None:
    (tmp_path / "source" / "salesbot").mkdir(parents=True)
    (tmp_path / "source" / "salesbot" / "__init__.py").write_text('__version__ = "1.0.0"\n')
    places = f"{tmp_path}/code current={tmp_path}/current previous={tmp_path}/previous"
    digest = bash("source=$1; bundle | sha256sum", str(tmp_path / "source"), contents="salesbot")[:12]
    release = tmp_path / "code" / "releases" / f"1.0.0-{digest}"
    release.mkdir(parents=True)
    (release / ".complete").touch()
    (tmp_path / link).symlink_to(release)
    ran = attempt(
        "source=$1; starts() { false; }; make_release", f"{tmp_path}/source", contents="salesbot", code=places
    )
    assert "is in use" in ran.stderr
    assert (release / ".complete").exists()


def test_what_moves_is_read_and_written_with_the_rights_of_its_user(tmp_path: Path) -> None:
    """Root does nothing there: the old folder and the new one are the user's, and so are the links in them."""
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "scenarios" / "mine").mkdir(parents=True)
    (old / "scenarios" / "mine" / "facts.toml").write_text("facts")
    (old / ".env").write_text("API_ID=1\n")
    (old / ".env.example").write_text("# API_ID=\n")
    moved = 'bring "$1/scenarios" "$2"'
    assert "may not copy" in attempt(f"as_user() {{ false; }}; {moved}", str(old), str(new)).stderr
    assert not new.exists()
    bash(f'as_user() {{ "$@"; }}; {moved}', str(old), str(new))
    assert (new / "mine" / "facts.toml").read_text() == "facts"
    assert new.stat().st_mode & 0o077 == 0
    read = attempt("as_user() { false; }; release=$1; carry_over", str(old), original=str(old))
    assert "may not read" in read.stderr


TOLERATES = "-- Oldest release tolerated while this runs: {:04}'s."


@pytest.mark.parametrize(
    ("had", "knows", "tolerates", "goes_on"),
    [(4, False, 3, True), (3, False, 3, False), (3, True, 3, True), (3, True, 4, False), (2, True, 3, False)],
)
def test_the_old_place_is_said_to_go_on_only_with_a_database_that_its_release_knows(
    tmp_path: Path, had: int, knows: bool, tolerates: int, goes_on: bool
) -> None:
    for name, newest in ("old", had), ("new", 4):
        (tmp_path / name / "sql").mkdir(parents=True)
        for number in range(1, newest + 1):
            text = TOLERATES.format(tolerates if number == 4 else number)
            (tmp_path / name / "sql" / f"{number:04}_some.sql").write_text(text)
    code = tmp_path / "old" / "salesbot" / "store" / "migrate.py"
    code.parent.mkdir(parents=True)
    code.write_text("tolerates" if knows else "")
    said = bash("release=$1; if goes_on; then echo yes; fi", f"{tmp_path}/new", original=f"{tmp_path}/old")
    assert (said == "yes\n") is goes_on


@pytest.mark.parametrize("address", ["postgresql://u:p%40w@h/d", "postgresql://u@h/d?sslmode=require&password=pw"])
def test_an_address_with_a_password_is_asked_for_and_refused_among_the_words_of_the_command(address: str) -> None:
    refused = attempt('arguments --database-url "$1"', address)
    assert "(ps)" in refused.stderr
    assert address not in refused.stderr
    assert bash('arguments --database-url - <<<"$1"; echo "$database_url"', address) == f"{address}\n"


@pytest.mark.parametrize("address", ["postgresql://h:5432/d", "postgresql://u@h/d", "postgresql://u@/d?host=/run"])
def test_an_address_without_a_password_may_stand_in_the_command(address: str) -> None:
    assert bash('arguments --database-url "$1"; echo "$database_url"', address) == f"{address}\n"
