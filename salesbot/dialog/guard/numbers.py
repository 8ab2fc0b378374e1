"""Numbers in a text, in digits and in words, Russian and English.

``4 900``, ``5к``, ``полторы тысячи``, ``nineteen hundred``, ``half a grand``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from salesbot.dialog.guard.numerals import FEW, NUMERALS, Numeral, Role
from salesbot.dialog.guard.words import Kind, Text, of_text

THOUSAND = Decimal(1000)
_LETTERS = {"к": THOUSAND, "k": THOUSAND, "т": THOUSAND, "m": Decimal(1_000_000)}
"""Scales that are written right behind digits."""
_SHORT = frozenset("тыс млн млрд".split())
"""Written with a full stop."""
_CLOCKS = frozenset("at by around until till from before after past to".split())
_MANY = frozenset("тысяч тыщ сотен косарей миллионов десятков".split())
"""Of several: without a number before it the number comes behind (``тысяч сорок``)."""
_SCALES = (word for word, numeral in NUMERALS.items() if numeral.role is Role.TIMES and word.isascii())
_BEHIND_A = frozenset(("couple", "few", "half", *_SCALES))
_BEGINNINGS = frozenset(("a", "an", "half", "пол", *FEW, *NUMERALS))
"""Words with which a number may begin."""
_ORDINAL_ENDINGS = frozenset("st nd rd th й го му м я ю е ая ый ой ого ому ое ую ых ым ые х ти".split())


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal
    first: int
    """Index of its first token."""
    last: int
    """Index of the token after it."""
    written: bool = False
    """In digits."""
    scaled: bool = False
    """Named with a scale of a thousand or more (к)."""
    ordinal: bool = False
    faint: bool = False
    money: bool = False


def decimal(written: str) -> Decimal:
    """``4 900``, ``4,900`` and ``4.900`` are thousands; one or two digits after the last mark are a fraction."""
    if written.isdecimal():
        return Decimal(f"{written}.0")
    fraction = re.search(r"[.,](\d{1,2})\Z", written)
    whole = re.sub(r"\D", "", written[: fraction.start()] if fraction else written)
    return Decimal(f"{whole}.{fraction[1] if fraction else 0}")


class _Reader:
    """One number from a place on: ``total`` of what has a scale, ``rest`` of what has none yet."""

    def __init__(self, text: Text, at: int) -> None:
        self.text, self.first, self.at = text, at, at
        self.total = self.rest = Decimal(0)
        self.room = Decimal(1000)
        """What comes next must be smaller than this."""
        self.begun = self.written = self.scaled = self.ordinal = self.faint = self.money = False
        self.open = True

    def read(self) -> Number | None:
        self._few()
        while self.at < len(self.text.tokens) and self._step():
            if not self.open:
                break
        if not self.begun:
            return None
        value = self.total + self.rest
        return Number(
            value, self.first, self.at, self.written, self.scaled, self.ordinal, self.faint and value == 1, self.money
        )

    def _few(self) -> None:
        """``a couple of hundred``, ``half a thousand``, ``пара сотен``, ``a thousand``: only with the scale."""
        at = self.at
        if self.text.norm(at) in ("a", "an") and self.text.norm(at + 1) in _BEHIND_A:
            at += 1
        word = self.text.norm(at)
        value = Decimal("0.5") if word in ("half", "пол") else Decimal(FEW.get(word, 0))
        if value:
            at += 1
            while self.text.norm(at) in ("of", "a", "an"):
                at += 1
        elif at == self.at:
            return
        if (numeral := NUMERALS.get(self.text.norm(at))) is not None and numeral.role is Role.TIMES:
            self.at, self.rest, self.room = at, value, Decimal(0)

    def _step(self) -> bool:
        token = self.text.tokens[self.at]
        if token.kind is Kind.NUMBER:
            return self._digits()
        if token.kind is Kind.MARK:
            return self._hyphen()
        numeral = NUMERALS.get(token.norm)
        if numeral is None:
            return self._letters(token.norm) or self._link(token.norm)
        match numeral.role:
            case Role.ADD:
                return self._add(numeral)
            case Role.TIMES:
                return self._times(numeral)
            case Role.HALF:
                return self._begin(numeral)
            case Role.WHOLE:
                done = self._begin(numeral)
                self.open = False
                return done

    def _begin(self, numeral: Numeral) -> bool:
        if self.begun:
            return False
        self.begun, self.rest, self.room = True, numeral.value, Decimal(0)
        return self._took()

    def _took(self) -> bool:
        self.at += 1
        return True

    def _digits(self) -> bool:
        value = decimal(self.text.tokens[self.at].text)
        if self.begun and (not self.scaled or value >= self.room or value < 100 or value != int(value)):
            return False
        self.begun = self.written = True
        self.rest, self.room = self.rest + value, Decimal(0)
        return self._took()

    def _add(self, numeral: Numeral) -> bool:
        value = numeral.value
        if self.begun and value >= self.room:
            return self._colloquial(value)
        if value == 0 and self.begun:
            return False
        self.begun, self.faint = True, numeral.faint
        self.rest += value
        self.room = Decimal(100 if value >= 100 else 10 if value >= 20 else 1)
        if numeral.ordinal:
            self.ordinal, self.room = True, Decimal(0)
        return self._took()

    def _colloquial(self, value: Decimal) -> bool:
        """``восемь девятьсот``: thousands that are not named."""
        if self.total or self.written or self.ordinal or not 1 < self.rest < 100 or value < 100:
            return False
        self.total, self.rest, self.scaled = self.rest * THOUSAND, value, True
        self.room = Decimal(100)
        return self._took()

    def _times(self, numeral: Numeral) -> bool:
        scale = numeral.value
        if self.begun and self.total and scale >= 1000:
            return False
        if self.begun and not self.rest and scale >= 1000:
            return False
        self.money = self.money or numeral.money
        if not self.begun and not self.rest and self.text.norm(self.at) in _MANY:
            self.open = False
        self.begun = True
        self.scaled = self.scaled or scale >= 1000
        self.faint = self.ordinal = False
        amount = (self.rest or Decimal(1)) * scale
        if scale < 1000:
            self.rest, self.room = amount, Decimal(100 if scale == 100 else 1)
        else:
            self.total, self.rest, self.room = self.total + amount, Decimal(0), THOUSAND
        if self.text.norm(self.at) in _SHORT and self.text.norm(self.at + 1) == "." and self.text.tight(self.at + 1):
            self.at += 1
        return self._took()

    def _letters(self, norm: str) -> bool:
        """``5к``, ``5k``, ``21st``, ``5-го``."""
        if not self.written or self.at == self.first:
            return False
        tight = self.text.tight(self.at)
        if norm in _LETTERS and not self.scaled and (tight or self._ends_here()):
            self.total, self.rest, self.room = (self.rest * _LETTERS[norm], Decimal(0), THOUSAND)
            self.scaled = True
            return self._took()
        if tight and norm in _ORDINAL_ENDINGS:
            self.ordinal, self.open = True, False
            return self._took()
        return False

    def _ends_here(self) -> bool:
        """``5 к`` with a space is thousands only where nothing follows that ``к`` could lead to."""
        after = self.text.norm(self.at + 1)
        return self.text.norm(self.at) in ("к", "k") and (
            not after or after[0] in "₽$€£.,!?)" or after in ("руб", "рублей", "в")
        )

    def _link(self, norm: str) -> bool:
        """``and`` within a number, ``с половиной``, ``and a half``."""
        if not self.begun:
            return False
        after, then = self.text.norm(self.at + 1), self.text.norm(self.at + 2)
        if (norm, after) == ("с", "половиной") or (norm, after, then) == ("and", "a", "half"):
            self.at += 2 if norm == "с" else 3
            if self.rest or not self.total:
                self.rest += Decimal("0.5")
            else:
                self.total *= Decimal("1.5")
            self.room = Decimal(0)
            return self.at < len(self.text.tokens)
        numeral = NUMERALS.get(after)
        if norm != "and" or self.room < 100 or numeral is None or numeral.role is not Role.ADD or numeral.faint:
            return False
        return self.rest + self.total >= 100 and numeral.value < 100 and self._took()

    def _hyphen(self) -> bool:
        """``forty-nine``, and ``5-го``: within one number; between two of the same size it parts them."""
        if self.text.tokens[self.at].text == ",":
            return self._comma()
        if (
            self.text.tokens[self.at].text != "-"
            or not self.begun
            or not (self.text.tight(self.at) and self.text.tight(self.at + 1))
        ):
            return False
        after = self.text.norm(self.at + 1)
        if self.written and after in _ORDINAL_ENDINGS:
            self.at += 2
            self.ordinal, self.open = True, False
            return False
        numeral = NUMERALS.get(after)
        if (
            not self.total
            and 0 < self.rest < 10
            and numeral is not None
            and 20 <= numeral.value < 100
            and self._no_clock()
        ):
            self.rest, self.room = self.rest * 100, Decimal(100)  # three-fifty
        fits = numeral is not None and (numeral.value < self.room or numeral.role is Role.TIMES)
        return fits and not self.written and self._took()

    def _no_clock(self) -> bool:
        before = self.text.norm(self.first - 1)
        return self.text.norm(self.at - 1).isascii() and before not in _CLOCKS and not self.written

    def _comma(self) -> bool:
        """``two thousand, three hundred``."""
        if self.written or not self.total or self.rest:
            return False
        numeral, then = (NUMERALS.get(self.text.norm(self.at + 1)), NUMERALS.get(self.text.norm(self.at + 2)))
        hundreds = then is not None and then.value == 100 and then.role is Role.TIMES
        fits = numeral is not None and numeral.role is Role.ADD and (numeral.value >= 100 or hundreds)
        return fits and self._took()


@of_text
def scan(text: Text) -> tuple[Number, ...]:
    """All numbers, in order. ``тысяч пять`` (about five thousand) is read as one."""
    return tuple(_inverted(list(_each(text)), text))


def _each(text: Text) -> Iterator[Number]:
    end = 0
    for at, token in enumerate(text.tokens):
        if at < end or (token.kind is not Kind.NUMBER and token.norm not in _BEGINNINGS):
            continue
        number = _Reader(text, at).read()
        if number is not None:
            yield number
            end = number.last


def _inverted(numbers: list[Number], text: Text) -> Iterator[Number]:
    previous: Number | None = None
    for number in numbers:
        if previous is not None and _approximates(previous, number, text):
            previous = replace(previous, value=previous.value * number.value, last=number.last, written=number.written)
            continue
        if previous is not None:
            yield previous
        previous = number
    if previous is not None:
        yield previous


def _approximates(scale: Number, number: Number, text: Text) -> bool:
    """``тысяч (за, по, на) пять``."""
    between = number.first - scale.last
    bare = text.norm(scale.first) in _MANY and scale.last == scale.first + 1
    near = between == 0 or (between == 1 and text.norm(scale.last) in ("за", "по", "на", "до", "около", "примерно"))
    return bare and near and number.value < 1000 and not number.scaled
