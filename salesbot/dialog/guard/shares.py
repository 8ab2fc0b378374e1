"""Percentages and parts of a price: only those of the facts, and what the person told of themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.guard import modality
from salesbot.dialog.guard.bids import BARGAINS, PRICED
from salesbot.dialog.guard.money import ACCEPTS
from salesbot.dialog.guard.quantities import Quantity, What, quantities, within
from salesbot.dialog.guard.scene import Scene, Use, Violation, declined, describe
from salesbot.dialog.guard.words import Span, Text, has, phrases

_SHARE = phrases(r"""
    (?:на|в) (?:половину|треть|четверть|пол|[\w.,]+ раза?) (?:дешевле|меньше|ниже|выгоднее|экономнее)
    (?:дешевле|меньше|ниже) (?:на|в|вдвое|втрое|вполовину|наполовину)(?: \w+)? (?:половину|треть|четверть|раза?)
    (?:выгоднее|снизим|снижу|уменьшим) (?:на|в|вдвое)(?: \w+)? (?:половину|треть|четверть|раза?)
    (?:выгоднее|снизим|снижу|уменьшим) (?:втрое|вполовину|наполовину)(?: \w+)? (?:половину|треть|четверть|раза?)
    вдвое (?:дешевле|меньше|ниже)|втрое (?:дешевле|меньше|ниже)
    (?:дешевле|ниже) (?:вдвое|втрое|вполовину|наполовину)|за (?:половину|полцены|треть|четверть)
    (?:половин[аыуе]|трет[ьи]|четверт[ьи]) (?:\w+ )?(?:цены|стоимости|суммы|платы)
    (?:половин[аыуе]|трет[ьи]|четверт[ьи]) (?:\w+ )?(?:плат[аеу]|тарифа|платежа|аренды)|полцены|вполцены
    half (?:the |its |our )?(?:price|cost|rate|fee|off)|half-price|half off
    (?:a|one) (?:third|quarter|half) (?:off|less|cheaper|lower)
    (?:two thirds|a third|a quarter|half) of the (?:price|cost|rate)|twice as cheap|half as much|half what
    (?:halve|halved|halving)
""")


def claims(scene: Scene, text: Text) -> Iterator[Violation]:
    for one in quantities(text):
        if one.what is What.PERCENT:
            yield from _percentage(scene, text, one)
    for sentence in text.sentences:
        if has(sentence, _SHARE) and not modality.denies(sentence.gist):
            yield Violation("percentage", "A part of the price that the facts do not grant is named.")


def _percentage(scene: Scene, text: Text, one: Quantity) -> Iterator[Violation]:
    own = scene.theirs.get(one.value, ())
    if one.value in scene.facts.percentages or (own and _turned_down(text, one)) or _share_of_them(text, one, own):
        return
    if one.value == 100 and _is_idiom(text.clause(one.first)):
        return
    yield Violation("percentage", f"{describe(one)} % is not in the facts.")


def _turned_down(text: Text, one: Quantity) -> bool:
    """``15 % ниже`` is no refusal as ``5000 — это ниже`` is."""
    return declined(text, one.first) and not (
        has(text.clause(one.first), _LESS) and not modality.denies(text.thought(one.first).gist)
    )


_LESS = phrases(r"""
    эконом\w+|выгод\w+|ниже|меньше|дешевле|ваш\w*|вам|тебе|с нас|сверху|доплат\w*|сниз\w+|снижа\w+|save|saves|savings?
    less|off|lower|yours|cheaper|extra|down|reduc\w+|for you|give|get|gets
""")
TELLING = 3
"""Fewer words hardly tell anything of anybody: ``Хорошо, 12 %``."""
_OF_WISHES = frozenset("off и and or или если if на for please то тогда by from сверху today сразу discount".split())


def _share_of_them(text: Text, one: Quantity, own: tuple[Use, ...]) -> bool:
    """Whether the person told it of themselves (``40 % work at home``), and nothing beside it speaks of money."""
    if not own or not all(use.what is What.PERCENT and _tells_share(use) for use in own):
        return False
    sentence, inside = text.sentence(one.first), within(text.sentence(one.first))
    if len(sentence.words) < TELLING or has(sentence, PRICED) or has(sentence, ACCEPTS):
        return False
    if has(text.clause(one.first), _LESS):
        return False
    return not any(each.what is What.MONEY for each in inside) and sum(each.what is one.what for each in inside) == 1


_WISHED = phrases(r"""
    дай\w*|хотя бы|хот(?:им|ел\w*|елось)|хочу|нужн\w+|надо|need|needs|want|wants|wish|expect\w*|hop(?:e|ing)|ask\w*
    at least|looking for|seal|would
""")


def _tells_share(use: Use) -> bool:
    """Not asked for, and of somebody or something that is no price."""
    wished = any(pattern.search(use.line) for pattern in (PRICED, BARGAINS, _LESS, _SHARE, _WISHED))
    return not (use.alone or wished or use.after in _OF_WISHES) and len(use.line.split()) > 2


def _is_idiom(span: Span) -> bool:
    """``на сто процентов уверена``."""
    return (
        re.search(r" (?:увер\w+|согласн\w+|понима\w+|прав\w?|sure|agree|certain|understand)(?= )", span.line)
        is not None
    )
