"""Sentences of the scenario that the program says itself: no model is asked, so none can get them wrong.

Each is a part like any other (law 5), committed with what led to it, and stands against newer messages: stop, takeover
and a colleague's word cancel it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from salesbot.dialog import disclosure, language
from salesbot.dialog.model import Contact, Dialog, History, Message, Purpose, Reply
from salesbot.dialog.scenario import Scenario
from salesbot.engine.context import Context
from salesbot.store import accounts, contacts, messages, parts
from salesbot.store.parts import Lines
from salesbot.store.pool import Connection

LOOKED_AT = 40
"""So many lines show the person's language."""
LATELY = 3
"""A sentence among so many of our last lines is not said again."""
RESTING = timedelta(days=1)
"""So long a trial with somebody else may last until it fits no more."""


async def say(
    context: Context, connection: Connection, dialog: Dialog, texts: Mapping[str, str], purpose: Purpose
) -> bool:
    """Have one sentence said in the person's language. ``dialog`` is locked, and as it is after what led to this.

    False when the scenario has none, or it was just said, or nothing is said there without a button.
    """
    if not dialog.by_itself:
        return False
    assert dialog.contact_id is not None and dialog.account_id is not None
    contact = await contacts.get(connection, dialog.contact_id)
    said = await messages.history(connection, dialog, LOOKED_AT)
    scenario = context.scenario(dialog)
    sentence = texts.get(spoken(scenario, contact, said), "")
    if not sentence or _was_just_said(sentence, said):
        return False
    if purpose is Purpose.COURTESY and context.settings.disclosure:  # it may be the first that they hear of us
        here = History(tuple(one for one in said if one.dialog_id == dialog.id))
        (sentence,) = disclosure.disclosed(Reply((sentence,), dialog.stage), scenario, here).parts
    now, pace = context.clock.now(), context.settings.timing
    until = await accounts.waits_until(connection, dialog.account_id, now)  # nobody else says it after that
    if context.rests(dialog.contact_id):
        until += RESTING
    lines = Lines(
        [sentence],
        [context.random_id()],
        purpose,
        now=now,
        not_before=now + timedelta(seconds=pace.read_delay),
        not_after=until + timedelta(seconds=pace.part_max_age),
    )
    await parts.add(connection, dialog, lines, stands=True)
    return True


def spoken(scenario: Scenario, contact: Contact | None, said: Sequence[Message]) -> str:
    """The language of the person. A lone word shows none while they have written more: everybody knows "stop"."""
    whole = [one for one in said if not one.incoming or len(one.content.split()) > 1]
    return language.of_person(scenario, contact, History(tuple(whole if any(one.incoming for one in whole) else said)))


def _was_just_said(sentence: str, said: Sequence[Message]) -> bool:
    ours = [one.content for one in said if not one.incoming and one.said]
    return any(sentence in one for one in ours[-LATELY:])
