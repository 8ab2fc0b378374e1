"""The commands, one file per topic. A handler is three steps: parse, call one function, render."""

from __future__ import annotations

from aiogram import F, Router

from salesbot.adminbot.handlers import (
    control,
    costs,
    export,
    habits,
    help,
    lists,
    log,
    people,
    rest,
    start,
    stats,
    status,
    tasks,
    team,
    view,
)

TOPICS = (help, start, control, lists, log, view, export, tasks, costs, stats, status, team, habits, people, rest)
"""In the order in which they are asked; ``rest`` takes what nobody understood."""


def router() -> Router:
    """All handlers."""
    commands = Router(name="commands")
    commands.message.filter(F.forward_origin.is_(None))  # what somebody else said is not a command
    commands.include_routers(*(topic.router() for topic in TOPICS))
    root = Router(name="desk")
    root.include_routers(team.newcomers(), commands)
    return root
