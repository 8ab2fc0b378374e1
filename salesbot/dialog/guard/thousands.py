"""Thousands that are not named: ``eighteen and a half`` beside prices of some thousands is one of them."""

from __future__ import annotations

from decimal import Decimal

from salesbot.dialog.guard.facts import named
from salesbot.dialog.guard.quantities import Quantity, What, quantities
from salesbot.dialog.guard.scene import Scene
from salesbot.dialog.guard.words import Text, has, phrases

LARGE = 1000
"""A bare number from here on is taken for an amount, unless the facts or the person named it, or it is a year."""
_NEARLY = frozenset("примерно около где-то почти аж целых about around nearly almost roughly some like at".split())
_COST = frozenset(
    "был была было были стоил стоила стоило стоили стоит стоят обходился обходилась обходилось выходил выходила"
    " выходило вместо против цена цене ценник was were be been cost costs costing priced charged against versus"
    " vs".split()
)
"""Right before a number, these compare it with a price."""
_FELL = phrases(r"""
    подешев\w+|упал\w*|сниз\w+|опустил\w*|сброс\w+|поднял\w*|подорожал\w*|вырос\w*|drop\w*|fell|fallen|down|cut
    reduced|lowered|came|up|rose|risen|went|gone|raised
""")
OF_PEOPLE = phrases(r"""
    вас|нас|вы|мы|их|человек\w*|люд\w+|сотрудник\w*|часов|звонок\w*|встреч\w*|you|we|us|there|they|people|staff|team of
    employees|o'clock|call|meeting
""")


def may_be(scene: Scene, value: Decimal) -> bool:
    """Whether a small number may be thousands that are not named: about as large as our prices are."""
    return _reaches(scene, value, Decimal(1) / 5, Decimal(5) / 4)


def are_compared(scene: Scene, text: Text, one: Quantity) -> bool:
    """Whether a bare number is set beside a price, or a thing that has one, as what it was or elsewhere is."""
    if one.what is not What.BARE or not _reaches(scene, one.value, Decimal(1) / 2, Decimal(4)):
        return False
    if one.value in scene.facts.numbers or one.value in scene.derived or has(text.clause(one.first), OF_PEOPLE):
        return False
    return _follows(text, one.first) and _beside_price(scene, text)


def _reaches(scene: Scene, value: Decimal, least: Decimal, most: Decimal) -> bool:
    prices = [each.value for each in scene.facts.amounts if each.value >= LARGE]
    return bool(prices) and min(prices) * least <= value * LARGE <= max(prices) * most


def _follows(text: Text, at: int) -> bool:
    before = at - 1
    while text.norm(before) in _NEARLY:
        before -= 1
    word = text.norm(before)
    if word == "в":
        return text.norm(before - 1).startswith(("обход", "обош", "выход", "выш"))
    if word in ("с", "со", "from"):
        return has(text.clause(at), _FELL)
    return word in _COST or (word == "of" and text.norm(before - 1) == "instead")


def _beside_price(scene: Scene, text: Text) -> bool:
    prices = {each.value for each in (*scene.facts.amounts, *scene.sums)}
    return bool(named(scene.facts, text.whole)) or any(each.value in prices for each in quantities(text))
