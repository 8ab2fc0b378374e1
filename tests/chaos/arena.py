"""One run's world: a sandbox, a database behind a proxy, the product kept alive as systemd keeps it, and a witness.

async with opened(folder, server, forks, seed) as arena:
    number = await arena.open("anna")
    await arena.line("anna")
    await arena.answered()
    ...
    verdict = judge(await arena.rest())
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from tests.chaos import journal
from tests.chaos.ledger import TOKEN
from tests.chaos.record import Expect, Record
from tests.chaos.server import Server
from tests.chaos.wire import WireProxy
from tests.chaos.witness import Witness
from tests.security.canaries import Canaries, Finding
from tests.support.forkserver import ForkServer
from tests.support.house import ACCOUNT, BOT, OPERATOR, SECRET, House, Json, open_house
from tests.support.product import Notices, Product
from tests.support.waiting import gone, until

PATIENCE = 60.0
"""Seconds after the last fault within which everything must have come to rest."""
RESTART_PAUSE = 0.1
STOP_BUDGET = 10.0
NOT_STOPPED = 124
"""Stands for the exit code of a product that does not end within its budget (law 11)."""
POLITELY, BRIEFLY = "Please confirm {}, thank you", "{}"
LEFT_BY_ITSELF = "the product ended by itself with"
SENTENCES = ("farewell", "safe_sentence", "waiting", "disclosure", "identity")
"""Of the scenario: what the program says itself."""
CEILINGS = ("BUDGET_PER_DIALOG", "BUDGET_PER_DAY")
SETTINGS = {
    "LLM_MODELS": "sandbox/echo-parts",
    "LLM_TIMEOUT": "5",
    "LOG_LEVEL": "DEBUG",
    "BUDGET_PER_DIALOG": "1",
    "BUDGET_PER_DAY": "20",
}
ANSWER_LATER = "select due_at from dialogs where id = $1 and due_at > now() + interval '5 minutes'"
FOLLOW_UP_LATER = "select follow_up_at from dialogs where id = $1 and follow_up_at > now() + interval '5 minutes'"
TOMORROW = "select due_at from dialogs where id = $1 and due_at = date_trunc('day', now(), 'UTC') + interval '1 day'"
TIME_LEFT = "select now() + interval '90 seconds' < date_trunc('day', now(), 'UTC') + interval '1 day'"
NIGHT = (timedelta(hours=11), timedelta(hours=13))
"""From now, in UTC: where the clocks are half a day ahead it is night all through a run, and nowhere else."""
NIGHT_ZONE, DAY_ZONE = "Etc/GMT-12", "UTC"
"""Of which the first is twelve hours ahead of the second (POSIX counts to the west)."""


class Keeper:
    """Starts the product whenever it is not running, as systemd does. ``ended`` are the exit codes so far."""

    def __init__(self, product: Product, *, plainly: bool) -> None:
        self.product = product
        self.ended: list[int] = []
        self.kills = 0
        self.spared = False
        """Trouble is over: whatever was still to come does not come any more."""
        self.up = asyncio.Event()
        self.ready = asyncio.Event()
        self._plainly = plainly
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.up.clear()
        self.ready.clear()
        self._task = asyncio.create_task(self._keep(), name="keeper")
        await self.up.wait()

    async def _keep(self) -> None:
        while True:
            notices = Notices()
            child = await self.product.launch(
                {"NOTIFY_SOCKET": notices.address}, plainly=self._plainly and not self.ended
            )
            self.up.set()
            listening = asyncio.create_task(self._listen(notices), name="notices")
            try:
                self.ended.append(await child.wait(float("inf")))
            finally:
                listening.cancel()
                notices.close()
            self.up.clear()
            self.ready.clear()
            await asyncio.sleep(RESTART_PAUSE)  # RestartSec of a unit

    async def _listen(self, notices: Notices) -> None:
        await notices.wait("READY=1")
        self.ready.set()

    def kill(self) -> None:
        """``kill -9``, in this very moment."""
        if not self.spared and self.up.is_set() and self.product.child.alive:
            self.kills += 1
            self.ready.clear()
            self.product.child.send(signal.SIGKILL)

    def give_up(self) -> None:
        """Start it no more, whatever ended the run."""
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> int:
        """Let it end in order; the exit code."""
        assert self._task is not None
        await asyncio.wait_for(self.ready.wait(), PATIENCE)
        self._task.cancel()
        try:
            return await self.product.stop(timeout=STOP_BUDGET)
        except TimeoutError:
            return NOT_STOPPED

    @property
    def unasked(self) -> list[int]:
        """How it ended when nobody had killed it."""
        return [code for code in self.ended if code != -signal.SIGKILL]


class Arena:
    """What kinds and acts play with. Everything waits for up to a minute, for the product may be dead just then."""

    def __init__(
        self, house: House, server: Server, proxy: WireProxy, witness: Witness, keeper: Keeper, seed: int
    ) -> None:
        self.house = house
        self.control = house.control
        self.server = server
        self.proxy = proxy
        self.witness = witness
        self.keeper = keeper
        self.canaries = Canaries()
        self.chance = random.Random(seed)
        self.tokens: dict[str, tuple[int, Expect]] = {}
        self.struck = 0
        """How many kills came about at their places."""
        self.exit_code = 0
        """How the product ended when it was stopped in order, after the run."""
        self._numbers: dict[str, int] = {}
        self._said: Counter[tuple[int, str]] = Counter()
        self._read = 0
        self._mark = self.canaries.says("everybody", "")

    async def start(self) -> None:
        """Let the product be started, and started again whenever it is dead."""
        await self.keeper.start()

    async def killed(self) -> None:
        """Kill it, and wait until it is up again."""
        kills = len(self.keeper.ended)
        self.keeper.kill()

        async def back() -> bool:
            return len(self.keeper.ended) > kills and self.keeper.ready.is_set()

        await until(back, "it was killed and started again", PATIENCE)

    # --- people

    async def line(self, who: str, expect: Expect = Expect.ONCE, words: str = POLITELY, tokens: int = 1) -> Json:
        """A line with tokens of its own; the message as it stands in the person's box. Of a talk of many lines only the
        first of somebody is long: nobody types them at once, turn by turn, but a machine."""
        names = []
        for _ in range(tokens):
            self._numbers[who] = self._numbers.get(who, 0) + 1
            names.append(f"{who.upper()}-{self._numbers[who]}")
            self.tokens[names[-1]] = (self.house.id_of(who), expect)
        mark = "" if words == BRIEFLY else self._mark
        said: Json = await self.control.say(who, ACCOUNT, words.format(" ".join(names)) + mark)
        return said

    async def colleague(self, to: str, text: str = "A colleague here, one moment") -> None:
        """A human writes from another device of the account."""
        await self.control.say(ACCOUNT, to, text)

    def answers(self, token: str) -> int:
        """How many lines of the product say it to the person whose it is."""
        fresh, self._read = self.witness.lines[self._read :], len(self.witness.lines)
        for line in fresh:
            if line.by_product:
                self._said.update((line.person, one) for one in set(TOKEN.findall(line.text)))
        person, _ = self.tokens[token]
        return self._said[person, token]

    def unanswered(self) -> list[str]:
        wanted = (token for token, (_, expect) in self.tokens.items() if expect is Expect.ONCE)
        return [token for token in wanted if not self.answers(token)]

    async def answered(self, patience: float = PATIENCE) -> None:
        """Wait until every token that must be answered is."""

        async def unanswered() -> list[str]:
            return self.unanswered()

        await gone(unanswered, "every line is answered", patience)

    # --- the operator

    async def tell(self, command: str) -> int:
        return await self.house.tell_bot(command)

    async def hears(self, matching: str, above: int) -> Json:
        return await self.house.bot_says(matching, above=above, timeout=PATIENCE)

    async def ask(self, command: str, matching: str) -> Json:
        return await self.hears(matching, await self.tell(command))

    async def open(self, who: str) -> int:
        """A dialog, once its first message has arrived and it is at rest; its number."""
        await self.ask(f"/start @{who}", rf"№ \d+: .*@{who}\b")
        await self.house.hears(who, timeout=PATIENCE)
        number = await self.value("select max(id) from dialogs where lower(target_username) = $1", who)
        await self.status(number, "active")
        return int(number)

    async def refused(self, above: int) -> None:
        """Wait until a dialog that was asked for after another one has turned out to be impossible."""

        async def is_so() -> bool:
            return bool(await self.value("select count(*) from dialogs where id > $1 and status = 'failed'", above))

        await until(is_so, f"a dialog above {above} has failed", PATIENCE)

    async def status(self, number: int, *wanted: str) -> None:
        async def is_so() -> bool:
            return await self.value("select status from dialogs where id = $1", number) in wanted

        await until(is_so, f"dialog {number} is {' or '.join(wanted)}", PATIENCE)

    async def stop(self, number: int) -> None:
        """``/stop``, once it is confirmed that nothing is on its way."""
        await self.ask(f"/stop {number}", rf"№ {number}: stopped\. Nothing of it is on its way")

    async def wait_is_over(self, number: int) -> None:
        """Let the times of a wait that are stored be over."""
        await self.value("update accounts set flood_until = now()")
        await self.value("update dialogs set not_before = null where id = $1", number)
        await self.value("update dialogs set due_at = now() where id = $1 and due_at is not null", number)
        await self.value(
            "update messages set not_before = now() where dialog_id = $1 and send_state = 'pending'", number
        )

    async def follow_up_is_due(self, number: int) -> None:
        await self.value("update dialogs set follow_up_at = now() where id = $1 and follow_up_at is not null", number)

    async def asleep(self, who: str, number: int) -> None:
        """It is night where they are, and the talk with them, of which nothing is on its way, was in the evening."""

        async def told() -> bool:
            query = "select count(*) from messages where dialog_id = $1 and send_state in ('pending', 'sending')"
            return not await self.value(query, number)

        await until(told, f"everything in dialog {number} is said", PATIENCE)
        await self.value("update contacts set timezone = $2 where id = $1", self.house.id_of(who), NIGHT_ZONE)
        await self.value("update messages set timestamp = timestamp - interval '3 hours' where dialog_id = $1", number)

    async def deferred(self, number: int, query: str = ANSWER_LATER) -> datetime:
        """Wait until something waits for the morning, or the next day; for when."""

        async def later() -> datetime | None:
            at: datetime | None = await self.value(query, number)
            return at

        return await until(later, f"dialog {number} waits", PATIENCE)

    async def time_is_left(self) -> None:
        """Money is counted by UTC's days: what is spent now must be of the same day when it is looked at."""
        await until(lambda: self.value(TIME_LEFT), "another day begins", PATIENCE + 90)

    async def awake(self, who: str, number: int) -> None:
        """The morning has come, and what waited for it is due."""
        await self.value("update contacts set timezone = $2 where id = $1", self.house.id_of(who), DAY_ZONE)
        await self.wait_is_over(number)

    async def events(self, kind: str, number: int | None = None) -> int:
        """How often something happened, in one dialog or at all."""
        query = "select count(*) from events where kind = $1 and dialog_id is not distinct from coalesce($2, dialog_id)"
        return int(await self.value(query, kind, number))

    async def happened(self, kind: str, number: int | None = None) -> None:
        async def is_so() -> bool:
            return await self.events(kind, number) > 0

        await until(is_so, f"{kind} happened", PATIENCE)

    async def follow_up_came(self, number: int) -> None:
        async def came() -> bool:
            return bool(await self.value(
                "select count(*) from messages where dialog_id = $1 and purpose = 'follow_up' and send_state = 'sent'",
                number,
            ))  # fmt: skip

        await until(came, f"a follow-up came in dialog {number}", PATIENCE)

    # --- the database, also while it comes and goes

    async def value(self, query: str, *words: Any) -> Any:
        """One value of the product's database."""
        while True:
            try:
                return await self.house.db.fetchval(query, *words)
            except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(0.1)  # it is away just now; whoever asked has patience

    # --- the end

    async def rest(self) -> Record:
        """End all trouble, let everything come to rest, stop the product, and tell what was seen."""
        self.keeper.spared = True
        await self.control.call("DELETE", "/faults")
        rested, self.exit_code = await self._stopped_at_rest()
        if self.exit_code == -signal.SIGKILL:  # the last kill had come a moment before
            await self.start()
            rested, self.exit_code = await self._stopped_at_rest()
        await self._told_everything()
        async with self.house.db.acquire() as connection:
            changes = await journal.read(connection)
        return Record(
            account=self.house.id_of(ACCOUNT),
            lines=tuple(self.witness.lines),
            journal=tuple(changes),
            tokens=dict(self.tokens),
            rested_at=rested,
            deleted=dict(self.witness.deleted),
            confirmed=tuple(self.witness.confirmed),
            sentences={name: frozenset(self.scenario[name].values()) for name in SENTENCES},
            follow_ups=len(self.scenario["follow_ups"]),
            ceilings=self._ceilings(),
        )

    # --- the scenario

    @property
    def scenario(self) -> Json:
        """As its file tells it."""
        return tomllib.loads(self._scenario_file.read_text(encoding="utf-8"))

    def rewrite_scenario(self, pattern: str, by: str) -> None:
        """Change one line of it, for the next start of the product."""
        text, found = re.subn(f"(?m){pattern}", by, self._scenario_file.read_text(encoding="utf-8"))
        assert found == 1, pattern
        self._scenario_file.write_text(text, encoding="utf-8")

    @property
    def _scenario_file(self) -> Path:
        return self.house.folder / "scenarios" / "sales" / "scenario.toml"

    def _ceilings(self) -> tuple[float, float]:
        of_dialog, of_day = (self.house.product.settings.get(name) or "0" for name in CEILINGS)
        return float(of_dialog), float(of_day)

    async def _stopped_at_rest(self) -> tuple[datetime, int]:
        """When it had come to rest, and the exit code."""
        with suppress(AssertionError):  # the oracle tells what is missing, better than we could
            await until(self._at_rest, "rest", PATIENCE)
        return datetime.now(UTC), await self.keeper.stop()

    async def leaks(self) -> list[Finding]:
        """Secrets and people's words in what was logged; secrets in what the operator was told and sent."""
        folder = self.house.folder
        found = [
            one
            for name in ("salesbot*.log", "product.out")  # the log begins a new file at 20 MB
            for path in sorted(folder.glob(name))
            for one in self.canaries.search(path, words=True)
        ]
        told = await self.house.chat(OPERATOR, BOT)
        found += self.canaries.search(json.dumps(told, ensure_ascii=False).encode(), words=False, name="the desk")
        for message in told:
            if message["media"] and not message["out"]:
                found += self.canaries.search(await self.house.file(message), words=False, name="an export")
        return found

    async def _at_rest(self) -> bool:
        """Nothing is due, nothing on its way, everything stored and answered."""
        if self.unanswered() or not self.keeper.ready.is_set():
            return False
        restless = await self.value(
            """
            select exists (select from dialogs where due_at is not null or status = 'active' and follow_up_at < now())
                or exists (select from messages where send_state in ('pending', 'sending'))
                or exists (select from messages where author = 'unexplained')
                or exists (select from dialogs where status = 'resolving')
            """
        )
        return not restless and not await self.unstored()

    async def unstored(self) -> Sequence[int]:
        """Lines of people in a dialog that are not stored yet."""
        people = set(await self.value("select coalesce(array_agg(distinct contact_id), '{}') from dialogs"))
        heard = [line for line in self.witness.lines if not line.out and line.id not in self.witness.deleted]
        known = [line.id for line in heard if line.person in people]
        stored = await self.value(
            """
            select coalesce(array_agg(telegram_message_id), '{}') from messages
            where telegram_message_id = any($1::bigint[])
            """,
            known,
        )
        return sorted(set(known) - set(stored))

    async def _told_everything(self) -> None:
        last = (await self.control.call("GET", "/log", since=1 << 40))["last_event"]
        await self.witness.caught_up(last)


