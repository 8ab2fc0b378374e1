"""What the facts of a scenario allow, made ready to be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import cast

from salesbot.dialog.guard.links import links
from salesbot.dialog.guard.quantities import Quantity, What, quantities, within
from salesbot.dialog.guard.topics import VAGUE, topics
from salesbot.dialog.guard.words import Span, Text, Token, of_span, read
from salesbot.dialog.scenario import Fact, FactKind, Price, Scenario

STEM = 5
"""Letters of a word that are compared; endings differ by case and number."""
STOP = frozenset(
    "если чтобы когда только можно нужно очень также более менее этого этому этот такой такую потом тогда"
    " which there their about would could should these those after before every within".split()
)


@dataclass(frozen=True, slots=True)
class Allowed:
    """An amount, and whose it is. ``per`` is None where the text leaves open what for."""

    value: Decimal
    currency: str
    per: str | None
    owners: frozenset[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a fact: what it is about, and the quantities it names."""

    fact: str
    line: str
    topics: frozenset[str]
    stems: frozenset[str]
    quantities: frozenset[tuple[What, Decimal, str]]
    whole: str
    """The line of all that this fact says in this language."""
    clauses: tuple[str, ...]
    """Lines of the sentence's clauses."""
    spoken: Mapping[tuple[What, Decimal, str], frozenset[str]]
    """By quantity, what is spoken of where it stands."""


@dataclass(frozen=True, eq=False)
class Facts:
    amounts: tuple[Allowed, ...]
    numbers: frozenset[Decimal]
    percentages: frozenset[Decimal]
    links: frozenset[str]
    statements: tuple[Statement, ...]
    names: Mapping[str, str]
    """Name of a product or another priced thing, without case → id of its fact."""
    products: frozenset[str]
    lines: str
    """All that the facts say, one line behind the other."""
    counted: frozenset[str]
    """Nouns that the facts count: their invented number is an invented term."""
    prices: Mapping[str, Price]


Key = tuple[str, FactKind, tuple[tuple[str, str], ...], tuple[str, ...], Price | None]


def of(scenario: Scenario) -> Facts:
    """Made once for a scenario, and once for all that have the same facts."""
    return scenario.kept(_of)


def _of(scenario: Scenario) -> Facts:
    return _facts(tuple(_key(fact) for fact in scenario.facts))


def _key(fact: Fact) -> Key:
    return fact.id, fact.kind, tuple(fact.text.items()), fact.names, fact.price


def stems(line: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in line.split() if len(word) > 3 and word not in STOP and word.isalpha())


@lru_cache(maxsize=16)
def _facts(keys: tuple[Key, ...]) -> Facts:
    texts = [(key[0], read(text)) for key in keys for _, text in key[2]]
    each = [(fact, one, text) for fact, text in texts for one in quantities(text)]
    prices = {key[0]: key[4] for key in keys if key[4] is not None}
    return Facts(
        amounts=tuple(_amounts(each, prices)),
        numbers=frozenset(one.value for _, one, _ in each),
        percentages=frozenset(one.value for _, one, _ in each if one.what is What.PERCENT),
        links=frozenset(link for _, text in texts for link in links(text.source)),
        statements=tuple(_statement(fact, span) for fact, text in texts for span in text.sentences),
        names={name.casefold(): key[0] for key in keys for name in key[3]},
        products=frozenset(key[0] for key in keys if key[1] is FactKind.PRODUCT),
        lines="".join(text.whole.line for _, text in texts),
        counted=frozenset(one.unit[:STEM] for _, one, _ in each if one.what is What.COUNT and not _faint(one)),
        prices=prices,
    )


def _faint(one: Quantity) -> bool:
    return one.number is not None and one.number.faint


def _amounts(each: list[tuple[str, Quantity, Text]], prices: Mapping[str, Price]) -> list[Allowed]:
    found = [Allowed(price.amount, price.currency, price.per, frozenset({fact})) for fact, price in prices.items()]
    priced = {(one.value, fact) for one in found for fact in one.owners}
    for fact, one, _ in each:
        if one.what is What.MONEY and (one.value, fact) not in priced:
            owners = frozenset({fact}) if fact in prices else frozenset[str]()
            found.append(Allowed(one.value, one.unit, one.per or None, owners))
    return found


def _statement(fact: str, span: Span) -> Statement:
    inside = within(span)
    return Statement(
        fact,
        span.line,
        topics(span.line),
        stems(span.line),
        frozenset((one.what, *one.canonical) for one in inside),
        span.text.whole.line,
        tuple(clause.line for clause in span.clauses),
        {(one.what, *one.canonical): flow(span)[span.text.clause(one.first).first] for one in inside},
    )


@of_span
def flow(sentence: Span) -> dict[int, frozenset[str]]:
    """By the first token of each clause, what it is about or goes on about."""
    found, last = {}, frozenset[str]()
    for clause in (one for thought in sentence.thoughts for one in thought.clauses):
        last = topics(clause.line) - VAGUE or last
        found[clause.first] = last
    return found


def named(facts: Facts, span: Span) -> tuple[tuple[int, str], ...]:
    """Names of priced things in a span: index of the token and id of the fact, in order. Case endings do not matter."""
    return tuple(one for one in _all_named(facts, span.text) if span.first <= one[0] < span.last)


def _all_named(facts: Facts, text: Text) -> tuple[tuple[int, str], ...]:
    found = text.kept.get(facts)
    if found is None:
        each = ((at, _name(facts, token)) for at, token in enumerate(text.tokens) if token.is_word)
        found = text.kept[facts] = tuple((at, fact) for at, fact in each if fact is not None)
    return cast(tuple[tuple[int, str], ...], found)


def _name(facts: Facts, token: Token) -> str | None:
    word, capital = token.norm.removesuffix("'s"), token.capital
    if word in facts.names:
        return facts.names[word] if capital or not word.isascii() else None
    if not capital or word.isascii():
        return None
    stem = word.rstrip("аеиоуыюямйхв")
    return next((fact for name, fact in facts.names.items() if stem and name.rstrip("аеиоуыюяй") == stem), None)
