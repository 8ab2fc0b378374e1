"""Terms: how long, how soon, guaranteed or not. A term is said only of what the facts say it of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from salesbot.dialog.guard import modality
from salesbot.dialog.guard.facts import STEM, Statement
from salesbot.dialog.guard.quantities import Quantity, What, quantities, within
from salesbot.dialog.guard.scene import Scene, Use, Violation
from salesbot.dialog.guard.scene import about as topics_of
from salesbot.dialog.guard.topics import nearest, topics
from salesbot.dialog.guard.words import Span, Text, has, phrases

_OURS = phrases(r"""
    мы|наш\w*|нас|нам|нами|у нас|we|our|us|we're|we've|company|компани\w+|машин\w*|аппарат\w*|machine\w*|вы получ\w+
    получите|you(?:'ll| will) (?:get|have|receive)
""")
_TAKES = phrases(r"""
    срок\w*|ждать|ожидани\w+|занима\w+|займет|уходит|длит\w*|готов\w*|lead time|takes?|taking|wait|lasts?|ready
""")
_RELATIVE = phrases(r"""
    сегодня|завтра|послезавтра|сейчас же|немедленно|моментально|мгновенно|к вечеру|к утру|к обеду
    (?:в|во|к) (?:понедельник\w*|вторник\w*|сред[уе]|четверг\w*|пятниц[уеы]|суббот[уе]|воскресень[еюя])
    на следующий день|на другой день|на выходных|в выходные|на этой неделе|на следующей неделе
    до конца (?:дня|недели|месяца)|today|tonight|tomorrow|immediately|instantly|overnight|same day|same-day|next day
    next-day|this (?:afternoon|morning|evening|week)|next week
    (?:on|by) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|(?:at|over) the weekend|by the end
""")
_ACTS = frozenset({"delivery", "install", "repair", "replace"})
_BOUNDLESS = phrases(r"""
    пожизненн\w+|вечн\w+|бессрочн\w+|неограниченн\w+|безлимит\w*|круглосуточн\w*|круглые сутки|днем и ночью|24 7
    без выходных|по всей (?:стране|россии|области)|в любой город|в любую точку|день в день
    в день (?:заказа|обращения|заявки|звонка|оплаты|подписания)|тот же день|вернем деньги
    (?:деньги|оплату|сумму) (?:\w+ )?(?:верн\w+|возвра\w+)|возврат денег|возвраща\w+ деньги|деньги назад
    вернем вам деньги|без (?:договора|предоплаты|залога|депозита|обязательств)
    без (?:штраф\w*|комисси\w+|ндс|документов|минимального срока)|гарантиру\w+|гарантирован\w*|даю слово|ручаюсь
    рассрочк\w+|отсрочк\w+|постоплат\w*|в кредит|выкуп\w*|lifetime|forever|unlimited|around the clock
    round the clock|day and night|nationwide|money[- ]back|full refund|refund\w*|same[- ]day|next[- ]day
    no (?:contract|commitment|deposit|prepayment|notice|penalt\w+|fees?|strings|minimum)
    without (?:a |any )?(?:paying|payment|contract|commitment|deposit|prepayment|notice|penalt\w+|fees?|vat|tax)
    guarantee[ds]?|guaranteeing|instal+ments?|deferred|pay later|buy ?out|interest-free
    (?:no|zero) (?:interest|penalt\w*|downtime)
""")
_ANY_TIME = phrases(r"""
    в любое время|в любой (?:момент|день)|когда угодно|сразу|at any (?:hour|time|moment|point)|any ?time|any day
    anywhere|whenever you (?:like|want|wish)
""")
"""A term only where it is said of one (ending the contract), not of asking for a human."""
_MORE_THAN_NOT = re.compile(
    r" (?:не (?:позже|позднее|более|больше|дольше|менее|меньше|раньше)|no (?:later|more|longer|less)|not more)(?= )"
)


def claims(scene: Scene, text: Text) -> Iterator[Violation]:
    """Durations, hours and promises of kind that the facts do not hold."""
    for one in quantities(text):
        match one.what:
            case What.DURATION:
                if not _duration_holds(scene, text, one):
                    yield Violation("term", f"The duration “{_said(text, one)}” is not in the facts for this.")
            case What.CLOCK:
                if not _hours_hold(scene, text, one):
                    yield Violation("term", f"The hours “{_said(text, one)}” are not in the facts.")
            case _:
                continue
    yield from _words(scene, text)


def _said(text: Text, one: Quantity) -> str:
    return " ".join(token.text for token in text.tokens[one.first : one.last])


_UNABLE = phrases(r"""
    не (?:мог\w*|мож\w*|смож\w*|нужно|надо|придется|придетс\w+|обеща\w+|обещ\w+|заключ\w+)
    не (?:предлага\w+|да(?:ем|дим|ю)|бывает|дела\w+|сда\w+|получит\w+|требу\w+|жд\w+|растян\w+|занима\w+)|нет|нельзя
    невозможно|ни|can't|cannot|can not|won't be able|unable|don't|do not|does not|doesn't|no need|needn't|isn't
    is not|aren't|not possible|no|not|nor|never|wouldn't
""")
_HOLDS = phrases(r"""
    меня\w+|измен\w+|раст\w+|подним\w+|подорож\w+|повы\w+|лома\w+|слома\w+|плат\w+|берем|возьмем|требует|change\w*
    rise|rises|raise\w*|go up|goes up|increase\w*|break\w*|fail\w*|pay|paying|charge\w*|cost\w*|expire\w*
""")
"""Denied, these still say how long something holds: ``цена не растёт три года``."""


def denied(text: Text, one: Quantity) -> bool:
    thought = text.thought(one.first).gist
    if not modality.denies(thought) or _MORE_THAN_NOT.search(thought) or _HOLDS.search(thought):
        return False
    return _UNABLE.search(thought) is not None and modality.denied_at(text, one.first)


def _duration_holds(scene: Scene, text: Text, one: Quantity) -> bool:
    """Whether a duration is said of what the facts say it of, or says nothing of our terms."""
    if (same := _restated(text, one)) is not None:
        return _duration_holds(scene, text, same)
    about = topics_of(scene, text, one.first)
    if one.per == "every":
        about |= topics(text.sentence(one.first).line) & {"payment"}
    holders = _holders(scene, text, one)
    if holders and _of_price(text, one):
        return any("price" in each.topics and _KEPT.search(each.line) for each in holders)
    if holders and (
        not about
        or (text.norm(one.first - 1) in _AFTER and not about & _OF_ITS_OWN)
        or any(about & _held(scene, text, one, each) for each in holders)
    ):
        return True
    if any("trial" in each.topics for each in holders) and _stays(text, one):
        return True
    sentence = text.sentence(one.first)
    if denied(text, one) or (sentence.asks and not topics(sentence.line) & _ACTS):
        return True
    if one.canonical[1] == "months" and one.canonical[0] in scene.factors and not about - {"payment"}:
        return True
    if (own := scene.theirs.get(one.canonical[0], ())) and _only_repeats(scene, text, one, own):
        return True
    if about:
        return False
    ours = has(sentence, _OURS) or has(sentence, _TAKES) or topics(sentence.line) or _answers_briefly(scene, sentence)
    return not ours or bool(holders) or (one.unit in ("minute", "second") and one.value <= 15)


def _held(scene: Scene, text: Text, one: Quantity, fact: Statement) -> frozenset[str]:
    """What a fact gives a duration for: all that the sentence is about; what brings the machine only right there.

    How soon somebody comes to mend a machine, or brings another, says nothing of when the first one is put up.
    """
    repaired = topics(text.sentence(one.first).line).union(*(topics(line.text.whole.line) for line in scene.asked))
    if repaired & {"repair", "replace"}:
        return fact.topics
    spoken = fact.spoken.get((What.DURATION, *one.canonical), fact.topics)
    return fact.topics - _BRINGS | spoken & _BRINGS


_BRINGS = frozenset({"delivery", "install"})


def _restated(text: Text, one: Quantity) -> Quantity | None:
    """The same stretch of time in other units, right before: ``12 months, so a year`` says nothing new."""
    inside = [each for each in within(text.sentence(one.first)) if each.first < one.first]
    last = inside[-1] if inside else None
    if last is None or last.what is not What.DURATION or last.canonical != one.canonical:
        return None
    between = Span(text, last.last, one.first)
    return last if len(between.words) <= 4 and has(between, _THAT_IS) and not topics(between.line) else None


_THAT_IS = phrases(r"""
    то есть|т е|иначе говоря|другими словами|значит|или|это|so|that is|that's|i e|in other words|meaning|which is|or
    makes|equals
""")


def _of_price(text: Text, one: Quantity) -> bool:
    """``The contract keeps the price for 12 months``: what is said right before it is that the price holds."""
    clause = text.clause(one.first)
    return has(clause, _KEPT) and nearest(Span(text, clause.first, one.first).line) == "price"


_KEPT = phrases(r"""
    не (?:меня\w+|измен\w+|раст\w+|вырас\w+|подним\w+|повы\w+)|фиксир\w+|зафиксир\w+|держ\w+|постоян\w+|неизмен\w+
    та же|прежн\w+|сохран\w+|стоит|keeps?|kept|holds?|stays?|fixed|same|freez\w+|frozen|lock\w*
    (?:not|n't|never|won't|doesn't|cannot|can't) (?:change|rise|go up|increase|be raised)
""")


_OF_ITS_OWN = frozenset({"ownership", "warranty", "delivery", "install"})
"""What needs a fact about itself even where a term is only the time after which it begins."""
_AFTER = frozenset("после спустя after".split())


def _stays(text: Text, one: Quantity) -> bool:
    """``Поставить на неделю``, ``set up for a week``: for how long it is there to be tried, not how soon it is."""
    clause = text.clause(one.first)
    if text.norm(one.first - 1) not in ("на", "for") and text.norm(one.first - 2) not in ("на", "for"):
        return False
    return (
        topics(clause.line) <= {"install", "trial"} and not has(clause, _TAKES) and text.norm(one.last) not in _COMPARED
    )


_COMPARED = frozenset("больше дольше позже позднее раньше быстрее later longer more earlier sooner".split())


BRIEF = 6
"""So few words answer what was asked without naming it again."""


def _answers_briefly(scene: Scene, sentence: Span) -> bool:
    return len(sentence.words) <= BRIEF and any(topics(line.text.whole.line) for line in scene.asked)


def _only_repeats(scene: Scene, text: Text, one: Quantity, own: tuple[Use, ...]) -> bool:
    """Whether the person's own duration is repeated without becoming a term: turned down, set right, or theirs."""
    clause = text.clause(one.first).line
    if modality.denied_at(text, one.first) and not _HOLDS.search(clause):
        return True
    others = [each for each in quantities(text) if each.what is What.DURATION and each is not one]
    if any(_holders(scene, text, each) and each.canonical != one.canonical for each in others):
        return True
    return not any(use.topics for use in own) and not topics(clause) & (_ACTS | {"warranty", "contract"})


def _holders(scene: Scene, text: Text, one: Quantity) -> list[Statement]:
    """The facts that name a duration. A month and thirty days are the same notice, and of nothing else."""
    same = {one.canonical}
    if one.canonical in _TWINS and (has(text.sentence(one.first), _NOTICE) or _asked_to_end(scene)):
        same.add(_TWINS[one.canonical])
    return [each for each in scene.facts.statements if any((What.DURATION, *twin) in each.quantities for twin in same)]


_NOTICE = phrases(r"""
    предупре\w+|предупрежд\w+|уведом\w+|заранее|сказать|скажите|сообщ\w+|напиш\w+|расторг\w+|закончить|прекратить|выйти
    notice|notif\w+|in advance|ahead|beforehand|tell us|let us know|say so|cancel\w*|warn\w*|inform
""")


def _asked_to_end(scene: Scene) -> bool:
    return any("notice" in topics(line.text.whole.line) for line in scene.asked)


_MONTH, _THIRTY_DAYS = (Decimal(1), "months"), (Decimal(30 * 86400), "seconds")
_TWINS = {_MONTH: _THIRTY_DAYS, _THIRTY_DAYS: _MONTH}


WORKS = phrases(r"""
    работа(?:ем|ют|ет)|звон(?:им|ят)|открыт\w*|график\w*|режим\w*|на (?:линии|связи)|доступн\w*|дежур\w*
    отвеча(?:ем|ют)|по (?:будням|выходным|субботам|воскресеньям)|ежедневно|коллеги|поддержк\w*|мастера|open|weekdays
    weekends|saturdays|sundays|working hours|office hours|every day|daily|available|on duty|reachable|staffed
    colleagues|support|call|calls|technicians
""")
_DAYS_OFF = phrases(r"""
    в (?:субботу|воскресенье|выходные|праздники)|по (?:субботам|воскресеньям|выходным|праздникам)|без выходных
    (?:on )?(?:saturdays?|sundays?|weekends?|bank holidays|holidays)|seven days a week|24 7|круглосуточно
""")


def _hours_hold(scene: Scene, text: Text, one: Quantity) -> bool:
    """An hour is a term where it tells when somebody works; else it is an appointment."""
    sentence = text.sentence(one.first)
    if sentence.asks or not has(sentence, WORKS):
        return True
    return one.value in scene.facts.numbers or one.value in scene.theirs or modality.denies(sentence.gist)


def _words(scene: Scene, text: Text) -> Iterator[Violation]:
    """Terms without a number: ``lifetime``, ``same day``, ``tomorrow`` of a delivery, work at a weekend."""
    for sentence in text.sentences:
        for words in _days_off(sentence):
            if not _stands(scene, words, frozenset()):
                yield Violation("term", f"“{words}” is not in the facts.")
        for clause in sentence.clauses:
            for words in _terms_of(scene, sentence, clause):
                if not _stands(scene, words, topics(clause.line) or topics(sentence.line)):
                    yield Violation("term", f"“{words}” is not in the facts for this.")


def _days_off(sentence: Span) -> Iterator[str]:
    """Days on which somebody is said to work."""
    if has(sentence, WORKS) and not sentence.asks and not modality.denies(sentence.gist):
        yield from _found(_DAYS_OFF, sentence)


def _terms_of(scene: Scene, sentence: Span, clause: Span) -> Iterator[str]:
    if not any(has(clause, words) for words in (_BOUNDLESS, _ANY_TIME, _RELATIVE)):
        return
    about = topics(clause.line)
    later = [one for one in sentence.clauses if one.first >= clause.last][:2] if len(clause.words) <= 5 else []
    if modality.denies(_BOUNDLESS.sub(" ", clause.line)) or any(modality.denies(one.gist) for one in later):
        return
    yield from _found(_BOUNDLESS, clause)
    timed = any(one.what is What.DURATION for one in within(sentence))
    if about & (_ACTS | {"contract", "notice", "return"}) and not timed:
        yield from _found(_ANY_TIME, clause)
    noted = scene.reply.promise is not None and has(clause, _TELLS) and not about & (_ACTS - {"repair"})
    asked = not about and len(clause.words) <= BRIEF and not has(clause, _TELLS) and _asked_when(scene)
    if (about & _ACTS or asked) and not sentence.asks and not noted:
        yield from _found(_RELATIVE, clause)


def _asked_when(scene: Scene) -> bool:
    """Whether the person has just asked how soon something is delivered or mended."""
    return any(
        has(one, _WHEN_ASKED) and topics(one.line) & _ACTS for line in scene.asked for one in line.text.sentences
    )


_WHEN_ASKED = phrases("когда|скоро|быстро|срок|долго|when|soon|fast|quickly|how long")
_TELLS = phrases(r"""
    уточн\w+|верн(?:усь|емся|ется)|напиш\w+|отвеч\w+|ответ\w+|сообщ\w+|позвон\w+|перезвон\w+|узна\w+|спрош\w+|пришл\w+
    get back|come back|ask\w*|check\w*|find out|write|call|tell|answer|let you know|send\w*|e-?mail
""")
"""What is done by words: its day is the promise's, not a term of repairs."""


def _found(pattern: re.Pattern[str], span: Span) -> Iterator[str]:
    return (match[0].strip() for match in pattern.finditer(span.line))


_ENDING = re.compile(r"(?:ый|ая|ое|ые|ого|ому|ым|ом|ой|ую|ых|ыми)\Z")


def _said_in(line: str, words: str) -> bool:
    """Whether a line has the words; an adjective's case does not matter (``становится бессрочным``)."""
    ending = None if " " in words else _ENDING.search(words)
    if ending is None:
        return f" {words} " in line
    stem = words[: ending.start()]
    return any(one.startswith(stem) and _ENDING.sub("", one) == stem for one in line.split())


_SAME_DAY = frozenset({"день в день", "тот же день", "same day", "same-day"})


def _stands(scene: Scene, words: str, about: frozenset[str]) -> bool:
    """Whether a fact about the same says so."""
    if words in _SAME_DAY:
        # of one half of a sentence only: the technician comes within a working day, what he brings is put up the same
        lines = [(line, topics(line)) for each in scene.facts.statements for line in each.clauses]
        return any(
            f" {one} " in line and (not about or about & (mine - {"repair"} if "replace" in mine else mine))
            for line, mine in lines
            for one in _SAME_DAY
        )
    *_, thing = words.split()
    without = words.startswith(("без ", "no ", "without "))
    return any(
        (_said_in(each.line, words) or (without and f" {thing[:STEM]}" in each.line and modality.denies(each.line)))
        and (not about or bool(about & each.topics))
        for each in scene.facts.statements
    )
