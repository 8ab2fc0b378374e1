"""Customers who do not want it: they say no, or nothing, or that they never want to hear of it again."""

from __future__ import annotations

from sandbox.model.customers.scene import LEAVE, SILENCE, Scene


def cold(scene: Scene) -> str:
    """Most say nothing at all; the others say no, a few only when they are written to again."""
    if scene.told("no"):
        return LEAVE
    drawn = scene.chance("cold")
    if drawn < 0.5:
        return SILENCE
    if drawn < 0.6 and len(scene.chat.said_by_user) < 2 and not scene.own:
        return SILENCE
    if drawn > 0.9 and not scene.own:
        return scene.say("hello_maybe")
    return scene.say("no")


def hostile(scene: Scene) -> str:
    """An insult, then the demand to be left alone; some say both at once."""
    if scene.told("stop") or scene.told("rude_stop"):
        return LEAVE
    if scene.told("insult"):
        return scene.say("stop")
    return scene.say("rude_stop" if scene.chance("at once") < 0.3 else "insult")


def leaver(scene: Scene) -> str:
    """Wants no more messages, in words of their own."""
    if scene.told("odd_stop"):
        return LEAVE
    if not scene.own and scene.chance("polite first") < 0.4:
        return scene.say("hello_maybe")
    return scene.say("odd_stop")
