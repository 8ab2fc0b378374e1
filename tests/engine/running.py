"""The engine's real parts in this process: the sandbox's Telegram and models, a real PostgreSQL, a clock to turn."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import asyncpg

from salesbot.dialog.model import Dialog, DialogEvent, Mode, Status
from salesbot.dialog.scenario import Scenario
from salesbot.dialog.trial import Trial
from salesbot.engine.accounts import Supervisor
from salesbot.engine.chores import Chores
from salesbot.engine.context import Context
from salesbot.engine.inbox import Inbox
from salesbot.engine.outbox import Outbox
from salesbot.engine.owner import Owner
from salesbot.engine.reconcile import Reconciler
from salesbot.engine.scheduler import Scheduler
from salesbot.engine.turns import Turns
from salesbot.keys import KeyRing
from salesbot.lifecycle import end
from salesbot.llm.client import ModelClient
from salesbot.settings import Settings
from salesbot.store import dialogs, drafts, sessions, suppressions, switches
from salesbot.store import pool as store_pool
from salesbot.store.dialogs import Fence
from salesbot.store.drafts import Draft
from salesbot.store.pool import Connection, transaction
from salesbot.store.sessions import StoredSession, UpdateState
from salesbot.userbot import client
from salesbot.userbot.client import TelethonGateway
from sandbox.app import Sandbox
from sandbox.mtproto.address import DC_ID, HOST
from sandbox.world import Action, Rule
from sandbox.world.model import Media, MediaKind
from tests.engine.patience import PATIENCE, TurnableClock, until
from tests.talk import TEAPOTS

T = TypeVar("T")

KEYS = KeyRing("a secret of the tests which is long enough")
SCENARIO = replace(TEAPOTS, name="sales", follow_ups=(timedelta(hours=24), timedelta(hours=72)), max_parts=3)


@dataclass
class Town:
    """The sandbox with one account of ours in it, and a database."""

    sandbox: Sandbox
    dsn: str
    pool: asyncpg.Pool
    """The test's own connections."""
    settings: Settings
    clock: TurnableClock = field(default_factory=TurnableClock)
    scenario: Scenario = SCENARIO
    trial: Trial | None = None
    """Of the next life of the engine."""
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.world = self.sandbox.world
        self.world.clock = self.clock.now
        self.account = self.who("sales")
        self.anna = self.who("anna")

    def who(self, username: str) -> int:
        user = self.world.users.by_username(username)
        assert user is not None
        return user.id

    async def sign_in(self) -> None:
        """Store a session of the account, as a login would."""
        key = self.sandbox.mtproto.keys.make(self.account).key
        place = UpdateState(self.world.box(self.account).pts, 0, self.world.now(), 0)
        async with self.pool.acquire() as connection:
            await suppressions.check_keys(connection, KEYS.key_ids)
            await sessions.save_signed_in(
                connection,
                StoredSession(
                    self.account, DC_ID, HOST, self.sandbox.mtproto.port, KEYS.encrypt(key), place, username="sales"
                ),
            )

    @asynccontextmanager
    async def engine(self, *, live: bool = True) -> AsyncIterator[Engine]:
        """A life of the engine, stopped in order at the end unless it was killed."""
        engine = Engine(self, await store_pool.create(self.dsn))
        try:
            if live:
                await engine.until_live()
            yield engine
            if not engine.killed:
                await engine.stop()
        finally:
            await engine.kill()

    def slower(self, **timings: float) -> None:
        """Other timings for the next life of the engine."""
        self.settings = self.settings.model_copy(update=timings)

    # -- what people do

    def says(self, text: str, *, who: int | None = None, **also: Any) -> int:
        """The person writes to the account; the id in the account's box."""
        return self.world.send(who or self.anna, self.account, text, **also).twin_id

    @contextmanager
    def long_ago(self) -> Iterator[None]:
        """What is said in here was said a week ago."""
        self.world.clock = lambda: self.clock.now() - timedelta(days=7)
        yield
        self.world.clock = self.clock.now

    def sends_album(self, text: str, photos: int) -> None:
        """Photos at once, the first with a text."""
        group = self.world.random.getrandbits(62)
        for number in range(photos):
            photo = Media(MediaKind.PHOTO, width=10, height=10)
            self.world.send(self.anna, self.account, "" if number else text, media=photo, group_id=group)

    def colleague_types(self, text: str, *, to: int | None = None) -> int:
        """Somebody types from the account on another device."""
        return self.world.send(self.account, to or self.anna, text).id

    def heard(self, who: int | None = None) -> list[str]:
        """What the person got from the account, in order; a disclosure is left out."""
        history = self.world.history(who or self.anna, self.account, limit=1000)
        return [said(message.text) for message in reversed(history) if not message.out]

    async def until_heard(self, *texts: str, who: int | None = None) -> None:
        """Wait until the person has got exactly this."""
        try:
            await until(lambda: self.heard(who) == list(texts))
        except AssertionError:
            assert self.heard(who) == list(texts)

    # -- trouble

    def fault(self, api: str, action: Action, **also: Any) -> Rule:
        return self.world.faults.add(Rule(api, action, **also))

    async def fired(self, rule: Rule, times: int = 1) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.world.faults.wait_fired(rule.id, times)

    def release(self, rule: Rule) -> None:
        self.world.faults.release(rule.id)

    def answers(self, *parts: str, **also: Any) -> Rule:
        """What the model says next."""
        reply = {"parts": parts, "stage": "offer", "outcome": "none", "handoff": None, **also}
        return self.fault("model.chat", Action.CONTENT, text=json.dumps(reply))

    @property
    def asked(self) -> int:
        """How often a model was asked."""
        return len(self.sandbox.models.requests)

    def shown(self, number: int = -1) -> str:
        """What a model was shown, the instructions left out."""
        return "\n".join(str(one["content"]) for one in self.sandbox.models.requests[number]["messages"][1:])

    def calls(self, method: str) -> int:
        """How often the account made this call."""
        return len([p for p in self.world.log.since(kind="rpc", method=method) if p.user == self.account])

    # -- what the database holds

    async def dialog(self, dialog_id: int = 1) -> Dialog:
        async with self.pool.acquire() as connection:
            found = await dialogs.get(connection, dialog_id)
        assert found is not None
        return found

    async def rows(self, query: str, *args: object) -> list[asyncpg.Record]:
        return list(await self.pool.fetch(query, *args))

    async def value(self, query: str, *args: object) -> Any:
        return await self.pool.fetchval(query, *args)

    async def parts(self, dialog_id: int = 1) -> list[tuple[str, str]]:
        """(first line, state) of all parts, in order."""
        rows = await self.rows(
            "select content, send_state from messages where dialog_id = $1 and random_id is not null order by id",
            dialog_id,
        )
        return [(said(row["content"]), row["send_state"]) for row in rows]

    async def kinds(self, dialog_id: int = 1) -> list[str]:
        """The events of a dialog."""
        return [
            row["kind"]
            for row in await self.rows("select kind from events where dialog_id = $1 order by id", dialog_id)
        ]

    async def until_status(self, status: Status, dialog_id: int = 1) -> Dialog:
        async def reached() -> bool:
            return (await self.dialog(dialog_id)).status is status

        try:
            await until(reached)
        except AssertionError:
            assert (await self.dialog(dialog_id)).status is status
        return await self.dialog(dialog_id)

    async def until_parts(self, *expected: tuple[str, str], dialog_id: int = 1) -> None:
        async def reached() -> bool:
            return await self.parts(dialog_id) == list(expected)

        try:
            await until(reached)
        except AssertionError:
            assert await self.parts(dialog_id) == list(expected)

    async def draft(self, dialog_id: int = 1) -> Draft | None:
        async with self.pool.acquire() as connection:
            return await drafts.waiting(connection, dialog_id)

    async def until_draft(self, *texts: str, dialog_id: int = 1) -> Draft:
        """Wait until these words wait for a button."""

        async def waits() -> bool:
            draft = await self.draft(dialog_id)
            return draft is not None and tuple(said(one) for one in draft.parts) == texts

        await until(waits, f"the draft {texts}")
        draft = await self.draft(dialog_id)
        assert draft is not None
        return draft

    async def until_value(self, query: str, expected: object, *args: object) -> None:
        async def reached() -> bool:
            return bool(await self.value(query, *args) == expected)

        try:
            await until(reached)
        except AssertionError:
            assert await self.value(query, *args) == expected

    async def until_stored(self, text: str, count: int = 1) -> None:
        await self.until_value("select count(*) from messages where content = $1", count, text)

    async def until_at_rest(self, dialog_id: int = 1) -> None:
        """Wait until nothing of a dialog is due or on its way."""
        await self.until_value(
            """
            select due_at is null and not exists (
                select from messages where dialog_id = $1 and send_state in ('pending', 'sending'))
            from dialogs where id = $1
            """,
            True,
            dialog_id,
        )

    async def lead(self, event: DialogEvent, dialog_id: int = 1, **also: Any) -> bool:
        """Do what an admin's command does; whether a part was on its way."""
        async with transaction(self.pool) as connection:
            dialog = await dialogs.lock(connection, dialog_id)
            assert dialog is not None
            await dialogs.apply(connection, dialog, event, actor="admin:1", now=self.clock.now(), **also)
            return await dialogs.in_flight(connection, dialog_id)


