"""users.*"""

from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.peers import input_user
from sandbox.mtproto.registry import Call, method


@method(functions.users.GetUsersRequest)
def get_users(call: Call, request: Any) -> Any:
    return [call.view.user(input_user(call, given)) for given in request.id]


@method(functions.users.GetFullUserRequest)
def get_full_user(call: Call, request: Any) -> Any:
    user_id = input_user(call, request.id)
    full = types.UserFull(
        id=user_id,
        settings=types.PeerSettings(),
        notify_settings=types.PeerNotifySettings(),
        common_chats_count=0,
        blocked=user_id in call.world.users[call.user].blocked or None,
        about=call.world.users[user_id].about or None,
        can_pin_message=True,
    )
    return types.users.UserFull(full_user=full, chats=[], users=call.view.users([user_id]))
