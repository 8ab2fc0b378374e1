"""`salesbot login` and `logout` against the sandbox: by code, by password, by QR; and what people do wrong."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

import pytest

from salesbot.errors import DataError, FloodWait, Refused, SettingsError, Transient
from salesbot.store import installation, locks, sessions
from salesbot.store.sessions import StoredSession
from salesbot.userbot import login as logins
from salesbot.userbot.login import Answers
from sandbox.world import Action, Rule
from tests.userbot.conftest import Notes, Town

PASSWORD = "a two-step password"


class Terminal:
    """A person who answers from a list and sees what is shown."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._lines = iter(lines)
        self.asked: list[str] = []
        self.shown: list[str] = []

    def ask(self, question: str, secret: bool) -> str:
        self.asked.append(question)
        return next(self._lines)

    def answers(self, **given: str) -> Answers:
        return Answers(**given, ask=self.ask, tell=self.shown.append)


@pytest.fixture
async def empty(town: Town) -> Town:
    """Nobody is signed in yet."""
    await town.pool.execute("delete from accounts")
    for key in tuple(town.server.keys.of(town.account)):
        town.server.keys.remove(key)
    return town


async def log_in(town: Town, answers: Answers, *, by_qr: bool = False) -> StoredSession:
    return await logins.login(settings=town.settings, keys=town.keys, pool=town.pool, answers=answers, by_qr=by_qr)


def given(town: Town, **more: str) -> Answers:
    """Everything known beforehand; nobody to ask."""
    user = town.world.users[town.account]
    return Answers(**{"phone": user.phone, "code": user.code, **more}, tell=lambda _: None)


async def own(town: Town) -> None:
    await town.pool.execute("update accounts set epoch = 1, owner = $1::uuid", town.fence.owner)


async def test_by_phone_and_code_the_session_is_stored_sealed_and_works(empty: Town) -> None:
    account = await log_in(empty, given(empty))
    stored = await empty.stored()
    assert stored == account
    assert (stored.account_id, stored.username, stored.name) == (empty.account, "sales", "Maria Orlova")
    assert stored.phone == empty.world.users[empty.account].phone
    assert len(empty.keys.decrypt(stored.sealed_key)) == 256
    await own(empty)
    empty.world.send(empty.anna, empty.account, "after the login, before the first start")
    notes = Notes()
    async with empty.connected(notes):
        await notes.until(lambda: bool(notes.messages))
    assert notes.texts == ["after the login, before the first start"]


async def test_a_person_is_asked_for_what_is_missing_and_may_mistype(empty: Town) -> None:
    user = empty.world.users.change(empty.account, password=PASSWORD)
    terminal = Terminal([f"+{user.phone}", "00000", user.code, "wrong", PASSWORD])
    await log_in(empty, terminal.answers())
    assert [question.split(" ")[0] for question in terminal.asked] == ["Phone", "Code", "Code", "Two-step", "Two-step"]
    assert sum("not the code" in line for line in terminal.shown) == 1
    assert sum("not the two-step password" in line for line in terminal.shown) == 1


async def test_password_and_code_given_beforehand_need_nobody(empty: Town) -> None:
    empty.world.users.change(empty.account, password=PASSWORD)
    await log_in(empty, given(empty, password=PASSWORD))
    assert (await empty.stored()).state == "ready"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"phone": "hello"}, "phone_invalid"),
        ({"phone": "+999999999"}, "phone_invalid"),
        ({"code": "00000"}, "wrong_code"),
        ({"password": "wrong"}, "wrong_password"),
    ],
)
async def test_what_is_wrong_is_said_in_one_clear_line(empty: Town, wrong: dict[str, str], code: str) -> None:
    empty.world.users.change(empty.account, password=PASSWORD)
    with pytest.raises(Refused) as raised:
        await log_in(empty, given(empty, **wrong))
    assert raised.value.code == code
    assert "\n" not in str(raised.value)
    assert await empty.pool.fetchval("select count(*) from accounts") == 0


async def test_three_wrong_codes_are_enough(empty: Town) -> None:
    terminal = Terminal(["1", "2", "3", "4"])
    with pytest.raises(Refused) as raised:
        await log_in(empty, terminal.answers(phone=empty.world.users[empty.account].phone))
    assert (raised.value.code, terminal.asked) == ("wrong_code", ["Code"] * 3)


