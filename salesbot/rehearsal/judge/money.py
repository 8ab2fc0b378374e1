"""MONEY: every amount, percentage, term and web address of ours stands in the facts, can be counted from them, or is
the person's own and turned down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from salesbot.rehearsal.judge.case import Case, asks, clauses, plain, quoted, refuses, sentences
from salesbot.rehearsal.judge.facts import DISCOUNT, Facts, countable, facts_of, gives, stems
from salesbot.rehearsal.judge.numbers import Number, numbers
from salesbot.rehearsal.judge.quantities import is_percentage, lengths, links, money, percentages
from salesbot.rehearsal.record import Line, Rule, Violation

AROUND = 6
"""So many lines before one tell what is counted in it."""
LARGE = 1000
"""A bare number from here on is taken for an amount, unless it is of something."""
MIDDLING = 100
"""From here on it is one where a price is talked of."""
_OF_SOMETHING = re.compile(
    r"\s?(?:-?(?:го|х|й|я|е|м)\b|°|(?:человек\w*|люд\w+|сотрудник\w*|порци\w+|чаш\w+|кружк\w+|стакан\w*|минут\w*|мин|"
    r"час\w*|дн\w+|день|недел\w+|месяц\w*|год\w*|лет|кг|килограмм\w*|кило|г|грамм\w*|см|мм|м|метр\w*|км|в|вольт\w*|вт|"
    r"литр\w*|л|мл|штук\w*|шт|машин\w*|мест\w*|стол\w*|этаж\w*|раз\w?|people|persons?|drinks?|cups?|minutes?|hours?|"
    r"days?|weeks?|months?|years?|kg|kilos?|grams?|g|cm|mm|km|m|metres?|meters?|miles?|v|volts?|w|watts?|litres?|"
    r"liters?|l|ml|pieces?|machines?|desks?|floors?|times|employees|teachers|seats|street|road|avenue|st)\b)"
)
_PRICE_BEFORE = re.compile(
    r"(?:\b(?:за|по|около|примерно|всего|стоит|стоят|цен\w+|выйдет|обойдется|итого|тариф\w*|for|only|just|costs?|"
    r"pric\w+|at|total|pay|charge)\b[\s:–—-]*)\Z"
)
_PRICE_AFTER = re.compile(
    r"\s?(?:в месяц|/ ?мес|за месяц|ежемесячно|за (?:кг|кило\w*|штуку|чашку)|a month|per month|/ ?month|monthly|a kilo|"
    r"per kilo|a cup|[,:–—-]+\s?(?:договорил|по рукам|идет|deal|agreed))"
)
_AGREES = re.compile(
    r"\b(?:договорил\w+|по рукам|согласн\w+|идет|ладно|сделаем|сделаю|оформ\w+|возможн\w+|устроит|пусть будет|отдад\w+|"
    r"deal|agreed|agree|done|fine|okay|works for|we can do|can do|let's say|you've got)\b"
)
_DENIED = re.compile(r"\b(?:не|нет|not|never|cannot|can't|won't|n't)\s(?:\w+\s){0,2}?\Z")
_BY_OTHERS = re.compile(
    r"\b(?:сейчас вы|вы (?:сейчас )?(?:плат\w+|трат\w+|отда\w+|говор\w+|пис\w+)|у них|у вас (?:сейчас|выход\w+)|"
    r"у конкурент\w+|"
    r"другой поставщик|ваш\w{0,2} (?:бюджет\w*|сумм\w+|машин\w+)|в ваш\w+|you (?:now )?(?:pay|spend|said|wrote|"
    r"mention\w+)|"
    r"your (?:budget|current|present|own)|they (?:charge|ask|offer)|their)\b"
)
_SHARE = re.compile(
    r"\b(?:полцены|вполцены|половин\w+ (?:цены|стоимости|платы)|вдвое дешевле|за полцены|на (?:треть|четверть|"
    r"половину) "
    r"дешевле|half[- ](?:the )?price|half off|(?:a|one) (?:third|quarter|half) (?:off|cheaper|less))\b"
)
_TERMS = re.compile(
    r"договор\w*|гаранти\w+|достав\w+|привез\w+|привоз\w+|постав\w+|установ\w+|мастер\w*|ремонт\w*|почин\w+|замен\w+|"
    r"пробн\w+|аренд\w+|верн\w+|возврат\w*|залог\w*|оплат\w+|профилактик\w+|обуч\w+|рассрочк\w+|отсрочк\w+|цен\w+|"
    r"contract\w*|warrant\w+|guarant\w+|deliver\w*|install\w*|technician\w*|repair\w*|replac\w+|trial\w*|rent\w*|"
    r"return\w*|deposit\w*|pay\w*|invoice\w*|check-up\w*|training|notice|set up|bring\w*|price\w*"
)
_WISHES = re.compile(
    r"договорил|по рукам|согласны|идет|сойдемся|отдадите|давайте|agreed|deal|okay\?|ok\?|how about|make it|i'll give"
)
_SAYS_YES = re.compile(
    r"\A\W*(?:ну )?(?:да|хорошо|ладно|договорил\w+|согласн\w+|идет|по рукам|окей|ок|отлично|конечно|пусть будет|"
    r"agreed|deal|"
    r"okay|ok|yes|sure|fine|you got it|done|all right|alright|it's a deal)\b"
)
_PASSES_ON = re.compile(r"коллег|человек|менеджер|colleague|human|manager")


def invented(case: Case) -> Iterator[Violation]:
    facts = facts_of(case.scenario)
    for line, text in case.written:
        wrong = next(_wrong(case, facts, line, text), None)
        if wrong:
            yield Violation(Rule.MONEY, wrong, line.id)


def _wrong(case: Case, facts: Facts, line: Line, text: str) -> Iterator[str]:
    own = _own(case, line)
    for sentence in sentences(text):
        yield from _amounts(case, facts, line, sentence, own)
        yield from _percentages(facts, sentence, own)
        yield from _lengths(facts, sentence)
        yield from _gifts(facts, sentence)
    known = {*facts.links, *(one for said in case.said_before(line) for one in links(said.text))}
    yield from (f"the address {one} is not in the facts" for one in links(text) if one not in known)
    yield from _agreed(case, facts, line, text)


def _own(case: Case, line: Line) -> frozenset[Decimal]:
    """The numbers that the person named."""
    return frozenset(
        one.value for said in case.said_before(line) for text in (said.text, *said.was) for one in numbers(text)
    )


def _amounts(case: Case, facts: Facts, line: Line, sentence: str, own: frozenset[Decimal]) -> Iterator[str]:
    priced = {one.number.start: one for one in money(sentence)}
    for number in numbers(sentence):
        if is_percentage(sentence, number):
            continue
        known = priced.get(number.start)
        if known is None and not _looks_like_money(sentence, number, facts, own):
            continue
        value, currency = number.value, known.currency if known else ""
        if not value or facts.names(value, currency):
            continue
        if value in own and _turns_down(sentence):
            continue
        if currency in ("", *(one.price.currency for one in facts.priced)) and countable(
            facts, value, sentence, _around(case, line)
        ):
            continue
        yield f"{value:f} {currency or 'of money'} is neither in the facts nor counted from them: {quoted(sentence)}"


def _looks_like_money(sentence: str, number: Number, facts: Facts, own: frozenset[Decimal]) -> bool:
    shown = plain_same_length(sentence)
    if _OF_SOMETHING.match(shown, number.end):
        return False
    talked = _PRICE_AFTER.match(shown, number.end) or _PRICE_BEFORE.search(shown[: number.start])
    if number.value < LARGE:
        return number.value >= MIDDLING and talked is not None and number.value not in facts.numbers
    if 1900 <= number.value <= 2100 and number.value % 1 == 0 and not _PRICE_AFTER.match(shown, number.end):
        return False
    return talked is not None or number.value not in own or _AGREES.search(shown) is not None


def plain_same_length(text: str) -> str:
    """Lower case without ё: places in it are places in the text."""
    return text.lower().replace("ё", "е").replace("’", "'").replace("\u00a0", " ")


def _around(case: Case, line: Line) -> list[str]:
    return [one.text for one in case.record.lines if line.id - AROUND <= one.id <= line.id]


def _turns_down(sentence: str) -> bool:
    """Whether a sentence says no, or speaks of what others take; and agrees to nothing."""
    shown = plain(sentence)
    if any(not _DENIED.search(shown[: found.start()]) for found in _AGREES.finditer(shown)):
        return False
    return refuses(sentence) or asks(sentence) or _BY_OTHERS.search(shown) is not None


def _percentages(facts: Facts, sentence: str, own: frozenset[Decimal]) -> Iterator[str]:
    for one in percentages(sentence):
        if one.value not in facts.percentages and not (one.value in own and _turns_down(sentence)):
            yield f"{one.value:f} % is not in the facts: {quoted(sentence)}"
    if _SHARE.search(plain(sentence)) and not refuses(sentence):
        yield f"a part of the price is not in the facts: {quoted(sentence)}"


def _lengths(facts: Facts, sentence: str) -> Iterator[str]:
    """How long something of ours takes or lasts."""
    if asks(sentence) or not _TERMS.search(plain(sentence)):
        return
    for clause in clauses(sentence):
        for value, unit in lengths(clause):
            if (value, unit) not in facts.lengths and not refuses(clause):
                yield f"a term of {value:f} {unit}s is not in the facts: {quoted(sentence)}"


def _gifts(facts: Facts, sentence: str) -> Iterator[str]:
    if asks(sentence):
        return
    for clause in clauses(sentence):
        if refuses(clause):
            continue
        if DISCOUNT.search(plain(clause)) and not facts.discounts:
            yield f"a discount that the facts do not have: {quoted(sentence)}"
        if gives(clause) and not _is_free(facts, clause, sentence):
            yield f"nothing in the facts gives this for free: {quoted(sentence)}"


def _is_free(facts: Facts, clause: str, sentence: str) -> bool:
    """Whether a fact that gives something for nothing speaks of the same; a length of time in it must be the fact's."""
    spans = {one for one in stems(clause) if re.match(r"месяц|год|лет|кварт|month|year|quart", one)}
    said = stems(sentence)
    return any(said & one and spans <= one for one in facts.free)


def _agreed(case: Case, facts: Facts, line: Line, text: str) -> Iterator[str]:
    """A plain yes to somebody who named a price of their own."""
    asked = case.answered_line(line)
    first = next(sentences(text), "")
    if asked is None or not _SAYS_YES.match(plain(first)) or _PASSES_ON.search(plain(text)) or refuses(text):
        return
    wish = plain(asked.text)
    shown = plain_same_length(asked.text)
    theirs = {one.value for one in money(asked.text)} | {
        one.value
        for one in numbers(asked.text)
        if one.value >= MIDDLING and _WISHES.search(wish) and not _OF_SOMETHING.match(shown, one.end)
    }
    offered = any(facts.names(one.value) for one in numbers(text))
    if theirs and not offered and not any(facts.names(one) for one in theirs):
        yield f"their own price was agreed to: {quoted(text)}"
