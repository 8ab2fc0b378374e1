"""Judges what a run left behind: what the server saw, compared with what the database held, and when.

    verdict = judge(record)
    assert verdict.clean, verdict

It shares no code with the product, and believes the product's rows only against themselves and the server. The order of
two commits decides (law 6). Every count has to be zero; what only is told besides has none to be.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from tests.chaos import claims, manners
from tests.chaos.ledger import UNSENT, Ledger, Part, grouped
from tests.chaos.record import Expect, Line, Record


class Count(StrEnum):
    """What is counted, and has to be zero."""

    INBOUND_LOST = "inbound_lost"
    INBOUND_TWICE = "inbound_twice"
    PARTS_LOST = "parts_lost"
    SAID_TWICE = "said_twice"
    OUT_OF_ORDER = "out_of_order"
    UNANSWERED = "unanswered"
    FORBIDDEN_ANSWERS = "forbidden_answers"
    STALE_CLAIMS = "stale_claims"
    FORBIDDEN_CLAIMS = "forbidden_claims"
    AFTER_STOP = "after_stop"
    NOT_AT_REST = "not_at_rest"
    OWN_AS_HUMAN = "own_as_human"
    HUMAN_AS_OWN = "human_as_own"
    AFTER_OPT_OUT = "after_opt_out"
    COURTESIES = "courtesies"
    FOLLOW_UPS = "follow_ups"
    OVER_BUDGET = "over_budget"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``found`` has the evidence for every count; the rest is told and judges nothing."""

    found: Mapping[Count, tuple[str, ...]]
    stands: int  # claims against a newer message that law 6 allows
    in_flight: int  # lines claimed before a stop, takeover, opt-out or newer message was committed and arrived after it
    longest_ms: float  # the longest of those delays
    turns: int  # replies, openings and follow-ups: calls of the model that were used
    calls: int
    lines_in: int
    lines_out: int

    @property
    def counts(self) -> Mapping[str, int]:
        return {count.value: len(self.found[count]) for count in Count}

    @property
    def clean(self) -> bool:
        return not any(self.found.values())

    def __str__(self) -> str:
        told = [f"{count}: {what}" for count, evidence in self.found.items() for what in evidence]
        return "\n".join(told) or "nothing was found"


def judge(record: Record) -> Verdict:
    ledger = Ledger(record)
    stale = claims.stale(ledger)
    delays = list(_in_flight(ledger))
    calls = record.rows("model_calls").values()
    found: Mapping[Count, Iterator[str]] = {
        Count.INBOUND_LOST: _inbound_lost(ledger),
        Count.INBOUND_TWICE: _inbound_twice(ledger),
        Count.PARTS_LOST: _parts_lost(ledger),
        Count.SAID_TWICE: _said_twice(ledger),
        Count.OUT_OF_ORDER: _out_of_order(ledger),
        Count.UNANSWERED: _unanswered(ledger),
        Count.FORBIDDEN_ANSWERS: _forbidden_answers(ledger),
        Count.STALE_CLAIMS: iter(stale.wrong),
        Count.FORBIDDEN_CLAIMS: claims.forbidden(ledger),
        Count.AFTER_STOP: _after_stop(ledger),
        Count.NOT_AT_REST: _not_at_rest(ledger),
        Count.OWN_AS_HUMAN: _own_as_human(ledger),
        Count.HUMAN_AS_OWN: _human_as_own(ledger),
        Count.AFTER_OPT_OUT: manners.after_opt_out(ledger),
        Count.COURTESIES: manners.courtesies(ledger),
        Count.FOLLOW_UPS: manners.follow_ups(ledger),
        Count.OVER_BUDGET: manners.over_budget(ledger),
    }
    return Verdict(
        found={count: tuple(evidence) for count, evidence in found.items()},
        stands=stale.standing,
        in_flight=len(delays),
        longest_ms=max(delays, default=0.0),
        turns=sum(call["state"] == "used" for call in calls),
        calls=len(calls),
        lines_in=len(ledger.heard_lines),
        lines_out=len(ledger.said),
    )


# --- what people said


def _inbound_lost(ledger: Ledger) -> Iterator[str]:
    """Lines of people who are in a dialog. What a dead account could not fetch any more is not lost."""
    stored = {row["telegram_message_id"] for row in ledger.rows.values()}
    ended = ledger.record.rows("accounts")[ledger.record.account]["state"] != "ready"
    last = max((at for at in stored if at is not None), default=0) if ended else float("inf")
    for line in ledger.heard_lines:
        if line.id in stored or line.id in ledger.record.deleted or line.id > last:
            continue
        if _had_to_be_stored(ledger, line):
            yield f"{_line(ledger, line)} is not stored"


