"""Something for less or for nothing: offered only where the facts give it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.guard import modality, units
from salesbot.dialog.guard.facts import Statement, stems
from salesbot.dialog.guard.quantities import What, quantities
from salesbot.dialog.guard.scene import Scene, Violation, about
from salesbot.dialog.guard.topics import VAGUE, topics
from salesbot.dialog.guard.words import COUNTED, Span, Text

_DISCOUNT = re.compile(
    r" (?:скидк\w*|скидочк\w*|скидон\w*|акци[яиюей]+|акционн\w*|промокод\w*|промо|купон\w*|кешбек\w*|кэшбек\w*|кэшбэк\w*|кешбэк\w*|бонус\w*|подар\w+|презент\w*|распродаж\w*|льгот\w*|уценк\w*|спеццен\w*|спецпредложени\w*|спецтариф\w*"
    r"|(?:специальн|особ|персональн|индивидуальн|эксклюзивн|льготн|сниженн|старой|стар|акционн)\w* (?:цен\w+|услови\w+|предложени\w+|тариф\w*|расценк\w*|прайс\w*)|(?:цен\w+|услови\w+|предложени\w+) (?:специальн|особ|персональн|индивидуальн|эксклюзивн|только для вас|лично для вас)\w*"
    r"|(?:снизим|снижу|снизить|снижаем|уступлю|уступим|уступаем|уступить|сбросим|сброшу|сбросить|скинем|скину|скинуть|сбавим|сбавлю|подвинем\w*|подвинусь|подвинуться|урежем|срежем|удешев\w+)"
    r"|(?:отдам|отдадим|сделаю|сделаем|получится|выйдет|будет|посчитаю|посчитаем|найдем|найду|предложу|предложим|дам|дадим) (?:\w+ ){0,3}(?:дешевле|подешевле|выгоднее|меньше обычного)|дешевле (?:обычного|для вас|чем (?:всем|другим|остальным|на сайте|у всех))|выгодн\w+ (?:цен\w+|услови\w+)|уменьш\w+ (?:\w+ )?(?:счет\w*|цен\w*|сумм\w*|плат\w*)|(?:семейн|дружеск|партнерск|студенческ|стартов|приветственн|пробн|вступительн|летн|праздничн)\w+ (?:цен\w+|тариф\w*)"
    r"|торг|поторгу\w+|сторгу\w+|навстречу|халяв\w*|простим|спишем|не возьмем|не будем брать|не берем"
    r"|discount\w*|rebates?|vouchers?|coupons?|promo(?:tion\w*|s)?|promo-?codes?|bonus\w*|gifts?|gifted|a present|giveaway|cashback|cash back|sale price|on sale|reduced|reduction|mark(?:ed)? down|knock (?:\w+ )?(?:off|down)|knock\w* [\w ]{1,20}off|money off|take [\w ]{1,12}off|shave|waive\w*|freebies?|sweeten\w*|throw(?:ing)? in|throw (?:\w+ ){1,5}in"
    r"|special (?:price|offer|deal|rate|terms?|conditions?|arrangement)|better (?:price|deal|rate)|lower (?:price|rate|fee)|(?:cheaper|less) (?:for you|than (?:usual|others|everyone|listed|the list))|come down|friends? (?:price|rate)|loyalty|early[- ]bird|preferential|bargain|qualif(?:y|ies) for|(?:friends|family|partner|insider|staff|student|startup|introductory|welcome|trial|promo|loyal\w*|best|good|nice) (?:price|rate|deal)|meet you half ?way|(?:exclusive|personal|private) (?:price|offer|deal|rate))(?= )"
)
_FREE = re.compile(
    r" (?:бесплатн\w*|даром|безвозмездн\w*|задаром|за наш счет|за счет (?:компании|заведения|фирмы)|в подарок|платить не (?:нужно|надо|придется|будете)|не (?:платите|заплатите|придется платить|нужно платить|надо платить)|ничего не (?:стоит|будет стоить|платите|возьмем)|ни (?:копейки|рубля)|(?:с|от) нас|0 руб\w*|ноль рублей|нулев\w+"
    r"|free|for nothing|gratis|complimentary|on the house|on us|at no (?:extra |additional )?(?:cost|charge)|no (?:extra |additional )?charge|free of charge|without charge|costs? (?:you )?nothing|pay nothing|zero cost|won't (?:pay|cost)|don't pay|do not pay|at our expense|no cost)(?= )"
)
_INCLUDED = re.compile(
    r" (?:в цене|в цену|в стоимост\w+|включен\w*|вход(?:ит|ят)|in the price|included|includes|covers?|covered)(?= )"
)
_ABOUT = re.compile(r" (?:про|о|об|насчет|вопрос\w*|тем[аыу]|about|regarding|question|as for)(?= )")
_FREE_TO = re.compile(
    r" (?:feel free|free (?:to|now|then|tomorrow|today|on|at|for a|this|next|slot|time|afternoon|morning|evening)|hands? free|free hands?|when free|if free"
    r"|(?:colleagues?|nobody|no one|somebody|someone|you|you're|i'm|we're|they're|i|we|they)(?: [^ ]+){0,3} free)(?= )"
)
"""Free as people are, or free to do something."""


_SAME_FOR_ALL = re.compile(r" (?:одни|одинаков\w*|един\w+|для всех|всем|same|everybody|everyone|regardless|equal)(?= )")
"""What says no to a discount without a word of denial."""
_ASKS_FOR_LESS = re.compile(
    r" (?:есть|бывают?|можно|будет|дадите|дайте|сделаете|сделайте|давай\w*|положен\w*|действует|any|do you|can you|could you|is there|are there|would you|will you|give|get|have)(?= )"
)
_YES = re.compile(
    r"\A (?:да|есть|конечно|разумеется|безусловно|само собой|найдется|найдем|имеется|легко|без проблем|не вопрос|договорились|yes|yep|yeah|sure|of course|absolutely|certainly|definitely|there is|there are|we do|we have|we can|i can|happy to|gladly|no problem|deal|why not|it's possible|you bet)(?= )"
)


def claims(scene: Scene, text: Text) -> Iterator[Violation]:
    """Discounts, presents and free things that the facts do not give."""
    found = False
    for sentence in text.sentences:
        for thought in sentence.thoughts:
            if _discounts(scene, sentence, thought):
                found = True
                yield Violation(
                    "discount", "A discount, present or special condition is offered that is not in the facts."
                )
            elif _gives(scene, thought):
                found = True
                yield Violation("discount", "Something is said to be free that the facts do not give for free.")
    if not found and text is scene.texts[0] and _says_yes(scene, text):
        yield Violation("discount", "Somebody who asked for a discount is told yes.")


def _says_yes(scene: Scene, text: Text) -> bool:
    """``Есть!`` to somebody who asked whether there is a discount."""
    asked = scene.asked[-1].text.whole if scene.asked else None
    if asked is None or not (_DISCOUNT.search(asked.line) and (asked.asks or _ASKS_FOR_LESS.search(asked.line))):
        return False
    first = text.sentences[0] if text.sentences else None
    if first is None or first.asks or not _YES.search(first.line):
        return False
    whole = text.whole.line
    return not modality.denies(whole) and not _SAME_FOR_ALL.search(whole) and not _THEIR_NO.search(asked.line)


_THEIR_NO = re.compile(r" (?:то есть|значит|получается|выходит|правильно понимаю|so|then|i guess|right)(?= )")
"""They sum up what they have understood; a yes confirms that."""


def _place(span: Span, at: int) -> int:
    """Index of the token at which a match in the span's line begins."""
    words = len(span.line[: at + 1].split())
    places = [place for place in range(span.first, span.last) if span.text.tokens[place].kind in COUNTED]
    return places[min(words, len(places) - 1)]


