"""Signing in by code, password or QR token, and out."""

from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.push import updates
from sandbox.mtproto.registry import Call, method
from sandbox.mtproto.session import serialized
from sandbox.mtproto.view import View
from sandbox.world import User


@method(functions.auth.SendCodeRequest, needs_user=False)
def send_code(call: Call, request: Any) -> Any:
    return _sent_code(call, request.phone_number)


@method(functions.auth.ResendCodeRequest, needs_user=False)
def resend_code(call: Call, request: Any) -> Any:
    return _sent_code(call, request.phone_number)


@method(functions.auth.CancelCodeRequest, needs_user=False)
def cancel_code(call: Call, request: Any) -> Any:
    return True


@method(functions.auth.SignInRequest, needs_user=False)
def sign_in(call: Call, request: Any) -> Any:
    user = call.server.logins.check_code(request.phone_number, request.phone_code_hash, request.phone_code or "")
    return _authorize(call, user)


@method(functions.auth.SignUpRequest, needs_user=False)
def sign_up(call: Call, request: Any) -> Any:
    raise RpcError(400, "PHONE_NUMBER_OCCUPIED")


@method(functions.auth.CheckPasswordRequest, needs_user=False)
def check_password(call: Call, request: Any) -> Any:
    expected = call.server.logins.half_way.get(call.session.key.id)
    user_id = call.server.logins.check_password(request.password)
    if user_id != expected:
        raise RpcError(400, "SRP_ID_INVALID")
    del call.server.logins.half_way[call.session.key.id]
    return _signed_in(call, call.world.users[user_id])


@method(functions.auth.ExportLoginTokenRequest, needs_user=False)
def export_login_token(call: Call, request: Any) -> Any:
    accepted_by = call.server.logins.accepted(call.session.key.id)
    if accepted_by:
        return types.auth.LoginTokenSuccess(_authorize(call, call.world.users[accepted_by]))
    data, token = call.server.logins.new_token(call.session.key.id)
    return types.auth.LoginToken(token.expires, data)


@method(functions.auth.ImportLoginTokenRequest, needs_user=False)
def import_login_token(call: Call, request: Any) -> Any:
    token = call.server.logins.token(request.token)
    if token.key_id != call.session.key.id or not token.accepted_by:
        raise RpcError(400, "AUTH_TOKEN_INVALID")
    del call.server.logins.tokens[request.token]
    return types.auth.LoginTokenSuccess(_authorize(call, call.world.users[token.accepted_by]))


@method(functions.auth.AcceptLoginTokenRequest)
def accept_login_token(call: Call, request: Any) -> Any:
    token = call.server.logins.token(request.token)
    if token.accepted_by:
        raise RpcError(400, "AUTH_TOKEN_ALREADY_ACCEPTED")
    call.server.accept_login_token(request.token, call.user)
    return _authorization(call)


@method(functions.auth.LogOutRequest)
def log_out(call: Call, request: Any) -> Any:
    call.server.keys.sign_in(call.session.key, 0)
    return types.auth.LoggedOut()


def _sent_code(call: Call, phone: str) -> Any:
    code_hash = call.server.logins.send_code(phone)
    return types.auth.SentCode(types.auth.SentCodeTypeApp(5), code_hash, timeout=120)


def _authorize(call: Call, user: User) -> Any:
    """Signed in, unless a password is missing."""
    if user.password is not None:
        call.server.logins.half_way[call.session.key.id] = user.id
        raise RpcError(401, "SESSION_PASSWORD_NEEDED")
    return _signed_in(call, user)


def _signed_in(call: Call, user: User) -> Any:
    call.server.keys.sign_in(call.session.key, user.id)
    return types.auth.Authorization(call.view.user(user.id))


def _authorization(call: Call) -> Any:
    now = call.world.now()
    return types.Authorization(
        hash=call.session.key.id,
        device_model="sandbox",
        platform="",
        system_version="",
        api_id=1,
        app_name="",
        app_version="",
        date_created=now,
        date_active=now,
        ip="127.0.0.1",
        country="",
        region="",
    )


def told_of_login(view: View) -> bytes:
    """The push by which a client that shows a QR code learns that it was scanned."""
    return serialized(updates(view, [types.UpdateLoginToken()]))
