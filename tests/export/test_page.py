"""A dialog as a page: what it holds, and how it looks and behaves in a browser that is asked to obey its policy."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from playwright.async_api import Page as Tab

from salesbot.export.document import Reader
from salesbot.export.page import Page
from salesbot.store.exports import Book, Said
from tests.export.samples import AT, BOOK, EN, FULL, RU, said, written
from tests.nasty.corpus import TEXTS, stored

LONG = "Averyveryverylongwordwithoutanyspace" * 8
FITS = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.querySelectorAll('body *')].filter((e) => {
    const r = e.getBoundingClientRect();
    return r.width && (r.left < -0.5 || r.right > width + 0.5);
  });
  return [document.documentElement.scrollWidth - width, wide.map((e) => e.outerHTML.slice(0, 80))];
}"""


def at(minutes: float, text: str = "x", **also: object) -> Said:
    return said(text, timestamp=AT + timedelta(minutes=minutes), **also)


def page(*messages: Said, reader: Reader = EN, book: Book = BOOK) -> str:
    return written(Page(reader, book), *messages)


def bubbles(html: str) -> list[str]:
    return re.findall(r'<div class="(m[^"]*)">(?:<b>)?', html)


def test_messages_of_one_author_within_fifteen_minutes_are_joined() -> None:
    html = page(at(0), at(15), at(30.1), at(31, author="model"), at(32, author="model"), at(33, author="human"), at(34))
    assert bubbles(html) == ["m", "m j", "m", "m o", "m o j", "m o", "m"]
    assert html.count("<b>") == 5, "who is joined needs no name"


def test_days_are_those_of_the_reader_and_nobody_is_joined_across_them() -> None:
    late = at(60 * 11.4)  # 20:54 in UTC, 23:54 where the reader is
    html = page(late, at(60 * 11.6))
    assert re.findall("<h2>(.*?)</h2>", html) == ["20 November 2026", "21 November 2026"]
    assert bubbles(html) == ["m", "m"]
    assert "<h2>20 ноября 2026</h2>" in page(late, reader=RU)


def test_what_is_not_in_the_chat_looks_like_it() -> None:
    ours = {"author": "model"}
    waits = at(1, send_state="pending", draft="waiting", **ours)
    assert bubbles(page(at(0, send_state="cancelled", **ours), waits)) == ["m o w x", "m o j w"]
    assert bubbles(page(at(0, deleted_at=AT))) == ["m w x"]
    assert "a draft: waits for a button" in page(waits)


def test_nothing_is_loaded_and_nothing_foreign_runs() -> None:
    html = page(at(0, "<script>alert(1)</script>"), book=FULL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert not re.search(r"""\s(?:src|href|action|on\w+|style)\s*=|url\(|@import|https?:|//""", html)


@pytest.fixture
async def show(browser: Browser, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Tab]]]:
    """Opens a page in a window; fails the test when the page, or its policy, reports anything."""
    problems: list[str] = []
    tabs: list[Tab] = []

    async def show_it(html: str, width: int = 1280, scheme: str = "light") -> Tab:
        (tmp_path / "dialog.html").write_text(html, encoding="utf-8")
        context = await browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
        )
        tab = await context.new_page()
        tab.set_default_timeout(8_000)
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda message: problems.append(message.text))
        tab.on("request", lambda request: problems.append(request.url) if request.url[:4] == "http" else None)
        await tab.goto((tmp_path / "dialog.html").as_uri())
        tabs.append(tab)
        return tab

    yield show_it
    for tab in tabs:
        await tab.context.close()
    assert problems == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
async def test_everything_fits_at_each_width(show: Callable[..., Awaitable[Tab]], width: int, scheme: str) -> None:
    texts = [at(n / 2, stored(text), quote=stored(text)[:300]) for n, text in enumerate(TEXTS)]
    odd = [at(60, LONG, kind="document", media=LONG, author="model", send_state="failed", failure="blocked")]
    tab = await show(page(*texts, *odd, book=FULL), width, scheme)
    await tab.locator("summary").click()
    await expect(tab.locator("dl")).to_be_visible()
    assert await tab.evaluate(FITS) == [0, []]
    assert (await tab.locator(".m").count()) == len(TEXTS) + 1
    paper = await tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(14, 22, 33)" if scheme == "dark" else "rgb(230, 235, 238)")


async def test_the_search_box_leaves_what_was_searched_for(show: Callable[..., Awaitable[Tab]]) -> None:
    html = page(at(0, "A green teapot"), at(1, "Nothing"), at(60 * 24, "no"), at(60 * 48, "GREEN"))
    tab = await show(html, 390)
    await tab.get_by_role("searchbox").fill("green")
    await expect(tab.locator(".m:visible")).to_have_text(["Anna P.A green teapot12:30", "Anna P.GREEN12:30"])
    await expect(tab.locator("h2:visible")).to_have_text(["20 November 2026", "22 November 2026"])
    await expect(tab.locator("output")).to_have_text("2 / 4")
    await tab.get_by_role("searchbox").fill("")
    await expect(tab.locator(".m:visible")).to_have_count(4)
    await expect(tab.locator("output")).to_have_text("")


async def test_an_empty_dialog_says_so(show: Callable[..., Awaitable[Tab]]) -> None:
    await expect((await show(page())).locator(".none")).to_have_text("Nothing has been said yet.")
