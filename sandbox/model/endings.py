"""How a talk of the seller ends: agreed, declined, for ever, or in the hands of a person."""

from __future__ import annotations

from sandbox.model import when
from sandbox.model.chat import Promise, Said
from sandbox.model.intents import Intent
from sandbox.model.talk import Talk


def ending(talk: Talk) -> Said | None:
    """The answer that ends the talk or hands it over; what must not be missed is looked for first."""
    wants = set(talk.intents)
    if Intent.DISTRESS in wants:
        return _hand(talk, "distress", "closing", "the person says that they cannot go on living: be with them now")
    if Intent.MINOR in wants:
        return _hand(talk, "minor", "closing", "the person says that they are a child")
    if Intent.OPT_OUT in wants:
        return Said((talk.say("no_more"),), "closing", "lost", opt_out=True)
    if Intent.NO_INTEREST in wants and not talk.told("call_agreed"):
        return Said((talk.say("no_interest"),), "closing", "lost")
    return _handed_over(talk, wants)


def agreed(talk: Talk) -> Said | None:
    """A day or a time for the call is named."""
    wants = set(talk.intents)
    asked = Intent.CALL in wants or (talk.told("ask_call") and Intent.SEND not in wants)
    if not talk.time or not asked or talk.told("call_agreed") or Intent.OPT_OUT in wants:
        return None
    until = when.moment(talk.time, talk.now) if talk.now else None
    return Said(
        (talk.say("call_agreed", time=talk.time),), "closing", "won", _note(talk, f"a call was agreed: {talk.time}"),
        promise=Promise(f"Call them: {talk.time}", until),
    )  # fmt: skip


def _handed_over(talk: Talk, wants: set[Intent]) -> Said | None:
    if Intent.ANGRY in wants:
        return _hand(talk, "angry", "objections", "the customer is angry")
    if Intent.HUMAN in wants:
        return _hand(talk, "human", "next_step", "the customer asks for a person")
    if Intent.DELETE in wants:
        promise = Promise("Delete their data and tell them so")
        return _hand(talk, "delete", "closing", "the customer wants their data deleted", promise)
    if Intent.SOURCE in wants and not talk.basis:
        return _hand(talk, "source", "introduction", "the customer asks where their contact comes from")
    if Intent.DISCOUNT in wants and any(talk.was_said(talk.facts.lines[one]) for one in talk.facts.about("discount")):
        return _hand(talk, "discount_handoff", "objections", "the customer insists on a discount")
    if Intent.YES in wants and talk.asked_last("plan_large"):
        return _hand(talk, "human", "next_step", f"an office of {talk.people} people: several machines")
    if Intent.TAKE in wants and talk.told("plan") and not talk.told("deal_ready"):
        return _hand(talk, "deal_ready", "next_step", "the deal is ready: they want to sign")
    return None


def _hand(talk: Talk, key: str, stage: str, why: str, promise: Promise | None = None) -> Said:
    return Said((talk.say(key),), stage, handoff=_note(talk, why), promise=promise)


def _note(talk: Talk, why: str) -> str:
    """The reason, and what a colleague should know."""
    plan = f", {talk.plan.name}" if talk.plan else ""
    return f"{why} ({talk.people} people{plan})" if talk.people and str(talk.people) not in why else why
