"""account.*: password, presence."""

from typing import Any

from telethon.tl import functions

from sandbox.mtproto.registry import Call, method
from sandbox.world import Role, User


@method(functions.account.GetPasswordRequest, needs_user=False)
def get_password(call: Call, request: Any) -> Any:
    user_id = call.server.logins.half_way.get(call.session.key.id, call.user)
    nobody = User(0, Role.TARGET, "")
    return call.server.logins.begin_password(call.world.users.get(user_id) or nobody)


@method(functions.account.UpdateStatusRequest)
def update_status(call: Call, request: Any) -> Any:
    call.world.set_online(call.user, not request.offline)
    return True
