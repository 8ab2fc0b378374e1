"""A person at the desk: whom a command means, what is kept of them, why we may write to them."""

from __future__ import annotations

from dataclasses import dataclass

from salesbot import words
from salesbot.adminbot import forgetting, keyboards, parse, views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.store import dialogs, events, persons
from salesbot.store.persons import Kept, Person
from salesbot.store.pool import Connection, transaction
from salesbot.visible import inline

MOST_NUMBERS = 30
"""Dialogs named by their numbers; of more only how many there are."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a command means, and how things stand with them."""

    person: Person
    kept: Kept
    opted_out: bool


async def find(on: Desk, whom: parse.Whom) -> Found | Answer:
    """Whom it means, known or not; an answer when it is the number of a dialog without anybody."""
    async with transaction(on.pool) as connection:
        person = await _person(connection, whom)
        if isinstance(person, Answer):
            return person
        opted_out = await forgetting.opted_out(on, connection, person)
        return Found(person, await persons.kept(connection, person), opted_out)


async def _person(connection: Connection, whom: parse.Whom) -> Person | Answer:
    """Digits are the number of a dialog if there is one, else an id."""
    if whom.target.isdecimal():
        dialog = await dialogs.get(connection, int(whom.target))
        if dialog is not None:
            key = dialog.target_username if dialog.contact_id is None else str(dialog.contact_id)
            return await persons.find(connection, key) if key else Answer(Said.FORGOTTEN)
        if whom.numbered:
            return Answer(Said.NO_SUCH_DIALOG, {"dialog": int(whom.target)})
    return await persons.find(connection, whom.target)


async def forget_page(on: Desk, _: Lang, whom: parse.Whom) -> Shown:
    """Whom it would be about and what would go, with the buttons that do it."""
    found = await find(on, whom)
    if isinstance(found, Answer):
        return views.answer(_, found)
    person = found.person
    keyboard = keyboards.forget(_, person.key, known=person.known, opted_out=found.opted_out)
    if not person.known:
        return Shown(missing(_, found).text, keyboard)
    lines = [
        f"<b>{esc(_who(_, person))}</b>",
        _kept(_, found),
        *([_.plural("Waits on {n} list.", "Waits on {n} lists.", person.listed)] if person.listed else []),
        *([_opted_out(_)] if found.opted_out else []),
        "",
        _(
            "Erasing takes their words, names and ids; numbers, times and costs stay. An open dialog is stopped first. "
            "It cannot be undone."
        ),
    ]
    return Shown("\n".join(lines), keyboard)


def missing(_: Lang, found: Found | Answer) -> Shown:
    """There is nothing to erase or to export."""
    if isinstance(found, Answer):
        return views.answer(_, found)
    nothing = _("Nothing is kept of {who}.").format(who=esc(_who(_, found.person)))
    return Shown(" ".join([nothing, *([_opted_out(_)] if found.opted_out else [])]))


def _who(_: Lang, person: Person) -> str:
    """``Anna P. (@anna), id 501``, or as much of it as is known."""
    number = [] if person.id is None else [_("id {id}").format(id=person.id)]
    if person.contact is None:
        return ", ".join([f"@{name}" for name in person.names] + number)
    name, username = inline(person.contact.name, words.NAME), person.contact.username
    called = f"{name} (@{username})" if name and username else name or (f"@{username}" if username else "")
    return ", ".join(filter(None, (called, *number)))


def _kept(_: Lang, found: Found) -> str:
    """``№ 3, № 7: 12 messages, 3 things learnt, 1 promise``."""
    person, kept = found.person, found.kept
    numbers = ", ".join(f"№ {number}" for number in person.dialogs)
    if len(person.dialogs) > MOST_NUMBERS:
        numbers = _.plural("{n} dialog", "{n} dialogs", len(person.dialogs))
    counts = ", ".join(
        (
            _.plural("{n} message", "{n} messages", kept.messages),
            _.plural("{n} thing learnt", "{n} things learnt", kept.facts),
            _.plural("{n} promise", "{n} promises", kept.tasks),
        )
    )
    return f"{numbers}: {counts}" if numbers else counts


def _opted_out(_: Lang) -> str:
    return _("They may never be written to: that stays, as a mark that names nobody.")


async def set_basis(on: Desk, origin: Origin, whom: parse.Whom, basis: str) -> Answer:
    """Why we may write to somebody we know."""

    async def act(connection: Connection) -> Answer:
        person = await _person(connection, whom)
        if isinstance(person, Answer):
            return person
        if not person.known:
            return Answer(Said.UNKNOWN_PERSON, {"target": whom.target})
        await persons.set_basis(connection, person, basis, on.clock.now())
        latest = person.dialogs[-1] if person.dialogs else None
        await events.record(connection, "basis", actor=origin.actor, dialog_id=latest)
        name = person.contact.name if person.contact else ""
        return Answer(Said.BASIS_SET, {"target": person.key, "name": name})

    return await once(on, origin, act)