def _had_to_be_stored(ledger: Ledger, line: Line) -> bool:
    """What was said before a dialog is found by its first look at the history; not every dialog comes to that."""
    dialogs = [(ledger.began(dialog), row) for dialog, row in ledger.dialogs_of(line.person)]
    return any(began <= line.at or row["history_upto"] is not None for began, row in dialogs)


def _inbound_twice(ledger: Ledger) -> Iterator[str]:
    rows = [row for row in ledger.rows.values() if row["direction"] == "in"]
    ids = Counter(row["telegram_message_id"] for row in rows)
    for at, times in ids.items():
        if times > 1:
            yield f"message {at} is stored {times} times"
    # A token is said once, unless the person says it again.
    said = Counter(token for line in ledger.heard_lines for token in ledger.tokens(line.text))
    once = {row["telegram_message_id"]: row for row in rows}.values()
    stored = Counter(token for row in once for token in ledger.tokens(row["content"]))
    for token, times in stored.items():
        if times > max(said[token], 1):
            yield f"{token} was said {said[token]} times and is stored {times} times"


# --- what the product said


def _parts_lost(ledger: Ledger) -> Iterator[str]:
    there = {line.id for line in ledger.record.lines if line.out}
    random_ids = {line.random_id for line in ledger.said}
    for part in ledger.parts.values():
        at = part.row["telegram_message_id"]
        if part.state == "sent" and (at not in there if at is not None else part.row["random_id"] not in random_ids):
            yield f"{_part(part)} is sent as message {at}, which the server never had"
        elif part.state in ("cancelled", "failed") and not claims.has_cause(ledger, part):
            yield f"{_part(part)} is {part.state} ({part.row['failure']}) without a cause"
    for line in _unheld(ledger):
        said = ledger.part_of.get(line.random_id)
        if (said.state not in UNSENT and not _holds_a_copy(ledger, said)) if said else not _twin(ledger, line):
            yield f"{_line(ledger, line)} was said and no row holds it"


def _unheld(ledger: Ledger) -> Iterator[Line]:
    """Lines of the product that no row holds. One that the person deleted can leave no trace to be found."""
    for line in ledger.said:
        gone = line.id in ledger.record.deleted
        if line.id not in ledger.row_at and not gone and ledger.holder(line) is None:
            yield line


def _holds_a_copy(ledger: Ledger, part: Part) -> bool:
    """Whether a row holds the other one of two lines with its random id: then this one is a repetition."""
    other = ledger.line_at.get(part.row["telegram_message_id"])
    return other is not None and other.random_id == part.row["random_id"]


def _twin(ledger: Ledger, line: Line) -> bool:
    """Whether the same was said in a line that a row holds: this one is a repetition, with a random id of its own."""
    return any(
        other.id != line.id and (other.person, other.text) == (line.person, line.text) and ledger.holder(other)
        for other in ledger.said
    )


def _said_twice(ledger: Ledger) -> Iterator[str]:
    twice: dict[int, str] = {}  # by the message's id: one repetition has one piece of evidence
    for random_id, lines in grouped((line.random_id, line) for line in ledger.said).items():
        for line in lines[1:] if random_id is not None else ():
            twice[line.id] = "has the random id of an earlier one"
    for line in _unheld(ledger):
        if line.random_id not in ledger.part_of and _twin(ledger, line):
            twice.setdefault(line.id, "was said before by a part, and is none")
    answered: dict[str, Line] = {}
    for line in ledger.said:
        for token in ledger.tokens(line.text):
            first = answered.setdefault(token, line)
            known = first.person == line.person and not _was_deleted(ledger, first, line.at)
            if first is not line and known and not {first.id, line.id} & twice.keys():
                twice[line.id] = f"says {token} again"
    for at, why in twice.items():
        yield f"{_line(ledger, ledger.line_at[at])} {why}"


def _was_deleted(ledger: Ledger, line: Line, at: float) -> bool:
    """What somebody has deleted by then may be said anew: the model is not shown it."""
    return ledger.record.deleted.get(line.id, float("inf")) <= at


