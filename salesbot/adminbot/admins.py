"""What is known of the admins beside their ids: which language they read, whether the bot may write to them, where
their days begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from salesbot import i18n
from salesbot.dialog.timing import known_zone
from salesbot.i18n import Lang
from salesbot.store import admin_updates, admins
from salesbot.store.admins import Admin, Role
from salesbot.store.pool import Connection


class Admins:
    """Learnt from their updates; after a restart the language comes from what they were answered last."""

    def __init__(self) -> None:
        self._languages: dict[int, str | None] = {}
        self._names: dict[int, tuple[str, str | None]] = {}
        self._roles: dict[int, Role] = {}
        self._away: set[int] = set()
        self.last: Sequence[Admin] = ()
        """Who may use the desk, as it was read last: known while the database is away."""

    def heard(self, admin_id: int, language: str | None) -> None:
        """The admin wrote or pressed a button: so the bot may write to them again."""
        self._languages[admin_id] = language
        self._away.discard(admin_id)

    def refused(self, admin_id: int) -> None:
        """The admin never started the bot, or blocked it: nothing is tried until they are heard again."""
        self._away.add(admin_id)

    def reachable(self, admin_id: int) -> bool:
        return admin_id not in self._away

    async def present(self, connection: Connection, owners: Sequence[int]) -> Sequence[Admin]:
        """Everybody who may use the desk (``store.admins.present``)."""
        self.last = await admins.present(connection, owners)
        return self.last

    async def lang(self, connection: Connection, admin_id: int, fixed: str | None) -> Lang:
        if admin_id not in self._languages:
            self._languages[admin_id] = await admin_updates.language_of(connection, admin_id)
        return i18n.of(self._languages[admin_id], fixed)

    def known_lang(self, admin_id: int, fixed: str | None) -> Lang:
        """The same without a database."""
        return i18n.of(self._languages.get(admin_id), fixed)

    async def zone(self, connection: Connection, admin_id: int) -> tzinfo:
        """Where this admin's days begin: their /timezone, else the zone of this machine (TZ)."""
        return self.zone_of(await admins.get(connection, admin_id))

    @staticmethod
    def zone_of(admin: Admin | None) -> tzinfo:
        chosen = known_zone(admin.timezone) if admin and admin.timezone else None
        return chosen or machine_zone()

    async def role(self, connection: Connection, admin_id: int) -> Role | None:
        """The role somebody was given; None: they are nobody here."""
        admin = await admins.get(connection, admin_id)
        if admin is None or admin.role is None:
            self._roles.pop(admin_id, None)
            return None
        self._roles[admin_id] = admin.role
        return admin.role

    def last_role(self, admin_id: int) -> Role | None:
        """What is remembered of it while the database is away."""
        return self._roles.get(admin_id)

    def unheard(self, admin_id: int, name: str, username: str | None) -> bool:
        """Whether what they are called is news."""
        return self._names.get(admin_id) != (name, username)

    async def called(self, connection: Connection, admin_id: int, name: str, username: str | None) -> None:
        """Keep what an admin is called, for the others to read."""
        await admins.heard(connection, admin_id, name, username)
        self._names[admin_id] = name, username


def machine_zone() -> tzinfo:
    """The zone of this machine (TZ)."""
    return datetime.now(UTC).astimezone().tzinfo or UTC
