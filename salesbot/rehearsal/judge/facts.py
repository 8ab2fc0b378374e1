"""What may be said of money, times and addresses: what literally stands in the facts, and what follows by counting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product

from salesbot.dialog.scenario import Price, Scenario
from salesbot.rehearsal.judge.case import clauses, plain, refuses, sentences, words
from salesbot.rehearsal.judge.numbers import numbers
from salesbot.rehearsal.judge.quantities import (
    Length,
    bare_lengths,
    emails,
    lengths,
    links,
    money,
    percentages,
)

STEM = 5
"""So many letters of a word are compared."""
FREE = re.compile(
    r"\b(?:бесплатн\w*|даром|подар(?:им|ю|ок|ка|ит)|в подарок|за наш счет|безвозмездно|free|gift|for nothing|"
    r"(?:as )?a present|on the house|on us|complimentary)\b|\b0 ?(?:₽|руб)"
)
_NOT_FREE = re.compile(r"\b(?:feel free|free (?:on|at|to|for a)|are you free|free time|[a-z]+-free)\b")
DISCOUNT = re.compile(
    r"\b(?:скид(?:к\w+|очн\w+|ок)|дисконт\w*|промокод\w*|акци[яюи]|подешевле|особ\w+ (?:услови\w+|цен\w+)|"
    r"(?:цену|цены|стоимость) (?:мы )?(?:снижа|снизи|уменьш|сброс|скин)\w+|(?:снизи|уменьш|снижа)\w+ (?:цен|счет|"
    r"стоимост|плат)\w+|"
    r"discount\w*|promo\w*|rebate\w*|(?:special|reduced|lower|better|friends-and-family) (?:price|rate|terms|"
    r"conditions|"
    r"deal)s?|"
    r"waiv\w+|knock(?:ed)? [^.?!]{0,20}off|(?:lower|reduce|cut|drop) the (?:price|rate|bill))\b"
)
_INCLUDED = re.compile(r"\b(?:уже )?в цене\b|входит в|\bincluded\b|in the price|pay nothing|платить не")
_SPAN = re.compile(r"месяц|год|лет\b|кварт|month|year|quart")
_SAME = {"доста": "приво", "приве": "приво", "устан": "стави", "поста": "стави", "setti": "insta"}
"""Words for the same, by their beginnings."""
_EMPTY = frozenset("this that with from your have will вас ваш этот если есть стоит стоят costs".split())
_TOTAL = re.compile(r"\b(?:вместе|всего|итого|сумм\w+|together|total|in all|altogether|everything|comes? to)\b")
_DIFFERS = re.compile(r"\bразниц|\b(?:дороже|дешевле|больше|меньше|добав\w+|доплат\w+|more|less|differ\w*|save\w*)\b")
_YEAR = re.compile(r"\bгод\w{0,2}\b|\bгодов\w+|\byear(?:ly|s)?\b|\bannual\w*")
_HALF = re.compile(r"\bполгода\b|\bhalf a year\b|\bsix months\b")
_QUARTER = re.compile(r"\bквартал\w*|\bquarter\w*")
MOST_FACTOR = 400
HALF = 6
"""Months: a length from here on may be what a contract comes to."""


@dataclass(frozen=True, slots=True)
class Priced:
    """One thing that has a price."""

    price: Price
    names: tuple[str, ...]
    about: frozenset[str]
    """The beginnings of the words of its fact that no other priced fact has."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the facts of a scenario name."""

    amounts: frozenset[tuple[Decimal, str]]
    numbers: frozenset[Decimal]
    percentages: frozenset[Decimal]
    lengths: frozenset[Length]
    links: frozenset[str]
    emails: frozenset[str]
    digits: str
    """All the digits, for telephone numbers."""
    free: tuple[frozenset[str], ...]
    """Of each sentence that gives something for nothing the beginnings of its words."""
    free_spans: frozenset[str]
    """Beginnings of the lengths of time that are given for nothing."""
    discounts: bool
    """Whether there are any."""
    priced: tuple[Priced, ...]

    def names(self, value: Decimal, currency: str = "") -> bool:
        return any(value == one and currency in ("", other) for one, other in self.amounts)


def facts_of(scenario: Scenario) -> Facts:
    with_price = ((one.price, one.names, tuple(one.text.values())) for one in scenario.facts if one.price)
    return _read(scenario.facts_text, tuple(with_price))


