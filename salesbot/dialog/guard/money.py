"""Amounts and bare numbers that mean money: said only as they stand in the facts or in a declared sum."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from decimal import Decimal

from salesbot.dialog.guard import elsewhere, modality, thousands
from salesbot.dialog.guard.bids import HEADS, IDLE, PRICED, bids, told
from salesbot.dialog.guard.facts import STEM, Allowed, named
from salesbot.dialog.guard.quantities import Quantity, What, quantities, within
from salesbot.dialog.guard.scene import Scene, Use, Violation, about, declined, describe
from salesbot.dialog.guard.thousands import LARGE
from salesbot.dialog.guard.topics import topics
from salesbot.dialog.guard.words import Span, Text, has, phrases

NEAR = 8
"""So many numbers to each side are looked at for the amount beside."""
SMALL = 20
"""A bare number below this is no price without a currency, whatever stands around it."""
_FOR = frozenset("за по на от до в for at around about from only just under to".split())
_PEOPLE = re.compile(
    r"человек\w*|люд\w+|сотрудник\w*|коллег\w*|работник\w*|people|persons?|employees|staff|colleagues|heads|seats|of"
)
_SAME_PRICE = phrases(r"""
    столько же|одинаков\w+|за те же|та же цена|по той же цене|по (?:одной )?цене|за цену
    same (?:price|money|cost|rate)|as much as|(?:for|at) the (?:price|cost|rate) of|equally
""")


def _equates(scene: Scene, sentence: Span) -> bool:
    """Whether one product is given for the price of another."""
    names = [scene.facts.prices[fact].amount for _, fact in named(scene.facts, sentence) if fact in scene.facts.prices]
    if len(set(names)) < 2 or modality.denies(sentence.gist):
        return False
    return has(sentence, _SAME_PRICE)


def claims(scene: Scene, text: Text) -> Iterator[Violation]:
    """What is wrong with the amounts and large numbers of a part."""
    for one in quantities(text):
        match one.what:
            case What.MONEY:
                yield from _amount(scene, text, one)
            case What.BARE | What.COUNT:
                yield from _bare(scene, text, one)
            case What.PERCENT | What.DURATION | What.CLOCK | What.DATE:
                continue
    for sentence in text.sentences:
        if _equates(scene, sentence):
            yield Violation("money", "Two things with different prices are said to cost the same.")


def _amount(scene: Scene, text: Text, one: Quantity) -> Iterator[Violation]:
    if not one.value:
        return  # for nothing: see offers
    fitting = [
        allowed
        for allowed in (*scene.facts.amounts, *scene.sums)
        if allowed.value == one.value and one.unit in ("", allowed.currency) and _same_rate(one.per, allowed.per)
    ]
    if fitting:
        if not any(_belongs(scene, text, one, allowed) for allowed in fitting):
            yield Violation(
                "money", f"The amount {describe(one)} is the price of something else than what is named beside it."
            )
        return
    own = scene.theirs.get(one.value, ())
    if own and (declined(text, one.first) or _of_others(scene, text, one, own) or _bounds(scene, text, one)):
        return
    yield Violation("money", f"The amount {describe(one)} {one.unit or 'of money'} is not in the facts.")


def _of_others(scene: Scene, text: Text, one: Quantity, own: tuple[Use, ...]) -> bool:
    return not has(text.sentence(one.first), ACCEPTS) and elsewhere.is_theirs(scene, text, one, own)


_BOUND = phrases(r"""
    до|в пределах|меньше|дешевле|уклад\w+|улож\w+|впис\w+|впиш\w+|влез\w+|вмеща\w+|вмести\w+|хват\w+|ниже
    under|below|within|less than|inside|fits?|covers?|enough
""")


def _bounds(scene: Scene, text: Text, one: Quantity) -> bool:
    """Whether the person's limit is named beside a price of ours that keeps within it."""
    sentence = text.sentence(one.first)
    ours = [each.value for each in within(sentence) if _is_amount(scene, each)]
    prices = {each.value for each in (*scene.facts.amounts, *scene.sums)}
    return has(sentence, _BOUND) and any(value in prices and value <= one.value for value in ours)


def _same_rate(said: str, allowed: str | None) -> bool:
    return said in ("", "piece") or allowed is None or said == (allowed or "once")


def _belongs(scene: Scene, text: Text, one: Quantity, allowed: Allowed) -> bool:
    """Whether the thing named beside an amount is what costs it."""
    if not allowed.owners:
        return True
    beside = _beside(scene, text, one)
    if beside & allowed.owners:
        return True
    if allowed.owners & set(scene.facts.names.values()):
        return not beside and not _declared_instead(scene, allowed)
    if not beside and not about(scene, text, one.first):
        return True
    mine = about(scene, text, one.first)
    return any(mine & each.topics for each in scene.facts.statements if each.fact in allowed.owners)


