"""A replay as one page that needs nothing else. Pure: turns in, text out; whatever was said is escaped (``markup``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from string import Template

from salesbot.rehearsal.html.markup import NOTHING, Html, el, join
from salesbot.rehearsal.replay import wording
from salesbot.rehearsal.replay.again import Plan, Replayed, Side, sum_of


def page(plan: Plan, turns: Sequence[Replayed]) -> str:
    """The whole page."""
    here = files(__package__)
    frame = Template((here / "page.html").read_text(encoding="utf-8"))
    style = "".join((here / name).read_text(encoding="utf-8") for name in ("style.css", "replayed.css"))
    title = f"Replay of dialog {plan.dialog.id}"
    body = el("main", _head(plan, turns, title), *(_turn(one, plan) for one in turns))
    return frame.substitute(title=join([title]), style=style, body=body)


def _head(plan: Plan, turns: Sequence[Replayed], title: str) -> Html:
    found = sum_of(turns)
    told = {
        "With": wording.person(plan),
        "Was": wording.was(plan),
        "Now": wording.now(plan),
        "Turns": f"{found.same} the same, {found.different} different",
        "Left out, erased": str(plan.erased) if plan.erased else "",
        "Refused drafts": str(found.refused),
        "Cost": wording.cost(found),
    }
    shown = (el("div", el("dt", name), el("dd", value, dir="auto")) for name, value in told.items() if value)
    return el("header", el("h1", title), el("dl", *shown), el("p", wording.CHANGED_NOTHING, class_="explains"))


def _turn(one: Replayed, plan: Plan) -> Html:
    state = el("span", "the same" if one.same else "different", class_="chip good" if one.same else "chip")
    return el(
        "section",
        el("h2", f"{wording.title(one, plan)} ", state),
        el("ol", *_since(one, plan), class_="chat") if one.since else NOTHING,
        el("div", _side("was", one.was), _side("now", one.now), class_="then-and-now"),
        *_refused(one),
    )


def _since(one: Replayed, plan: Plan) -> Iterator[Html]:
    for line in one.since:
        yield el(
            "li",
            el("p", el("b", wording.speaker(line, plan)), class_="about"),
            el("div", el("span", f"{wording.label(line)}{line.content}", dir="auto"), class_="bubble"),
            class_="theirs" if line.incoming else "ours",
        )


def _side(name: str, side: Side) -> Html:
    said = [el("div", part, class_="bubble", dir="auto") for part in side.parts]
    unsent = [el("div", el("del", part, dir="auto"), class_="bubble") for part in side.unsent]
    leads = [el("p", one, class_="explains", dir="auto") for one in wording.consequences(side)]
    return el("div", el("h3", name), *said, *unsent, *leads, class_=name)


def _refused(one: Replayed) -> Iterator[Html]:
    for attempt in one.refused:
        draft = wording.said_in(attempt)
        quoted = el("blockquote", draft, dir="auto") if draft else NOTHING
        yield el("div", el("p", f"Refused: {wording.why(attempt)}", class_="fault"), quoted, class_="refused")
