"""Telethon's session object: in memory and synchronous, whatever Telethon asks.

What a database error would do inside these methods is worse than any loss: Telethon ends its client. So nothing here
touches PostgreSQL. The key is loaded before the client is made, the update state is written by ``delivery`` when
everything before it is stored, and access hashes come from ``account_peers`` (``peers``), not from Telethon's cache.
"""

from __future__ import annotations

from typing import Any

from telethon.crypto import AuthKey
from telethon.sessions import MemorySession
from telethon.tl import types

from salesbot.store.sessions import UpdateState

ACCOUNT = 0
"""Telethon's name for the account's own stream among the update states; the others are channels."""


class Session(MemorySession):  # type: ignore[misc] # Telethon has no types
    """One account's key and place in its stream; remembers no people."""

    @classmethod
    def restore(cls, dc_id: int, address: str, port: int, key: bytes, at: UpdateState | None) -> Session:
        session = cls()
        session.set_dc(dc_id, address, port)
        session.auth_key = AuthKey(key)
        if at is not None:
            session.set_update_state(ACCOUNT, types.updates.State(at.pts, at.qts, at.date, at.seq, unread_count=0))
        return session

    def clone(self, to_instance: Any = None) -> Any:
        return super().clone(to_instance or MemorySession())

    def process_entities(self, tlo: Any) -> None:
        """Telethon would remember everybody it ever met."""

    def cache_file(self, md5_digest: Any, file_size: Any, instance: Any) -> None:
        """Nothing is uploaded twice here."""