def _discounts(scene: Scene, sentence: Span, thought: Span) -> bool:
    for match in _DISCOUNT.finditer(thought.line):
        place = _place(thought, match.start())
        if modality.denied_at(thought.text, place) or modality.reports(thought) or _SAME_FOR_ALL.search(thought.line):
            continue
        if _ABOUT.search(thought.line[: match.start() + 1]) and not modality.agrees(thought):
            continue
        if sentence.asks and not _TEMPTS.search(sentence.line):
            continue
        if not any(match[0] in each.line and not modality.denies(each.line) for each in scene.facts.statements):
            return True
    return False


_TEMPTS = re.compile(
    r" (?:хотите|устроит|согласны|если|как вам|давайте|if|would|how about|shall|deal|want|what if|suppose)(?= )"
)


def _gives(scene: Scene, thought: Span) -> bool:
    line = _FREE_TO.sub(lambda match: " —" * len(match[0].split()), thought.line)
    for match in _FREE.finditer(line):
        place = _place(thought, match.start())
        spoken = _spoken_of(thought, place)
        if _denied(thought, place, match[0]) or modality.reports(thought):
            continue
        mine = topics(spoken.line) - VAGUE or about(scene, thought.text, place)
        if not any(_grants(each, spoken, mine) for each in scene.facts.statements) or _contradicted(scene, spoken):
            return True
    return False


