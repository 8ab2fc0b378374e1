"""The numbers of a text, in digits and in Russian and English words, as anybody would read them aloud. No meanings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_RU: dict[str, int | Decimal] = {
    r"од(?:ин|на|но|ну|ного|ной|ному|ним)": 1, r"дв(?:а|е|ух|ум|умя|ое|оих)": 2, r"тр(?:и|ех|ем|емя|ое|оих)": 3,
    r"четыр(?:е|ех|ем|ьмя)|четверо|четверых": 4, r"пят(?:ь|и|ью)|пятеро|пятерых": 5, r"шест(?:ь|и|ью|еро|ерых)": 6,
    r"сем(?:ь|и|ью|еро|ерых)": 7, r"вос(?:емь|ьми|емью|ьмеро|ьмерых)": 8, r"девят(?:ь|и|ью|еро|ерых)": 9,
    r"десят(?:ь|и|ью|еро|ерых)": 10, r"одиннадцат\w{1,2}": 11, r"двенадцат\w{1,2}|дюжин\w": 12,
    r"тринадцат\w{1,2}": 13, r"четырнадцат\w{1,2}": 14, r"пятнадцат\w{1,2}": 15, r"шестнадцат\w{1,2}": 16,
    r"семнадцат\w{1,2}": 17, r"восемнадцат\w{1,2}": 18, r"девятнадцат\w{1,2}": 19, r"двадцат(?:ь|и|ью)": 20,
    r"тридцат(?:ь|и|ью)": 30, r"сорока?": 40, r"пят(?:ь|и)десяти?|полсотни": 50, r"шест(?:ь|и)десяти?": 60,
    r"сем(?:ь|и)десяти?": 70, r"вос(?:емь|ьми)десяти?": 80, r"девяност[оа]": 90, r"ст[оа]": 100,
    r"двести|двухсот|двумстам": 200, r"триста|трехсот": 300, r"четыреста|четырехсот": 400,
    r"пят(?:ьсот|исот)|пятихатк\w": 500, r"шест(?:ьсот|исот)": 600, r"сем(?:ьсот|исот)": 700,
    r"вос(?:емьсот|ьмисот)": 800, r"девят(?:ьсот|исот)": 900, r"полтор[аы]|полутора": Decimal("1.5"),
    r"полторашк\w": 1500,
}  # fmt: skip
_EN: dict[str, int | Decimal] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve|dozen": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "fou?rty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_TIMES = {
    r"hundred": 100, r"тысяч\w{0,3}|тыщ\w?|тыс|косар\w{0,2}|штук(?= баксов| рублей)|thousand|grand|k|к|т": 1000,
    r"миллион\w{0,2}|млн|million|mln": 1_000_000, r"десятк\w{0,2}|десяток": 10, r"сотн\w{1,2}|сотен": 100,
}  # fmt: skip
"""What the number before it is taken times; alone it is itself."""
_LETTERS = frozenset(("k", "к", "т"))
"""Multipliers when they stand right behind a number: "6k"."""
_ADDS = [(re.compile(written), Decimal(value)) for written, value in (_RU | _EN).items()]
_MULTIPLIES = [(re.compile(written), Decimal(value)) for written, value in _TIMES.items()]
_HALF = re.compile(r"\s+(?:с половиной|and a half)\b")

_DIGITS = r"\d{1,3}(?:[ \u00a0\u202f,.’']\d{3})+(?![\d])(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?"
_TOKEN = re.compile(rf"(?P<digits>{_DIGITS})|(?P<word>[^\W\d_]+)")
_GAP = re.compile(r"[\s\u00a0\u202f-]{0,2}(?:and )?|, ")
_NO_QUANTITY = re.compile(
    r"https?://\S+|[\w.+-]{1,64}@[\w.-]+|\+?(?:\d[\u00a0 ()-]{0,2}){9,14}\d|\b\d{1,2}:\d{2}\b|"
    r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\bgrand pianos?\b"
)
"""Addresses, telephone numbers, times of day and dates; and the grand that is no thousand."""


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal
    start: int
    end: int
    """In the text that was read."""


@dataclass(frozen=True, slots=True)
class _Piece:
    value: Decimal
    times: bool
    start: int
    end: int
    digits: bool
    many: bool = False
    """``тысяч``: what follows is how many, "тысяч сорок"."""


@lru_cache(maxsize=4096)
def numbers(text: str) -> tuple[Number, ...]:
    """All there are, in order, but those that are parts of addresses, phones, dates and times of day."""
    shown = _NO_QUANTITY.sub(lambda found: " " * len(found[0]), text.lower().replace("ё", "е"))
    read: list[Number] = []
    run: list[_Piece] = []
    for piece in _pieces(shown):
        gap = shown[run[-1].end : piece.start] if run else ""
        if run and not (_GAP.fullmatch(gap) and _goes_on(run, piece, listed="," in gap)):
            read.append(_sum(run))
            run = []
        run.append(piece)
    if run:
        read.append(_sum(run))
    return tuple(one for one in read if one.value >= 0)


def _pieces(shown: str) -> Iterator[_Piece]:
    for found in _TOKEN.finditer(shown):
        if found["digits"]:
            yield _half(_Piece(_decimal(found["digits"]), False, *found.span(), True), shown)
            continue
        word = found["word"]
        glued = found.start() > 0 and shown[found.start() - 1].isdigit()
        value, times = _of(word)
        if value is not None and times:
            if glued or word not in _LETTERS:
                yield _Piece(value, True, *found.span(), False, word == "тысяч")
        elif value is not None:
            yield _half(_Piece(value, False, *found.span(), False), shown)


def _half(piece: _Piece, shown: str) -> _Piece:
    found = _HALF.match(shown, piece.end)
    return _Piece(piece.value + Decimal("0.5"), False, piece.start, found.end(), piece.digits) if found else piece


@lru_cache(maxsize=16384)
def _of(word: str) -> tuple[Decimal | None, bool]:
    """What a word counts, and whether the number before it is taken times that."""
    for table, times in ((_MULTIPLIES, True), (_ADDS, False)):
        for pattern, value in table:
            if pattern.fullmatch(word):
                return value, times
    return None, False


def _decimal(digits: str) -> Decimal:
    grouped = re.fullmatch(r"\d{1,3}(?:[ \u00a0\u202f,.’']\d{3})+(?P<rest>[.,]\d{1,2})?", digits)
    if grouped:
        whole = digits[: -len(grouped["rest"])] if grouped["rest"] else digits
        return Decimal(re.sub(r"\D", "", whole) + (grouped["rest"] or "").replace(",", "."))
    return Decimal(digits.replace(",", "."))


def _goes_on(run: list[_Piece], piece: _Piece, *, listed: bool) -> bool:
    """Whether a piece belongs to the number begun: "eight thousand, nine hundred", but not "Start 10 4900"."""
    last = run[-1]
    if listed:
        return last.times and last.value >= 1000 and not (piece.digits or piece.times)
    if piece.times:
        return not last.times or piece.value > last.value
    if last.times:
        return piece.value < last.value and (not piece.digits or piece.value >= 100)
    return not last.digits and not piece.digits and last.value >= 20 and piece.value < _place(last.value)


def _place(value: Decimal) -> Decimal:
    """What may be added in words after this: tens take ones, hundreds take tens."""
    return Decimal(100) if value >= 100 else Decimal(10)


def _sum(run: list[_Piece]) -> Number:
    total = current = Decimal(0)
    if len(run) > 1 and run[0].many:
        run = [*run[1:], run[0]]
    for piece in run:
        if not piece.times:
            current += piece.value
        elif piece.value == 100:
            current = (current or Decimal(1)) * 100
        else:
            total += (current or Decimal(1)) * piece.value
            current = Decimal(0)
    return Number(total + current, min(one.start for one in run), max(one.end for one in run))
