"""The demo as a newcomer runs it: up in seconds, gone in seconds, and nothing left behind, however it ends."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psutil
import pytest

from salesbot.scenarios.load import load
from sandbox.control.client import Control

ROOT = Path(__file__).parents[2]


def command(data: Path, *options: str) -> list[str]:
    return [sys.executable, str(ROOT / "scripts" / "demo.py"), "--no-browser", "--data", str(data), *options]


@contextlib.contextmanager
def demo(data: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demo that is ready, and what it has printed so far."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command(data, *options), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ready:"):
                break
        else:
            pytest.fail(f"the demo did not come up:\n{printed}")
        try:
            yield process, printed
        finally:
            process.terminate()


def stop(process: subprocess.Popen[str], data: Path, how: signal.Signals) -> None:
    """However it is told to, it stops within five seconds, and leaves nothing running."""
    began = time.monotonic()
    process.send_signal(how)
    assert process.wait(5) == 0
    assert time.monotonic() - began < 5
    assert living(data) == []


def living(data: Path) -> list[str]:
    """The command lines of all processes that work on this folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            if process.status() != psutil.STATUS_ZOMBIE and any(str(data) in word for word in words):
                found.append(" ".join(words))
    return found


def wait_until_gone(data: Path, seconds: float) -> float:
    began = time.monotonic()
    while left := living(data):
        assert time.monotonic() - began < seconds, left
        time.sleep(0.02)
    return time.monotonic() - began


def state(data: Path) -> dict[str, str]:
    return dict(json.loads((data / "sandbox.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def used_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that ran and was stopped: its account is signed in already, which takes a while."""
    data = tmp_path_factory.mktemp("used") / "demo"
    with demo(data):
        pass
    (data / "sandbox.json").unlink()  # copies may run side by side: none is to ask for the address of this one
    return data


@pytest.fixture
def data(used_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(used_folder, tmp_path / "demo"))


async def test_what_it_tells_to_type_first_makes_the_account_write(data: Path) -> None:
    with demo(data) as (process, printed):
        assert "/start @anna" in printed
        told = state(data)
        async with aiohttp.ClientSession() as http, http.get(told["web"]) as page:
            assert page.status == 200
        async with Control(told["control"]) as control:
            await control.say("operator", "sales_desk_bot", "/start")
            await control.say("operator", "sales_desk_bot", "/start @anna")
            await control.wait_message("anna", "sales", timeout=20)
        assert load("sales", data / "scenarios").quiet_hours is None, "it writes at any hour"
        stop(process, data, signal.SIGINT)


async def test_a_scenario_of_ones_own_can_be_tried_in_a_folder_too_deep_for_the_path_of_a_socket(
    data: Path, tmp_path: Path
) -> None:
    deep = tmp_path.joinpath(*["a folder with a long name"] * 5) / "demo"
    shutil.copytree(data, deep)
    with demo(deep, "--scenario", str(ROOT / "docs" / "scenarios" / "swim-school")) as (process, printed):
        assert "the scenario swim-school" in printed
        async with Control(state(deep)["control"]) as control:
            await control.say("operator", "sales_desk_bot", "/start @anna")
            await control.wait_message("anna", "sales", "Harbour Swim School", timeout=20)
        stop(process, deep, signal.SIGTERM)


def test_a_broken_scenario_is_named_before_anything_starts(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = command(tmp_path / "demo", "--scenario", str(tmp_path))
    refused = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert f"{tmp_path / 'facts.toml'}:1: there is no such file" in refused.stderr
    assert not (tmp_path / "demo").exists()


def test_after_a_kill_the_next_start_goes_on_at_the_same_address(data: Path) -> None:
    with demo(data) as (process, _):
        address = state(data)["web"]
        process.kill()
    began = time.monotonic()
    with demo(data) as (_, printed):
        assert time.monotonic() - began < 36  # a third of that on a machine that does nothing else
        assert f"Ready: {address}" in printed
        assert "Signing in" not in printed
    wait_until_gone(data, 5)


def test_only_one_runs_on_a_folder_and_fresh_forgets_what_it_held(data: Path) -> None:
    with demo(data):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        second = subprocess.run(command(data), env=environment, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert "A demo runs on" in second.stderr
    (data / "mine.txt").write_text("not the demo's", encoding="utf-8")
    with demo(data, "--fresh") as (process, printed):
        assert "Signing in" in printed
        assert (data / "mine.txt").exists()
        stop(process, data, signal.SIGHUP)


def test_a_folder_that_is_not_a_demos_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "sandbox" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("not the demo's", encoding="utf-8")
    for folder, why in ((tmp_path, "holds other things"), (mine, "cannot hold a demo")):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        refused = subprocess.run(
            command(folder, "--fresh"), env=environment, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert why in refused.stderr and "Traceback" not in refused.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["sandbox", "mine.txt"]


def test_a_part_that_dies_is_named_and_takes_the_others_along(data: Path) -> None:
    with demo(data) as (process, _):
        assert process.stdout is not None
        os.kill(json.loads((data / "product.pid").read_text(encoding="utf-8"))["pid"], signal.SIGKILL)
        assert "The product ended with code -9" in process.stdout.read()
        assert process.wait(5) == 1
    assert living(data) == []
