"""Input peers, taken strictly: who shows a wrong access hash does not know that person."""

from typing import Any

from telethon.tl import types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.registry import Call


def user_of(call: Call, given: Any, error: str = "PEER_ID_INVALID") -> int:
    """The user id an InputPeer or InputUser names."""
    match given:
        case types.InputPeerSelf() | types.InputUserSelf():
            return call.user
        case types.InputPeerUser() | types.InputUser():
            if given.user_id not in call.world.users:
                raise RpcError(400, error)
            if given.user_id == call.user or given.access_hash == call.world.users.access_hash(
                call.user, given.user_id
            ):
                return int(given.user_id)
            if given.access_hash == 0 and given.user_id in call.world.users[call.user].contacts:
                return int(given.user_id)
            raise RpcError(400, error)
        case _:
            raise RpcError(400, error)


def input_user(call: Call, given: Any) -> int:
    return user_of(call, given, "USER_ID_INVALID")
