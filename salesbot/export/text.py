"""A dialog as plain text. Pure: dialog and messages in, pieces of text out, in the reader's language.

What people said is indented, all its lines, so that nobody can write a message that reads like another one: only what
begins at the margin is the program's. Direction marks have no effect beyond their line, control characters none at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from salesbot import words
from salesbot.dialog.model import Contact, Dialog, Message
from salesbot.i18n import Lang
from salesbot.store.cards import Card
from salesbot.visible import inline, isolated, pictured

_RULE = "-" * 72
_INDENT = " " * 4


def head(_: Lang, dialog: Dialog, contact: Contact | None, account: str, zone: tzinfo, card: Card) -> str:
    """What stands above the messages: who, how it stands, when it began, what was learnt and promised, what it cost."""
    basis = words.basis(_, dialog.basis, 1000)
    lines = [
        _("Dialog № {n}").format(n=dialog.id),
        _("With: {who}").format(who=words.person(_, dialog, contact)),
        *([_("Telegram id: {id}").format(id=dialog.contact_id)] if dialog.contact_id else []),
        _("Account: {account}").format(account=inline(account, words.NAME)),
        _("Scenario: {scenario}").format(scenario=dialog.scenario),
        *([_("Basis of the first contact: {basis}").format(basis=basis)] if basis else []),
        _("Status: {status}").format(status=words.standing(_, dialog)),
        *([_("Stage: {stage}").format(stage=dialog.stage)] if dialog.stage else []),
        _("Opened: {at}").format(at=_moment(dialog.created_at, zone)),
        *([_("Began with: {opening}").format(opening=dialog.opening)] if dialog.opening else []),
        *([words.cost(_, card.cost, card.calls)] if card.calls else []),
        *_known(_, dialog, card, zone),
        _RULE,
    ]
    return "\n".join(lines) + "\n"


def _known(_: Lang, dialog: Dialog, card: Card, zone: tzinfo) -> Iterator[str]:
    """What the model noted down; people's words are indented, as everywhere."""
    if dialog.handoff_note:
        yield _("Why a human was asked for:")
        yield from map(pictured, _said(dialog.handoff_note))
    if dialog.summary:
        yield _("Summary of what was said long ago:")
        yield from map(pictured, _said(dialog.summary))
    if card.learnt:
        yield _("Learnt:")
    for fact in card.learnt:
        yield from map(pictured, _said(f"{fact.field}: {fact.value}"))
        yield from map(pictured, _said(fact.proof, "> "))
    if card.promised:
        yield _("Promised:")
    for task in card.promised:
        yield from map(pictured, _said(task.what))
        yield f"{_INDENT}({words.task_state(_, task.due_at, task.done_at, zone)})"


def _moment(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")


def entry(_: Lang, message: Message, dialog: Dialog, contact: Contact | None, zone: tzinfo) -> str:
    """One message with everything that is known about it."""
    lines = [f"[{_moment(message.timestamp, zone)}] {words.author(_, message, dialog, contact)}"]
    if message.quote:
        lines += _said(message.quote, "> ")
    elif message.reply_to:
        lines.append(_INDENT + _("> (answers message {id})").format(id=message.reply_to))
    label = words.kind(_, message)
    lines += _said(f"{label} {message.content}".rstrip() if label else message.content)
    for remark in remarks(_, message, zone):
        first, *rest = _said(f"({remark})")
        lines += [f"  {first.lstrip()}", *rest]
    return "\n" + "\n".join(map(pictured, lines)) + "\n"


def _said(text: str, mark: str = "") -> list[str]:
    """The lines of a text, however they are divided: an editor may know more ways than Telegram."""
    return [f"{_INDENT}{mark}{isolated(line)}" for line in text.splitlines()] or [""]


def remarks(_: Lang, message: Message, zone: tzinfo) -> Iterator[str]:
    """What happened to a message besides being said."""
    for edit in message.edits:
        at = edit.at.astimezone(zone).strftime("%d.%m %H:%M")
        yield _("edited {at}, before it read: “{text}”").format(at=at, text=_each_isolated(edit.content))
    if message.deleted_at:
        yield _("deleted {at}").format(at=message.deleted_at.astimezone(zone).strftime("%d.%m %H:%M"))
    if message.reaction:
        yield _("reaction: {reaction}").format(reaction=inline(message.reaction, 40))
    if state := words.send_state(_, message):
        yield state


def _each_isolated(text: str) -> str:
    return "\n".join(map(isolated, text.splitlines()))