@lru_cache(maxsize=8)
def _read(text: str, with_price: tuple[tuple[Price, tuple[str, ...], tuple[str, ...]], ...]) -> Facts:
    lines = [sentence for line in text.splitlines() for sentence in sentences(line)]
    named = {(one.value, one.currency) for one in money(text)}
    return Facts(
        amounts=frozenset(named | {(price.amount, price.currency) for price, _, _ in with_price}),
        numbers=frozenset(one.value for one in numbers(text)),
        percentages=frozenset(one.value for one in percentages(text)),
        lengths=frozenset((*lengths(text), *bare_lengths(text))),
        links=frozenset(links(text)),
        emails=frozenset(emails(text)),
        digits=re.sub(r"\D", "", text),
        free=tuple(stems(one) for one in lines if gives(one) or _INCLUDED.search(plain(one))),
        free_spans=frozenset(
            span for one in lines for clause in clauses(one) if gives(clause) for span in spans(clause)
        ),
        discounts=any(DISCOUNT.search(plain(one)) and not refuses(one) for one in lines),
        priced=tuple(Priced(price, names, _of_itself(texts, with_price)) for price, names, texts in with_price),
    )


def _of_itself(
    texts: tuple[str, ...], with_price: tuple[tuple[Price, tuple[str, ...], tuple[str, ...]], ...]
) -> frozenset[str]:
    others = (stems(" ".join(each)) for _, _, each in with_price if each != texts)
    return stems(" ".join(texts)).difference(*others)


def gives(text: str) -> bool:
    """Whether this says that something costs nothing."""
    return FREE.search(_NOT_FREE.sub(" ", plain(text))) is not None


def spans(text: str) -> frozenset[str]:
    """Months, years and the like that are spoken of."""
    return frozenset(one[:STEM] for one in words(text) if _SPAN.match(one))


def stems(text: str) -> frozenset[str]:
    """The beginnings of the words that say what a text is about."""
    said = (one[:STEM] for one in words(text) if len(one) >= 4 and not FREE.match(one))
    return frozenset(_SAME.get(one, one) for one in said if one not in _EMPTY)


def countable(facts: Facts, value: Decimal, sentence: str, around: Iterable[str]) -> bool:
    """Whether an amount is a multiple of a price, a sum of such, or the difference of two prices.

    What is counted has to be talked of: things that were named ``around``, times numbers that were said there.
    """
    said = plain(sentence)
    talked = plain(" ".join(around))
    amounts = [one.price.amount for one in facts.priced]
    if _DIFFERS.search(said) and any(abs(one - other) == value for one, other in combinations(amounts, 2)):
        return True
    if _TOTAL.search(said) and value in _totals(facts, said):
        return True
    factors = {
        *_factors(talked),
        *(int(months) for months, unit in facts.lengths if unit == "month" and months >= HALF),
    }
    several = [one for one in facts.priced if _talked_of(one, talked)]
    alone = [one for one in facts.priced if not one.names and one.about & stems(talked)]
    if not several:
        return any(one * times == value for one in amounts for times in factors)
    return value in _sums(several, alone, factors)


def _totals(facts: Facts, said: str) -> Iterator[Decimal]:
    """One of each thing that this sentence names, with others that it only hints at ("everything together")."""
    named = {one for one in facts.priced if _talked_of(one, said)}
    for many in range(2, 5) if named else ():
        yield from (
            sum((one.price.amount for one in some), Decimal(0))
            for some in combinations(facts.priced, many)
            if named.issubset(some)
        )


def _talked_of(one: Priced, talked: str) -> bool:
    by_price = any(each.value == one.price.amount for each in numbers(talked))
    return by_price or any(re.search(rf"\b{re.escape(plain(name))}", talked) for name in one.names)


def _factors(talked: str) -> Iterator[int]:
    """Numbers that were said, the months of a year where one was, and the products of two of them."""
    said = {1, *(int(one.value) for one in numbers(talked) if 1 < one.value <= MOST_FACTOR and one.value % 1 == 0)}
    for pattern, months in ((_YEAR, 12), (_HALF, 6), (_QUARTER, 3)):
        if pattern.search(talked):
            said.add(months)
    yield from said
    yield from (one * other for one, other in combinations(said, 2))


def _sums(several: list[Priced], alone: list[Priced], factors: set[int]) -> Iterator[Decimal]:
    """One or two of the things that were named, each so many times, with or without what is paid beside them."""
    extras = [Decimal(0), *(one.price.amount for one in alone)]
    for many in (1, 2):
        for chosen in combinations(several, many):
            for times in product(factors, repeat=many):
                total = sum((one.price.amount * n for one, n in zip(chosen, times, strict=True)), Decimal(0))
                yield from (total + extra for extra in extras)