@asynccontextmanager
async def opened(
    folder: Path,
    server: Server,
    forks: ForkServer,
    seed: int,
    *,
    plainly: bool = False,
    recording: bool = True,
    **settings: str,
) -> AsyncIterator[Arena]:
    """An arena whose product is not started yet; the operator has greeted the bot. ``recording``: of the proxy."""
    folder.mkdir(mode=0o700)
    async with (
        server.database(f"run_{seed}") as dsn,
        WireProxy.before(dsn, recording=recording) as proxy,
        open_house(folder, forks, dsn) as house,
    ):
        key = await house.sign_in()
        account, operator, bot = (house.id_of(ACCOUNT), house.id_of(OPERATOR), house.state["bot"]["id"])
        async with Witness.watching(house.state["control"], account, operator, bot) as witness:
            keeper = Keeper(house.product, plainly=plainly)
            arena = Arena(house, server, proxy, witness, keeper, seed)
            begins, ends = (f"{datetime.now(UTC) + after:%H:%M}" for after in NIGHT)
            night = f'timezone = "{DAY_ZONE}"\nquiet_hours = ["{begins}", "{ends}"]'
            arena.rewrite_scenario(r"^timezone = .*$", night)
            wanted = {**house.product.settings, **SETTINGS, **settings, "DATABASE_URL": proxy.dsn}
            chosen = arena.canaries.settings({name: wanted[name] for name in ("DATABASE_URL", "BOT_TOKEN")})
            house.product.settings = {**wanted, **chosen, "SECRET_KEY": SECRET}
            arena.canaries.secret("SECRET_KEY", SECRET)
            arena.canaries.secret("the auth key", key)
            await house.control.say(OPERATOR, BOT, "/start")
            try:
                yield arena
            finally:
                keeper.give_up()
