"""The figures as a picture: what is to be drawn (pure), the program that draws it, and where it is shown."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup, InputMediaPhoto
from loguru import logger

from salesbot.adminbot import reply
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.stats import buttons, figures, report, texts
from salesbot.adminbot.stats.buttons import Theme
from salesbot.adminbot.stats.figures import FEW, Sum, Verdict
from salesbot.adminbot.stats.period import Asked, Stretch
from salesbot.adminbot.stats.report import Course, Report
from salesbot.adminbot.stats.spec import Bar, Columns, Share, Shares, Spec, Tile
from salesbot.adminbot.views import Shown
from salesbot.i18n import Lang
from salesbot.log import summary

MODULE = "salesbot.adminbot.stats.draw"
ROOT = Path(__file__).parents[3]
SECONDS = 20.0
"""How long drawing may take; it takes one."""
MOST = 5
"""Rows of one list in the picture: the text has the others, and a long picture is shown small."""
TICKS = 5
_MARKS = {Verdict.MORE: "▲", Verdict.LESS: "▼"}


class NotDrawn(Exception):
    """The program that draws failed, or was too slow."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that was asked for, and the message in whose place it goes; None: it is a new one."""

    chat_id: int
    message_id: int | None
    asked: Asked
    theme: Theme


async def show(on: Desk, bot: Bot, _: Lang, wanted: Wanted) -> None:
    """Draw and show it; a drawing that fails leaves the text, and says so."""
    with suppress(TelegramBadRequest):
        await bot.send_chat_action(wanted.chat_id, ChatAction.UPLOAD_PHOTO)
    made, course = await report.make_with_course(on, wanted.chat_id, wanted.asked)
    try:
        png = await draw(spec(_, made, course, wanted.theme))
    except NotDrawn as failed:
        logger.bind(error=summary(failed)).warning("the picture of the figures could not be drawn")
        text = _("The picture could not be drawn; the log says why. The same figures in words: /stats")
        await reply.say(bot, wanted.chat_id, Shown(text))
    else:
        await _put(bot, wanted, png, caption(_, made), buttons.under_picture(_, wanted.asked, wanted.theme))


