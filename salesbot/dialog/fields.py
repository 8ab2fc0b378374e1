"""What is learnt about a person: checked by the field's kind, and proven by words of theirs. Pure.

A model fills in what it would like to know. So a field counts only when the words that the model quotes for it stand
in a message of the person, and a phone or an e-mail address only when it stands there itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from salesbot.dialog.model import FieldKind, Learnt, Message
from salesbot.dialog.scenario import Field, Scenario

TEXT_LENGTH = 200
MOST = 1_000_000_000
"""No number that somebody means is larger."""

WORD = re.compile(r"\w+")
NUMBER = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::\d{2})?)?")
WRITTEN_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?")
DAYS = {"today": 0, "tomorrow": 1, "сегодня": 0, "завтра": 1, "послезавтра": 2}
WEEKDAYS = (
    ("monday", "понедельник"),
    ("tuesday", "вторник"),
    ("wednesday", "среда", "среду"),
    ("thursday", "четверг"),
    ("friday", "пятница", "пятницу"),
    ("saturday", "суббота", "субботу"),
    ("sunday", "воскресенье"),
)


@dataclass(frozen=True, slots=True)
class Proven:
    """A field that was learnt: its value, normalised, and the id of the message that proves it (``messages.id``)."""

    field: str
    value: str
    message_id: int


def prove(
    learnt: Iterable[Learnt], scenario: Scenario, messages: Sequence[Message], today: date
) -> tuple[tuple[Proven, ...], tuple[str, ...]]:
    """What of it holds, the last of each field; and the names of the fields of which nothing does.

    ``messages`` are those of this dialog, oldest first; ``today`` is the day where the person is.
    """
    fields = {one.name: one for one in scenario.fields}
    proven: dict[str, Proven] = {}
    claimed: dict[str, None] = {}
    for one in learnt:
        if one.field not in fields:
            continue
        claimed[one.field] = None
        value = normalised(one.value, fields[one.field], today)
        message_id = _proof(one.quote, value, fields[one.field].kind, messages) if value is not None else None
        if value is not None and message_id is not None:
            proven[one.field] = Proven(one.field, value, message_id)
    return tuple(proven.values()), tuple(name for name in claimed if name not in proven)


def normalised(value: str, field: Field, today: date) -> str | None:
    """The value in the one form in which it is kept; None when it is none of this kind."""
    plain = " ".join(value.split())
    match field.kind:
        case FieldKind.TEXT:
            return plain[:TEXT_LENGTH].rstrip() or None
        case FieldKind.NUMBER:
            return _number(plain)
        case FieldKind.CHOICE:
            return next((one for one in field.choices if _plain(one) == _plain(plain)), None)
        case FieldKind.DATE:
            return _date(plain, today)
        case FieldKind.PHONE:
            return _phone(plain)
        case FieldKind.EMAIL:
            return plain.casefold() if EMAIL.fullmatch(plain) else None


def _proof(quote: str, value: str, kind: FieldKind, messages: Sequence[Message]) -> int | None:
    """The newest message of the person in which the quoted words stand together."""
    wanted = f" {_plain(quote)} "
    if not wanted.strip():
        return None
    for message in reversed(messages):
        if not message.incoming or message.deleted_at is not None:
            continue
        text = f"{message.content} {message.media}"
        if wanted in f" {_plain(text)} " and _names(text, value, kind):
            return message.id
    return None


def _names(text: str, value: str, kind: FieldKind) -> bool:
    """Whether contact data stand in the message themselves, whatever was quoted for them."""
    match kind:
        case FieldKind.PHONE:
            return value[-7:] in re.sub(r"\D", "", text)
        case FieldKind.EMAIL:
            return value in text.casefold()
        case _:
            return True


def _plain(text: str) -> str:
    """The words of a text, without case, punctuation and the two dots of ё."""
    return " ".join(WORD.findall(text.casefold().replace("ё", "е")))


def _number(text: str) -> str | None:
    """The only number in a text, without spaces; a fraction with a point."""
    found = NUMBER.findall(text)
    if len(found) != 1 or re.search(rf"[-−]\s*{re.escape(found[0])}", text):
        return None
    number = re.sub(r"\s", "", found[0]).replace(",", ".")
    return number if float(number) <= MOST else None


def _date(text: str, today: date) -> str | None:
    """``2026-11-24``, or ``2026-11-24 15:00`` where a time was given with it."""
    if iso := ISO_DATE.fullmatch(text):
        written = f"{iso[1]} {iso[2]}" if iso[2] else iso[1]
        try:
            datetime.fromisoformat(written)
        except ValueError:
            return None
        return written
    found = _written(text, today) or _relative(text.casefold(), today)
    return found.isoformat() if found else None


def _written(text: str, today: date) -> date | None:
    """``24.11`` is the next such day; ``24.11.2026`` and ``24.11.26`` name their year."""
    match = WRITTEN_DATE.fullmatch(text)
    if match is None:
        return None
    day, month, year = int(match[1]), int(match[2]), int(match[3] or 0)
    try:
        if year:
            return date(year if year > 99 else 2000 + year, month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _relative(text: str, today: date) -> date | None:
    """A day by its name, as seen from today; a weekday is the next one, not today."""
    if text in DAYS:
        return today + timedelta(days=DAYS[text])
    names = {name: number for number, written in enumerate(WEEKDAYS) for name in written}
    word = re.sub(r"\A(?:on|next|в|во)\s+", "", text)
    return today + timedelta(days=(names[word] - today.weekday() - 1) % 7 + 1) if word in names else None


def _phone(text: str) -> str | None:
    """E.164. A number without its country's code is a Russian one where it is written as one."""
    import phonenumbers  # noqa: PLC0415 - its tables are large, and few processes ever need them

    digits = re.sub(r"\D", "", text)
    country = "RU" if re.fullmatch(r"8\d{10}|9\d{9}", digits) else None
    written = text if text.lstrip().startswith("+") or country else f"+{digits}"
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
