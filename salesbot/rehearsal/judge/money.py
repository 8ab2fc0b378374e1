"""MONEY: every amount, percentage and web address of ours stands in the facts, can be counted from them, or is the
person's own and turned down; so does every length of time, gift and discount (``terms``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from salesbot.rehearsal.judge import terms
from salesbot.rehearsal.judge.case import Case, asks, lowered, plain, quoted, refuses, sentences
from salesbot.rehearsal.judge.facts import Facts, Priced, countable, facts_of
from salesbot.rehearsal.judge.numbers import Number, numbers
from salesbot.rehearsal.judge.quantities import is_percentage, links, money, percentages
from salesbot.rehearsal.record import Line, Rule, Violation

AROUND = 6
"""So many lines before one tell what is counted in it."""
LARGE = 1000
"""A bare number from here on is taken for an amount, unless it is of something."""
MIDDLING = 100
"""From here on it is one where a price is talked of."""
_OF_SOMETHING = re.compile(
    r"-?(?:го|х|й|я|е|м|th|st|nd|rd)\b|\s?°|\s?(?:человек\w*|люд\w+|сотрудник\w*|порци\w+|чаш\w+|кружк\w+|стакан\w*|"
    r"минут\w*|мин|час\w*|дн\w+|день|недел\w+|месяц\w*|год\w*|лет|кг|килограмм\w*|кило|грамм\w*|см|мм|метр\w*|км|"
    r"вольт\w*|"
    r"вт|литр\w*|мл|штук\w*|шт|машин\w*|мест\w*|стол\w*|этаж\w*|раз\w?|people|persons?|drinks?|cups?|minutes?|hours?|"
    r"days?|weeks?|months?|years?|kg|kilos?|grams?|cm|mm|km|metres?|meters?|miles?|volts?|watts?|litres?|liters?|ml|"
    r"pieces?|machines?|desks?|floors?|times|employees|teachers|seats|offices|street|road|avenue)\b"
)
_PRICE_BEFORE = re.compile(
    r"(?:\b(?:за|по|около|примерно|всего|стоит|стоят|цен\w+|выйдет|обойдется|итого|тариф\w*|for|only|just|costs?|"
    r"pric\w+|"
    r"at|total|pay|charge)\b[\s:–—-]*)\Z"
)
_PRICE_AFTER = re.compile(
    r"\s?(?:в месяц|/ ?мес|за месяц|ежемесячно|за (?:кг|кило\w*|штуку|чашку)|a month|per month|/ ?month|monthly|a kilo|"
    r"per kilo|a cup|it is\b|[,:–—-]+\s?(?:договорил|по рукам|идет|deal|agreed))"
)
_AGREES = re.compile(
    r"\b(?:договорил\w+|по рукам|согласн\w+|идет|ладно|сделаем|сделаю|оформ\w+|возможн\w+|устроит|пусть будет|отдад\w+|"
    r"уступ\w+|deal|agreed|agree|done|fine|okay|works for|we can do|can do|let's say|you've got|you win|it is yours|"
    r"sounds (?:good|fair)|you can have)\b"
)
_DENIED = re.compile(r"\b(?:не|нет|not|never|cannot|can't|won't|no)\s(?:\w+\s){0,2}?\Z")
_BY_OTHERS = re.compile(
    r"\b(?:сейчас вы|вы (?:сейчас )?(?:плат\w+|трат\w+|отда\w+|говор\w+|пис\w+)|у них|у вас (?:сейчас|выход\w+)|"
    r"у конкурент\w+|другой поставщик|ваш\w{0,2} (?:бюджет\w*|сумм\w+|машин\w+)|в ваш\w+|"
    r"you (?:now )?(?:pay|spend|said|wrote|mention\w+)|your (?:budget|current|present|own)|they (?:charge|ask|offer)|"
    r"their)\b"
)
_SHARE = re.compile(
    r"\b(?:полцены|вполцены|половин\w+ (?:\w+ )?(?:цены|стоимости|платы)|вдвое дешевле|на (?:треть|четверть|половину) "
    r"дешевле|half[- ](?:the )?price|half off|(?:a|one) (?:third|quarter|half) (?:off|cheaper|less))\b"
)
_SAYS_YES = re.compile(
    r"\A\W*(?:ну )?(?:да|хорошо|ладно|договорил\w+|согласн\w+|идет|по рукам|окей|ок|отлично|конечно|пусть будет|agreed|"
    r"deal|okay|ok|yes|sure|fine|you got it|you win|done|all right|alright|it's a deal|(?:that )?(?:sounds|works))\b"
)
_PASSES_ON = re.compile(r"коллег|человек|менеджер|colleague|human|manager")
_BIDS_BEFORE = re.compile(
    r"\b(?:за|максимум|не больше|ровно|по|дам|дадим|for|max|at most|give (?:you )?|make it|stretch to|only|how about|"
    r"say|"
    r"go to)[\s:–—-]*\Z"
)
_BIDS_AFTER = re.compile(
    r"[\s,.:–—-]*(?:и )?(?:договор|по рукам|deal|agreed|ok\b|okay|ок\b|идет|подпис|вопрос закрыт|and (?:we|i|it)\b|"
    r"согласны|"
    r"устроит|сойд|acceptable|максимум|or nothing|в месяц|a month)"
)
_PER = {
    "day": r"(?:в|за|/) ?(?:день|сутки)\b|(?:a|per|/) ?day\b",
    "week": r"(?:в|за|/) ?неделю\b|(?:a|per|/) ?(?:week|fortnight)\b|(?:в|за|раз в) две недели",
    "month": r"(?:в|за|/) ?мес(?:яц)?\b|(?:a|per|/) ?month\b",
    "year": r"(?:в|за|/) ?год\b|(?:a|per|/) ?year\b",
    "kg": r"(?:за|/) ?(?:кг|кило\w*)\b|(?:a|per|/) ?(?:kg|kilo\w*)\b",
}
_EVERY = re.compile(
    r"\bраз в (?:квартал|год|полгода|неделю|две недели)\b|\bежеквартально\b|\bevery (?:week|two weeks|quarter|year)\b|"
    r"\b(?:quarterly|fortnightly|weekly)\b"
)
_IT = re.compile(r"\b(?:он|она|оно|it|it's|that's|that)\b")
_WISHES = re.compile(
    r"\b(?:договорил\w+|по рукам|согласны|сойдемся|отдадите|давайте|подпи\w+|беру|возьм\w+|agreed|deal|customer|"
    r"how about|"
    r"make it|sign|i'll (?:give|take|pay)|stretch|acceptable)\b"
)
_PER_AFTER = {unit: re.compile(rf"\s?(?:₽|руб\w*|roubles?|€|\$)?\s?(?:{written})") for unit, written in _PER.items()}


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of ours, and what it is judged by."""

    case: Case
    facts: Facts
    line: Line
    text: str
    before: str
    """What stands before it in the same message."""
    own: frozenset[Decimal]
    """Numbers that the person named."""

    @property
    def turns_down(self) -> bool:
        """Whether it says no, or speaks of what others take; and agrees to nothing."""
        shown = plain(self.text)
        if any(not _DENIED.search(shown[: found.start()]) for found in _AGREES.finditer(shown)):
            return False
        return refuses(self.text) or asks(self.text) or _BY_OTHERS.search(shown) is not None

    @property
    def around(self) -> list[str]:
        return [one.text for one in self.case.record.lines if self.line.id - AROUND <= one.id <= self.line.id]


