"""contacts.*"""

import re
from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.peers import user_of
from sandbox.mtproto.push import updates
from sandbox.mtproto.registry import Call, method

_USERNAME = re.compile(r"^[A-Za-z]\w{3,31}$", re.ASCII)


@method(functions.contacts.ResolveUsernameRequest)
def resolve_username(call: Call, request: Any) -> Any:
    name = request.username.removeprefix("@")
    if not _USERNAME.match(name):
        raise RpcError(400, "USERNAME_INVALID")
    user = call.world.users.by_username(name)
    if user is not None:
        return types.contacts.ResolvedPeer(types.PeerUser(user.id), [], call.view.users([user.id]))
    group = call.world.groups.get(name.lower())
    if group is None:
        raise RpcError(400, "USERNAME_NOT_OCCUPIED")
    channel = types.Channel(
        id=group.id,
        title=group.title,
        photo=types.ChatPhotoEmpty(),
        date=call.world.now(),
        megagroup=True,
        username=group.username,
        access_hash=call.world.users.access_hash(call.user, group.id),
    )
    return types.contacts.ResolvedPeer(types.PeerChannel(group.id), [channel], [])


@method(functions.contacts.GetContactsRequest)
def get_contacts(call: Call, request: Any) -> Any:
    ids = sorted(call.world.users[call.user].contacts)
    held = [types.Contact(i, mutual=call.user in call.world.users[i].contacts) for i in ids]
    return types.contacts.Contacts(held, 0, call.view.users(ids))


@method(functions.contacts.AddContactRequest)
def add_contact(call: Call, request: Any) -> Any:
    peer = user_of(call, request.id, "CONTACT_ID_INVALID")
    call.world.users.change(call.user, contacts=call.world.users[call.user].contacts | {peer})
    return updates(call.view, [], call.view.users([peer]))


@method(functions.contacts.DeleteContactsRequest)
def delete_contacts(call: Call, request: Any) -> Any:
    gone = {user_of(call, given) for given in request.id}
    call.world.users.change(call.user, contacts=call.world.users[call.user].contacts - gone)
    return updates(call.view, [], call.view.users(gone))


@method(functions.contacts.BlockRequest)
def block(call: Call, request: Any) -> Any:
    call.world.block(call.user, user_of(call, request.id))
    return True


@method(functions.contacts.UnblockRequest)
def unblock(call: Call, request: Any) -> Any:
    call.world.block(call.user, user_of(call, request.id), False)
    return True


@method(functions.contacts.GetBlockedRequest)
def get_blocked(call: Call, request: Any) -> Any:
    ids = sorted(call.world.users[call.user].blocked)
    held = [types.PeerBlocked(types.PeerUser(i), call.world.now()) for i in ids]
    return types.contacts.Blocked(held, [], call.view.users(ids))
