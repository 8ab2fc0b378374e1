"""The page of a rehearsal: whole in one file, harmless whatever was said, readable by everybody on any screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.async_api import Browser

from salesbot.dialog.model import Outcome
from salesbot.rehearsal import html, labels
from salesbot.rehearsal.html.markup import el, join
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import Call, Event, Learnt, Rehearsal, Rule, Task, Verdict
from tests.rehearsal.made_up import TALK, crowd, record, rehearsal, verdict

NASTY = "<script>alert(\"1\")</script><img src=x onerror='alert(2)'>&amp;</style></details>\x00\x1b]\u202e"
LONG = "x" * 300
VOID = {"meta"}


class Page(HTMLParser):
    """What the page holds: its elements and its words; fails where an element is not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def spoilt(word: str) -> Rehearsal:
    """A rehearsal in which this word stands wherever anybody's word can stand."""
    talked = record(said=[word, word], outcome=Outcome.WON)
    profile = replace(
        talked.profile, name=word, person=word, need=word, objection=word, phone=word, language=word,
    )  # fmt: skip
    talked = replace(
        talked, profile=profile, stage=word, stages=(word,), opening=word, scenario=word,
        lines=tuple(replace(line, was=(word,), kind=word) for line in talked.lines),
        learnt=(Learnt(word, word, 2),), tasks=(Task(word, 1),), events=(Event(word, 0, word), Event(word, 2, word)),
        calls=(Call("reply", word, "failed", word, None),),
    )  # fmt: skip
    bad = verdict(talked, Rule.MONEY, Rule.LEAK)
    violations = tuple(replace(one, what=word, line=line) for one, line in zip(bad.violations, (1, None), strict=True))
    return replace(
        rehearsal([replace(bad, violations=violations), verdict(replace(talked, profile=replace(profile, number=2)))]),
        scenario=word, model=word, customer_model=word, stages=(word,), currency=word, notes=(word,),
    )  # fmt: skip


@pytest.mark.parametrize("against", [None, spoilt(NASTY)])
def test_whatever_was_said_is_text_and_nothing_else(against: Rehearsal | None) -> None:
    page = Page(html.page(spoilt(NASTY), against))
    assert not page.all("script") and not page.all("img")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert '<script>alert("1")</script>' in page.text
    assert len(page.all("style")) == 1
    assert "\x00" not in page.text and "\x1b" not in page.text


@pytest.mark.parametrize("against", [None, crowd(30, 4, worse=0.4, scenario="worse")])
def test_the_page_needs_nothing_but_itself(against: Rehearsal | None) -> None:
    text = html.page(crowd(30, 4), against)
    page = Page(text)
    assert not [name for tag in ("script", "link", "iframe", "object", "embed", "base") for name in page.all(tag)]
    assert not [attributes for _, attributes in page.elements if {"src", "href", "srcset", "data"} & set(attributes)]
    assert not re.search(r"url\(|@import|https?://", text)


def test_the_same_rehearsal_gives_the_same_bytes() -> None:
    one, other = html.page(crowd(30, 2), crowd(30, 2, worse=0.3)), html.page(crowd(30, 2), crowd(30, 2, worse=0.3))
    assert one == other


def test_the_very_first_thing_is_that_people_are_harder() -> None:
    assert Page(html.page(crowd(10, 1), None)).text.startswith(
        f"Rehearsal of sales {labels.CAUTION}"
    )  # after the title


def test_the_page_says_who_played_with_which_seed_and_when() -> None:
    text = Page(html.page(crowd(30, 2), None)).text
    for told in (
        "Rehearsal of sales",
        "30, each 2 times",
        "Seed 7",
        "Mon 2 Mar 2026",
        "sandbox/saboteur",
        "customer/… (each their own)",
        "A database of its own was made for it",
    ):
        assert told in text, told


def test_every_violation_is_there_with_its_whole_dialogue() -> None:
    guilty = [verdict(record(number), Rule.TWICE) for number in range(1, 41)]
    page = Page(html.page(rehearsal([*guilty, verdict(record(41))]), None))
    assert page.text.count("said something about twice") == 40
    assert page.text.count(TALK[-1]) == 41
    assert "40 × the same thing was said twice in a row" in page.text


def test_a_rehearsal_without_violations_says_so() -> None:
    assert "None in 60 dialogs." in Page(html.page(clean(crowd(30, 2)), None)).text


def clean(one: Rehearsal) -> Rehearsal:
    return replace(one, verdicts=tuple(replace(each, violations=()) for each in one.verdicts))


def test_every_kind_of_customer_has_a_few_dialogues_the_failed_ones_first() -> None:
    made = [verdict(record(number, kind=Kind.COLD), good=number != 5) for number in range(1, 9)]
    page = html.page(rehearsal(made), None)
    assert page.count('class="dialogue"') == 2  # one of each way to end
    assert page.index("not as hoped") < page.index('"chip good"')


def test_where_there_is_room_more_of_the_failed_dialogues_are_shown() -> None:
    made = [verdict(record(number, kind=Kind.COLD), good=number > 7) for number in range(1, 11)]
    page = html.page(rehearsal(made), None)
    assert page.count("not as hoped") == html.SAMPLES - 1
    assert page.count('"chip good"') == 1


