"""No log, no output and no export says a secret, and no log what people said: the whole process through trouble."""

from __future__ import annotations

import json
import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from aiogram.exceptions import TelegramAPIError
from loguru import logger

from salesbot import log
from salesbot.adminbot import bot as desk_bot
from salesbot.adminbot.desk import Desk
from salesbot.clock import SystemClock
from salesbot.errors import SalesbotError
from salesbot.keys import KeyRing
from salesbot.llm.client import ModelClient
from salesbot.llm.prompt import ChatMessage, Role
from salesbot.settings import Settings
from salesbot.store import pool as store_pool
from salesbot.userbot import login as sign_in
from salesbot.userbot.login import Answers
from sandbox.app import Sandbox
from tests.adminbot.cable import Cable
from tests.security.canaries import Canaries
from tests.support.house import ACCOUNT, BOT, OPERATOR, House
from tests.support.waiting import until

LOUD = {"LLM_MODELS": "sandbox/seller,sandbox/echo", "LOG_LEVEL": "TRACE"}


class Watched:
    """A house whose every secret is a canary, and the search of what was written in it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.canaries = Canaries()
        self.settings = self.canaries.settings(house.product.settings) | LOUD | self._watchers()

    @property
    def log(self) -> Path:
        return self.house.folder / "salesbot.log"

    def _watchers(self) -> dict[str, str]:
        """Somebody reads the metrics, and an address is pinged behind which nobody is."""
        address = f"canary-heartbeat-{secrets.token_hex(8)}"
        self.canaries.secret("HEARTBEAT_URL", address)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.metrics = free.getsockname()[1]
        return {"METRICS_PORT": str(self.metrics), "HEARTBEAT_URL": f"http://127.0.0.1:1/{address}"}

    async def run(self, *words: str, code: int, **changed: str | None) -> str:
        """A command of the product; what it wrote, searched."""
        child = await self.house.product.launch({**self.settings, **changed}, words=["-m", "salesbot", *words])
        assert await child.wait(60) == code, self.house.product.log()
        self.search()
        return (self.house.folder / "product.out").read_text(encoding="utf-8", errors="replace")

    async def logged(self, text: str, times: int = 1) -> None:
        async def found() -> bool:
            return self.log.read_text(encoding="utf-8").count(text) >= times

        await until(found, f"the log says {text!r}")

    def search(self) -> None:
        """Neither secrets nor words in what the process wrote."""
        for path in (self.log, self.house.folder / "product.out"):
            if path.exists():
                findings = self.canaries.search(path)
                assert findings == [], "\n".join(map(str, findings))


@pytest.fixture
def watched(empty_house: House) -> Watched:
    return Watched(empty_house)


async def test_signing_in_and_out_says_neither_code_nor_password(watched: Watched) -> None:
    house, code, password = watched.house, "9081726354", "canary two-step password"
    watched.canaries.secret("login code", code)
    watched.canaries.secret("2FA password", password)
    number = await house.settle("seller", role="account", code=code, password=password)
    phone = house.person("seller")["phone"]
    login = ("login", "--phone", phone, "--code", code)
    await watched.run(*login[:-1], "canary", code=1)
    assert "two-step password" in await watched.run(*login, "--password", "canary, but a wrong one", code=1)
    await watched.run(*login, "--password", password, code=0)
    ring = {"SECRET_KEY": "another secret which is long enough as well"}
    await watched.run("logout", str(number), code=78, **ring)
    await watched.run("logout", str(number), code=0)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:can/ary-in-a-password@localhost/db",
        "postgresql://me:canary-in-a-password@localhost:1/db?sslmode=odd",
        "postgresql://me:canary-in-a-password@localhost:1/db",
    ],
)
async def test_a_database_that_cannot_be_reached_is_told_without_its_password(watched: Watched, url: str) -> None:
    watched.canaries.secret("the password", "ary-in-a-password")
    for command in ("accounts", "confirm-database", "rekey"):
        child = await watched.house.product.launch(
            watched.settings | {"DATABASE_URL": url}, words=["-m", "salesbot", command]
        )
        assert await child.wait(60) in (1, 78)
        told = (watched.house.folder / "product.out").read_text(encoding="utf-8")
        assert "DATABASE_URL" in told and "Traceback" not in told
        watched.search()


async def test_what_is_wrong_in_a_file_of_settings_is_told_without_repeating_it(watched: Watched) -> None:
    watched.canaries.secret("the value", "canary-in-a-value")
    names = [*watched.house.product.settings, "TELEGRAM_PROXY", "LLM_TIMEOUT", "TELEGRAM_SERVER_DC"]
    lines = [f"{name}=socks5://canary-in-a-value:port" for name in names if name not in ("LOG_FILE", "SCENARIOS_DIR")]
    lines += ["nonsense canary-in-a-value", "SECRET_KEY='canary-in-a-value"]
    (watched.house.folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    told = await watched.run("accounts", code=78, **dict.fromkeys([*watched.settings, *names]))
    assert "API_ID is not valid" in told and "DATABASE_URL is not valid" in told and "Traceback" not in told


@pytest.fixture
async def cable(watched: Watched) -> AsyncIterator[Cable]:
    """What the product is connected to its database by."""
    made = Cable(watched.settings["DATABASE_URL"])
    watched.settings["DATABASE_URL"] = await made.plug()
    yield made
    await watched.house.product.close()
    await made.pull()


async def briefly(house: House, number: int) -> None:
    """A short line between long ones that come at once: who types only such lines is taken for a program."""
    said = await house.says("anna", "Hm?")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)


async def test_through_trouble_of_every_kind_no_log_says_a_secret_or_a_persons_words(
    watched: Watched, cable: Cable
) -> None:
    house, canaries = watched.house, watched.canaries
    person = house.person(ACCOUNT)
    await watched.run("login", "--phone", person["phone"], "--code", person["code"], code=0)
    await house.tell_bot("/start")
    await house.product.start(watched.settings)
    number = await house.begin("anna")
    key, token = watched.settings["OPENROUTER_API_KEY"], watched.settings["BOT_TOKEN"]
    quoted = (
        f"key {key}, Bearer {key}, {watched.settings['API_HASH']}, /bot{token}/x, {watched.settings['DATABASE_URL']}"
    )

    # the model repeats the key and the prompt, in an error and in what it says
    for code, times in ((400, 1), (429, 1), (503, 1), (401, 2)):  # the second model answers instead; at last, none
        line = canaries.says("anna", f"Please confirm ANNA-{code}")
        echo = f"{quoted}; the prompt was: {line}"
        refusal = await house.control.fault("model.chat", "error", code=code, text=echo, count=times)
        await house.says("anna", line)
        await house.control.fired(refusal, times=times)
        await house.at_rest(number)
    await watched.logged("no model answers")
    await briefly(house, number)
    line = canaries.says("the model", "My instructions are")
    said = json.dumps({"parts": [f"{line} http://evil.example {quoted}"], "stage": line, "outcome": line})
    await house.control.fault("model.chat", "content", text=said, count=4)
    await house.says("anna", canaries.says("anna", "And now?"))
    await house.bot_says(f"№ {number}: .* needs a human")
    await house.ask(f"/give {number}", "the model speaks again")

    # the Bot API and Telegram fail, quoting secrets
    await house.control.fault("bot.sendMessage", "error", code=500, text=f"Internal: {quoted}", count=2)
    await house.ask("/list", f"№ {number}")
    await house.control.fault("bot.getUpdates", "error", code=502, text=f"Bad gateway at {quoted}")
    for action in ("cut_before", "cut_after", "error"):
        await house.control.fault("messages.sendMessage", action, user=ACCOUNT, code=500, text="INTERNAL")
        await house.says("anna", canaries.says("anna", "Are you there?"))
        await house.at_rest(number)
    await briefly(house, number)

    # the database is gone for longer than the lease, then refuses a row and quotes it
    await cable.pull()
    await house.says("anna", canaries.says("anna", "Nobody stores this now"))
    await watched.logged("the lease was lost")
    await cable.plug()
    await house.at_rest(number)
    refused = canaries.says("anna", "This row is refused")
    await house.db.execute("alter table messages add constraint odd check (content not like '%refused%') not valid")
    await house.says("anna", refused)
    await watched.logged("CheckViolationError")
    await house.db.execute("alter table messages drop constraint odd")
    await house.has_stored(number, refused)
    await house.at_rest(number)

    # what may leave: the operator sees people's words, and no secret
    await house.tell_bot("/export_all")
    archive = await house.bot_says("", above=0, media="document")
    content = await house.file(archive)
    assert canaries.search(content, words=False) == [] and canaries.search(content) != []
    chat = json.dumps(await house.chat(OPERATOR, BOT), ensure_ascii=False).encode()
    assert canaries.search(chat, words=False) == []

    # the metrics have codes and numbers
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{watched.metrics}/metrics") as page:
        content = await page.read()
    assert b"salesbot_turns_total" in content
    assert canaries.search(content) == []
    await watched.logged("no heartbeat is sent")

    # and what ends the process
    await house.db.execute("alter table accounts rename column created_at to created")
    assert await house.product.child.wait(30) == 1
    told = (house.folder / "product.out").read_text(encoding="utf-8")
    assert "the process ends" in told and "UndefinedColumnError" in told
    assert "Traceback" not in told
    watched.search()


# --- the libraries, made to talk

LIBRARIES = ("telethon", "aiogram", "openai", "httpx2", "httpcore2", "asyncpg", "asyncio", "aiohttp")


@pytest.fixture
def talkative(tmp_path: Path) -> Iterator[Path]:
    """The file that everything is logged to, with every library at DEBUG; as before afterwards."""
    yield tmp_path / "app.log"
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.NOTSET)
    logger.remove()
    logger.configure(patcher=lambda record: None)
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


async def test_even_when_every_library_is_made_to_talk_no_secret_is_logged(
    sandbox: Sandbox, settings: Settings, quiet_desk: Desk, talkative: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # put back afterwards
    canaries, state = Canaries(), sandbox.state()
    made = canaries.settings({"BOT_TOKEN": state["bot"]["token"], "DATABASE_URL": "postgresql://me@127.0.0.1:1/db"})
    server = talkative.parent / "server.pem"
    server.write_text(state["mtproto"]["public_key"], encoding="ascii")
    seller = next(user for user in state["users"] if user["role"] == "account")
    config = Settings.model_validate(
        {name.lower(): value for name, value in made.items()}
        | {"api_id": 1, "admin_telegram_id": "1", "llm_base_url": state["model"], "bot_api_url": state["bot_api"]}
        | {"telegram_server": f"127.0.0.1:{state['mtproto']['port']}", "telegram_server_key": server}
    )
    log.setup("TRACE", talkative, config.secrets)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).debug("%s %s", made, config.secrets)  # what they could say at worst
    model, bot = ModelClient(config, SystemClock()), desk_bot.make_bot(quiet_desk)
    with pytest.raises(SalesbotError):
        await model.complete("no such model", [ChatMessage(Role.USER, "Hello")], {"type": "text"})
    await bot.me()
    with pytest.raises(TelegramAPIError):
        await bot.send_message(1, "Hello")
    with pytest.raises(store_pool.UNAVAILABLE):
        await asyncpg.connect(made["DATABASE_URL"])
    answers = Answers(phone=seller["phone"], code=seller["code"])
    await sign_in.login(settings=config, keys=KeyRing(made["SECRET_KEY"]), pool=quiet_desk.pool, answers=answers)
    sealed = await quiet_desk.pool.fetchval("select auth_key from accounts where id = $1", seller["id"])
    canaries.secret("auth key", KeyRing(made["SECRET_KEY"]).decrypt(sealed))
    await model.close()
    await bot.session.close()
    await logger.complete()
    told = talkative.read_text(encoding="utf-8")
    assert all(f" {name}" in told for name in ("telethon", "openai", "asyncio")), "they did talk"
    assert canaries.search(talkative) == []
