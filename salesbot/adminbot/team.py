"""Who works at the desk: letting people in and out, and whose dialog is whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from salesbot import words
from salesbot.adminbot import views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.keyboards import button, rows
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store import admins, dialogs, events, notices
from salesbot.store.admins import Admin, Role
from salesbot.store.pool import Connection, transaction
from salesbot.visible import clip, inline

PAGE = 8
"""Admins, or colleagues to choose from, shown at once."""
NOBODY = 0
ME, NONE = ("me", "я", "мне"), ("nobody", "никто", "никому")


class TeamPage(CallbackData, prefix="tm"):
    """The admins from one of them on."""

    start: int


class SetRole(CallbackData, prefix="tr"):
    """Let somebody in, or give them another role."""

    admin: int
    role: Role


class Dismiss(CallbackData, prefix="tx"):
    """Take somebody's access away."""

    admin: int


class KeepOut(CallbackData, prefix="tk"):
    """Do not let somebody in."""


class Choose(CallbackData, prefix="ac"):
    """Who shall look after a dialog?"""

    dialog: int
    start: int


class Assign(CallbackData, prefix="as"):
    """Somebody looks after a dialog; ``NOBODY``: all do."""

    dialog: int
    admin: int


@dataclass(frozen=True, slots=True)
class Team:
    """Everybody who may use the desk, and which of them are its owners."""

    present: Sequence[Admin]
    owners: Sequence[int]

    def role(self, admin: Admin) -> Role:
        return Role.OWNER if admin.id in self.owners else admin.role or Role.VIEWER

    def find(self, admin_id: int) -> Admin | None:
        return next((admin for admin in self.present if admin.id == admin_id), None)

    @property
    def colleagues(self) -> Sequence[Admin]:
        """Those who can lead a dialog."""
        return [admin for admin in self.present if self.role(admin).covers(Role.OPERATOR)]

    def called(self, typed: str, me: int) -> Admin | None:
        """Who is meant by ``@olga``, an id, ``me``, or how a name begins if only one begins so."""
        name = typed.removeprefix("@").lower()
        if name in ME:
            return self.find(me)
        exact = [one for one in self.present if name in (str(one.id), (one.username or "").lower())]
        begins = [one for one in self.present if one.name.lower().startswith(name)]
        return exact[0] if exact else begins[0] if len(begins) == 1 else None


async def read(on: Desk, connection: Connection) -> Team:
    owners = on.settings.admin_telegram_id
    return Team(await admins.present(connection, owners), owners)


# --- who comes in


async def page(on: Desk, _: Lang, start: int = 0) -> Shown:
    """The admins, each who is no owner with the buttons for them."""
    async with transaction(on.pool) as connection:
        team = await read(on, connection)
    shown = team.present[start : start + PAGE]
    lines = [_("<b>Who may use this desk</b>"), *(f"• {_described(_, team, admin)}" for admin in shown)]
    if start == 0:
        lines += ["", _how(_)]
    turn = [
        *([button(_("← back"), TeamPage(start=max(0, start - PAGE)))] if start else []),
        *([button(_("more →"), TeamPage(start=start + PAGE))] if len(team.present) > start + PAGE else []),
    ]
    return Shown("\n".join(lines), rows(*(_change(_, team, admin) for admin in shown), turn))


def _how(_: Lang) -> str:
    return _(
        "To let somebody in, forward me a message of theirs, share their contact, or send <code>/admins 123456</code> "
        "with their id. An operator leads dialogs; a viewer looks and changes nothing. Owners stand in "
        "ADMIN_TELEGRAM_ID on the server."
    )


def _described(_: Lang, team: Team, admin: Admin) -> str:
    name = inline(admin.name, words.NAME)
    username = f" (@{admin.username})" if admin.username else ""
    return f"<b>{esc(name or str(admin.id))}</b>{esc(username)}, {words.role(_, team.role(admin))}, id {admin.id}"


def _change(_: Lang, team: Team, admin: Admin) -> list[InlineKeyboardButton]:
    """What may be done about an admin."""
    if admin.id in team.owners:
        return []
    name = clip(admin.called, 24)
    other = Role.VIEWER if admin.role is Role.OPERATOR else Role.OPERATOR
    text = f"{name}: {words.role(_, other)}"
    return [
        button(text, SetRole(admin=admin.id, role=other)),
        button(_("{who}: remove").format(who=name), Dismiss(admin=admin.id)),
    ]


