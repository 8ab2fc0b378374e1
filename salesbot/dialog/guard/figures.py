"""Figures: for how many people, how many cups, how large. A product has its own, and no other's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from salesbot.dialog.guard import modality
from salesbot.dialog.guard.facts import STEM, named
from salesbot.dialog.guard.quantities import Quantity, What, quantities
from salesbot.dialog.guard.scene import Scene, Violation, describe
from salesbot.dialog.guard.terms import WORKS, denied
from salesbot.dialog.guard.words import Text, has, phrases

_SPECS = re.compile(
    r"кг|км|см|мм|сантиметр\w*|километр\w*|метр\w*|литр\w*|л|kg|km|cm|mm|centimet\w+|kilomet\w+|met(?:er|re)s?|"
    r"inch\w*|miles?|lit(?:er|re)s?|вольт\w*|volts?|ватт\w*|watts?|v|kilos?|кило\w*"
)
_PEOPLE = re.compile(r"человек\w*|люд\w+|сотрудник\w*|people|persons?|employees|staff|colleagues")


def claims(scene: Scene, text: Text) -> Iterator[Violation]:
    """Figures that the facts do not hold."""
    for one in quantities(text):
        if one.what in (What.COUNT, What.BARE) and not _count_holds(scene, text, one):
            yield Violation("term", f"The figure {describe(one)} is not in the facts for this.")


def _in_range(text: Text, one: Quantity) -> bool:
    """``с 9 до 18``, ``from 9 to 18``, ``9–18`` and the second number of it."""
    before, after = text.norm(one.first - 1), text.norm(one.last)
    return one.value <= 24 and (
        (before in ("с", "со", "from", "between") and after in ("до", "to", "till", "until", "and"))
        or (before in ("до", "to", "till", "until") and text.norm(one.first - 3) in ("с", "со", "from"))
    )


_CLASSES = {
    "people": _PEOPLE,
    "cups": re.compile(r"порци\w*|чаш\w*|круж\w*|стакан\w*|drinks?|cups?|mugs?|servings?|coffees"),
    "cm": re.compile(r"см|сантиметр\w*|cm|centimet\w+"),
    "km": re.compile(r"км|километр\w*|km|kilomet\w+|kms"),
    "kg": re.compile(r"кг|кило|килограмм\w*|kg|kilos?|kilogram\w*"),
    "volt": re.compile(r"в|вольт\w*|v|volts?"),
}


def _class(unit: str) -> str:
    return next((name for name, words in _CLASSES.items() if words.fullmatch(unit)), unit[:STEM])


def _count_holds(scene: Scene, text: Text, one: Quantity) -> bool:
    """A figure that the facts give (people, cups, kilometres) is not another one; a product has its own."""
    if one.number is None or one.number.ordinal or one.number.faint or text.sentence(one.first).asks:
        return True
    if one.value in scene.theirs or one.value in scene.derived:
        return not _too_many(scene, text, one)
    if one.value in scene.factors and _class(one.unit) == "kg":
        return True
    if one.what is What.BARE:
        return not (_in_range(text, one) and has(text.sentence(one.first), WORKS)) or one.value in scene.facts.numbers
    kind = _class(one.unit)
    if kind not in {
        _class(unit) for each in scene.facts.statements for what, _, unit in each.quantities if what is What.COUNT
    } and not _SPECS.fullmatch(one.unit):
        return True
    own = _product_before(scene, text, one)
    clause = text.clause(one.first).line
    if kind == "people" and not own:
        return True
    if (
        not _SPECS.fullmatch(one.unit)
        and not _CAPABLE.search(clause)
        and not any(at < one.first for at, _ in named(scene.facts, text.sentence(one.first)))
    ):
        return True
    holders = {
        each.fact
        for each in scene.facts.statements
        for what, value, unit in each.quantities
        if what is What.COUNT and value == one.value and _class(unit) == kind
    }
    if own and holders and holders & scene.facts.products:
        return bool(holders & own)
    if kind == "people" and own and not holders and one.value < _most(scene, own, kind):
        return True
    return bool(holders) or denied(text, one)


_CAPABLE = phrases(r"""
    готов\w+|дела\w+|вар\w+|рассчит\w+|хват\w+|до|тян\w+|потян\w+|выдерж\w+|подойд\w+|подходит|годится|справ\w+
    достаточно|получа\w+|выход\w+|для|на|под|makes?|brews?|serves?|built|made|enough|up to|handles?|capacity|fits?
    suits?|works|good|fine|cover\w*|copes?|manages?|yields?|gives?
""")


def _too_many(scene: Scene, text: Text, one: Quantity) -> bool:
    """Whether a product is said to do for more than its facts give, because the person would like it to."""
    if _class(one.unit) not in ("people", "cups"):
        return False
    sentence = text.sentence(one.first)
    before = [fact for at, fact in named(scene.facts, sentence) if at < one.first and fact in scene.facts.products]
    most = _most(scene, frozenset(before[-1:]), _class(one.unit))
    if not 0 < most < one.value or not has(text.clause(one.first), _CAPABLE):
        return False
    return not modality.denies(sentence.gist) and not has(sentence, _TOO_SMALL)


def _most(scene: Scene, products: frozenset[str], kind: str) -> Decimal:
    """The largest figure of a kind that the facts give to products."""
    figures = [
        value
        for each in scene.facts.statements
        for what, value, unit in each.quantities
        if each.fact in products and what is What.COUNT and _class(unit) == kind
    ]
    return max(figures, default=Decimal(0))


_TOO_SMALL = re.compile(
    r" (?:мал\w*|тесн\w*|впритык|уже|лишь|только|против|а|но|too|only|but|while|just|against|versus|than)(?= )"
)


def _product_before(scene: Scene, text: Text, one: Quantity) -> frozenset[str]:
    """The product named last before a figure in its sentence, else those behind it, else of the sentence before."""
    sentence = text.sentence(one.first)
    names = [(at, fact) for at, fact in named(scene.facts, sentence) if fact in scene.facts.products]
    if before := [fact for at, fact in names if at < one.first]:
        return frozenset(before[-1:])
    if names:
        return frozenset(fact for _, fact in names)
    earlier = [each for each in text.sentences if each.last == sentence.first]
    return frozenset(fact for each in earlier for _, fact in named(scene.facts, each))
