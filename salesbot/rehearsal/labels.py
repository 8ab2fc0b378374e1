"""The reports' words for codes, once for the terminal and the page. English, as the command line."""

from __future__ import annotations

from datetime import date
from math import isclose

from salesbot.rehearsal.comparison import Difference, Measure, Word
from salesbot.rehearsal.figures import End
from salesbot.rehearsal.judge import ends
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import Rehearsal, Rule

CAUTION = (
    "Simulated customers are easier than people. A rehearsal finds what is broken, and which of two scenarios is "
    "better; it does not tell how many real people will buy."
)

ENDS = {
    End.WON: "won",
    End.HANDED_OVER: "human",
    End.SILENT: "silent",
    End.LOST: "lost",
    End.OPTED_OUT: "opt-out",
    End.OTHER: "other",
}
ENDS_EXPLAINED = {
    End.WON: "reached the goal",
    End.HANDED_OVER: "handed over to a human",
    End.SILENT: "fell silent, undecided",
    End.LOST: "said no",
    End.OPTED_OUT: "wants no more messages",
    End.OTHER: "blocked, not reached, or failed",
}

RULES = {
    Rule.UNANSWERED: "a line of theirs got no answer",
    Rule.TWICE: "the same thing was said twice in a row",
    Rule.MONEY: "an amount, percentage or address outside of the facts",
    Rule.PROMISE: "a promise without a task",
    Rule.OPT_OUT: "an opt-out was not honoured",
    Rule.AFTER_STOP: "something was said after the end",
    Rule.DISCLOSURE: "the first message hides that a program writes",
    Rule.DENIAL: "it denied being a program, or kept it back",
    Rule.LEAK: "instructions or somebody's data were given away",
    Rule.UNPROVEN: "something was noted that nobody said",
    Rule.COST: "the dialog cost more than its ceiling",
    Rule.NOT_HANDED_OVER: "a human should have been called",
    Rule.NIGHT: "it began in the person's quiet hours",
    Rule.FOLLOW_UP: "a follow-up too many, or after a no",
}

CODES = {
    "money": "an amount that is not in the facts",
    "percentage": "a percentage that is not in the facts",
    "number": "a number that is not in the facts",
    "term": "a term that is not in the facts",
    "link": "an address that is not in the facts",
    "sum": "a sum that does not add up",
    "discount": "a discount that nobody granted",
    "promise": "a promise that was not noted",
    "denial": "a denial of being a program",
    "no": "going on after a no",
    "leak": "words of the instructions",
    "personal_data": "somebody else's data",
    "unproven": "won before it was known what it needs",
    "repeat": "what had been said before",
    "note": "notes or code instead of sentences",
    "language": "another language than the person's",
    "empty": "nothing",
    "too_long": "too long a message",
    "too_many_parts": "too many messages at once",
    "opt_out": "an opt-out that nobody asked for",
}
"""The guard's codes; others (an answer that is no valid JSON …) stand for themselves."""

EVENTS = {
    "handoff": "a human is called",
    "handoff_waits": "the operator is reminded",
    "two_bots": "taken for another bot",
    "parked": "given up, a human is called",
    "budget_dialog": "its money is used up",
    "close": "closed",
    "returned": "open again: they wrote",
    "opt_out": "no more messages, ever",
    "unreachable": "cannot be reached",
    "stop_confirmed": "stopped",
}
"""What is shown between the lines of a dialogue; the file for programs has every event."""

HOPES = {
    ends.End.WON: "won",
    ends.End.LOST: "a no",
    ends.End.OPTED_OUT: "an opt-out that is honoured",
    ends.End.WANTED_HUMAN: "a human called",
    ends.End.TWO_BOTS: "taken for a bot",
    ends.End.GAVE_UP: "a human called for want of a reply",
    ends.End.WAS_OFFERED: "silence after an offer",
    ends.End.SILENT: "silence",
    ends.End.OTHER: "anything else",
}

MEASURES = {
    Measure.WON: "won",
    Measure.PASS_1: "pass^1",
    Measure.PASS_ALL: "pass^k",
    Measure.VIOLATIONS: "violations a dialog",
    Measure.TURNS: "replies a dialog",
    Measure.COST: "cost a dialog",
}
WORDS = {
    Word.BETTER: "better",
    Word.WORSE: "worse",
    Word.MORE: "more",
    Word.LESS: "less",
    Word.UNCLEAR: "unclear",
}
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_SHARES = frozenset({Measure.WON, Measure.PASS_1, Measure.PASS_ALL})


def hoped(kind: Kind) -> str:
    """How a dialog with such a customer should end, whatever else is right or wrong with it."""
    good = ends.EXPECTED[kind]
    return " or ".join(HOPES[one] for one in ends.End if one in good)


def scenarios(rehearsal: Rehearsal, against: Rehearsal) -> tuple[str, str]:
    """What the two are called side by side, also when both have the same name."""
    if rehearsal.scenario != against.scenario:
        return rehearsal.scenario, against.scenario
    return f"{rehearsal.scenario} (1)", f"{against.scenario} (2)"


def customers_model(rehearsal: Rehearsal) -> str:
    return rehearsal.customer_model or "customer/… (each their own)"


def begins(rehearsal: Rehearsal) -> date | None:
    """The first day of the simulated time, as the first line tells it; None where nobody said anything."""
    return min((line.at.date() for verdict in rehearsal.verdicts for line in verdict.record.lines[:1]), default=None)


def day(one: date) -> str:
    """``Mon 2 Mar 2026``: not by ``strftime``, whose words depend on the machine's locale."""
    return f"{_DAYS[one.weekday()]} {one.day} {_MONTHS[one.month - 1]} {one.year}"


def code(name: str) -> str:
    return CODES.get(name, name.replace("_", " "))


def measure(one: Measure, repeats: int) -> str:
    return f"pass^{repeats}" if one is Measure.PASS_ALL else MEASURES[one]


def share(value: float) -> str:
    """``41 %``; small ones with a digit more, so that a rare thing does not read like none."""
    per_cent = 100 * value
    return f"{per_cent:.1f} %" if 0 < per_cent < 10 and not isclose(per_cent, round(per_cent)) else f"{per_cent:.0f} %"


def dollars(value: float | None) -> str:
    """``$1.50``, ``$0.0042``: at least two digits that say something; ``–`` where nobody said."""
    if value is None:
        return "–"
    return f"${value:.2f}" if value == 0 or value >= 1 else f"${value:.4f}"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def value(one: Measure, amount: float) -> str:
    """A figure as it is shown."""
    if one in _SHARES:
        return share(amount)
    return dollars(amount) if one is Measure.COST else f"{amount:.2f}"


def change(one: Measure, amount: float) -> str:
    """A difference as it is shown, with its sign: ``+4.0 pp`` are points of per cent."""
    if one in _SHARES:
        text = f"{100 * amount:+.1f} pp"
    else:
        text = f"{amount:+.4f}" if one is Measure.COST else f"{amount:+.2f}"
    sign, digits = text[0], text[1:]
    if not digits.strip("0. p"):
        sign = "±"
    return {"-": "−"}.get(sign, sign) + digits


def interval(one: Difference) -> str:
    low, high = change(one.measure, one.low), change(one.measure, one.high)
    return f"{low.removesuffix(' pp')} … {high}"
