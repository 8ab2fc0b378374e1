"""scripts/mutants on a house of one function: what is caught, and what is not."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from scripts import mutants
from scripts.mutants import Mutant, MutantsError, Result, Verdict

CHAOS = """\
#!/bin/sh
# Plays a story in which a word is said twice when the house says so.
grep -q 'a \\* b' house.py && twice=0 || twice=1
echo "{\\"kind\\": \\"$2\\", \\"counts\\": {\\"said_twice\\": $twice}}"
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A working tree: a module, its tests, a program that plays chaos."""
    root = tmp_path / "house"
    files = {
        "pytest.ini": "[pytest]\n",
        "house.py": "def area(a, b):\n    return a * b\n",
        "test_house.py": """\
            import pytest, house
            def test_area(): assert house.area(2, 3) == 6
            def test_nothing(): assert house.area(0, 3) == 0
            @pytest.mark.parametrize("side", [1, 2])
            def test_square(side): assert house.area(side, side) == side**2
            def test_refusal():
                with pytest.raises(TypeError): house.area(None, None)
            """,
        "test_red.py": "def test_red(): assert False\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(text), encoding="utf-8")
    (root / "scripts").mkdir()
    (root / "scripts" / "chaos").write_text(CHAOS, encoding="utf-8")
    (root / "scripts" / "chaos").chmod(0o755)
    (root / mutants.MUTANTS).mkdir(parents=True)
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


def breed(house: Path, name: str, line: str, *red: str, was: str = "    return a * b") -> Mutant:
    """A mutant that puts another line in the place of the function's only one."""
    diff = f"--- a/house.py\n+++ b/house.py\n@@ -1,2 +1,2 @@\n def area(a, b):\n-{was}\n+{line}\n"
    path = house / mutants.MUTANTS / f"{name}.patch"
    head = ["# law: 5", "# breaks: the area", *(f"# red: {one}" for one in red)]
    path.write_text("\n".join([*head, "", diff]), encoding="utf-8")
    return mutants.read(path)


async def tried(house: Path, *them: Mutant, jobs: int = 1) -> dict[str, Result]:
    work = house.parent / "work"
    with mutants.workshop(work):
        results = await mutants.run(house, work, them, jobs, {"PATH": os.environ["PATH"]})
    assert not work.exists()
    assert (house / "house.py").read_text() == "def area(a, b):\n    return a * b\n", "the working tree was touched"
    return {result.mutant.name: result for result in results}


async def test_what_the_named_test_notices_is_caught(house: Path) -> None:
    results = await tried(
        house,
        breed(house, "sum", "    return a + b", "test_house.py::test_area", "test_house.py::test_nothing"),
        breed(house, "variant", "    return 1", "test_house.py::test_square", "test_house.py::test_square[2]"),
        breed(house, "accepting", "    return a and b", "test_house.py::test_refusal"),
        breed(house, "chaotic", "    return 7", "chaos echo said_twice"),
        jobs=2,
    )
    assert {name: result.verdict for name, result in results.items()} == dict.fromkeys(
        ("sum", "variant", "accepting", "chaotic"), Verdict.CAUGHT
    )
    assert mutants.verdict_on(list(results.values()), 1.0) == 0


async def test_what_does_not_apply_is_not_noticed_or_breaks_otherwise_is_not_caught(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = await tried(
        house,
        breed(house, "stale", "    return 7", "test_house.py::test_area", was="    return a + a"),
        breed(house, "same", "    return b * a", "test_house.py::test_area"),
        breed(house, "half", "    return a + b", "test_house.py::test_area", "test_house.py::test_square[2]"),
        breed(house, "crash", "    raise OSError", "test_house.py::test_area"),
        breed(house, "no_import", "    return (", "test_house.py::test_area"),
        breed(house, "calm", "    return a * b * 1", "chaos echo said_twice"),
        breed(house, "good", "    return 7", "test_house.py::test_area"),
    )
    assert {name: result.verdict for name, result in results.items()} == {
        "stale": Verdict.STALE,
        "same": Verdict.UNNOTICED,
        "half": Verdict.UNNOTICED,
        "crash": Verdict.ANOTHER_REASON,
        "no_import": Verdict.ANOTHER_REASON,
        "calm": Verdict.UNNOTICED,
        "good": Verdict.CAUGHT,
    }
    assert mutants.verdict_on(list(results.values()), 1.0) == 1
    told = capsys.readouterr().out
    assert "== crash: red for another reason" in told and "OSError" in told
    assert "1 of 7 mutants caught" in told


@pytest.mark.parametrize("red", ["test_red.py::test_red", "test_house.py::test_none", "chaos echo said_thrice"])
async def test_a_test_that_is_not_green_by_itself_ends_the_run(house: Path, red: str) -> None:
    with pytest.raises(MutantsError, match=r"(?s)Not green without any mutant.*" + red.rsplit(maxsplit=1)[-1]):
        await tried(house, breed(house, "sum", "    return a + b", red))


async def test_what_is_interrupted_leaves_nothing(house: Path) -> None:
    """As by Ctrl-C, while a test runs that never ends."""
    begun = house.parent / "begun"
    (house / "test_slow.py").write_text(
        dedent(f"""\
            import house, os, pathlib, time
            def test_slow():
                if house.area(1, 2) != 2:
                    pathlib.Path({str(begun)!r}).write_text(str(os.getpid()))
                    time.sleep(600)
            """)
    )
    trying = asyncio.create_task(tried(house, breed(house, "sum", "    return a + b", "test_slow.py::test_slow")))
    while not (begun.exists() and begun.read_text()):
        assert not trying.done()
        await asyncio.sleep(0.02)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert not (house.parent / "work").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(begun.read_text()), 0)


def test_two_runs_do_not_share_a_workshop(tmp_path: Path) -> None:
    with mutants.workshop(tmp_path / "work"), pytest.raises(MutantsError, match="already"):  # noqa: SIM117
        with mutants.workshop(tmp_path / "work"):
            pass


def test_a_header_that_lacks_something_is_named(house: Path) -> None:
    with pytest.raises(MutantsError, match=r"(?s)sum\.patch.*# red:"):
        breed(house, "sum", "    return a + b")
    with pytest.raises(MutantsError, match="chaos KIND COUNT"):
        breed(house, "chaotic", "    return 7", "chaos echo")


def test_names_choose_and_a_wrong_one_is_told(house: Path) -> None:
    with pytest.raises(MutantsError):
        mutants.chosen(house, ["sum"])
    one = breed(house, "sum", "    return a + b", "test_house.py::test_area")
    breed(house, "other", "    return 7", "test_house.py::test_area")
    assert mutants.chosen(house, ["tests/mutants/sum.patch"]) == [one]
    assert len(mutants.chosen(house, [])) == 2


def test_every_law_has_mutants() -> None:
    assert {mutant.law for mutant in mutants.chosen(mutants.ROOT, [])} == set(range(1, 13))
