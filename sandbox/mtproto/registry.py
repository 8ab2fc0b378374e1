"""Which function carries out which method. Services register themselves; the dispatcher looks here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.mtproto.session import Session
from sandbox.mtproto.view import View
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.mtproto.server import MTProtoServer


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, and what a service works with. `user` is 0 before the sign-in."""

    server: "MTProtoServer"
    session: Session

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def user(self) -> int:
        return self.session.key.user

    @property
    def view(self) -> View:
        return View(self.server.world, self.user, self.session.key.known)


Handler = Callable[[Call, Any], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Method:
    handle: Handler
    needs_user: bool


METHODS: dict[type, Method] = {}


def method(request: type, *, needs_user: bool = True) -> Callable[[Handler], Handler]:
    """Register what answers this request. A plain function is carried out in the order of arrival."""

    def register(handler: Handler) -> Handler:
        METHODS[request] = Method(handler, needs_user)
        return handler

    return register


def api_name(request: type) -> str:
    """``messages.sendMessage`` for Telethon's SendMessageRequest."""
    module = request.__module__.removeprefix("telethon.tl.").partition(".")[2]
    name = request.__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return f"{module}.{name}" if module else name
