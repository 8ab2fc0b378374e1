"""What is said without a question of just then: farewells, courtesies, follow-ups; and whether calls were affordable.

A farewell is said once to somebody who opts out, and then nothing for ever; a courtesy is a sentence of the scenario; a
follow-up comes at its time to somebody who owes an answer; no call passes a ceiling.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.chaos.claims import answered, answers, asked, may_be_claimed
from tests.chaos.ledger import Ledger, Part, grouped
from tests.chaos.record import Row

LATELY = 3
"""A sentence among so many of the last lines is not said again."""
SPEAKS = ("active", "handoff")
"""Where the program was speaking, or had just spoken: who opts out there hears a farewell."""
A_TRIFLE = 1e-9
"""Dollars that the sum of many floats may be off."""


# --- opt-outs


def after_opt_out(ledger: Ledger) -> Iterator[str]:
    """One farewell where it was owed, and nothing else ever."""
    parts = grouped((_person(ledger, part), part) for part in ledger.parts.values())
    opted_out = _opted_out(ledger)
    for person, mine in parts.items():
        farewells = [part for part in mine if part.purpose == "farewell"]
        since = opted_out.get(person)
        if since is None:
            yield from (f"dialog {part.dialog}: part {part.id} takes leave of somebody who asked for nothing"
                        for part in farewells)  # fmt: skip
            continue
        yield from _wrong_farewells(ledger, since, farewells)
        for part in mine:
            for claim in part.claims:
                if part not in farewells and claim > since and may_be_claimed(ledger, part, claim):
                    yield f"dialog {part.dialog}: part {part.id} was claimed after person {person} had opted out"
    for person, since in opted_out.items():
        if person not in parts:
            yield from _wrong_farewells(ledger, since, [])


def _wrong_farewells(ledger: Ledger, since: int, farewells: Sequence[Part]) -> Iterator[str]:
    dialog = ledger.journal[since].row["id"]
    together = [part for part in farewells if ledger.committed(part.added) == ledger.committed(since)]
    owed = _is_owed(ledger, since)
    if owed and not together:
        yield f"dialog {dialog}: somebody opted out and no farewell was decided"
    elif not owed and farewells:
        yield f"dialog {dialog}: part {farewells[0].id} is a farewell that was not the program's to say"
    elif len(farewells) > 1:
        yield f"dialog {dialog}: {len(farewells)} farewells"


def _is_owed(ledger: Ledger, since: int) -> bool:
    """They said so just now, in words that came or that the model understood, and the program was speaking."""
    change = ledger.journal[since]
    if change.old is None or change.old["status"] not in SPEAKS:
        return False
    return any(
        other.row["dialog_id"] == change.row["id"]
        and (
            (other.table == "messages" and other.old is None and other.row["direction"] == "in" and _is_new(other.row))
            or (other.table == "model_calls" and other.row["state"] == "dropped")
        )
        for other in ledger.together_with(since)
        if other.table in ("messages", "model_calls")
    )


def _is_new(message: Row) -> bool:
    """What is older than what was compared asks for nothing, so nobody answers it."""
    return bool(message["revision"] > 0)


def _opted_out(ledger: Ledger) -> Mapping[int, int]:
    """When each person opted out: the first dialog that ended so."""
    found: dict[int, int] = {}
    for dialog, row in ledger.dialogs():
        for place in ledger.places_of(dialog):
            if ledger.journal[place].row["outcome"] == "opted_out" and row["contact_id"] is not None:
                found[row["contact_id"]] = min(found.get(row["contact_id"], place), place)
                break
    return found


def _person(ledger: Ledger, part: Part) -> Any:
    row = ledger.dialog_at(part.dialog, part.added)
    return row["contact_id"] if row else None


# --- sentences of the scenario


def courtesies(ledger: Ledger) -> Iterator[str]:
    """What the program says by itself: the scenario's words, and once."""
    said: Counter[tuple[int, int, str]] = Counter()
    for part in sorted(ledger.parts.values(), key=lambda part: part.added):
        if not part.by_program:
            continue
        sentence, _, disclosed = part.row["content"].partition("\n\n")
        where = f"dialog {part.dialog}: part {part.id}"
        if part.purpose == "farewell":
            if not _is_one(ledger, part.row["content"], "farewell"):
                yield f"{where} takes leave in words that are not the scenario's"
            continue
        known = _is_one(ledger, sentence, "safe_sentence", "waiting")
        if not known or (disclosed and not _is_one(ledger, disclosed, "disclosure")):
            yield f"{where} says by itself what the scenario does not"
        stretch = (part.dialog, part.row["halts"], sentence)
        said[stretch] += 1
        if said[stretch] > 1:
            yield f"{where} says a sentence again while the same human is awaited"
        elif any(sentence in row["content"] for row in _last_lines(ledger, part)):
            yield f"{where} says what was just said"


