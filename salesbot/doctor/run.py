"""All checks at the same time, each with a time limit; what they find comes in the order of ``checks``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace

import asyncpg
from loguru import logger

from salesbot.doctor.checks import CHECKS, Check
from salesbot.doctor.house import House, Skipped, opened
from salesbot.errors import SettingsError
from salesbot.finding import Finding, failure, skipped
from salesbot.i18n import Lang
from salesbot.lifecycle import end
from salesbot.settings import Settings
from salesbot.store.pool import UNAVAILABLE

HIDDEN = "•••"
AT_THE_DESK = 3.0
"""Seconds that a check has while somebody waits for /status."""


async def examine(house: House, checks: Iterable[Check] = CHECKS) -> AsyncIterator[Finding]:
    """What each check finds, as soon as those before it have told."""
    tasks = [asyncio.create_task(_asked(house, check), name=f"check {check.name}") for check in checks]
    try:
        for task in tasks:
            for finding in await task:
                yield finding
    finally:
        await end(*tasks)


async def at_the_desk(settings: Settings, database: asyncpg.Pool, lang: Lang) -> Sequence[Finding]:
    """What the process can say of itself within seconds and without asking anybody else."""
    quick = [replace(check, seconds=AT_THE_DESK) for check in CHECKS if check.at_the_desk]
    async with opened(settings, lang, database=database, outside=False, free=True) as house:
        return [finding async for finding in examine(house, quick)]


def without_settings(error: SettingsError, lang: Lang) -> Sequence[Finding]:
    """Each problem is a failure, and all else is skipped."""
    _, lines = lang, [line.strip() for line in str(error).splitlines()]
    problems = lines[1:] or lines
    mend = _("Correct it in {file}, then ask again.").format(file=".env, /etc/sales_bot/env")
    wrong = []
    for problem in problems:
        said, _colon, how = problem.partition(": ")
        wrong.append(replace(failure(f"{said}.", how or mend), name="settings"))
    return [*wrong, replace(skipped(_("Nothing else can be asked before the settings are complete.")), name="others")]


async def _asked(house: House, check: Check) -> Sequence[Finding]:
    found = await _found(house, check)
    several = [found] if isinstance(found, Finding) else found
    return [_without_secrets(replace(one, name=check.name), house.settings) for one in several]


async def _found(house: House, check: Check) -> Finding | Sequence[Finding]:
    _ = house.lang
    try:
        async with asyncio.timeout(check.seconds):
            return await check.look(house)
    except Skipped as why:
        return skipped(str(why))
    except TimeoutError:
        said = _("It did not answer within {n} s.").format(n=f"{check.seconds:.0f}")
        return failure(said, _("Ask again; if that lasts, what it asks is overloaded or cannot be reached."))
    except UNAVAILABLE as exc:
        return skipped(_("The database cannot be asked ({error}).").format(error=type(exc).__name__))
    except Exception as exc:  # noqa: BLE001 - a fault of ours in one check: shown as such, the others are asked
        logger.bind(check=check.name).opt(exception=exc).error("a check failed")
        said = _("The check itself failed ({error}).").format(error=type(exc).__name__)
        return failure(said, _("Tell the maintainer, with the output of: sudo salesbot doctor --json"))


def _without_secrets(finding: Finding, settings: Settings) -> Finding:
    """Nothing that was quoted on the way here may show one."""
    said, mend = finding.said, finding.mend
    for secret in sorted(settings.secrets, key=len, reverse=True):
        if len(secret) > 5:  # as in the log: shorter ones are parts of ordinary words
            said, mend = said.replace(secret, HIDDEN), mend.replace(secret, HIDDEN)
    return replace(finding, said=said, mend=mend)
