"""A dialog as plain text. Pure: dialog and messages in, pieces of text out, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from salesbot import words
from salesbot.dialog.model import Contact, Dialog, Message
from salesbot.i18n import Lang

_RULE = "-" * 72


def head(_: Lang, dialog: Dialog, contact: Contact | None, account: str, zone: tzinfo) -> str:
    """What stands above the messages: who, how it stands, when it began."""
    lines = [
        _("Dialog № {n}").format(n=dialog.id),
        _("With: {who}").format(who=words.person(_, dialog, contact)),
        *([_("Telegram id: {id}").format(id=dialog.contact_id)] if dialog.contact_id else []),
        _("Account: {account}").format(account=account),
        _("Scenario: {scenario}").format(scenario=dialog.scenario),
        *([_("Basis of the first contact: {basis}").format(basis=dialog.basis)] if dialog.basis else []),
        _("Status: {status}").format(status=words.standing(_, dialog)),
        *([_("Stage: {stage}").format(stage=dialog.stage)] if dialog.stage else []),
        _("Opened: {at}").format(at=dialog.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")),
        _RULE,
    ]
    return "\n".join(lines) + "\n"


def entry(_: Lang, message: Message, dialog: Dialog, contact: Contact | None, zone: tzinfo) -> str:
    """One message with everything that is known about it."""
    at = message.timestamp.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")
    lines = [f"[{at}] {words.author(_, message, dialog, contact)}"]
    if message.quote:
        lines.append("> " + message.quote.replace("\n", "\n> "))
    elif message.reply_to:
        lines.append(_("> (answers message {id})").format(id=message.reply_to))
    lines += [f"{label} {message.content}".rstrip() if (label := words.kind(_, message)) else message.content]
    lines += [f"  ({remark})" for remark in remarks(_, message, zone)]
    return "\n" + "\n".join(lines) + "\n"


def remarks(_: Lang, message: Message, zone: tzinfo) -> Iterator[str]:
    """What happened to a message besides being said."""
    for edit in message.edits:
        at = edit.at.astimezone(zone).strftime("%d.%m %H:%M")
        yield _("edited {at}, before it read: “{text}”").format(at=at, text=edit.content)
    if message.deleted_at:
        yield _("deleted {at}").format(at=message.deleted_at.astimezone(zone).strftime("%d.%m %H:%M"))
    if message.reaction:
        yield _("reaction: {reaction}").format(reaction=message.reaction)
    if state := words.send_state(_, message):
        yield state
