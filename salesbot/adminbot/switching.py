"""What holds for everything at once: the pause, and the mode, of all dialogs or of one that has its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from salesbot import words
from salesbot.adminbot import views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.keyboards import button, rows
from salesbot.adminbot.parse import Wrong, WrongInput, number
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Mode
from salesbot.i18n import Lang
from salesbot.store import desk, dialogs, events, switches
from salesbot.store.desk import Head
from salesbot.store.pool import Connection, transaction
from salesbot.store.switches import Switches

ALL = 0
"""Stands on a button for all dialogs, and for the engine: look at each."""

_MODES: Mapping[str, Mode] = {
    **{mode.value: mode for mode in Mode},
    "авто": Mode.AUTO,
    "drafts": Mode.DRAFT,
    "черновик": Mode.DRAFT,
    "черновики": Mode.DRAFT,
    "выкл": Mode.OFF,
}
_EVERYTHING = ("all", "все", "всё")


class Pause(CallbackData, prefix="p"):
    """Pause everything, or go on."""

    on: bool


class SetMode(CallbackData, prefix="m"):
    """Give one dialog, or ``ALL``, a mode; without one it follows all the others."""

    dialog: int
    mode: Mode | None


@dataclass(frozen=True, slots=True)
class ModeWish:
    """What ``/mode`` asks for: of which dialog (``ALL``), and which mode if one is to be set."""

    dialog: int
    mode: Mode | None = None
    change: bool = False


def mode_wish(args: str | None) -> ModeWish:
    """``7 draft``, ``all off``, ``draft``, ``7 all``, ``7``, nothing. Raises ``WrongInput``."""
    typed = (args or "").lower().split()
    if not typed or typed[0] in _EVERYTHING or typed[0] in _MODES:
        dialog, rest = ALL, typed[1:] if typed and typed[0] in _EVERYTHING else typed
    else:
        dialog, rest = number(typed[0]), typed[1:]
    if not rest:
        return ModeWish(dialog)
    if len(rest) > 1:
        raise WrongInput(Wrong.TOO_MUCH, " ".join(rest[1:]))
    if dialog != ALL and rest[0] in _EVERYTHING:
        return ModeWish(dialog, None, change=True)
    if rest[0] not in _MODES:
        raise WrongInput(Wrong.UNKNOWN_MODE, rest[0])
    return ModeWish(dialog, _MODES[rest[0]], change=True)


async def pause(on: Desk, origin: Origin) -> Answer:
    """Nothing is said in any dialog from the commit on; what is in flight then is confirmed when it has landed."""

    async def act(connection: Connection) -> Answer:
        if fresh := await switches.pause(connection, on.clock.now()):
            await events.record(connection, "paused", actor=origin.actor)
        in_flight = await switches.in_flight(connection)
        return Answer(Said.PAUSED, {"fresh": fresh, "in_flight": in_flight})

    return await once(on, origin, act)


async def resume(on: Desk, origin: Origin) -> Answer:
    """What has waited goes on."""

    async def act(connection: Connection) -> Answer:
        if fresh := await switches.resume(connection):
            await events.record(connection, "running", actor=origin.actor)
        return Answer(Said.RUNNING, {"fresh": fresh})

    answer = await once(on, origin, act)
    on.poke(ALL)
    return answer


async def set_mode(on: Desk, origin: Origin, dialog_id: int, mode: Mode | None) -> Answer:
    """Of one dialog, or of all that have none of their own."""

    async def act(connection: Connection) -> Answer:
        if dialog_id == ALL:
            wanted = mode or Mode.AUTO
            if (await switches.get(connection)).mode is not wanted:
                await switches.set_mode(connection, wanted)
                await events.record(connection, "house_mode", actor=origin.actor, data={"mode": wanted.value})
            return Answer(Said.MODE)
        dialog = await dialogs.lock(connection, dialog_id)
        if dialog is None:
            return Answer(Said.NO_SUCH_DIALOG, {"dialog": dialog_id})
        if dialog.mode is not mode:
            await dialogs.set_mode(connection, dialog, mode, actor=origin.actor, now=on.clock.now())
        return Answer(Said.MODE, {"dialog": dialog_id})

    answer = await once(on, origin, act)
    if dialog_id == ALL:
        on.poke(ALL)
    return answer


def paused(_: Lang, answer: Answer) -> Shown:
    """That all is paused, or goes on, with the button for the contrary."""
    if answer.said is Said.RUNNING:
        text = _("Everything goes on.") if answer.data["fresh"] else _("Nothing is paused: everything goes on.")
        return Shown(text, rows([button(_("Pause everything"), Pause(on=True))]))
    begun = _("Everything is paused: nothing is said in any dialog, no model is asked.")
    text = begun if answer.data["fresh"] else _("Everything is paused already.")
    if on_its_way := int(answer.data["in_flight"] or 0):
        text += " " + _.plural(
            "{n} message was already on its way; I will confirm once that is settled.",
            "{n} messages were already on their way; I will confirm once that is settled.",
            on_its_way,
        )
    else:
        text += " " + _("Nothing is on its way.")
    return Shown(text, resume_all(_))


def resume_all(_: Lang) -> InlineKeyboardMarkup | None:
    return rows([button(_("Go on with everything"), Pause(on=False))])


async def mode_page(on: Desk, _: Lang, dialog_id: int) -> Shown:
    """The mode of one dialog, or of all, with a button for each other one."""
    async with transaction(on.pool) as connection:
        house = await switches.get(connection)
        own = await switches.with_own_mode(connection)
        head = None if dialog_id == ALL else await desk.head(connection, dialog_id)
    if dialog_id == ALL:
        return _of_all(_, house, own)
    if head is None:
        return views.answer(_, Answer(Said.NO_SUCH_DIALOG, {"dialog": dialog_id}))
    return _of_one(_, house, head)


def _of_all(_: Lang, house: Switches, own: int) -> Shown:
    lines = [
        _("<b>Mode of all dialogs: {mode}</b>").format(mode=words.mode(_, house.mode)),
        "",
        *_explained(_),
        "",
        _("A dialog may have its own: <code>/mode 7 draft</code>"),
    ]
    if own:
        lines.append(_.plural("{n} open dialog has its own now.", "{n} open dialogs have their own now.", own))
    return Shown("\n".join(lines), rows(_choice(_, ALL, house.mode)))


def _of_one(_: Lang, house: Switches, head: Head) -> Shown:
    dialog = head.dialog
    who = esc(words.person(_, dialog, head.contact))
    mode = words.mode(_, dialog.mode or house.mode)
    if dialog.mode is None:
        mode = _("{mode}, as all dialogs").format(mode=mode)
    lines = [f"<b>№ {dialog.id}</b> {who}: {_('mode {mode}').format(mode=mode)}", "", *_explained(_)]
    follow = button(_mark(_("as all"), chosen=dialog.mode is None), SetMode(dialog=dialog.id, mode=None))
    return Shown("\n".join(lines), rows(_choice(_, dialog.id, dialog.mode), [follow]))


def _choice(_: Lang, dialog_id: int, chosen: Mode | None) -> list[InlineKeyboardButton]:
    return [
        button(_mark(words.mode(_, mode), chosen=mode is chosen), SetMode(dialog=dialog_id, mode=mode)) for mode in Mode
    ]


def _mark(text: str, *, chosen: bool) -> str:
    return f"✓ {text}" if chosen else text


def _explained(_: Lang) -> list[str]:
    texts = {
        Mode.AUTO: _("replies go out by themselves"),
        Mode.DRAFT: _("every reply waits for your button: send, edit, skip, take"),
        Mode.OFF: _("nothing is said and no model is asked; what people write is stored and told to you"),
    }
    return [f"<b>{words.mode(_, mode)}</b>: {text}" for mode, text in texts.items()]
