"""Numbers with what they count: money, percentages, durations, clock times, or some noun."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from salesbot.dialog.guard import units
from salesbot.dialog.guard.numbers import Number, scan
from salesbot.dialog.guard.numerals import compound
from salesbot.dialog.guard.words import Span, Text, of_span, of_text
from salesbot.dialog.remembered import WORDS, remembered

JOINS = frozenset(", и или либо до or to and / - – —".split())
APPROXIMATE = frozenset("за по на в около примерно где-то этак до от о".split())
CLOCK_BEFORE = frozenset("в к ко с со at by till until".split())
CLOCK_AFTER = frozenset("утра вечера ночи am pm o'clock".split())
MONTHS = tuple("январ феврал март апрел мая июн июл август сентябр октябр ноябр декабр".split())
MONTHS_EN = frozenset("january february march april may june july august september october november december jan feb"
                      " mar apr jun jul aug sep sept oct nov dec".split())  # fmt: skip


class What(StrEnum):
    MONEY = "money"
    PERCENT = "percent"
    DURATION = "duration"
    CLOCK = "clock"
    DATE = "date"
    COUNT = "count"
    """Of something that a noun names."""
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class Quantity:
    value: Decimal
    what: What
    unit: str
    """The currency (empty: only a rate tells that it is money), the duration, or the start of the noun."""
    first: int
    last: int
    """Tokens from … to before …, the unit included."""
    per: str = ""
    number: Number | None = None

    @property
    def canonical(self) -> tuple[Decimal, str]:
        return units.canonical(self.value, self.unit) if self.what is What.DURATION else (self.value, self.unit)


@of_text
def quantities(text: Text) -> tuple[Quantity, ...]:
    """All quantities of a text, in order; two that share a unit (``3 600 or 4 100 ₽``) both have it."""
    numbers = scan(text)
    found: list[Quantity] = []
    right: Quantity | None = None
    free = len(text.tokens)
    for at in range(len(numbers) - 1, -1, -1):
        number = numbers[at]
        left = numbers[at - 1].last if at else 0
        own = _classified(text, number, left, free)
        if right is not None and own.what in (What.BARE, What.COUNT) and own.last <= number.last:
            own = _shared(text, number, own, right)
        if own.what is not What.BARE or not number.faint:
            found.append(own)
        right, free = own, number.first
    worded = {place for one in found for place in range(one.first, one.last)}
    found += [one for one in _worded(text) if one.first not in worded]
    return tuple(sorted(found, key=lambda one: one.first))


@of_span
def within(span: Span) -> tuple[Quantity, ...]:
    """The quantities of a span."""
    return tuple(one for one in quantities(span.text) if span.first <= one.first < span.last)


_TIMES = frozenset("x х × * by на".split())
_LENGTH = re.compile(r"см|мм|м|метр\w*|сантиметр\w*|cm|mm|centimet\w+|met(?:er|re)s?")
_SHARING = frozenset({What.MONEY, What.PERCENT, What.DURATION, What.CLOCK})


def _shared(text: Text, number: Number, own: Quantity, right: Quantity) -> Quantity:
    between = [text.norm(at) for at in range(number.last, right.number.first if right.number else right.first)]
    if not 0 < len(between) <= 2 or number.faint or number.ordinal:
        return own
    if right.what is What.COUNT and between[0] in _TIMES and _LENGTH.fullmatch(right.unit):
        return replace(right, value=number.value, first=number.first, last=number.last, number=number)
    if right.what not in _SHARING or not all(one in JOINS or one in units.SIGNS for one in between):
        return own
    value = number.value
    scale = _scale(right.number) if right.number else Decimal(1)
    if scale > 1 and not number.scaled and value < scale:
        value *= scale
    return replace(right, value=value, first=number.first, last=number.last, number=number)


def _scale(number: Number) -> Decimal:
    if not number.scaled:
        return Decimal(1)
    return Decimal(1_000_000) if number.value >= 1_000_000 else Decimal(1000) if number.value >= 1000 else Decimal(100)


def _classified(text: Text, number: Number, left: int, right: int) -> Quantity:
    """A number by what stands behind it, else before it (but not within the numbers beside it)."""
    if (found := _signed(text, number, left)) is not None:
        return found
    at = number.last
    for _ in range(2):
        if at < right and text.norm(at) in units.OFTEN:
            at += 1
    unit = text.norm(at) if at < len(text.tokens) else ""
    if text.norm(at) == "-" and text.tight(at) and text.tight(at + 1):  # 3-month, 5-дневный
        at += 1
        unit = text.norm(at)
    if (found := _money(text, number, at, unit)) is not None:
        return found
    if units.is_percent(unit) or (unit == "per" and text.norm(at + 1) == "cent"):
        return Quantity(number.value, What.PERCENT, "%", number.first, at + (2 if unit == "per" else 1), number=number)
    if (found := _time(text, number, at, unit)) is not None:
        return found
    if (found := _before(text, number, left)) is not None:
        return found
    return _counted(text, number, at)


def _signed(text: Text, number: Number, left: int) -> Quantity | None:
    before = number.first - 1
    if before < max(left, 0) or (before == left and left):
        return None  # none, or that of the number before
    name = units.SIGNS.get(text.norm(before)) or (
        text.norm(before).upper() if text.norm(before) in ("usd", "eur", "rub", "gbp") else None
    )
    if name is None:
        return None
    after, per = _rate(text, number.last)
    return Quantity(number.value, What.MONEY, name, before, after, per, number)


def _money(text: Text, number: Number, at: int, unit: str) -> Quantity | None:
    name = units.currency(unit) if unit else None
    if name == "RUB" and unit == "р" and not (number.written or number.scaled):
        name = None
    if name is None and unit in units.PIECES and (slang := units.currency(text.norm(at + 1))):  # три штуки рублей
        return Quantity(number.value * 1000, What.MONEY, slang, number.first, at + 2, number=number)
    if name is not None and not (number.ordinal and not number.scaled):
        end = at + 2 if text.norm(at + 1) == "." and text.tight(at + 1) else at + 1
        after, per = _rate(text, end)
        value, name = (number.value / 100, "RUB") if name == "KOPECK" else (number.value, name)
        return Quantity(value, What.MONEY, name, number.first, after, per, number)
    after, per = _rate(text, number.last)
    if (
        per
        and not number.ordinal
        and not (number.faint or text.norm(number.last) in ("на", "с", "со"))
        and (per in ("month", "kg", "year") or text.norm(number.last) in ("/", "per"))
    ):
        if per == "year" and text.norm(number.last) == "в":
            return None
        return Quantity(number.value, What.MONEY, "", number.first, after, per, number)
    if number.money:
        return Quantity(number.value, What.MONEY, "", number.first, after, per, number)
    return None


_SINGLE = frozenset("один одну каждый каждую одного every each one календарный".split())


def _rate(text: Text, at: int) -> tuple[int, str]:
    """Where the rate behind an amount ends, and what it is: ``в месяц``, ``/mo``, ``a kilo``, ``for each cup``."""
    if (word := units.RATE_WORDS.get(text.norm(at))) is not None:
        return at + 1, word
    if text.norm(at) == "once" or (text.norm(at), text.norm(at + 1)) == ("один", "раз"):
        return at + 1, "once"
    if text.norm(at) in ("разово", "единовременно", "единоразово", "one-off"):
        return at + 1, "once"
    if text.norm(at) not in units.RATE_LINKS:
        return at, ""
    then = at + 1
    if text.norm(then) in _SINGLE:
        then += 1
    if (name := units.rate(text.norm(then))) is None:
        return at, ""
    end = then + 1
    if text.norm(end) == "." and text.norm(then) in ("мес", "шт"):
        end += 1
    return end, name


def _time(text: Text, number: Number, at: int, unit: str) -> Quantity | None:
    after = text.norm(at + 1)
    if unit in CLOCK_AFTER:
        return Quantity(number.value, What.CLOCK, "hour", number.first, at + 1, number=number)
    if (unit == "дня" and number.value <= 12 and number.value > 4) or (
        unit[:1].isalpha() and ((unit.startswith(MONTHS) and len(unit) < 10) or unit in MONTHS_EN)
    ):
        return Quantity(number.value, What.DATE, "date", number.first, at + 1, number=number)
    if text.norm(number.first - 1) in MONTHS_EN and number.value <= 31:
        return Quantity(number.value, What.DATE, "date", number.first, number.last, number=number)
    name = units.duration(unit) if unit else None
    if name is None and (made := compound(unit)) is not None and made[0] == 1 and made[1] in units.TO_MONTHS:
        name = made[1]  # две месячные цены
    if (
        name is None
        or (unit == "ч" and not number.written)
        or (unit == "second" and number.written is False and number.faint)
    ):
        return None
    if (number.ordinal and number.value > 31) or (name == "year" and number.ordinal):
        return Quantity(number.value, What.DATE, "date", number.first, at + 1, number=number)
    if name == "year" and 1900 <= number.value <= 2100:
        return Quantity(number.value, What.DATE, "date", number.first, at + 1, number=number)
    clock = name == "hour" and (text.norm(number.first - 1) in CLOCK_BEFORE or after in ("дня", *CLOCK_AFTER))
    if clock and number.value <= 24 and not number.ordinal and text.norm(number.first - 2) not in ("укладываемся",):
        return Quantity(number.value, What.CLOCK, "hour", number.first, at + 1, number=number)
    if number.ordinal:
        return Quantity(number.value, What.COUNT, name, number.first, at + 1, number=number)
    per = "every" if text.norm(number.first - 1) in _EACH or text.norm(number.first - 2) in ("раз", "once") else ""
    return Quantity(number.value, What.DURATION, name, number.first, at + 1, per, number)


def _before(text: Text, number: Number, left: int) -> Quantity | None:
    """``рублей пятьсот``, ``минут за двадцать``, ``процентов десять``."""
    at = number.first - 1
    if at >= left and text.norm(at) in APPROXIMATE:
        at -= 1
    if at < left or (at == left and left) or number.ordinal:
        return None  # none, or the unit of the number before
    word, made = text.norm(at), (at, number.last)
    if word in _MONEY_BEFORE:
        return Quantity(number.value, What.MONEY, units.currency(word) or "", *made, number=number)
    if word in ("процентов", "проц"):
        return Quantity(number.value, What.PERCENT, "%", *made, number=number)
    if word in _TIME_BEFORE:
        return Quantity(number.value, What.DURATION, units.duration(word) or "", *made, number=number)
    return None


_MONEY_BEFORE = frozenset("рублей руб долларов баксов евро roubles rubles rub dollars euros".split())
_TIME_BEFORE = frozenset("минут часов дней недель месяцев лет суток секунд".split())
_NO_NOUNS = frozenset(
    "and but for the with per from that this you your our are was will can how not only all would per too now"
    " then than nothing everything something anything since until each apiece max maximum tops final flat"
    " works would or if instead rather against versus compared вместо против чем"
    " или для это этого нам вам нас вас они она как при про без над уже еще если раз хватит больше меньше тоже так вот"
    "там тут здесь сразу пока даже лишь что чтобы потому когда хорошо ладно нет вполне дорого много мало"
    " максимум ровно край итого минимум ладно".split()
)
_SHORT_NOUNS = frozenset("кг км см мм шт м л г в kg km cm mm v l g of".split())
_VERB = re.compile(r"\w+(?:ете|ите|ем|им|ешь|ишь|ут|ют|ат|ят|ть|ться|тся|ет|ит)")


def _counted(text: Text, number: Number, at: int) -> Quantity:
    """Of the noun behind it, if what stands there may be one."""
    if at < len(text.tokens) and text.tokens[at].is_word and not number.ordinal:
        noun = text.tokens[at].norm
        if noun in _SHORT_NOUNS or (len(noun) > 2 and noun not in _NO_NOUNS and not _VERB.fullmatch(noun)):
            return Quantity(number.value, What.COUNT, noun, number.first, at + 1, number=number)
    return Quantity(number.value, What.BARE, "", number.first, number.last, number=number)


_EACH = frozenset("каждые каждый каждую каждое every".split())
_ARTICLES = frozenset("a an".split())
_SPAN_BEFORE = frozenset(
    "in within for after over of lasts takes last take another under than about around roughly nearly almost".split()
)
_SPAN_BEFORE_RU = frozenset(
    "за на через спустя течение около примерно почти занимает составляет менее более раз каждый каждую каждые".split()
)
_WHOLE_UNITS = frozenset("секунду минуту час неделю месяц квартал год сутки недели часа месяца года дня полдня".split())
_ALONE = frozenset("только всего лишь ровно минимум максимум хотя single just only whole full".split()) | {""}
_LONG = frozenset("week fortnight month quarter year".split())
_NO_SPAN = frozenset("назад спустя прошл прошел прошла of to past off ago later is was has".split())
_EVERY = {
    "еженедельно": "week", "ежемесячно": "month", "ежегодно": "year", "ежеквартально": "quarter", "weekly": "week",
    "monthly": "month", "yearly": "year", "annually": "year", "annual": "year", "quarterly": "quarter",
}  # fmt: skip


def _worded(text: Text) -> Iterator[Quantity]:
    """Durations and shares without a number of their own: ``полгода``, ``трёхмесячный``, ``within a week``."""
    for at, token in enumerate(text.tokens):
        if not token.is_word or not _lasts(token.norm):
            continue
        word, before = token.norm, text.norm(at - 1)
        if (made := compound(word)) is not None and units.duration(word) is None:
            yield _made(made, at)
        elif word in _EVERY:
            yield Quantity(Decimal(1), What.DURATION, _EVERY[word], at, at + 1, "every")
        elif (unit := units.duration(word)) is not None:
            yield from _unnumbered(text, at, word, before, unit)
            yield from _full(text, at, before, unit)


@remembered(WORDS)
def _lasts(word: str) -> bool:
    """Whether a word may name a stretch of time or a share; most do not."""
    return word in _EVERY or units.duration(word) is not None or compound(word) is not None


_FULL = frozenset("full whole entire целый целая целую целое целого целой полный полную".split())
_ONE = frozenset("a one на за в то".split())
_LINKS = frozenset("есть это".split()) | _ONE


def _full(text: Text, at: int, before: str, unit: str) -> Iterator[Quantity]:
    """``A full year``, ``значит, целый год``."""
    if before in _FULL and unit in _LONG and text.norm(at - 2) in _LINKS and text.norm(at + 1) not in _NO_SPAN:
        yield Quantity(Decimal(1), What.DURATION, unit, at - 1, at + 1)


def _made(made: tuple[Decimal, str], at: int) -> Quantity:
    value, unit = made
    match unit:
        case "percent":
            return Quantity(value, What.PERCENT, "%", at, at + 1)
        case "share":
            return Quantity(value * 100, What.PERCENT, "share", at, at + 1)
        case "RUB" | "USD" | "EUR":
            return Quantity(value, What.MONEY, unit, at, at + 1)
    return Quantity(value, What.DURATION, unit, at, at + 1)


def _stands_alone(text: Text, at: int, word: str, unit: str) -> bool:
    """``Всего месяц``, ``A single year``: one of them, where nothing stands before it in its sentence."""
    if unit not in _LONG or text.norm(at + 1) in _NO_SPAN:
        return False
    if not word.isascii():
        return word in _WHOLE_UNITS and _begins(text, at)
    before = at - 1
    if text.norm(before) in _ALONE and text.norm(before):
        before -= 1
    return text.norm(before) in _ARTICLES and _begins(text, before)


def _begins(text: Text, at: int) -> bool:
    """Whether a sentence begins here, or with one of the words for ``only`` before it."""
    if at and text.norm(at - 1) in _ALONE:
        at -= 1
    return text.sentence(at).first == at


def _unnumbered(text: Text, at: int, word: str, before: str, unit: str) -> Iterator[Quantity]:
    if before in _ARTICLES and text.norm(at - 2) in ("half", "quarter"):
        yield Quantity(Decimal("0.5"), What.DURATION, unit, at - 2, at + 1)
    elif before == "half" or (before == "a" and text.norm(at - 2) == "half"):
        yield Quantity(Decimal("0.5"), What.DURATION, unit, at - 1, at + 1)
    elif (before in _ARTICLES and (word.endswith("'s") or text.norm(at - 2) in _SPAN_BEFORE)) or (
        before == "the" and text.norm(at - 2) == "within"
    ):
        yield Quantity(Decimal(1), What.DURATION, unit, at - 1, at + 1)
    elif _stands_alone(text, at, word, unit):
        yield Quantity(Decimal(1), What.DURATION, unit, at, at + 1)
    elif before == "every":
        yield Quantity(Decimal(1), What.DURATION, unit, at - 1, at + 1, "every")
    elif word in _WHOLE_UNITS and before in _SPAN_BEFORE_RU:
        yield Quantity(Decimal(1), What.DURATION, unit, at, at + 1, "every" if before.startswith("кажд") else "")
    elif (word in _WHOLE_UNITS and before == "в" and text.norm(at - 2) == "раз") or (
        before in _ARTICLES and text.norm(at - 2) == "once"
    ):
        yield Quantity(Decimal(1), What.DURATION, unit, at - 2, at + 1, "every")
