"""Authorization keys: who is signed in with which, and which are dead."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.mtproto.crypto import key_id
from sandbox.world.store import AuthKey, Store

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection


@dataclass(slots=True, eq=False)
class Key:
    """`known`: users whose access hash was given to this key's client. `dead`: an error it gets for ever.

    `introduced`: as what its client last introduced itself (initConnection).
    """

    id: int
    key: bytes
    user: int = 0
    layer: int = 0
    dead: str | None = None
    known: set[int] = field(default_factory=set)
    introduced: Any = None
    connections: list["Connection"] = field(default_factory=list)


class Keys:
    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._keys: dict[int, Key] = {}
        for kept in store.all("auth_key") if store else ():
            self._keys[kept.id] = Key(kept.id, kept.key, kept.user, kept.layer, kept.dead)

    def get(self, id: int) -> Key | None:
        return self._keys.get(id)

    def add(self, key: bytes, user: int = 0) -> Key:
        made = self._keys[key_id(key)] = Key(key_id(key), key, user)
        self.save(made)
        return made

    def make(self, user: int) -> Key:
        """A key already signed in as this user, without any exchange."""
        return self.add(b"\x01" + os.urandom(255), user)

    def of(self, user: int) -> Iterator[Key]:
        return (key for key in list(self._keys.values()) if key.user == user)

    def sign_in(self, key: Key, user: int) -> None:
        key.user = user
        key.known.clear()
        self.save(key)

    def kill(self, key: Key, error: str) -> None:
        key.dead = error
        self.save(key)

    def remove(self, key: Key) -> None:
        """Forget it: its client is told that the key is unknown (-404)."""
        del self._keys[key.id]
        if self._store:
            self._store.remove("auth_key", (key.id, 0))
            self._store.commit()

    def save(self, key: Key) -> None:
        if self._store:
            self._store.put("auth_key", (key.id, 0), AuthKey(key.id, key.key, key.user, key.layer, key.dead))
            self._store.commit()
