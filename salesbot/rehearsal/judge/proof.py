"""UNPROVEN and COST: what is believed of the person was said by them, and it all stays within its price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from salesbot.dialog.model import Author, FieldKind, Outcome
from salesbot.dialog.scenario import Field
from salesbot.rehearsal.judge.case import Case, plain, quoted, words
from salesbot.rehearsal.judge.numbers import numbers
from salesbot.rehearsal.record import Learnt, Line, Rule, Violation

STEM = 3
_CYRILLIC = re.compile(r"[а-я]")
_WEEKDAYS = (
    "понедельник|monday|mon", "вторник|tuesday|tue", "сред[ауые]|wednesday|wed", "четверг|thursday|thu",
    "пятниц|friday|fri", "суббот|saturday|sat", "воскресен|sunday|sun",
)  # fmt: skip
_MONTHS = (
    "январ|jan", "феврал|feb", "март|mar", "апрел|apr", "ма[йяе]|may", "июн|jun", "июл|jul", "август|aug",
    "сентябр|sep", "октябр|oct", "ноябр|nov", "декабр|dec",
)  # fmt: skip
_DAYS = {"сегодня": 0, "today": 0, "tonight": 0, "завтра": 1, "tomorrow": 1, "послезавтра": 2}
_VAGUE = re.compile(
    r"недел|месяц|дн[яей]|week|month|days|сразу|скоро|asap|soon|right away|now|сейчас|конц|начал|end of"
)


def unproven(case: Case) -> Iterator[Violation]:
    record = case.record
    fields = {one.name: one for one in case.scenario.fields}
    for learnt in record.learnt:
        line = next((one for one in record.lines if one.id == learnt.line), None)
        if line is None or line.author is not Author.CONTACT:
            yield Violation(
                Rule.UNPROVEN, f"{learnt.field} = {learnt.value!r}, and no line of theirs says so", learnt.line
            )
        elif learnt.field in fields and not _says(case, line, learnt, fields[learnt.field]):
            what = f"{learnt.field} = {learnt.value!r} is not in {quoted(line.text or line.kind)}"
            yield Violation(Rule.UNPROVEN, what, line.id)
    if record.outcome is Outcome.WON:
        missing = [name for name in case.scenario.won_needs if name not in {one.field for one in record.learnt}]
        if missing:
            yield Violation(Rule.UNPROVEN, f"won without {', '.join(missing)}")


def _says(case: Case, line: Line, learnt: Learnt, field: Field) -> bool:
    """Whether the line, as it stands or as it stood before an edit, holds the value in some plain reading."""
    return any(_holds(case, line, text, learnt.value, field) for text in (line.text, *line.was))


def _holds(case: Case, line: Line, text: str, value: str, field: Field) -> bool:
    match field.kind:
        case FieldKind.NUMBER:
            return {one.value for one in numbers(value)} <= {one.value for one in numbers(text)}
        case FieldKind.CHOICE:
            return value in field.choices
        case FieldKind.DATE:
            return _names_day(text, value, line.at.astimezone(ZoneInfo(case.record.profile.timezone)).date())
        case FieldKind.PHONE:
            return line.kind == "contact" or re.sub(r"\D", "", value)[-7:] in re.sub(r"\D", "", text)
        case FieldKind.EMAIL:
            return value.casefold() in text.casefold()
        case FieldKind.TEXT:
            return _shares_words(text, value)


def _shares_words(text: str, value: str) -> bool:
    """A word or a number of the value; what is told in another alphabet cannot be compared but by its numbers."""
    said, kept = plain(text), plain(value)
    if bool(_CYRILLIC.search(said)) is not bool(_CYRILLIC.search(kept)):
        digits = set(re.findall(r"\d+", kept))
        return bool(said) and (not digits or bool(digits & set(re.findall(r"\d+", said))) or not re.search(r"\d", said))
    beginnings = {one[: max(STEM, len(one) - 3)] for one in words(kept) if len(one) >= STEM or one.isdigit()}
    return any(word.startswith(tuple(beginnings)) for word in words(said)) if beginnings else kept in said


def _names_day(text: str, value: str, today: date) -> bool:
    shown = plain(text)
    day = date.fromisoformat(value[:10])
    if any(re.search(rf"\b{word}\b", shown) and today + timedelta(days=away) == day for word, away in _DAYS.items()):
        return True
    if re.search(rf"\b(?:{_WEEKDAYS[day.weekday()]})", shown) or re.search(rf"\b(?:{_MONTHS[day.month - 1]})", shown):
        return True
    return str(day.day) in re.findall(r"\d+", shown.replace(".0", ".")) or _VAGUE.search(shown) is not None


def dear(case: Case) -> Iterator[Violation]:
    record = case.record
    if record.ceiling is not None and record.cost > record.ceiling:
        yield Violation(Rule.COST, f"it cost {record.cost:f} dollars, and may cost {record.ceiling:f}")
