"""The figures in words. Pure. What does not fit into one message is counted in a line that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from salesbot.adminbot.html import LIMIT, esc, units
from salesbot.adminbot.stats import buttons, figures
from salesbot.adminbot.stats.figures import FEW, Standing, Sum, Verdict
from salesbot.adminbot.stats.period import Asked, Period
from salesbot.adminbot.stats.report import Report
from salesbot.adminbot.views import Shown
from salesbot.dialog.titles import Titles
from salesbot.i18n import Lang
from salesbot.store.stats import NEWEST
from salesbot.visible import clip

MOST = 40
"""Entries of one section; nobody reads more on a phone."""
NAME = 80
"""Characters of a name; of a longer one the beginning and the end are shown."""


@dataclass(slots=True)
class Section:
    """A heading, entries of which the last may be left out, and what has to be said of all of them."""

    title: str
    entries: Sequence[str]
    note: str = ""
    shown: int = field(init=False)

    def __post_init__(self) -> None:
        self.shown = min(len(self.entries), MOST)


def page(_: Lang, report: Report) -> Shown:
    """The message with its buttons."""
    keyboard = buttons.under_text(_, report.asked, anything=report.all.begun > 0)
    if not report.all.begun:
        return Shown("\n".join([f"<b>{esc(title(_, report.asked))}</b>", nothing(_)]), keyboard)
    return Shown(_fitted(_, _head(_, report), _sections(_, report)), keyboard)


def unknown(_: Lang, word: str, scenarios: Sequence[str]) -> Shown:
    """What could have been asked instead."""
    text = _("I do not understand {what}. Say 7d, 30d or all, and perhaps a scenario: {names}. Example: {example}")
    names = clip(", ".join(scenarios), 2000)
    what, example = f"<code>{esc(clip(word, 60))}</code>", "<code>/stats 7d</code>"
    return Shown(text.format(what=what, names=esc(names), example=example))


def title(_: Lang, asked: Asked) -> str:
    """``Last 30 days · sales``."""
    texts = {Period.WEEK: _("Last 7 days"), Period.MONTH: _("Last 30 days"), Period.ALL: _("From the beginning")}
    return " · ".join(filter(None, (texts[asked.period], shortened(asked.scenario))))


def nothing(_: Lang) -> str:
    return _("No dialog was begun in this time.")


def _fitted(_: Lang, head: str, sections: Sequence[Section]) -> str:
    """All of it in one message: where there is too much, the longest lists end sooner, and say by how much."""
    while units(text := _joined(_, head, sections)) > LIMIT:
        max(sections, key=lambda section: section.shown).shown -= 1
    return text


def _joined(_: Lang, head: str, sections: Sequence[Section]) -> str:
    return "\n\n".join([head, *("\n".join(_lines(_, section)) for section in sections)])


def _lines(_: Lang, section: Section) -> Iterator[str]:
    yield f"<b>{section.title}</b>"
    yield from section.entries[: section.shown]
    if left := len(section.entries) - section.shown:
        yield _.plural("… and {n} more.", "… and {n} more.", left)
    if section.note:
        yield section.note


def _head(_: Lang, report: Report) -> str:
    days = _("Dialogs begun {days}, and what has come of them.").format(days=report.days)
    return f"<b>{esc(title(_, report.asked))}</b>\n{days}"


def _sections(_: Lang, report: Report) -> list[Section]:
    several = len(report.scenarios) > 1
    note = _("Stages: ask for one scenario, like {example}") if several else ""
    example = f"<code>/stats {report.asked.period.value} {esc(report.scenarios[0])}</code>"
    sections = [
        Section(_("Funnel"), [*_funnel(_, report)], note.format(example=example)),
        Section(_("What came of them"), [*_ends(_, report.all)]),
        Section(_("Messages"), [*_talk(_, report)]),
        Section(_("Cost"), [*_costs(_, report.all)]),
        Section(_("By first message"), [*_openings(_, report, several=several)], chance(_, report)),
    ]
    if several:
        each = [_entry(_, name, its) for name, its in figures.by_scenario(report.groups)]
        sections.append(Section(_("By scenario"), each))
    return sections


def _funnel(_: Lang, report: Report) -> Iterator[str]:
    for name, reached in funnel(_, report):
        share = f" ({percent(reached, report.all.begun)})" if reached != report.all.begun else ""
        yield esc(f"{name}: {number(_, reached)}{share}")


def funnel(_: Lang, report: Report) -> Iterator[tuple[str, int]]:
    """The way from the first message to the end, and how many came so far."""
    yield _("begun"), report.all.begun
    yield _("answered"), report.all.answered
    for step in report.steps:
        yield shortened(report.titles.stage(_.code, step.scenario, step.stage)), step.reached
    yield _("won"), report.all.won


def _ends(_: Lang, its: Sum) -> Iterator[str]:
    counts = {
        _("won"): its.won,
        _("lost"): its.lost,
        _("asked not to be written to"): its.opted_out,
        _("blocked the account"): its.blocked,
        _("undecided"): its.undecided,
    }
    yield from (f"{text}: {number(_, count)}" for text, count in counts.items() if count)
    if its.wrote_first:
        yield _.plural(
            "In {n} of them the person wrote first.", "In {n} of them the person wrote first.", its.wrote_first
        )


def _talk(_: Lang, report: Report) -> Iterator[str]:
    counts = {_("from them"): report.said.received, _("from us"): report.said.sent}
    yield " · ".join(f"{text} {number(_, count)}" for text, count in counts.items())
    spans = {_("ours"): report.pace.ours, _("theirs"): report.pace.theirs}
    if known := [f"{text} {duration(_, span)}" for text, span in spans.items() if span is not None]:
        newest = _("(in the newest {n} dialogs)").format(n=number(_, NEWEST)) if report.all.begun > NEWEST else ""
        yield " ".join(filter(None, (_("Median time to answer: {times}").format(times=", ".join(known)), newest)))


def _costs(_: Lang, its: Sum) -> Iterator[str]:
    yield _("{all} in all, {each}").format(all=money(its.cost), each=_each(_, its))
    if its.unpriced:
        yield _.plural("{n} answer came without a price.", "{n} answers came without a price.", its.unpriced)


def _each(_: Lang, its: Sum) -> str:
    texts = [_("{cost} a conversation").format(cost=money(its.cost_each or Decimal(0)))]
    if its.cost_won is not None:
        texts.append(_("{cost} a won lead").format(cost=money(its.cost_won)))
    return ", ".join(texts)


def _entry(_: Lang, name: str, its: Sum, remark: str = "") -> str:
    counts = _("{begun} begun, {answered} answered ({of}), {won} won ({won_of})").format(
        begun=number(_, its.begun),
        answered=number(_, its.answered),
        of=percent(its.answered, its.begun),
        won=number(_, its.won),
        won_of=percent(its.won, its.begun),
    )
    said = [f"<i>{esc(remark)}</i>"] if remark else []
    return "\n".join([f"<b>{esc(shortened(name))}</b>", esc(counts), _each(_, its), *said])


def _openings(_: Lang, report: Report, *, several: bool) -> Iterator[str]:
    for one in report.standings:
        said = ", ".join(filter(None, (_verdicts(_)[one.answers][0], _verdicts(_)[one.leads][1])))
        yield _entry(_, opening(_, report.titles, one, several), figures.total([one.group]), said)


def opening(_: Lang, titles: Titles, one: Standing, several: bool) -> str:
    """What a first message is called; with its scenario where there are several."""
    title = titles.opening(_.code, one.group.scenario, one.group.opening)
    name = _("they wrote first") if one.group.wrote_first else title or _("another first message")
    return f"{shortened(name, 36)} ({shortened(one.group.scenario, 20)})" if several else name


def shortened(name: str, most: int = NAME) -> str:
    """A name of at most so many characters: names that differ do so at their ends."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[len(name) - (most - 1) // 2 :]}"


