"""Whether a setting works, asked of whom it is for. Each check says what it found, or raises one of our errors."""

from __future__ import annotations

import asyncpg

from salesbot.adminbot import probe as bot_probe
from salesbot.errors import SettingsError, Transient
from salesbot.llm import probe as model_probe
from salesbot.settings import Settings
from salesbot.store.pool import ACQUIRE_TIMEOUT, REFUSED, UNAVAILABLE
from salesbot.userbot import probe as telegram_probe

OLDEST_POSTGRES = 14


async def application(settings: Settings) -> str:
    """API_ID and API_HASH, by connecting to Telegram."""
    await telegram_probe.application(settings)
    return "Telegram takes API_ID and API_HASH."


async def bot(settings: Settings) -> str:
    """BOT_TOKEN, by asking the Bot API whose it is."""
    seen = await bot_probe.look(settings)
    webhook = f" Its updates go to {seen.webhook} now; they will come here." if seen.webhook else ""
    return f"The bot is @{seen.username}.{webhook}"


async def admins(settings: Settings) -> str:
    """ADMIN_TELEGRAM_ID: whether the bot may write to them."""
    unknown = await bot_probe.strangers(settings)
    if not unknown:
        return "The bot can write to every admin."
    listed = ", ".join(map(str, unknown))
    return f"The bot cannot write to {listed} yet: they must press Start in the chat with it first."


async def model(settings: Settings) -> str:
    """OPENROUTER_API_KEY and LLM_MODELS, by asking the endpoint; nothing is paid for."""
    async with model_probe.asking(settings) as client:
        key = await model_probe.key(client)
        there = await model_probe.models(client)
    left = "" if key.remaining is None else f" It may still spend {key.remaining:.2f} US dollars."
    missing = model_probe.missing(settings.llm_models, there) if there else []
    unknown = f" LLM_MODELS: there is no {', '.join(missing)}." if missing else ""
    return f"{settings.llm_base_url} takes the key.{left}{unknown}"


async def database(settings: Settings) -> str:
    """DATABASE_URL, by connecting."""
    try:
        connection = await asyncpg.connect(settings.database_url.get_secret_value(), timeout=ACQUIRE_TIMEOUT)
    except REFUSED as exc:
        raise SettingsError(f"PostgreSQL refuses DATABASE_URL: {exc}") from exc
    except UNAVAILABLE as exc:
        raise Transient(f"The database at DATABASE_URL cannot be reached: {str(exc) or type(exc).__name__}") from exc
    except ValueError as exc:
        raise SettingsError("DATABASE_URL leads to no database") from exc
    version = connection.get_server_version()
    await connection.close()
    if version.major < OLDEST_POSTGRES:
        raise SettingsError(f"This is PostgreSQL {version.major}, and {OLDEST_POSTGRES} is the oldest that will do")
    return f"The database answers (PostgreSQL {version.major}.{version.minor})."


async def nothing(_settings: Settings) -> str:
    """There is nobody to ask."""
    return ""
