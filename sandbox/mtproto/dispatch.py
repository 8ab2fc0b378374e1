"""From a client's message to its answer: service messages, wrappers, faults, methods."""

import asyncio
import inspect
import logging
import struct
from typing import TYPE_CHECKING, Any

from telethon.extensions import BinaryReader
from telethon.tl import functions, types

from sandbox import victim
from sandbox.mtproto import layers
from sandbox.mtproto.connection import client_time
from sandbox.mtproto.errors import RpcError, flood_wait, not_implemented
from sandbox.mtproto.registry import METHODS, Call, Method, api_name
from sandbox.mtproto.session import Incoming, Session, serialized, unpacked, unzipped
from sandbox.world import Action, Rule, WorldError

if TYPE_CHECKING:
    from sandbox.mtproto.server import MTProtoServer

logger = logging.getLogger(__name__)

_TOO_OLD, _TOO_NEW = -300, 30
_INVOKE_WITH_LAYER = functions.InvokeWithLayerRequest.CONSTRUCTOR_ID
_GZIPPED = 0x3072CFA1


class Dispatch:
    def __init__(self, server: "MTProtoServer") -> None:
        self._server = server
        self._tasks: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def receive(self, session: Session, salt: int, message: Incoming) -> None:
        """One decrypted packet."""
        problem = _problem(message)
        if problem:
            session.send_service(types.BadMsgNotification(message.msg_id, message.seqno, problem))
            return
        if salt != session.salt:
            session.send_service(types.BadServerSalt(message.msg_id, message.seqno, 48, session.salt))
            return
        if not session.introduced:
            session.introduced = True
            session.send_service(types.NewSessionCreated(message.msg_id, session.id, session.salt), answer=False)
        for inner in unpacked(message):
            if not session.connection.heeded:  # a fault struck on one of them
                return
            if inner.msg_id in session.seen:
                continue
            session.seen.append(inner.msg_id)
            self._message(session, inner)

    def _message(self, session: Session, message: Incoming) -> None:
        try:
            request = self._read(session, message.body)
        except Exception as exc:  # noqa: BLE001 -- a client's bytes may break the reader in any way: that client is told
            constructor = int.from_bytes(message.body[:4], "little")
            self._server.world.log.add("garbage", connection=session.connection.number, outcome=repr(exc)[:200])
            session.send_error(message.msg_id, 400, f"INPUT_METHOD_INVALID_{constructor}")
            return
        if self._serve(session, message, request):
            self._log(session, "service", api_name(type(request)), msg_id=message.msg_id)
        else:
            self._call(session, message.msg_id, request)

    def _read(self, session: Session, body: bytes) -> Any:
        """The request, out of the wrapper that names its layer."""
        if int.from_bytes(body[:4], "little") == _INVOKE_WITH_LAYER:
            (number,) = struct.unpack_from("<i", body, 4)
            if session.key.layer != number:
                session.key.layer = number
                self._server.keys.save(session.key)
            body = body[8:]
        if int.from_bytes(body[:4], "little") == _GZIPPED:
            body = unzipped(body)
        layer = layers.layer(session.key.layer)
        return (layer.reader(body) if layer else BinaryReader(body)).tgread_object()

    def _serve(self, session: Session, message: Incoming, request: Any) -> bool:
        """Answer the protocol's own messages; False: it is a call."""
        match request:
            case types.MsgsAck() | types.HttpWait() | types.MsgResendReq():
                pass
            case functions.PingRequest() | functions.PingDelayDisconnectRequest():
                session.send_service(types.Pong(message.msg_id, request.ping_id))
            case types.MsgsStateReq():
                session.send_service(types.MsgsStateInfo(message.msg_id, bytes([4] * len(request.msg_ids)).decode()))
            case functions.GetFutureSaltsRequest():
                now = int(self._server.world.clock().timestamp())
                salt = types.FutureSalt(now - 3600, now + 86400, session.salt)
                session.send_service(types.FutureSalts(message.msg_id, now, [salt]))
            case functions.DestroySessionRequest():
                session.send_service(types.DestroySessionNone(request.session_id))
            case functions.RpcDropAnswerRequest():
                session.send_result(message.msg_id, bytes(types.RpcAnswerUnknown()))
            case _:
                return False
        return True

    def _call(self, session: Session, msg_id: int, request: Any) -> None:
        request, updates, introduction = _unwrapped(request)
        session.wants_updates = session.wants_updates or updates
        session.key.introduced = introduction or session.key.introduced
        name = api_name(type(request))
        peer = _peer(request)
        self._log(session, "rpc", name, peer=peer, random_id=_random_id(request), msg_id=msg_id)
        rule = self._server.world.faults.take(name, session.key.user or None, peer or None)
        if rule is None:
            self._carry_out(session, msg_id, request, name)
        else:
            self._troubled(rule, session, msg_id, request, name)

    def _carry_out(self, session: Session, msg_id: int, request: Any, name: str) -> None:
        """Run and answer without a pause between the two, so that no push overtakes the answer."""
        try:
            result = self._run(session, request, name)
        except WorldError as exc:
            self._fail(session, msg_id, name, exc)
            return
        if inspect.isawaitable(result):
            self._spawn(self._awaited(session, msg_id, name, result))
        else:
            self._answer(session, msg_id, name, result)

    def _run(self, session: Session, request: Any, name: str) -> Any:
        method = METHODS.get(type(request))
        self._check(session, method, name)
        assert method
        try:
            return method.handle(Call(self._server, session), request)
        except WorldError:
            raise
        except Exception as exc:  # a fault of the sandbox's own: the client is told, the log has the traceback
            logger.exception("%s failed", name)
            raise RpcError(500, f"SANDBOX_FAILED_{type(exc).__name__}") from exc

    def _check(self, session: Session, method: Method | None, name: str) -> None:
        if session.key.dead:
            raise RpcError(406 if session.key.dead == "AUTH_KEY_DUPLICATED" else 401, session.key.dead)
        if method is None:
            raise not_implemented(name)
        if not method.needs_user:
            return
        user = self._server.world.users.get(session.key.user)
        if user is None:
            raise RpcError(401, "AUTH_KEY_UNREGISTERED")
        if user.banned:
            raise RpcError(401, "USER_DEACTIVATED_BAN")
        if user.deleted:
            raise RpcError(401, "USER_DEACTIVATED")
        self._server.floods.check(user.id, name)

    async def _awaited(self, session: Session, msg_id: int, name: str, result: Any) -> None:
        session.send_service(types.MsgsAck([msg_id]), answer=False)
        try:
            self._answer(session, msg_id, name, await result)
        except WorldError as exc:
            self._fail(session, msg_id, name, exc)

    def _troubled(self, rule: Rule, session: Session, msg_id: int, request: Any, name: str) -> None:
        """Carry out one fault; see `Action`."""
        match rule.action:
            case Action.ERROR:
                self._fail(session, msg_id, name, RpcError(rule.code, rule.text or "INTERNAL"))
            case Action.FLOOD_WAIT:
                self._fail(session, msg_id, name, flood_wait(int(rule.seconds)))
            case Action.PEER_FLOOD:
                self._fail(session, msg_id, name, RpcError(400, "PEER_FLOOD"))
            case Action.DELAY | Action.HOLD:
                self._spawn(self._late(rule, session, msg_id, request, name))
            case Action.CUT_BEFORE:
                session.connection.reset()
            case Action.KILL_BEFORE:
                session.connection.deaf = True
                victim.kill(rule.pid)
            case Action.BLACK_HOLE:
                session.connection.deaf = True
            case _:
                self._spawn(self._carried_out(rule, session, msg_id, request, name))

    async def _late(self, rule: Rule, session: Session, msg_id: int, request: Any, name: str) -> None:
        if rule.action is Action.HOLD:
            await rule.released.wait()
        else:
            await asyncio.sleep(rule.seconds)
        self._carry_out(session, msg_id, request, name)

    async def _carried_out(self, rule: Rule, session: Session, msg_id: int, request: Any, name: str) -> None:
        """Carry out; the answer gets lost, or comes late, or is the last thing that comes."""
        try:
            result = self._run(session, request, name)
            result = await result if inspect.isawaitable(result) else result
        except WorldError as exc:
            result = exc
        if rule.action not in (Action.CUT_AT, Action.KILL_ANSWERED):
            self._log_answer(session, msg_id, name, f"{rule.action}: {_outcome(result)}", result)
        match rule.action:
            case Action.CUT_AFTER:
                session.connection.reset()
            case Action.KILL_AFTER:
                victim.kill(rule.pid)
            case Action.HOLD_ANSWER:
                await rule.released.wait()
                self._finish(session, msg_id, name, result)
            case Action.CUT_AT:
                session.flush()
                session.connection.cut_after(rule.bytes)
                self._finish(session, msg_id, name, result)
                session.flush()
            case Action.KILL_ANSWERED:
                self._finish(session, msg_id, name, result)
                session.flush()
                victim.kill(rule.pid)

    def _finish(self, session: Session, msg_id: int, name: str, result: Any) -> None:
        """Answer with what came out, be it a refusal."""
        if isinstance(result, WorldError):
            self._fail(session, msg_id, name, result)
        else:
            self._answer(session, msg_id, name, result)

    def _answer(self, session: Session, msg_id: int, name: str, result: Any) -> None:
        layer = layers.layer(session.key.layer)
        session.send_result(msg_id, serialized(layer.lowered(result) if layer else result))
        self._log_answer(session, msg_id, name, _outcome(result), result)

    def _fail(self, session: Session, msg_id: int, name: str, error: WorldError) -> None:
        session.send_error(msg_id, error.code, error.text)
        self._log_answer(session, msg_id, name, _outcome(error), None)

    def _log_answer(self, session: Session, msg_id: int, name: str, outcome: str, result: Any) -> None:
        message_id = result.id if isinstance(result, types.UpdateShortSentMessage) else 0
        self._log(session, "answer", name, msg_id=msg_id, message_id=message_id, outcome=outcome)

    def _log(self, session: Session, kind: str, method: str, **fields: Any) -> None:
        self._server.world.log.add(
            kind,
            connection=session.connection.number,
            auth_key=session.key.id,
            user=session.key.user,
            method=method,
            **fields,
        )

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("A call failed", exc_info=error)