def _verdicts(_: Lang) -> dict[Verdict, tuple[str, str]]:
    """Of the answers and of the leads."""
    return {
        Verdict.MORE: (_("more answers than the others"), _("more won than with the others")),
        Verdict.LESS: (_("fewer answers than the others"), _("fewer won than with the others")),
        Verdict.TOO_FEW: (_("too few to compare"), ""),
        Verdict.CHANCE: ("", ""),
        Verdict.ALONE: ("", ""),
    }


def chance(_: Lang, report: Report) -> str:
    """What may not be read into the list."""
    found = {verdict for one in report.standings for verdict in (one.answers, one.leads)}
    if found & {Verdict.MORE, Verdict.LESS}:
        return _("Differences that are not named may be chance.")
    if Verdict.CHANCE in found:
        return _("The differences may be chance.")
    if Verdict.TOO_FEW in found:
        return _("Comparing takes {n} dialogs with a first message and {n} with the others.").format(n=FEW)
    return ""


def number(_: Lang, n: int) -> str:
    """With its thousands set apart."""
    return f"{n:,}" if _.code == "en" else f"{n:,}".replace(",", "\N{NO-BREAK SPACE}")


def percent(hits: int, of: int) -> str:
    """``45 %``; what is there but rounds to nothing is ``<1 %``."""
    share = 100 * hits / of if of else 0.0
    return "<1\N{NO-BREAK SPACE}%" if 0 < share < 0.5 else f"{share:.0f}\N{NO-BREAK SPACE}%"


def money(dollars: Decimal) -> str:
    """US dollars: a conversation may cost less than a cent."""
    return f"${dollars:,.2f}" if dollars >= 1 or not dollars else f"${dollars:.4f}"


def duration(_: Lang, span: timedelta) -> str:
    """``40 s``, ``12 min``, ``5 h``, ``2 d``: in the largest unit of which there are two."""
    seconds = span.total_seconds()
    if seconds < 120:
        return _("{n} s").format(n=round(seconds))
    if seconds < 7_200:
        return _("{n} min").format(n=round(seconds / 60))
    if seconds < 172_800:
        return _("{n} h").format(n=round(seconds / 3_600))
    return _("{n} d").format(n=round(seconds / 86_400))
