"""Breaks the product in small ways, each against one of the laws, and demands that the named test notices.

A mutant is a file of tests/mutants: a header, then a unified diff.

    # law: 6
    # breaks: a part is claimed without a second look at the dialog
    # red: tests/engine/test_restarts.py::test_an_unknown_part_is_not_sent_again_after_a_newer_message

Every `# red:` line must turn red by an assertion; a name without its parameters needs one of its variants. A line
`# red: chaos KIND COUNT` runs one round of that kind and wants its count above zero. A mutant that no longer applies,
that nobody notices, or whose test fails for another reason (an import, a fixture, a crash) is not caught. All named
tests run first without any mutant and must be green. What is in the working tree counts, committed or not.
"""

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

from sandbox import postgres, process
from tests.support.forkserver import ForkServer, Program

ROOT = Path(__file__).resolve().parents[1]
MUTANTS = Path("tests/mutants")
PATIENCE = 180.0  # seconds for what notices one mutant
LAST_WORDS = 25  # lines of a log that are shown
SEED = "1"

HEADER = re.compile(r"^# (law|breaks|red): *(\S.*)$")
ASSERTIONS = ("AssertionError", "assert ", "Failed: ")
"""How pytest reports a failed assertion; `Failed` is pytest.fail, and pytest.raises that saw nothing raised."""


class MutantsError(Exception):
    """The run cannot go on; the message says why."""


class Verdict(StrEnum):
    CAUGHT = "caught"
    STALE = "does not apply"
    UNNOTICED = "not noticed"
    ANOTHER_REASON = "red for another reason"


class Outcome(StrEnum):
    """What became of one `# red:` line."""

    GREEN = "green"
    RED = "red"
    BROKEN = "broken"


@dataclass(frozen=True)
class Mutant:
    """One file of tests/mutants."""

    path: Path
    law: int
    breaks: str
    red: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.path.stem


@dataclass(frozen=True)
class Result:
    mutant: Mutant
    verdict: Verdict
    seconds: float
    told: str = ""
    """What a reader needs when it was not caught."""


def read(path: Path) -> Mutant:
    """Raises MutantsError when the header lacks something."""
    header: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if (found := HEADER.match(line)) is None:
            break
        header.setdefault(found[1], []).append(found[2].strip())
    law, breaks = (header.get(word, [""])[0] for word in ("law", "breaks"))
    if not (law.isdigit() and breaks and "red" in header):
        raise MutantsError(f"{path}: its first lines must tell `# law: N`, `# breaks: …` and `# red: …`")
    for red in header["red"]:
        if red.startswith("chaos ") and len(red.split()) != 3:
            raise MutantsError(f"{path}: `# red: {red}` is not `chaos KIND COUNT`")
    return Mutant(path, int(law), breaks, tuple(header["red"]))


def chosen(root: Path, names: Sequence[str]) -> list[Mutant]:
    """All mutants, by their laws, or those named. Raises MutantsError for a name that leads nowhere."""
    there = [read(path) for path in (root / MUTANTS).glob("*.patch")]
    wanted = {Path(name).name.removesuffix(".patch") for name in names}
    if unknown := wanted - {mutant.name for mutant in there}:
        raise MutantsError(f"There is no mutant {', '.join(sorted(unknown))} in {MUTANTS}")
    return sorted((m for m in there if not wanted or m.name in wanted), key=lambda m: (m.law, m.name))


