"""Telling the admins of a unit of systemd that has failed: by the settings alone, because the database may be what is
down. Nothing secret is in it: names, codes, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from aiogram.exceptions import AiogramError

from salesbot import i18n
from salesbot.adminbot import reply
from salesbot.adminbot.bot import plain_bot
from salesbot.adminbot.html import esc
from salesbot.adminbot.views import Shown
from salesbot.errors import ExitCode, Transient
from salesbot.i18n import Lang
from salesbot.log import summary
from salesbot.settings import Settings
from salesbot.units import Failed


async def tell(settings: Settings, failed: Failed) -> int:
    """Write to each owner; how many were told. Raises ``Transient`` when none could be."""
    shown = Shown("\n\n".join(text(lang, failed) for lang in _languages(settings)))
    told, trouble = 0, ""
    bot = plain_bot(settings)
    try:
        for admin in settings.admin_telegram_id:
            try:
                await reply.say(bot, admin, shown)
            except AiogramError as lost:  # they never pressed Start; another one may have
                trouble = summary(lost)
            else:
                told += 1
    finally:
        await bot.session.close()
    if not told:
        raise Transient(f"No admin could be told: {trouble}")
    return told


def _languages(settings: Settings) -> Sequence[Lang]:
    """ADMIN_LANG, else all there are: which one they read stands in the database."""
    return [i18n.lang(code) for code in ([settings.admin_lang] if settings.admin_lang else i18n.CODES)]


def text(_: Lang, failed: Failed) -> str:
    """What failed, why, and what to do on the server."""
    lines = [_("🚨 <b>{unit}</b> on {host} has failed. {why}")]
    if failed.state:
        lines.append(_("State: {state}; result: {result}; last exit: {status}; starts before: {restarts}."))
    lines.append(_("On the server: <code>systemctl status {unit}</code>, <code>journalctl -u {unit} -n 50</code>"))
    known = {name: esc(value or "?") for name, value in asdict(failed).items()}
    return "\n".join(lines).format(why=_why(_, failed), **known)


def _why(_: Lang, failed: Failed) -> str:
    match failed.result, failed.status:
        case _, status if status == str(int(ExitCode.CONFIG)):
            return _("Settings, keys or data do not fit: a new start cannot mend that.")
        case "watchdog", _:
            return _("It hung, and was ended.")
        case "oom-kill", _:
            return _("It took more memory than it may.")
        case "timeout", _:
            return _("It did not start or stop in time.")
        case (("signal" | "core-dump"), _):
            return _("A signal ended it.")
        case "start-limit-hit", _:
            return _("It died again and again.")
    return _("Its program ended with an error.")
