"""The MTProto server: listens, keeps keys and sessions, pushes what happens in the world.

server = MTProtoServer(world)
await server.start(port=0)
session = server.string_session(user_id)   # for Telethon's StringSession: no login needed
"""

import asyncio
import os
import struct
from pathlib import Path

from telethon.crypto import AuthKey
from telethon.sessions import StringSession

from sandbox.mtproto.address import DC_ID, HOST
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.crypto import ServerKey
from sandbox.mtproto.dispatch import Dispatch
from sandbox.mtproto.floods import Floods
from sandbox.mtproto.keys import Key, Keys
from sandbox.mtproto.logins import Logins
from sandbox.mtproto.push import Push
from sandbox.mtproto.services.auth import told_of_login
from sandbox.mtproto.session import Session
from sandbox.mtproto.uploads import Uploads
from sandbox.mtproto.view import View
from sandbox.world import Direction, Rules, World


class MTProtoServer:
    def __init__(self, world: World, *, rsa: ServerKey | None = None, data: Path | None = None) -> None:
        self.world = world
        self.rsa = rsa or ServerKey.load(data / "server_key.pem" if data else None)
        self.keys = Keys(world.store)
        self.logins = Logins(world)
        self.uploads = Uploads(world)
        self.floods = Floods(world.rules)
        self.connections: set[Connection] = set()
        self.dispatch = Dispatch(self)
        self.port = 0
        self._salt = struct.unpack("<q", os.urandom(8))[0]
        self._sessions: dict[int, Session] = {}
        self._push = Push(self)
        self._listener: asyncio.Server | None = None

    @property
    def rules(self) -> Rules:
        return self.world.rules

    @property
    def public_key(self) -> str:
        """PEM, as Telethon's `rsa.add_key(pem, old=False)` takes it."""
        return self.rsa.public_pem

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: Connection(self), HOST, port)
        self.port = self._listener.sockets[0].getsockname()[1]
        self._push.start()

    async def stop(self) -> None:
        """Stop listening and reset every connection."""
        self._push.stop()
        self.dispatch.stop()
        if self._listener:
            self._listener.close()
        for connection in list(self.connections):
            connection.reset()
        await asyncio.sleep(0)  # the loop's next turn tells every connection that it is lost

    # --- sessions

    def open_session(self, connection: Connection, key: Key, session_id: int) -> Session:
        session = Session(session_id, key, connection, self._salt)
        connection.sessions[session_id] = session
        self._sessions[session.ordinal] = session
        return session

    def forget_sessions(self, connection: Connection) -> None:
        for session in connection.sessions.values():
            self._sessions.pop(session.ordinal, None)
        connection.sessions.clear()

    def sessions_of(self, user: int) -> list[Session]:
        """Live sessions of a user that want updates; who is banned or deleted gets none any more."""
        owner = self.world.users.get(user)
        if owner is None or owner.banned or owner.deleted:
            return []
        return [s for s in self._sessions.values() if s.key.user == user and s.wants_updates and not s.key.dead]

    def connections_of(self, user: int) -> set[Connection]:
        return {s.connection for s in self._sessions.values() if s.key.user == user}

    def sessions_with(self, key: Key) -> list[Session]:
        return [s for s in self._sessions.values() if s.key is key]

    # --- for tests and the control API

    def string_session(self, user: int) -> str:
        """A session signed in as this user, as Telethon's `StringSession` reads it. Another key each time."""
        session = StringSession()
        session.set_dc(DC_ID, HOST, self.port)
        session.auth_key = AuthKey(self.keys.make(user).key)
        return str(session.save())

    def accept_login_token(self, token: bytes, user: int) -> None:
        """Scan a QR code as this user."""
        held = self.logins.token(token)
        held.accepted_by = user
        key = self.keys.get(held.key_id)
        for session in self.sessions_with(key) if key else ():
            session.send(told_of_login(View(self.world, user, set())))

    def drop(self, user: int, after: int | None = None, direction: Direction = Direction.OUT) -> int:
        """Reset all connections of a user, at once or after so many more bytes; how many there were."""
        connections = self.connections_of(user)
        for connection in connections:
            if after is None:
                connection.reset()
            else:
                connection.cut_after(after, direction)
        return len(connections)

    def silence(self, user: int) -> int:
        """Neither read nor write the user's connections from now on, but leave them open; how many there were."""
        connections = self.connections_of(user)
        for connection in connections:
            connection.deaf = True
        return len(connections)

    def forget_keys(self, user: int) -> None:
        """Lose all keys of a user: their clients are told that the key is unknown, at the next thing they say."""
        for key in self.keys.of(user):
            self.keys.remove(key)
            key.user = 0

    def revoke(self, user: int, error: str = "AUTH_KEY_UNREGISTERED") -> None:
        """End all sessions of a user, as from another device's settings; connections stay open."""
        for key in self.keys.of(user):
            if error == "AUTH_KEY_UNREGISTERED":
                self.keys.sign_in(key, 0)  # the key itself stays good for another sign-in
            else:
                self.keys.kill(key, error)
