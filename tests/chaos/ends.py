"""Which message on the wire to PostgreSQL ends a transaction, and what that transaction did.

An *end* is the message after which the server commits: a COMMIT, or, outside a block, the Sync of a statement (its
Query, its CopyDone). What a transaction did is its *signature*: the statements that took part. The k-th end with one
signature is a *place*, and the same place comes again when the same story is played again, whatever else goes on.

It reads protocol 3.0 as asyncpg speaks it: no question before the last one is answered, BEGIN and COMMIT as messages of
their own. A ROLLBACK is no end, nor is what failed before its Sync.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Place:
    """The k-th end with a signature, from one on, since the proxy began to count."""

    signature: str
    occurrence: int


@dataclass(frozen=True, slots=True)
class End:
    """One end of a transaction. ``number`` counts them all, ``connection`` is which one of the proxy's."""

    number: int
    connection: int
    signature: str
    label: str
    writes: bool
    occurrence: int

    @property
    def place(self) -> Place:
        return Place(self.signature, self.occurrence)


# --- what a statement is


class Role(StrEnum):
    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    COPY_IN = "copy in"
    OTHER = "other"


ROLES = {
    Role.BEGIN: re.compile(r"begin\b|start transaction\b"),
    Role.COMMIT: re.compile(r"(commit|end)\b(?! prepared)"),
    Role.ROLLBACK: re.compile(r"(rollback|abort)\b(?! (to|prepared)\b)"),
    Role.COPY_IN: re.compile(r"copy .* from stdin\b"),
}
CHANGES = re.compile(r"(?:insert into|(?<!for )(?<!key )(?<!do )update|delete from|merge into) (?:only )?([\w.\"]+)")
WRITES = re.compile(
    CHANGES.pattern
    + r"|\bfor (no key )?(update|share)\b|\bpg_(try_)?advisory_(xact_)?(un)?lock(_shared)?\b|\bpg_notify\b|\bnextval\b"
    r"|^(create|alter|drop|truncate|lock|notify|call|do|grant|revoke|copy .* from)\b"
)
COMMENT, LITERAL = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL), re.compile(r"'(?:[^']|'')*'")
NUMBERED = re.compile(r"__asyncpg_(\w+?)_[0-9a-f]+__")  # asyncpg counts the names of savepoints and the like


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    role: Role
    writes: bool

    @classmethod
    def unknown(cls) -> Statement:
        return cls("unknown", Role.OTHER, True)

    @property
    def label(self) -> str:
        """What it changes and the words in quotes, which are mostly states; else how it begins."""
        heads = [" ".join(found.group().split()) for found in CHANGES.finditer(LITERAL.sub("''", self.text))]
        if not heads:
            return self.text if len(self.text) <= 60 else self.text[:60] + "…"
        words = dict.fromkeys(word for word in LITERAL.findall(self.text) if 2 < len(word) < 30)
        return " … ".join([", ".join(dict.fromkeys(heads)), *([" ".join(words)[:60]] if words else [])])


@lru_cache(maxsize=4096)
def read(sql: str) -> Statement:
    """A statement as it is compared: without comments, in single spaces, in small letters."""
    text = NUMBERED.sub(r"__asyncpg_\1__", " ".join(COMMENT.sub(" ", sql).split()).lower()).rstrip("; ")
    bare = LITERAL.sub("''", text)
    role = next((role for role, pattern in ROLES.items() if pattern.match(bare)), Role.OTHER)
    return Statement(text, role, WRITES.search(bare) is not None)


@lru_cache(maxsize=4096)
def summary(statements: tuple[Statement, ...]) -> tuple[str, str, bool]:
    """Signature, label, and whether it writes. How often a statement was repeated makes no other place."""
    once = list(dict.fromkeys(statements))
    signature = hashlib.sha256("\n".join(one.text for one in once).encode()).hexdigest()[:10]
    writing = [one for one in once if one.writes]
    return signature, (writing or once)[-1].label if once else "nothing", bool(writing)


# --- what a connection says

READY, ERROR = b"ZE"


def messages(buffer: bytearray) -> Iterator[tuple[int, int, int]]:
    """Type, begin and end of each whole message in it."""
    begin = 0
    while len(buffer) - begin >= 5:
        end = begin + 1 + int.from_bytes(buffer[begin + 1 : begin + 5])
        if end > len(buffer):
            return
        yield buffer[begin], begin, end
        begin = end


class Talk:
    """What one connection says, without I/O: ``asks`` each message of the client, ``answers`` each of the server."""

    def __init__(self) -> None:
        self._in_block = self._failed = False
        self._named: dict[bytes, Statement] = {}
        self._portals: dict[bytes, Statement] = {}
        self._done: list[Statement] = []

    def asks(self, kind: int, body: bytes) -> tuple[Statement, ...] | None:
        """The statements of the transaction that this message ends, if it ends one."""
        match chr(kind):
            case "P":
                name, sql, _ = body.split(b"\0", 2)
                self._named[name] = read(sql.decode())
            case "B":
                portal, name, _ = body.split(b"\0", 2)
                self._portals[portal] = self._named.get(name, Statement.unknown())
            case "C" if body[:1] == b"S":
                self._named.pop(body[1:-1], None)
            case "E":
                return self._runs(self._portals.get(body.partition(b"\0")[0], Statement.unknown()), simply=False)
            case "Q":
                return self._runs(read(body[:-1].decode()), simply=True)
            case "S" | "c" if not self._in_block:
                return self._take() or None  # a Sync alone ends nothing: what came before it failed, or was a Close
            case "f" if not self._in_block:
                self._take()
        return None

    def answers(self, kind: int, body: bytes) -> None:
        match chr(kind):
            case "Z":
                self._in_block, self._failed = body != b"I", body == b"E"
            case "E" if not self._in_block:
                self._take()

    def _runs(self, statement: Statement, *, simply: bool) -> tuple[Statement, ...] | None:
        match statement.role:
            case Role.COMMIT if self._in_block and not self._failed:
                return self._take()
            case Role.COMMIT | Role.ROLLBACK | Role.BEGIN:
                self._take()
            case Role.COPY_IN:
                self._done.append(statement)
            case Role.OTHER:
                self._done.append(statement)
                if simply and not self._in_block:
                    return self._take()
        return None

    def _take(self) -> tuple[Statement, ...]:
        taken = tuple(dict.fromkeys(self._done))
        self._done.clear()
        return taken