def _is_one(ledger: Ledger, text: str, *names: str) -> bool:
    return any(text in ledger.record.sentences.get(name, ()) for name in names)


def _last_lines(ledger: Ledger, part: Part) -> Sequence[Row]:
    """The newest lines of ours that stood when a part was decided."""
    stood = [
        other
        for other in ledger.parts_in[part.dialog]
        if other.id < part.id and other.sent is not None and other.sent < part.added
    ]
    return [other.row for other in stood[-LATELY:]]


# --- follow-ups


def follow_ups(ledger: Ledger) -> Iterator[str]:
    """Not before their time, not over an unanswered line, not more than the scenario has. That they follow no no,
    handoff, outcome or opt-out is told by the dialog's status at their claim."""
    known = answers(ledger)
    for part in ledger.parts.values():
        if part.purpose != "follow_up" or not part.claims or not part.row["first_part"]:
            continue
        at, where = asked(ledger, part), f"dialog {part.dialog}: part {part.id} follows up"
        then = ledger.dialog_at(part.dialog, at)
        due = then["follow_up_at"] if then else None
        if due is None or datetime.fromisoformat(due).timestamp() > ledger.committed(at):
            yield f"{where} before its time"
        elif _waits_for_us(ledger, part, at, known[part.dialog]):
            yield f"{where} though they wait for an answer"
        elif _so_far(ledger, part) >= ledger.record.follow_ups:
            yield f"{where} once too often"


def _waits_for_us(ledger: Ledger, part: Part, at: int, known: Sequence[tuple[int, int]]) -> bool:
    came = ledger.came.get(part.dialog, ())
    before = came[: bisect_right(came, at, key=lambda pair: pair[0])]
    return any(
        ledger.asks(heard) and _is_new(heard.row) and not heard.changes and not answered(known, heard.added, at)
        for _, heard in before
    )


def _so_far(ledger: Ledger, part: Part) -> int:
    """Follow-ups that were said since the person last spoke."""
    came = [place for place, heard in ledger.came.get(part.dialog, ()) if place < part.added and place == heard.added]
    since = max(came, default=-1)
    return sum(
        other.purpose == "follow_up" and other.row["first_part"] and other.id < part.id
        and other.sent is not None and since < other.added
        for other in ledger.parts_in[part.dialog]
    )  # fmt: skip


# --- money


def over_budget(ledger: Ledger) -> Iterator[str]:
    """A call was written down though what was spent and reserved left no room for it."""
    of_dialog, of_day = ledger.record.ceilings
    spent: dict[Any, float] = defaultdict(float)
    granted: Counter[int] = Counter()
    for change in ledger.journal:
        if change.table == "events" and change.row["kind"] == "budget_dialog":
            granted[change.row["dialog_id"]] += 1
        if change.table != "model_calls":
            continue
        for call, sign in ((change.old, -1), (change.new, 1)):
            if call is not None:
                spent[call["dialog_id"]] += sign * _cost(call)
                spent[_day(call)] += sign * _cost(call)
        if change.old is None:
            dialog, day = change.row["dialog_id"], _day(change.row)
            if of_dialog and spent[dialog] > of_dialog * (1 + granted[dialog]) + A_TRIFLE:
                yield f"dialog {dialog}: call {change.row['id']} passes the dialog's ceiling"
            elif of_day and spent[day] > of_day + A_TRIFLE:
                yield f"dialog {dialog}: call {change.row['id']} passes the day's ceiling"


def _cost(call: Row) -> float:
    """What it cost, or may cost."""
    return float(call["cost"] if call["cost"] is not None else call["budget"])


def _day(call: Row) -> str:
    return datetime.fromisoformat(call["asked_at"]).astimezone(UTC).date().isoformat()
