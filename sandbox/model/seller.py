"""The scripted seller: says who writes, asks how large the office is, proposes a plan, answers, agrees on a call.

Stateless, as a model is: where the talk stands is read out of the conversation each time. What it says about the
business comes from the prompt's facts; where they are silent it says that it does not know.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sandbox.model import stages, stranger
from sandbox.model.answers import answers, promised, total, with_plan
from sandbox.model.chat import Chat, Said
from sandbox.model.endings import agreed, ending
from sandbox.model.intents import Intent
from sandbox.model.learning import learnt
from sandbox.model.talk import Talk

MOST_PARTS = 3
NOTES = 600
"""Characters of what a person said in the notes on a conversation."""
PLAN = ("plan", "plan_large", "plan_unknown")
"""The phrases one of which is the proposal."""
NEWS = ("trial", "delivery", "warranty", "beans")
"""What a follow-up may tell, the best first."""
DOUBTS = frozenset({Intent.EXPENSIVE, Intent.HAVE, Intent.THINK, Intent.DISCOUNT, Intent.CAFE, Intent.NO_ROOM,
                    Intent.LONG_COMMITMENT})  # fmt: skip


def reply(chat: Chat) -> Said:
    """What the seller says next."""
    talk = Talk(chat)
    if chat.wants_summary:
        return Said((_notes(chat),))
    if stranger.fields(chat.instructions) and not any(plan.capacity for plan in talk.facts.plans):
        return stranger.reply(talk)
    if talk.is_repair:
        said = Said((talk.say("topic_unknown"),), _stage(talk))
    elif talk.heard:
        held = stages.is_held(talk)
        said = (None if held else agreed(talk)) or ending(talk) or (_waiting(talk) if held else _conversation(talk))
        said = _without_repeats(talk, said)
    else:
        said = _opening(talk) if not chat.said_by_assistant else _follow_up(talk)
    used = [one for part in said.parts for one in talk.facts.used_in(part)]
    summed = [one for expression in said.sums for one in re.findall(r"[^\W\d]\w*", expression)]
    stage = said.stage if said.outcome != "none" or said.handoff or said.opt_out else stages.next_to(talk, said.stage)
    return replace(said, stage=stage, facts=tuple(dict.fromkeys([*used, *summed])), learnt=learnt(talk))


def _notes(chat: Chat) -> str:
    """What the person said, after the notes so far."""
    shown = chat.said_by_user[-1] if chat.said_by_user else ""
    so_far = re.findall(r"^The notes so far: (.+)$", shown, re.M)
    said = "; ".join(re.findall(r"^Person: (.+)$", shown, re.M))
    return " ".join([*so_far, f"They said: {said[:NOTES]}."])


def _without_repeats(talk: Talk, said: Said) -> Said:
    """The answer without what was said word for word before: that is pointed at, not said again."""
    fresh = tuple(part for part in said.parts if not talk.was_said(part))
    if len(fresh) < len(said.parts) and not any("?" in part for part in fresh):
        fresh = (talk.say("again"), *fresh)
    return replace(said, parts=fresh[:MOST_PARTS])


def _opening(talk: Talk) -> Said:
    """Who writes, and the question that this way of beginning asks."""
    hello = talk.say("hello", name=talk.greeted_name)
    if "trial" in talk.task:
        return Said((hello, talk.say("ask_whose")))
    return Said((hello, talk.say("ask_needs" if "drink" in talk.task else "ask_size")))


def _follow_up(talk: Talk) -> Said:
    """Something new, or an easy way back; the talk stands where it stood."""
    told = (talk.facts.lines[one] for topic in NEWS for one in talk.facts.about(topic))
    news = next((line for line in told if not talk.was_said(line)), "")
    easy = talk.say("follow_up_easy")
    if not news or (talk.told("follow_up") and not talk.was_said(easy)):
        said = talk.say("unclear") if talk.was_said(easy) else easy
    else:
        said = talk.say("follow_up", line=news)
    return Said((said,), stages.present(talk) or "qualification")


def _conversation(talk: Talk) -> Said:
    parts, several = answers(talk), total(talk)
    if several and several[0] not in parts:
        parts = [several[0], *parts]
    said = Said((), _stage(talk), sums=(several[1],) if several else (), promise=promised(talk))
    if talk.told("call_agreed"):
        key = "bye_won" if {Intent.THANKS, Intent.YES} & set(talk.intents) else "after_won"
        return replace(said, parts=tuple(parts[:MOST_PARTS]) or (talk.say(key),), stage="closing", outcome="won")
    if not talk.chat.said_by_assistant and Intent.COMPANY not in talk.intents:
        parts = [talk.say("hello", name=talk.greeted_name), *parts]
    elif not parts and Intent.GREETING in talk.intents:
        parts = [talk.say("hello_back")]
    step = _next_step(talk)
    parts = [*parts[: MOST_PARTS - len(step)], *step]
    return replace(said, parts=tuple(parts) or (talk.say("unclear"),))


def _waiting(talk: Talk) -> Said:
    """In a stage that cannot be left yet: what is asked is answered, and what is missing asked for."""
    fields = [one for one in stages.unasked(talk) if not talk.was_said(one.question)]
    step = [talk.say("ask_whether", what=fields[0].question)] if fields else []
    parts = (*answers(talk)[: MOST_PARTS - len(step)], *step)
    return Said(parts or (talk.say("unclear"),), _stage(talk), promise=promised(talk))


def _next_step(talk: Talk) -> list[str]:
    """What moves the talk on: the size, the plan, what they drink now, then the call. Nobody is pressed."""
    wants = set(talk.intents)
    if wants & {Intent.THINK, Intent.HAVE, Intent.SEND, Intent.KNOWN, Intent.SOURCE} or talk.told("no_interest"):
        return []
    if talk.people is None:
        return [talk.say("ask_size")] if talk.times("ask_size") < 2 else []
    if not any(talk.told(key) for key in PLAN):
        return _proposal(talk)
    if wants & {Intent.YES, Intent.CALL, Intent.TAKE}:
        return [talk.say("call_when" if talk.told("ask_call") else "ask_call")]
    return [talk.say("ask_call")] if talk.times("ask_call") < 3 and not talk.asked_last("ask_call") else []


def _proposal(talk: Talk) -> list[str]:
    if talk.plan is not None:
        return [with_plan(talk, "plan", talk.plan), talk.say("ask_call" if talk.told("ask_needs") else "ask_needs")]
    key = "plan_large" if talk.facts.plans else "plan_unknown"
    return [talk.say(key, people=talk.people)]


def _stage(talk: Talk) -> str:
    wants = set(talk.intents)
    if Intent.CALL in wants or (Intent.YES in wants and talk.told("ask_call")):
        return "next_step"
    if wants & DOUBTS:
        return "objections"
    if talk.people is None:
        return "qualification"
    return "next_step" if any(talk.told(key) for key in PLAN) else "presentation"
