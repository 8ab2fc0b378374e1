"""An opt-out: the same for whoever recognised it, for ever, in every scenario and account (law 7)."""

from __future__ import annotations

from salesbot.dialog import disclosure
from salesbot.dialog.model import Dialog, DialogEvent, Outcome, Purpose, Status
from salesbot.engine import courtesy
from salesbot.engine.context import Context
from salesbot.store import dialogs, messages, suppressions
from salesbot.store.pool import Connection

LOOKED_AT = 40
"""Among so many lines a wish to be erased is looked for."""


async def opt_out(context: Context, connection: Connection, dialog: Dialog, *, actor: str, confirm: bool) -> bool:
    """Suppress the person of a locked dialog and end every open dialog with them. False: it ended this one before.

    Who wants to be erased as well is not forgotten over it: the event says so, and the operator hears of it.
    ``confirm``: they just said so, and hear one farewell where the program was speaking. Who is known to want no
    messages hears none, so it is one for each person; a colleague who speaks says it better.
    """
    assert dialog.contact_id is not None
    ending = {one.id: one for one in await dialogs.lock_open_of(connection, dialog.contact_id)}
    known = await suppressions.holds(connection, context.keys.marks(dialog.contact_id))
    await suppressions.add_person(connection, context.keys, dialog.contact_id)  # with all locked: they may say it twice
    now = context.clock.now()
    if dialog.status is not Status.CLOSED or dialog.outcome is not Outcome.OPTED_OUT:
        ending[dialog.id] = dialog
    erase = disclosure.wants_erasure(dialog, await messages.history(connection, dialog, LOOKED_AT))
    for one in ending.values():
        ended = await dialogs.apply(
            connection,
            one,
            DialogEvent.OPT_OUT,
            actor=actor,
            now=now,
            outcome=Outcome.OPTED_OUT,
            reason="erase" if erase and one.id == dialog.id else "",
        )
        if one.id == dialog.id and confirm and not known and one.status in (Status.ACTIVE, Status.HANDOFF):
            await courtesy.say(context, connection, ended, context.scenario(one).farewell, Purpose.FAREWELL)
    return dialog.id in ending