def _denied(thought: Span, place: int, words: str) -> bool:
    """The words themselves often hold the negation (``платить не придётся``): only another one counts."""
    clause = thought.text.clause(place).line
    return modality.denies(clause.replace(words, " ", 1))


def _spoken_of(thought: Span, place: int) -> Span:
    """The clause, if it tells what is free; else the thought."""
    clause = thought.text.clause(place)
    return clause if len(stems(_FREE.sub(" ", clause.line))) >= 1 else thought


def _grants(fact: Statement, spoken: Span, mine: frozenset[str]) -> bool:
    """Whether a fact gives the same for nothing: about the same topic, or with the same words, and as much of it."""
    if not (
        _FREE.search(fact.line) or _INCLUDED.search(fact.line) or (modality.denies(fact.line) and mine & fact.topics)
    ):
        return False
    if not _periods(spoken.line) <= _periods(fact.line):
        return False
    amounts = {
        (one.what, *one.canonical)
        for one in quantities(spoken.text)
        if spoken.first <= one.first < spoken.last and one.what is What.DURATION
    }
    if not amounts <= fact.quantities:
        return False
    own = topics(spoken.line) - VAGUE
    if own:
        return bool(own & fact.topics)
    if mine & fact.topics:
        return True
    periods = _periods(spoken.line)
    return bool(_things(spoken.line) & _things(fact.line)) or bool(periods and periods <= _free_periods(fact.line))


def _free_periods(line: str) -> frozenset[str]:
    """Those that stand right beside the word for free."""
    near = [line[: match.start()].split()[-3:] + line[match.end() :].split()[:3] for match in _FREE.finditer(line)]
    return frozenset(name for words in near for name in _periods(" ".join(words)))


def _things(line: str) -> frozenset[str]:
    """What a line speaks of, but for stretches of time."""
    return stems(" ".join(word for word in _FREE.sub(" ", line).split() if not units.duration(word)))


def _periods(line: str) -> frozenset[str]:
    """Names of the stretches of time in a line: a free week is no free month."""
    return frozenset(name for word in line.split() if (name := units.duration(word)))


def _contradicted(scene: Scene, spoken: Span) -> bool:
    """Whether the fact that speaks of it most closely gives it for a price."""
    mine = topics(spoken.line) - VAGUE
    best = max((len(mine & each.topics) for each in scene.facts.statements), default=0)
    closest = [each for each in scene.facts.statements if len(mine & each.topics) == best]
    return bool(best) and not any(_grants(each, spoken, mine) for each in closest)
