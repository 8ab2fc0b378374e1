"""The composition root: reads top to bottom as the process starts, lives and ends. It alone knows every other module.

Stop has an order and a budget (law 11): no new turns and claims; running turns commit or cancel; the send in flight
gets its answer; handlers are awaited and the update state written; sockets reset; locks released; the pool closed.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import asyncpg
import uvloop
from loguru import logger

from salesbot import __version__, keys, log, watch
from salesbot.adminbot import bot
from salesbot.adminbot.desk import Desk, random_id
from salesbot.clock import Clock, SystemClock
from salesbot.dialog import titles
from salesbot.dialog.scenario import Scenario
from salesbot.dialog.trial import Trial
from salesbot.doctor import run as doctor
from salesbot.engine.accounts import Connect, Supervisor
from salesbot.engine.chores import Chores
from salesbot.engine.context import Context
from salesbot.engine.inbox import Inbox
from salesbot.engine.outbox import Outbox
from salesbot.engine.owner import Owner
from salesbot.engine.reconcile import Reconciler
from salesbot.engine.scheduler import Scheduler
from salesbot.engine.turns import Turns
from salesbot.errors import SettingsError
from salesbot.keys import KeyRing
from salesbot.lifecycle import heartbeat, sd_notify, wait_any, watchdog
from salesbot.llm.client import ModelClient
from salesbot.scenarios import load as scenarios
from salesbot.settings import Settings
from salesbot.store import locks, pool
from salesbot.store.dialogs import Fence
from salesbot.store.pool import UNAVAILABLE
from salesbot.store.prepare import prepare
from salesbot.store.sessions import StoredSession
from salesbot.userbot import client, dial
from salesbot.userbot.client import TelethonGateway

TURNS_BUDGET = 3.0
SENDS_BUDGET = 2.0
RETRY = 2.0
GARBAGE = 5_000
"""New objects after which Python looks for garbage among them: a turn makes thousands, and nearly all go by themselves.
Looking every 700, its habit, was 2 % of the processor time of a busy process, and this is less than half of it."""


async def serve(config: Settings, ring: KeyRing, trial: Trial | None = None) -> None:
    """Run the product until SIGTERM or SIGINT; in a ``trial`` it writes to one person alone.

    Raises ``SettingsError``/``DataError`` when it cannot start.
    """
    clock = SystemClock()
    stop = _stop_on_signals()
    known = scenarios.load_all(config.scenarios_dir)
    if config.scenario not in known:
        raise SettingsError(f"SCENARIO names {config.scenario!r}; there are: {', '.join(sorted(known))}")
    dial.server(config)
    identity = str(uuid.uuid4())
    database = await _database(config, ring, identity, stop)
    if database is None:
        return
    try:
        await _live(config, ring, clock, identity, database, known, trial, stop)
    finally:
        await pool.close(database)
        await logger.complete()


async def _live(
    config: Settings,
    ring: KeyRing,
    clock: Clock,
    identity: str,
    database: asyncpg.Pool,
    known: Mapping[str, Scenario],
    trial: Trial | None,
    stop: asyncio.Event,
) -> None:
    """Make the parts, run them as named tasks, end them in order."""
    model = ModelClient(config, clock)
    context = Context(config, database, clock, ring, model, known, random_id, trial)
    inbox = Inbox(context)
    outbox = Outbox(context)
    reconciler = Reconciler(context, inbox, outbox)
    scheduler = Scheduler(context, Turns(context), outbox, reconciler)
    owner = Owner(config.database_url.get_secret_value(), database, clock, identity)
    supervisor = Supervisor(context, owner, reconciler, _connector(context, ring, inbox))
    stages = {name: [stage.name for stage in one.stages] for name, one in known.items()}
    desk = Desk(
        database,
        config,
        clock,
        ring,
        tuple(known),
        context.poke,
        context.news,
        trial=trial,
        stages=stages,
        titles=titles.of(known.values()),
        connected=context.live.keys,
        checkup=partial(doctor.at_the_desk, config, database),
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGCONT, owner.look)
    quiet, over = asyncio.Event(), asyncio.Event()
    failures: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(owner.run(over), name="owner")
            tasks.create_task(supervisor.run(quiet), name="accounts").add_done_callback(lambda _: over.set())
            tasks.create_task(_work(scheduler, stop, quiet), name="scheduler")
            tasks.create_task(Chores(context).run(stop), name="chores")
            tasks.create_task(bot.run(desk, stop), name="admin-bot")
            tasks.create_task(watchdog(stop), name="watchdog")
            tasks.create_task(heartbeat(stop), name="heartbeat")
            tasks.create_task(watch.run(config, database, clock, context.live.keys, stop), name="watch")
            gc.freeze()  # what lives as long as the process is not looked through at every collection
            gc.set_threshold(GARBAGE, 10, 10)
            sd_notify("READY=1\nSTATUS=Работает · running")
            logger.bind(version=__version__).info("ready")
    except BaseExceptionGroup as group:
        failures = _parts(group)
    finally:
        owner.close()
        await model.close()
    for other in failures[1:]:
        logger.opt(exception=other).critical("failed at the same time")
    if failures:
        raise failures[0]  # here, and not above, where the group would take the place of what it came of


async def _work(scheduler: Scheduler, stop: asyncio.Event, quiet: asyncio.Event) -> None:
    """The scheduler; when it has come to rest, the connections to Telegram may end."""
    try:
        await scheduler.run(stop)
        sd_notify("STOPPING=1\nSTATUS=Останавливается · stopping")
        await scheduler.drain(TURNS_BUDGET, SENDS_BUDGET)
    finally:
        quiet.set()


async def _database(config: Settings, ring: KeyRing, identity: str, stop: asyncio.Event) -> asyncpg.Pool | None:
    """The pool of a migrated database that belongs to these keys; waited for, because it may start after us."""
    dsn = config.database_url.get_secret_value()
    while not stop.is_set():
        try:
            await prepare(dsn, ring.key_ids)
            return await pool.create(dsn, name=locks.session_name(identity))
        except asyncpg.InvalidAuthorizationSpecificationError as exc:
            raise SettingsError(f"DATABASE_URL is refused by PostgreSQL: {exc}") from exc
        except asyncpg.InvalidCatalogNameError as exc:
            raise SettingsError(f"DATABASE_URL: {exc}. Create it: createdb sales_bot") from exc
        except UNAVAILABLE as exc:
            logger.bind(error=log.summary(exc)).warning("waiting for the database")
            sd_notify("STATUS=Ждёт базу данных · waiting for the database")
            await wait_any(stop, timeout=RETRY)
    return None


def _connector(context: Context, ring: KeyRing, inbox: Inbox) -> Connect:
    async def connect(session: StoredSession, fence: Fence, may_write: Callable[[], bool]) -> TelethonGateway:
        return await client.connect(
            session,
            settings=context.settings,
            keys=ring,
            pool=context.pool,
            fence=fence,
            may_write=may_write,
            inbox=inbox,
            clock=context.clock,
        )

    return connect


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _parts(error: BaseException) -> list[BaseException]:
    """The errors in a group, however deep, in their order: the first ended the process."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [part for one in error.exceptions for part in _parts(one)]


def start(config: Settings, trial: Trial | None = None) -> None:
    """What ``python main.py`` does once the settings are good, and ``salesbot try`` once it knows whom to talk to."""
    keep = timedelta(days=config.log_retention_days)
    log.setup(config.log_level, config.log_file, config.secrets, as_json=config.log_format == "json", keep=keep)
    uvloop.run(serve(config, keys.load(config), trial))