def invented(case: Case) -> Iterator[Violation]:
    facts = facts_of(case.scenario)
    for line, text in case.written:
        wrong = next(_wrong(case, facts, line, text), None)
        if wrong:
            yield Violation(Rule.MONEY, wrong, line.id)


def _wrong(case: Case, facts: Facts, line: Line, text: str) -> Iterator[str]:
    said = [each for one in case.said_before(line) for each in (one.text, *one.was)]
    own = frozenset(one.value for each in said for one in numbers(each))
    for each in sentences(text):
        sentence = _Sentence(case, facts, line, each, text[: text.index(each)], own)
        yield from _amounts(sentence)
        yield from _percentages(sentence)
        yield from terms.wrong(facts, each, case.answered_line(line), said)
    known = {*facts.links, *(one for each in said for one in links(each))}
    yield from (f"the address {one} is not in the facts" for one in links(text) if one not in known)
    yield from _agreed(case, facts, line, text)


def _amounts(sentence: _Sentence) -> Iterator[str]:
    facts, text = sentence.facts, sentence.text
    priced = {one.number.start: one.currency for one in money(text)}
    for number in numbers(text):
        value, currency = number.value, priced.get(number.start, "")
        if is_percentage(text, number) or not value:
            continue
        if not currency and not _looks_like_money(sentence, number):
            continue
        if facts.names(value, currency):
            if other := _misplaced(sentence, number):
                yield f"{value:f} is the price of something else, or for another time, than {other}: {quoted(text)}"
            continue
        if (value in sentence.own and sentence.turns_down) or countable(facts, value, text, sentence.around):
            continue
        yield f"{value:f} {currency or 'of money'} is neither in the facts nor counted from them: {quoted(text)}"


