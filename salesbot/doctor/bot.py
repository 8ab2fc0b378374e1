"""The checks of the operator's bot. Its updates are never asked for: that would end the poll of the process that runs,
so who else polls is told by what that process wrote down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from salesbot.adminbot import probe
from salesbot.adminbot.probe import BotSeen
from salesbot.doctor.house import Found, House, Skipped
from salesbot.errors import SettingsError, Transient
from salesbot.finding import Finding, failure, good, warning
from salesbot.i18n import Lang
from salesbot.store import checkup, polls
from salesbot.store.polls import Polls

LATELY = timedelta(minutes=10)
SILENT = timedelta(minutes=5)
"""A process that runs and was answered no poll for so long does not hear the operator."""
RESTART = "sudo systemctl restart sales_bot"


async def token(house: House) -> Found:
    _ = house.lang
    try:
        seen = await house.bot()
    except SettingsError:
        return failure(
            _("Telegram refuses BOT_TOKEN."),
            _("Ask @BotFather for the present token, correct BOT_TOKEN, then: {command}").format(command=RESTART),
        )
    except Transient as exc:
        return failure(
            _("The Bot API cannot be asked: {why}.").format(why=exc),
            _("Does the server get there (curl -sI {address})? Are BOT_API_URL and BOT_PROXY right?").format(
                address=house.settings.bot_api_url
            ),
        )
    return good(_("BOT_TOKEN is the one of @{name}.").format(name=seen.username))


async def webhook(house: House) -> Found:
    _, seen = house.lang, await _seen(house)
    if seen.webhook:
        return failure(
            _("Telegram hands the updates of the bot to {host}, so none come here.").format(host=seen.webhook),
            _("Another program uses this bot: stop it there, or take a new bot; then: {command}").format(
                command=RESTART
            ),
        )
    return good(_("No webhook takes the updates away."))


async def poller(house: House) -> Found:
    """Whether another program polls, as Telegram told the process that runs."""
    async with house.tables() as connection:
        known = await polls.of(connection, _bot_id(house))
        running = await checkup.processes(connection)
    return polled(house.lang, known, running=running > 0, now=datetime.now(UTC))


def polled(_: Lang, known: Polls | None, *, running: bool, now: datetime) -> Finding:
    if known is None:
        raise Skipped(_("The bot was not asked for updates yet."))
    if known.conflict_at and now - known.conflict_at < LATELY:
        return failure(
            _("Another program polls with this bot's token, last at {at}.").format(at=_at(known.conflict_at)),
            _("Stop that program. If you do not know it: /revoke at @BotFather gives a new token."),
        )
    if running and (known.heard_at is None or now - known.heard_at > SILENT):
        last = _at(known.heard_at) if known.heard_at else "-"
        return failure(
            _("The product runs, but Telegram has answered no poll of the bot since {at}.").format(at=last),
            _("The log says why: sudo journalctl -u sales_bot --since -15min"),
        )
    return good(_("Nobody else polls with this bot's token."))


async def admins(house: House) -> Found:
    _, seen = house.lang, await _seen(house)
    if deaf := await probe.strangers(house.settings):
        return warning(
            _("The bot cannot write to these of ADMIN_TELEGRAM_ID: {ids}.").format(ids=", ".join(map(str, deaf))),
            _("Each of them opens t.me/{name} and presses Start.").format(name=seen.username),
        )
    return good(_("The bot can write to everyone of ADMIN_TELEGRAM_ID."))


async def _seen(house: House) -> BotSeen:
    try:
        return await house.bot()
    except (SettingsError, Transient) as exc:
        raise Skipped(house.lang("The bot cannot be asked.")) from exc


def _bot_id(house: House) -> int:
    """A token begins with it."""
    return int(house.settings.bot_token.get_secret_value().partition(":")[0])


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
