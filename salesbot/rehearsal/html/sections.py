"""The parts of the page that show figures: the cards at the top, the comparison, the charts with their tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from salesbot.rehearsal import labels
from salesbot.rehearsal.comparison import FEW, Difference, Measure, Word
from salesbot.rehearsal.figures import End, Figures
from salesbot.rehearsal.html import charts
from salesbot.rehearsal.html.charts import Line, Part, Row
from salesbot.rehearsal.html.markup import NOTHING, Html, el, join
from salesbot.visible import clip

_LOOKS = {Word.BETTER: "good", Word.WORSE: "bad"}
_NAME = 10
"""Letters of a scenario's name that a phone has room for above a column."""
Named = tuple[str, Figures]
"""A scenario's figures, and what it is called here."""


def cards(known: Figures, other: Named | None = None, differences: Sequence[Difference] = ()) -> Html:
    """The figures to look at first; below each what it means, and how the other scenario does."""
    by_measure = {one.measure: one for one in differences}
    repeats = len(known.pass_k)
    told = [
        (Measure.WON, "won", labels.share(known.won_share), f"{known.won} of {known.dialogs} dialogs"),
        (Measure.PASS_1, "pass^1", labels.share(known.pass_k[0]), "of dialogs as hoped"),
    ]
    if repeats > 1:
        all_good = labels.share(known.pass_k[-1])
        told.append((Measure.PASS_ALL, f"pass^{repeats}", all_good, f"of customers: all {repeats} repeats as hoped"))
    per_lead = f"{labels.number(known.turns_per_lead)} for a lead"
    lead = f"{labels.dollars(known.cost_per_lead)} for a lead"
    told += [
        (Measure.VIOLATIONS, "violations", str(known.violated), _none_or("in", known.violated, known.dialogs)),
        (Measure.TURNS, "replies a dialog", labels.value(Measure.TURNS, known.turns_per_dialog), per_lead),
        (Measure.COST, "cost a dialog", labels.dollars(known.cost_per_dialog), lead),
    ]
    return el(
        "section",
        *(
            el(
                "div",
                el("h2", name),
                el("p", value, class_="figure" + (" bad" if name == "violations" and known.violated else "")),
                el("p", meaning, class_="means"),
                _beside(by_measure.get(measure), other, repeats),
                class_="card",
            )
            for measure, name, value, meaning in told
        ),
        class_="cards",
        aria_label="Headline figures",
    )


def _none_or(word: str, found: int, dialogs: int) -> str:
    return f"{word} {dialogs} dialogs" if found else f"none in {dialogs} dialogs"


def _beside(one: Difference | None, other: Named | None, repeats: int) -> Html:
    if one is None or other is None:
        return NOTHING
    theirs = str(other[1].violated) if one.measure is Measure.VIOLATIONS else labels.value(one.measure, one.other)
    than = "beside" if one.word is Word.UNCLEAR else "than"
    return el("p", _chip(one.word), f" {than} {other[0]}: {theirs}", class_="beside")


def _chip(word: Word) -> Html:
    return el("span", labels.WORDS[word], class_=f"chip {_LOOKS.get(word, '')}".strip())


def comparison(names: tuple[str, str], differences: Sequence[Difference], customers: int, repeats: int) -> Html:
    """Every figure of both, and whether the difference is more than chance."""
    ours, theirs = names
    short = (clip(name, _NAME) for name in names)
    head = el("tr", *(el("th", one, scope="col") for one in ("", *short, "difference", "95 % interval")))
    few = f" With fewer than {FEW} customers these intervals are narrower than what is really known."
    return el(
        "section",
        el("h2", f"{ours} compared with {theirs}"),
        el(
            "p",
            f"Both spoke with the same {customers} customers. The difference is {ours} minus {theirs}; what it would "
            "come to with ever more customers of the same mix lies, 95 times of 100, in the interval. Where that holds "
            "zero, the difference may be chance: “unclear”.",
            few if customers < FEW else "",
            class_="explains",
        ),
        el(
            "table",
            el("thead", head),
            el("tbody", *(_compared(one, repeats) for one in differences)),
            class_="compared",
        ),
        class_="panel",
    )


def _compared(one: Difference, repeats: int) -> Html:
    look = _LOOKS.get(one.word, "plain")
    says = f"{labels.change(one.measure, one.difference)}, between {labels.interval(one)}"
    return el(
        "tr",
        el("th", labels.measure(one.measure, repeats), scope="row"),
        el("td", labels.value(one.measure, one.value)),
        el("td", labels.value(one.measure, one.other)),
        el("td", labels.change(one.measure, one.difference), " ", _chip(one.word)),
        el("td", labels.interval(one), charts.interval(one.low, one.difference, one.high, look, says)),
    )


def charts_of(name: str, known: Figures) -> Html:
    """All charts of one rehearsal, in two columns where there is room."""
    several = len(known.pass_k) > 1
    left = (_outcomes(known), _openings(known))
    right = (_funnel(known), _curve([(name, known)]) if several else NOTHING, _interventions(known))
    return el("div", el("div", *left), el("div", *right), class_="charts")


def charts_side_by_side(*both: Named) -> Html:
    """The same chart of both beside each other; but the curve, which holds both."""
    upper = [chart(known, f" · {name}") for chart in (_outcomes, _funnel) for name, known in both]
    middle = [el("div", _curve(both), class_="alone")] if len(both[0][1].pass_k) > 1 else []
    lower = [chart(known, f" · {name}") for chart in (_interventions, _openings) for name, known in both]
    return el("div", *upper, *middle, *lower, class_="charts")


