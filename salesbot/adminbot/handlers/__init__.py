"""The commands, one file per topic. A handler is three steps: parse, call one function, render."""

from __future__ import annotations

from aiogram import Router
from aiogram.types import Message, MessageOriginUser

from salesbot.adminbot.handlers import (
    control,
    costs,
    drafting,
    export,
    habits,
    help,
    imports,
    lists,
    log,
    notes,
    people,
    rest,
    speaking,
    start,
    stats,
    status,
    switching,
    tasks,
    team,
    view,
)

TOPICS = (
    help, start, switching, control, lists, log, view, notes, drafting, export,
    tasks, costs, stats, status, team, habits, people, imports, speaking, rest,
)  # fmt: skip
"""In the order in which they are asked; ``rest`` takes what nobody understood."""


def router() -> Router:
    """All handlers."""
    commands = Router(name="commands")
    commands.message.filter(_their_own)
    commands.include_routers(*(topic.router() for topic in TOPICS))
    root = Router(name="desk")
    root.include_routers(team.newcomers(), commands)
    return root


def _their_own(message: Message) -> bool:
    """What somebody else said is not a command; a file that they forward to themselves is theirs."""
    origin, who = message.forward_origin, message.from_user
    if origin is None:
        return True
    own = isinstance(origin, MessageOriginUser) and who is not None and origin.sender_user.id == who.id
    return own and message.document is not None
