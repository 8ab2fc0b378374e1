"""The file of settings while it is filled in: what is kept there, what it would make of an answer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from dotenv import set_key

from salesbot import settings
from salesbot.errors import SettingsError
from salesbot.settings import Settings
from salesbot.setup import checks

DATABASE_URL = Settings.model_fields["database_url"].default.get_secret_value()
NAMES = frozenset(name.upper() for name in Settings.model_fields)


@dataclass(frozen=True, slots=True)
class Question:
    """Settings that are asked for one after the other and then tried together."""

    names: tuple[str, ...]
    check: Callable[[Settings], Awaitable[str]]
    secret: frozenset[str] = frozenset()
    """Those that are not shown while they are typed; the password of a database is in its address."""
    without: str = ""
    """What it means to leave them out, for those that may be."""
    default: str = ""
    """What Enter takes while there is nothing yet."""
    after: str = ""
    """A setting that they are tried with."""


QUESTIONS = (
    Question(("DATABASE_URL",), checks.database, secret=frozenset({"DATABASE_URL"}), default=DATABASE_URL),
    Question(("API_ID", "API_HASH"), checks.application, secret=frozenset({"API_HASH"})),
    Question(("BOT_TOKEN",), checks.bot, secret=frozenset({"BOT_TOKEN"})),
    Question(("ADMIN_TELEGRAM_ID",), checks.admins, after="BOT_TOKEN"),
    Question(("OPENROUTER_API_KEY",), checks.model, secret=frozenset({"OPENROUTER_API_KEY"})),
    Question(("BACKUP_RECIPIENT",), checks.nothing, without="no backup is made at night"),
)
ASKED = frozenset(name for question in QUESTIONS for name in question.names)


@dataclass(frozen=True, slots=True)
class Form:
    """A file like .env, read once and written answer by answer: an end in the midst of it loses none."""

    place: Path
    values: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, place: Path) -> Form:
        """Raises ``SettingsError`` when something else than what is asked for is wrong in it: an editor's work."""
        form = cls(place, {name: value for name, value in settings.in_file(place).items() if value})
        settings.checked({name: value for name, value in form.values.items() if name not in ASKED})
        for name in ASKED & form.values.keys():
            if form.wrong({name: form.values[name]}):
                del form.values[name]
        return form

    def tried(self, new: Mapping[str, str]) -> Settings:
        """Settings with these answers; what is not known yet has a stand-in. Raises ``SettingsError``."""
        return settings.checked({**self.values, **new})

    def wrong(self, new: Mapping[str, str]) -> str:
        """What is wrong with the form of these answers; '' when nothing is."""
        known = {name: value for name, value in self.values.items() if name not in ASKED}
        try:
            settings.checked({**known, **new})
        except SettingsError as exc:
            return "\n".join(line.strip() for line in str(exc).splitlines()[1:])  # the first says that there is one
        return ""

    def has(self, question: Question) -> bool:
        return all(name in self.values for name in question.names)

    def keep(self, new: Mapping[str, str]) -> None:
        """Write what differs. Raises ``SettingsError`` when the file cannot be written."""
        for name, value in new.items():
            if self.values.get(name) == value:
                continue
            try:
                _write(self.place, name, value)
            except OSError as exc:
                raise SettingsError(f"The settings cannot be written to {self.place}: {exc.strerror}") from exc
            self.values[name] = value


def _write(place: Path, name: str, value: str) -> None:
    """In the file itself: on a server its folder is root's: nobody else can put a link there that root would follow."""
    with TemporaryDirectory() as folder:
        draft = Path(folder, place.name)
        if place.exists():
            shutil.copyfile(place, draft)
        set_key(draft, name, value, quote_mode="auto")
        text = draft.read_bytes()
    with open(os.open(place, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0) as file:
        file.write(text.ljust(place.stat().st_size, b"\n"))  # one write, over all that was there: killed, we lose none
        file.truncate(len(text))
        os.fsync(file)
