"""The buttons under a dialog: take, give, stop, resume, and a pause of one dialog, which is a takeover with an end."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, tzinfo
from html import unescape

from salesbot.adminbot import actions, views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.sheet import PAUSES, Do, Lead
from salesbot.dialog.model import NEVER, DialogEvent, Status
from salesbot.i18n import Lang
from salesbot.store import dialogs, events
from salesbot.store.pool import Connection
from salesbot.visible import clip

BESIDE = 200
"""Characters that Telegram shows beside a button."""

_ACTIONS: Mapping[Do, Callable[[Desk, Origin, int], Awaitable[Answer]]] = {
    Do.TAKE: actions.take,
    Do.GIVE: actions.give,
    Do.STOP: actions.stop,
    Do.RESUME: actions.resume,
}


async def press(on: Desk, origin: Origin, pressed: Lead) -> Answer:
    """Do what a button says."""
    if pressed.do in PAUSES:
        span = PAUSES[pressed.do]
        return await hold(on, origin, pressed.dialog, NEVER if span is None else on.clock.now() + span)
    return await _ACTIONS[pressed.do](on, origin, pressed.dialog)


async def hold(on: Desk, origin: Origin, dialog_id: int, until: datetime) -> Answer:
    """The model keeps quiet in a dialog until then (``NEVER``: until it is given back); whoever pauses it has taken it.

    A takeover of one's own only gets another end.
    """

    async def act(connection: Connection) -> Answer:
        dialog = await dialogs.lock(connection, dialog_id)
        if dialog is None or dialog.status is not Status.TAKEN or dialog.taken_by not in (None, origin.admin_id):
            done = await actions.lead(on, connection, origin, dialog_id, DialogEvent.TAKE, Said.HELD, until)
        else:
            await dialogs.taken_until(connection, dialog, until)
            data = {"until": until.isoformat()}
            await events.record(
                connection, "held", actor=origin.actor, dialog_id=dialog.id, account_id=dialog.account_id, data=data
            )
            done = Answer(Said.HELD, {"dialog": dialog_id})
        return Answer(done.said, {**done.data, "until": until.isoformat()}) if done.said is Said.HELD else done

    return await once(on, origin, act)


def told(_: Lang, answer: Answer, zone: tzinfo) -> str:
    """What a button did, as the plain text that is shown beside it."""
    if answer.said is not Said.HELD:
        return clip(unescape(re.sub(r"<[^>]+>", "", views.answer(_, answer).text)), BESIDE)
    number, until = answer.data["dialog"], datetime.fromisoformat(str(answer.data["until"]))
    if until == NEVER:
        return _("№ {n}: paused. The model keeps quiet until you give it back.").format(n=number)
    at = until.astimezone(zone).strftime("%d.%m %H:%M")
    return _("№ {n}: paused until {at}; then the model goes on.").format(n=number, at=at)


def done(answer: Answer) -> bool:
    """Whether a button did what it says."""
    return answer.said in (Said.TAKEN, Said.GIVEN, Said.STOPPED, Said.DROPPED, Said.RESUMED, Said.HELD)
