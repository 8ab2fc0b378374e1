"""One connection of one account to Telegram: the ``Gateway`` that the engine sees.

It lives once: whatever goes wrong with it condemns it, its socket is reset, and whoever supervises the account makes a
fresh one from the update state that was written (laws 1, 3, 5). ``run`` delivers and ends with the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import asyncpg
from loguru import logger
from telethon.tl import functions, types

from salesbot.clock import Clock
from salesbot.dialog.model import Person, Seen
from salesbot.errors import AccountUnusable, FloodWait, NotOwner, Refused, SalesbotError, Transient, Unknown
from salesbot.keys import KeyRing
from salesbot.lifecycle import end
from salesbot.log import summary
from salesbot.settings import Settings
from salesbot.store import sessions
from salesbot.store.dialogs import Fence
from salesbot.store.pool import ACQUIRE_TIMEOUT, UNAVAILABLE
from salesbot.store.sessions import Device, StoredSession, UpdateState
from salesbot.userbot import answers, convert, dial
from salesbot.userbot.box import Box
from salesbot.userbot.delivery import Batch, Delivery
from salesbot.userbot.gateway import Chat, ChatState, Inbox, Sent
from salesbot.userbot.peers import PeerBook
from salesbot.userbot.rpc_errors import name_of, translate
from salesbot.userbot.session import Session
from salesbot.userbot.transport import Wire

STATE_EVERY = 1.0
PROBE_EVERY = 60.0
"""A client that only listens never learns that it was logged out; every second probe also takes a difference."""


async def connect(
    account: StoredSession,
    *,
    settings: Settings,
    keys: KeyRing,
    pool: asyncpg.Pool,
    fence: Fence,
    may_write: Callable[[], bool],
    inbox: Inbox,
    clock: Clock,
) -> TelethonGateway:
    """Open a fresh connection from the written state. Deliveries wait until ``run`` is called.

    Raises ``Transient`` (not reached), ``AccountUnusable`` (dead session), ``NotOwner``, ``DataError`` (other key).
    """
    dc_id, address, port = dial.server(settings) or (account.dc_id, account.server_address, account.server_port)
    session = Session.restore(dc_id, address, port, keys.decrypt(account.sealed_key), account.update_state)
    gateway = TelethonGateway(
        fence=fence,
        session=session,
        device=account.device,
        settings=settings,
        pool=pool,
        may_write=may_write,
        inbox=inbox,
        clock=clock,
    )
    try:
        await gateway.open(account)
    except BaseException:  # whatever ended it, the socket does not stay open
        await gateway.close()
        raise
    return gateway


class TelethonGateway:
    """See ``gateway.Gateway`` for the calls. Made by ``connect``."""

    def __init__(
        self,
        *,
        fence: Fence,
        session: Session,
        device: Device,
        settings: Settings,
        pool: asyncpg.Pool,
        may_write: Callable[[], bool],
        inbox: Inbox,
        clock: Clock,
    ) -> None:
        self.account_id: Final = fence.account_id
        self._fence = fence
        self._pool = pool
        self._clock = clock
        self._may_write = may_write
        self._log = logger.bind(account=fence.account_id)
        self._peers = PeerBook(fence.account_id, pool)
        self._wire = Wire(may_write, self._lost)
        self._client = dial.ListeningClient(session, device, settings, self._wire, self.condemn)
        self._client.listener = self._take
        self._box = Box(self._client._log["messagebox"], self._peers.knows, self._lost_updates, self.condemn)
        self._current = asyncio.Event()
        self._client._message_box = self._box
        self._delivery = Delivery(fence.account_id, inbox, self._peers, self._message)
        self._client.room = self._delivery.room
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting: set[asyncio.Future[bool]] = set()
        """Who waits for an answer: one future for each call, True unless its time is over."""
        self._end: SalesbotError | None = None
        self._sending = 0
        self._taking = True
        self._running = False
        self._written: UpdateState | None = None

    # -- the life of the connection

    async def open(self, account: StoredSession) -> None:
        """Connect, and make sure that this is the account it should be."""
        self._written = account.update_state
        await self._peers.load()
        self._ready()
        try:
            async with asyncio.timeout(dial.CONNECT_TIMEOUT):
                await self._client.connect()
        except Transient:
            raise  # of a proxy
        except Exception as exc:  # whatever Telethon raises, translated
            raise translate(exc, effect=False) from exc
        if account.update_state is None:
            self._lost_updates()
            self._current.set()
        me = await self._call(functions.users.GetUsersRequest([types.InputUserSelf()]))
        if [user.id for user in me] != [self.account_id]:
            raise AccountUnusable("key_lost", f"the stored session is not of account {self.account_id}")
        self._log.info("connected")

    async def run(self) -> None:
        """Deliver until the connection is over. Returns after ``close``; otherwise raises ``Transient`` (condemned or
        lost: make a fresh one), ``AccountUnusable`` or ``NotOwner``."""
        self._running = True
        chores = [
            asyncio.create_task(chore, name=f"account {self.account_id}: {name}")
            for name, chore in (
                ("delivery", self._delivery.run()),
                ("update state", self._keep_state()),
                ("probe", self._probe()),
            )
        ]
        try:
            await asyncio.wait({self._over, *chores}, return_when=asyncio.FIRST_COMPLETED)
            for chore in chores:
                if chore.done() and (error := chore.exception()) is not None:
                    self._finish(_ending(error))
        finally:
            self._running = False
            self._finish(None)
            await end(*chores)
            await self._client.end()
        if self._end is not None:
            raise self._end

    async def close(self, budget: float = 1.0) -> None:
        """The orderly end (law 11): what was taken is stored, the update state is written, the socket is reset."""
        self._taking = False
        if self._running and not self._over.done():
            drained = asyncio.create_task(self._settle())
            await asyncio.wait({drained, self._over}, timeout=budget, return_when=asyncio.FIRST_COMPLETED)
            await end(drained)
        self._finish(None)
        if not self._running:
            await self._client.end()

    def condemn(self, reason: str) -> None:
        self._finish(Transient(f"the connection was given up: {reason}"))

    def _finish(self, end: SalesbotError | None) -> None:
        """The first reason counts. From here on nothing is sent, taken or written."""
        if self._over.done():
            return
        self._end = end
        self._taking = False
        self._over.set_result(None)
        self._wire.reset()
        for woken in self._waiting:
            _wake(woken)
        if end is not None:
            self._log.warning("connection over: {}", end)

    def _lost(self) -> None:
        """A socket is gone: cut by Telegram, by the lease, or because the loop of Telethon's updates died."""
        if not self._may_write():
            self._finish(NotOwner(f"the lease on account {self.account_id} is over"))
        cause = self._client._updates_error or ConnectionResetError("the connection to Telegram is gone")
        self._finish(translate(cause, effect=False))

    async def _probe(self) -> None:
        """Ask where the account's stream is: a dead session answers with an error, a silent gap shows."""
        rounds = 0
        while True:
            await self._clock.sleep(PROBE_EVERY)
            try:
                there = await self._call(functions.updates.GetStateRequest())
            except FloodWait:
                continue
            here = self._box.state()
            rounds += 1
            if rounds % 2 == 0 or here is None or there.pts > here.pts:
                await self._client.catch_up()

    # -- updates and their state

    def _take(self, updates: Sequence[Any], users: Sequence[Any]) -> None:
        """Called where Telethon has just moved its state, with the updates that moved it."""
        if self._taking:
            self._delivery.put(Batch(updates, {user.id: user for user in users}, self._place()))
            if self._box.has_caught_up():
                self._current.set()

    async def caught_up(self) -> None:
        """Waits for ever on a connection that is over: wait for ``run`` beside it."""
        await self._current.wait()
        await self._delivery.drained()

    def _lost_updates(self) -> None:
        if self._taking:
            self._delivery.put(Batch(gap=True))

    def _place(self) -> UpdateState | None:
        return None if self._sending else self._box.state()

    async def _keep_state(self) -> None:
        while True:
            await self._delivery.moved.wait()
            await self._clock.sleep(STATE_EVERY)
            self._delivery.moved.clear()
            try:
                await self._write_state()
            except UNAVAILABLE as exc:  # the state only stays behind; whether we may go on is the lease's to say
                self._delivery.moved.set()
                self._log.warning("the update state could not be written: {}", summary(exc))

    async def _settle(self) -> None:
        await self._delivery.drained()
        await self._write_state()

    async def _write_state(self) -> None:
        place = self._delivery.settled
        if place is None or place == self._written or self._over.done():
            return
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            await sessions.write_update_state(connection, self._fence, place)
        self._written = place

    # -- calls

    def _ready(self) -> None:
        """Whether anything may be asked at all; what is refused here was certainly not done."""
        if not self._may_write():
            raise NotOwner(f"the lease on account {self.account_id} is over")
        if self._over.done():
            raise self._end or Transient("the connection is closed")

    async def _call(self, request: Any) -> Any:
        """A call without side effects worth knowing of: when it fails it was not done."""
        try:
            return await self._invoke(request)
        except SalesbotError:
            raise
        except Exception as exc:  # whatever Telethon raises, translated
            raise self._meaning(exc, effect=False) from exc

    async def _invoke(self, request: Any, *, effect: bool = False) -> Any:
        """Raises Telethon's errors. Whoever stops waiting for the answer of a call with an effect condemns the
        connection, which might else carry it out later."""
        self._ready()
        loop = asyncio.get_running_loop()
        woken, answer = loop.create_future(), self._client.put(request)
        answer.add_done_callback(partial(_wake, woken))
        limit = loop.call_later(dial.CALL_TIMEOUT, _give_up, woken)
        self._waiting.add(woken)
        in_time: bool | None = None
        try:
            in_time = await woken
        finally:
            limit.cancel()
            self._waiting.discard(woken)
            if not answer.done():
                answer.cancel()
                if effect and in_time is None:
                    self.condemn(f"{type(request).__name__} was not waited for")
        if not in_time:
            self.condemn(f"{type(request).__name__}: no answer within {dial.CALL_TIMEOUT:.0f} s")
            raise TimeoutError
        if answer.cancelled():
            raise ConnectionAbortedError("the connection ended before the answer")
        return answer.result()

    def _meaning(self, error: Exception, *, effect: bool) -> SalesbotError:
        meaning = translate(error, effect=effect)
        if isinstance(meaning, AccountUnusable):
            self._finish(meaning)
        return meaning

    async def resolve(self, username: str) -> Person:
        found = await self._call(functions.contacts.ResolveUsernameRequest(username))
        users = {user.id: user for user in found.users}
        return self._learn(users.get(found.peer.user_id) if isinstance(found.peer, types.PeerUser) else None)

    async def person(self, user_id: int) -> Person:
        peer = await self._peers.input_peer(user_id)
        found = await self._call(functions.users.GetUsersRequest([types.InputUser(peer.user_id, peer.access_hash)]))
        return self._learn(found[0] if found else None)

    def _learn(self, user: Any) -> Person:
        known = convert.person(user)
        self._peers.learn(known)
        return known

    async def read(self, peer_id: int, up_to: int) -> None:
        peer = await self._peers.input_peer(peer_id)
        await self._call(functions.messages.ReadHistoryRequest(peer, max_id=up_to))

    async def typing(self, peer_id: int) -> None:
        try:
            peer = await self._peers.input_peer(peer_id)
            await self._call(functions.messages.SetTypingRequest(peer, types.SendMessageTypingAction()))
        except (Refused, Transient) as exc:
            self._log.debug("typing was not shown: {}", exc)

    async def send(self, peer_id: int, text: str, random_id: int) -> Sent:
        peer = await self._peers.input_peer(peer_id)
        self._ready()
        self._sending += 1
        try:
            request = functions.messages.SendMessageRequest(peer, text, random_id=random_id, no_webpage=True)
            return answers.sent(await self._invoke(request, effect=True), random_id)
        except SalesbotError:
            raise
        except Exception as exc:  # whatever Telethon raises, translated
            if name_of(exc) == "RANDOM_ID_DUPLICATE":
                return Sent(None, self._clock.now())
            meaning = self._meaning(exc, effect=True)
            if isinstance(meaning, Unknown):
                self.condemn(str(meaning))
            raise meaning from exc
        finally:
            self._sending -= 1
            if self._taking and not self._sending:
                self._delivery.put(Batch(state=self._place()))

    async def delete(self, peer_id: int, telegram_message_ids: Sequence[int]) -> None:
        """In private chats the ids say which: they are of one sequence for the whole account."""
        await self._call(functions.messages.DeleteMessagesRequest(list(telegram_message_ids), revoke=True))

    async def history(self, peer_id: int, *, above: int = 0, below: int = 0, limit: int = 100) -> Sequence[Seen]:
        peer = await self._peers.input_peer(peer_id)
        page = await self._call(answers.history_page(peer, below, above, min(limit, answers.PAGE)))
        users = {user.id: user for user in page.users}
        known = self._learn(users[peer_id]) if convert.is_person(users.get(peer_id)) else None
        told = [m for m in page.messages if m.id > above and not isinstance(m, types.MessageEmpty)]
        return [convert.seen(m, peer_id, known) for m in reversed(told)]

    async def chats(self, peer_ids: Sequence[int]) -> Sequence[ChatState]:
        """Those this account never met are left out."""
        peers = []
        for peer_id in peer_ids:
            try:
                peers.append(types.InputDialogPeer(await self._peers.input_peer(peer_id)))
            except Refused:
                continue
        if not peers:
            return []
        return answers.chat_states(await self._call(functions.messages.GetPeerDialogsRequest(peers)))

    async def chats_since(self, since: datetime) -> Sequence[Chat]:
        found: list[Chat] = []
        request = answers.newest_chats()
        while request is not None:
            page = await self._call(request)
            people = {user.id: self._learn(user) for user in page.users if convert.is_person(user)}
            found += [chat for chat in answers.chats_in(page) if chat.peer_id in people and chat.top_at >= since]
            request = answers.older_chats(page, since)
        return found

    async def _message(self, message_id: int) -> Any | None:
        found = await self._call(functions.messages.GetMessagesRequest([types.InputMessageID(message_id)]))
        return found.messages[0] if found.messages else None


def _wake(woken: asyncio.Future[bool], _answer: object = None) -> None:
    if not woken.done():
        woken.set_result(True)


def _give_up(woken: asyncio.Future[bool]) -> None:
    if not woken.done():
        woken.set_result(False)


def _ending(error: BaseException) -> SalesbotError:
    """Why a chore died. An inbox that could not store says no more than that a fresh connection has to try again."""
    if isinstance(error, (AccountUnusable, NotOwner, Transient)):
        return error
    if not isinstance(error, UNAVAILABLE):
        logger.opt(exception=error).error("a chore of the connection failed")
    ending = Transient(f"an update could not be stored: {summary(error)}")
    ending.__cause__ = error
    return ending
