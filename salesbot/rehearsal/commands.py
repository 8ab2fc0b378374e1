"""What ``salesbot rehearse`` does: play, judge, show, write the reports, and say with the exit code how it was."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console

from salesbot.dialog.scenario import Scenario
from salesbot.errors import ExitCode, SettingsError
from salesbot.rehearsal import html, jsonfile, run, terminal
from salesbot.rehearsal.endpoint import RehearsalFailed
from salesbot.rehearsal.record import Rehearsal
from salesbot.rehearsal.run import Options
from salesbot.rehearsal.terminal import Progress
from salesbot.scenarios import load


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says, beside the options of the rehearsal itself. Scenarios are names or folders."""

    scenario: str
    against: str | None = None
    page: Path | None = None
    """Where the HTML page goes."""
    json: Path | None = None


def rehearse(wanted: Wanted, options: Options) -> ExitCode:
    """FAILED when anything happened that must never happen.

    Raises ``SettingsError`` where it cannot begin, ``RehearsalFailed`` where it cannot go on.
    """
    folder = options.settings.scenarios_dir
    named = [place for place in (wanted.scenario, wanted.against) if place is not None]
    scenarios = load.sound([load.check(load.find(place, folder)) for place in named])
    for file in filter(None, (wanted.page, wanted.json)):
        _must_be_writable(file)
    try:
        first, *others = uvloop.run(_held(options, scenarios))
    except asyncio.CancelledError:
        raise RehearsalFailed("Ended before it was over; nothing is left behind.") from None
    other = others[0] if others else None
    try:
        if wanted.page is not None:
            _write(wanted.page, html.page(first, other))
        if wanted.json is not None:
            _write(wanted.json, jsonfile.text(first, other))
    finally:  # last, for whoever reads it may stop reading
        terminal.show(first, other, Console())
    return ExitCode.FAILED if any(one.violations for each in (first, *others) for one in each.verdicts) else ExitCode.OK


def _must_be_writable(file: Path) -> None:
    """Said before anybody plays: with real models a rehearsal costs money."""
    folder = file.absolute().parent
    if not folder.is_dir():
        raise SettingsError(f"{file} cannot be written: there is no folder {folder}.")
    if file.is_dir():
        raise SettingsError(f"{file} cannot be written: it is a folder.")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise SettingsError(f"{file} cannot be written: that is not allowed.")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise SettingsError(f"{file} cannot be written: {exc.strerror}") from exc


async def _held(options: Options, scenarios: list[Scenario]) -> list[Rehearsal]:
    """One after the other in the same place. Told to end, everything that was started is ended first."""
    me = asyncio.current_task()
    assert me is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            asyncio.get_running_loop().add_signal_handler(number, me.cancel)
    rehearsals = []
    async with run.place(options) as place:
        gc.freeze()  # what was imported stays: it need not be looked through at every collection
        for scenario in scenarios:
            with Progress(Console(stderr=True), f"rehearsing {scenario.name}") as progress:
                rehearsals.append(await run.rehearse(place, options, scenario, progress))
    return rehearsals
