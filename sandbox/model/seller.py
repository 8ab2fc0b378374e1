"""The scripted seller: greets, asks how large the office is, proposes a plan, answers, agrees on a call.

Stateless, as a model is: where the talk stands is read out of the conversation each time. What it says about the
business comes from the prompt's facts; where they are silent it says that it does not know.
"""

from __future__ import annotations

from dataclasses import replace

from sandbox.model.chat import Chat, Said
from sandbox.model.facts import TOPICS, Plan
from sandbox.model.intents import Intent
from sandbox.model.talk import Talk

MOST_PARTS = 3
SILENT = frozenset({Intent.HUMAN, Intent.NO_INTEREST, Intent.CALL, Intent.TIME, Intent.YES, Intent.GREETING})
"""Intents that move the talk on rather than ask for an answer."""


def reply(chat: Chat) -> Said:
    """What the seller says next."""
    talk = Talk(chat)
    if talk.is_repair:
        return Said((talk.say("topic_unknown"),), _stage(talk))
    if not talk.heard:
        return _opening(talk) if not chat.said_by_assistant else _follow_up(talk)
    return _without_repeats(talk, _ending(talk) or _conversation(talk))


def _without_repeats(talk: Talk, said: Said) -> Said:
    """The answer without what was said word for word before: that is pointed at, not said again."""
    fresh = tuple(part for part in said.parts if not talk.was_said(part))
    if len(fresh) < len(said.parts) and not any("?" in part for part in fresh):
        fresh = (talk.say("again"), *fresh)
    return replace(said, parts=fresh[:MOST_PARTS])


def _opening(talk: Talk) -> Said:
    return Said((talk.say("hello", name=talk.greeted_name), talk.say("ask_size")), "opening")


def _follow_up(talk: Talk) -> Said:
    line = talk.facts.lines.get("trial")
    if talk.times("follow_up") or not line:
        return Said((talk.say("unclear"),)) if talk.times("follow_up") > 1 else Said((talk.last_of("follow_up"),))
    return Said((talk.say("follow_up", line=line),), "discovery")


def _ending(talk: Talk) -> Said | None:
    """Answers that end the talk, or hand it to a person."""
    wants, agreed = talk.intents, talk.told("call_agreed")
    no_discount = talk.facts.lines.get("discount")
    if Intent.HUMAN in wants:
        return Said((talk.say("human"),), "closing", handoff="the customer asks for a person")
    if Intent.SOURCE in wants:
        return Said((talk.say("source"),), "discovery", handoff="the customer asks where their contact comes from")
    if Intent.DISCOUNT in wants and no_discount and talk.was_said(no_discount):
        return Said((talk.say("discount_handoff"),), "objections", handoff="the customer insists on a discount")
    if Intent.NO_INTEREST in wants and not agreed:
        return Said((talk.say("no_interest"),), "done", "lost")
    if Intent.YES in wants and talk.asked_last("plan_large"):
        return Said((talk.say("human"),), "closing", handoff=f"an office of {talk.people} people: several machines")
    if Intent.TIME in wants and not agreed and (talk.told("ask_call") or Intent.CALL in wants):
        return Said((talk.say("call_agreed", time=talk.time),), "done", "won", f"a call was agreed: {talk.time}")
    return None


def _conversation(talk: Talk) -> Said:
    parts = _answers(talk)
    if talk.told("call_agreed"):
        key = "bye_won" if {Intent.THANKS, Intent.YES} & set(talk.intents) else "after_won"
        return Said(tuple(parts[:MOST_PARTS]) or (talk.say(key),), "done", "won")
    if not talk.chat.said_by_assistant and Intent.COMPANY not in talk.intents:
        parts = [talk.say("hello", name=talk.greeted_name), *parts]
    elif not parts and Intent.GREETING in talk.intents:
        parts = [talk.say("hello_back")]
    step = _next_step(talk)
    parts = [*parts[: MOST_PARTS - len(step)], *step]
    return Said(tuple(parts) or (talk.say("unclear"),), _stage(talk))


def _answers(talk: Talk) -> list[str]:
    """One answer for each thing that was asked, objected or sent, without repeating a text."""
    said = [talk.say(f"media_{kind}") for kind in talk.media]
    said += [text for intent in talk.intents if intent not in SILENT and (text := _answer(talk, intent))]
    return list(dict.fromkeys(said))


def _answer(talk: Talk, intent: Intent) -> str | None:
    match intent:
        case Intent.PRICE:
            return _prices(talk)
        case Intent.EXPENSIVE:
            return _expensive(talk)
        case Intent.THINK:
            return _think(talk)
        case Intent.THANKS:
            return talk.say("thanks") if talk.intents == [Intent.THANKS] else None
        case _ if intent in TOPICS:
            line = talk.facts.lines.get(intent)
            return talk.say("topic", line=line) if line else talk.say("topic_unknown")
        case _:
            return talk.say(intent)


def _prices(talk: Talk) -> str | None:
    if talk.people and not talk.told("plan"):
        return None  # the proposal that follows names the price
    if not talk.facts.plans:
        return talk.say("prices_unknown")
    return talk.say("prices", prices=", ".join(f"{plan.name} {plan.price}" for plan in talk.facts.plans))


def _expensive(talk: Talk) -> str:
    line = talk.facts.lines.get("expensive", "").partition(": ")[2].partition(". ")[0].rstrip(".")
    answer = talk.say("expensive", line=f"{line[:1].upper()}{line[1:]}.") if line else talk.say("expensive_unknown")
    smaller = talk.facts.smallest()
    if smaller is None or smaller == _plan(talk) or talk.told("cheaper"):
        return answer
    return f"{answer} {_with_plan(talk, 'cheaper', smaller)}"


def _think(talk: Talk) -> str:
    plan = _plan(talk)
    first = talk.say("think")
    return f"{first} {_with_plan(talk, 'think_line', plan)}" if plan and not talk.told("think") else first


def _next_step(talk: Talk) -> list[str]:
    """What moves the talk on: the size, then the plan, then the call. Nobody is pressed."""
    if Intent.THINK in talk.intents or Intent.HAVE in talk.intents:
        return []
    if talk.people is None:
        return [talk.say("ask_size")] if talk.times("ask_size") < 2 else []
    if not any(talk.told(key) for key in ("plan", "plan_large", "plan_unknown")):
        return _proposal(talk)
    if Intent.YES in talk.intents or Intent.CALL in talk.intents:
        return [talk.say("call_when" if talk.told("ask_call") else "ask_call")]
    return [talk.say("ask_call")] if talk.times("ask_call") < 3 else []


def _proposal(talk: Talk) -> list[str]:
    plan = _plan(talk)
    if plan is not None:
        return [_with_plan(talk, "plan", plan), talk.say("ask_call")]
    key = "plan_large" if talk.facts.plans else "plan_unknown"
    return [talk.say(key, people=talk.people)]


def _plan(talk: Talk) -> Plan | None:
    return talk.facts.plan_for(talk.people) if talk.people else None


def _with_plan(talk: Talk, key: str, plan: Plan) -> str:
    return talk.say(key, people=talk.people, plan=plan.name, price=plan.price, detail=plan.detail).strip()


def _stage(talk: Talk) -> str:
    wants = set(talk.intents)
    if Intent.CALL in wants or (Intent.YES in wants and talk.told("ask_call")):
        return "closing"
    if wants & {Intent.EXPENSIVE, Intent.HAVE, Intent.THINK, Intent.DISCOUNT}:
        return "objections"
    return "proposal" if talk.people is not None else "discovery"
