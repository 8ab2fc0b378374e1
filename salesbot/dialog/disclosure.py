"""What the program itself adds to a reply, because a model that is asked to say it sometimes does not: that a program
writes, in the first message (and how to stop it) and whenever somebody sincerely asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from salesbot.dialog import language, questions
from salesbot.dialog.decide import is_unanswered
from salesbot.dialog.model import Author, Dialog, History, Message, Reply
from salesbot.dialog.questions import Question
from salesbot.dialog.scenario import Scenario


def disclosed(reply: Reply, scenario: Scenario, history: History) -> Reply:
    """The reply with the disclosure at the end of its first part, if the model has said nothing in this dialog yet.
    The bare sentences of the program are none of the model's."""
    bare = {*scenario.safe_sentence.values(), *scenario.waiting.values(), *scenario.farewell.values()}
    ours = [message for message in history.messages if message.author is Author.MODEL and message.said]
    sentence = scenario.disclosure[_tongue(reply, scenario)]
    if any(message.content not in bare for message in ours) or sentence in "\n".join(reply.parts):
        return reply
    first, *rest = reply.parts
    return replace(reply, parts=(f"{first}\n\n{sentence}", *rest))


def identified(reply: Reply, scenario: Scenario, history: History) -> Reply:
    """The reply with the scenario's answer before it, if what is unanswered asks whether a machine writes."""
    sentence = scenario.identity.get(_tongue(reply, scenario), "")
    if not sentence or sentence in "\n".join(reply.parts) or Question.MACHINE not in asked(history):
        return reply
    first, *rest = reply.parts
    return replace(reply, parts=(f"{sentence}\n\n{first}", *rest))


def without(history: History, scenario: Scenario) -> History:
    """The history as the model wrote it: a line with a sentence of the program around it would else be no repetition
    of itself."""
    added = frozenset((*scenario.disclosure.values(), *scenario.identity.values()))
    return replace(history, messages=tuple(_bare(message, added) for message in history.messages))


def _bare(message: Message, added: frozenset[str]) -> Message:
    if message.incoming or not any(one in message.content for one in added):
        return message
    written = [one for one in message.content.split("\n\n") if one not in added]
    return replace(message, content="\n\n".join(written) or message.content)


def asked(history: History) -> frozenset[Question]:
    """The questions to be answered honestly among what is unanswered."""
    waiting = (message for message in history.messages if message.id in history.unanswered)
    return frozenset(question for message in waiting for question in questions.asked(message.content))


def wants_erasure(dialog: Dialog, messages: Sequence[Message]) -> bool:
    """Whether they asked to be erased and no human was called since: nobody has answered it, or they said it in the
    time the dialog has its status."""
    since = dialog.status_since
    return any(
        message.incoming
        and message.dialog_id == dialog.id
        and (is_unanswered(message, dialog) or (since is not None and message.timestamp >= since))
        and Question.ERASURE in questions.asked(message.content)
        for message in messages
    )


def _tongue(reply: Reply, scenario: Scenario) -> str:
    return language.of_reply(scenario, " ".join(reply.parts))