async def _put(bot: Bot, wanted: Wanted, png: bytes, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
    file = BufferedInputFile(png, "stats.png")
    if wanted.message_id is not None:
        try:
            await bot.edit_message_media(
                InputMediaPhoto(media=file, caption=text),
                chat_id=wanted.chat_id,
                message_id=wanted.message_id,
                reply_markup=keyboard,
            )
        except TelegramBadRequest as refused:
            if "not modified" in refused.message:
                return
        else:
            return
    await bot.send_photo(wanted.chat_id, file, caption=text, reply_markup=keyboard)


async def draw(what: Spec, module: str = MODULE, seconds: float = SECONDS) -> bytes:
    """The PNG, drawn by a process of its own that knows nothing of our settings. Raises ``NotDrawn``."""
    with TemporaryDirectory(prefix="salesbot-") as folder:
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", module),
                cwd=ROOT,
                env={"MPLCONFIGDIR": folder, "OPENBLAS_NUM_THREADS": "1"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as refused:
            raise NotDrawn(f"it could not be started: {refused}") from refused
        try:
            async with asyncio.timeout(seconds):
                png, complaint = await child.communicate(json.dumps(what).encode())
        except TimeoutError as late:
            raise NotDrawn(f"it took longer than {seconds:.0f} seconds") from late
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
    if child.returncode or not png.startswith(b"\x89PNG"):
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise NotDrawn(f"it ended with {child.returncode}: {last[:200]}")
    return png


def caption(_: Lang, made: Report) -> str:
    """What the picture shows; the figures are in it."""
    return f"<b>{esc(texts.title(_, made.asked))}</b>, {made.days}"


def spec(_: Lang, made: Report, course: Course, theme: Theme) -> Spec:
    """What is to be drawn."""
    its = made.all
    return Spec(
        dark=theme is Theme.DARK,
        title=texts.title(_, made.asked),
        subtitle=_("Dialogs begun {days}").format(days=made.days),
        empty="" if its.begun else texts.nothing(_),
        tiles=_tiles(_, its),
        funnel={"title": _("Funnel"), "rows": [*_funnel(_, made)]},
        course=_course(_, course),
        shares=[*_shares(_, made)],
    )


def _tiles(_: Lang, its: Sum) -> list[Tile]:
    cost = its.cost_won
    return [
        {"value": texts.number(_, its.begun), "label": _("begun")},
        {"value": texts.percent(its.answered, its.begun), "label": _("answered")},
        {"value": texts.number(_, its.won), "label": _("won")},
        {"value": texts.money(cost) if cost is not None else "–", "label": _("per won lead")},
    ]


def _funnel(_: Lang, made: Report) -> Iterator[Bar]:
    begun = made.all.begun
    ways = [*texts.funnel(_, made)]
    for place, (name, reached) in enumerate(ways):
        count = texts.number(_, reached)
        text = f"{count} · {texts.percent(reached, begun)}" if reached != begun else count
        yield {"name": name, "share": reached / begun if begun else 0.0, "text": text, "good": place == len(ways) - 1}


def _course(_: Lang, course: Course) -> Columns:
    titles = {Stretch.DAY: _("By day"), Stretch.WEEK: _("By week"), Stretch.MONTH: _("By month")}
    return {
        "title": titles[course.unit],
        "all": _("begun"),
        "of_these": _("answered"),
        "rows": [(each.begun, each.answered) for each in course.begun],
        "ticks": _ticks(course.unit, course.starts),
    }


def _ticks(unit: Stretch, starts: Sequence[datetime]) -> list[tuple[int, str]]:
    """The last column is named, and some before it."""
    shape = "%m.%y" if unit is Stretch.MONTH else "%d.%m"
    step = -(-len(starts) // TICKS)
    return [(place, f"{starts[place]:{shape}}") for place in range(len(starts) - 1, -1, -step)]


def _shares(_: Lang, made: Report) -> Iterator[Shares]:
    several = len(made.scenarios) > 1
    first = [
        _share(_, texts.opening(_, made.titles, one, several), figures.total([one.group]), _MARKS.get(one.answers, ""))
        for one in made.standings
    ]
    yield _section(_, _("Answers by first message"), first, _note(_, made))
    if several:
        each = [_share(_, name, its) for name, its in figures.by_scenario(made.groups)]
        yield _section(_, _("Answers by scenario"), each, "")


def _note(_: Lang, made: Report) -> str:
    """How the list is to be read."""
    found = {one.answers for one in made.standings}
    pale = _("Pale: where the share may lie (95 %).")
    if found & {Verdict.MORE, Verdict.LESS}:
        return f"{pale} {_('▲ ▼: more, fewer than the others; the rest may be chance.')}"
    if Verdict.CHANCE in found:
        return f"{pale} {_('The differences may be chance.')}"
    return f"{pale} {texts.chance(_, made)}" if Verdict.TOO_FEW in found else pale


def _section(_: Lang, title: str, rows: list[Share], note: str) -> Shares:
    left = len(rows) - MOST
    more = _.plural("… and {n} more.", "… and {n} more.", left) if left > 0 else ""
    return {"title": title, "rows": rows[:MOST], "note": " ".join(filter(None, (more, note)))}


def _share(_: Lang, name: str, its: Sum, mark: str = "") -> Share:
    low, high = figures.interval(its.answered, its.begun)
    return {
        "name": texts.shortened(name, 60),
        "mark": mark,
        "text": _("{share} of {n}, {won} won").format(
            share=texts.percent(its.answered, its.begun), n=texts.number(_, its.begun), won=texts.number(_, its.won)
        ),
        "share": its.answered / its.begun,
        "low": low,
        "high": high,
        "faint": its.begun < FEW,
    }
