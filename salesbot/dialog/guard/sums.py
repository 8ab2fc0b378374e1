"""Sums that a reply declares over ids of priced facts: ``3 * team + delivery``. Computed here, not believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from salesbot.dialog.guard.facts import Allowed
from salesbot.dialog.scenario import Price

MAX_TERMS = 12
MAX_FACTOR = 10_000
_TERM = re.compile(r"\d{1,5}|[A-Za-z][\w-]{0,63}", re.ASCII)


class BadSum(ValueError):
    """Says to the model what is wrong with its expression."""


@dataclass(frozen=True, slots=True)
class _Product:
    value: Decimal
    currency: str
    fact: str


def compute(expression: str, prices: Mapping[str, Price]) -> Allowed:
    """The amount of a sum of products; each product is whole numbers times exactly one priced fact.

    Raises BadSum.
    """
    terms = expression.split("+") if len(expression) <= 400 else []
    if not 0 < len(terms) <= MAX_TERMS:
        raise BadSum(f"A sum has at most {MAX_TERMS} terms.")
    products = [_product(term, prices) for term in terms]
    if len({one.currency for one in products}) > 1:
        raise BadSum("A sum has one currency only.")
    total = sum((one.value for one in products), Decimal(0))
    return Allowed(total, products[0].currency, None, frozenset(one.fact for one in products))


def _product(term: str, prices: Mapping[str, Price]) -> _Product:
    factors = [factor.strip() for factor in re.split(r"[*×]", term)]
    if not all(_TERM.fullmatch(factor) for factor in factors):
        raise BadSum(f"“{term.strip()[:40]}” is no product of whole numbers and ids of facts.")
    ids = [factor for factor in factors if not factor.isdigit()]
    if len(ids) != 1 or ids[0] not in prices:
        raise BadSum(f"“{term.strip()[:40]}” must hold exactly one id of a fact with a price.")
    value = prices[ids[0]].amount
    for factor in factors:
        if factor.isdigit():
            if not 0 < int(factor) <= MAX_FACTOR:
                raise BadSum(f"A factor is between 1 and {MAX_FACTOR}.")
            value *= int(factor)
    return _Product(value, prices[ids[0]].currency, ids[0])
