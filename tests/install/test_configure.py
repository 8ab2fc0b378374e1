"""`salesbot configure` against the sandbox: each answer wrong first, then right; by a person, and by a file."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from dotenv import unset_key

from salesbot import settings
from salesbot.errors import Refused, SettingsError
from salesbot.setup import command
from salesbot.setup.configure import Terminal
from salesbot.setup.form import QUESTIONS, Form
from sandbox.app import Sandbox
from sandbox.world import Action, Rule, User

KEY = "sk-of-the-tests"
SIGN_IN = "Sign an account in now? q: by a QR code, p: by phone and code, Enter: later"
TOGETHER = {name: question.names for question in QUESTIONS for name in question.names}


@dataclass
class Place:
    """A settings file, and what there is around it."""

    file: Path
    answers: dict[str, str]
    """What is right here."""
    sandbox: Sandbox
    shown: list[str] = field(default_factory=list)

    @property
    def written(self) -> dict[str, str | None]:
        return dict(settings.in_file(self.file))

    @property
    def said(self) -> str:
        return "\n".join(self.shown)

    @property
    def account(self) -> User:
        found = self.sandbox.world.users.by_username("sales")
        assert found is not None
        return found

    def write_what_nobody_is_asked_for(self) -> None:
        Form.at(self.file).keep({name: value for name, value in self.answers.items() if name not in TOGETHER})

    async def fill_in(self, **answers: str) -> None:
        await command.with_answers(self.file, {**self.answers, **answers}, self.shown.append)

    async def type(self, *lines: str, missing: bool = False) -> list[str]:
        """A person types; what they were asked."""
        waiting, asked = iter(lines), list[str]()

        def ask(question: str, secret: bool) -> str:
            asked.append(question)
            return next(waiting)

        await command.with_a_person(self.file, Terminal(ask, self.shown.append), missing=missing)
        assert list(waiting) == []
        return asked


async def _models(request: web.Request) -> web.Response:
    if request.headers["Authorization"] != f"Bearer {KEY}":
        return web.json_response({"error": {"message": "no such key"}}, status=401)
    return web.json_response({"data": [{"id": "sandbox/seller"}]})


@pytest.fixture
async def endpoint() -> AsyncIterator[str]:
    """An endpoint of models that knows one key."""
    app = web.Application()
    app.router.add_get("/v1/models", _models)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}/v1"


@pytest.fixture
def place(
    tmp_path: Path, sandbox: Sandbox, database: str, operator: int, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> Place:
    state = sandbox.state()
    (tmp_path / "server.pem").write_text(state["mtproto"]["public_key"])
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    answers = {
        "DATABASE_URL": database,
        "API_ID": "1",
        "API_HASH": "0" * 32,
        "BOT_TOKEN": state["bot"]["token"],
        "ADMIN_TELEGRAM_ID": str(operator),
        "OPENROUTER_API_KEY": KEY,
        "LLM_BASE_URL": endpoint,
        "LLM_MODELS": "sandbox/seller",
        "BOT_API_URL": state["bot_api"],
        "TELEGRAM_SERVER": f"{state['mtproto']['host']}:{state['mtproto']['port']}",
        "TELEGRAM_SERVER_DC": str(state["mtproto"]["dc_id"]),
        "TELEGRAM_SERVER_KEY": str(tmp_path / "server.pem"),
        "SECRET_KEY_FILE": str(tmp_path / "secret.key"),
    }
    return Place(tmp_path / "env", answers, sandbox)


async def test_answers_that_are_right_are_written_for_their_owner_alone(place: Place) -> None:
    await place.fill_in()
    assert place.written == place.answers
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    assert settings.load({"CREDENTIALS_DIRECTORY": str(place.file.parent)}).api_id == 1


WRONG = [
    ("DATABASE_URL", "mysql://localhost/x", "DATABASE_URL is not valid: like postgresql://"),
    ("DATABASE_URL", "postgresql://127.0.0.1:9/nowhere", "cannot be reached"),
    ("API_ID", "abc", "API_ID is not valid: a number; get it at https://my.telegram.org"),
    ("BOT_TOKEN", "not-a-token", "BOT_TOKEN is not valid: like 123456:ABC"),
    ("BOT_TOKEN", "1:wrong", "BOT_TOKEN is refused by Telegram"),
    ("ADMIN_TELEGRAM_ID", "@me", "ADMIN_TELEGRAM_ID is not valid: your numeric Telegram id"),
    ("OPENROUTER_API_KEY", "sk-wrong", "OPENROUTER_API_KEY: "),
    ("BACKUP_RECIPIENT", "AGE-SECRET-KEY-1QQQ", "BACKUP_RECIPIENT is not valid: a public key like age1"),
]


async def test_an_answer_that_is_wrong_is_named_and_not_written_and_the_others_are(place: Place) -> None:
    for name, value, words in WRONG:
        unset_key(place.file, name)
        with pytest.raises(SettingsError) as raised:
            await place.fill_in(**{name: value})
        assert words in str(raised.value)
        assert len(str(raised.value).splitlines()) == 2
        # An admin is tried with the bot's token: without one, not at all.
        untried = {"ADMIN_TELEGRAM_ID"} if name == "BOT_TOKEN" else set()
        kept = place.answers.keys() - {*TOGETHER[name], *untried}
        assert place.written.keys() - {*TOGETHER[name], *untried} == kept
        assert name not in place.written
    await place.fill_in()
    assert place.written == place.answers


async def test_an_application_that_telegram_refuses_is_not_written(place: Place) -> None:
    refused = Rule("auth.exportLoginToken", Action.ERROR, code=400, text="API_ID_INVALID", count=1)
    place.sandbox.world.faults.add(refused)
    with pytest.raises(SettingsError, match="Telegram refuses API_ID and API_HASH"):
        await place.fill_in()
    assert {"API_ID", "API_HASH"}.isdisjoint(place.written)
    await place.fill_in()
    assert place.written == place.answers


async def test_all_that_is_wrong_with_a_file_of_answers_is_said_at_once(place: Place) -> None:
    place.answers = {"BOT_TOKEN": "x", "API_ID": "1", "ADMIN_TELEGRAM": "1", "LOGIN_PHON": "1"}
    with pytest.raises(SettingsError) as raised:
        await place.fill_in()
    said = str(raised.value)
    for words in (
        "ADMIN_TELEGRAM is not a setting",
        "LOGIN_PHON is not a setting",
        "API_HASH is missing: 32 hexadecimal",
        "BOT_TOKEN is not valid",
        "ADMIN_TELEGRAM_ID is missing",
        "OPENROUTER_API_KEY is missing",
    ):
        assert words in said
    assert place.written == {}


async def test_a_setting_that_is_not_asked_for_is_looked_at_before_anybody_is_asked(place: Place) -> None:
    with pytest.raises(SettingsError, match="LOG_LEVEL is not valid"):
        await place.fill_in(LOG_LEVEL="LOUD")
    assert place.written == {}


async def test_the_same_answers_again_change_nothing_and_ask_nobody(place: Place) -> None:
    await place.fill_in()
    before, asked = place.file.read_bytes(), place.sandbox.world.log.last
    await place.fill_in()
    assert place.file.read_bytes() == before
    assert place.sandbox.world.log.last == asked


async def test_a_file_that_was_broken_by_hand_is_not_filled_in(place: Place) -> None:
    place.file.write_text("LOG_LEVEL=LOUD\n")
    with pytest.raises(SettingsError, match="LOG_LEVEL is not valid"):
        await place.fill_in()
    place.file.write_text("# mine\nBOT_TOKEN=broken\n")
    await place.fill_in()
    assert place.file.read_text().startswith("# mine\n")
    assert place.written == place.answers


@pytest.mark.parametrize("value", ["it's", 'a "b" #c', "back\\slash", "${HOME}", " blank "])
def test_what_is_kept_is_what_is_read(tmp_path: Path, value: str) -> None:
    form = Form.at(tmp_path / "env")
    form.keep({"OPENROUTER_API_KEY": value})
    assert settings.in_file(tmp_path / "env") == {"OPENROUTER_API_KEY": value}
    assert Form.at(tmp_path / "env").values == {"OPENROUTER_API_KEY": value}


# --- a person


async def test_a_person_may_mistype_each_answer_and_is_told_what_was_wrong(place: Place) -> None:
    right = place.answers
    place.write_what_nobody_is_asked_for()
    place.sandbox.world.faults.add(
        Rule("auth.exportLoginToken", Action.ERROR, code=400, text="API_ID_INVALID", count=1)
    )
    asked = await place.type(
        *("postgres", "postgresql://127.0.0.1:9/nowhere", "n", right["DATABASE_URL"]),
        *("twelve", "1", "refused", right["API_ID"], right["API_HASH"]),
        *("", "1:wrong", right["BOT_TOKEN"]),
        *("@me", right["ADMIN_TELEGRAM_ID"]),
        *("sk-wrong", KEY),
        "",  # no backups
        "",  # no account yet
    )
    assert place.written == right
    for words in (
        "Enter takes postgresql://localhost:5432/sales_bot.",
        "DATABASE_URL is not valid",
        "API_ID is not valid",
        "Telegram refuses API_ID and API_HASH",
        "Telegram takes API_ID and API_HASH.",
        "BOT_TOKEN is missing: like 123456:ABC",
        "BOT_TOKEN is refused by Telegram",
        "The bot is @sales_desk_bot.",
        "they must press Start",
        "takes the key.",
        "Left out: no backup is made at night.",
        "No account is signed in yet: salesbot login does that.",
    ):
        assert words in place.said
    assert asked.count("BOT_TOKEN") == 3
    assert all(right[name] not in place.said for name in ("DATABASE_URL", "BOT_TOKEN", "OPENROUTER_API_KEY"))


async def test_enter_keeps_what_there_is_and_what_cannot_be_tried_is_kept_when_asked_for(place: Place) -> None:
    await place.fill_in()
    place.sandbox.world.faults.add(Rule("bot.getMe", Action.ERROR, code=502, text="Bad Gateway"))
    asked = await place.type("", "", "", "", "n", "", "y", "", "", "", "")
    assert "Enter keeps 1." in place.said
    assert [one for one in asked if one.startswith("It could not be tried")] != []
    assert place.written == place.answers


async def test_only_what_is_missing_is_asked_for(place: Place) -> None:
    key = place.answers.pop("OPENROUTER_API_KEY")
    with pytest.raises(SettingsError, match="OPENROUTER_API_KEY is missing"):
        await place.fill_in()
    assert await place.type(key, "", "", missing=True) == ["OPENROUTER_API_KEY", "BACKUP_RECIPIENT", SIGN_IN]
    assert await place.type("", missing=True) == [SIGN_IN]
    assert place.written == {**place.answers, "OPENROUTER_API_KEY": key}


# --- the account


async def accounts(place: Place) -> list[str]:
    connection = await asyncpg.connect(place.answers["DATABASE_URL"])
    try:
        return [row["username"] for row in await connection.fetch("select username from accounts")]
    finally:
        await connection.close()


async def test_a_file_of_answers_signs_the_account_in_once(place: Place) -> None:
    login = {"LOGIN_PHONE": f"+{place.account.phone}", "LOGIN_CODE": place.account.code}
    await place.fill_in(**login)
    assert await accounts(place) == ["sales"]
    assert stat.S_IMODE((place.file.parent / "secret.key").stat().st_mode) == 0o600
    assert not login.keys() & place.written.keys()
    asked = place.sandbox.world.log.last
    await place.fill_in(**login)
    assert place.sandbox.world.log.last == asked
    assert place.shown[-1] == f"Signed in: Maria Orlova (id {place.account.id})."


async def test_the_code_may_come_from_a_command_and_the_password_from_the_file(place: Place) -> None:
    place.sandbox.world.users.change(place.account.id, password="two steps")
    command = f"echo looking; echo {place.account.code}"
    await place.fill_in(LOGIN_PHONE=place.account.phone, LOGIN_CODE_COMMAND=command, LOGIN_PASSWORD="two steps")
    assert await accounts(place) == ["sales"]


FAILS = [
    ({}, "LOGIN_CODE or LOGIN_CODE_COMMAND is needed to sign in"),
    ({"LOGIN_CODE": "00000"}, "not the code that Telegram sent"),
    ({"LOGIN_CODE_COMMAND": "false"}, "LOGIN_CODE_COMMAND failed"),
    ({"LOGIN_CODE_COMMAND": "true"}, "LOGIN_CODE_COMMAND printed nothing"),
]


async def test_a_login_that_fails_keeps_the_settings_and_no_account(place: Place) -> None:
    for login, words in FAILS:
        with pytest.raises(Refused, match=words):
            await place.fill_in(LOGIN_PHONE=place.account.phone, **login)
    assert place.written == place.answers
    assert await accounts(place) == []


async def test_a_person_signs_in_by_phone_and_code_when_the_settings_are_complete(place: Place) -> None:
    await place.fill_in()
    asked = await place.type("p", f"+{place.account.phone}", "00000", place.account.code, missing=True)
    assert asked[0] == SIGN_IN
    assert await accounts(place) == ["sales"]
    assert await place.type(missing=True) == []  # whoever is signed in is not asked again


def test_the_file_is_written_where_it_lies(tmp_path: Path) -> None:
    """Its folder may be root's."""
    file = tmp_path / "env"
    file.write_text("# mine\nAPI_HASH=" + 90 * "a" + "\nAPI_ID=1\n")
    before = file.stat().st_ino
    Form(file).keep({"API_HASH": "it's short", "API_ID": "2"})
    assert dict(settings.in_file(file)) == {"API_HASH": "it's short", "API_ID": "2"}
    assert file.read_text() == "# mine\nAPI_HASH='it\\'s short'\nAPI_ID=2\n"
    assert (file.stat().st_ino, list(tmp_path.iterdir())) == (before, [file])