def _out_of_order(ledger: Ledger) -> Iterator[str]:
    held = ((line, ledger.holder(line)) for line in ledger.said)
    for dialog, pairs in grouped((part.dialog, (line, part)) for line, part in held if part).items():
        pairs.sort(key=lambda pair: pair[0].id)
        for (_, before), (line, part) in pairwise(pairs):
            if part.id < before.id:
                yield f"dialog {dialog}: {_line(ledger, line)} is part {part.id} and came after part {before.id}"


def _unanswered(ledger: Ledger) -> Iterator[str]:
    answered = {(line.person, token) for line in ledger.said for token in ledger.tokens(line.text)}
    for token, (person, expect) in ledger.record.tokens.items():
        if expect is Expect.ONCE and (person, token) not in answered:
            yield f"{token} of person {person} was never answered"


def _forbidden_answers(ledger: Ledger) -> Iterator[str]:
    for line in ledger.said:
        for token in ledger.tokens(line.text):
            person, expect = ledger.record.tokens[token]
            if person != line.person:
                yield f"{_line(ledger, line)} answers {token} of person {person}"
            elif expect is Expect.NEVER:
                yield f"{_line(ledger, line)} answers {token}, which asked for silence"


# --- stops


def _after_stop(ledger: Ledger) -> Iterator[str]:
    """A stop that was confirmed is over once the dialog is active again: what was decided after that may be said."""
    confirmed = grouped((one.dialog, one) for one in ledger.record.confirmed)
    for line in ledger.said:
        part = ledger.part_said(line)
        dialogs = [part.dialog] if part else [dialog for dialog, _ in ledger.dialogs_of(line.person)]
        for dialog in dialogs:
            told = [one for one in confirmed.get(dialog, ()) if one.seq < line.seq]
            if told and (at := _stopped_since(ledger, dialog, part, line.at)) is not None and told[-1].at > at:
                yield f"dialog {dialog}: {_line(ledger, line)} came after event {told[-1].seq} had confirmed the stop"
                break


def _stopped_since(ledger: Ledger, dialog: int, part: Part | None, at: float) -> float | None:
    """Since when the dialog is stopped at ``at``, though a part that was decided before may have been resumed over."""
    stopped: float | None = None
    for place in ledger.places_of(dialog):
        if ledger.committed(place) > at:
            break
        match ledger.journal[place].row["status"]:
            case "stopped":
                stopped = stopped or ledger.committed(place)
            case "active" if part is None or place <= part.added:
                stopped = None
    return stopped


def _in_flight(ledger: Ledger) -> Iterator[float]:
    """Milliseconds between the commit of a stop, takeover, opt-out or newer message and the arrival of what had been
    claimed before."""
    for line in ledger.said:
        part = ledger.part_said(line)
        before = [place for place in part.claims if ledger.committed(place) <= line.at] if part else []
        if part is None or not before:
            continue
        news = sorted([*ledger.halts[part.dialog], *(place for place, _ in ledger.came.get(part.dialog, ()))])
        later = news[bisect_right(news, before[-1]) :]
        if later and ledger.committed(later[0]) < line.at:
            yield (line.at - ledger.committed(later[0])) * 1000


# --- how it ended


def _not_at_rest(ledger: Ledger) -> Iterator[str]:
    unsent = {row["dialog_id"] for row in ledger.rows.values() if row["send_state"] in UNSENT}
    for dialog, row in ledger.dialogs():
        if dialog in ledger.record.waiting:
            continue
        if dialog in unsent:
            yield f"dialog {dialog} still has a part on its way"
        elif row["due_at"] is not None and datetime.fromisoformat(row["due_at"]) <= ledger.record.rested_at:
            yield f"dialog {dialog} was due at {row['due_at']} and nothing happened"


def _own_as_human(ledger: Ledger) -> Iterator[str]:
    for line in ledger.said:
        row = ledger.row_at.get(line.id)
        if row is not None and row["author"] in ("human", "unexplained"):
            yield f"{_line(ledger, line)} is stored as {row['author']}"


def _human_as_own(ledger: Ledger) -> Iterator[str]:
    for line in ledger.record.lines:
        row = ledger.row_at.get(line.id)
        if line.out and not line.by_product and row is not None and row["author"] == "model":
            yield f"{_line(ledger, line)} was typed by a human and is stored as the model's"


# --- evidence: no words of people but tokens


def _line(ledger: Ledger, line: Line) -> str:
    tokens = " ".join(ledger.tokens(line.text))
    return f"message {line.id} {'to' if line.out else 'from'} person {line.person}{f' ({tokens})' if tokens else ''}"


def _part(part: Part) -> str:
    return f"dialog {part.dialog}: part {part.id}"
