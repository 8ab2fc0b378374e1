"""What a customer takes a seller's words for, by plain patterns, Russian and English together.

The seller may be any model: what is looked for are the words that a question or an answer can hardly do without.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Question(StrEnum):
    """In the order in which they are answered."""

    SIZE = "size"
    DRINKS = "drinks"
    WHOSE = "whose"
    CLEANING = "cleaning"
    PHONE = "phone"
    CALL = "call"
    NUMBER = "number"
    WHETHER = "whether"
    OTHER = "other"


_QUESTIONS = {
    Question.SIZE: r"сколько\b.{0,40}(?:человек|людей|сотрудник|вас\b)|(?:человек|людей|сотрудник\w*)\b.{0,20}сколько"
    r"|how (?:many|large|big)\b.{0,40}(?:people|you\b|employees|colleagues|office|team)|size of (?:your|the)",
    Question.DRINKS: r"что\b.{0,30}(?:пь[её]те|пьют)|как\b.{0,20}с кофе|what\b.{0,30}\bdrink|get your coffee",
    Question.WHOSE: r"(?:ваш|чей)\b.{0,20}вопрос|кто\b.{0,20}реша|(?:matter|question) of yours|who\b.{0,20}decid",
    Question.CLEANING: r"кто (?:е[её]|машину) .{0,10}(?:чист|чин)|who (?:cleans|repairs|mends)",
    Question.PHONE: r"(?:какой|каком|ваш)\w* (?:\w+ )?(?:номер|телефон)|(?:which|what|your) (?:\w+ )?number",
    Question.CALL: r"звон|созвон|когда\b.{0,30}(?:удобно|поговор)|какое время|день и время"
    r"|\bcall\b|\bsuits? you|what time|when would|day and a time|\bthe day\b|which day|какой день",
    Question.NUMBER: r"сколько|how (?:many|old)|number of",
    Question.WHETHER: r"\bwhether\b|\bли\b",
}
_COMPILED = {question: re.compile(words, re.I | re.S) for question, words in _QUESTIONS.items()}
_ASKING = re.compile(r"[^.!?\n]*\?")
_ASKED_PLAINLY = re.compile(
    r"(?:напишите|подскажите|назовите|нужны|tell me|let me know|i (?:only )?need)\b[^.!?\n]*(?:день|врем|day|time)",
    re.I,
)

_MONEY = re.compile(
    r"(?P<before>[€$£]\s?)?(?P<amount>\d[\d \u00a0\u202f,]*)(?P<after>\s?(?:[₽€$£]|руб|roubles?|RUB|EUR))?"
)
_MONTHLY = re.compile(r"[\w.]*\s?(?:/|в|за|a|per)\s?(?:мес|month)", re.I)
_ANSWERS = {
    "expensive": r"входят|включ|меньше|бесплатн|начать|дешевле|отдельно"
    r"|cover|includ|smaller|\bfree\b|begin with|cheaper|costs extra",
    "have": r"рядом|сравни|недел|side by side|compare|week",
    "think": r"строк\w+, |переслать|one line|to forward",
    "no_room": r"\d на \d|\d\s?(?:см|cm)\b|достаточно|секунд|\d by \d|enough|seconds",
    "contract": r"недел|предупред|\bдней\b|week|notice|\bdays\b",
}
_NOT_KNOWN = re.compile(
    r"(?:скажет|назов[её]т|подбер[её]т|спросить у?) ?(?:точно )?коллег|точно скажет|не знаю|выдумывать|не напутала"
    r"|colleague can say|ask a colleague|will name|do(?: not|n.t) know|rather not invent|get nothing wrong",
    re.I,
)
_HANDS_OVER = re.compile(
    r"\bзову коллегу|переда(?:ю|м) (?:вопрос |ваш вопрос )?коллеге|коллега (?:пока|ответит)|calling a colleague"
    r"|passing (?:this|it|your question|the question) on|no colleague has been|colleague will (?:answer|write)",
    re.I,
)
_AGREED = re.compile(
    r"договорились|коллега (?:вам )?позвонит|вс[её] в силе|\bagreed\b|colleague will call|it all stands", re.I
)


def questions(text: str) -> frozenset[Question]:
    """What the seller wants to know."""
    asked = "\n".join([*_ASKING.findall(text), *(found[0] for found in _ASKED_PLAINLY.finditer(text))])
    if not asked.strip():
        return frozenset()
    found = frozenset(one for one, words in _COMPILED.items() if words.search(asked)) or frozenset({Question.OTHER})
    return found - {Question.NUMBER} if Question.SIZE in found else found


def prices(text: str) -> tuple[int, ...]:
    """The amounts of money that it names, in their order: those for a month, where there are such."""
    found = [one for one in _MONEY.finditer(text) if one["before"] or one["after"]]
    monthly = [one for one in found if _MONTHLY.match(text, one.end())]
    return tuple(int(re.sub(r"\D", "", one["amount"])) for one in monthly or found)


def settles(text: str, objection: str) -> bool:
    """Whether an objection is answered with something, and not only with kindness."""
    words = _ANSWERS.get(objection)
    return words is None or bool(re.search(words, _NOT_KNOWN.sub(" ", text), re.I))


def says_nothing(text: str) -> bool:
    """Whether it is no more than a nod, whatever is asked beside it: then they were not understood."""
    return len(re.findall(r"\w+", _ASKING.sub(" ", text))) < 5


def hands_over(text: str) -> bool:
    """Whether a human is being called: then one waits."""
    return _HANDS_OVER.search(text) is not None


def agrees(text: str) -> bool:
    """Whether the seller confirms what was named."""
    return _AGREED.search(text) is not None