def said(text: str) -> str:
    """Without the disclosure."""
    return text.split("\n\n", maxsplit=1)[0]


class Engine:
    """What ``app`` composes, without the desk."""

    def __init__(self, town: Town, pool: asyncpg.Pool) -> None:
        self.town = town
        self.pool = pool
        self.context = Context(
            town.settings,
            pool,
            town.clock,
            KEYS,
            ModelClient(town.settings, town.clock),
            {"sales": town.scenario},
            lambda: next(town.numbers),
            town.trial,
        )
        self.inbox = Inbox(self.context)
        self.outbox = Outbox(self.context)
        self.reconciler = Reconciler(self.context, self.inbox, self.outbox)
        self.scheduler = Scheduler(self.context, Turns(self.context), self.outbox, self.reconciler)
        self.chores = Chores(self.context)
        self.owner = Owner(town.dsn, pool, town.clock)
        self.gateways: list[TelethonGateway] = []
        self.killed = False
        self._stop, self._quiet, self._over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        supervisor = Supervisor(self.context, self.owner, self.reconciler, self._connect)
        self._tasks = [
            asyncio.create_task(self.owner.run(self._over), name="owner"),
            asyncio.create_task(supervisor.run(self._quiet), name="accounts"),
            asyncio.create_task(self.scheduler.run(self._stop), name="scheduler"),
            asyncio.create_task(self.chores.run(self._stop), name="chores"),
        ]

    async def _connect(self, session: StoredSession, fence: Fence, may_write: Callable[[], bool]) -> TelethonGateway:
        gateway = await client.connect(
            session,
            settings=self.town.settings,
            keys=KEYS,
            pool=self.pool,
            fence=fence,
            may_write=may_write,
            inbox=self.inbox,
            clock=self.town.clock,
        )
        self.gateways.append(gateway)
        return gateway

    async def until_live(self) -> None:
        await until(self.is_live, "the account is live")

    def is_live(self) -> bool:
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()
        return self.town.account in self.context.live

    async def start(self, target: str = "anna", basis: str = "", *, preview: bool = False) -> int:
        """What ``/start`` commits."""
        async with transaction(self.pool) as connection:
            dialog = await dialogs.open_dialog(
                connection,
                account_id=self.town.account,
                target=target,
                scenario="sales",
                basis=basis,
                actor="admin:1",
                now=self.town.clock.now(),
                preview=preview,
            )
        self.context.work.wake()
        return dialog.id

    async def begin(self, target: str = "anna") -> int:
        """A dialog in which the account has said ``Hello`` and waits."""
        town, who = self.town, self.town.who(target)
        town.answers("Hello")
        dialog_id = await self.start(target)
        await until(lambda: "Hello" in town.heard(who), "the first message")
        await town.until_at_rest(dialog_id)
        return dialog_id

    async def lead(self, event: DialogEvent, dialog_id: int = 1) -> bool:
        """An admin's command, as the desk does it: committed, then poked."""
        in_flight = await self.town.lead(event, dialog_id)
        self.context.poke(dialog_id)
        return in_flight

    async def act(self, does: Callable[[Connection, Dialog], Awaitable[T]], dialog_id: int = 1) -> T:
        """What an admin does to a dialog, as the desk does it: with the row locked, committed, then poked."""
        async with transaction(self.town.pool) as connection:
            dialog = await dialogs.lock(connection, dialog_id)
            assert dialog is not None
            done = await does(connection, dialog)
        self.context.poke(dialog_id)
        return done

    async def switch(self, does: Callable[[Connection], Awaitable[T]]) -> T:
        """What an admin does to all dialogs at once."""
        async with transaction(self.town.pool) as connection:
            done = await does(connection)
        self.context.work.wake()
        return done

    async def set_mode(self, mode: Mode, *, of_all: bool = False) -> None:
        if of_all:
            await self.switch(lambda connection: switches.set_mode(connection, mode))
            return
        now = self.town.clock.now()
        await self.act(lambda c, dialog: dialogs.set_mode(c, dialog, mode, actor="admin:1", now=now))

    async def looks(self) -> None:
        """One more look for work; what it began is over."""
        await self.scheduler._look()
        await until(lambda: not self.scheduler._workers, "no dialog is worked at")

    async def turn_clock(self, by: timedelta) -> None:
        await self.town.clock.turn(by)
        self.context.work.wake()

    async def type_on(self, by: timedelta = timedelta(seconds=61)) -> None:
        """Wait until a part is being typed, and let so much time pass."""
        shown = self.town.calls("messages.setTyping")
        await until(lambda: self.town.calls("messages.setTyping") > shown, "typing is shown")
        await self.turn_clock(by)

    async def stop(self, turns_budget: float = 3.0, sends_budget: float = 2.0) -> None:
        """The order of law 11, as ``app`` keeps it."""
        scheduler = self._tasks[2]
        self._stop.set()
        await scheduler
        await self.scheduler.drain(turns_budget, sends_budget)
        self._quiet.set()
        await self._tasks[1]
        await self._tasks[3]
        self._over.set()
        await self._tasks[0]

    async def kill(self) -> None:
        """From one moment to the next: what is under way is not finished, nothing more is written."""
        self.killed = True
        self.owner.close()
        for gateway in self.gateways:
            gateway.condemn("killed")
        self.pool.terminate()
        mine = [task for task in asyncio.all_tasks() if _is_engines(task)]
        await end(*self._tasks, *mine)  # once may be taken for the end of a connection that was just terminated
        await self.context.model.close()


def _is_engines(task: asyncio.Task[Any]) -> bool:
    return task.get_name().startswith(
        ("dialog-", "send-", "account-", "gateway-", "prepare-", "typing", "lease-", "summary-")
    )


def settings_of(sandbox: Sandbox, key_file: Any, **also: Any) -> Settings:
    """No delays at all."""
    return Settings(
        **{
            "api_id": 1,
            "api_hash": "hash",
            "bot_token": "1:token",
            "admin_telegram_id": (1,),
            "openrouter_api_key": "key",
            "secret_key": "a secret of the tests which is long enough",
            "llm_base_url": sandbox.state()["model"],
            "llm_models": ("sandbox/echo", "sandbox/seller"),
            "telegram_server": f"{HOST}:{sandbox.mtproto.port}",
            "telegram_server_dc": DC_ID,
            "telegram_server_key": key_file,
            "debounce_seconds": 0,
            "debounce_cap_seconds": 0,
            "read_delay_seconds": 0,
            "typing_seconds_per_char": 0,
            "typing_min_seconds": 0,
            "typing_max_seconds": 0,
            "part_pause_seconds": 0,
            "new_dialogs_per_day": 0,
            **also,
        }
    )
