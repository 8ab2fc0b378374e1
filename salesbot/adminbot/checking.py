"""The dry run of an import: what becomes of each line of a list, and why. Nothing is changed, nobody is written to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from salesbot.adminbot import parse
from salesbot.adminbot.csvfile import Column, Line, Sheet
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.parse import WrongInput
from salesbot.dialog import timezones
from salesbot.dialog.model import Status
from salesbot.store import accounts, campaigns, suppressions
from salesbot.store.campaigns import Entry, Standing
from salesbot.store.pool import Connection, transaction

BATCH = 1_000
LONGEST = {Column.NAME: 100, Column.SCENARIO: 100, Column.BASIS: 500, Column.NOTES: 3_000}
"""Characters; of what is longer nothing is taken rather than a part."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")


class Verdict(StrEnum):
    """What becomes of a line. All but ``OK`` are left out; the codes are those of skipped people and of outcomes."""

    OK = "ok"
    NO_USERNAME = "no_username"
    MALFORMED_USERNAME = "malformed_username"
    SURPLUS = "surplus"
    TOO_LONG = "too_long_cell"
    BAD_LANGUAGE = "bad_language"
    BAD_TIMEZONE = "bad_timezone"
    UNKNOWN_SCENARIO = "unknown_scenario"
    NO_BASIS = "no_basis"
    DUPLICATE = "duplicate"
    OUR_OWN = "own_account"
    OPTED_OUT = "opted_out"
    ALREADY_TALKING = "already_active"
    STOPPED = "stopped"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Checked:
    """A line and what becomes of it. ``what`` is the piece at fault, or the number of the line, dialog or campaign."""

    line: Line
    entry: Entry
    verdict: Verdict = Verdict.OK
    what: str = ""

    @property
    def ok(self) -> bool:
        return self.verdict is Verdict.OK

    @property
    def kept(self) -> Entry:
        """What is stored of it: of who is left out that and why, not who."""
        return self.entry if self.ok else Entry(self.line.number, "", reason=self.verdict.value)


@dataclass(frozen=True, slots=True)
class DryRun:
    """A list as it was checked."""

    name: str
    checked: Sequence[Checked]
    unknown: Sequence[str]
    """Columns of the file that mean nothing here."""
    campaign: int | None
    """Its number; None when nobody on it can be written to, so that nothing was kept."""
    days: int | None
    """In how many days the last of them is written to at today's limits; None: that cannot be foreseen."""

    @property
    def fine(self) -> int:
        return sum(one.ok for one in self.checked)

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many lines by the code of why, the most frequent first."""
        return dict(Counter(one.verdict.value for one in self.checked if not one.ok).most_common())


@dataclass(frozen=True, slots=True)
class Rules:
    """What a line is held against."""

    scenarios: Collection[str]
    require_basis: bool = False


async def check(on: Desk, sheet: Sheet) -> Sequence[Checked]:
    """Every line of a file, first as it stands, then against what is known here."""
    checked = judge_all(sheet.lines, Rules(on.scenarios, on.settings.require_basis))
    async with transaction(on.pool) as connection:
        ours = {(account.username or "").lower() for account in await accounts.list_accounts(connection)}
        for at in range(0, len(checked), BATCH):
            checked[at : at + BATCH] = await _against_the_known(on, connection, checked[at : at + BATCH], ours)
    return checked


def judge_all(lines: Sequence[Line], rules: Rules) -> list[Checked]:
    """Every line as it stands; of one person's lines the first well-formed one counts."""
    seen = dict[str, int]()
    found = []
    for line in lines:
        checked = judge(line, rules)
        if checked.ok:
            first = seen.setdefault(checked.entry.username.lower(), line.number)
            if first != line.number:
                checked = replace(checked, verdict=Verdict.DUPLICATE, what=str(first))
        found.append(checked)
    return found


def judge(line: Line, rules: Rules) -> Checked:
    """One line by itself."""
    username, scenario, basis = line[Column.USERNAME], line[Column.SCENARIO], line[Column.BASIS]
    language, zone = line[Column.LANGUAGE].lower().replace("_", "-"), _zone(line[Column.TIMEZONE])
    nobody = Checked(line, Entry(line.number, ""))
    if not username:
        return replace(nobody, verdict=Verdict.NO_USERNAME)
    name = _username(username)
    if name is None:
        return replace(nobody, verdict=Verdict.MALFORMED_USERNAME, what=username)
    checked = Checked(
        line,
        Entry(
            line.number,
            name,
            line[Column.NAME],
            language,
            zone or "",
            basis,
            line[Column.NOTES],
            scenario,
        ),
    )
    if line.surplus:
        return replace(checked, verdict=Verdict.SURPLUS, what=line.surplus)
    if long := next((column for column, most in LONGEST.items() if len(line[column]) > most), None):
        return replace(checked, verdict=Verdict.TOO_LONG, what=long.value)
    if language and not _LANGUAGE.fullmatch(language):
        return replace(checked, verdict=Verdict.BAD_LANGUAGE, what=line[Column.LANGUAGE])
    if zone is None:
        return replace(checked, verdict=Verdict.BAD_TIMEZONE, what=line[Column.TIMEZONE])
    if scenario and scenario not in rules.scenarios:
        return replace(checked, verdict=Verdict.UNKNOWN_SCENARIO, what=scenario)
    if rules.require_basis and not basis:
        return replace(checked, verdict=Verdict.NO_BASIS)
    return checked


def _username(text: str) -> str | None:
    """A bare username; None when it is none: an id alone tells this account nothing of whom it means."""
    try:
        name = parse.username(text)
    except WrongInput:
        return None
    return None if name.isdecimal() else name


def _zone(words: str) -> str | None:
    """The IANA name of a timezone, empty where none is given; None when it is none."""
    return timezones.of_words(words) if words else ""


async def _against_the_known(
    on: Desk, connection: Connection, batch: Sequence[Checked], ours: Collection[str]
) -> list[Checked]:
    names = {one.entry.username.lower() for one in batch if one.ok}
    known = await campaigns.standings(connection, sorted(names))
    marks = {name: [mark for _, mark in on.keys.name_marks(name)] for name in names}
    for name, standing in known.items():
        if standing.contact_id is not None:
            marks[name] += [mark for _, mark in on.keys.marks(standing.contact_id)]
    held = await suppressions.among(connection, [mark for theirs in marks.values() for mark in theirs])
    found = []
    for one in batch:
        name = one.entry.username.lower()
        if not one.ok:
            found.append(one)
        elif name in ours:
            found.append(replace(one, verdict=Verdict.OUR_OWN))
        elif not held.isdisjoint(marks[name]):
            found.append(replace(one, verdict=Verdict.OPTED_OUT))
        else:
            found.append(_standing(one, known.get(name, Standing())))
    return found


def _standing(one: Checked, known: Standing) -> Checked:
    """Whom we are talking with, or stopped to, is left alone; with others it was talked before."""
    number = "" if known.dialog_id is None else str(known.dialog_id)
    if known.talking:
        return replace(one, verdict=Verdict.ALREADY_TALKING, what=number)
    if known.campaign_id is not None:
        return replace(one, verdict=Verdict.LISTED, what=str(known.campaign_id))
    if known.status is Status.STOPPED:
        return replace(one, verdict=Verdict.STOPPED, what=number)
    return replace(one, what=number)