def _declared_instead(scene: Scene, allowed: Allowed) -> bool:
    """Whether the reply declares something else that is paid for alike, and neither it nor they name this one."""
    declared = scene.declared & scene.facts.prices.keys()
    spoken = (*scene.texts, *(line.text for line in scene.asked))
    if allowed.owners & declared.union(*(_named(scene, text.whole) for text in spoken)):
        return False
    return any(scene.facts.prices[fact].per == allowed.per for fact in declared)


def _beside(scene: Scene, text: Text, one: Quantity) -> frozenset[str]:
    """Things named since the amount before, else up to the one behind, else in the thought or the sentence before."""
    sentence, thought = text.sentence(one.first), text.thought(one.first)
    names = named(scene.facts, sentence)
    inside = within(sentence)
    own = bisect_left(inside, one.first, key=lambda each: each.first)
    left = next((each for each in reversed(inside[max(0, own - NEAR) : own]) if _is_amount(scene, each)), None)
    right = next((each for each in inside[own + 1 : own + 1 + NEAR] if _is_amount(scene, each)), None)
    before = left.last if left else sentence.first
    if found := frozenset(fact for at, fact in names if before <= at < one.first):
        return found
    if found := frozenset(fact for at, fact in names if one.last <= at < _behind(text, one, right)):
        return found
    if left and not _COMPARES.isdisjoint(text.norm(at) for at in range(left.last, one.first)):
        return frozenset(fact for at, fact in names if at < one.first) | _named_before(scene, text.sentences, sentence)
    if found := frozenset(fact for at, fact in names if thought.first <= at < one.first):
        return found
    carried = _carried(scene, text, sentence) if thought.first == sentence.first else frozenset()
    return frozenset(
        fact for fact in carried if fact not in scene.facts.prices or _same_rate(one.per, scene.facts.prices[fact].per)
    )


_COMPARES = frozenset("вместо против чем instead rather than versus vs against compared".split())
"""Between two amounts the second is of something that was named before: ``8,900 instead of 4,900``."""


def _named_before(scene: Scene, sentences: tuple[Span, ...], sentence: Span | None = None) -> frozenset[str]:
    """What the nearest of these sentences named, if one did; of those before this one."""
    before = [one for one in sentences if sentence is None or one.last <= sentence.first]
    return next((names for one in reversed(before) if (names := _named(scene, one))), frozenset())


def _named(scene: Scene, span: Span) -> frozenset[str]:
    return frozenset(fact for _, fact in named(scene.facts, span))


def _behind(text: Text, one: Quantity, right: Quantity | None) -> int:
    """Up to where what stands behind an amount may be its name: the next amount, clause, or ``and``."""
    end = right.first if right else text.thought(one.first).last
    return next((at for at in range(one.last, end) if text.norm(at) in _ANDS), end)


_ANDS = frozenset("и and плюс plus + , ; with да против vs versus than чем".split())


def _is_amount(scene: Scene, one: Quantity) -> bool:
    return one.what is What.MONEY or (
        one.what is What.BARE and any(one.value == each.value for each in scene.facts.amounts)
    )


def _carried(scene: Scene, text: Text, sentence: Span) -> frozenset[str]:
    """What the sentences before were about, when this one names nothing of its own."""
    if topics(sentence.line) & {"delivery", "outside", "return"}:
        return frozenset()
    if names := _named_before(scene, text.sentences, sentence):
        return names
    at = scene.texts.index(text) if text in scene.texts else 0
    if not has(sentence, _ANOTHER) and (
        names := _named_before(scene, tuple(one for each in scene.texts[:at] for one in each.sentences))
    ):
        return names
    if at == 0 and not sentence.first and len(scene.texts) == 1:
        return _asked_for(scene)
    return frozenset()


_ANOTHER = phrases(r"""
    друг(?:ой|ая|ое|ие|ого|ую)|(?:больш|меньш|старш|младш|следующ|предыдущ)\w+|побольше|поменьше|larger|smaller|bigger
    next|other|another|step (?:up|down)
""")
"""Beside these, a price in a part of its own is that of another thing than the one before."""


def _asked_for(scene: Scene) -> frozenset[str]:
    """The one thing whose price the person has just asked for."""
    for line in reversed(scene.asked):
        if names := _named(scene, line.text.whole):
            return names if _HOW_MUCH.search(line.text.whole.line) else frozenset()
    return frozenset()


_HOW_MUCH = re.compile(
    r" (?:сколько (?:стоит|будет|выйдет|обойдется)|почем|какая цена|цена|how much|what does|price of)(?= )"
)


def _bare(scene: Scene, text: Text, one: Quantity) -> Iterator[Violation]:
    """A number without a currency: a price by what stands around it, or by its size."""
    if any(one.value == each.value for each in (*scene.facts.amounts, *scene.sums)) and one.value >= 100:
        yield from _amount(scene, text, one) if one.what is What.BARE else ()
        return
    own = scene.theirs.get(one.value, ())
    means_money = _priced(scene, text, one)
    if means_money and not (
        own and (declined(text, one.first) or _of_others(scene, text, one, own) or _bounds(scene, text, one))
    ):
        yield Violation("money", f"The amount {describe(one)} is not in the facts.")
    elif _is_large(one) and one.value not in scene.facts.numbers and not own:
        yield Violation("number", f"The number {describe(one)} is not in the facts.")


