"""What an admin typed after a command. Pure; ``WrongInput`` names what is wrong, and a view says it with an example."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from salesbot.store.admins import Role
from salesbot.store.messages import clean

_USERNAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/([^/?#]+)/?(?:[?#].*)?", re.IGNORECASE
)
_OPTION = re.compile(r"""(\w+)=(?:"([^"]*)"|“([^”“]*)[”“]|«([^»]*)»|'([^']*)'|([^\s"“«']\S*|))(?!\S)""")
"""Keyboards put their own quotation marks in the place of straight ones."""

_KEYS = ("scenario", "basis", "account")
_QUOTED = re.compile(r"""(?:"([^"]*)"|“([^”“]*)[”“]|«([^»]*)»|'([^']*)'|([^"“«'].*))""", re.DOTALL)
_LARGEST = 2**63


class Wrong(StrEnum):
    """What can be wrong with a command."""

    NUMBER_MISSING = "number_missing"
    PERSON_MISSING = "person_missing"
    BASIS_MISSING = "basis_missing"
    NOT_A_NUMBER = "not_a_number"
    MALFORMED_USERNAME = "malformed_username"
    UNKNOWN_KEY = "unknown_key"
    KEY_TWICE = "key_twice"
    EMPTY_VALUE = "empty_value"
    TOO_MUCH = "too_much"
    NOT_AN_ID = "not_an_id"
    UNKNOWN_ROLE = "unknown_role"
    NOT_HOURS = "not_hours"
    TEXT_MISSING = "text_missing"
    UNKNOWN_MODE = "unknown_mode"
    NO_SUCH_LIST = "no_such_list"
    WORDS_MISSING = "words_missing"
    NOTE_TOO_LONG = "note_too_long"


class WrongInput(Exception):
    """A command that cannot be understood; ``what`` is the piece at fault."""

    def __init__(self, wrong: Wrong, what: str = "") -> None:
        super().__init__(wrong.value)
        self.wrong = wrong
        self.what = what


@dataclass(frozen=True, slots=True)
class Start:
    """What ``/start`` asks for. ``target`` is a bare username or the digits of an id."""

    target: str
    scenario: str = ""
    basis: str = ""
    account: str = ""

    @property
    def by_id(self) -> bool:
        return self.target.isdecimal()


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom ``/forget``, ``/data`` and ``/basis`` are about: a bare username, or digits."""

    target: str
    numbered: bool = False
    """Typed as ``№7``: a dialog's number for sure. Bare digits are a dialog's number if there is one, else an id."""


def whom(args: str | None) -> Whom:
    """``@anna``, a link, an id, ``7``, ``№7`` or ``#7``. Raises ``WrongInput``."""
    person, rest = _first(args)
    if rest:
        raise WrongInput(Wrong.TOO_MUCH, rest)
    return _whom(person)


def basis(args: str | None) -> tuple[Whom, str]:
    """``@anna "asked at the fair"``, with or without quotation marks or ``basis=``. Raises ``WrongInput``."""
    person, rest = _first(args)
    about = _whom(person)
    said = _QUOTED.fullmatch(rest.removeprefix("basis="))
    text = " ".join(clean(next((group for group in said.groups() if group is not None), "")).split()) if said else ""
    if not text:
        raise WrongInput(Wrong.BASIS_MISSING)
    return about, text


def _first(args: str | None) -> tuple[str, str]:
    """The first word, with the sign for numbers before it, and what follows."""
    found = re.fullmatch(r"([№#]?\s*\S+)\s*(.*)", (args or "").strip(), re.DOTALL)
    return (found[1], found[2]) if found else ("", "")


def _whom(person: str) -> Whom:
    if not person:
        raise WrongInput(Wrong.PERSON_MISSING)
    if person[0] in "№#":
        return Whom(str(number(person)), numbered=True)
    return Whom(username(person))


def nothing(args: str | None) -> None:
    """For commands that take nothing. Raises ``WrongInput``."""
    if args and args.strip():
        raise WrongInput(Wrong.TOO_MUCH, args.strip())


