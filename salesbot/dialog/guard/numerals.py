"""The words of numbers, Russian (all cases and genders) and English, by what they do to the number they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from salesbot.dialog.remembered import WORDS, remembered


class Role(Enum):
    ADD = auto()
    """Adds to what was said, in the room that is left: ``ninety`` after ``four hundred``."""
    TIMES = auto()
    """Multiplies what was said: ``thousand``."""
    HALF = auto()
    """One and a half: waits for a scale."""
    WHOLE = auto()
    """A number by itself that takes nothing more."""


@dataclass(frozen=True, slots=True)
class Numeral:
    value: Decimal
    role: Role = Role.ADD
    ordinal: bool = False
    money: bool = False
    """Slang that means an amount in roubles or the like."""
    faint: bool = False
    """Often no number at all (``one of them``): counts only before a unit."""


def _forms(table: str) -> dict[str, Decimal]:
    """``value: form form …`` by line."""
    found = {}
    for line in table.strip().splitlines():
        value, forms = line.split(":")
        found.update(dict.fromkeys(forms.split(), Decimal(value.strip())))
    return found


_RU_UNITS = _forms("""
0: ноль нуль ноля нуля нулю нулем нолем
2: два две двух двум двумя двое двоих двоим
3: три трех трем тремя трое троих троим
4: четыре четырех четырем четырьмя четверо четверых
5: пять пяти пятью пятеро пятерых
6: шесть шести шестью шестеро шестерых
7: семь семи семью семеро семерых
8: восемь восьми восемью восьмью
9: девять девяти девятью
10: десять десяти десятью
20: двадцать двадцати двадцатью
30: тридцать тридцати тридцатью
40: сорок сорока
50: пятьдесят пятидесяти пятьюдесятью
60: шестьдесят шестидесяти шестьюдесятью
70: семьдесят семидесяти семьюдесятью
80: восемьдесят восьмидесяти восемьюдесятью
90: девяносто девяноста
100: сто ста
200: двести двухсот двумстам двумястами двухстах
300: триста трехсот тремстам тремястами трехстах
400: четыреста четырехсот четыремстам четырьмястами четырехстах
500: пятьсот пятисот пятистам пятьюстами пятистах
600: шестьсот шестисот шестистам шестьюстами шестистах
700: семьсот семисот семистам семьюстами семистах
800: восемьсот восьмисот восьмистам восемьюстами восьмистах
900: девятьсот девятисот девятистам девятьюстами девятистах
""")
_TEENS = "один две три четыр пят шест сем восем девят".split()
_RU_UNITS |= {
    f"{stem}надцат{ending}": Decimal(11 + at) for at, stem in enumerate(_TEENS) for ending in ("ь", "и", "ью")
}
_ONE = "один одна одно одного одной одному одним одном одну одною".split()
_RU_SCALES = _forms("""
10: десяток десятка десятку десятки десятков
12: дюжина дюжину дюжины дюжин
100: сотня сотни сотню сотней сотен сотням сотнями сотнях сотку сотка сотки соток
1000: тысяча тысячи тысячу тысячей тысячью тысяч тысячам тысячами тысячах тыща тыщи тыщу тыщ тыс т.р
1000000: миллион миллиона миллиону миллионом миллионы миллионов миллионам миллионах млн лям ляма лямов
1000000000: миллиард миллиарда миллиардов миллиарды млрд
""")
_RU_SLANG = _forms("""
10: червонец червонца червонцев чирик
50: полтинник полтинника полтинником
100: стольник стольника
500: пятихатка пятихатку пятихатки пятихаткой пятихат
1000: косарь косаря косарей косари косарик тысчонка тысчонку тысчонки
""")
_RU_WHOLE = _forms("""
6: полдюжины
50: полсотни
150: полтораста полутораста
500: полтысячи полтыщи
500000: полмиллиона поллимона
""")
_RU_ORDINALS = {
    "перв": 1, "втор": 2, "трет": 3, "четверт": 4, "пят": 5, "шест": 6, "седьм": 7, "восьм": 8, "девят": 9,
    "десят": 10, "двадцат": 20, "тридцат": 30, "сороков": 40, "пятидесят": 50, "шестидесят": 60, "семидесят": 70,
    "восьмидесят": 80, "девяност": 90, "сот": 100, "двухсот": 200, "трехсот": 300, "четырехсот": 400, "пятисот": 500,
    "шестисот": 600, "семисот": 700, "восьмисот": 800, "девятисот": 900, "тысячн": 1000,
} | {f"{stem}надцат": 11 + at for at, stem in enumerate(_TEENS)}  # fmt: skip
_RU_ENDINGS = (
    "ый ой ий ая яя ое ее ые ие ого его ому ему ым им ом ем ую юю ых их ыми ими ей ья ье ьи ьего ьему ьей ью ьих ьим"
)
_RU_ORDINAL_FORMS = {
    f"{stem}{ending}": Decimal(value) for stem, value in _RU_ORDINALS.items() for ending in _RU_ENDINGS.split()
}

_EN_UNITS = {
    word: Decimal(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split()
    )
}
_EN_UNITS |= {
    word: Decimal(10 * value)
    for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_EN_UNITS |= {"fourty": Decimal(40), "nil": Decimal(0)}
_EN_SCALES = _forms("""
12: dozen dozens
100: hundred hundreds
1000: thousand thousands grand
1000000: million millions mln
1000000000: billion billions
""")
_EN_SLANG = _forms("""
5: fiver fivers
10: tenner tenners
100: benjamin
""")
_EN_ORDINALS = {
    word: Decimal(value)
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
        " fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        1,
    )
} | {"twentieth": Decimal(20), "thirtieth": Decimal(30), "hundredth": Decimal(100), "thousandth": Decimal(1000)}

HALVES = frozenset("полтора полторы полутора полутору полуторы".split())
NUMERALS: dict[str, Numeral] = (
    {word: Numeral(value, ordinal=True, faint=True) for word, value in (_RU_ORDINAL_FORMS | _EN_ORDINALS).items()}
    | {word: Numeral(value) for word, value in (_RU_UNITS | _EN_UNITS).items()}
    | {word: Numeral(Decimal(1), faint=True) for word in [*_ONE, "one"]}
    | {word: Numeral(value, Role.TIMES) for word, value in (_RU_SCALES | _EN_SCALES).items()}
    | {word: Numeral(value, Role.WHOLE) for word, value in _RU_WHOLE.items()}
    | {word: Numeral(value, Role.TIMES, money=True) for word, value in (_RU_SLANG | _EN_SLANG).items()}
    | {word: Numeral(Decimal("1.5"), Role.HALF) for word in HALVES}
)

FEW = {"пара": 2, "пару": 2, "парой": 2, "пары": 2, "паре": 2, "несколько": 3, "нескольких": 3, "couple": 2, "few": 3,
       "several": 3}  # fmt: skip
"""Words for a small number, which price only before a scale: ``a couple of hundred``."""

_PREFIXES: dict[str, int | Decimal] = {
    "одно": 1, "двух": 2, "дву": 2, "трех": 3, "четырех": 4, "пяти": 5, "шести": 6, "семи": 7, "восьми": 8, "девяти": 9,
    "десяти": 10, "двадцати": 20, "тридцати": 30, "сорока": 40, "пятидесяти": 50, "шестидесяти": 60, "семидесяти": 70,
    "восьмидесяти": 80, "девяносто": 90, "сто": 100, "двухсот": 200, "трехсот": 300, "четырехсот": 400, "пятисот": 500,
    "шестисот": 600, "семисот": 700, "восьмисот": 800, "девятисот": 900, "тысяче": 1000, "полутора": Decimal("1.5"),
    "полу": Decimal("0.5"), "пол": Decimal("0.5"), "двухтысяче": 2000, "трехтысяче": 3000, "пятитысяче": 5000,
}  # fmt: skip
_PREFIXES.update({f"{stem}надцати": 11 + at for at, stem in enumerate(_TEENS)})
_UNIT_STEMS = {
    "секунд": "second", "минут": "minute", "часов": "hour", "час": "hour", "дневн": "day", "дня": "day", "сут": "day",
    "недел": "week", "месяц": "month", "месяч": "month", "квартал": "quarter", "год": "year", "летн": "year",
    "годи": "year", "процент": "percent", "рубл": "RUB", "доллар": "USD", "евро": "EUR", "цен": "share",
    "стоимост": "share",
}  # fmt: skip
_BEGIN, _END = ("|".join(sorted(table, key=len, reverse=True)) for table in (_PREFIXES, _UNIT_STEMS))
_COMPOUND = re.compile(rf"({_BEGIN})({_END})\w{{0,6}}")
_ADJECTIVES = {
    "часов": "hour", "дневн": "day", "суточн": "day", "недельн": "week", "месячн": "month", "квартальн": "quarter",
    "годов": "year", "годичн": "year", "минутн": "minute",
}  # fmt: skip
_ADJECTIVE = re.compile(rf"({'|'.join(_ADJECTIVES)})\w{{1,3}}")


@remembered(WORDS)
def compound(word: str) -> tuple[Decimal, str] | None:
    """``трёхмесячный`` → 3 months, ``полгода`` → half a year: the value and the name of its unit."""
    if len(word) > 40 or word.startswith("полудн"):
        return None
    if (match := _COMPOUND.fullmatch(word)) is not None:
        return Decimal(_PREFIXES[match[1]]), _UNIT_STEMS[match[2]]
    if (match := _ADJECTIVE.fullmatch(word)) is not None:
        return Decimal(1), _ADJECTIVES[match[1]]
    return None
