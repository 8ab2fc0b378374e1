"""What a reply may not say, whatever the model thinks of it (law 8). Pure, and linear in what it reads.

Sound rather than clever: what is said of money, percentages, terms and addresses stands in the scenario's facts or in
a sum over them that is computed here, so that no price can be invented or agreed to; a promise is recorded or not made;
nobody's data, nothing of the instructions, no denial of the machine. The person's own numbers may be repeated as
quantities, dates and contacts, or to be turned down. Each violation tells the model what to mend.

One idea per module: ``words`` reads a text, ``numbers`` and ``quantities`` what it counts, ``modality`` whether it
means it; ``facts`` and ``scene`` hold what is allowed; the others each know one kind of fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from salesbot.dialog.guard import (
    facts,
    figures,
    identity,
    money,
    offers,
    privacy,
    promises,
    refusals,
    shares,
    speech,
    sums,
    terms,
)
from salesbot.dialog.guard import links as _links
from salesbot.dialog.guard import numbers as _numbers
from salesbot.dialog.guard.facts import Allowed
from salesbot.dialog.guard.quantities import What, quantities
from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.words import Kind, read
from salesbot.dialog.model import History, Outcome, Reply
from salesbot.dialog.scenario import Scenario

__all__ = ["CURRENCIES", "Violation", "amounts", "check", "links", "numbers", "percentages"]

TELEGRAM_LIMIT = 4096
CURRENCIES = ("RUB", "USD", "EUR", "GBP")
"""Those that a fact may be priced in."""
REPEAT_WINDOW = speech.REPEAT_WINDOW


def check(
    reply: Reply, scenario: Scenario, history: History, known: frozenset[str] = frozenset()
) -> tuple[Violation, ...]:
    """All that is wrong with a reply; empty means it may be sent. ``known`` are the fields learnt so far."""
    found = list(_form(reply, scenario))
    computed, wrong = _sums(reply, scenario)
    found += wrong
    if any(one.code == "too_long" for one in found):
        return tuple(found)
    scene = Scene(reply, scenario, history, computed)
    for number, text in enumerate(scene.texts):
        found += money.claims(scene, text)
        found += shares.claims(scene, text)
        found += terms.claims(scene, text)
        found += figures.claims(scene, text)
        found += _addresses(scene, number)
        found += privacy.others(scene, number)
        found += privacy.boasts(scene, text)
        found += offers.claims(scene, text)
        found += promises.unkept(scene, text)
        found += identity.denials(scene, text)
        found += speech.speech(scene, number)
    if not found:
        found += money.agreed(scene)
    found += refusals.unheeded(scene)
    found += _proof(reply, scenario, known)
    return tuple(dict.fromkeys(found))


def _form(reply: Reply, scenario: Scenario) -> Iterator[Violation]:
    if not reply.parts or not all(part.strip() for part in reply.parts):
        yield Violation("empty", "A part is empty.")
    if len(reply.parts) > scenario.max_parts:
        yield Violation("too_many_parts", f"Write at most {scenario.max_parts} parts.")
    limit = min(TELEGRAM_LIMIT, scenario.max_part_chars)
    if any(len(part.encode("utf-16-le")) > 2 * limit for part in reply.parts):
        yield Violation("too_long", f"A part has more than {limit} characters.")


def _sums(reply: Reply, scenario: Scenario) -> tuple[tuple[Allowed, ...], list[Violation]]:
    prices = facts.of(scenario).prices
    computed, wrong = [], []
    for expression in reply.sums:
        try:
            computed.append(sums.compute(expression, prices))
        except sums.BadSum as exc:
            wrong.append(Violation("sum", str(exc)))
    return tuple(computed), wrong


def _addresses(scene: Scene, number: int) -> Iterator[Violation]:
    for link in _links.links(scene.reply.parts[number]):
        if link not in scene.facts.links and link not in scene.their_links:
            yield Violation("link", f"The address {link} is not in the facts.")


def _proof(reply: Reply, scenario: Scenario, known: frozenset[str]) -> Iterator[Violation]:
    """Nothing counts as won before what it needs is known."""
    if reply.outcome is not Outcome.WON:
        return
    missing = [name for name in scenario.won_needs if name not in known | {one.field for one in reply.learnt}]
    if missing:
        yield Violation("unproven", f"The outcome cannot be won before this is learnt: {', '.join(missing)}.")


# --- what a text names, for those that compare texts


def amounts(text: str) -> list[tuple[Decimal, str]]:
    """Each sum named, in order, with its currency: an empty one where it is only said to be monthly."""
    return money.amounts(read(text))


def numbers(text: str) -> Iterator[Decimal]:
    """Those written in digits."""
    return (_numbers.decimal(token.text) for token in read(text).tokens if token.kind is Kind.NUMBER)


def percentages(text: str) -> Iterator[Decimal]:
    return (one.value for one in quantities(read(text)) if one.what is What.PERCENT)


def links(text: str) -> Iterator[str]:
    """Addresses as they are compared: without scheme, ``www.``, capitals and closing punctuation."""
    return _links.links(text)