def _looks_like_money(sentence: _Sentence, number: Number) -> bool:
    shown = lowered(sentence.text)
    if _OF_SOMETHING.match(shown, number.end):
        return False
    after = _PRICE_AFTER.match(shown, number.end)
    talked = after or _PRICE_BEFORE.search(shown[: number.start])
    if number.value < LARGE:
        return number.value >= MIDDLING and talked is not None and number.value not in sentence.facts.numbers
    if 1900 <= number.value <= 2100 and number.value % 1 == 0 and not after:
        return False
    return talked is not None or number.value not in sentence.own or _AGREES.search(shown) is not None


def _misplaced(sentence: _Sentence, number: Number) -> str:
    """What stands beside a price that is another thing's, or for another time; empty where all is right."""
    owners = [one for one in sentence.facts.priced if one.price.amount == number.value]
    if not owners:
        return ""
    shown = lowered(sentence.text)
    beside = [*_named(sentence.facts, shown[: number.start], r"[^,;.!?()\d]{0,24}\Z")]
    if not beside and _IT.search(shown) and not [*_named(sentence.facts, shown)]:
        beside = [*_named(sentence.facts, lowered(sentence.before))]
        beside = beside if len(beside) == 1 else []
    if beside and not set(owners) & set(beside):
        return beside[0].names[0]
    units = {one.price.per for one in owners}
    said = next((unit for unit, pattern in _PER_AFTER.items() if pattern.match(shown, number.end)), "")
    if said and said not in units and units <= _PER.keys():
        return f"a {said}"
    every = _EVERY.search(shown)
    return every[0] if every and units == {"month"} and not re.search(r"месяц|month", shown) else ""


def _named(facts: Facts, shown: str, after: str = "") -> Iterator[Priced]:
    """The priced things that a text names, with this behind the name."""
    for one in facts.priced:
        if any(re.search(rf"\b{re.escape(plain(name))}\b{after}", shown) for name in one.names):
            yield one


def _percentages(sentence: _Sentence) -> Iterator[str]:
    for one in percentages(sentence.text):
        if one.value not in sentence.facts.percentages and not (one.value in sentence.own and sentence.turns_down):
            yield f"{one.value:f} % is not in the facts: {quoted(sentence.text)}"
    if _SHARE.search(plain(sentence.text)) and not refuses(sentence.text):
        yield f"a part of the price is not in the facts: {quoted(sentence.text)}"


def _agreed(case: Case, facts: Facts, line: Line, text: str) -> Iterator[str]:
    """A yes to somebody who named a price of their own, whether it repeats the price or not."""
    asked = case.answered_line(line)
    if asked is None or _PASSES_ON.search(plain(text)) or refuses(text):
        return
    bids = {one for one in _bids(asked.text) if not facts.names(one)}
    shown = plain(text)
    says_yes = _SAYS_YES.match(shown) or _AGREES.search(shown)
    offered = any(facts.names(one.value) for one in numbers(text))
    if bids and says_yes and not offered:
        yield f"their own price was agreed to: {quoted(text)}"


def _bids(text: str) -> Iterator[Decimal]:
    """The prices that somebody offers."""
    shown = lowered(text)
    paid = {one.number.start for one in money(text)}
    wishes = _WISHES.search(plain(text)) is not None
    for one in numbers(text):
        if _OF_SOMETHING.match(shown, one.end):
            continue
        if (
            one.start in paid
            or (wishes and one.value >= MIDDLING)
            or _BIDS_BEFORE.search(shown[: one.start])
            or _BIDS_AFTER.match(shown, one.end)
        ):
            yield one.value
