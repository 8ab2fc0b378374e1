"""Signing in by code, password and QR, and out."""

import asyncio

import pytest
from telethon.errors import (
    AuthKeyUnregisteredError,
    PasswordHashInvalidError,
    PhoneCodeInvalidError,
    PhoneNumberInvalidError,
    SessionPasswordNeededError,
    SessionRevokedError,
)
from telethon.tl import functions

from tests.sandbox.mtproto.playground import PATIENCE, Telegram


async def test_sign_in_by_code(telegram: Telegram) -> None:
    client = telegram.stranger()
    await client.connect()
    assert await client.get_me() is None
    await client.send_code_request("+" + telegram.maria.phone)
    with pytest.raises(PhoneCodeInvalidError):
        await client.sign_in(telegram.maria.phone, "00000")
    me = await client.sign_in(telegram.maria.phone, telegram.maria.code)
    assert (me.id, me.username) == (telegram.maria.id, "sales")


async def test_a_number_nobody_has_is_refused(telegram: Telegram) -> None:
    client = telegram.stranger()
    await client.connect()
    with pytest.raises(PhoneNumberInvalidError):
        await client.send_code_request("+100000000000")


async def test_sign_in_by_code_and_password(telegram: Telegram) -> None:
    telegram.world.users.change(telegram.maria.id, password="correct horse")
    client = telegram.stranger()
    await client.connect()
    await client.send_code_request(telegram.maria.phone)
    with pytest.raises(SessionPasswordNeededError):
        await client.sign_in(telegram.maria.phone, telegram.maria.code)
    with pytest.raises(PasswordHashInvalidError):
        await client.sign_in(password="wrong")
    assert (await client.sign_in(password="correct horse")).id == telegram.maria.id


@pytest.mark.parametrize("password", [None, "correct horse"])
async def test_sign_in_by_qr_code(telegram: Telegram, password: str | None) -> None:
    telegram.world.users.change(telegram.maria.id, password=password)
    phone = await telegram.client(telegram.maria)
    client = telegram.stranger()
    await client.connect()
    shown = await client.qr_login()
    waiting = asyncio.create_task(shown.wait(PATIENCE))
    await asyncio.sleep(0)
    await phone(functions.auth.AcceptLoginTokenRequest(shown.token))
    if password is None:
        assert (await waiting).id == telegram.maria.id
    else:
        with pytest.raises(SessionPasswordNeededError):
            await waiting
        assert (await client.sign_in(password=password)).id == telegram.maria.id


async def test_an_old_qr_code_is_refused(telegram: Telegram) -> None:
    phone = await telegram.client(telegram.maria)
    client = telegram.stranger()
    await client.connect()
    shown = await client.qr_login()
    telegram.clock.move(seconds=31)
    with pytest.raises(Exception, match=r"AUTH_TOKEN_EXPIRED|expired"):
        await phone(functions.auth.AcceptLoginTokenRequest(shown.token))


async def test_who_signed_out_is_nobody(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    await client(functions.auth.LogOutRequest())
    with pytest.raises(AuthKeyUnregisteredError):
        await client(functions.updates.GetStateRequest())


async def test_a_session_revoked_elsewhere_learns_it_at_its_next_call(telegram: Telegram) -> None:
    client = await telegram.client(telegram.maria)
    telegram.server.revoke(telegram.maria.id, "SESSION_REVOKED")
    with pytest.raises(SessionRevokedError):
        await client(functions.updates.GetStateRequest())