def number(args: str | None) -> int:
    """The dialog's number of ``/stop 7``, ``/stop №7`` or ``/stop #7``. Raises ``WrongInput``."""
    words = (args or "").replace("№", " ").replace("#", " ").split()
    if not words:
        raise WrongInput(Wrong.NUMBER_MISSING)
    if len(words) > 1:
        raise WrongInput(Wrong.TOO_MUCH, " ".join(words[1:]))
    if not (words[0].isascii() and words[0].isdecimal() and 0 < int(words[0][:20]) < _LARGEST):
        raise WrongInput(Wrong.NOT_A_NUMBER, words[0])
    return int(words[0])


def speech(args: str | None) -> tuple[int, str]:
    """``7 Good morning``: a dialog's number and what is said in it, line breaks kept. Raises ``WrongInput``."""
    typed, text = _first(args)
    dialog = number(typed)
    if not text.strip():
        raise WrongInput(Wrong.TEXT_MISSING)
    return dialog, text.strip()


def numbered(args: str | None) -> tuple[int, str]:
    """``7 @olga``: a dialog's number and what follows, if anything does. Raises ``WrongInput``."""
    typed, rest = _first(args)
    return number(typed), rest.strip()


def telegram_id(text: str) -> int:
    """The digits of somebody's Telegram id. Raises ``WrongInput``."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:20]) < _LARGEST):
        raise WrongInput(Wrong.NOT_AN_ID, text)
    return int(text)


def role(text: str) -> Role:
    """``operator`` or ``viewer``, in either language. Raises ``WrongInput``."""
    known = {"operator": Role.OPERATOR, "оператор": Role.OPERATOR, "viewer": Role.VIEWER, "наблюдатель": Role.VIEWER}
    if text.lower() not in known:
        raise WrongInput(Wrong.UNKNOWN_ROLE, text)
    return known[text.lower()]


_HOURS = re.compile(r"(\d{1,2})(?::?00)?\s*(?:[-–—]|\s)\s*(\d{1,2})(?::?00)?")


def hours(text: str) -> tuple[int, int]:
    """``22-8`` or ``22:00–08:00``: the hours of the day at which something begins and ends. Raises ``WrongInput``."""
    found = _HOURS.fullmatch(text.strip())
    begin, end = (int(found[1]), int(found[2])) if found else (0, 0)
    if max(begin, end) > 24 or begin % 24 == end % 24:
        raise WrongInput(Wrong.NOT_HOURS, text)
    return begin % 24, end % 24


def start(args: str) -> Start:
    """The target and the options of ``/start``; there is at least a target. Raises ``WrongInput``."""
    target, *rest = args.split(maxsplit=1)
    name = username(target)
    options = _options(rest[0] if rest else "")
    return Start(name, options.get("scenario", ""), options.get("basis", ""), options.get("account", ""))


def username(text: str) -> str:
    """``@anna``, ``anna``, ``https://t.me/anna`` or an id's digits, bare. Raises ``WrongInput``."""
    link = _LINK.fullmatch(text)
    name = (link[1] if link else text).removeprefix("@")
    if name.isascii() and name.isdecimal() and not link and 0 < int(name[:20]) < _LARGEST:
        return str(int(name))
    if not _USERNAME.fullmatch(name):
        raise WrongInput(Wrong.MALFORMED_USERNAME, text)
    return name


def _options(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    end = 0
    for match in _OPTION.finditer(text):
        _nothing_between(text[end : match.start()])
        end = match.end()
        key = match[1].lower()
        value = " ".join(clean(next((group for group in match.groups()[1:] if group is not None), "")).split())
        if key not in _KEYS:
            raise WrongInput(Wrong.UNKNOWN_KEY, match[1])
        if key in found:
            raise WrongInput(Wrong.KEY_TWICE, key)
        if not value:
            raise WrongInput(Wrong.EMPTY_VALUE, key)
        found[key] = value
    _nothing_between(text[end:])
    return found


def _nothing_between(text: str) -> None:
    if stray := text.strip():
        raise WrongInput(Wrong.TOO_MUCH, stray)
