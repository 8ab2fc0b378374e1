"""Signing in by a QR code in the terminal, which a phone that is signed in scans."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import segno
from telethon import errors, events
from telethon.tl import functions, types

from salesbot.errors import Refused
from salesbot.userbot.dial import Client

PATIENCE = 300.0
"""Seconds until an unscanned code is given up; Telegram renews the token about twice a minute."""

_INVITATION = "Scan this with Telegram on a phone: Settings → Devices → Link Desktop Device."


async def sign_in(client: Client, tell: Callable[[str], None]) -> Any | None:
    """The signed-in user; None when the account has a two-step password too. Raises ``Refused`` (``not_scanned``)."""
    scanned = asyncio.Event()

    async def on_scan(_: object) -> None:
        scanned.set()

    client.add_event_handler(on_scan, events.Raw(types.UpdateLoginToken))
    try:
        async with asyncio.timeout(PATIENCE):
            return await _until_scanned(client, scanned, tell)
    except errors.SessionPasswordNeededError:
        return None
    except TimeoutError as exc:
        raise Refused("not_scanned", "The QR code was not scanned. Run login again for a new one.") from exc
    finally:
        client.remove_event_handler(on_scan)


async def _until_scanned(client: Client, scanned: asyncio.Event, tell: Callable[[str], None]) -> Any:
    """Ask for a token again and again: each answer is a token to show, or that the last one was accepted."""
    request = functions.auth.ExportLoginTokenRequest(client.api_id, client.api_hash, [])
    shown = b""
    while True:
        scanned.clear()
        answer = await client(request)
        if isinstance(answer, types.auth.LoginTokenMigrateTo):
            await client._switch_dc(answer.dc_id)
            answer = await client(functions.auth.ImportLoginTokenRequest(answer.token))
        if isinstance(answer, types.auth.LoginTokenSuccess):
            return await client._on_login(answer.authorization.user)
        if answer.token != shown:
            shown = answer.token
            tell(f"{picture(shown)}\n{_INVITATION}")
        await _wait(scanned, (answer.expires - datetime.now(UTC)).total_seconds())


async def _wait(scanned: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(1.0, seconds)):
            await scanned.wait()
    except TimeoutError:
        return


def picture(token: bytes) -> str:
    """The token as a QR code of block characters, and as a link for whoever cannot scan it."""
    link = f"tg://login?token={base64.urlsafe_b64encode(token).decode().rstrip('=')}"
    out = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(out, compact=True)
    return f"{out.getvalue()}{link}"
