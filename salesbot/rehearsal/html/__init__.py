"""The report as one page that needs nothing else: no script, no request, no font. Pure: rehearsals in, text out.

The same rehearsal gives the same bytes. Everything that was said by anybody goes through ``markup``, which escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from string import Template

from salesbot.rehearsal import figures, labels
from salesbot.rehearsal.comparison import compare
from salesbot.rehearsal.html import dialogue, sections
from salesbot.rehearsal.html.markup import NOTHING, Html, el, join
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import Rehearsal, Verdict

SAMPLES = 4
"""Dialogs that are shown of each kind of customer, at most."""


def page(rehearsal: Rehearsal, against: Rehearsal | None) -> str:
    """The whole page; the second rehearsal, when there is one, beside the first."""
    here = files(__package__)
    frame = Template((here / "page.html").read_text(encoding="utf-8"))
    body = el("main", *_body(rehearsal, against))
    title = join([f"Rehearsal of {_named(rehearsal, against)}"])
    return frame.substitute(title=title, style=(here / "style.css").read_text(encoding="utf-8"), body=body)


def _named(rehearsal: Rehearsal, against: Rehearsal | None) -> str:
    return rehearsal.scenario if against is None else " against ".join(labels.scenarios(rehearsal, against))


def _body(rehearsal: Rehearsal, against: Rehearsal | None) -> Iterator[Html]:
    ours, both, names = figures.of(rehearsal), [rehearsal], [rehearsal.scenario]
    yield el("p", labels.CAUTION, class_="caution", role="note")
    yield _head(rehearsal, against)
    if against is None:
        yield sections.cards(ours)
        yield sections.charts_of(names[0], ours)
    else:
        theirs, both, names = figures.of(against), [rehearsal, against], [*labels.scenarios(rehearsal, against)]
        differences = compare(rehearsal, against)
        yield sections.cards(ours, (names[1], theirs), differences)
        yield sections.comparison((names[0], names[1]), differences, ours.customers, rehearsal.repeats)
        yield sections.charts_side_by_side((names[0], ours), (names[1], theirs))
    yield _violations(both, names)
    yield _samples(both, names)


def _head(rehearsal: Rehearsal, against: Rehearsal | None) -> Html:
    begins = labels.begins(rehearsal)
    told = {
        "Customers": f"{rehearsal.customers}, each {rehearsal.repeats} times"
        if rehearsal.repeats > 1
        else str(rehearsal.customers),
        "Seed": str(rehearsal.seed),
        "The simulated time begins": labels.day(begins) if begins else "–",
        "Seller played by": rehearsal.model,
        "Customers played by": labels.customers_model(rehearsal),
    }
    notes = dict.fromkeys([*rehearsal.notes, *(against.notes if against else ())])
    return el(
        "header",
        el("h1", f"Rehearsal of {_named(rehearsal, against)}"),
        el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in told.items())),
        *(el("p", note, class_="explains") for note in notes),
    )


def _violations(both: Sequence[Rehearsal], names: Sequence[str]) -> Html:
    columns = (_found(one, name if len(both) > 1 else "") for one, name in zip(both, names, strict=True))
    return el(
        "section",
        el("h2", "Violations"),
        el("p", "What must never happen, whoever the customer is; each with the whole dialogue.", class_="explains"),
        el("div", *columns, class_="beside-each-other" if len(both) > 1 else None),
        id="violations",
    )


def _found(rehearsal: Rehearsal, name: str) -> Html:
    guilty = [verdict for verdict in rehearsal.verdicts if verdict.violations]
    begins = labels.begins(rehearsal)
    known = figures.of(rehearsal).violations
    dialogues = (dialogue.folded(verdict, rehearsal.currency, begins) for verdict in guilty)
    counted = el("ul", *(el("li", f"{times} × {labels.RULES[rule]}") for rule, times in known.items() if times))
    return el(
        "div",
        el("h3", name) if name else NOTHING,
        counted if guilty else el("p", f"None in {len(rehearsal.verdicts)} dialogs.", class_="fine"),
        el("div", *dialogues, class_="beside-each-other"),
    )


def _samples(both: Sequence[Rehearsal], names: Sequence[str]) -> Html:
    """A few dialogs of each kind; of two scenarios the same customers, those first with whom they fared differently."""
    rows, begins = _rows(both), [labels.begins(one) for one in both]
    shown: list[Html] = []
    for kind in Kind:
        chosen = _chosen([row for row in rows if row[0].record.profile.kind is kind])
        if chosen:
            shown.append(el("h3", kind.value))
        cells = (
            dialogue.folded(verdict, one.currency, began, name=name if len(both) > 1 else "")
            for row in chosen
            for verdict, one, began, name in zip(row, both, begins, names, strict=True)
        )
        shown.append(el("div", *cells, class_="beside-each-other"))
    note = "A few of each kind of customer; first those with whom it did not go as hoped."
    return el("section", el("h2", "Dialogues"), el("p", note, class_="explains"), *shown, id="dialogues")


def _rows(both: Sequence[Rehearsal]) -> Sequence[tuple[Verdict, ...]]:
    """The same customer in the same repeat, once for each scenario; who has violations is shown already."""
    found: dict[tuple[int, int], list[Verdict]] = {}
    for rehearsal in both:
        for verdict in rehearsal.verdicts:
            found.setdefault((verdict.record.profile.number, verdict.record.repeat), []).append(verdict)
    return [tuple(row) for row in found.values() if len(row) == len(both) and not any(one.violations for one in row)]


def _chosen(rows: Sequence[tuple[Verdict, ...]]) -> Sequence[tuple[Verdict, ...]]:
    """One of each way to end; then, as far as there is room, more of those that failed."""
    ways: dict[object, list[tuple[Verdict, ...]]] = {}
    for row in rows:
        ways.setdefault(tuple(map(_end, row)), []).append(row)
    first = [its[0] for its in ways.values()]
    more = [row for its in ways.values() for row in its[1:] if not all(one.good for one in row)]
    return sorted([*sorted(first, key=_order), *sorted(more, key=_order)][:SAMPLES], key=_order)


def _order(row: tuple[Verdict, ...]) -> tuple[bool, bool]:
    """What failed comes first, and of that what came to something else with the other scenario."""
    return all(one.good for one in row), len(set(map(_end, row))) == 1


def _end(verdict: Verdict) -> tuple[bool, figures.End]:
    return verdict.good, figures.end(verdict.record)
