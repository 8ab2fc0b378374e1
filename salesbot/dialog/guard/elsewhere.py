"""Prices that the person told of somebody else: what they pay now, what others charge. They may be named as that."""

from __future__ import annotations

import re

from salesbot.dialog.guard.facts import named
from salesbot.dialog.guard.quantities import Quantity, within
from salesbot.dialog.guard.scene import Scene, Use
from salesbot.dialog.guard.words import Span, Text, has, phrases

OTHERS = phrases(r"""
    они|у них|друг(?:ие|их|им|ому|ой)|конкурент\w*|прошл\w+|прежн\w+|брал\w*|купил\w*|беру[тм]|платили|плачу|платим
    раньше|сейчас|рынке|they|others|other|competitor\w*|last|previous|paid|charged?|current\w*|now|used to|elsewhere
    трат\w+|потратил\w*|уходит|уходило|обходил\w*|обходится|покупаем|покупали|закупаем|стоила|стоили|просят
    дерут|spen[dt]\w*|charges|costs?|old|took|takes?|asks?|asking|quoted?|were|was|bought|buy|buying
    paying|pays?|goes on|burn\w*
""")
_NOW = r"you(?:'re| are| have| were|'ve)?(?: (?:now|already|currently|still))*"
_THEIRS = phrases(rf"""
    они|их|у них|им|там|конкурент\w*|прошл\w+|нынешн\w+|прежн\w+|тратите|потратили|уходит у вас
    вы (?:\w+ )?(?:плат\w+|трат\w+|отда\w+|потратил\w*|покупа\w+|закупа\w+|купили)
    у вас (?:\w+ )?(?:уход\w+|выход\w+|обход\w+)|сейчас (?:\w+ )?(?:плат\w+|трат\w+|уходит|выходит|отда\w+)
    they|them|their|theirs|elsewhere|cost you|costs you|goes on|your (?:\w+ )?(?:current|present|own|old|last|previous)
    {_NOW} (?:pay\w*|paid|spen[dt]\w*|bought|buy\w*)
""")
_OF_OURS = phrases(r"""
    мы|нам|наш\w*|нас|нами|столько же|так же|тоже|как и|за те же|такую же|уложимся|сделаем|сможем|можем
    пусть|буд(?:ет|ете|ем)|заплат\w+|давайте|we|us|our|ours|i|i'll|we'll|we'd|we're|same|too
    match|matches|likewise|also|let's|beat|then|equal\w*|will|would|here|get|gets|keep\w*|stays?|remain\w*
    оста(?!вля)\w+|дальше|тут|здесь|договорим\w*|переход\w+|поставим|машина ваша
""")
"""Beside these the person's amount would be a price of ours."""
_EQUALS = phrases(r"""
    столько же|тоже|так же|такая же|такую же|и у нас|как (?:и|у|они|там|раньше|прежде)|значит|поэтому|раз они
    (?:за|на) (?:них|это|эти)|same|so do|for (?:that|this)|match\w*|equal\w*|likewise|if that is
    like (?:them|they|your|the|him)|as (?:they|them|your)|so you
""")
_ASSENTS = re.compile(
    r"\A (?:хорошо|ладно|ок|окей|да|давайте|пусть|идет|конечно|all right|alright|fine|ok|okay|yes|"
    r"sure|well then|right|done)(?= )"
)
PAID = phrases(r"""
    плат\w+|плачу|трат\w+|бер[уе]\w*|прос\w+|дерут|стои\w+|pay\w*|paid|spen[dt]\w*|charge\w*|costs?|asks?
""")
_MINE = phrases(r"""
    мы|мне|я|нам|у нас|наш\w*|\w+(?:им|ем)|плачу|трачу|уходит|выходит|уходило|купил\w*|брали|потратил\w*|платили|тратили
    отдали|we|our|ours|us|i|my|me|paying|spending
""")
_YOU_PAY = phrases(r"""
    вы (?:\w+ )?(?:плат\w+|трат\w+|отда\w+)|(?:you|you're|you are) (?:\w+ )?(?:pay\w*|spend\w*|paid|spent)
""")
"""Said to somebody who told what others pay, it is a price of ours."""


def is_theirs(scene: Scene, text: Text, one: Quantity, own: tuple[Use, ...]) -> bool:
    """Whether it is a price that the person has told of somebody else: asked about, or said to be theirs."""
    sentence, clause = text.sentence(one.first), text.clause(one.first)
    if not any(OTHERS.search(use.line) for use in own):
        return False
    if sentence.asks:
        return True
    if not any(_MINE.search(use.line) for use in own) and has(sentence, _YOU_PAY):
        return False
    if has(text.whole, _EQUALS) or _ASSENTS.search(sentence.line):
        return False
    inside = within(sentence)
    prices = {each.value for each in (*scene.facts.amounts, *scene.sums)}
    if sum(each.value == one.value for each in inside) > 1 or (
        not any(each.value in prices for each in inside) and _of_ours(scene, sentence)
    ):
        return False  # a price of ours is said to be one by its own amount
    around = clause if has(clause, _THEIRS) else Span(text, clause.first, _end_of(text, clause))
    return has(around, _THEIRS) and not _of_ours(scene, around)


def _of_ours(scene: Scene, span: Span) -> bool:
    return has(span, _OF_OURS) or bool(named(scene.facts, span))


def _end_of(text: Text, clause: Span) -> int:
    """Of a clause that is only an amount the next one says whose it is (``11 000, what they charge``)."""
    thought = text.thought(clause.first)
    return text.clause(clause.last).last if len(clause.words) <= 3 and clause.last < thought.last else clause.last
