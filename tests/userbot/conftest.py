"""The real gateway on a real PostgreSQL, against the sandbox's MTProto server in this process."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from salesbot.clock import SystemClock
from salesbot.dialog.model import Seen
from salesbot.keys import KeyRing
from salesbot.settings import Settings
from salesbot.store import sessions
from salesbot.store.dialogs import Fence
from salesbot.store.sessions import StoredSession, UpdateState
from salesbot.userbot.client import TelethonGateway, connect
from sandbox.mtproto.address import DC_ID, HOST
from sandbox.mtproto.crypto import ServerKey
from sandbox.mtproto.server import MTProtoServer
from sandbox.world import Role, World

PATIENCE = 10.0


class QuickClock(SystemClock):
    """Waits a hundredth of what is asked: the chores of a connection come round often enough for a test."""

    def __init__(self) -> None:
        self.naps: Counter[float] = Counter()
        """How often somebody began to wait for so many seconds."""

    async def sleep(self, seconds: float) -> None:
        self.naps[seconds] += 1
        await asyncio.sleep(seconds / 100)


@dataclass
class Notes:
    """An inbox that keeps what it is told, and fails when ``refuses`` says so."""

    refuses: Callable[[Seen], bool] = lambda seen: False
    messages: list[Seen] = field(default_factory=list)
    edits: list[Seen] = field(default_factory=list)
    deletions: list[int] = field(default_factory=list)
    reads: list[tuple[int, int]] = field(default_factory=list)
    ids: list[tuple[int, int]] = field(default_factory=list)
    gaps: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def arrived(self, account_id: int, seen: Sequence[Seen]) -> None:
        for one in seen:
            if self.refuses(one):
                raise RuntimeError("the inbox cannot store this")
            self.messages.append(one)
            await self._tell()

    async def edited(self, account_id: int, seen: Seen) -> None:
        self.edits.append(seen)
        await self._tell()

    async def deleted(self, account_id: int, telegram_message_ids: Sequence[int]) -> None:
        self.deletions += telegram_message_ids
        await self._tell()

    async def read_by_people(self, account_id: int, up_to: Mapping[int, int]) -> None:
        self.reads += up_to.items()
        await self._tell()

    async def sent_id(self, account_id: int, random_id: int, telegram_message_id: int) -> None:
        self.ids.append((random_id, telegram_message_id))
        await self._tell()

    async def gap(self, account_id: int) -> None:
        self.gaps += 1
        await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(condition)

    @property
    def texts(self) -> list[str]:
        return [seen.text for seen in self.messages]


class Town:
    """A world with its server, and one account of the product in it."""

    def __init__(self, world: World, server: MTProtoServer, settings: Settings, pool: asyncpg.Pool) -> None:
        self.world = world
        self.server = server
        self.settings = settings
        self.pool = pool
        self.keys = KeyRing("a secret of the tests which is long enough")
        self.clock = QuickClock()
        self.may_write = True
        self.account = world.users.create(Role.ACCOUNT, "Maria", last_name="Orlova", username="sales").id
        self.anna = world.users.create(Role.TARGET, "Anna", username="anna", lang_code="ru").id
        self.boris = world.users.create(Role.TARGET, "Boris", username="boris").id
        self.bot = world.users.create(Role.BOT, "Desk", username="desk_bot").id
        self.fence = Fence(self.account, 1, str(uuid.uuid4()))

    async def sign_in(self) -> None:
        """Store a session for the account, as a login would, and own it."""
        key = self.server.keys.make(self.account).key
        place = UpdateState(self.world.box(self.account).pts, 0, self.world.now(), 0)
        async with self.pool.acquire() as connection:
            await sessions.save_signed_in(
                connection,
                StoredSession(self.account, DC_ID, HOST, self.server.port, self.keys.encrypt(key), place),
            )
            await connection.execute(
                "update accounts set epoch = $2, owner = $3::uuid where id = $1",
                self.account,
                self.fence.epoch,
                self.fence.owner,
            )

    async def stored(self) -> StoredSession:
        async with self.pool.acquire() as connection:
            account = await sessions.load(connection, self.account)
        assert account is not None
        return account

    async def stored_pts(self) -> int:
        place = (await self.stored()).update_state
        assert place is not None
        return place.pts

    async def until_stored(self, pts: int) -> None:
        """Wait until the update state in the database has come this far."""
        async with asyncio.timeout(PATIENCE):
            while await self.stored_pts() < pts:  # noqa: ASYNC110 - a row tells nobody that it changed
                await asyncio.sleep(0.01)

    @property
    def pts(self) -> int:
        """How far the account's stream has come at the server."""
        return self.world.box(self.account).pts

    async def connect(self, notes: Notes, *, fence: Fence | None = None) -> TelethonGateway:
        return await connect(
            await self.stored(),
            settings=self.settings,
            keys=self.keys,
            pool=self.pool,
            fence=fence or self.fence,
            may_write=lambda: self.may_write,
            inbox=notes,
            clock=self.clock,
        )

    @asynccontextmanager
    async def connected(self, notes: Notes) -> AsyncIterator[TelethonGateway]:
        """A running gateway, closed in order at the end."""
        gateway = await self.connect(notes)
        running = asyncio.create_task(gateway.run())
        try:
            yield gateway
            await gateway.close(budget=PATIENCE)  # a slow disk is not what is tested
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def ending(self, gateway: TelethonGateway) -> BaseException | None:
        """How the connection ends by itself."""
        async with asyncio.timeout(PATIENCE):
            (end,) = await asyncio.gather(gateway.run(), return_exceptions=True)
        return end


@pytest.fixture
async def town(server_key: ServerKey, pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[Town]:
    world = World(seed=1)
    server = MTProtoServer(world, rsa=server_key)
    await server.start()
    key_file = tmp_path / "server.pem"
    key_file.write_text(server.public_key)
    settings = Settings.model_construct(
        None,
        api_id=1,
        api_hash=SecretStr("hash"),
        telegram_server=f"{HOST}:{server.port}",
        telegram_server_dc=DC_ID,
        telegram_server_key=key_file,
    )
    town = Town(world, server, settings, pool)
    await town.sign_in()
    yield town
    world.faults.clear()
    await server.stop()
    world.close()
