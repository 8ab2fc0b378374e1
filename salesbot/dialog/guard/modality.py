"""How a sentence means what it says: denied, asked, offered on a condition, reported, agreed to."""

from __future__ import annotations

import re

from salesbot.dialog.guard.words import ANSWERS, Span, Text, has, phrases
from salesbot.dialog.remembered import remembered

_AFFIRMED_NOT = (
    r" не (?:проблема|вопрос|против|возража\w+|жалко|только|просто|хуже|страшно|откаж\w+|сомнева\w+|переживай\w*|"
    r"волнуй\w*|беспоко\w+|забуд\w+|забыва\w+|менее|более|меньше|больше|дольше|позже|позднее|раньше|выше|ниже|"
    r"дороже|дешевле|хотите|хочется|зря|упуст\w+|тороп\w+|пожале\w+|тот|то|так|стесняй\w+|стоит)(?= )|"
    r" ничего не (?:изменится|меняется)(?= )|"
    r"(?<= )(?:no (?:problems?|worries|trouble|doubt|later than|more than|less than|longer than|matter)|"
    r"not (?:a problem|only|just|more than|less than|later than|to worry|bad)|"
    r"nothing (?:to worry|(?:else )?changes)|why not|(?:don't|"
    r"do not|never|needn't|no need to) (?:worry|hesitate|miss|forget|regret)|can't (?:wait|go wrong)|cannot wait|"
    r"wouldn't mind|don't mind|couldn't agree more)(?= )"
)
_NOT_REALLY = re.compile(_AFFIRMED_NOT)
_DENIES = phrases(r"""
    не|нет|нету|ни|нельзя|невозможно|никак|никогда|никаких|никакой|никакого|никакая|никто|ничего|увы|жаль
    отсутств\w+|ноль|зеро|zero|nil|неуместн?\w*|недоступн\w+|без|вряд|запрещен\w*|исключен\w*|отказ\w+|сожалени\w*
    not|no|none|never|nor|cannot|can't|won't|don't|doesn't|didn't|isn't|aren't|wasn't|couldn't|wouldn't|haven't
    hasn't|shan't|ain't|cant|wont|dont|unable|impossible|unfortunately|afraid|sorry|neither|nobody|nothing|without
    decline|refuse|out of the question|beyond (?:me|us)|alas
""")
_AGREES = phrases(r"""
    согласн\w*|соглаш\w+|договорил\w*|договорим\w*|по рукам|идет|ладно|окей|ок|так и быть|устраива\w+|устроит|сойдет
    принима\w+|пойдем навстречу|можем|могу|сможем|смогу|берите|забирайте|отдам|отдаем|отдадим|agreed|deal|fine|okay
    ok|sure|works|accept|settled|happy to|can do|yes|да|конечно|certainly|absolutely
""")
_UNABLE = phrases(r"""
    не (?:могу|можем|сможем|смогу|соглас\w+|соглаш\w+|договор\w+)
    не (?:получ\w+|устро\w+|сойд\w+|отда\w+|бер\w+|заб\w+|прин\w+)|нельзя|(?:can|could)(?:not|'t| not)|unable
    not (?:agreed|accept|work|possible|settled|fine|ok|okay|happy)|won't work|doesn't work|not sure|i'm afraid
""")
_CONDITION = phrases(r"""
    если|когда|как только|захотите|пожелаете|хотите|желаете|if|once|when|whenever|in case|should you|would you like
    want me|shall|should|unless
""")
_ABLE = phrases(r"""
    могу|можем|можно|могли бы|могла бы|мог бы|может|готов\w*|предлагаю|предложу|давайте|can|could|may|might|able to
    happy to|glad to|would you|want
""")
_SAID = phrases(r"""
    вы (?:писал\w*|говорил\w*|сказал\w*|просил\w*|спрашивал\w*|спросил\w*|упомин\w*|упомянул\w*)
    вы (?:назвал\w*|называл\w*|предлож\w*|предлага\w*|указал\w*|обещал\w*|хотел\w*|имеете в виду|про)
    you(?:'ve| have|'d| had)? (?:said|wrote|asked|mentioned|named|proposed)
    you(?:'ve| have|'d| had)? (?:offered|told|written|suggested|wanted|mean)
""")


_TOO_LITTLE = re.compile(
    r" (?:мало|маловато|недостаточно|меньше|ниже|too little|too low|too small|below|not enough|short of|less than)(?= )"
)


@remembered(512)
def denies(line: str) -> bool:
    """Whether a line holds a real negation: ``не проблема`` and ``no later than`` are none."""
    return _DENIES.search(_NOT_REALLY.sub("  ", line)) is not None


@remembered(512)
def declines(line: str) -> bool:
    """Whether it turns something down and takes nothing of it back."""
    if _TOO_LITTLE.search(line) and not _NOT_REALLY.search(line):
        return _AGREES.search(_UNABLE.sub(" ", line)) is None
    return denies(line) and _AGREES.search(_UNABLE.sub(" ", line)) is None


def unable(line: str) -> bool:
    return _UNABLE.search(line) is not None


def denied_at(text: Text, at: int) -> bool:
    """Whether what stands at a token is denied: in its own clause, or behind it where that clause is hardly one.

    A clause with a verb of its own is denied by itself or not at all; ``Скидок, к сожалению, нет`` has none.
    """
    own, thought = text.clause(at), text.thought(at)
    if denies(own.gist):
        return True
    if len(own.words) > 5 or has(own, _VERB):
        return False
    before = text.clause(own.first - 1) if own.first > thought.first else None
    around = [before] if before is not None and before.line not in ANSWERS else []
    for _ in range(2):
        if (last := around[-1].last if around and around[-1].first > own.first else own.last) < thought.last:
            around.append(text.clause(last))
    return any(denies(one.gist) for one in around)


_VERB = phrases(r"""
    \w{2,}(?:ете|ите|ем|им|ешь|ишь|ют|ат|ят|ится|ется|утся|ла|ли)|дам|есть|будет|будут|is|are|was|will|have|has|get
    gets|can|'s|\w+'s|\w+'ll|you'll|i'll|comes?|gives?|go|goes|take|takes
""")
"""Words that are most probably verbs: a clause with one says yes or no by itself."""


def acts(line: str) -> bool:
    """Whether it most probably has a verb."""
    return _VERB.search(line) is not None


def agrees(span: Span) -> bool:
    return _AGREES.search(_UNABLE.sub(" ", span.line)) is not None


def depends(span: Span) -> bool:
    """On a condition, or on the person's wish."""
    return _CONDITION.search(span.line) is not None


def only_able(span: Span) -> bool:
    """Says what could be done: an offer, not a promise."""
    return _ABLE.search(span.line) is not None


def reports(span: Span) -> bool:
    """Tells what the person said."""
    return _SAID.search(span.line) is not None
