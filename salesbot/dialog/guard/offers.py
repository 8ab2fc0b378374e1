"""Something for less or for nothing: offered only where the facts give it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from salesbot.dialog.guard import modality, places, units
from salesbot.dialog.guard.facts import STEM, Statement, named, stems
from salesbot.dialog.guard.numerals import NUMERALS
from salesbot.dialog.guard.quantities import Quantity, What, within
from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.topics import VAGUE, topics
from salesbot.dialog.guard.words import Span, Text, phrases

_SOME = r"немного|чуть|пару|процент\w*|\d+|руб\w*|тысяч\w*|тыщ\w*|\w*сот\w*|пят\w+|десят\w+|цен\w+|с"
_DISCOUNT = phrases(rf"""
    скидк\w*|скидочк\w*|скидон\w*|акци[яиюей]+|акционн\w*|промокод\w*|промо|купон\w*|к[еэ]шб[еэ]к\w*|распродаж\w*
    льгот\w*
    уценк\w*|спеццен\w*|спецпредложени\w*|спецтариф\w*|халяв\w*|торг|поторгу\w+|сторгу\w+|навстречу|простим|спишем
    (?:специальн|особ|персональн|индивидуальн)\w* (?:цен\w+|услови\w+|предложени\w+|тариф\w*)
    (?:эксклюзивн|льготн|сниженн|стар)\w* (?:цен\w+|услови\w+|предложени\w+|тариф\w*)
    (?:семейн|дружеск|партнерск|студенческ|стартов|приветственн|вступительн|праздничн)\w+ (?:цен\w+|тариф\w*)
    (?:цен\w+|услови\w+|предложени\w+) (?:специальн|особ|персональн)\w*
    (?:цен\w+|услови\w+|предложени\w+) (?:индивидуальн|эксклюзивн|только для вас|лично для)\w*
    уступлю|уступим|уступаем|уступить|сбавим|сбавлю|удешев\w+
    (?:сбросим|сброшу|сбросить|скинем|скину|скинуть|скидываем)(?= (?:\w+ ){{0,2}}(?:{_SOME})| \Z)
    подвинем\w*|подвинусь|подвинуться|урежем|срежем
    (?:обсуд\w*|обсужда\w+|договор(?:имся|иться|юсь)) (?:[^ ]+ ){{0,4}}(?:цен\w+|стоимост\w*)
    (?:цен\w+|стоимост\w*) (?:[^ ]+ ){{0,2}}(?:обсуд\w*|обсужда\w+|договорн\w+|подвин\w+|гибк\w+|индивидуальн\w+)
    discount\w*|rebates?|vouchers?|coupons?|promo(?:tion\w*|s)?|promo-?codes?|cashback|cash back|sale price|on sale
    money off
    reduced (?:price|rate|fee|cost|bill)|(?:price|rate|fee|cost) reduced|marked? down
    knock(?:ed|ing)? (?:[^ ]+ ){{0,4}}(?:off|down)
    take [\w ]{{1,12}}off|shave|waive\w*|sweeten\w*|throw(?:ing)? (?:[^ ]+ ){{0,5}}in|loyalty|early bird|preferential
    (?:special|exclusive|personal) (?:price|offer|deal|rate|terms?|conditions?|arrangement)
    (?:private|friends?|friends and family) (?:price|offer|deal|rate|terms?|conditions?|arrangement)
    (?:family|partner|insider) (?:price|offer|deal|rate|terms?|conditions?|arrangement)
    (?:staff|startup|introductory|loyal\w*) (?:price|offer|deal|rate|terms?|conditions?|arrangement)
    come down (?:on|a|to|in|for)|qualif(?:y|ies) for|negotiat\w*|(?:price|rate)s? (?:[^ ]+ ){{0,3}}flexib\w*
    flexib\w* (?:[^ ]+ ){{0,3}}(?:price|rate|cost)
    (?:move|budge|bend|work) (?:[^ ]+ ){{0,4}}on (?:the |our |that )?(?:price|rate|cost|fee)
    (?:do something|do a (?:bit|little)) (?:[^ ]+ ){{0,4}}on (?:the |our |that )?(?:price|rate|cost|fee)
    (?:wiggle|give) (?:[^ ]+ ){{0,4}}on (?:the |our |that )?(?:price|rate|cost|fee)
    see what i can do|work something out|meet you half ?way