def _problem(message: Incoming) -> int:
    """The code of a bad_msg_notification, or 0."""
    if message.msg_id % 4:
        return 18
    ahead = client_time(message.msg_id)
    if ahead < _TOO_OLD:
        return 16
    return 17 if ahead > _TOO_NEW else 0


def _unwrapped(request: Any) -> tuple[Any, bool, Any]:
    """The call inside its wrappers, whether its session wants updates, and how the client introduces itself, if so."""
    updates, introduction = True, None
    while True:
        match request:
            case functions.InvokeWithoutUpdatesRequest():
                updates = False
            case functions.InitConnectionRequest():
                introduction = request
            case (
                functions.InvokeAfterMsgRequest()
                | functions.InvokeAfterMsgsRequest()
                | functions.InvokeWithLayerRequest()
            ):
                pass
            case _:
                return request, updates, introduction
        request = request.query


def _peer(request: Any) -> int:
    peer = getattr(request, "peer", None) or getattr(request, "to_peer", None)
    return getattr(peer, "user_id", 0)


def _random_id(request: Any) -> int | None:
    """The `random_id` of one message; forwards have a list of them."""
    given = getattr(request, "random_id", None)
    return given if isinstance(given, int) else None


def _outcome(result: Any) -> str:
    return f"{result.code} {result.text}" if isinstance(result, WorldError) else type(result).__name__
