"""The in-memory world of the sandbox; see `world.World`. It knows no protocol."""

from sandbox.world import events
from sandbox.world.buttons import Answer, Query
from sandbox.world.errors import RandomIdRepeated, WorldError
from sandbox.world.events import Event, Listener
from sandbox.world.faults import Action, Direction, Faults, Rule
from sandbox.world.model import (
    Button,
    Entity,
    Forward,
    Keyboard,
    Media,
    MediaKind,
    Message,
    Privacy,
    Quote,
    Role,
    User,
)
from sandbox.world.world import Rules, World

__all__ = [
    "Action",
    "Answer",
    "Button",
    "Direction",
    "Entity",
    "Event",
    "Faults",
    "Forward",
    "Keyboard",
    "Listener",
    "Media",
    "MediaKind",
    "Message",
    "Privacy",
    "Query",
    "Quote",
    "RandomIdRepeated",
    "Role",
    "Rule",
    "Rules",
    "User",
    "World",
    "WorldError",
    "events",
]