""")
_CHEAPER = phrases(r"""
    (?:снизим|снижу|снизить|снижаем|уменьш\w+|сократ\w+) (?:\w+ ){0,2}(?:счет\w*|цен\w*|сумм\w*)
    (?:снизим|снижу|снизить|снижаем|уменьш\w+|сократ\w+) (?:\w+ ){0,2}(?:плат\w*|стоимост\w*|тариф\w*)
    (?:отдам|отдадим|сделаю) (?:\w+ ){0,3}(?:дешевле|подешевле|выгоднее|меньше обычного)
    (?:сделаем|получится|выйдет|будет) (?:\w+ ){0,3}(?:дешевле|подешевле|выгоднее|меньше обычного)
    (?:посчитаю|посчитаем|найдем|найду) (?:\w+ ){0,3}(?:дешевле|подешевле|выгоднее|меньше обычного)
    (?:предложу|предложим|дам|дадим) (?:\w+ ){0,3}(?:дешевле|подешевле|выгоднее|меньше обычного)
    дешевле (?:обычного|для вас|чем (?:всем|другим|остальным|на сайте|у всех))|выгодн\w+ (?:цен\w+|услови\w+)
    (?:клиент\w*|вам|вас|покупател\w*) (?:[^ ]+ ){0,3}дешевле|(?:выходит|становится|получается) дешевле
    (?:цен\w+|стоимост\w*) (?:\w+ )?(?:пониже|ниже|помягче|получше|поменьше|скромнее)
    better (?:price|deal|rate)|lower (?:price|rate|fee)
    (?:cheaper|less) (?:for you|than (?:usual|others|everyone|listed|the list))
    (?:gets?|becomes?) cheaper|(?:customers|clients|companies|regulars|offices|you|you'll) (?:\w+ )?pays? less
""")
"""Less than usual: a comparison where a product is named, an offer where none is."""
_FREE = phrases(r"""
    без (?:до|о)платы|без доплат
    бесплатн\w*|даром|безвозмездн\w*|задаром|за наш счет|за счет (?:компании|заведения|фирмы)|0 руб\w*|ноль рублей
    нулев\w+
    подар(?!ил|енн)\w+|в подарок|презент(?!аци)\w*|бонус\w*|платить не (?:нужно|надо|придется|будете)
    не (?:платите|заплатите)
    не (?:придется|нужно|надо) платить|ничего не (?:стоит|будет стоить|платите|возьмем|берем)
    не (?:возьмем|берем|будем брать)
    ни (?:копейки|рубля)|(?:с|от) нас
    free of charge|free|for nothing|gratis|complimentary|on the house|on us|freebies?|gifts?|gifted|giveaway
    bonus\w*|presents?
    at no (?:extra |additional )?(?:cost|charge)|no (?:extra |additional )?charge|without charge
    costs? (?:you )?nothing|pay nothing
    zero cost|won't (?:pay|cost)|don't pay|do not pay|at our expense|no cost
""")
_INCLUDED = re.compile(
    r" (?:в цене|в цену|в стоимост\w+|включен\w*|вход(?:ит|ят)|in the price|included|includes|covers?|covered)(?= )"
)
_WEAK = phrases(r"""
    платить|не (?:платите|заплатите|придется|нужно|надо|возьмем|берем|будем)|ничего|ни|с нас|от нас|нулев\w+|on us
    at no|no|without|costs?|pay|won't|don't|do not|zero
""")
"""What says so of anything; it is an offer only where it says of what."""
_FROM_US = re.compile(r" (?:(?:с|от) нас|on us) ")
"""Tells of a gift where it says for how long; else it may tell of anything that we do."""
_ABOUT = re.compile(r" (?:про|о|об|вместо|насчет|вопрос\w*|тем[аыу]|about|regarding|question|as for)(?= )")
_IDLING = r"are|is|am|was|be|been|has|have|will|not|yet|usually|ever|also|only|might|may|can|could|here|there|or|gets?"
_FREE_TO = phrases(rf"""
    feel free|free (?:space|room|spot|socket|corner|place|counter|wall|plug|minute|moment|line|choice|seat|desk)
    free (?:of (?!charge)|to|now|then|tomorrow|today|on|at|for a|this|next|slot|time|afternoon|morning|evening)
    hands? free|free hands?|when free|if free
    (?:colleagues?|nobody|no one|somebody|someone|you|you're|i'm|we're|they're|i|we|they)(?: (?:{_IDLING})){{0,4}} free
""")
"""Free as people are, or free to do something."""


_SAME_FOR_ALL = re.compile(r" (?:одни|одинаков\w*|един\w+|для всех|всем|same|everybody|everyone|regardless|equal)(?= )")
"""What says no to a discount without a word of denial."""
_ASKS_FOR_LESS = phrases(r"""
    есть|бывают?|можно|будет|дадите|дайте|сделаете|сделайте|давай\w*|положен\w*|действует|any|do you|can you
    could you|is there|are there|would you|will you|give|get|have
""")
_YES = re.compile(
    r"\A (?:да|есть|конечно|разумеется|безусловно|само собой|найдется|найдем|имеется|легко|без проблем|не вопрос|"
    r"договорились|yes|yep|yeah|sure|of course|absolutely|certainly|definitely|there is|there are|we do|we have|"
    r"we can|i can|happy to|gladly|no problem|deal|why not|it's possible|you bet)(?= )"
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
    return (
        not _FREE.search(whole)
        and not modality.denies(whole)
        and not _SAME_FOR_ALL.search(whole)
        and not _THEIR_NO.search(asked.line)
    )


_THEIR_NO = re.compile(r" (?:то есть|значит|получается|выходит|правильно понимаю|so|then|i guess|right)(?= )")
"""They sum up what they have understood; a yes confirms that."""


def _place(span: Span, at: int) -> int:
    """Index of the token at which a match in the span's line begins."""
    return span.places[min(span.line.count(" ", 0, at), len(span.places) - 1)]


def _discounts(scene: Scene, sentence: Span, thought: Span) -> bool:
    cheaper = [] if named(scene.facts, sentence) or _PLANS.search(sentence.line) else _CHEAPER.finditer(thought.line)
    for match in (*_DISCOUNT.finditer(thought.line), *cheaper):
        place = _place(thought, match.start())
        if modality.denied_at(thought.text, place) or modality.reports(thought) or _SAME_FOR_ALL.search(thought.line):
            continue
        if _ABOUT.search(thought.line[: match.start() + 1]) and (
            "вместо" in thought.words or not modality.agrees(thought)
        ):
            continue
        if _echoed(sentence) or _SAME_FOR_ALL.search(sentence.line) or _UNREAL.search(thought.line):
            continue
        if sentence.asks and not _TEMPTS.search(sentence.line):
            continue
        if not any(match[0] in each.line and not modality.denies(each.line) for each in scene.facts.statements):
            return True
    return False


_PLANS = re.compile(r" (?:тариф\w*|план\w*|вариант\w*|plans?|options?)(?= )")
_UNREAL = phrases(r"""
    (?:был[аои]?|хотел\w*) бы|would be (?:nice|lovely|welcome|unfair|great)|would like|вместо|instead of|rather than
    better than|лучше (?:любой )?(?:скидк\w+|акци\w+)
""")
_IDLE = phrases(r"""
    спрос\w*|спраш\w*|вопрос\w*|совет\w*|подумать|думать|разговор\w*|мечта\w+|улыб\w+|посмотреть|поговорить|ask\w*
    questions?|advice|thinking|talk\w*|chat\w*|looking|smil\w+|сыр\w*|cheese|lunch\w*
""")
"""What is free anywhere."""


def _echoed(sentence: Span) -> bool:
    """Whether the person's question is repeated to be denied: ``Free for a month? No.``"""
    following = next((one for one in sentence.text.sentences if one.first == sentence.last), None)
    return sentence.asks and following is not None and modality.denies(following.line)


_TEMPTS = re.compile(
    r" (?:хотите|устроит|согласны|если|как вам|давайте|if|would|how about|shall|deal|want|what if|suppose)(?= )"
)


def _gives(scene: Scene, thought: Span) -> bool:
    line = _FREE_TO.sub(lambda match: " —" * len(match[0].split()), thought.line)
    for match in _FREE.finditer(line):
        place = _place(thought, match.start())
        if _IDLE.search(line) or _ABOUT.search(line[: match.start() + 1]) or _echoed(thought.text.sentence(place)):
            continue
        if _denied(thought, place, match[0]) or modality.reports(thought) or thought.text.norm(place - 1) == "-":
            continue
        weak = _WEAK.search(match[0] + " ") is not None
        gift = _gift(scene, thought, place, weak=weak)
        if places.waived(scene, thought, gift.topics):
            return True
        if _FROM_US.fullmatch(match[0] + " ") and not gift.periods:
            continue
        if weak and not (gift.topics or gift.periods):
            continue
        granting = [each for each in scene.facts.statements if _grants(scene, each, gift)]
        if not granting or _contradicted(scene, gift, granting):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Gift:
    """What is said to be free."""

    topics: frozenset[str]
    around: frozenset[str]
    """Topics of the words around it, or of the question; where it names none itself."""
    things: frozenset[str]
    foreign: frozenset[str]
    """Of these, what the facts know by a word that is no topic."""
    periods: frozenset[str]
    durations: frozenset[tuple[What, Decimal, str]]


_EMPTY = frozenset(
    word[:STEM]
    for word in (
        *NUMERALS,
        *"nothing back have take takes come comes need like work make makes made give gives here there then".split(),
        *"also with from really всего такая такой самом деле тоже даже нужно остальн".split(),
    )
)
"""Words that are no things."""


def _gift(scene: Scene, thought: Span, place: int, *, weak: bool) -> _Gift:
    clause = _attributed(thought.text, place) or _part(thought.text.clause(place), place)
    spoken = clause if _tells(clause) else _nearest(thought, clause)
    words = _FREE.sub(" ", spoken.line)
    own = topics(words) - VAGUE
    around = topics(_FREE.sub(" ", thought.line)) - VAGUE or frozenset(
        one for line in scene.asked for one in topics(line.text.whole.line) - VAGUE
    )
    inside = within(spoken)
    lengths = [one for one in inside if one.what is What.DURATION or _numbered(spoken, one, place)]
    often = weak and bool(lengths) and all(one.per == "every" for one in lengths)
    plain = " ".join(word for word in words.split() if not topics(f" {word} "))
    known = frozenset(
        stem for each in scene.facts.statements if each.fact in scene.facts.products for stem in _things(each.line)
    )
    return _Gift(
        own,
        own or around,
        _things(words),
        frozenset(one for one in _things(plain) & known if one not in _EMPTY),
        frozenset() if often else _periods(words),
        frozenset((one.what, *one.canonical) for one in lengths if not often),
    )


def _attributed(text: Text, place: int) -> Span | None:
    """``The free week``: it is free, and not all that is said behind it. Not of several, or of a later one."""
    if text.norm(place - 1) in _AGAIN or text.norm(place - 1) in NUMERALS or not text.norm(place - 1).isalpha():
        return None
    last = place + 1
    while last < len(text.tokens) and (units.duration(text.norm(last)) or topics(f" {text.norm(last)} ") == {"trial"}):
        last += 1
    return Span(text, place, last) if last > place + 1 else None


_AGAIN = frozenset("another further more extra next last other еще следующая следующей следующую".split())


def _numbered(spoken: Span, one: Quantity, place: int) -> bool:
    """``The third month``, where no other stretch of time stands nearer: what is given of the first is not of it."""
    if one.number is None or not one.number.ordinal or one.value < 2 or one.what is not What.COUNT:
        return False
    stretches = [at for at in range(spoken.first, spoken.last) if units.duration(spoken.text.norm(at))]
    nearest = min(stretches, key=lambda at: abs(at - place), default=place)
    return one.first <= nearest < one.last


def _part(clause: Span, place: int) -> Span:
    """What is said to be free: the clause between words like ``and``."""
    cuts = [at for at in range(clause.first, clause.last) if clause.text.norm(at) in _CUTS]
    first = max((at + 1 for at in cuts if at < place), default=clause.first)
    return Span(clause.text, first, min((at for at in cuts if at > place), default=clause.last))


def _tells(clause: Span) -> bool:
    return bool(_things(clause.line) or _periods(clause.line))


def _nearest(thought: Span, clause: Span) -> Span:
    """The clause before, else behind, that tells what a clause like ``and it is free`` is about."""
    before = [one for one in thought.clauses if one.last <= clause.first]
    behind = [one for one in thought.clauses if one.first >= clause.last]
    return next((one for one in (*reversed(before), *behind) if _tells(one)), clause)


_CUTS = frozenset("and then so because after until while и потом затем пока после поэтому".split())


def _denied(thought: Span, place: int, words: str) -> bool:
    """The words themselves often hold the negation (``платить не придётся``): only another one counts."""
    if not modality.denies(words + " "):
        return modality.denied_at(thought.text, place)
    return modality.denies(thought.text.clause(place).gist.replace(words, " ", 1))


def _grants(scene: Scene, fact: Statement, gift: _Gift) -> bool:
    """Whether a fact gives the same for nothing: about the same topic, or in the same words, and as much of it."""
    free = _FREE.search(fact.line) or _INCLUDED.search(fact.line)
    if not free and not (modality.denies(fact.line) and gift.around & fact.topics):
        return False
    if gift.periods and not (free if gift.topics else _FREE.search(fact.line)):
        return False  # that something else is not asked for, or is included, gives no time
    if not gift.periods <= _periods(fact.whole) or not gift.durations <= _durations(scene, fact):
        return False
    if gift.topics:
        return bool(gift.topics & fact.topics) and not gift.foreign - _things(fact.whole)
    if not _FREE.search(fact.line):
        return bool(gift.around & fact.topics)
    if gift.periods and gift.periods <= _free_periods(fact.line):
        return True
    return bool(gift.things & _things(fact.line)) or bool(gift.around & fact.topics and not gift.periods)


def _durations(scene: Scene, fact: Statement) -> frozenset[tuple[What, Decimal, str]]:
    """Those of the sentence, and of others of the same fact that give something for nothing."""
    alike = [each for each in scene.facts.statements if each.fact == fact.fact and _FREE.search(each.line)]
    return fact.quantities.union(*(each.quantities for each in alike))


def _contradicted(scene: Scene, gift: _Gift, granting: list[Statement]) -> bool:
    """Whether the fact that speaks of it most closely gives it for a price."""
    best = max((len(gift.topics & each.topics) for each in scene.facts.statements), default=0)
    return best > max(len(gift.topics & each.topics) for each in granting)


def _free_periods(line: str) -> frozenset[str]:
    """Those that stand right beside the word for free."""
    near = [line[: match.start()].split()[-3:] + line[match.end() :].split()[:3] for match in _FREE.finditer(line)]
    return frozenset(name for words in near for name in _periods(" ".join(words)))


def _things(line: str) -> frozenset[str]:
    """What a line speaks of, but for stretches of time and measures."""
    words = _FREE.sub(" ", line).split()
    return stems(" ".join(word for word in words if not units.duration(word) and units.rate(word) is None))


def _periods(line: str) -> frozenset[str]:
    """Names of the stretches of time in a line: a free week is no free month."""
    return frozenset(name for word in line.split() if (name := units.duration(word)))
