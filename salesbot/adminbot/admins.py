"""What is known of the admins beside their ids: which language they read, whether the bot may write to them."""

from __future__ import annotations

from salesbot import i18n
from salesbot.i18n import Lang
from salesbot.store import admin_updates
from salesbot.store.pool import Connection


class Admins:
    """Learnt from their updates; after a restart the language comes from what they were answered last."""

    def __init__(self) -> None:
        self._languages: dict[int, str | None] = {}
        self._away: set[int] = set()

    def heard(self, admin_id: int, language: str | None) -> None:
        """The admin wrote or pressed a button: so the bot may write to them again."""
        self._languages[admin_id] = language
        self._away.discard(admin_id)

    def refused(self, admin_id: int) -> None:
        """The admin never started the bot, or blocked it: nothing is tried until they are heard again."""
        self._away.add(admin_id)

    def reachable(self, admin_id: int) -> bool:
        return admin_id not in self._away

    async def lang(self, connection: Connection, admin_id: int, fixed: str | None) -> Lang:
        if admin_id not in self._languages:
            self._languages[admin_id] = await admin_updates.language_of(connection, admin_id)
        return i18n.of(self._languages[admin_id], fixed)