async def candidate(on: Desk, _: Lang, admin_id: int, name: str = "", username: str | None = None) -> Shown:
    """Somebody who might be let in, with a button for each role."""
    async with transaction(on.pool) as connection:
        team = await read(on, connection)
        known = team.find(admin_id)
        if known is None and name:
            await admins.heard(connection, admin_id, name, username)  # a button has no room for it
            known = await admins.get(connection, admin_id)
    if admin_id in team.owners:
        return Shown(_("{who} is an owner: everything is open to them.").format(who=esc(_name(known, admin_id))))
    who = f"<b>{esc(_name(known, admin_id))}</b> (id {admin_id})"
    is_in = team.find(admin_id) is not None
    text = _("{who} uses this desk. What may they do?") if is_in else _("Let {who} in?")
    note = _("An operator leads dialogs and reads all of them; a viewer reads all of them and changes nothing.")
    last = (
        button(_("Take their access away"), Dismiss(admin=admin_id)) if is_in else button(_("Do not let in"), KeepOut())
    )
    keyboard = rows(
        [button(_("As operator"), SetRole(admin=admin_id, role=Role.OPERATOR))],
        [button(_("As viewer"), SetRole(admin=admin_id, role=Role.VIEWER))],
        [last],
    )
    return Shown(f"{text.format(who=who)}\n{note}", keyboard)


def _name(admin: Admin | None, admin_id: int) -> str:
    return inline(admin.called, words.NAME) if admin and admin.called else str(admin_id)


async def admit(on: Desk, origin: Origin, admin_id: int, role: Role) -> Answer:
    """Give somebody a role."""

    async def act(connection: Connection) -> Answer:
        if admin_id in on.settings.admin_telegram_id or role is Role.OWNER:
            return Answer(Said.OWNER_STAYS)
        if await admins.admit(connection, admin_id, role, added_by=origin.admin_id):
            await events.record(
                connection, "admin_added", actor=origin.actor, data={"admin": admin_id, "role": role.value}
            )
        name = _name(await admins.get(connection, admin_id), admin_id)
        return Answer(Said.ADMITTED, {"admin": admin_id, "name": name, "role": role.value})

    return await once(on, origin, act)


async def dismiss(on: Desk, origin: Origin, admin_id: int) -> Answer:
    """Take somebody's access away; their dialogs are nobody's then, and what was for them alone is told to the rest."""

    async def act(connection: Connection) -> Answer:
        if admin_id in on.settings.admin_telegram_id:
            return Answer(Said.OWNER_STAYS)
        if await admins.dismiss(connection, admin_id):
            await events.record(connection, "admin_removed", actor=origin.actor, data={"admin": admin_id})
            team = await read(on, connection)
            await notices.hand_on(connection, [admin.id for admin in team.present])
        return Answer(Said.DISMISSED, {"name": _name(await admins.get(connection, admin_id), admin_id)})

    return await once(on, origin, act)


# --- whose dialog is whose


async def choices(on: Desk, _: Lang, at: Choose, me: int) -> Shown:
    """Who shall look after a dialog: a button for each who can."""
    async with transaction(on.pool) as connection:
        team = await read(on, connection)
        dialog = await dialogs.get(connection, at.dialog)
    if dialog is None:
        return views.answer(_, Answer(Said.NO_SUCH_DIALOG, {"dialog": at.dialog}))
    others = [admin for admin in team.colleagues if admin.id != me]
    shown = others[at.start : at.start + PAGE]
    return Shown(_assigned_to(_, team, dialog.id, dialog.assignee), _who_shall(_, at, me, shown, len(others)))


def _assigned_to(_: Lang, team: Team, number: int, assignee: int | None) -> str:
    if assignee is None:
        return _("№ {n}: nobody in particular looks after it. Who shall?").format(n=number)
    who = esc(_name(team.find(assignee), assignee))
    return _("№ {n}: {who} looks after it. Who shall?").format(n=number, who=who)


