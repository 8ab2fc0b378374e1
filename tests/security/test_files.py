"""Whatever the product writes is for its owner alone; and a stolen database opens no account."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from salesbot.errors import DataError
from salesbot.keys import KeyRing
from tests.security.canaries import Canaries, forms
from tests.support.forkserver import ForkServer
from tests.support.house import ACCOUNT, House, open_house

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


@pytest.fixture(params=[0o000, 0o022], ids=["umask 000", "umask 022"])
async def open_handed(
    request: pytest.FixtureRequest, tmp_path: Path, forks: ForkServer, database: str
) -> AsyncIterator[House]:
    """A house whose processes begin with a careless umask."""
    before = os.umask(request.param)
    try:
        (tmp_path / "house").mkdir()
        async with open_house(tmp_path / "house", forks, database) as house:
            yield house
    finally:
        os.umask(before)


async def test_files_are_0600_and_folders_0700_after_a_whole_run(open_handed: House) -> None:
    """Login, run, export, change of the key: the log in folders of its own, the key, and what stands beside them."""
    house = open_handed
    mine = house.folder / "mine"
    mine.mkdir(mode=PRIVATE_FOLDER)
    settings = {
        "SECRET_KEY": None,
        "SECRET_KEY_FILE": str(mine / "secret.key"),
        "LOG_FILE": str(mine / "deep" / "logs" / "app.log"),
        "TMPDIR": str(mine),
    }
    person = house.person(ACCOUNT)
    login = ["-m", "salesbot", "login", "--phone", person["phone"], "--code", person["code"]]
    assert await (await house.product.launch(settings, words=login)).wait(60) == 0
    await house.tell_bot("/start")
    await house.product.start(settings)
    await house.begin("anna")
    await house.tell_bot("/export_all")
    await house.bot_says("Exported 1")
    assert await house.product.stop() == 0
    assert await (await house.product.launch(settings, words=["-m", "salesbot", "rekey"])).wait(60) == 0
    written = sorted(mine.rglob("*"))
    assert {path.name for path in written} == {"deep", "logs", "app.log", "secret.key"}, "and nothing else is left"
    modes = {str(path.relative_to(mine)): path.stat().st_mode & 0o777 for path in written}
    assert modes == {
        "deep": PRIVATE_FOLDER, "deep/logs": PRIVATE_FOLDER, "deep/logs/app.log": PRIVATE_FILE,
        "secret.key": PRIVATE_FILE,
    }  # fmt: skip


async def test_an_older_log_that_others_could_read_is_closed_to_them(quiet_house: House) -> None:
    log = quiet_house.folder / "salesbot.log"
    log.touch()
    log.chmod(0o644)
    await quiet_house.product.start()
    assert log.stat().st_mode & 0o777 == PRIVATE_FILE


async def everything(house: House) -> bytes:
    """Every row of every table, in the text that pg_dump writes, and every bytes value as it is."""
    found = []
    for (table,) in await house.db.fetch("select tablename from pg_tables where schemaname = 'public'"):
        for row in await house.db.fetch(f'select t::text as whole, t.* from "{table}" t'):  # noqa: S608 - our tables
            found += [value if isinstance(value, bytes) else str(value).encode() for value in row.values()]
    return b"\n".join(found)


async def test_a_dump_of_the_database_without_the_key_is_no_use_for_signing_in(house: House) -> None:
    session = await house.session(ACCOUNT)
    await house.product.stop()
    await house.sign_in()
    await house.product.start()
    await house.begin("anna")
    sealed = await house.db.fetchval("select auth_key from accounts")
    plain = KeyRing(house.product.settings["SECRET_KEY"]).decrypt(sealed)
    assert len(plain) == len(session.auth_key.key) == 256
    canaries = Canaries()
    canaries.secret("auth key", plain)
    canaries.secret("half of it", plain[64:192])
    canaries.secret("SECRET_KEY", house.product.settings["SECRET_KEY"])
    dump = await everything(house)
    assert sealed in dump, "the search looks at the right place"
    assert canaries.search(dump) == []
    with pytest.raises(DataError, match="another SECRET_KEY"):
        KeyRing("a key of somebody who has the dump alone").decrypt(sealed)
    assert all(form not in dump for _, form in forms(base64.b64encode(plain)))


async def test_a_sealed_key_that_was_tampered_with_is_refused(quiet_house: House) -> None:
    sealed = await quiet_house.db.fetchval("select auth_key from accounts")
    ring = KeyRing(quiet_house.product.settings["SECRET_KEY"])
    for place in (0, 20, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(DataError, match="another SECRET_KEY"):
            ring.decrypt(bytes(changed))
