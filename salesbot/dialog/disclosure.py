"""The first thing a person reads from the model says that a program writes, and how to stop it.

The program adds the scenario's wording itself: a model that is asked to disclose itself sometimes does not.
"""

from __future__ import annotations

from dataclasses import replace

from salesbot.dialog import language
from salesbot.dialog.model import Author, History, Reply
from salesbot.dialog.scenario import Scenario


def disclosed(reply: Reply, scenario: Scenario, history: History) -> Reply:
    """The reply with the disclosure at the end of its first part, if the model has said nothing in this dialog yet."""
    spoke = any(message.author is Author.MODEL and message.said for message in history.messages)
    sentence = scenario.disclosure[language.of_reply(scenario, " ".join(reply.parts))]
    if spoke or sentence in "\n".join(reply.parts):
        return reply
    first, *rest = reply.parts
    return replace(reply, parts=(f"{first}\n\n{sentence}", *rest))
