"""What one run left behind, as values: what the server of the sandbox saw, and every version of every row.

``journal`` and ``witness`` make them while a run lasts, ``oracle`` judges them, and tests doctor them. Nothing here,
nor in the oracle, comes from the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]


class Expect(StrEnum):
    """What the script of a run expects of a token that a person says."""

    ONCE = "once"
    NEVER = "never"
    AT_MOST_ONCE = "at_most_once"


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a private chat between the account and a person, as it came to stand in the account's box."""

    seq: int  # number of the sandbox's event
    at: float  # unix seconds
    person: int
    id: int  # in the account's box
    text: str
    out: bool
    by_product: bool  # it went out through an MTProto session: the harness itself acts by the control API
    random_id: int | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The operator was told that a dialog is stopped and that nothing of it is on its way."""

    dialog: int
    seq: int
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """One version of a row of the product's database: ``old`` is None for an insert, ``new`` for a deletion."""

    order: int  # in which the changes were made; unique
    committed: int  # when their transaction was committed, in microseconds since 1970
    table: str
    old: Row | None
    new: Row | None

    @property
    def row(self) -> Row:
        """The row as it was left; of a deleted one, as it was."""
        row = self.new if self.new is not None else self.old
        assert row is not None
        return row


@dataclass(frozen=True, slots=True)
class Record:
    """One run of one account."""

    account: int
    lines: tuple[Line, ...]  # in the order of `seq`
    journal: tuple[Change, ...]  # in the order of commits, then of `order`
    tokens: Mapping[str, tuple[int, Expect]]  # who says it, and what is expected of it
    rested_at: datetime  # the end: by now every dialog must be at rest
    deleted: Mapping[int, float] = field(default_factory=dict)  # ids in the account's box, and when (unix seconds)
    confirmed: tuple[Confirmation, ...] = ()
    waiting: frozenset[int] = frozenset()  # dialogs that the run left waiting on purpose, with something on its way
    sentences: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the scenario's, by their names in its file
    follow_ups: int = 2  # how many the scenario has
    ceilings: tuple[float, float] = (0.0, 0.0)  # dollars for a dialog, and for a day; zero: none

    def changes(self, table: str) -> Iterator[Change]:
        return (change for change in self.journal if change.table == table)

    def rows(self, table: str) -> Mapping[Any, Row]:
        """The last version of each row that stands at the end, by its primary key."""
        last: dict[Any, Row] = {}
        for change in self.changes(table):
            key = change.row["mark" if table == "suppressions" else "id"]
            if change.new is None:
                last.pop(key, None)
            else:
                last[key] = change.new
        return last
