"""One module per family of methods; importing this package registers what they answer."""

from sandbox.mtproto.services import (
    account,
    auth,
    bots,
    contacts,
    editing,
    help,
    history,
    media,
    messages,
    updates,
    users,
)

__all__ = [
    "account",
    "auth",
    "bots",
    "contacts",
    "editing",
    "help",
    "history",
    "media",
    "messages",
    "updates",
    "users",
]
