"""PROMISE: what is promised stands as a task in somebody's list, or with the human who was called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.model import Outcome
from salesbot.rehearsal.judge.case import HANDED_OVER, Case, asks, plain, quoted, sentences
from salesbot.rehearsal.record import Line, Rule, Violation

_WHEN = (
    r"сегодня|завтра|послезавтра|утром|вечером|днем|ночью|скоро|позже|через|в течение|до конца|к (?:вечеру|утру|обеду)|"
    r"после обеда|сейчас же|на днях|на неделе|в (?:понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье)|"
    r"в \d{1,2}(?::\d\d)?\b|today|tonight|tomorrow|soon|shortly|later|within|in (?:a|an|the|\w+) (?:minute|hour|day|"
    r"week|"
    r"moment|morning|evening|afternoon)s?|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|at \d|before (?:lunch|noon)|"
    r"by (?:the end|noon|tonight|tomorrow|\w+day)|right (?:away|now)|first thing"
)
WHEN = re.compile(rf"\b(?:{_WHEN})")
_DAY = re.compile(
    r"\b(?:сегодня|завтра|послезавтра|в (?:понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье)|к \d+)\b"
)
_I_DO_RU = re.compile(
    r"\b(?:(?:при|вы|пере|до|ото)шл(?:ю|ем)|отправ(?:лю|им)|направ(?:лю|им)|(?:с|пере)?кин(?:у|ем)|(?:пере|по|"
    r"со)звон(?:ю|им)"
    r"(?:сь|ся)?|набер(?:у|ем)|свяж(?:усь|емся)|отпиш(?:усь|емся)|напиш(?:у|ем)|вернусь|вернемся|сообщ(?:у|им)|"
    r"да(?:м|дим) знать|напомн(?:ю|им)|уточн(?:ю|им)|(?:раз)?узна(?:ю|ем)|выясн(?:ю|им)|провер(?:ю|им)|подготов(?:лю|"
    r"им)|"
    r"(?:рас|про)счита(?:ю|ем)|оформ(?:лю|им)|(?:за)?брониру(?:ю|ем)|(?:за)?резервиру(?:ю|ем)|организу(?:ю|ем)|"
    r"закаж(?:у|ем)|выстав(?:лю|им)|обещаю|запиш(?:у|ем) вас|придерж(?:у|им)|прослежу|займусь)\b"
)
_DELIVERS_RU = re.compile(
    r"\b(?:привез(?:ем|у)|достав(?:им|лю)|постав(?:им|лю)|установ(?:им|лю)|приед(?:ем|у)|подъед(?:ем|у))\b"
)
_I_DO_EN = re.compile(
    r"\b(?:(?:i|we)(?:'ll| will| shall|'m going to| am going to|'re going to| promise to)|let me)(?: (?:also|just|then|"
    r"personally|quickly|have (?:a |my )?(?:colleague|somebody|someone)|get (?:a |my )?colleague to|and|go))*"
    r" (?:send|e-?mail|mail|text|call|ring|phone|get back|come back|follow up|find out|look into|check|ask|confirm|"
    r"remind|"
    r"prepare|draft|put together|draw up|arrange|book|reserve|hold|schedule|forward|let you know|be in touch|deliver|"
    r"bring|write to you|message|drop you|set up|work out|keep (?:one|it)|(?:talk|speak) (?:to|with) (?:my|the|our))\b"
)
_DOING = re.compile(
    r"\b(?:придерживаю|бронирую|резервирую|откладываю|отправляю|высылаю|записываю вас|выставляю|заказываю)\b|"
    r"\b(?:i'm|i am|we're|we are) (?:now |already )?(?:sending|e-?mailing|reserving|holding|booking|preparing|drafting|"
    r"arranging|scheduling|ordering|shipping|finding out|looking into)\b"
)
_WILL_HAVE = re.compile(
    r"\b(?:you'll|you will) (?:have|get|receive|find|hear)\b|\b(?:будет у вас|получите|придет (?:вам|на почту)|ждите)\b"
)
"""A promise where a time is named."""
_OTHERS_DO = re.compile(
    r"\b(?:коллег\w*|менеджер\w*|специалист\w*|мастер|курьер|директор|бухгалтер\w*|он|она|они)\b[^.?!]{0,50}?"
    r"\b(?:(?:пере|по)звон(?:ит|ят)|(?:при|вы)шл(?:ет|ют)|напиш(?:ет|ут)|свяж(?:ется|утся)|ответ(?:ит|ят)|приед(?:ет|"
    r"ут)|"
    r"подготов(?:ит|ят)|наберет|отправ(?:ит|ят)|рассчита(?:ет|ют))\b|"
    r"\b(?:colleagues?|manager|technician|specialist|somebody|someone|they|courier|accountant)\b[^.?!]{0,40}?"
    r"(?:\bwill|'ll)\b (?:\w+ )?(?:call|ring|phone|send|e-?mail|mail|write|text|get back|answer|come|prepare|contact|"
    r"visit)\b"
)
_HANDS_ON = re.compile(
    r"\b(?:call|ask|get|bring|fetch)(?:ing)? (?:in )?(?:a|my|the|one of my) (?:colleagues?|human|person|manager)\b"
    r"(?! to (?:send|mail|e-?mail|call|prepare))|(?:попрошу|позову|зову|подключу|спрошу) (?:\w+ )?(?:коллег\w+|"
    r"менеджер\w+)"
)
_DENIED = re.compile(r"\b(?:не|ни|not|never|won't|can't|cannot)(?: \w+)? \Z")
_IF = re.compile(
    r"\b(?:если|когда|как только|после того как|прежде чем|чтобы|if|once|when|as soon as|after you|before you)\b|"
    r"\b(?:напишите|назовите|скажите|выберите|подскажите|tell me|name|pick|just write|let me know)\b"
)
_AT_ONCE = re.compile(r"^[^:]*: ?\S")
"""Done by the very words behind the colon."""


def broken(case: Case) -> Iterator[Violation]:
    for line, text in case.written:
        for sentence in sentences(text):
            promised = _promised(sentence)
            if promised and not _kept(case, line, by_others=promised == "others"):
                yield Violation(Rule.PROMISE, f"promised, and in nobody's list: {quoted(sentence)}", line.id)
                break


def _promised(sentence: str) -> str:
    """Who promises something: ``we``, ``others`` (a colleague of ours), or nobody."""
    shown = _HANDS_ON.sub(" ", plain(sentence))
    timed = WHEN.search(shown) is not None
    if asks(sentence) or (_IF.search(shown) and not timed) or (_AT_ONCE.match(shown) and not timed):
        return ""
    patterns = [
        _I_DO_RU,
        _I_DO_EN,
        _DOING,
        *([_WILL_HAVE] if timed else []),
        *([_DELIVERS_RU] if _DAY.search(shown) else []),
    ]
    if any(not _DENIED.search(shown[: found.start()]) for one in patterns for found in one.finditer(shown)):
        return "we"
    others = _OTHERS_DO.search(shown)
    return "others" if others and not _IF.search(shown[: others.start()]) else ""


def _kept(case: Case, line: Line, *, by_others: bool) -> bool:
    """Whether this reply left a task. What a colleague does is kept by an older one too, or by their being called."""
    tasks = [one.line for one in case.record.tasks if one.line is not None]
    if any(case.same_reply(one, line) for one in tasks):
        return True
    if not by_others:
        return any(one <= line.id for one in tasks) and _AS_SAID.search(plain(line.text)) is not None
    asked = case.answered_line(line)
    since = asked.id if asked else 0
    until = next((one.id for one in case.theirs if one.id > line.id), None)
    called = HANDED_OVER | ({"close"} if case.record.outcome is Outcome.WON else set())
    return any(one <= line.id for one in tasks) or case.happened(called, since, until)


_AS_SAID = re.compile(r"\bкак (?:и )?(?:договор|обещ|говор|писал)\w+|\bas (?:agreed|promised|said|i said|i wrote)\b")
