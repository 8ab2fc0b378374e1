"""Who lives in the sandbox at first: an operator, the account that sells, customers and the bot. All invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.world import Role, World

BOT_TOKEN = "700000002:AAsandbox-only-token-no-real-bot-00"
"""Known beforehand and good for nothing but this sandbox."""

FIRST: tuple[dict[str, Any], ...] = (
    {"role": Role.OPERATOR, "first_name": "Operator", "username": "operator", "lang_code": "en"},
    {"role": Role.BOT, "first_name": "Sales desk", "username": "sales_desk_bot", "token": BOT_TOKEN},
    {"role": Role.ACCOUNT, "first_name": "Maria", "last_name": "Orlova", "username": "sales", "lang_code": "en"},
    {"role": Role.TARGET, "first_name": "Анна", "last_name": "Смирнова", "username": "anna", "lang_code": "ru"},
    {"role": Role.TARGET, "first_name": "Boris", "last_name": "Keller", "username": "boris", "lang_code": "en"},
    {"role": Role.TARGET, "first_name": "Clara", "last_name": "Whitfield", "username": "clara", "lang_code": "en"},
    {"role": Role.TARGET, "first_name": "Дмитрий", "last_name": "Лавров", "username": "dmitri", "lang_code": "ru"},
    {"role": Role.TARGET, "first_name": "Emma", "last_name": "Lindqvist", "username": "emma", "lang_code": "en"},
)


def settle(world: World, users: Path | None) -> None:
    """Create the first people in an empty world: the usual ones, or those of a JSON file (a list of fields)."""
    if any(True for _ in world.users):
        return
    listed = json.loads(users.read_text(encoding="utf-8")) if users else FIRST
    for fields in listed:
        rest = {key: value for key, value in fields.items() if key not in ("role", "first_name")}
        world.users.create(Role(fields["role"]), fields["first_name"], **rest)
