"""``salesbot rekey``: another SECRET_KEY, and nothing is lost, whatever happens in the middle of it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from salesbot.keys import KeyRing
from tests.support.house import ACCOUNT, SECRET, House
from tests.support.ledger import agree
from tests.support.waiting import until

OLD = SECRET


@pytest.fixture
def key_file(quiet_house: House) -> Path:
    """The product is told of a file with one key, with which the session is sealed."""
    path = quiet_house.folder / "secret.key"
    path.write_text(OLD + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


async def rekey(house: House, code: int = 0, **changed: str | None) -> str:
    """Run the command; what it wrote."""
    settings = {"SECRET_KEY": None, "SECRET_KEY_FILE": str(house.folder / "secret.key"), **changed}
    child = await house.product.launch(settings, words=["-m", "salesbot", "rekey"])
    assert await child.wait(60) == code, house.product.log()
    return (house.folder / "product.out").read_text(encoding="utf-8")


async def opens(house: House, text: str) -> bool:
    """Whether these keys open the stored session."""
    sealed = await house.db.fetchval("select auth_key from accounts")
    return KeyRing(text).is_current(sealed)


def secrets_in(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


async def test_a_new_key_stands_first_every_session_is_sealed_with_it_and_the_story_goes_on(
    quiet_house: House, key_file: Path
) -> None:
    house = quiet_house
    serving = {"SECRET_KEY": None, "SECRET_KEY_FILE": str(key_file)}
    await house.product.start(serving)
    number = await house.begin("anna")
    await house.says("anna", "Please do not write to me again")
    await house.bot_says("asked not to be written to")
    assert await house.product.stop() == 0
    said = await rekey(house)
    fresh, old = secrets_in(key_file)
    assert old == OLD and fresh not in said and OLD not in said
    assert f"(fingerprint {KeyRing(fresh).key_ids[0]}); sessions encrypted with it: 1." in said
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert await opens(house, fresh) and not await opens(house, OLD)
    await house.product.start(serving)
    await house.ask("/start @anna", "@anna: that person asked never to be written to")  # marked with the old key
    await house.begin("boris")
    await agree(house, number)


async def test_it_refuses_while_a_process_runs_the_account(quiet_house: House, key_file: Path) -> None:
    house = quiet_house
    await house.product.start({"SECRET_KEY": None, "SECRET_KEY_FILE": str(key_file)})
    await house.begin("anna")
    serving = house.product.child
    try:
        said = await rekey(house, 1)
        assert f"A running process owns account {house.id_of(ACCOUNT)}. Stop it first" in said
        assert secrets_in(key_file) == [OLD] and await opens(house, OLD) and serving.alive
    finally:
        serving.send(signal.SIGKILL)
        await serving.wait()


async def test_killed_between_the_file_and_the_sessions_it_is_finished_by_the_next_run(
    quiet_house: House, key_file: Path
) -> None:
    house = quiet_house
    await house.db.execute(
        """
        create function wait_here() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock(4711); return new; end $$;
        create trigger wait_here before update of auth_key on accounts for each row execute function wait_here()
        """
    )

    async def waits() -> object:
        return await house.db.fetchval("select true from pg_locks where locktype = 'advisory' and not granted")

    async with house.db.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(4711)")
        settings = {"SECRET_KEY": None, "SECRET_KEY_FILE": str(key_file)}
        await house.product.launch(settings, words=["-m", "salesbot", "rekey"])
        await until(waits, "the file is written, the session is about to be")
        await house.product.kill()
    fresh, old = secrets_in(key_file)
    assert old == OLD
    assert await opens(house, OLD), "nothing was committed"
    await house.product.start(settings)
    await house.begin("anna")
    assert await house.product.stop() == 0
    assert "The first key is in use now" in await rekey(house)
    assert secrets_in(key_file) == [fresh, OLD], "no third key was made"
    assert await opens(house, fresh)


async def test_a_rest_of_a_killed_run_is_in_nobodys_way(quiet_house: House, key_file: Path) -> None:
    (quiet_house.folder / "secret.key.new").write_text("half a k", encoding="utf-8")
    await rekey(quiet_house)
    fresh, old = secrets_in(key_file)
    assert old == OLD and await opens(quiet_house, fresh)
    assert not (quiet_house.folder / "secret.key.new").exists()


async def test_keys_in_the_environment_are_put_there_by_the_operator(quiet_house: House) -> None:
    house, new = quiet_house, "another secret, which-is-long-enough-as-well".replace(",", "")
    assert "Nothing to do" in await rekey(house, SECRET_KEY=OLD)
    assert "sessions encrypted with it: 1." in await rekey(house, SECRET_KEY=f"{new},{OLD}")
    assert "Nothing to do" in await rekey(house, SECRET_KEY=f"{new},{OLD}")
    assert await opens(house, new)


@pytest.mark.parametrize("marked", [False, True])
async def test_without_an_older_key_nothing_is_changed(quiet_house: House, key_file: Path, marked: bool) -> None:
    """Neither when a session needs it, nor when only opt-outs do."""
    house, new = quiet_house, "another secret which is long enough as well"
    if marked:
        await house.db.execute("insert into secret_keys (key_id) values ($1)", KeyRing(OLD).key_ids[0])
        await house.db.execute("update accounts set auth_key = ''")
    key_file.write_text(new, encoding="utf-8")
    told = await rekey(house, 78)
    assert ("lacks a key that was used before" if marked else "encrypted with another SECRET_KEY") in told
    assert "Traceback" not in told
    assert key_file.read_text(encoding="utf-8") == new
    assert marked or await opens(house, OLD)


async def test_each_of_several_accounts_is_sealed_anew_and_one_signed_out_is_left(
    quiet_house: House, key_file: Path
) -> None:
    house = quiet_house
    await house.settle("second", role="account")
    await house.sign_in("second")
    await house.settle("third", role="account")
    await house.sign_in("third")
    await house.db.execute("update accounts set auth_key = '', state = 'logged_out' where username = 'third'")
    assert "sessions encrypted with it: 2." in await rekey(house)
    ring = KeyRing(secrets_in(key_file)[0])
    for row in await house.db.fetch("select username, auth_key from accounts where username <> 'third'"):
        assert ring.is_current(row["auth_key"]), row["username"]
