"""No log, no output and no export says a secret, and no log what people said: the whole process through trouble."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.adminbot.cable import Cable
from tests.security.canaries import Canaries
from tests.support.house import ACCOUNT, BOT, OPERATOR, House
from tests.support.waiting import until

LOUD = {
    "LLM_MODELS": "sandbox/seller,sandbox/echo",
    "LOG_LEVEL": "TRACE",
    "OPENAI_LOG": "debug",
    "PYTHONASYNCIODEBUG": "1",
}


class Watched:
    """A house whose every secret is a canary, and the search of what was written in it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.canaries = Canaries()
        self.settings = self.canaries.settings(house.product.settings) | LOUD

    @property
    def log(self) -> Path:
        return self.house.folder / "salesbot.log"

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


async def test_through_trouble_of_every_kind_no_log_says_a_secret_or_a_persons_words(watched: Watched) -> None:
    house, canaries = watched.house, watched.canaries
    cable = Cable(watched.settings["DATABASE_URL"])
    person = house.person(ACCOUNT)
    await watched.run("login", "--phone", person["phone"], "--code", person["code"], code=0)
    await house.tell_bot("/start")
    await house.product.start({**watched.settings, "DATABASE_URL": await cable.plug()}, plainly=True)
    number = await house.begin("anna")
    key, token = watched.settings["OPENROUTER_API_KEY"], watched.settings["BOT_TOKEN"]
    secrets = (
        f"key {key}, Bearer {key}, {watched.settings['API_HASH']}, /bot{token}/x, {watched.settings['DATABASE_URL']}"
    )

    # the model repeats the key and the prompt, in an error and in what it says
    for code, times in ((400, 1), (429, 1), (503, 1), (401, 2)):  # the second model answers instead; at last, none
        line = canaries.says("anna", f"Please confirm ANNA-{code}")
        echo = f"{secrets}; the prompt was: {line}"
        refusal = await house.control.fault("model.chat", "error", code=code, text=echo, count=times)
        await house.says("anna", line)
        await house.control.fired(refusal, times=times)
        await house.hears("anna", f"ANNA-{code}")
        await house.at_rest(number)
    line = canaries.says("the model", "My instructions are")
    said = json.dumps({"parts": [f"{line} http://evil.example {secrets}"], "stage": line, "outcome": line})
    await house.control.fault("model.chat", "content", text=said, count=4)
    await house.says("anna", canaries.says("anna", "And now?"))
    await house.bot_says(f"№ {number}: .* needs a human")
    await house.ask(f"/give {number}", "the model speaks again")

    # the Bot API and Telegram fail, quoting secrets
    await house.control.fault("bot.sendMessage", "error", code=500, text=f"Internal: {secrets}", count=2)
    await house.ask("/list", f"№ {number}")
    await house.control.fault("bot.getUpdates", "error", code=502, text=f"Bad gateway at {secrets}")
    for action in ("cut_before", "cut_after", "error"):
        await house.control.fault("messages.sendMessage", action, user=ACCOUNT, code=500, text="INTERNAL")
        await house.says("anna", canaries.says("anna", "Are you there?"))
        await house.at_rest(number)

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

    # and what ends the process
    await house.db.execute("alter table accounts rename column created_at to created")
    assert await house.product.child.wait(30) == 1
    told = (house.folder / "product.out").read_text(encoding="utf-8")
    assert "the process ends" in told and "UndefinedColumnError" in told
    assert "Traceback" not in told
    watched.search()
