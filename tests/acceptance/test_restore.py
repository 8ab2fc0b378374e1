"""A backup, a life that goes on, a database that is lost, a restore: as the operator does it, command by command.

Nobody is written to twice, whoever opted out since hears nothing, and the log of Telegram's packets says that nothing
at all was sent before the history of every open dialog was read.
"""

from __future__ import annotations

import os
import subprocess
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from sandbox import postgres
from tests.support.forkserver import ForkServer
from tests.support.house import ACCOUNT, House, Json
from tests.support.ledger import agree
from tests.support.product import Product
from tests.support.waiting import until

QUESTION = "We are 40 people, what would that cost?"


class Operator:
    """Whoever types commands on the server, and keeps the key of the backups elsewhere."""

    def __init__(self, house: House, forks: ForkServer) -> None:
        folder = house.folder / "commands"
        folder.mkdir()
        self._output = folder / "product.out"
        self._shell = Product(folder, forks, house.product.settings)
        self.key = house.folder / "backup.key"
        subprocess.run(["age-keygen", "--output", str(self.key)], check=True, capture_output=True)
        told = subprocess.run(["age-keygen", "-y", str(self.key)], check=True, capture_output=True, text=True)
        self._settings = {
            "PATH": os.pathsep.join([str(postgres.find_binaries()), os.environ["PATH"]]),
            "BACKUP_DIR": str(house.folder / "backups"),
            "BACKUP_RECIPIENT": told.stdout.strip(),
        }

    async def types(self, *words: str, code: int = 0, **changed: str) -> str:
        """What is printed. ``changed`` are settings."""
        self._output.unlink(missing_ok=True)
        child = await self._shell.launch({**self._settings, **changed}, words=("-m", "salesbot", *words))
        ended = await child.wait(60)
        text = self._output.read_text(encoding="utf-8")
        assert ended == code, text
        return text


@pytest.fixture
def operator(house: House, forks: ForkServer) -> Operator:
    return Operator(house, forks)


async def lose_the_database(house: House) -> None:
    url = urlsplit(house.dsn)
    connection = await asyncpg.connect(urlunsplit(url._replace(path="/postgres")))
    await connection.execute(f'drop database "{url.path[1:]}" with (force)')
    await connection.close()


async def calls(house: House, above: int) -> list[Json]:
    """What the account asked of Telegram after that line of the log, in order."""
    lines: list[Json] = (await house.control.call("GET", "/log", user=ACCOUNT, kind="rpc"))["lines"]
    return [line for line in lines if line["order"] > above]


async def test_a_database_that_was_lost_comes_back_and_nobody_notices(house: House, operator: Operator) -> None:
    anna, boris, clara = [await house.begin(name) for name in ("anna", "boris", "clara")]
    assert "age-keygen" in await operator.types("backup", code=78, BACKUP_RECIPIENT="")
    told = await operator.types("backup")
    assert "encrypted, verified" in told and "3 dialogs" in told
    file = next((house.folder / "backups").glob("*.tar.age"))
    assert "verified" in await operator.types("backup", "list")

    # It goes on: a reply, an opt-out, a colleague's line, somebody new.
    said = await house.says("anna", QUESTION)
    await house.hears("anna", above=said["id"])
    await house.says("boris", "Stop. Never write to me again.")
    await house.hears("boris", above=(await house.chat("boris"))[-1]["id"])
    await house.control.say(ACCOUNT, "clara", "It is Maria herself, I will call you tomorrow.")
    emma = await house.begin("emma")
    await house.at_rest(anna, boris, clara, emma)
    heard = {name: await house.heard(name) for name in ("anna", "boris", "clara", "emma")}

    await house.product.kill()
    await lose_the_database(house)
    before = (await calls(house, 0))[-1]["order"]

    assert "salesbot confirm-database" in await operator.types("restore", str(file), "--identity", str(operator.key))
    assert "restored from a backup" in await operator.types("run", code=78)
    assert "Confirmed" in await operator.types("confirm-database")
    assert "nothing to confirm" in await operator.types("confirm-database")
    assert await calls(house, before) == [], "no account was touched until then"

    await house.product.start()
    await house.bot_says("has read what was said since the backup")
    number = await start_again(house, "emma")
    for name, texts in heard.items():
        assert await house.heard(name) == texts, f"{name} was written to a second time"
    assert (await house.dialog(boris))["outcome"] == "opted_out"
    assert [(await house.dialog(n))["status"] for n in (anna, clara, number)] == ["taken", "taken", "taken"]
    assert number > emma, "her number of then is nobody else's"

    # And on again, with a human's word.
    await house.tell_bot(f"/give {anna}")
    said = await house.says("anna", "And what would 60 people cost?")
    await house.hears("anna", above=said["id"])
    await house.at_rest(anna)
    for n in (anna, clara):
        await agree(house, n)
    asked = await calls(house, before)
    first = next(at for at, line in enumerate(asked) if line["method"] == "messages.sendMessage")
    read = {line["peer"] for line in asked[:first] if line["method"] == "messages.getHistory"}
    assert {house.id_of(name) for name in ("anna", "boris", "clara")} <= read
    assert all(line["peer"] == house.id_of("anna") for line in asked if line["method"] == "messages.sendMessage")


async def start_again(house: House, name: str) -> int:
    """A command that was carried out after the backup is given again; the number of the dialog, taken over at once."""
    await house.tell_bot(f"/start @{name}")

    async def begun() -> int | None:
        return await house.db.fetchval(
            "select max(id) from dialogs where target_username = $1 and status = 'taken'", name
        )

    return await until(begun, f"the dialog with {name} is known as one that was begun before")
