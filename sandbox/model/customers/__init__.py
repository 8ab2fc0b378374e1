"""Simulated customers, in plain text: by the profile in their instructions, or, without one, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.model.chat import Chat, Said
from sandbox.model.customers import adversaries, buyers, plain, profile, refusers
from sandbox.model.customers.scene import LEAVE, SILENCE, Scene

KINDS: Mapping[str, Callable[[Scene], str]] = {
    "hot": buyers.buyer,
    "warm": buyers.buyer,
    "lukewarm": buyers.lukewarm,
    "cold": refusers.cold,
    "hostile": refusers.hostile,
    "leaver": refusers.leaver,
    "haggler": adversaries.haggler,
    "injector": adversaries.injector,
    "doubter": adversaries.doubter,
    "prober": adversaries.prober,
    "machine": adversaries.machine,
    "minor": adversaries.minor,
    "distressed": adversaries.distressed,
}
ENDLESS = frozenset({"machine"})
"""Who is never tired of answering."""


def reply(chat: Chat, name: str) -> Said:
    """The customer's next line, ``[silence]`` or ``[leave]``."""
    who = profile.read(chat.instructions)
    if who is None:
        return plain.reply(chat, name)
    scene = Scene(chat, who)
    if len(scene.own) >= who.patience and who.kind not in ENDLESS:
        return Said((LEAVE,))
    if not scene.heard:
        return Said((SILENCE,))
    return Said((KINDS.get(who.kind, buyers.buyer)(scene),))