def _who_shall(_: Lang, at: Choose, me: int, shown: Sequence[Admin], count: int) -> InlineKeyboardMarkup | None:
    def to(admin_id: int) -> Assign:
        return Assign(dialog=at.dialog, admin=admin_id)

    turn = [
        *([button(_("← back"), Choose(dialog=at.dialog, start=max(0, at.start - PAGE)))] if at.start else []),
        *([button(_("more →"), Choose(dialog=at.dialog, start=at.start + PAGE))] if count > at.start + PAGE else []),
    ]
    return rows(
        [button(_("Me"), to(me)), button(_("Nobody"), to(NOBODY))],
        *([button(clip(admin.called, 60), to(admin.id))] for admin in shown),
        turn,
    )


async def assign_named(on: Desk, origin: Origin, dialog_id: int, typed: str) -> Answer:
    """``/assign 7 @olga``."""
    if typed.lower() in NONE:
        return await assign(on, origin, dialog_id, NOBODY)
    async with transaction(on.pool) as connection:
        found = (await read(on, connection)).called(typed, origin.admin_id)
    if found is None:
        return Answer(Said.NO_COLLEAGUE, {"name": typed})
    return await assign(on, origin, dialog_id, found.id)


async def assign(on: Desk, origin: Origin, dialog_id: int, admin_id: int) -> Answer:
    """Somebody looks after a dialog and hears of it alone; ``NOBODY``: all do."""

    async def act(connection: Connection) -> Answer:
        dialog = await dialogs.lock(connection, dialog_id)
        if dialog is None:
            return Answer(Said.NO_SUCH_DIALOG, {"dialog": dialog_id})
        if admin_id == NOBODY:
            await _hand(connection, origin, dialog_id, dialog.assignee, None)
            return Answer(Said.UNASSIGNED, {"dialog": dialog_id})
        team = await read(on, connection)
        colleague = team.find(admin_id)
        if colleague is None or colleague not in team.colleagues:
            said = Said.NO_COLLEAGUE if colleague is None else Said.ONLY_LOOKS
            return Answer(said, {"name": _name(colleague, admin_id)})
        await _hand(connection, origin, dialog_id, dialog.assignee, admin_id)
        name, mine = _name(colleague, admin_id), admin_id == origin.admin_id
        return Answer(Said.ASSIGNED, {"dialog": dialog_id, "name": name, "mine": mine})

    return await once(on, origin, act)


async def _hand(connection: Connection, origin: Origin, dialog_id: int, before: int | None, now: int | None) -> None:
    if before != now:
        await admins.assign(connection, dialog_id, now)
        await events.record(connection, "assigned", actor=origin.actor, dialog_id=dialog_id, data={"admin": now})


# --- in words


def answer(_: Lang, given: Answer, bot_name: str = "") -> Shown:
    """What an action about the team answers."""
    text = _texts(_, mine=bool(given.data.get("mine"))).get(given.said)
    if text is None:
        return views.answer(_, given)
    role = words.role(_, str(given.data.get("role") or ""))
    name = esc(inline(str(given.data.get("name") or ""), words.NAME))
    return Shown(text.format(n=given.data.get("dialog"), name=name, role=role, bot=esc(bot_name)))


def _texts(_: Lang, *, mine: bool) -> Mapping[Said, str]:
    return {
        Said.ADMITTED: _(
            "{name}: {role} from now on. They open @{bot} and press Start; until then I cannot write to them."
        ),
        Said.DISMISSED: _("{name} has no access any more. Dialogs that they looked after are everybody's."),
        Said.OWNER_STAYS: _("Owners come and go in ADMIN_TELEGRAM_ID on the server, not here."),
        Said.ASSIGNED: _("№ {n}: yours. Its notices come to you alone.")
        if mine
        else _("№ {n}: {name} looks after it from now on and alone gets its notices."),
        Said.UNASSIGNED: _("№ {n}: nobody in particular looks after it; its notices go to all."),
        Said.NO_COLLEAGUE: _("I know no colleague {name} here. /admins shows who there is (for owners)."),
        Said.ONLY_LOOKS: _("{name} only looks: an owner can make them an operator with /admins."),
    }
