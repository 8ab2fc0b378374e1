"""The commands of the desk: one table for the bot's menu, /help, the example after a mistake and "did you mean".

A new command is one row here; its order is that of the menu. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from salesbot.adminbot.html import esc
from salesbot.i18n import Lang
from salesbot.store.admins import Role

CLOSE_ENOUGH = 0.6
"""How like a command something must be to be taken for a slip (``difflib``'s ratio)."""

_RUSSIAN_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
"""What was typed while the keyboard stood on Russian: ``/дшые`` is ``/list``."""


_MEANT = {
    **dict.fromkeys(("draft", "auto", "off"), "mode"),
    **dict.fromkeys(("send", "write", "reply", "msg"), "say"),
    **dict.fromkeys(("search", "who"), "find"),
    **dict.fromkeys(("dialogs", "chats", "leads"), "list"),
    **dict.fromkeys(("users", "team"), "admins"),
    **dict.fromkeys(("delete", "undo"), "unsend"),
}
"""What people try, and the command that does it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: who may use it, what it is for in a few words, and an example."""

    name: str
    group: str
    role: Role
    text: str
    example: str = ""

    @property
    def shown(self) -> str:
        return f"/{self.name} {self.example}".rstrip()


def entries(_: Lang, role: Role = Role.OWNER) -> Sequence[Entry]:
    """What somebody of this role may use, in the order of the menu."""
    look, act, own = Role.VIEWER, Role.OPERATOR, Role.OWNER
    read, lead, many, person = _("Dialogs"), _("Leading a dialog"), _("All together"), _("A person")
    mine = _("This desk")
    table = (
        Entry("list", read, look, _("the dialogs of a list: won, lost, unread, all …; alone: the open ones"), _("won")),
        Entry("find", read, look, _("by the beginning of a name, a @username or a #label"), _("anna")),
        Entry("view", read, look, _("read a dialog, with buttons for everything"), "7"),
        Entry("start", lead, act, _("open a dialog: the account writes first"), _('@anna basis="asked for a price"')),
        Entry("take", lead, act, _("speak yourself; the model keeps quiet"), "7"),
        Entry("give", lead, act, _("give it back to the model"), "7"),
        Entry("stop", lead, act, _("stop a dialog: what comes is stored, not answered"), "7"),
        Entry("resume", lead, act, _("go on with a stopped dialog; alone: with everything after /pause"), "7"),
        Entry("say", lead, act, _("speak from the account; so does answering a message of mine"), _("7 Good morning!")),
        Entry("unsend", lead, act, _("take the last message back"), "7"),
        Entry("mode", lead, act, _("auto, draft or off: of a dialog, or of all"), "7 draft"),
        Entry("note", lead, act, _("a note for colleagues, with #labels"), _("7 calls back on Monday #vip")),
        Entry("pause", many, act, _("stop everything at once")),
        Entry("assign", lead, act, _("give a dialog to a colleague, to yourself, or to nobody"), "7 @olga"),
        Entry("status", many, look, _("how everything is, and what to do about it")),
        Entry("tasks", many, look, _("what was promised and is still to be done")),
        Entry("import", many, act, _("write to everybody on a list, a CSV file")),
        Entry("campaigns", many, look, _("how far such lists are, with buttons that pause them")),
        Entry("stats", many, look, _("what has come of the dialogs, in words and as a picture"), "7d"),
        Entry("costs", many, look, _("what the models cost: today, in a month, for a won lead")),
        Entry("export", many, act, _("a dialog as a file: txt, html or json"), "7 html"),
        Entry("export_all", many, act, _("all dialogs, as txt, html, json or csv; also since a day"), "csv 30d"),
        Entry("log", many, look, _("who did what, and what happened: in a dialog or everywhere"), "7"),
        Entry("basis", person, act, _("why we may write to somebody"), _('@anna "asked for a price"')),
        Entry("data", person, act, _("all that is kept of a person, as a file"), "@anna"),
        Entry("forget", person, own, _("erase a person's data, after asking you"), "@anna"),
        Entry("timezone", mine, look, _("in which timezone times are shown to you"), "Europe/Moscow"),
        Entry("quiet", mine, look, _("hours in which you are told nothing; off: none"), "22-8"),
        Entry("admins", mine, own, _("who may use this desk")),
        Entry("help", mine, look, _("how all of this works")),
    )
    return [entry for entry in table if role.covers(entry.role)]


def text(_: Lang, scenarios: Sequence[str], role: Role) -> str:
    """The answer to /help and to a bare /start."""
    mine = entries(_, role)
    lines = [_("<b>This bot is your desk.</b> The account writes to people, the model words it, you decide.")]
    for group in dict.fromkeys(entry.group for entry in mine):
        lines += ["", f"<b>{esc(group)}</b>"]
        lines += [f"<code>{esc(entry.shown)}</code> {esc(entry.text)}" for entry in mine if entry.group == group]
    lines += ["", _("The number is that of a dialog. Typing from the account on another device takes over by itself.")]
    if role.covers(Role.OPERATOR):
        lines += [
            _('To /start: <code>scenario=…</code>, <code>basis="why we may write"</code>, <code>account=…</code>'),
            _("Scenarios: {names}").format(names=esc(", ".join(scenarios))),
        ]
    return "\n".join(lines)


def example(_: Lang, name: str) -> str:
    """How a command is used."""
    return next((entry.shown for entry in entries(_) if entry.name == name), f"/{name} 7")


def nearest(_: Lang, typed: str, role: Role) -> str | None:
    """The command that was probably meant."""
    word = typed.removeprefix("/").partition("@")[0].lower().translate(_RUSSIAN_KEYS)
    names = [entry.name for entry in entries(_, role)]
    if _MEANT.get(word) in names:
        return _MEANT[word]
    begun = [name for name in names if word and name.startswith(word)]
    return next(iter(begun or difflib.get_close_matches(word, names, 1, CLOSE_ENOUGH)), None)
