"""The commands a bot announced, by scope and language; with a store they survive the process."""

from __future__ import annotations

import json
from typing import Any

from sandbox.world import User
from sandbox.world.store import Fact, Store

JsonObject = dict[str, Any]


def scope_key(kind: str, chat: object = None, language: str = "") -> str:
    return "/".join(str(part) for part in (kind, chat, language) if part)


class Commands:
    def __init__(self, bot: int, store: Store | None) -> None:
        self._bot = bot
        self._store = store
        held: Fact | None = next(store.all("fact", bot), None) if store else None
        self._announced: dict[str, list[JsonObject]] = json.loads(held.text) if held else {}

    def get(self, key: str) -> list[JsonObject]:
        return self._announced.get(key, [])

    def put(self, key: str, commands: list[JsonObject]) -> None:
        self._announced[key] = commands
        if self._store:
            self._store.put("fact", (self._bot, 0), Fact(json.dumps(self._announced, ensure_ascii=False)))
            self._store.commit()

    def menu_for(self, user: User) -> list[JsonObject]:
        """What a person is shown: the narrowest scope that has commands, in their language or in none."""
        scopes: list[tuple[str, int | None]] = [("chat", user.id), ("all_private_chats", None), ("default", None)]
        for kind, chat in scopes:
            for language in (user.lang_code, ""):
                if found := self.get(scope_key(kind, chat, language)):
                    return found
        return []