def _is_large(one: Quantity) -> bool:
    ordinal = one.number is not None and one.number.ordinal
    return one.value >= LARGE and not (1900 <= one.value <= 2100 and one.what is What.BARE) and not ordinal


def _priced(scene: Scene, text: Text, one: Quantity) -> bool:
    """Whether a number without a currency is a price: by what stands around it, or by the person's own use."""
    number = one.number
    if number is None or number.ordinal or number.faint:
        return False
    own = scene.theirs.get(one.value, ()) or scene.theirs.get(one.value * 1000, ())
    if one.what is What.COUNT:
        if any(bids(scene, one.value, use) for use in own):
            thought = text.thought(one.first).line
            if number.scaled or ACCEPTS.search(thought) is not None or PRICED.search(thought) is not None:
                return True
            return one.value >= LARGE and not _same_thing(one.unit, own) and not _counts(scene, one.unit)
        if _PEOPLE.fullmatch(one.unit) or one.unit[:STEM] in scene.facts.counted or one.value < 100:
            return False
        return has(text.clause(one.first), PRICED)
    if number.scaled and not any(HEADS.search(use.line) for use in own):
        return True
    if (
        not own
        and one.value in scene.derived
        and not any(bids(scene, value, use) for value, uses in scene.theirs.items() for use in uses)
    ):
        return False
    if own:
        return any(bids(scene, one.value, use) or told(one.value, use) for use in own)
    if thousands.are_compared(scene, text, one):
        return True
    if one.value in scene.facts.numbers or (one.value < 100 and not number.scaled):
        return False
    if text.norm(one.first - 1) in _FOR or has(text.thought(one.first), PRICED):
        return True
    return bool(named(scene.facts, text.clause(max(0, one.first - 2))))


def _same_thing(unit: str, own: tuple[Use, ...]) -> bool:
    return not IDLE.fullmatch(unit) and any(use.after == unit for use in own)


def _counts(scene: Scene, unit: str) -> bool:
    return _PEOPLE.fullmatch(unit) is not None or unit[:STEM] in scene.facts.counted


def agreed(scene: Scene) -> Iterator[Violation]:
    """A price that the person proposed is agreed to without being named."""
    allowed = {one.value for one in (*scene.facts.amounts, *scene.sums)}
    bid = any(
        value not in allowed and value >= SMALL and bids(scene, value, use) and use.what is not What.PERCENT
        for line in scene.asked
        for value, use in line.uses
    )
    if not bid or any(
        one.value in allowed for text in scene.texts for one in quantities(text) if _is_amount(scene, one)
    ):
        return
    for text in scene.texts:
        for sentence in text.sentences:
            if sentence.asks or modality.depends(sentence):
                continue
            if has(sentence, ACCEPTS) and not modality.denies(text.whole.gist):
                yield Violation("money", "A price that the person proposed is agreed to: only those of the facts hold.")
                return


ACCEPTS = phrases(r"""
    (?:sounds|seems|looks) (?:\w+ )?(?:fair|good|great|fine|reasonable|ok|okay|right|perfect|doable)|fair enough
    (?:that|it|this|which) (?:works|will work|would work|suits|will do)
    (?:that|it|this|which) (?:is fine|is ok|is okay|is acceptable|is doable)|works for (?:us|me)|deal|agreed|done
    settled|you win|you've got (?:it|a deal|yourself a deal)|we can do (?:that|it)|can be done
    fine (?:by|with) (?:us|me)|(?:i|we)'ll take it|accepted|shake on|have a deal|talked me into
    let's do (?:that|it)|consider it done|can live with|no problem|alright then|go ahead|i accept|we accept
    договорились|по рукам|идет|так и быть|уговорил\w*|убедил\w*|соглас\w+|устраивает|нас устроит|нам подходит
    нам подойдет|принято|принима\w+|годится|сойдет|пойдет|можем и так|можно и так|сделаем так|так и сделаем
    так и запиш\w+|пойдем навстречу|не вопрос|без проблем|оформляем|забирайте|берите|считайте|решено|заметано
    ваша взяла|ударили по рукам|легко|потянем|осилим|дадим добро|справедливо|по вашему|как скажете|как хотите
    будь по|уважу|записываю|as you wish|have it your way|so be it|if you insist|your price|реально|вполне|возможн\w+
""")


def amounts(text: Text) -> list[tuple[Decimal, str]]:
    """Each sum named, in order, with its currency: an empty one where it is only said to be monthly."""
    return [(one.value, one.unit) for one in quantities(text) if one.what is What.MONEY]
