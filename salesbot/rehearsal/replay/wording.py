"""The words of a replay, once for the terminal and the page. English, as the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from salesbot import i18n, words
from salesbot.dialog.model import Author, Message, Outcome
from salesbot.llm.reply import outline
from salesbot.rehearsal import labels
from salesbot.rehearsal.replay.again import Attempt, Plan, Replayed, Side, Sum

ENGLISH = i18n.lang("en")
CHANGED_NOTHING = "Nothing was sent, and nothing in the database was changed."


def person(plan: Plan) -> str:
    return words.person(ENGLISH, plan.dialog, plan.contact)


def was(plan: Plan) -> str:
    """With what it was said."""
    models = ", ".join(dict.fromkeys(one.turn.model for one in plan.moments if one.turn.model)) or "an unknown model"
    return f"scenario {plan.dialog.scenario}, {models}"


def now(plan: Plan) -> str:
    """With what it would be said."""
    return f"scenario {plan.scenario.name}, {', '.join(plan.models)}"


def title(one: Replayed, plan: Plan) -> str:
    return f"{one.number} of {len(plan.moments)} · {one.purpose.replace('_', '-')} · {moment(one.at, plan.zone)}"


def label(line: Message) -> str:
    """What a line is made of, where it is not words alone; with a space after it."""
    kind = words.kind(ENGLISH, line)
    return f"{kind} " if kind else ""


def cost(found: Sum) -> str:
    """``$0.0123 for 7 calls``, and for how many of them the price is not known."""
    told = f"{labels.dollars(float(found.cost))} for {many(found.calls, 'call')}"
    return f"{told}, {found.unpriced} of them without a known price" if found.unpriced else told


def moment(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{labels.day(local.date())}, {local:%H:%M}"


def speaker(line: Message, plan: Plan) -> str:
    match line.author:
        case Author.CONTACT:
            return person(plan)
        case Author.MODEL:
            return "the program"
        case _:
            return "a colleague"


def consequences(side: Side) -> Iterator[str]:
    """What a turn leads to beside its words."""
    if side.failure:
        yield f"nothing: {side.failure}; a human would be called"
    if side.opt_out:
        yield "nothing but the farewell: they want no more messages"
    if side.stage:
        yield f"stage: {side.stage}"
    if side.outcome is not Outcome.NONE:
        yield f"ends it: {side.outcome}"
    if side.handoff:
        yield f"calls a human: {side.handoff}"


def why(attempt: Attempt) -> str:
    """Why an answer was not used: what the guard, or the endpoint, said."""
    return f"{labels.code(attempt.code)}: {' '.join(attempt.reason.split())}"


def said_in(attempt: Attempt) -> str:
    """The words of a draft; of what is no draft, the answer as it came."""
    if attempt.completion is None:
        return ""
    return "\n".join(outline(attempt.completion.text).parts) or attempt.completion.text


def many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
