"""Who lives in the world, how they are found, and which access hash each has for whom."""

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from sandbox.world.errors import bad_request
from sandbox.world.model import Role, User
from sandbox.world.store import Store

FIRST_ID = 700_000_001


class Users:
    def __init__(self, store: Store | None, rng: random.Random, secret: bytes) -> None:
        self._store = store
        self._random = rng
        self._secret = secret
        self._by_id: dict[int, User] = {}
        for user in store.all("user") if store else ():
            self._by_id[user.id] = user
        self._by_name = {u.username.lower(): u.id for u in self._by_id.values() if u.username}
        self.on_change: Callable[[User], None] = lambda user: None

    def __iter__(self) -> Iterator[User]:
        return iter(list(self._by_id.values()))

    def __getitem__(self, user_id: int) -> User:
        return self._by_id[user_id]

    def __contains__(self, user_id: int) -> bool:
        return user_id in self._by_id

    def get(self, user_id: int) -> User | None:
        return self._by_id.get(user_id)

    def by_username(self, username: str) -> User | None:
        user_id = self._by_name.get(username.removeprefix("@").lower())
        return None if user_id is None else self._by_id[user_id]

    def by_phone(self, phone: str) -> User | None:
        digits = "".join(c for c in phone if c.isdigit())
        return next((u for u in self._by_id.values() if u.phone == digits and digits), None)

    def by_token(self, token: str) -> User | None:
        return next((u for u in self._by_id.values() if u.token == token), None)

    def create(self, role: Role, first_name: str, *, id: int | None = None, **fields: Any) -> User:
        """A new user; phone, login code and bot token are made up unless given."""
        user_id = id or max(self._by_id, default=FIRST_ID - 1) + 1
        if user_id in self._by_id:
            raise bad_request("USER_ID_INVALID")
        if role is Role.BOT:
            fields.setdefault("token", f"{user_id}:AA{self._random.randbytes(17).hex()[:33]}")
        else:
            fields.setdefault("phone", f"99966{user_id % 10**6:06}")
            fields.setdefault("code", f"{self._random.randrange(10_000, 100_000)}")
        user = User(id=user_id, role=role, first_name=first_name, **fields)
        self._check_username(user)
        return self._keep(user)

    def change(self, user_id: int, **fields: Any) -> User:
        """Replace fields of a user, for example ``deleted=True`` or ``username=None``."""
        old = self._by_id[user_id]
        user = replace(old, **fields)
        if user.username != old.username:
            self._check_username(user)
            if old.username:
                del self._by_name[old.username.lower()]
        return self._keep(user)

    def access_hash(self, viewer: int, target: int) -> int:
        """What `viewer` must show to name `target`: another number for each pair."""
        digest = hashlib.blake2b(f"{viewer}:{target}".encode(), key=self._secret, digest_size=8).digest()
        return int.from_bytes(digest, "little", signed=True)

    def _check_username(self, user: User) -> None:
        holder = self.by_username(user.username) if user.username else None
        if holder and holder.id != user.id:
            raise bad_request("USERNAME_OCCUPIED")

    def _keep(self, user: User) -> User:
        self._by_id[user.id] = user
        if user.username:
            self._by_name[user.username.lower()] = user.id
        if self._store:
            self._store.put("user", (user.id, 0), user)
            self._store.commit()
        self.on_change(user)
        return user
