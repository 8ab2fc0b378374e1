"""A dialog as a file: what is told of it in every format, each with its own look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Protocol

from salesbot import words
from salesbot.dialog.model import Message
from salesbot.dialog.titles import UNTITLED, Titles
from salesbot.i18n import Lang
from salesbot.store.exports import Book, Said
from salesbot.visible import inline, isolated


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom files are written."""

    lang: Lang
    zone: tzinfo
    since: datetime | None = None
    """Only what was said from then on."""
    titles: Titles = UNTITLED

    def moment(self, at: datetime) -> str:
        """``2026-11-20 12:30:00 +0300``. A million of them are written, so there is no ``strftime``."""
        text = at.astimezone(self.zone).isoformat(" ", "seconds")
        return f"{text[:19]} {text[19:22]}{text[23:25]}"


class Document(Protocol):
    """The pieces of one file, in order. A dialog that is too long for one goes on in another, with a head again."""

    def head(self) -> str:
        """What stands above the messages."""
        ...

    def entry(self, said: Said) -> str:
        """The next message."""
        ...

    def foot(self) -> str:
        """What stands below them."""
        ...


class Authors:
    """What those who speak in a dialog are called."""

    def __init__(self, lang: Lang, book: Book) -> None:
        self._lang, self._book = lang, book
        self._names: dict[tuple[str, int | None], str] = {}

    def of(self, said: Said) -> str:
        key = said.author, said.written_by
        if key not in self._names:
            self._names[key] = self._name(said)
        return self._names[key]

    def _name(self, said: Said) -> str:
        _, head = self._lang, self._book.head
        colleague = inline(self._book.admins.get(said.written_by or 0, ""), words.NAME)
        if colleague:
            return _("We ({name})").format(name=colleague)
        return words.author(_, said.message(), head.dialog, head.contact)


def about(reader: Reader, book: Book) -> Iterator[tuple[str, str]]:
    """Who, how it stands, when it began, what it cost: each with what it is called."""
    _, dialog, contact, card = reader.lang, book.head.dialog, book.head.contact, book.card
    yield _("With"), words.person(_, dialog, contact)
    if dialog.contact_id:
        yield _("Telegram id"), str(dialog.contact_id)
    yield _("Account"), inline(book.head.account, words.NAME)
    yield _("Scenario"), dialog.scenario
    if basis := words.basis(_, dialog.basis, 1000):
        yield _("Basis of the first contact"), basis
    yield _("Status"), words.standing(_, dialog)
    if dialog.stage:
        yield _("Stage"), words.stage(_, reader.titles, dialog)
    yield _("Opened"), reader.moment(dialog.created_at)
    if dialog.opening:
        yield _("Began with"), reader.titles.opening(_.code, dialog.scenario, dialog.opening)
    if card.calls:
        asked = _.plural("{n} question to the model", "{n} questions to the model", card.calls)
        yield _("Cost"), f"${card.cost:.4f} ({asked})"
    if book.labels:
        yield _("Labels"), " ".join(f"#{inline(label, words.NAME)}" for label in book.labels)
    if reader.since:
        yield _("Only what was said since"), reader.moment(reader.since)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is known: in people's words or the model's, perhaps with the words that prove it."""

    text: str
    proof: str = ""
    remark: str = ""
    """Ours."""


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind that are known."""

    title: str
    items: Sequence[Item] = field(default_factory=tuple)


def sections(reader: Reader, book: Book) -> Iterator[Section]:
    """What is known of a dialog besides its messages."""
    _, dialog, card = reader.lang, book.head.dialog, book.card
    if dialog.handoff_note:
        yield Section(_("Why a human was asked for"), [Item(dialog.handoff_note)])
    if dialog.summary:
        yield Section(_("Summary of what was said long ago"), [Item(dialog.summary)])
    if card.learnt:
        titled = {one.field: reader.titles.field(_.code, dialog.scenario, one.field) for one in card.learnt}
        yield Section(_("Learnt"), [Item(f"{titled[one.field]}: {one.value}", one.proof) for one in card.learnt])
    if card.promised:
        promised = [
            Item(task.what, remark=words.task_state(_, task.due_at, task.done_at, reader.zone))
            for task in card.promised
        ]
        yield Section(_("Promised"), promised)
    if book.notes:
        notes = [
            Item(note.content, remark=f"{inline(note.who, words.NAME)}, {reader.moment(note.created_at)}")
            for note in book.notes
        ]
        yield Section(_("Notes of colleagues"), notes)


def happened(_: Lang, message: Message, zone: tzinfo) -> Iterator[str]:
    """What happened to a message after it was said."""
    for edit in message.edits:
        at = edit.at.astimezone(zone).strftime("%d.%m %H:%M")
        text = "\n".join(map(isolated, edit.content.splitlines()))
        yield _("edited {at}, before it read: “{text}”").format(at=at, text=text)
    if message.deleted_at:
        yield _("deleted {at}").format(at=message.deleted_at.astimezone(zone).strftime("%d.%m %H:%M"))
    if message.reaction:
        yield _("reaction: {reaction}").format(reaction=inline(message.reaction, 40))


def states(_: Lang, said: Said, message: Message) -> Iterator[str]:
    """Why a part of ours is not in the chat, or not any more."""
    draft = {
        "waiting": _("a draft: waits for a button"),
        "skipped": _("a draft that was skipped"),
        "stale": _("a draft that something newer overtook"),
        "expired": _("a draft for which nobody pressed a button in time"),
    }.get(said.draft or "")
    if said.send_state and draft:
        yield draft
    elif state := words.send_state(_, message):
        yield state
    if said.unsend_by is not None and said.deleted_at:
        yield _("taken back at the desk")
    if said.erased:
        yield _("the words are erased")
