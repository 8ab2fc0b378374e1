"""Numbers as people write them: in figures and in words, Russian and English."""

from __future__ import annotations

import re

_RU_UNITS = "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать".split()
_RU_TEENS = "четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать".split()
_RU_TENS = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split()
_RU_HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()
_EN_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
_EN_TEENS = "fifteen sixteen seventeen eighteen nineteen".split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

_VALUES = {
    **{word: number for words in (_RU_UNITS + _RU_TEENS, _EN_UNITS + _EN_TEENS) for number, word in enumerate(words)},
    **{word: 10 * number for words in (_RU_TENS, _EN_TENS) for number, word in enumerate(words, 2)},
    **{word: 100 * number for number, word in enumerate(_RU_HUNDREDS, 1)},
    "одна": 1, "одну": 1, "две": 2, "пару": 2, "двое": 2, "трое": 3, "hundred": 100,
}  # fmt: skip
WORDS = "|".join(sorted(_VALUES, key=len, reverse=True))
"""The words that name a number, for patterns; ``value`` reads what they match."""


def value(written: str) -> int:
    """A number in figures or in one of the words above."""
    return int(written) if written.isdigit() else _VALUES[written.casefold()]


def first(text: str) -> int | None:
    """The first number of the text, in figures or in words (``двадцать пять``, ``twenty-five``)."""
    found = re.search(rf"(?<![\w:.+])(\d{{1,4}}|{WORDS})(?:[\s-]+({WORDS}))?(?!\w|[:.]\d)", text, re.I)
    if found is None:
        return None
    number, more = value(found[1]), value(found[2]) if found[2] else 0
    return number + more if 0 < more < 10 <= number and number % 10 == 0 else number


def in_figures(number: int, language: str) -> str:
    """``26 700`` or ``26,700``."""
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}" if language == "ru" else ",")


def in_words(number: int, language: str) -> str:
    """A number below a million in words, as it stands before the name of a currency."""
    thousands, rest = divmod(number, 1000)
    if language == "en":
        words = [f"{_en_below(thousands)} thousand"] if thousands else []
        return " ".join([*words, *([_en_below(rest)] if rest or not words else [])])
    words = [_ru_below(thousands, feminine=True), _ru_thousand(thousands)] if thousands else []
    return " ".join([*words, *([_ru_below(rest)] if rest or not words else [])])


def _en_below(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_EN_UNITS[hundreds]} hundred"] if hundreds else []
    small = _EN_UNITS + _EN_TEENS
    if rest < 20:
        return " ".join([*words, *([small[rest]] if rest or not words else [])])
    tens, ones = divmod(rest, 10)
    return " ".join([*words, _EN_TENS[tens - 2] + (f"-{small[ones]}" if ones else "")])


def _ru_below(number: int, *, feminine: bool = False) -> str:
    hundreds, rest = divmod(number, 100)
    words = [_RU_HUNDREDS[hundreds - 1]] if hundreds else []
    small = [*_RU_UNITS, *_RU_TEENS]
    if feminine:
        small[1:3] = ["одна", "две"]
    if rest >= 20:
        tens, rest = divmod(rest, 10)
        words.append(_RU_TENS[tens - 2])
    return " ".join([*words, *([small[rest]] if rest or not words else [])])


def _ru_thousand(number: int) -> str:
    if 10 < number % 100 < 20:
        return "тысяч"
    return {1: "тысяча", 2: "тысячи", 3: "тысячи", 4: "тысячи"}.get(number % 10, "тысяч")
