"""Tells what a run might have left behind, step by step, for the tests of the oracle.

Each step takes ten milliseconds and is one transaction. Told in order, the steps make a clean record; a defect is a
step left out, done twice, or done at the wrong time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.chaos.record import Change, Confirmation, Expect, Line, Record, Row

Story = Callable[["Tale"], Any]

ACCOUNT, ANNA, BORIS = 1, 2, 3
STEP = 10_000  # microseconds
LATEST = timedelta(minutes=15)
FAREWELL, SAFE, WAITING, DISCLOSURE = "All the best!", "A colleague will answer.", "Sorry for the wait.", "A program."
SENTENCES = {"farewell": FAREWELL, "safe_sentence": SAFE, "waiting": WAITING, "disclosure": DISCLOSURE}


class Tale:
    def __init__(self) -> None:
        self.now = 1_800_000_000_000_000
        self.lines: list[Line] = []
        self.journal: list[Change] = []
        self.tokens: dict[str, tuple[int, Expect]] = {}
        self.deleted: dict[int, float] = {}
        self.confirmed: list[Confirmation] = []
        self.waiting: set[int] = set()
        self.ceilings = (0.0, 0.0)
        self.rows: dict[tuple[str, int], Row] = {}
        self._numbers = 0
        self._seq = 0
        self.put("accounts", id=ACCOUNT, state="ready", epoch=1)

    def record(self) -> Record:
        return Record(
            account=ACCOUNT,
            lines=tuple(self.lines),
            journal=tuple(self.journal),
            tokens=self.tokens,
            rested_at=self.time() + timedelta(minutes=1),
            deleted=self.deleted,
            confirmed=tuple(self.confirmed),
            waiting=frozenset(self.waiting),
            sentences={name: frozenset({sentence}) for name, sentence in SENTENCES.items()},
            ceilings=self.ceilings,
        )

    # --- what steps are made of

    def step(self) -> None:
        self.now += STEP

    def time(self) -> datetime:
        return datetime.fromtimestamp(self.now / 1e6, UTC)

    def number(self) -> int:
        """Ids of all kinds, in one sequence."""
        self._numbers += 1
        return self._numbers

    def put(self, table: str, **values: Any) -> int:
        """A row, new or changed, in the transaction of the present step; its id."""
        values.setdefault("id", 0)
        values["id"] = values["id"] or self.number()
        old = self.rows.get((table, values["id"]))
        new = {**(old or {}), **values}
        self.rows[table, values["id"]] = new
        self.journal.append(Change(len(self.journal) + 1, self.now, table, old, new))
        return int(values["id"])

    def take_away(self, message: int) -> None:
        """A row is deleted."""
        old = self.rows.pop(("messages", message))
        self.journal.append(Change(len(self.journal) + 1, self.now, "messages", old, None))

    def line(
        self, person: int, text: str, *, out: bool, by_product: bool = False, random_id: int | None = None
    ) -> Line:
        """A message at the server."""
        self._seq += 1
        line = Line(self._seq, self.now / 1e6, person, self.number(), text, out, by_product, random_id)
        self.lines.append(line)
        return line

    def store(self, dialog: int, line: Line, author: str) -> int:
        """The row of a line."""
        return self.put(
            "messages", dialog_id=dialog, account_id=ACCOUNT, direction="out" if line.out else "in", author=author,
            content=line.text, telegram_message_id=line.id, deleted_at=None, send_state=None, random_id=None,
            revision=1, purpose=None,
        )  # fmt: skip

    def dialog(self, dialog: int) -> Row:
        return self.rows["dialogs", dialog]

    def part(self, part: int) -> Row:
        return self.rows["messages", part]

    def touch(self, dialog: int, *, halts: int = 0, **values: Any) -> None:
        """Something that makes a reply wrong: what waits and does not stand ends, all of it when somebody wants it."""
        for (table, key), row in list(self.rows.items()):
            waits = table == "messages" and row["dialog_id"] == dialog and row["send_state"] == "pending"
            if waits and (halts or not row["stands"]):
                self.put("messages", id=key, send_state="cancelled", failure="overtaken")
        row = self.dialog(dialog)
        self.put("dialogs", id=dialog, revision=row["revision"] + 1, halts=row["halts"] + halts, **values)

    # --- people

    def open(self, person: int = ANNA) -> int:
        self.step()
        return self.put(
            "dialogs", account_id=ACCOUNT, contact_id=person, status="active", halts=0, revision=1, due_at=None,
            history_upto=0, outcome="none", follow_up_at=None,
        )  # fmt: skip

    def says(self, dialog: int, text: str, expect: Expect = Expect.ONCE) -> int:
        """A line of the person with its tokens, stored a step later."""
        person = self.dialog(dialog)["contact_id"]
        self.step()
        line = self.line(person, text, out=False)
        self.tokens.update({word: (person, expect) for word in text.split() if "-" in word})
        self.step()
        row = self.store(dialog, line, "contact")
        self.touch(dialog)
        return row

    def edits(self, message: int, text: str) -> None:
        self.step()
        self.put("messages", id=message, content=text)
        self.touch(self.part(message)["dialog_id"])

    def deletes(self, message: int) -> None:
        self.step()
        self.deleted[self.part(message)["telegram_message_id"]] = self.now / 1e6
        self.put("messages", id=message, deleted_at=self.time().isoformat())
        self.touch(self.part(message)["dialog_id"])

    def human(self, dialog: int, text: str = "A colleague") -> int:
        """Somebody types from the account, and takes over."""
        self.step()
        line = self.line(self.dialog(dialog)["contact_id"], text, out=True)
        self.step()
        row = self.store(dialog, line, "human")
        self.touch(dialog, halts=1, status="taken")
        return row

    # --- the operator

    def lead(self, dialog: int, status: str) -> None:
        """Stop, take, give, resume, an opt-out, a closing: the status after it."""
        self.step()
        self.touch(dialog, halts=1, status=status)

    def opts_out(self, dialog: int, *, farewell: bool = True) -> int | None:
        """The person wants no more messages; the part that confirms it, if it is for the program to say."""
        person, said = self.dialog(dialog)["contact_id"], "STOP"
        self.step()
        line = self.line(person, said, out=False)
        self.step()
        self.store(dialog, line, "contact")
        self.put("suppressions", mark=f"x{person}")
        self.touch(dialog, halts=1, status="closed", outcome="opted_out")
        return self.by_itself(dialog, FAREWELL, purpose="farewell") if farewell else None

    def hand_over(self, dialog: int, sentence: str = "") -> int | None:
        """A human is needed; the part that tells the person so."""
        self.lead(dialog, "handoff")
        return self.by_itself(dialog, sentence) if sentence else None

    def confirm(self, dialog: int) -> None:
        """The operator is told that nothing is on its way."""
        self.step()
        self._seq += 1
        self.confirmed.append(Confirmation(dialog, self._seq, self.now / 1e6))

    # --- the product

    def ask(self, dialog: int, budget: float = 0.01) -> int:
        self.step()
        asked_at = self.time().isoformat()
        return self.put(
            "model_calls", dialog_id=dialog, state="asked", budget=budget, cost=None, asked_at=asked_at
        )  # fmt: skip

    def event(self, kind: str, dialog: int) -> None:
        self.put("events", kind=kind, dialog_id=dialog)

    def drop(self, call: int) -> None:
        self.step()
        self.put("model_calls", id=call, state="dropped")

    def decide(self, call: int, *texts: str, stands: bool = False, purpose: str = "reply") -> list[int]:
        """The parts of a reply."""
        self.step()
        self.put("model_calls", id=call, state="used")
        dialog = self.rows["model_calls", call]["dialog_id"]
        return [self._part(dialog, text, text is texts[0], call, stands, purpose) for text in texts]

    def by_itself(self, dialog: int, sentence: str, purpose: str = "courtesy") -> int:
        """A sentence of the program, decided with what led to it."""
        return self._part(dialog, sentence, True, None, True, purpose)

    def follow_up(self, dialog: int, text: str = "Still there?") -> Line:
        """One whose time has come."""
        self.step()
        self.put("dialogs", id=dialog, follow_up_at=self.time().isoformat())
        return self.say(self.decide(self.ask(dialog), text, purpose="follow_up")[0])

    def _part(self, dialog: int, text: str, first: bool, call: int | None, stands: bool, purpose: str) -> int:
        return self.put(
            "messages", dialog_id=dialog, account_id=ACCOUNT, direction="out", author="model", content=text,
            telegram_message_id=None, deleted_at=None, send_state="pending", failure="", stands=stands,
            random_id=1_000 + self.number(), first_part=first, model_call_id=call, purpose=purpose, revision=1,
            halts=self.dialog(dialog)["halts"], not_after=(self.time() + LATEST).isoformat(),
        )  # fmt: skip

    def claim(self, part: int) -> None:
        """Or claim it again."""
        self.step()
        self.put("messages", id=part, send_state="sending")

    def arrives(self, part: int, *, random_id: int | None = None) -> Line:
        """A part at the server."""
        self.step()
        row = self.part(part)
        person = self.dialog(row["dialog_id"])["contact_id"]
        return self.line(person, row["content"], out=True, by_product=True, random_id=random_id or row["random_id"])

    def stands(self, part: int, line: Line | None) -> None:
        """The server has said that it was delivered."""
        self.step()
        self.put("messages", id=part, send_state="sent", failure="", telegram_message_id=line.id if line else None)

    def ends(self, part: int, state: str, failure: str) -> None:
        self.step()
        self.put("messages", id=part, send_state=state, failure=failure)

    def say(self, part: int) -> Line:
        self.claim(part)
        line = self.arrives(part)
        self.stands(part, line)
        return line

    def reply(self, dialog: int, *texts: str) -> list[Line]:
        return [self.say(part) for part in self.decide(self.ask(dialog), *texts)]


def begun(tale: Tale) -> int:
    """A dialog in which something was asked and answered."""
    dialog = tale.open()
    tale.reply(dialog, "Hello")
    tale.says(dialog, "ANNA-1")
    tale.reply(dialog, "ANNA-1")
    return dialog


def draft(tale: Tale, dialog: int, *texts: str, stands: bool = False) -> list[int]:
    return tale.decide(tale.ask(dialog), *texts, stands=stands)
