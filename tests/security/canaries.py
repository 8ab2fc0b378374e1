"""Canaries: values that stand for every secret and for people's words, and a search for them in whatever was written.

    canaries = Canaries()
    settings |= canaries.settings(settings)              # what can be chosen: API_HASH, keys, passwords in addresses
    canaries.secret("auth key", session.auth_key.key)    # what others made
    line = canaries.says("anna", "How much is it?")      # a line of somebody, with a word that can be recognised
    …
    assert canaries.search(folder) == []                 # logs, output, errors: neither secrets nor words
    assert canaries.search(export, words=False) == []    # exports and the bot's chat: people's words belong there

A value is looked for as it is, in base64 (at all three alignments, both alphabets), URL-encoded, in hex, as ``repr``
and JSON escape it; inside zip files, too.
"""

from __future__ import annotations

import base64
import io
import json
import re
import secrets
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

SHORTEST = 6
"""Bytes of a canary; shorter ones would be found by chance."""
CONSONANTS = "bcdfghjklmnpqrstvwxz"
"""What words are marked with: of digits and vowels the guard would read something (``3fee2`` spoke of money)."""

CHOSEN = {"API_HASH": 16, "OPENROUTER_API_KEY": 24, "SECRET_KEY": 24}
"""Settings that may be any text, and how many random bytes theirs stands for."""

ADDRESSES = ("DATABASE_URL", "LLM_BASE_URL", "TELEGRAM_PROXY")
"""Settings with a login inside."""


@dataclass(frozen=True)
class Finding:
    """A canary where it may not be: which, in which form, and what stands around it."""

    where: str
    canary: str
    form: str
    around: str

    def __str__(self) -> str:
        return f"{self.where}: {self.canary} ({self.form}): {self.around}"


class Canaries:
    """The values of one run. Every instance has its own, so that one run's are not found in another's files."""

    def __init__(self) -> None:
        self._secrets: dict[str, bytes] = {}
        self._words: dict[str, bytes] = {}
        self._mark = "".join(secrets.choice(CONSONANTS) for _ in range(8))

    # --- values

    def secret(self, name: str, value: str | bytes) -> None:
        """Something that may stand nowhere."""
        found = value.encode() if isinstance(value, str) else value
        assert len(found) >= SHORTEST, f"{name} is too short to be looked for"
        self._secrets[name] = found

    def word(self, name: str, text: str) -> None:
        """Something that a person said: it may be stored, shown to the operator and exported, but not logged."""
        assert len(text.encode()) >= SHORTEST, f"{text!r} is too short to be looked for"
        self._words[name] = text.encode()

    def says(self, who: str, text: str) -> str:
        """A line of somebody with two words in it, Latin and Cyrillic, by which it is found again."""
        number = len(self._words)
        latin, cyrillic = f"word{self._mark}n{number}", f"слово{self._mark}н{number}"
        self.word(f"{who} #{number}", latin)
        self.word(f"{who} #{number} (Cyrillic)", cyrillic)
        return f"{text} {latin} {cyrillic}"

    def settings(self, given: Mapping[str, str]) -> dict[str, str]:
        """Values for every setting that is a secret or holds one: chosen ones are new, those that the other side gave
        (BOT_TOKEN, the passwords of addresses) are kept and looked for as they are."""
        made = {name: f"canary-{name.lower()}-{secrets.token_hex(size)}" for name, size in CHOSEN.items()}
        made |= {name: self._address(name, given[name]) for name in ADDRESSES if name in given}
        made |= {name: given[name] for name in ("BOT_TOKEN",) if name in given}
        for name in (*CHOSEN, "BOT_TOKEN"):
            if name in made:
                self.secret(name, made[name].partition(":")[2] if name == "BOT_TOKEN" else made[name])
        return made

    def _address(self, name: str, url: str) -> str:
        """An address whose password is the canary: the one it has; the database, which may trust us, gets one else.
        The name of the user is no secret."""
        parts = urlsplit(url)
        login, _, host = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        if not password and name != "DATABASE_URL":
            return url
        password = password or f"canary-{name.lower()}-{secrets.token_hex(12)}"
        if len(password) >= SHORTEST:
            self.secret(f"{name}'s password", password)
        return urlunsplit(parts._replace(netloc=f"{user or 'canary'}:{password}@{host}"))

    # --- search

    def search(self, where: Path | bytes, *, words: bool = True, name: str = "") -> list[Finding]:
        """All canaries in some bytes, a file, or all files of a folder; without ``words`` secrets only."""
        forms = {form: (canary, kind) for canary, kind, form in self._forms(words=words)}
        if not forms:
            return []
        pattern = re.compile(b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
        return [
            Finding(
                place, *forms[match[0]], content[max(0, match.start() - 60) : match.end() + 60].decode(errors="replace")
            )
            for place, content in _contents(where, name)
            for match in pattern.finditer(content)
        ]

    def _forms(self, *, words: bool) -> Iterator[tuple[str, str, bytes]]:
        for canary, value in {**self._secrets, **(self._words if words else {})}.items():
            for kind, form in forms(value):
                yield canary, kind, form


def forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    """How a value may look: (name of the form, bytes)."""
    yield "raw", value
    yield "hex", value.hex().encode()
    yield "HEX", value.hex().upper().encode()
    yield "repr", repr(value)[2:-1].encode()
    yield "escaped", value.decode(errors="surrogateescape").encode("unicode_escape", errors="surrogatepass")
    for encoded in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield "url-encoded", encoded.encode()
        yield "url-encoded", re.sub("%..", lambda found: found[0].lower(), encoded).encode()
    for alignment in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield f"base64 at {alignment}", _inner(encode(b"\0" * alignment + value), alignment, len(value))
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    yield "JSON", json.dumps(text)[1:-1].encode()
    yield "repr", repr(text)[1:-1].encode(errors="surrogatepass")


def _inner(encoded: bytes, alignment: int, length: int) -> bytes:
    """The letters of a base64 text that depend on the value alone, whatever stands before and after it."""
    first = -(-alignment * 8 // 6)
    return encoded[first : (alignment + length) * 8 // 6]


def _contents(where: Path | bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """(place, bytes) of everything to be searched."""
    if isinstance(where, Path):
        paths = sorted(path for path in where.rglob("*") if path.is_file()) if where.is_dir() else [where]
        for path in paths:
            shown = str(path.relative_to(where)) if where.is_dir() else path.name
            yield "name of a file", shown.encode()
            yield from _contents(path.read_bytes(), shown)
        return
    yield name or "bytes", where
    if zipfile.is_zipfile(io.BytesIO(where)):
        with zipfile.ZipFile(io.BytesIO(where)) as archive:
            for entry in archive.namelist():
                yield from _contents(archive.read(entry), f"{name}/{entry}")
