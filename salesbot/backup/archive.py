"""The file of a backup: a tar of the manifest and the dump, encrypted for those who may read it."""

from __future__ import annotations

import contextlib
import getpass
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from salesbot.backup import manifest, tools
from salesbot.backup.manifest import Manifest
from salesbot.errors import DataError, Refused

MANIFEST, DUMP = "manifest.json", "dump"
DAMAGED = "This backup is damaged: it ends too early. Take another one."


@dataclass(frozen=True, slots=True)
class Opened:
    """A backup being read."""

    manifest: Manifest
    dump: IO[bytes]
    whole: Callable[[], None]
    """Called after the dump was read: raises ``DataError`` when something is missing from it."""


def write(file: Path, told: Manifest, dump: Path, recipients: Sequence[str]) -> None:
    """Write a backup that the ``recipients`` alone can read, or everybody when there are none. Raises ``Refused``."""
    with file.open("wb") as sink:
        if not recipients:
            _pack(sink, told, dump)
            return
        command = [tools.age(), *(word for one in recipients for word in ("--recipient", one))]
        with tempfile.TemporaryFile() as errors:
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=sink, stderr=errors) as age:  # noqa: S603
                assert age.stdin
                with contextlib.suppress(BrokenPipeError):  # it says why
                    _pack(age.stdin, told, dump)
                    age.stdin.close()
            if age.returncode:
                raise Refused("age", f"age failed: {tools.last_words(errors, 1)}. Is BACKUP_RECIPIENT right?")


def _pack(sink: IO[bytes], told: Manifest, dump: Path) -> None:
    note = told.to_json().encode()
    with tarfile.open(fileobj=sink, mode="w|") as archive:
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mtime = len(note), int(told.created_at.timestamp())
        archive.addfile(head, io.BytesIO(note))
        body = tarfile.TarInfo(DUMP)
        body.size, body.mtime = dump.stat().st_size, head.mtime
        with dump.open("rb") as source:
            archive.addfile(body, source)


@contextmanager
def opened(file: Path, identity: Path | None) -> Iterator[Opened]:
    """Read a backup, decrypted with the key in ``identity``. Raises ``DataError``, ``Refused``."""
    with _plain(file, identity) as (source, ended):
        try:
            with tarfile.open(fileobj=source, mode="r|") as archive:
                note = archive.extractfile(_member(archive, MANIFEST))
                assert note
                told = manifest.from_json(note.read())
                dump = archive.extractfile(_member(archive, DUMP))
                assert dump
                yield Opened(told, dump, lambda: _whole(archive, ended))
        except (tarfile.TarError, EOFError) as exc:
            ended()
            raise DataError(DAMAGED) from exc


def _member(archive: tarfile.TarFile, name: str) -> tarfile.TarInfo:
    member = archive.next()
    if member is None or member.name != name or not member.isfile():
        raise DataError("This is no backup of salesbot, or a damaged one.")
    return member


def _whole(archive: tarfile.TarFile, ended: Callable[[], None]) -> None:
    if archive.next() is not None:
        raise DataError("This is no backup of salesbot, or a damaged one.")
    ended()


@contextmanager
def _plain(file: Path, identity: Path | None) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    """What the file holds, and whom to ask in the end whether that was all."""
    try:
        source = file.open("rb")
    except OSError as exc:
        raise DataError(f"The backup {file} cannot be read: {exc.strerror}") from exc
    with source:
        if not source.read(21).startswith(b"age-encryption.org/v1"):
            source.seek(0)
            yield source, lambda: None
            return
    if identity is None:
        raise Refused("identity", "This backup is encrypted. Name the file with its key: --identity KEYFILE")
    if not os.access(identity, os.R_OK):
        raise Refused("identity", f"The key {identity} is not there, or not to be read by {getpass.getuser()}.")
    with tempfile.TemporaryFile() as errors:
        command = [tools.age(), "--decrypt", "--identity", str(identity), str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as age:  # noqa: S603
            assert age.stdout
            plain = age.stdout

            def ended() -> None:
                while plain.read(1 << 16):
                    pass
                if age.wait():
                    raise DataError(f"The backup cannot be decrypted: {tools.last_words(errors, 1)}")

            try:
                yield plain, ended
            finally:
                age.kill()  # whoever wanted no more than the manifest