class Tree:
    """A copy of the working tree, in which one mutant at a time lives."""

    def __init__(self, folder: Path, environment: Mapping[str, str], forks: ForkServer | None = None) -> None:
        """``forks`` starts the tests of a mutant without importing the libraries anew."""
        self.folder = folder
        self._forks = forks
        self._log = folder.with_name(f"{folder.name}.log")
        self._report = folder.with_name(f"{folder.name}.xml")
        # Without the ceiling git would take the patch for one of the repository around the copy, and leave it out.
        self._environment = {**environment, "GIT_CEILING_DIRECTORIES": str(folder.parent)}

    def fill(self, root: Path) -> None:
        """Everything git knows of or would take up."""
        words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(words, cwd=root, capture_output=True, check=True).stdout
        for name in filter(None, os.fsdecode(listed).split("\0")):
            if (root / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self.folder / name, follow_symlinks=False)
        if (root / ".venv").exists():
            (self.folder / ".venv").symlink_to(root / ".venv")

    def twin(self, folder: Path, forks: ForkServer | None) -> "Tree":
        """Another copy, with all that is compiled; there nothing is compiled for keeps (see `look.py`)."""
        shutil.copytree(self.folder, folder, symlinks=True, ignore=lambda _, names: {"var"} & set(names))
        return Tree(folder, {**self._environment, "PYTHONDONTWRITEBYTECODE": "1"}, forks)

    async def try_out(self, mutant: Mutant) -> Result:
        """Apply a mutant, look who notices, and take it back."""
        began = time.monotonic()
        patch = ["git", "apply", "--whitespace=nowarn", str(mutant.path.resolve())]
        if await self._run(patch) != 0:
            return Result(mutant, Verdict.STALE, time.monotonic() - began, self.last_words())
        outcomes = await self.look(mutant.red, "-p", "no:cacheprovider")
        told = "\n".join([*(f"{red}: {outcome}" for red, outcome in outcomes.items()), self.last_words()])
        if await self._run([*patch, "--reverse"]) != 0:
            raise MutantsError(f"{mutant.path} could not be taken back:\n{self.last_words()}")
        verdict = Verdict.CAUGHT
        if Outcome.GREEN in outcomes.values():
            verdict = Verdict.UNNOTICED
        elif Outcome.BROKEN in outcomes.values():
            verdict = Verdict.ANOTHER_REASON
        return Result(mutant, verdict, time.monotonic() - began, "" if verdict is Verdict.CAUGHT else told)

    async def look(self, reds: Sequence[str], *options: str) -> dict[str, Outcome]:
        """Run what the lines name, and tell what became of each."""
        tests = [red for red in dict.fromkeys(reds) if not red.startswith("chaos ")]
        outcomes = {red: await self._chaos(red) for red in dict.fromkeys(reds) if red not in tests}
        if tests:
            self._report.unlink(missing_ok=True)
            await self._pytest(["-q", f"--junitxml={self._report}", *options, *tests])
            cases = list(ElementTree.parse(self._report).iter("testcase")) if self._report.exists() else []  # noqa: S314 - pytest wrote it
            outcomes |= {test: outcome_of(test, cases) for test in tests}
        return outcomes

    async def _chaos(self, red: str) -> Outcome:
        """One run of a kind of chaos: whether the count that is named stands above zero."""
        _, kind, count = red.split()
        await self._run(["scripts/chaos", "--kind", kind, "--runs", "1", "--seed", SEED])
        for line in self._log.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                told = json.loads(line)
                if isinstance(told, dict) and count in (counts := told.get("counts", told)):
                    return Outcome.RED if counts[count] > 0 else Outcome.GREEN
        return Outcome.BROKEN

    async def _pytest(self, words: Sequence[str]) -> None:
        if self._forks is None:
            await self._run([sys.executable, "-m", "pytest", *words])
            return
        self._log.unlink(missing_ok=True)
        look = str(self.folder / MUTANTS / "look.py")
        child = await self._forks.start(Program([look, *words], self._environment, str(self.folder), str(self._log)))
        try:
            with contextlib.suppress(TimeoutError):
                await child.wait(PATIENCE)
        finally:
            child.abandon()

    async def _run(self, words: Sequence[str]) -> int:
        """A program in the copy; its exit code. It ends with us, and when its time is over."""
        self._log.unlink(missing_ok=True)
        child = process.spawn(words, log=self._log, cwd=self.folder, env=self._environment)
        try:
            async with asyncio.timeout(PATIENCE):
                while child.poll() is None:  # noqa: ASYNC110 - the end of a child sets no event
                    await asyncio.sleep(0.05)
        except TimeoutError:
            return -1
        finally:
            process.stop(child, 1.0)
        return child.returncode

    def last_words(self) -> str:
        """The end of what the last program said."""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_WORDS:])


