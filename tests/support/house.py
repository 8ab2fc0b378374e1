"""Everything for one story: a sandbox, a database, an account signed in there, and the product as a process.

    async with open_house(folder, forks, dsn) as house:
        await house.sign_in()
        await house.product.start()
        number = await house.begin("anna")
        await house.says("anna", "How much is it?")
        await house.at_rest(number)

What the tests look at is what the sandbox's people see and what stands in the database, read with SQL of their own. The
product's code is used for one thing alone: to store the session of an account that needs no login (``sign_in``).
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from telethon.sessions import StringSession

from salesbot.keys import KeyRing
from salesbot.scenarios.load import SHIPPED
from salesbot.store import sessions
from salesbot.store.sessions import StoredSession, UpdateState
from sandbox.control.client import Control
from sandbox.mtproto.crypto import ServerKey
from sandbox.scenarios import QUICK, copy_without_quiet_hours
from tests.support.forkserver import Child, ForkServer, Program
from tests.support.product import Product
from tests.support.waiting import PATIENCE, gone, until

SECRET = "a secret of the tests which is long enough"
ACCOUNT = "sales"
OPERATOR = "operator"
BOT = "sales_desk_bot"

Json = dict[str, Any]


class House:
    """One story's world. ``state`` is what the sandbox says of itself; ``db`` looks into the product's database."""

    def __init__(self, folder: Path, dsn: str, state: Json, control: Control, db: asyncpg.Pool) -> None:
        self.folder = folder
        self.dsn = dsn
        self.state = state
        self.control = control
        self.db = db
        self.product: Product

    # --- who is there

    def id_of(self, username: str) -> int:
        return int(self.person(username)["id"])

    def person(self, username: str) -> Json:
        """Somebody as the state file tells them: id, phone, code, name."""
        return next(user for user in self.state["users"] if user["username"] == username)

    async def settle(self, username: str, **fields: Any) -> int:
        """One more person of the sandbox; the id."""
        user: Json = await self.control.call("POST", "/users", username=username, **fields)
        self.state["users"].append(user)
        return int(user["id"])

    async def session(self, username: str) -> StringSession:
        """A session of this person for any client, without a login."""
        told: Json = await self.control.call("POST", "/session", user=username)
        return StringSession(told["session"])

    async def sign_in(self, username: str = ACCOUNT) -> bytes:
        """Store a session of an account as a login in an empty world leaves it; its key."""
        session = await self.session(username)
        person, sealed = self.person(username), KeyRing(SECRET).encrypt(session.auth_key.key)
        place = UpdateState(1, 0, datetime.now(UTC), 0)
        stored = StoredSession(
            person["id"], session.dc_id, session.server_address, session.port, sealed, place,
            username=username, name=person["name"], phone=person["phone"],
        )  # fmt: skip
        async with self.db.acquire() as connection:
            await sessions.save_signed_in(connection, stored)
        return bytes(session.auth_key.key)

    # --- what people say and hear

    async def says(self, who: str, *texts: str) -> Json:
        """Lines of a person to the account, one right after the other; the last as it stands in their chat."""
        said: Json = {}
        for text in texts:
            said = await self.control.say(who, ACCOUNT, text)
        return said

    async def chat(self, who: str, with_: str = ACCOUNT) -> list[Json]:
        """Everything said between two people as the first one has it, oldest first."""
        messages: list[Json] = (await self.control.chat(who, with_))["messages"]
        return messages

    async def heard(self, who: str, above: int = 0) -> list[str]:
        """What the account said to a person, from above a message of their chat."""
        return [one["text"] for one in await self.chat(who) if not one["out"] and one["id"] > above]

    async def hears(self, who: str, matching: str = "", above: int = 0, timeout: float = PATIENCE) -> Json:
        """Wait for a line of the account to a person."""
        heard: Json = await self.control.wait_message(who, ACCOUNT, matching, above=above, timeout=timeout)
        return heard

    # --- the operator

    async def tell_bot(self, text: str, who: str = OPERATOR) -> int:
        return int((await self.control.say(who, BOT, text))["id"])

    async def bot_says(self, matching: str = "", above: int = 0, who: str = OPERATOR, **fields: Any) -> Json:
        """Wait for a message of the bot."""
        said: Json = await self.control.wait_message(
            who, BOT, matching, **{"above": above, "timeout": PATIENCE, **fields}
        )
        return said

    async def ask(self, command: str, matching: str = "") -> Json:
        """Tell the bot something; its first message after that which matches."""
        return await self.bot_says(matching, above=await self.tell_bot(command))

    async def begin(self, username: str, options: str = "") -> int:
        """Open a dialog; its number, once the first message has arrived and nothing is on its way."""
        told = await self.ask(f"/start @{username} {options}".strip(), rf"^№ \d+: looking up @{username}\b")
        number = int(re.findall(r"\d+", told["text"])[0])
        await self.hears(username)
        await self.at_rest(number)
        return number

    async def file(self, message: Json) -> bytes:
        """The document of a message."""
        async with self.control._http.get(f"{self.state['control']}/files/{message['media']['file_id']}") as response:
            assert response.status == 200
            return await response.read()

    # --- the database

    async def dialog(self, number: int) -> asyncpg.Record:
        row = await self.db.fetchrow("select * from dialogs where id = $1", number)
        assert row is not None, f"there is no dialog {number}"
        return row

    async def messages(self, number: int) -> Sequence[asyncpg.Record]:
        """Everything stored of a dialog: what Telegram knows in its order, then what it does not."""
        return await self.db.fetch(
            "select * from messages where dialog_id = $1 order by telegram_message_id nulls last, id", number
        )

    async def at_rest(self, *numbers: int, seconds: float = PATIENCE) -> None:
        """Wait until these dialogs have nothing left to do: no turn is due, nothing of them is on its way."""

        async def restless() -> Sequence[int]:
            rows = await self.db.fetch(
                """
                select id from dialogs d where id = any($1::bigint[]) and (due_at is not null or exists (
                    select from messages where dialog_id = d.id and send_state in ('pending', 'sending')))
                """,
                numbers,
            )
            return [row["id"] for row in rows]

        await gone(restless, f"dialogs {numbers} are at rest", seconds)

    async def has_stored(self, number: int, text: str, seconds: float = PATIENCE) -> asyncpg.Record:
        """Wait until a line stands in the database."""

        async def stored() -> asyncpg.Record | None:
            return await self.db.fetchrow(
                "select * from messages where dialog_id = $1 and content = $2 and telegram_message_id is not null",
                number,
                text,
            )

        return await until(stored, f"{text!r} is stored", seconds)


@asynccontextmanager
async def open_house(folder: Path, forks: ForkServer, dsn: str, *also: str) -> AsyncIterator[House]:
    """A house in which nobody is signed in yet and the product is not started. ``also``: more words for the sandbox."""
    state_file = folder / "sandbox.json"
    output = folder / "sandbox.out"
    words = ["-m", "sandbox", "--state", str(state_file), "--key", str(_server_key(forks.folder)), *also]
    child = await forks.start(Program(words, {"PATH": os.defpath}, str(folder), str(output)))
    try:
        state = await _state_of(child, state_file, output)
        db = await asyncpg.create_pool(dsn, min_size=0, max_size=4, init=_prepare)
        async with Control(state["control"]) as control:
            house = House(folder, dsn, state, control, db)
            house.product = Product(folder, forks, _settings(folder, dsn, state))
            try:
                yield house
            finally:
                await house.product.close()
                await db.close()
    finally:
        child.send(signal.SIGKILL)
        await child.wait()


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def _state_of(child: Child, state_file: Path, output: Path) -> Json:
    async def written() -> bool:
        assert child.alive, f"the sandbox ended:\n{output.read_text()}"
        return state_file.exists()

    await until(written, "the sandbox is up")
    state: Json = json.loads(state_file.read_text(encoding="utf-8"))
    return state


def _server_key(folder: Path) -> Path:
    """One for all sandboxes of a fork server: making one takes a while."""
    path = folder / "server-key.pem"
    if not path.exists():
        mine = folder / f"server-key-{os.getpid()}.pem"
        ServerKey.load(mine)
        mine.replace(path)  # whole at any moment: other workers may be at it
    return path


def _settings(folder: Path, dsn: str, state: Json) -> dict[str, str]:
    """The settings of the product, as an operator would write them into .env."""
    mtproto = state["mtproto"]
    key = folder / "server.pem"
    key.write_text(mtproto["public_key"], encoding="ascii")
    operators = [str(user["id"]) for user in state["users"] if user["role"] == "operator"]
    return {
        **QUICK,
        "API_ID": "1",
        "API_HASH": "0" * 32,
        "BOT_TOKEN": state["bot"]["token"],
        "ADMIN_TELEGRAM_ID": ",".join(operators),
        "OPENROUTER_API_KEY": "sandbox",
        "DATABASE_URL": dsn,
        "LOG_LEVEL": "DEBUG",
        "LOG_FILE": str(folder / "salesbot.log"),
        "SECRET_KEY": SECRET,
        "LLM_BASE_URL": state["model"],
        "LLM_MODELS": "sandbox/seller",
        "NEW_DIALOGS_PER_DAY": "0",
        "FIRST_CONTACT_PREVIEW": "false",
        "BOT_API_URL": state["bot_api"],
        "TELEGRAM_SERVER": f"{mtproto['host']}:{mtproto['port']}",
        "TELEGRAM_SERVER_DC": str(mtproto["dc_id"]),
        "TELEGRAM_SERVER_KEY": str(key),
        "SCENARIOS_DIR": str(copy_without_quiet_hours(SHIPPED / "sales", folder / "scenarios")),
    }