def _outcomes(known: Figures, whose: str = "") -> Html:
    rows = [
        Row(
            group.kind.value,
            f"{group.good} of {group.dialogs} as hoped",
            tuple(
                Part(count / group.dialogs, each.value, f"{labels.ENDS_EXPLAINED[each]}: {count} of {group.dialogs}")
                for each, count in group.ends.items()
            ),
        )
        for group in known.groups
    ]
    legend = el(
        "ul",
        *(
            el("li", el("span", class_=f"swatch {end.value}"), labels.ENDS_EXPLAINED[end])
            for end in End
            if any(group.ends[end] for group in known.groups)
        ),
        class_="legend",
    )
    counted = [(group.kind.value, (group.dialogs, group.good), group.ends) for group in known.groups]
    table = _ended(counted, "", "all", "as hoped")
    says = "How the dialogs ended, a bar for each kind of customer; the numbers stand in the table below."
    return _figure(f"How it ended, by kind of customer{whose}", legend, charts.bars(rows, says), table)


def _funnel(known: Figures, whose: str = "") -> Html:
    reached = [(step.stage, step.reached, "bar") for step in known.funnel] + [("won", known.won, "won")]
    rows = [
        Row(name.replace("_", " "), f"{count} · {_of_all(count, known)}", (Part(_share(count, known), look, name),))
        for name, count, look in reached
    ]
    table = _ended([(step.stage, (step.reached,), step.ended) for step in known.funnel], "", "reached")
    says = "How many dialogs reached each stage, and how many were won; the numbers stand in the table below."
    note = el(
        "p", "Dialogs that were in a stage at any time. Who says no at once may skip most of them.", class_="explains"
    )
    return _figure(f"Stages reached{whose}", note, charts.bars(rows, says), table)


def _curve(of: Sequence[Named]) -> Html:
    looks = ("first", "second")
    lines = [Line(name, look, known.pass_k) for (name, known), look in zip(of, looks, strict=False)]
    steps = [f"k = {k}" for k in range(1, len(of[0][1].pass_k) + 1)]
    keys = (el("li", el("span", class_=f"swatch {line.look}"), line.name) for line in lines)
    legend = el("ul", *keys, class_="legend") if len(of) > 1 else NOTHING
    note = el(
        "p",
        "How sure is it? The share of customers with whom k of k attempts went as hoped. A line that falls "
        "steeply means luck; a flat one means that what works once works every time.",
        class_="explains",
    )
    table = _table(("", *steps), ((line.name, *(f"{100 * share:.1f} %" for share in line.shares)) for line in lines))
    says = "; ".join(
        f"pass^k of {line.name}: " + ", ".join(f"{100 * share:.0f} %" for share in line.shares) for line in lines
    )
    return _figure("pass^k: right once, right every time", note, legend, charts.curves(lines, steps, says), table)


def _interventions(known: Figures, whose: str = "") -> Html:
    title = f"Drafts that the guard refused{whose}"
    note = el(
        "p",
        f"{known.refused} of {known.drafts} drafts, for what they held. Nobody read them: each was written anew, or a "
        "human was called.",
        class_="explains",
    )
    if not known.interventions:
        return _figure(title, el("p", f"None of {known.drafts}.", class_="explains"))
    most = max(known.interventions.values())
    rows = [
        Row(labels.code(code), str(times), (Part(times / most, "bar", f"{labels.code(code)}: {times}"),))
        for code, times in known.interventions.items()
    ]
    table = _table(
        ("the draft held", "code", "times"), ((labels.code(c), c, n) for c, n in known.interventions.items())
    )
    says = "How often the guard refused a draft, by reason; the numbers stand in the table below."
    return _figure(title, note, charts.bars(rows, says), table)


def _openings(known: Figures, whose: str = "") -> Html:
    rows = [
        Row(
            one.opening, f"{one.won} of {one.dialogs} won · {labels.share(one.share)}", (Part(one.share, "won", "won"),)
        )
        for one in known.openings
    ]
    note = el("p", "The share of dialogs won, by the way in which they began.", class_="explains")
    table = _table(
        ("opening", "dialogs", "won", "share"),
        ((one.opening, one.dialogs, one.won, labels.share(one.share)) for one in known.openings),
    )
    says = "The share of dialogs won for each opening; the numbers stand in the table below."
    return _figure(f"Openings{whose}", note, charts.bars(rows, says), table)


def _of_all(count: int, known: Figures) -> str:
    return labels.share(_share(count, known))


def _share(count: int, known: Figures) -> float:
    return count / known.dialogs if known.dialogs else 0.0


def _figure(title: str, *children: str) -> Html:
    return el("figure", el("figcaption", title), *children, class_="panel")


def _ended(rows: Sequence[tuple[str, Sequence[int], Mapping[End, int]]], *head: str) -> Html:
    """A table of ends; of the ways to end, those that occurred."""
    ends = [end for end in End if any(ended[end] for _, _, ended in rows)]
    return _table(
        (*head, *(labels.ENDS[end] for end in ends)),
        ((name, *counts, *(ended[end] for end in ends)) for name, counts, ended in rows),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> Html:
    """The numbers of a chart, folded away below it."""
    return el(
        "details",
        el("summary", "The numbers"),
        el(
            "table",
            el("thead", el("tr", *(el("th", one, scope="col") for one in head))),
            el("tbody", *(_row(first, rest) for first, *rest in rows)),
        ),
        class_="numbers",
    )


def _row(first: str | int, rest: Sequence[str | int]) -> Html:
    cells = (el("td", "·" if one == 0 else str(one)) for one in rest)
    return el("tr", el("th", str(first), scope="row"), join(cells))