@pytest.mark.parametrize(
    ("rule", "expected", "words"),
    [
        (Rule("auth.sendCode", Action.FLOOD_WAIT, seconds=3900), FloodWait, "1 h 5 min"),
        (Rule("auth.sendCode", Action.ERROR, code=400, text="PHONE_NUMBER_BANNED"), Refused, "banned"),
        (Rule("auth.sendCode", Action.ERROR, code=400, text="API_ID_INVALID"), SettingsError, "my.telegram.org"),
        (Rule("auth.sendCode", Action.CUT_BEFORE), Transient, "cannot be reached"),
        (Rule("auth.signIn", Action.ERROR, code=400, text="PHONE_CODE_EXPIRED"), Refused, "code has expired"),
    ],
)
async def test_what_telegram_refuses_is_explained(
    empty: Town, rule: Rule, expected: type[Exception], words: str
) -> None:
    empty.world.faults.add(rule)
    with pytest.raises(expected, match=words):
        await log_in(empty, given(empty))


async def test_by_a_qr_code_that_is_scanned(empty: Town) -> None:
    terminal = Terminal()

    def scan(shown: str) -> None:
        terminal.shown.append(shown)
        found = re.search(r"tg://login\?token=([\w-]+)", shown)
        assert found is not None
        token = found[1] + "=" * (-len(found[1]) % 4)
        empty.server.accept_login_token(base64.urlsafe_b64decode(token), empty.account)

    account = await log_in(empty, Answers(tell=scan), by_qr=True)
    assert account.account_id == empty.account
    assert "█" in terminal.shown[0]


async def test_by_a_qr_code_and_the_two_step_password(empty: Town) -> None:
    empty.world.users.change(empty.account, password=PASSWORD)

    def scan(shown: str) -> None:
        if found := re.search(r"tg://login\?token=([\w-]+)", shown):
            token = found[1] + "=" * (-len(found[1]) % 4)
            empty.server.accept_login_token(base64.urlsafe_b64decode(token), empty.account)

    account = await log_in(empty, Answers(tell=scan, password=PASSWORD), by_qr=True)
    assert account.account_id == empty.account


async def test_logging_in_again_replaces_the_session_and_ends_the_earlier_one(town: Town) -> None:
    before = await town.stored()
    town.world.send(town.anna, town.account, "between the sessions")
    await log_in(town, given(town))
    after = await town.stored()
    assert town.keys.decrypt(after.sealed_key) != town.keys.decrypt(before.sealed_key)
    assert len(list(town.server.keys.of(town.account))) == 1, "the earlier session is still signed in at Telegram"
    assert after.update_state == before.update_state, "what came between the sessions would be lost"
    notes = Notes()
    async with town.connected(notes):
        await notes.until(lambda: notes.texts == ["between the sessions"])


async def test_an_account_that_a_process_owns_is_left_alone(town: Town) -> None:
    await town.pool.execute("update accounts set phone = $1", town.world.users[town.account].phone)
    async with town.pool.acquire() as owner:
        assert await locks.try_lock(owner, town.account)
        keys = set(town.server.keys.of(town.account))
        with pytest.raises(Refused, match="running process"):
            await log_in(town, given(town))
        await town.pool.execute("update accounts set phone = ''")
        with pytest.raises(Refused, match="running process"):
            await log_in(town, given(town))
        with pytest.raises(Refused, match="running process"):
            await logins.logout(settings=town.settings, keys=town.keys, pool=town.pool, account_id=town.account)
        await locks.unlock(owner, town.account)
    assert set(town.server.keys.of(town.account)) == keys, "a session that was not stored stayed signed in"


async def test_logging_out_ends_the_session_and_forgets_the_key(town: Town) -> None:
    out = {"settings": town.settings, "keys": town.keys, "pool": town.pool, "account_id": town.account}
    assert await logins.logout(**out)  # type: ignore[arg-type]
    stored = await town.stored()
    assert (stored.state, stored.sealed_key) == ("logged_out", b"")
    assert not list(town.server.keys.of(town.account))
    with pytest.raises(Refused, match="not logged in"):
        await logins.logout(**out)  # type: ignore[arg-type]


async def test_in_a_copy_that_nobody_confirmed_no_session_is_ended(town: Town) -> None:
    """It is that of the machine which is in use."""
    async with town.pool.acquire() as connection:
        await installation.check(connection)
        await connection.execute("update installation set system_identifier = 'another'")
    with pytest.raises(DataError, match="confirm-database"):
        await logins.logout(settings=town.settings, keys=town.keys, pool=town.pool, account_id=town.account)
    assert list(town.server.keys.of(town.account)), "still signed in"


async def test_a_session_that_telegram_ended_can_still_be_logged_out_here(town: Town) -> None:
    town.server.revoke(town.account)
    assert not await logins.logout(settings=town.settings, keys=town.keys, pool=town.pool, account_id=town.account)
    async with town.pool.acquire() as connection:
        account = await sessions.load(connection, town.account)
    assert account is not None
    assert account.state == "logged_out"
