"""Sums that a reply declares over ids of priced facts: ``3 * team + delivery``. Computed here, not believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from salesbot.dialog.guard.facts import Allowed
from salesbot.dialog.scenario import Price

MAX_LENGTH = 400
MAX_TERMS = 12
MAX_FACTOR = 10_000
MAX_DEPTH = 4
"""Of brackets."""
_TOKEN = re.compile(r"\s*(\d{1,5}(?![\w-])|[A-Za-z][\w-]{0,63}|[+*×()])\s*", re.ASCII)


class BadSum(ValueError):
    """Says to the model what is wrong with its expression."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A number, or, with a currency, an amount and the facts that it is made of."""

    value: Decimal
    currency: str = ""
    facts: frozenset[str] = frozenset()


def compute(expression: str, prices: Mapping[str, Price]) -> Allowed:
    """The amount of a sum of products; each product is whole numbers times one priced fact, or a sum in brackets.

    Raises BadSum.
    """
    reader = _Reader(_tokens(expression), prices)
    total = reader.sum()
    if reader.tokens:
        raise BadSum(f"“{reader.tokens[-1]}” has no place in a sum of products.")
    return Allowed(total.value, total.currency, None, total.facts)


def _tokens(expression: str) -> list[str]:
    """The last first."""
    found, at = [], 0
    while (match := _TOKEN.match(expression, at)) is not None:
        found.append(match[1])
        at = match.end()
    if at < len(expression) or len(expression) > MAX_LENGTH:
        raise BadSum(f"“{expression[:40]}” is no sum of products of whole numbers and ids of facts.")
    return found[::-1]


@dataclass(slots=True)
class _Reader:
    tokens: list[str]
    prices: Mapping[str, Price]
    terms: int = field(default=0, init=False)
    depth: int = field(default=0, init=False)

    def sum(self) -> _Value:
        total = self._product()
        while self._next("+"):
            one = self._product()
            if one.currency != total.currency:
                raise BadSum("A sum has one currency only.")
            total = _Value(total.value + one.value, total.currency, total.facts | one.facts)
        return total

    def _product(self) -> _Value:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise BadSum(f"A sum has at most {MAX_TERMS} terms.")
        factors = [self._factor()]
        while self._next("*", "×"):
            factors.append(self._factor())
        amounts = [one for one in factors if one.currency]
        if len(amounts) != 1:
            raise BadSum("Each product must hold exactly one id of a fact with a price, or one sum in brackets.")
        value = amounts[0].value
        for one in factors:
            value *= Decimal(1) if one.currency else one.value
        return _Value(value, amounts[0].currency, amounts[0].facts)

    def _factor(self) -> _Value:
        token = self.tokens.pop() if self.tokens else ""
        if token == "(":
            return self._bracket()
        if token.isdigit():
            if not 0 < int(token) <= MAX_FACTOR:
                raise BadSum(f"A factor is between 1 and {MAX_FACTOR}.")
            return _Value(Decimal(token))
        if (price := self.prices.get(token)) is None:
            raise BadSum(f"“{token}” is no whole number and no id of a fact with a price.")
        return _Value(price.amount, price.currency, frozenset({token}))

    def _bracket(self) -> _Value:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadSum(f"Brackets stand in at most {MAX_DEPTH} others.")
        inside = self.sum()
        if not self._next(")"):
            raise BadSum("A bracket is not closed.")
        self.depth -= 1
        return inside

    def _next(self, *marks: str) -> bool:
        if not self.tokens or self.tokens[-1] not in marks:
            return False
        self.tokens.pop()
        return True
