"""What Telegram shows of a session among the account's devices is fixed when it signs in, for life."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from salesbot.store.sessions import Device
from salesbot.userbot import login as logins
from salesbot.userbot.login import Answers
from tests.userbot.conftest import Notes, Town

OF_AN_EARLIER_RELEASE = Device("Desk", "0.9", "0.8", "ru", "ru")
BEFORE_THERE_WAS_A_COLUMN = Device("Server", "1.0", "1.0", "en", "en")


async def keep(town: Town, device: Device) -> None:
    """As if a release whose new accounts look like that had signed this one in."""
    await town.pool.execute(
        """
        update accounts set phone = $1, device_model = $2, system_version = $3, app_version = $4, lang_code = $5,
            system_lang_code = $6
        """,
        town.world.users[town.account].phone,
        *asdict(device).values(),
    )


def told(introduction: Any) -> Device:
    """As what a client introduced itself to Telegram."""
    return Device(**{name: getattr(introduction, name) for name in asdict(Device())})


def telegram_sees(town: Town) -> Device:
    (key,) = town.server.keys.of(town.account)
    return told(key.introduced)


async def log_in(town: Town) -> None:
    user = town.world.users[town.account]
    answers = Answers(phone=user.phone, code=user.code, tell=lambda _: None)
    await logins.login(settings=town.settings, keys=town.keys, pool=town.pool, answers=answers)


async def test_a_session_shows_itself_as_what_it_signed_in_with_whatever_the_release(town: Town) -> None:
    await keep(town, OF_AN_EARLIER_RELEASE)
    for _start in range(2):
        async with town.connected(Notes()):
            assert telegram_sees(town) == OF_AN_EARLIER_RELEASE


async def test_what_a_new_account_showed_at_its_login_is_what_is_stored(town: Town) -> None:
    await town.pool.execute("delete from accounts")
    for key in tuple(town.server.keys.of(town.account)):
        town.server.keys.remove(key)
    await log_in(town)
    assert (await town.stored()).device == telegram_sees(town) == Device()


async def test_an_account_that_signs_in_again_comes_from_the_device_it_had(town: Town) -> None:
    await keep(town, OF_AN_EARLIER_RELEASE)
    await log_in(town)
    assert (await town.stored()).device == telegram_sees(town) == OF_AN_EARLIER_RELEASE


async def test_even_the_logout_comes_from_the_same_device(town: Town) -> None:
    await keep(town, OF_AN_EARLIER_RELEASE)
    (key,) = town.server.keys.of(town.account)
    await logins.logout(settings=town.settings, keys=town.keys, pool=town.pool, account_id=town.account)
    assert told(key.introduced) == OF_AN_EARLIER_RELEASE


async def test_a_session_from_before_this_was_stored_stays_what_it_was(town: Town) -> None:
    """Such a release inserts no device; the migration gives it what that release told Telegram."""
    await town.pool.execute("delete from accounts")
    await town.pool.execute(
        "insert into accounts (id, dc_id, server_address, server_port, auth_key) values ($1, 2, '127.0.0.1', 443, '')",
        town.account,
    )
    assert (await town.stored()).device == BEFORE_THERE_WAS_A_COLUMN
