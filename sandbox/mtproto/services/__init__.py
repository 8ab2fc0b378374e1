"""One module per family of methods; importing a module registers what it answers."""


def load() -> None:
    """Register every method."""
    from sandbox.mtproto.services import (  # noqa: F401
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
