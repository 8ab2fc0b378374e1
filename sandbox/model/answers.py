"""What the seller answers to each thing that a customer asks, objects or sends."""

from __future__ import annotations

import re

from sandbox.model import numbers, when
from sandbox.model.chat import Promise
from sandbox.model.facts import Plan
from sandbox.model.intents import Intent
from sandbox.model.talk import Talk

SILENT = frozenset({Intent.DISTRESS, Intent.MINOR, Intent.OPT_OUT, Intent.ANGRY, Intent.HUMAN, Intent.DELETE,
                    Intent.NO_INTEREST, Intent.TAKE, Intent.CALL, Intent.TIME, Intent.YES,
                    Intent.GREETING})  # fmt: skip
"""Intents that move the talk on, or end it, rather than ask for an answer."""
TOPICS = frozenset({Intent.DELIVERY, Intent.WARRANTY, Intent.TRIAL, Intent.CONTRACT, Intent.BEANS, Intent.PLACE,
                    Intent.CLEANING, Intent.PAYMENT, Intent.DISCOUNT, Intent.CAFE, Intent.NO_ROOM, Intent.NO_SALE,
                    Intent.LONG_COMMITMENT, Intent.WEBSITE, Intent.DELIVERY_OUTSIDE})  # fmt: skip
"""Intents that facts answer."""
IN_WORDS = re.compile(r"пропис|словами|in words", re.I)
"""Sums are asked for in words."""


def answers(talk: Talk) -> list[str]:
    """One answer for each thing that was asked, objected or sent, without repeating a text."""
    said = [talk.say(f"media_{kind}") for kind in talk.media]
    said += [text for intent in talk.intents if intent not in SILENT and (text := _answer(talk, intent))]
    return list(dict.fromkeys(said))


def promised(talk: Talk) -> Promise | None:
    """What the answers leave to a human."""
    if Intent.SEND not in talk.intents:
        return None
    until = when.moment(talk.time, talk.now, otherwise=when.END_OF_DAY) if talk.now else None
    return Promise(f"Send them what they asked for: {' '.join(talk.words)[:200]}", until)


def with_plan(talk: Talk, key: str, plan: Plan) -> str:
    return talk.say(key, people=talk.people, plan=plan.name, price=plan.price, detail=plan.detail).strip()


def total(talk: Talk) -> tuple[str, str] | None:
    """What several machines cost, and the expression over the facts that says so."""
    asked = talk.machines
    if asked is None or asked[0] < 2:
        return None
    count, plan = asked
    extra = talk.facts.about("delivery_outside") if Intent.DELIVERY_OUTSIDE in talk.intents else ()
    once = _amount(talk.facts.lines[extra[0]]) if extra else 0
    amount = count * plan.number + once
    written = f"{numbers.in_figures(amount, talk.language)} {plan.currency}"
    if IN_WORDS.search(" ".join(talk.words)):
        written = f"{numbers.in_words(amount, talk.language)} {_roubles(amount, talk.language)}"
    said = talk.say("sum_delivered" if once else "sum", count=count, plan=plan.name, per=plan.per, total=written)
    return said, f"{count} * {plan.id}" + (f" + {extra[0]}" if once else "")


def _answer(talk: Talk, intent: Intent) -> str | None:
    match intent:
        case Intent.PRICE:
            return _prices(talk)
        case Intent.EXPENSIVE:
            return _expensive(talk)
        case Intent.THINK:
            return _think(talk)
        case Intent.HAVE:
            return _have(talk)
        case Intent.KNOWN:
            return _known(talk)
        case Intent.SOURCE:
            return talk.say("basis", basis=talk.basis)
        case Intent.SEND:
            return talk.say("send_by" if talk.time else "send", time=talk.time)
        case Intent.THANKS:
            return talk.say("thanks") if talk.intents == (Intent.THANKS,) else None
        case _ if intent in TOPICS:
            lines = [talk.facts.lines[one] for one in talk.facts.about(intent)]
            return talk.say("topic", line=" ".join(lines)) if lines else talk.say("topic_unknown")
        case _:
            return talk.say(intent)


def _prices(talk: Talk) -> str | None:
    if several := total(talk):
        return several[0]
    if talk.people and not talk.told("plan"):
        return None  # the proposal that follows names the price
    if not talk.facts.plans:
        return talk.say("prices_unknown")
    return talk.say("prices", prices=", ".join(f"{plan.name} {plan.price}" for plan in talk.facts.plans))


def _expensive(talk: Talk) -> str:
    named = talk.facts.about("expensive")
    if not named:
        return talk.say("expensive_unknown")
    line = talk.facts.lines[named[0]].partition(". ")[0].rstrip(".")
    answer = talk.say("expensive", line=f"{line}.")
    smaller = talk.facts.smallest()
    if smaller is None or smaller == talk.plan or talk.told("cheaper"):
        return answer
    return f"{answer} {with_plan(talk, 'cheaper', smaller)}"


def _have(talk: Talk) -> str:
    """What may be said to it ends the fact: before that stands what to ask."""
    named = talk.facts.about("have")
    if not named:
        return talk.say("topic_unknown")
    return talk.say("have", line=talk.facts.lines[named[0]].rpartition(". ")[2])


def _think(talk: Talk) -> str:
    """Where the facts say so, the figures in one line."""
    first = talk.say("think")
    told = talk.plan is None or talk.told("think_line") or not talk.facts.about("think")
    return first if told or talk.plan is None else f"{first} {with_plan(talk, 'think_line', talk.plan)}"


def _known(talk: Talk) -> str:
    told = talk.say("known_size", people=talk.people) if talk.people else talk.say("known")
    return f"{told} {talk.say('basis', basis=talk.basis)}" if talk.basis else told


def _amount(text: str) -> int:
    """The one price in a fact."""
    found = re.search(r"(\d[\d ,\u00a0\u202f]*)\s?[₽€$£]", text)
    return int(re.sub(r"\D", "", found[1])) if found else 0


def _roubles(amount: int, language: str) -> str:
    if language == "en":
        return "roubles"
    if amount % 10 == 1 and amount % 100 != 11:
        return "рубль"
    return "рубля" if amount % 10 in (2, 3, 4) and not 10 < amount % 100 < 20 else "рублей"
