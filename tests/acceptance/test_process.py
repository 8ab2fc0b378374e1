"""The process itself: how it is signed in, started, told of wrong settings, and stopped."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from tests.support.house import ACCOUNT, OPERATOR, House
from tests.support.ledger import agree

PASSWORD = "correct horse battery staple"


async def output(house: House, code: int) -> str:
    """What the program wrote before it ended with this exit code."""
    assert await house.product.child.wait(60) == code, house.product.log()
    return (house.folder / "product.out").read_text(encoding="utf-8")


# --- sign in


@pytest.mark.parametrize("two_step", [False, True])
async def test_an_account_signs_in_and_the_story_begins(empty_house: House, two_step: bool) -> None:
    house = empty_house
    person = house.person(ACCOUNT)
    words = ["-m", "salesbot", "login", "--phone", person["phone"], "--code", person["code"]]
    if two_step:
        await house.control.call("PATCH", f"/users/{ACCOUNT}", password=PASSWORD)
        words += ["--password", PASSWORD]
    settings = {"SECRET_KEY": None, "SECRET_KEY_FILE": str(house.folder / "secret.key")}
    await house.product.launch(settings, words=words, plainly=not two_step)
    assert f"Signed in: {person['name']} (id {person['id']})." in await output(house, 0)
    assert (house.folder / "secret.key").stat().st_mode & 0o777 == 0o600
    await house.product.start(settings)
    await house.says("anna", "Before anything began")
    number = await house.begin("anna")
    assert await house.product.stop() == 0
    await agree(house, number)


async def test_a_wrong_code_is_one_line(empty_house: House) -> None:
    words = ["-m", "salesbot", "login", "--phone", empty_house.person(ACCOUNT)["phone"], "--code", "00000"]
    await empty_house.product.launch(words=words)
    told = await output(empty_house, 1)
    assert told.splitlines()[-1] == "This is not the code that Telegram sent."
    assert "Traceback" not in told


# --- start


async def test_it_starts_as_a_plain_program(quiet_house: House) -> None:
    """Without the fork server, as systemd starts it."""
    await quiet_house.product.start(plainly=True)
    number = await quiet_house.begin("anna")
    await quiet_house.says("anna", "We are 40 people")
    await quiet_house.has_stored(number, "We are 40 people")
    await quiet_house.product.kill()
    await quiet_house.product.start()
    await quiet_house.hears("anna", "40 people")
    await quiet_house.at_rest(number)
    assert await quiet_house.product.stop() == 0
    await agree(quiet_house, number)


NEEDED = {
    "API_ID": "my.telegram.org",
    "API_HASH": "my.telegram.org",
    "BOT_TOKEN": "@BotFather",
    "ADMIN_TELEGRAM_ID": "@userinfobot",
    "OPENROUTER_API_KEY": "openrouter.ai",
}


async def test_missing_settings_are_told_all_at_once_with_where_to_get_them(empty_house: House) -> None:
    product = empty_house.product
    await product.launch(dict.fromkeys(product.settings))
    told = await output(empty_house, 78)
    assert "Traceback" not in told
    for name, where in NEEDED.items():
        (line,) = [line for line in told.splitlines() if line.strip().startswith(f"{name} is missing")]
        assert where in line


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("API_ID", "abc", "API_ID is not valid"),
        ("BOT_TOKEN", "not a token", "BOT_TOKEN is not valid"),
        ("ADMIN_TELEGRAM_ID", "12,operator", "ADMIN_TELEGRAM_ID is not valid"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is not valid"),
        ("DEBOUNCE_SECONDS", "-1", "DEBOUNCE_SECONDS is not valid"),
        ("SECRET_KEY", None, "SECRET_KEY is missing"),
        ("SECRET_KEY", "short", "SECRET_KEY holds a key shorter than"),
        ("SCENARIO", "teapots", "SCENARIO names 'teapots'; there are: sales"),
        ("TELEGRAM_SERVER_KEY", "/nowhere/server.pem", "TELEGRAM_SERVER_KEY"),
        ("BOT_TOKEN", "1:" + "a" * 35, "BOT_TOKEN is refused by Telegram"),
        ("DATABASE_URL", "mysql://localhost/sales", "DATABASE_URL is not valid"),
        ("DATABASE_URL", "postgresql://localhost:port/sales", "DATABASE_URL is not valid"),
        ("TELEGRAM_PROXY", "gopher://localhost", "TELEGRAM_PROXY is not valid"),
    ],
)
async def test_a_wrong_setting_is_one_message_and_exit_code_78(
    quiet_house: House, setting: str, value: str | None, told: str
) -> None:
    await quiet_house.product.launch({setting: value})
    said = await output(quiet_house, 78)
    assert told in said
    assert "Traceback" not in said
    assert "a" * 35 not in said, "a secret is not repeated"


async def test_another_secret_key_is_refused_and_nothing_is_touched(house: House) -> None:
    await house.begin("anna")
    assert await house.product.stop() == 0
    await house.product.launch({"SECRET_KEY": "another secret, which is long enough as well"})
    assert "Traceback" not in await output(house, 78)
    assert await house.db.fetchval("select count(*) from accounts where state = 'ready'") == 1


async def test_a_session_sealed_with_a_key_that_is_not_there_is_told_instead_of_tried_for_ever(
    quiet_house: House,
) -> None:
    await quiet_house.db.execute("update accounts set auth_key = 'sealed with something else'")
    await quiet_house.product.launch()
    assert "encrypted with another SECRET_KEY" in (said := await output(quiet_house, 78))
    assert "Traceback" not in said


async def test_it_waits_for_an_account_to_sign_in(empty_house: House) -> None:
    house = empty_house
    await house.product.start()
    await house.tell_bot("/start")
    await house.ask("/start @anna", "No account is signed in yet")
    await house.sign_in()
    await house.begin("anna")


# --- stop


async def test_an_idle_product_stops_at_once(house: House) -> None:
    began = time.monotonic()
    assert await house.product.stop() == 0
    assert time.monotonic() - began < 5


async def test_sigterm_under_load_ends_in_order_and_the_next_start_goes_on(quiet_house: House) -> None:
    house = quiet_house
    people = ["anna", "boris", "clara", "dmitri", "emma"]
    settings = {"LLM_MODELS": "sandbox/echo", "TYPING_MIN_SECONDS": "0.2", "TYPING_MAX_SECONDS": "0.2"}
    await house.product.start(settings)
    numbers = await asyncio.gather(*(house.begin(who) for who in people))
    thinking = await house.control.fault("model.chat", "hold", skip=3, count=2)
    sending = await house.control.fault("messages.sendMessage", "hold_answer", user=ACCOUNT, skip=1)

    async def talk(who: str) -> None:
        for line in range(10):
            await house.says(who, f"Please confirm {who.upper()}-{line}")

    await asyncio.gather(*(talk(who) for who in people), house.control.fired(sending), house.control.fired(thinking))
    await house.tell_bot("/export_all")
    began = time.monotonic()
    assert await house.product.stop() == 0
    assert time.monotonic() - began < 10
    await house.control.call("DELETE", "/faults")
    await house.product.start(settings)
    for who, number in zip(people, numbers, strict=True):
        await house.has_stored(number, f"Please confirm {who.upper()}-9")
    await house.at_rest(*numbers)
    for who, number in zip(people, numbers, strict=True):
        heard = " ".join(await house.heard(who))
        assert [heard.count(f"{who.upper()}-{line}") for line in range(10)] == [1] * 10
        await agree(house, number)
    await house.bot_says("Exported 5 dialogs", who=OPERATOR)


async def test_ctrl_c_stops_it_as_sigterm_does(house: House) -> None:
    assert await house.product.stop(signal.SIGINT) == 0
