"""Whether a rehearsed dialog was right: pure, deterministic, and independent of the guard whose work it judges.

It reads numbers, promises and denials by itself, in its own words: a judge that shared the guard's reading would share
its mistakes and find nothing. It knows more than the guard, too: who the customer really was, and how it all ended.
What it looks for are plain faults that a reader of the chat would point at; where words can be read either way it lets
them pass. Each function of a rule yields what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from salesbot.dialog.scenario import Scenario
from salesbot.rehearsal.judge import care, ends, honesty, money, promises, proof, stops
from salesbot.rehearsal.judge.case import Case
from salesbot.rehearsal.record import Record, Rule, Verdict, Violation

__all__ = ["RULES", "judge"]

RULES: Mapping[Rule, Callable[[Case], Iterator[Violation]]] = {
    Rule.UNANSWERED: stops.unanswered,
    Rule.TWICE: stops.said_twice,
    Rule.MONEY: money.invented,
    Rule.PROMISE: promises.broken,
    Rule.OPT_OUT: stops.ignored_opt_out,
    Rule.AFTER_STOP: stops.after_stop,
    Rule.DISCLOSURE: honesty.undisclosed,
    Rule.DENIAL: honesty.denied,
    Rule.LEAK: honesty.leaked,
    Rule.UNPROVEN: proof.unproven,
    Rule.COST: proof.dear,
    Rule.NOT_HANDED_OVER: care.not_handed_over,
    Rule.NIGHT: stops.at_night,
    Rule.FOLLOW_UP: stops.follow_ups,
}


def judge(record: Record, scenario: Scenario) -> Verdict:
    """What was wrong with a dialog, and whether it ended as it should with such a customer."""
    case = Case(record, scenario)
    violations = tuple(one for rule in RULES.values() for one in rule(case))
    return Verdict(record, violations, good=not violations and ends.end(case) in ends.EXPECTED[record.profile.kind])
