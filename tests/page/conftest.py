"""The page in a real browser, on a sandbox in this process. Without Chromium these tests are skipped, except in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page, async_playwright

from sandbox.app import Sandbox

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PATIENCE = 8_000
"""Milliseconds that Playwright waits for what a test expects."""

OpenPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        reason = "no Chromium on this machine; on Debian: sudo apt-get install chromium"
        if os.environ.get("SALESBOT_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        await running.close()


@pytest.fixture
async def open_page(browser: Browser, sandbox: Sandbox) -> AsyncIterator[OpenPage]:
    """Opens the page in a window of a size; fails the test when the page reports an error."""
    problems: list[str] = []
    pages: list[Page] = []

    async def open_it(width: int = 1280, height: int = 800, url: str = "", scheme: str = "light") -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height}, has_touch=width < 500, locale="en-GB",
            color_scheme="dark" if scheme == "dark" else "light",
        )  # fmt: skip
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(url or sandbox.state()["web"])
        await page.locator("#desk .head h1").wait_for()
        pages.append(page)
        return page

    yield open_it
    for page in pages:
        await page.context.close()
    assert problems == []
