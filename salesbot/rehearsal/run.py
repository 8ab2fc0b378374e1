"""A whole rehearsal: a stage is set, every customer plays in a world of their own, and what came about is judged.

Two scenarios are rehearsed in one ``place``, one after the other. The result is the same, to the byte, for the same
options, however fast the machine is and however many worlds run at once.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from salesbot.clock import SystemClock
from salesbot.dialog.model import Person
from salesbot.dialog.scenario import Scenario
from salesbot.keys import KeyRing
from salesbot.rehearsal import programs, scratch
from salesbot.rehearsal.cast import cast
from salesbot.rehearsal.endpoint import PatientClient, RehearsalFailed, introduce
from salesbot.rehearsal.judge import judge
from salesbot.rehearsal.profile import Profile
from salesbot.rehearsal.reader import read
from salesbot.rehearsal.record import Record, Rehearsal
from salesbot.rehearsal.world import Player, Stage, World, begins, watched
from salesbot.settings import Settings
from salesbot.store import accounts, dialogs, sessions
from salesbot.store.pool import Connection, transaction
from salesbot.store.sessions import StoredSession

SCRIPTED_SELLER = "sandbox/saboteur"
"""Who sells where no endpoint is given: of its drafts one in ten is spoilt, and none of those may reach anybody."""
AT_ONCE = 8
CONNECTIONS = 5
"""Worlds wait for models, not for the database; each connection has every statement planned for itself."""
ACCOUNTS, PEOPLE, REPEATS = 7_000_000_000, 5_000_000_000, 100_000
"""Where the Telegram ids of accounts and of people begin, and how far those of two repeats lie apart."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator asks for. Empty models: the settings', or the scripted ones."""

    settings: Settings
    customers: int = 50
    """Of the usual mix; the adversaries come on top."""
    seed: int = 1
    repeats: int = 1
    model: str = ""
    customer_model: str = ""
    at_once: int = AT_ONCE


@dataclass(frozen=True, slots=True)
class Place:
    """Where rehearsals are held: a database server, an endpoint, and who plays."""

    server: str
    settings: Settings
    customer_model: str
    notes: tuple[str, ...] = field(default=())


@asynccontextmanager
async def place(options: Options) -> AsyncIterator[Place]:
    """Start what has to be started, and end it. Raises ``SettingsError`` where something is missing."""
    given, notes = options.settings, list[str]()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="salesbot-rehearsal-")))
        model, customer_model = options.model, options.customer_model
        if "llm_base_url" in given.model_fields_set:
            base_url = given.llm_base_url
            model = model or given.llm_models[0]
            customer_model = customer_model or ("" if model.startswith("sandbox/") else model)
        else:
            base_url = await stack.enter_async_context(programs.endpoint(folder))
            model = model or SCRIPTED_SELLER
            notes.append("The models are scripts: LLM_BASE_URL is not set.")
        settings = _settings(given, base_url, model)
        for one in filter(None, dict.fromkeys((model, customer_model))):
            await introduce(settings, one, "\n".join(notes))
        if "database_url" in given.model_fields_set:
            server = given.database_url.get_secret_value()
            notes.append("Played in a scratch database beside that of DATABASE_URL, dropped at the end.")
        else:
            server = await stack.enter_async_context(programs.postgres(folder))
            notes.append("Played in an embedded PostgreSQL that kept nothing: DATABASE_URL is not set.")
        yield Place(server, settings, customer_model, tuple(notes))


def _settings(given: Settings, base_url: str, model: str) -> Settings:
    """The operator's own, but for what would couple the customers, and for their words, which are looked at."""
    return given.model_copy(
        update={
            "llm_base_url": base_url,
            "llm_models": (model,),
            "new_dialogs_per_day": 0,
            "budget_per_day": Decimal(0),
            "retention_days": 0,
            "answer_strangers": False,
        }
    )


async def rehearse(found: Place, options: Options, scenario: Scenario, progress: Progress) -> Rehearsal:
    """One scenario, in a database of its own. Raises ``RehearsalFailed``."""
    who = cast(options.customers, options.seed, scenario)
    settings = found.settings.model_copy(update={"scenario": scenario.name})
    model = PatientClient(settings, SystemClock())
    keys = KeyRing(secrets.token_urlsafe(32))
    try:
        async with scratch.database(found.server, keys, connections=CONNECTIONS) as pool:
            stage = Stage(scenario, settings, pool, keys, model, found.customer_model, options.seed)
            records = await _play_all(stage, await _players(stage, who, options.repeats), options.at_once, progress)
    finally:
        await model.close()
    return Rehearsal(
        scenario=scenario.name,
        seed=options.seed,
        customers=len(who),
        repeats=options.repeats,
        model=settings.llm_models[0],
        customer_model=found.customer_model,
        stages=tuple(stage.name for stage in scenario.stages),
        currency=next((fact.price.currency for fact in scenario.facts if fact.price), ""),
        verdicts=tuple(judge(record, scenario) for record in records),
        notes=found.notes,
    )


async def _players(stage: Stage, who: tuple[Profile, ...], repeats: int) -> list[Player]:
    """The rows that a campaign begins with, in one order: a dialog's number says when its night is over."""
    owner, now = str(uuid.uuid4()), begins(stage.scenario)
    async with transaction(stage.pool) as connection:
        return [
            await _player(connection, stage, owner, profile, repeat, now)
            for repeat in range(1, repeats + 1)
            for profile in who
        ]


async def _player(
    connection: Connection, stage: Stage, owner: str, profile: Profile, repeat: int, now: datetime
) -> Player:
    """An account that is ours, and a dialog that waits for its person to be looked up."""
    number = repeat * REPEATS + profile.number
    person = Person(
        PEOPLE + number,
        access_hash=number,
        username=f"{profile.name}_{repeat}".replace("-", "_"),
        name=profile.person,
        language=profile.language,
        phone=profile.phone,
    )
    account_id = ACCOUNTS + number
    await sessions.save_signed_in(connection, StoredSession(account_id, 2, "127.0.0.1", 443, b"none"))
    fence = await accounts.take(connection, account_id, owner, "rehearsal", "rehearsal")
    assert fence is not None and person.username is not None
    dialog = await dialogs.open_dialog(
        connection,
        account_id=account_id,
        target=person.username,
        scenario=stage.scenario.name,
        basis="",
        actor="admin:1",
        now=now,
    )
    return Player(profile, repeat, person, fence, dialog.id)


async def _play_all(stage: Stage, players: Sequence[Player], at_once: int, progress: Progress) -> tuple[Record, ...]:
    """Every world to its end, some at once; the first that fails ends them all."""
    records: list[Record] = []
    waiting = iter(players)

    async def play() -> None:
        for player in waiting:
            records.append(await _play(stage, player))
            progress(len(records), len(players))

    progress(0, len(players))
    try:
        with watched():
            async with asyncio.TaskGroup() as group:
                for number in range(at_once):
                    group.create_task(play(), name=f"stage-{number}")
    except* RehearsalFailed as failures:
        failed = failures.exceptions[0]
        assert isinstance(failed, RehearsalFailed)
        raise failed from failed.__cause__
    return tuple(sorted(records, key=lambda one: (one.profile.number, one.repeat)))


async def _play(stage: Stage, player: Player) -> Record:
    try:
        await World(stage, player).play()
        return await read(stage, player)
    except Exception as exc:  # the whole rehearsal ends with it; whose world it was is what helps
        raise RehearsalFailed(f"{player.who}: {str(exc) or type(exc).__name__}") from exc
