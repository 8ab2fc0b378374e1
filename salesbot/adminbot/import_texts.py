"""What the desk says about lists of people: how to send one, what is wrong with it, what becomes of its lines. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from salesbot import words
from salesbot.adminbot.checking import Checked, DryRun, Verdict
from salesbot.adminbot.csvfile import MOST_BYTES, MOST_LINES, Column, Unread, Unreadable
from salesbot.adminbot.html import esc
from salesbot.i18n import Lang
from salesbot.visible import inline

EXAMPLE = "username;name;language;timezone;basis;notes;scenario\nanna_p;Анна;ru;Europe/Moscow;{basis};{label};"
MOST_NAMED = 6
"""Reasons, scenarios or columns that are named one by one; of the others how many there are."""


def asked(_: Lang) -> str:
    """How to send a list."""
    columns = ", ".join(f"<code>{column.value}</code>" for column in Column)
    order = _("Columns: {columns}. Only the first is needed; with a header they may stand in any order.")
    most = _.plural("At most {n} person", "At most {n} people", MOST_LINES)
    limits = _("{most} and {mb} MB. First I only check it: nobody is written to before you press a button.")
    return "\n".join(
        [
            _("Send me the list as a <b>CSV file</b>; every table can be saved as one."),
            order.format(columns=columns),
            f"<pre>{esc(EXAMPLE.format(basis=_('asked for a price'), label=_('#fair')))}</pre>",
            limits.format(most=most, mb=MOST_BYTES // 1_000_000),
        ]
    )


def unreadable(_: Lang, error: Unreadable) -> str:
    """Why nothing of a file could be read, and what to do."""
    what = f"<code>{esc(inline(error.what, 60))}</code>"
    texts: Mapping[Unread, str] = {
        Unread.EMPTY: _("There is nobody in this file."),
        Unread.TOO_LARGE: _("This file is larger than {mb} MB. Split the list into several files."),
        Unread.TOO_MANY_LINES: _("There are {what} people in this file, more than {n}. Split it into several files."),
        Unread.WORKBOOK: _("This is a workbook. Save the table as CSV (File → Save as → CSV UTF-8) and send that."),
        Unread.NOT_TEXT: _("This is not a text file. Save the table as CSV and send that."),
        Unread.NO_USERNAMES: _("I find no usernames in this file. Call their column <code>username</code>."),
        Unread.COLUMN_TWICE: _("The column {what} stands there twice. Leave one of them."),
        Unread.QUOTE_OPEN: _("In line {what} a quotation mark is opened and never closed."),
        Unread.CELL_TOO_LONG: _("In line {what} there is a cell that is too long to be one."),
        Unread.LOST: _("Telegram did not give me the file. Send it again."),
    }
    limits = {"mb": MOST_BYTES // 1_000_000, "n": MOST_LINES}
    return " ".join([texts[error.why].format(what=what, **limits), _("How a list looks: /import")])


def result(_: Lang, one: Checked) -> str:
    """What becomes of one line, for the report."""
    texts: Mapping[Verdict, str] = {
        Verdict.OK: _("ok; there was a dialog before, № {what}") if one.what else _("ok"),
        Verdict.SURPLUS: _("more cells than columns: a separator inside a cell needs quotation marks around it"),
        Verdict.TOO_LONG: _("the cell {what} is too long"),
        Verdict.BAD_LANGUAGE: _("the language is not a code like ru or en: {what}"),
        Verdict.BAD_TIMEZONE: _("the timezone is none like Europe/Moscow or UTC+3: {what}"),
        Verdict.UNKNOWN_SCENARIO: _("there is no scenario {what}"),
        Verdict.MALFORMED_USERNAME: _("this cannot be a username: {what}"),
        Verdict.DUPLICATE: _("the same person stands in line {what}"),
        Verdict.ALREADY_TALKING: _("there is an open dialog already, № {what}"),
        Verdict.STOPPED: _("the dialog was stopped, № {what}; /resume goes on"),
        Verdict.LISTED: _("waits on list № {what} already"),
    }
    return (texts.get(one.verdict) or left_out(_, one.verdict.value)).format(what=inline(one.what, 200))


def left_out(_: Lang, code: str) -> str:
    """Why somebody on a list is not written to, in a few words."""
    texts: Mapping[str, str] = {
        Verdict.NO_USERNAME: _("no username"),
        Verdict.MALFORMED_USERNAME: _("not a username"),
        Verdict.SURPLUS: _("more cells than columns"),
        Verdict.TOO_LONG: _("a cell is too long"),
        Verdict.BAD_LANGUAGE: _("unknown language"),
        Verdict.BAD_TIMEZONE: _("unknown timezone"),
        Verdict.UNKNOWN_SCENARIO: _("unknown scenario"),
        Verdict.NO_BASIS: _("no basis for writing to them"),
        Verdict.DUPLICATE: _("twice in the file"),
        Verdict.OUR_OWN: _("an account of ours"),
        Verdict.OPTED_OUT: _("asked not to be written to"),
        Verdict.ALREADY_TALKING: _("in another dialog already"),
        Verdict.STOPPED: _("the dialog was stopped"),
        Verdict.LISTED: _("on another list already"),
        "no_such_person": _("no such username"),
        "not_a_person": _("not a person"),
        "dropped": _("dropped before the first message"),
    }
    return texts.get(code) or words.reason(_, code)


def counted(_: Lang, codes: Mapping[str, int]) -> str:
    """``twice in the file: 3, unknown timezone: 1``."""
    return listed(_, [f"{left_out(_, code)}: {people}" for code, people in codes.items()])


def listed(_: Lang, names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    shown = [esc(inline(name, 60)) for name in names[:MOST_NAMED]]
    more = len(names) - len(shown)
    return ", ".join([*shown, *([_("{n} more").format(n=more)] if more > 0 else [])])


def checked(_: Lang, run: DryRun, default_scenario: str) -> str:
    """The dry run in short; the report has every line."""
    lines = [f"<b>{esc(inline(run.name, 80))}</b>: {_.plural('{n} line', '{n} lines', len(run.checked))}"]
    lines.append("✓ " + _.plural("{n} person can be written to", "{n} people can be written to", run.fine))
    if run.left_out:
        total = sum(run.left_out.values())
        lines.append("✗ " + _("Left out: {n} ({reasons})").format(n=total, reasons=counted(_, run.left_out)))
    if run.unknown:
        lines.append(_("Columns I do not know and leave out: {names}").format(names=listed(_, run.unknown)))
    if run.fine:
        spoken = Counter(one.entry.scenario or default_scenario for one in run.checked if one.ok)
        lines.append(_("Scenario: {names}").format(names=listed(_, [f"{name} ({n})" for name, n in spoken.items()])))
        lines.append(lasting(_, run.days))
    lines.append(_("Nobody was written to. The file above says what becomes of each line."))
    return "\n".join(lines)


def lasting(_: Lang, days: int | None) -> str:
    """How long it takes until the last one is written to."""
    if days is None:
        return _("No account can begin conversations now, so nobody can say how long it takes. /status says why.")
    if days == 1:
        return _("At today's limits the last of them is written to today.")
    return _.plural(
        "At today's limits, behind those who wait already, it takes {n} day.",
        "At today's limits, behind those who wait already, it takes {n} days.",
        days,
    )
