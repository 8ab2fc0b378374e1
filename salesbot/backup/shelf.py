"""The folder in which backups lie: ``salesbot-20261122T031500Z.tar.age`` and its manifest, ``….json``."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from salesbot.backup import manifest
from salesbot.backup.manifest import Manifest
from salesbot.backup.rotation import Keep, doomed
from salesbot.errors import DataError, Refused, SettingsError

PLAIN, ENCRYPTED = ".tar", ".tar.age"
MOVING = ".moving"
"""At the end of the name of a backup while the sessions in it are perhaps in the database as well."""
_NAME = re.compile(r"salesbot-(\d{8}T\d{6})Z\.tar(?:\.age)?")
_WHEN = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup on the shelf; ``manifest`` is None where the note beside it is gone."""

    file: Path
    made_at: datetime
    size: int
    manifest: Manifest | None


def name_of(made_at: datetime) -> str:
    return f"salesbot-{made_at.astimezone(UTC):{_WHEN}}Z"


def note_of(file: Path) -> Path:
    """The manifest beside a backup."""
    return file.with_name(file.name.removesuffix(MOVING).removesuffix(".age").removesuffix(".tar") + ".json")


def listed(folder: Path) -> Sequence[Kept]:
    """What lies in it, the newest first. Raises ``SettingsError`` when it cannot be looked into."""
    try:
        found = [(file, match) for file in folder.iterdir() if (match := _NAME.fullmatch(file.name))]
    except OSError as exc:
        raise SettingsError(f"BACKUP_DIR {folder} cannot be read: {exc.strerror}") from exc
    kept = [
        Kept(file, datetime.strptime(match[1], _WHEN).replace(tzinfo=UTC), file.stat().st_size, _manifest(file))
        for file, match in found
    ]
    return sorted(kept, key=lambda one: one.made_at, reverse=True)


def _manifest(file: Path) -> Manifest | None:
    try:
        return manifest.from_json(note_of(file).read_text("utf-8"))
    except (OSError, DataError):
        return None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder, made when it is missing, for one backup at a time; what a killed one left in it is removed.

    Raises ``SettingsError``, or ``Refused`` while another one runs.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise SettingsError(f"BACKUP_DIR {folder} cannot be written to: {exc.strerror}") from exc
    try:
        flock(lock, LOCK_EX | LOCK_NB)
        for left in folder.glob(".*.partial"):
            left.unlink()
        yield
    except BlockingIOError as exc:
        raise Refused("running", f"Another backup into {folder} is being made.") from exc
    finally:
        os.close(lock)


def put(file: Path, partial: Path, note: Manifest) -> None:
    """A backup that is whole takes its place; it outlives a power cut."""
    beside = note_of(file)
    beside.write_text(note.to_json(), "utf-8")
    for path in (beside, partial):
        _flush(path)
    partial.replace(file)
    _flush(file.parent)


def moving(folder: Path) -> Sequence[Path]:
    """Backups that were to move the sessions, whose making died before it was over."""
    return sorted(folder.glob(f"*{MOVING}"))


def moved(file: Path) -> Path:
    """The sessions are in it alone: it has its name from now on."""
    target = file.with_name(file.name.removesuffix(MOVING))
    file.replace(target)
    _flush(target.parent)
    return target


def remove(file: Path) -> None:
    file.unlink()
    note_of(file).unlink(missing_ok=True)


def note(file: Path, told: Manifest) -> None:
    """Say beside a backup what is known of it now, where there is such a note and it can be written."""
    with contextlib.suppress(OSError), note_of(file).open("r+", encoding="utf-8") as beside:
        beside.truncate()
        beside.write(told.to_json())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rotate(folder: Path, keep: Keep) -> Sequence[Path]:
    """Remove what is older than what is kept; returns that. One with which an account moved stays."""
    present = [one for one in listed(folder) if not (one.manifest and one.manifest.moved)]
    gone = doomed([one.made_at for one in present], keep)
    removed = [one.file for one in present if one.made_at in gone]
    for file in removed:
        remove(file)
    return removed
