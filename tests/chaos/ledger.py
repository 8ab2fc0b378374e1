"""A record made ready for questions: who a dialog is with, what became of a part, what stood when.

A *place* is an index into the journal, which is in the order of commits: what has a lower place was committed before.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from operator import attrgetter
from typing import Any

from tests.chaos.record import Change, Line, Record, Row

TOKEN = re.compile(r"\b[A-Z][A-Z0-9]*-\d+\b")
UNSENT = ("pending", "sending")


@dataclass(slots=True)
class Part:
    """The life of a row that the product meant to say."""

    id: int
    dialog: int
    added: int  # all numbers but the ids are places
    row: Row  # as it was left
    claims: list[int] = field(default_factory=list)
    ended: int | None = None  # when it became what it is now: sent, cancelled or failed
    sent: int | None = None

    @property
    def state(self) -> str:
        return str(self.row["send_state"])

    @property
    def stands(self) -> bool:
        return bool(self.row["stands"])

    @property
    def purpose(self) -> str:
        return str(self.row["purpose"])

    @property
    def by_program(self) -> bool:
        """A sentence of the scenario: no model was asked, and it answers nothing."""
        return self.purpose in ("courtesy", "farewell")


@dataclass(slots=True)
class Heard:
    """The life of a row that a person said."""

    id: int
    dialog: int
    added: int
    row: Row
    changes: list[int] = field(default_factory=list)  # edits and deletions

    @property
    def places(self) -> Sequence[int]:
        return (self.added, *self.changes)


class Ledger:
    def __init__(self, record: Record) -> None:
        self.record = record
        self.journal = record.journal
        self.rows = {key: row for key, row in record.rows("messages").items() if row["account_id"] == record.account}
        self.said = [line for line in record.lines if line.by_product]
        self.heard_lines = [line for line in record.lines if not line.out]
        self.line_at = {line.id: line for line in record.lines}
        self.parts: dict[int, Part] = {}
        self.heard: dict[int, Heard] = {}
        self.human: dict[int, list[int]] = defaultdict(list)  # by dialog: when something by a human was stored
        self.calls: dict[int, int] = {}  # when each call was asked
        self.dropped: dict[int, list[int]] = defaultdict(list)  # by dialog: when a draft was
        self.halts: dict[int, list[int]] = defaultdict(list)  # by dialog: when it was silenced, or spoke again
        self.suppressions: list[int] = []
        self._dialogs: dict[int, list[int]] = defaultdict(list)
        for place, change in enumerate(self.journal):
            self._enter(place, change)
        self.parts_in = grouped((part.dialog, part) for part in self.parts.values())
        self.came = grouped(  # by dialog: when a person said, edited or deleted something, in order
            sorted(
                ((heard.dialog, (place, heard)) for heard in self.heard.values() for place in heard.places),
                key=lambda pair: pair[1][0],
            )
        )
        self.row_at = {row["telegram_message_id"]: row for row in self.rows.values() if row["telegram_message_id"]}
        self.part_of = {part.row["random_id"]: part for part in self.parts.values()}
        self._dialogs_of = grouped(
            (row["contact_id"], (dialog, row)) for dialog, row in self.dialogs() if row["account_id"] == record.account
        )

    def _enter(self, place: int, change: Change) -> None:
        row = change.row
        match change.table:
            case "dialogs":
                self._dialogs[row["id"]].append(place)
                if change.old is not None and _differ(change.old, row, "status", "halts"):
                    self.halts[row["id"]].append(place)
            case "suppressions":
                self.suppressions.append(place)
            case "model_calls":
                self.calls.setdefault(row["id"], place)
                if row["state"] == "dropped" and change.old and change.old["state"] != "dropped":
                    self.dropped[row["dialog_id"]].append(place)
            case "messages" if row["account_id"] == self.record.account:
                self._enter_message(place, change, row)

    def _enter_message(self, place: int, change: Change, row: Row) -> None:
        if row["author"] in ("human", "unexplained"):
            self.human[row["dialog_id"]].append(place)
        if row["direction"] == "in":
            heard = self.heard.setdefault(row["id"], Heard(row["id"], row["dialog_id"], place, row))
            heard.row = row
            if change.old is not None and _differ(change.old, row, "content", "deleted_at"):
                heard.changes.append(place)
        elif row["random_id"] is not None:
            part = self.parts.setdefault(row["id"], Part(row["id"], row["dialog_id"], place, row))
            part.row = row
            self._enter_part(place, change.old, row, part)

    def _enter_part(self, place: int, old: Row | None, row: Row, part: Part) -> None:
        state, before = row["send_state"], old["send_state"] if old else None
        # A renewed claim leaves a row as it was: nothing else that is done to a part does.
        if state == "sending" and (before != state or row == old):
            part.claims.append(place)
        if state != before:
            part.ended = None if state in UNSENT else place
            part.sent = place if state == "sent" else None
            if state == "cancelled" and row["first_part"] and not part.by_program:
                self.dropped[part.dialog].append(place)

    # --- dialogs

    def dialog_at(self, dialog: int, place: int) -> Row | None:
        """The row of a dialog as it stood just before that place."""
        places = self._dialogs[dialog]
        index = bisect_left(places, place)
        return self.journal[places[index - 1]].new if index else None

    def places_of(self, dialog: int) -> Sequence[int]:
        return self._dialogs[dialog]

    def dialogs(self) -> Iterator[tuple[int, Row]]:
        """Every dialog as it was left."""
        return ((dialog, self.journal[places[-1]].row) for dialog, places in self._dialogs.items())

    def dialogs_of(self, person: int) -> Sequence[tuple[int, Row]]:
        """Those of the account with this person, as they were left."""
        return self._dialogs_of.get(person, ())

    def began(self, dialog: int) -> float:
        """When a dialog was asked for, in unix seconds."""
        return self.journal[self._dialogs[dialog][0]].committed / 1e6

    def together_with(self, place: int) -> Iterator[Change]:
        """What was committed in the same moment: by the same transaction."""
        committed = self.journal[place].committed
        first = bisect_left(self.journal, committed, key=attrgetter("committed"))
        return takewhile(lambda change: change.committed == committed, self.journal[first:])

    # --- lines and rows

    def replies(self) -> Iterator[Part]:
        """Parts that the model wrote."""
        return (part for part in self.parts.values() if not part.by_program)

    def holder(self, line: Line) -> Part | None:
        """The part whose row says that this line of the product stands."""
        row = self.row_at.get(line.id)
        if row is not None:
            return self.parts.get(row["id"])
        part = self.part_of.get(line.random_id)
        return part if part and part.row["telegram_message_id"] is None and part.state == "sent" else None

    def part_said(self, line: Line) -> Part | None:
        """The part that was being said: the row need not hold it."""
        return self.part_of.get(line.random_id) or self.holder(line)

    def tokens(self, text: str) -> list[str]:
        """Those of the run that stand in a text, each once."""
        return [token for token in dict.fromkeys(TOKEN.findall(text)) if token in self.record.tokens]

    def asks(self, heard: Heard) -> bool:
        """Whether somebody said this to a dialog; what they said before it began belongs to its past."""
        line = self.line_at.get(heard.row["telegram_message_id"])
        return line is None or line.at >= self.began(heard.dialog)

    def committed(self, place: int) -> float:
        """In unix seconds."""
        return self.journal[place].committed / 1e6


def grouped(pairs: Iterable[tuple[Any, Any]]) -> Mapping[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _differ(old: Row, new: Row, *columns: str) -> bool:
    return any(old[column] != new[column] for column in columns)