def outcome_of(test: str, cases: Sequence[ElementTree.Element]) -> Outcome:
    """What pytest's report says of one test: of all its variants when it is named without one."""
    file, _, name = test.partition("::")
    classname = ".".join([*Path(file).with_suffix("").parts, *name.split("::")[:-1]])
    name = name.split("::")[-1]
    mine = [
        case
        for case in cases
        if case.get("classname") == classname and name in (case.get("name"), str(case.get("name")).split("[")[0])
    ]
    failures = [str(found.get("message")) for case in mine for found in case.iter("failure")]
    if any(message.startswith(ASSERTIONS) for message in failures):
        return Outcome.RED
    if failures or not mine or any(case.find(word) is not None for case in mine for word in ("error", "skipped")):
        return Outcome.BROKEN
    return Outcome.GREEN


async def run(
    root: Path,
    work: Path,
    mutants: Sequence[Mutant],
    jobs: int,
    environment: Mapping[str, str],
    forks: ForkServer | None = None,
) -> list[Result]:
    """Try all mutants out, so many at a time. Raises MutantsError when a named test is red without any of them."""
    first = Tree(work / "tree-0", environment)
    first.fill(root)
    outcomes = await first.look([red for mutant in mutants for red in mutant.red], "-n", str(jobs))
    if not_green := [red for red, outcome in outcomes.items() if outcome is not Outcome.GREEN]:
        raise MutantsError("\n".join([first.last_words(), "Not green without any mutant:", *not_green]))
    trees = [first.twin(work / f"tree-{number}", forks) for number in range(1, jobs + 1)]
    waiting, results = list(reversed(mutants)), list[Result]()

    async def work_off(tree: Tree) -> None:
        while waiting:
            result = await tree.try_out(waiting.pop())
            results.append(result)
            show(result)

    async with asyncio.TaskGroup() as workers:
        for tree in trees:
            workers.create_task(work_off(tree))
    return results


def show(result: Result) -> None:
    mutant = result.mutant
    red, *more = mutant.red
    test = f"{red} (+{len(more)})" if more else red
    print(f"{mutant.name:36}{mutant.law:>4}  {result.verdict:24}{result.seconds:>5.1f} s  {test}", flush=True)


@contextlib.contextmanager
def workshop(work: Path) -> Iterator[None]:
    """An empty folder, gone afterwards; what a killed run left goes first. Raises MutantsError when it is in use."""
    work.mkdir(parents=True, exist_ok=True)
    lock = os.open(work, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MutantsError(f"Mutants are tried out in {work} already") from None
        try:
            postgres.end_left_over(work / "postgres")
            for left_over in work.iterdir():
                shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()
            yield
        finally:
            shutil.rmtree(work)
    finally:
        os.close(lock)


async def try_all(mutants: Sequence[Mutant], jobs: int) -> list[Result]:
    """With one PostgreSQL for all runs. The first signal ends everything in order."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    work = ROOT / "var" / "mutants"
    with workshop(work), contextlib.ExitStack() as servers:
        server = postgres.start(work / "postgres", durable=False)
        servers.callback(server.stop)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        forks = ForkServer.begun(work / "forks.log")
        servers.callback(forks.close)
        return await run(ROOT, work, mutants, jobs, {**kept, "TEST_DATABASE_URL": server.dsn}, forks)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/mutants", add_help=False)  # scripts/mutants itself shows the help
    parser.add_argument("names", nargs="*")
    parser.add_argument("--jobs", type=int, default=3 * (os.cpu_count() or 1))  # many wait for what never comes
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        mutants = chosen(ROOT, arguments.names)
        if arguments.list:
            for mutant in mutants:
                print(f"{mutant.name:36}{mutant.law:>4}  {mutant.breaks}")
            return 0
        print(f"{'mutant':36}{'law':>4}  {'verdict':24}{'':7}  noticed by", flush=True)
        results = asyncio.run(try_all(mutants, max(1, min(arguments.jobs, len(mutants)))))
    except (MutantsError, postgres.PostgresError) as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Stopped.", file=sys.stderr)
        return 130
    return verdict_on(results, time.monotonic() - began)


def verdict_on(results: Sequence[Result], seconds: float) -> int:
    """The exit code: 0 only when all were caught."""
    missed = [result for result in results if result.verdict is not Verdict.CAUGHT]
    for result in missed:
        print(f"\n== {result.mutant.name}: {result.verdict}. {result.mutant.breaks}\n{result.told}")
    print(f"\n{len(results) - len(missed)} of {len(results)} mutants caught in {seconds:.0f} s")
    return 1 if missed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
