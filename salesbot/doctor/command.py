"""``salesbot doctor``."""

from __future__ import annotations

from collections.abc import AsyncIterator

from rich.console import Console

from salesbot import i18n, settings
from salesbot.doctor import run, show
from salesbot.doctor.house import opened
from salesbot.errors import ExitCode, SettingsError
from salesbot.finding import Finding
from salesbot.i18n import Lang


async def doctor(*, as_json: bool, free: bool) -> ExitCode:
    """Ask everything, show it, and say by the exit code whether anything failed."""
    console, found = Console(highlight=False), list[Finding]()
    lang, findings = _examined(free=free)
    async for finding in findings:
        found.append(finding)
        if not as_json:
            show.line(console, finding)
    if as_json:
        print(show.as_json(found))
    else:
        show.total(console, lang, found)
    return ExitCode.FAILED if show.failed(found) else ExitCode.OK


def _examined(*, free: bool) -> tuple[Lang, AsyncIterator[Finding]]:
    """The operator's language, as far as it is known, and what is found."""
    try:
        config = settings.load()
    except SettingsError as exc:
        lang = i18n.of(None)
        return lang, _listed(exc, lang)
    lang = i18n.of(None, config.admin_lang)
    return lang, _looked_around(config, lang, free=free)


async def _listed(error: SettingsError, lang: Lang) -> AsyncIterator[Finding]:
    for finding in run.without_settings(error, lang):
        yield finding


async def _looked_around(config: settings.Settings, lang: Lang, *, free: bool) -> AsyncIterator[Finding]:
    async with opened(config, lang, free=free) as house:
        async for finding in run.examine(house):
            yield finding