def test_beside_another_scenario_the_same_customers_are_shown_for_both() -> None:
    one, other = clean(crowd(30, 2)), clean(crowd(30, 2, worse=0.6, scenario="worse"))
    text = html.page(one, other)
    dialogues = re.findall(r'class="whose">(\w+)</span>.*?class="which">(.*?)</span>', text)
    assert dialogues
    assert [which for whose, which in dialogues if whose == "sales"] == [
        which for whose, which in dialogues if whose == "worse"
    ]


def test_two_scenarios_are_compared_in_a_table_with_intervals() -> None:
    page = Page(html.page(crowd(60, 4), crowd(60, 4, worse=0.5, scenario="worse")))
    assert "sales compared with worse" in page.text
    assert re.search(r"pass\^4 \d+ % \d+ % \+\d+\.\d pp better \+\d+\.\d … \+\d+\.\d pp", page.text)
    assert "better than worse:" in page.text
    assert "fewer than 20 customers" not in page.text.lower()


def test_few_customers_are_said_to_be_few() -> None:
    assert "fewer than 20 customers" in Page(html.page(crowd(5, 1), crowd(5, 1))).text.lower()


def test_every_picture_has_words_and_its_numbers_in_a_table() -> None:
    page = Page(html.page(crowd(30, 4), crowd(30, 4, worse=0.4, scenario="worse")))
    assert page.all("svg")
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in page.all("svg"))
    assert len(page.all("figure")) == page.text.count("The numbers")
    assert ("html", {"lang": "en"}) in page.elements
    scopes = {cell.get("scope") for cell in page.all("th")}
    assert scopes == {"row", "col"}


def test_an_empty_rehearsal_has_a_page() -> None:
    assert "None in 0 dialogs." in Page(html.page(rehearsal([]), None)).text


def test_a_voice_message_that_is_not_heard_is_named_and_events_stand_between_the_lines() -> None:
    talked = record(said=[TALK[0], ""])
    talked = replace(
        talked,
        lines=(talked.lines[0], replace(talked.lines[1], kind="voice", was=("earlier",))),
        events=(Event("handoff", 2, "asked"), Event("task_due", 2)),
    )
    page = Page(html.page(rehearsal([verdict(talked, good=False)]), None))
    assert "voice message 2 earlier (voice message) a human is called: asked" in page.text
    assert "task due" not in page.text
    assert "hoped for won" in page.text


def test_one_repeat_has_no_curve() -> None:
    assert "right every time" not in html.page(crowd(30, 1), None)


def test_children_are_escaped_unless_they_are_elements() -> None:
    assert (
        el("p", "a < b", el("b", "&"), title='"x"', class_=None) == '<p title="&quot;x&quot;">a &lt; b<b>&amp;</b></p>'
    )
    assert join(["<", el("br")]) == "&lt;<br/>"
    assert join([f"{el('b', 'x')}"]) == "&lt;b&gt;x&lt;/b&gt;"  # formatted into a text, an element is text


# --- colours ----------------------------------------------------------------------------------------------------------

STYLE = (files(html) / "style.css").read_text(encoding="utf-8")


def palettes() -> Iterator[dict[str, str]]:
    """The light one, then the dark one."""
    for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL):
        yield dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    """As WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "accent", "good", "bad") for ground in ("card", "paper")),
    *((ink, ground) for ink in ("ink", "soft") for ground in ("ours", "theirs", "flag")),
    ("warn-ink", "warn"),
]
SHAPES = ["accent", "won", "handed_over", "silent", "lost", "opted_out", "other", "first", "second", "soft"]


@pytest.mark.parametrize("colours", [*palettes()], ids=["light", "dark"])
def test_letters_and_shapes_can_be_seen_by_everybody(colours: dict[str, str]) -> None:
    text = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in TEXT}
    assert {pair: found for pair, found in text.items() if found < 4.5} == {}
    shapes = {shape: contrast(colours[shape], colours["card"]) for shape in SHAPES}
    assert {shape: found for shape, found in shapes.items() if found < 3} == {}


# --- in a browser -----------------------------------------------------------------------------------------------------


def stretched() -> Rehearsal:
    """Long words in all places, and figures of realistic size."""
    few, many = spoilt(LONG), crowd(60, 4)
    return replace(few, repeats=4, verdicts=many.verdicts + tuple(_beyond(few.verdicts)))


def _beyond(verdicts: tuple[Verdict, ...]) -> Iterator[Verdict]:
    for one in verdicts:
        profile = replace(one.record.profile, number=one.record.profile.number + 100)
        yield replace(one, record=replace(one.record, profile=profile))


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
@pytest.mark.parametrize(
    ("one", "against"),
    [(crowd(60, 4), None), (crowd(60, 4), crowd(60, 4, worse=0.4, scenario="worse")), (stretched(), stretched())],
    ids=["one", "two", "long words"],
)
async def test_nothing_is_wider_than_the_screen_and_nothing_is_asked_of_anybody(
    browser: Browser, tmp_path: Path, one: Rehearsal, against: Rehearsal | None, width: int, scheme: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(html.page(one, against), encoding="utf-8")
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = await context.new_page()
    asked: list[str] = []
    problems: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(file.as_uri())
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    wide = await page.evaluate("document.documentElement.scrollWidth")
    over = await page.evaluate(
        """[...document.querySelectorAll('main *')]
            .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.numbers'))
            .map(one => `${one.tagName} ${one.getAttribute('class')}`)"""
    )
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await context.close()
    assert (wide, over[:5]) == (width, [])
    assert asked == [file.as_uri()]
    assert problems == []
    assert (ground == "rgb(21, 23, 26)") == (scheme == "dark")
