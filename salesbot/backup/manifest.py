"""What a backup says of itself."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from salesbot.errors import DataError

FORMAT = 1
MACHINE_ID = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Manifest:
    """It names no person and no secret."""

    created_at: datetime
    """When the dump was begun: what was said later is not in it."""
    version: str
    """Of the product."""
    migrations: int
    """How many a release must have to work with it."""
    database: str
    server: int
    system_identifier: str
    machine: str
    """Whose it is: a hash, or '' where a machine has no name of its own."""
    moved: bool
    """The sessions were taken out of the database that it is of: they are in this backup alone."""
    key_ids: tuple[str, ...]
    """Fingerprints of the SECRET_KEYs that it needs."""
    counts: Mapping[str, int]
    verified: bool = False
    """It was restored into a scratch database, and every table had as many rows."""

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self), "created_at": self.created_at.isoformat()}, indent=2)


def from_json(text: str | bytes) -> Manifest:
    """Raises ``DataError``."""
    try:
        told = json.loads(text)
        if told.pop("format") != FORMAT:
            raise DataError("The backup is of a later release: install that one to restore it.")
        return Manifest(
            **{**told, "created_at": datetime.fromisoformat(told["created_at"]), "key_ids": tuple(told["key_ids"])}
        )
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise DataError("This is no backup of salesbot, or a damaged one.") from exc


def machine(file: Path = MACHINE_ID) -> str:
    """This machine, so that another one is known as such; systemd wants the id itself to be kept to the machine."""
    try:
        name = file.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    return hmac.new(name.encode(), b"salesbot backup", sha256).hexdigest()[:32] if name else ""
