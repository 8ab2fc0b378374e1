"""The secret key: what the session at rest is encrypted with and opt-outs are remembered by.

One or several secrets, the current one first; older ones still decrypt and still recognise opt-outs. From each secret
three keys are derived (HKDF, a label for each), so that none of them tells anything about another: one encrypts, one
makes the keyed hashes of persons, one the fingerprint by which the database knows which secrets were ever used.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from salesbot.errors import DataError, SettingsError
from salesbot.settings import HELP, Settings, keys_in

DEFAULT_FILE = Path("secret.key")
"""Where the first ``login`` puts the key when neither SECRET_KEY nor SECRET_KEY_FILE is set."""

SHORTEST = 32
"""Characters of a secret; below that it could be guessed."""

_NONCE = 12


@dataclass(frozen=True, slots=True)
class _Key:
    key_id: str
    cipher: AESGCM = field(repr=False)
    marking: bytes = field(repr=False)

    @classmethod
    def derive(cls, secret: bytes) -> _Key:
        return cls(
            _hkdf(secret, b"salesbot key fingerprint")[:8].hex(),
            AESGCM(_hkdf(secret, b"salesbot session at rest")),
            _hkdf(secret, b"salesbot opt-out marks"),
        )

    def open(self, sealed: bytes) -> bytes | None:
        """What this key sealed; None when another did, or nobody at all."""
        try:
            return self.cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError):
            return None


class KeyRing:
    """The keys derived from SECRET_KEY. ``repr`` shows fingerprints only."""

    def __init__(self, text: str) -> None:
        """Parse one or several secrets, one a line or separated by commas. Raises ``SettingsError``."""
        found = keys_in(text)
        if not found:
            raise SettingsError("SECRET_KEY holds no key: " + HELP["SECRET_KEY"])
        if any(len(secret) < SHORTEST for secret in found):
            raise SettingsError(f"SECRET_KEY holds a key shorter than {SHORTEST} characters")
        self._keys = tuple(_Key.derive(secret.encode()) for secret in dict.fromkeys(found))

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self.key_ids)})"

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Fingerprints, the current key's first. They reveal nothing about the keys."""
        return tuple(key.key_id for key in self._keys)

    def encrypt(self, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._keys[0].cipher.encrypt(nonce, plain, None)

    def decrypt(self, sealed: bytes) -> bytes:
        """Open what any of the keys sealed. Raises ``DataError`` when none fits."""
        for key in self._keys:
            if (plain := key.open(sealed)) is not None:
                return plain
        raise DataError(
            "The stored session was encrypted with another SECRET_KEY; add that key, "
            "or restart the product if it was added since the start, or log in again"
        )

    def is_current(self, sealed: bytes) -> bool:
        """Whether the current key sealed this."""
        return self._keys[0].open(sealed) is not None

    def marks(self, telegram_id: int) -> tuple[tuple[str, bytes], ...]:
        """A person under every key: (key id, keyed hash), the current key's first."""
        return self._marks(str(telegram_id))

    def name_marks(self, username: str) -> tuple[tuple[str, bytes], ...]:
        """A username in whatever case, likewise. The sign before it keeps it apart from every id."""
        return self._marks(f"@{username.removeprefix('@').lower()}")

    def _marks(self, text: str) -> tuple[tuple[str, bytes], ...]:
        message = text.encode()
        return tuple((key.key_id, hmac.new(key.marking, message, sha256).digest()) for key in self._keys)


def load(settings: Settings) -> KeyRing:
    """The key ring of SECRET_KEY, else of SECRET_KEY_FILE. Raises ``SettingsError``."""
    if settings.secret_key:
        return KeyRing(settings.secret_key.get_secret_value())
    path = path_of(settings)
    if not path.exists():
        raise SettingsError(f"SECRET_KEY is missing and there is no file {path}: {HELP['SECRET_KEY']}")
    return KeyRing(_read(path))


def load_or_make(settings: Settings) -> KeyRing:
    """As ``load``, but make the key file when there is none (the first login). An existing one is never overwritten."""
    if not settings.secret_key:
        path = path_of(settings)
        try:
            _write(path, _new_secret())
        except FileExistsError:
            pass
        except OSError as exc:
            raise SettingsError(f"The key file {path} cannot be made: {exc.strerror}") from exc
    return load(settings)


def renew(settings: Settings) -> KeyRing:
    """Put a new key before the others of the key file; whoever reads it meanwhile finds the old file or the new one."""
    path = path_of(settings).resolve()
    fresh = path.with_name(f"{path.name}.new")
    text = _read(path)
    try:
        owner = path.stat()
        fresh.unlink(missing_ok=True)  # of a start that was killed: nothing was sealed with it
        _write(fresh, f"{_new_secret()}{text}", (owner.st_uid, owner.st_gid))
        fresh.replace(path)
        _flush(path.parent)
    except OSError as exc:
        raise SettingsError(f"The key file {path} cannot be replaced: {exc.strerror}") from exc
    return load(settings)


def path_of(settings: Settings) -> Path:
    """The key file, for when SECRET_KEY is not set."""
    return settings.secret_key_file or DEFAULT_FILE


def _new_secret() -> str:
    return secrets.token_urlsafe(32) + "\n"


def _write(path: Path, text: str, owner: tuple[int, int] | None = None) -> None:
    """A new file for its owner alone, on disk when this returns. Raises ``FileExistsError``, ``OSError``."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        if owner is not None:
            os.fchown(file.fileno(), *owner)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> str:
    try:
        with path.open() as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise SettingsError(f"The key file {path} can be read by others (mode {mode:o}): chmod 600 {path}")
            return file.read()
    except OSError as exc:
        raise SettingsError(f"The key file {path} cannot be read: {exc.strerror}") from exc


def _hkdf(secret: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret)
