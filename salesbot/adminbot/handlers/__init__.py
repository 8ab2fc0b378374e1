"""The commands, one file per topic. A handler is three steps: parse, call one function, render."""

from __future__ import annotations

from aiogram import F, Router

from salesbot.adminbot.handlers import control, costs, export, help, lists, log, people, rest, start, stats, tasks, view


def router() -> Router:
    """All handlers, in the order in which they are asked; ``rest`` takes what nobody understood."""
    root = Router(name="desk")
    root.message.filter(F.forward_origin.is_(None))  # what somebody else said is not a command
    root.include_routers(
        *(
            topic.router()
            for topic in (help, start, control, lists, log, view, export, tasks, costs, stats, people, rest)
        ),
    )
    return root
