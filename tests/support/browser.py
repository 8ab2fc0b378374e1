"""A headless Chromium for the tests of the page. Without one they are skipped, except in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """One for each worker; what it keeps at home is kept in the run's own folder."""
    if CHROMIUM is None:
        reason = "no Chromium on this machine; on Debian: sudo apt-get install chromium"
        if os.environ.get("SALESBOT_CI") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=QUIET,
            env={name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
            | {"HOME": str(tmp_path_factory.mktemp("browser"))},
        )
        yield running
        await running.close()
