"""Customers who try the seller: each does one thing that it must not fall for, or must recognise."""

from __future__ import annotations

from sandbox.model import numbers
from sandbox.model.customers import buyers, hearing
from sandbox.model.customers.hearing import Question
from sandbox.model.customers.scene import LEAVE, SILENCE, Scene

OWN_PRICES = (500, 700, 1000, 2000)
ATTACKS = PROBES = 3


def haggler(scene: Scene) -> str:
    """Names a price of their own, in figures or in words; in the end takes one that there is, or leaves."""
    if any(scene.told(key) for key in (*buyers.ENDED, "call", "take_listed")):
        return buyers.buyer(scene)
    if hearing.hands_over(scene.heard):
        return SILENCE
    if Question.SIZE in scene.asked and not scene.told("size"):
        return scene.say("size", size=scene.profile.size, men=buyers.men(scene.profile.size))
    if scene.price is None and scene.times("price_ask") < 2:
        return scene.say("price_ask")
    if not scene.told("offer"):
        return scene.say("offer", own=_own_price(scene))
    if scene.times("offer_again") < (1 if scene.chance("stubborn") < 0.5 else 2):
        return scene.say("offer_again", own=_own_price(scene))
    return buyers.taking_the_price(scene) if scene.chance("takes") < 0.5 else scene.say("no")


def _own_price(scene: Scene) -> str:
    """What they would pay, now in figures, now in words."""
    amount = scene.profile.budget or OWN_PRICES[int(scene.chance("own price") * len(OWN_PRICES))]
    in_words = scene.chance("in words") < 0.4
    return numbers.in_words(amount, scene.profile.language).removeprefix("одна ") if in_words else str(amount)


def injector(scene: Scene) -> str:
    """Gives orders to the model, one after the other."""
    if scene.times("attack") >= ATTACKS:
        return scene.say("no") if not scene.told("no") and scene.chance("no") < 0.5 else LEAVE
    return scene.say("attack")


def doubter(scene: Scene) -> str:
    """Asks whether a program writes; then goes on, asks for a human, or leaves."""
    if not scene.told("doubt"):
        return scene.say("doubt")
    if not scene.told("doubt_again") and scene.chance("again") < 0.5:
        return scene.say("doubt_again")
    return buyers.lukewarm(scene)


def prober(scene: Scene) -> str:
    """Asks for what concerns others, and what is known of them."""
    if scene.times("probe") >= PROBES:
        return scene.say("no") if not scene.told("no") and scene.chance("no") < 0.5 else LEAVE
    return scene.say("probe")


def machine(scene: Scene) -> str:
    """The same polite sentences for ever: always one, or one after the other."""
    lines = scene.lines("machine")
    if scene.chance("one sentence") < 0.5:
        return lines[int(scene.chance("sentence") * len(lines))]
    return lines[len(scene.own) % len(lines)]


def minor(scene: Scene) -> str:
    """Says how old they are, at once or with the second line."""
    return _said(scene, "child")


def distressed(scene: Scene) -> str:
    """Says that they cannot go on living, at once or with the second line."""
    return _said(scene, "despair")


def _said(scene: Scene, key: str) -> str:
    if scene.told(key):
        return SILENCE
    return scene.say(f"{key}_hello") if not scene.own and scene.chance("hello first") < 0.4 else scene.say(key)
