"""Whether a part might be claimed at the moment it was, and whether it was right to give it up (laws 5 and 6)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.chaos.ledger import Heard, Ledger, Part, grouped
from tests.chaos.record import Expect

CLAIMED_WHILE: Mapping[str, frozenset[str]] = {
    "courtesy": frozenset({"active", "handoff"}),
    "farewell": frozenset({"closed"}),
}
"""The statuses in which something may be said; what the model says, while it speaks."""
MODEL_SPEAKS = frozenset({"active"})


@dataclass(frozen=True, slots=True)
class Stale:
    wrong: Sequence[str]
    standing: int


def stale(ledger: Ledger) -> Stale:
    """Claims of a reply while something stood in the database that it cannot have answered.

    Law 6 lets one stand, if a draft was dropped since the last reply that was said.
    """
    overtaken = _overtaken(ledger) | _tokens_left_out(ledger)
    wrong: list[str] = []
    for _claim, (part, why) in sorted(overtaken.items()):
        if not part.stands:
            wrong.append(f"dialog {part.dialog}: part {part.id} was claimed though {why}")
        elif not _draft_was_dropped(ledger, part):
            wrong.append(f"dialog {part.dialog}: part {part.id} stands though {why}, and no draft was dropped before")
    return Stale(wrong, len(overtaken) - len(wrong))


Found = dict[int, tuple[Part, str]]
"""By the place of the claim."""


def _overtaken(ledger: Ledger) -> Found:
    """Something came, or changed before it was answered, after the model had been asked and before the claim."""
    known = answers(ledger)
    found: Found = {}
    for part in ledger.replies():
        for claim in part.claims:
            for place, heard in _between(ledger, part.dialog, asked(ledger, part), claim):
                new = place == heard.added
                if ledger.asks(heard) and (new or not answered(known[part.dialog], heard.added, place)):
                    what = "came" if new else "was changed"
                    found[claim] = (
                        part,
                        f"message {heard.row['telegram_message_id']} {what} after the model was asked",
                    )
                    break
    return found


def _between(ledger: Ledger, dialog: int, begin: int, end: int) -> Sequence[tuple[int, Heard]]:
    """What a person said or changed in a dialog after one place and before another."""
    came = ledger.came.get(dialog, ())
    first, last = (bisect_right(came, place, key=lambda pair: pair[0]) for place in (begin, end))
    return came[first:last]


def asked(ledger: Ledger, part: Part) -> int:
    """When the model was asked for a part; what was not asked for counts from its own beginning."""
    return ledger.calls.get(part.row["model_call_id"], part.added)


def answers(ledger: Ledger) -> dict[int, list[tuple[int, int]]]:
    """By dialog: since when something was said, and up to where what had been heard was answered by it."""
    known: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for part in ledger.parts.values():
        if part.sent is not None and not part.by_program:
            known[part.dialog].append((part.sent, asked(ledger, part)))
    for dialog, places in ledger.human.items():
        known[dialog].extend((place, place) for place in places)
    return known


def answered(known: Sequence[tuple[int, int]], heard: int, at: int) -> bool:
    return any(said <= at and upto > heard for said, upto in known)


def _tokens_left_out(ledger: Ledger) -> Found:
    """A token that must be answered stood in the database, and this reply and all before it say nothing of it."""
    first: dict[str, Part] = {}
    for part in sorted(ledger.parts.values(), key=lambda part: part.id):
        for token in ledger.tokens(part.row["content"]) if part.sent is not None else ():
            first.setdefault(token, part)
    says = {
        call: {token for part in parts for token in ledger.tokens(part.row["content"])}
        for call, parts in grouped((part.row["model_call_id"], part) for part in ledger.replies()).items()
    }
    claims = grouped((part.dialog, (claim, part)) for part in ledger.replies() for claim in part.claims)
    for some in claims.values():
        some.sort(key=lambda pair: pair[0])
    found: Found = {}
    for heard in ledger.heard.values():
        if not ledger.asks(heard):
            continue
        for token in _asked_for(ledger, heard):
            answer = first.get(token)
            dialog = claims.get(heard.dialog, [])
            for claim, part in dialog[bisect_left(dialog, heard.added, key=lambda pair: pair[0]) :]:
                if answer is not None and part.id >= answer.id:
                    break
                if token not in says[part.row["model_call_id"]]:
                    found[claim] = (part, f"{token} stood there and it says nothing of it")
    return found


def _asked_for(ledger: Ledger, heard: Heard) -> Sequence[str]:
    """The tokens of a message that must be answered. One that was changed may say another thing by then."""
    if heard.changes:
        return ()
    tokens = ledger.tokens(heard.row["content"])
    return [token for token in tokens if ledger.record.tokens[token][1] is Expect.ONCE]


def _draft_was_dropped(ledger: Ledger, part: Part) -> bool:
    """Whether a draft of the dialog was lost between the reply before this one and this one."""
    said = [
        other.sent
        for other in ledger.parts_in[part.dialog]
        if other.id < part.id
        and other.sent is not None
        and not other.by_program
        and other.row["model_call_id"] != part.row["model_call_id"]
    ]
    since = max((place for place in said if place < part.added), default=-1)
    return any(since < place < part.added for place in ledger.dropped[part.dialog])


def forbidden(ledger: Ledger) -> Iterator[str]:
    """Claims after a stop, a takeover, an opt-out, a hand-over or a closing; and what was said without a claim."""
    for part in ledger.parts.values():
        for claim in part.claims:
            now, then = ledger.dialog_at(part.dialog, claim), ledger.dialog_at(part.dialog, part.added)
            if now is None or then is None:
                yield f"part {part.id} was claimed for no dialog"
            elif now["status"] not in CLAIMED_WHILE.get(part.purpose, MODEL_SPEAKS):
                yield f"dialog {part.dialog}: part {part.id} was claimed while {now['status']}"
            elif now["halts"] != then["halts"]:
                yield f"dialog {part.dialog}: part {part.id} was claimed after the dialog had been silenced"
    for line in ledger.said:
        said = ledger.part_said(line)
        if said is not None and not any(ledger.committed(claim) <= line.at for claim in said.claims):
            yield f"dialog {said.dialog}: part {said.id} was said and not claimed before"


def may_be_claimed(ledger: Ledger, part: Part, claim: int) -> bool:
    """Whether the status of its dialog allowed a claim."""
    now = ledger.dialog_at(part.dialog, claim)
    return now is not None and now["status"] in CLAIMED_WHILE.get(part.purpose, MODEL_SPEAKS)


def has_cause(ledger: Ledger, part: Part) -> bool:
    """Whether something had been committed that ends a part, between its own commit and its end."""
    assert part.ended is not None
    begin, end = ledger.journal[part.added].committed, ledger.journal[part.ended].committed

    def between(place: int) -> bool:
        return begin < ledger.journal[place].committed <= end

    causes = [*ledger.human[part.dialog], *ledger.halts[part.dialog]]
    if not part.stands:
        causes += [place for place, _ in ledger.came.get(part.dialog, ())]
    return any(between(place) for place in causes) or _ended_by_itself(ledger, part, end)


def _ended_by_itself(ledger: Ledger, part: Part, end: int) -> bool:
    """Too old, suppressed, or refused by Telegram: the codes that the product gives, as far as they can be checked."""
    failure = part.row["failure"]
    match part.state, failure:
        case "failed", _:
            return bool(failure)
        case _, "too_old":
            return datetime.fromisoformat(part.row["not_after"]).timestamp() * 1e6 <= end
        case _, "opted_out":
            return any(ledger.journal[place].committed <= end for place in ledger.suppressions)
        case _:
            return bool(failure == "peer_flood")
