"""Who writes is never denied: nothing says that it is no machine, or that it is a human being."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.words import ANSWERS, Span, Text, phrases

_MACHINE = (
    r"бот\w{0,3}|ботик\w*|чат-?бот\w*|чатбот\w*|робот\w*|программ\w*|автомат\w*|автоответчик\w*|машин\w*|"
    r"нейросет\w*|нейронк\w*|ии|искусственн\w+ интеллект\w*|алгоритм\w*|скрипт\w*|компьютер\w*|gpt|чат гпт|гпт|"
    r"bots?|chat ?bots?|robots?|machines?|programs?|programmes?|ai|a i|artificial(?: intelligence)?|automat\w+|"
    r"algorithms?|scripts?|computers?|software|chatgpt|auto-?repl\w+|assistant program"
)
_HUMAN = (
    r"человек\w*|живой|живая|живого|живым|живыми|людьми|люди|настоящ\w+|реальн\w+|людск\w+|из плоти|human\w*|"
    r"persons?|flesh|real|alive"
)
_JOB = (
    r"менеджер|сотрудник|сотрудница|консультант|оператор|девушка|женщина|парень|мужчина|специалист|продавец|"
    r"менеджером|консультантом|сотрудником|сотрудницей|manager|employee|woman|man|girl|guy|lady|salesperson|"
    r"saleswoman|salesman|sales rep\w*|consultant|operator|staff member|mum|mom|dad|mother|father"
)
_DENIAL = phrases(rf"""
    как(?:ой|ая) (?:же |тут |из меня )?(?:я )?(?:{_MACHINE})|разве (?:\w+ )?(?:{_MACHINE})
    не (?:\w+ )?(?:{_MACHINE})|(?:никак\w+|никто|ни) (?:\w+ )?(?:{_MACHINE})
    (?:{_MACHINE}) (?:тут |здесь )?(?:нет|ни при чем|не (?:пишет|отвечает|участвует|пишут|отвечают|использу\w+))
    без (?:\w+ )?(?:{_MACHINE})
    (?:not|isn't|n't|never|neither) (?:a |an |any |some |just |the |actually |really |by |even )*(?:{_MACHINE})
    (?:hardly|no) (?:a |an |any |some |just |the |actually |really |by |even )*(?:{_MACHINE})
    (?:aren't|ain't|without) (?:a |an |any |some |just |the |actually |really |by |even )*(?:{_MACHINE})
""")
_FIRST_RU = (
    r"я|мы|меня|мной|мне|это|вам (?:пишет|отвечает)|с вами|вы (?:общаетесь|говорите|переписываетесь|"
    r"разговариваете|беседуете)|пишет|отвечает|пишу|отвечаю|тут|здесь|общаетесь|переписываетесь|говорите"
)
_FIRST_EN = (
    r"i'm|i am|i|me|this is|it's|you(?:'re| are) (?:talking|speaking|chatting|texting|writing|messaging|dealing)|"
    r"here|my|it is|we're|we are|speaking|typing|written by|typed by"
)
_ALIVE_RU = r"(?:живой|настоящ\w+|реальн\w+|обычн\w+) (?:человек|сотрудни\w+|девушка|менеджер)|живые люди"
_ALIVE_EN = r"(?:real|actual|living|live|genuine|flesh-and-blood) (?:person|people|human\w*)|human(?: being)?"
_TYPES_RU = (
    r"печата[её]т|печатают|набира[её]т|пишет|пишут|за (?:экраном|клавиатурой|перепиской|этим\w* \w+)|"
    r"(?:на|с) (?:том|другом|этом|той|другой|этой) конце|по (?:ту|эту|другую) сторону"
)
_TYPES_EN = (
    r"typing|types|typed|writing|writes|wrote|texting|behind (?:this|these|the|every) \w+|at (?:this|the) keyboard|"
    r"(?:on|at) (?:this|the other|your other) (?:end|side)"
)
_CLAIM = phrases(rf"""
    (?:{_FIRST_RU})(?: [^ ]+){{0,4}} (?:живой|живая|живого|живым|живыми)
    (?:{_FIRST_RU})(?: [^ ]+){{0,4}} (?:настоящ\w+|реальн\w+|человек\w*|людьми|из плоти)
    (?:{_FIRST_EN})(?: [^ ]+){{0,5}} (?:human\w*|person|flesh|(?:real|actual|living) people|alive)
    (?:из|of|made of|all|just|only|pure) (?:плоти|мяса|кожи|flesh)|flesh and (?:blood|bone)
    (?:i'm|i am)(?: (?:very|quite|totally|perfectly|as|completely|100|all))* (?:real|alive)
    (?:{_TYPES_RU})(?: [^ ]+){{0,2}} (?:{_ALIVE_RU})|(?:{_ALIVE_RU})(?: [^ ]+){{0,3}} (?:{_TYPES_RU})
    (?:{_ALIVE_EN})(?: (?!will|would|can|could|to)[^ ]+){{0,2}} (?:{_TYPES_EN})
    (?:{_TYPES_EN})(?: [^ ]+){{0,2}} (?:{_ALIVE_EN})
""")
_DENIED_CLAIM = re.compile(r" (?:не|нет|вместо|not|no|isn't|never|than|rather)(?= )")
_SUCH_RU = r"же|ведь|тоже|просто|обычн\w+|здешн\w+|ваш\w*|старш\w+|наш\w*|живой|живая|\w+ый|\w+ая"
_SUCH_EN = r"just|only|a|an|your|the|one|of|our|their|actually|really|regular|normal|ordinary|local|sales|account"
_AS_JOB = phrases(rf"""
    (?:я|меня зовут \w+)(?: (?:{_SUCH_RU}))* (?:{_JOB})
    (?:i'm|i am|this is)(?: (?:{_SUCH_EN}))* (?:{_JOB})
""")
_LIFE = phrases(r"""
    (?:я|мы|у меня|мои|мой|моя|мне)(?: [^ ]+){0,3} (?:пообедал\w*|обедал\w*|обедаю|выспал\w*)
    (?:я|мы|у меня|мои|мой|моя|мне)(?: [^ ]+){0,3} (?:сплю|спал\w*|дети|детей|ребен\w+)
    (?:я|мы|у меня|мои|мой|моя|мне)(?: [^ ]+){0,3} (?:муж|мужа|мужем|родил\w*)
    (?:я|мы|у меня|мои|мой|моя|мне)(?: [^ ]+){0,3} (?:живу|пью|завтрака\w+|пальц\w+|сижу за)
    сама (?:печатаю|набираю|пишу)|сам (?:печатаю|набираю|пишу)
    (?:печатаю|набираю|пишу) (?:\w+ )?(?:сама|сам|вручную|руками|собственноручно)
    (?:руками|вручную) (?:печатаю|набираю|пишу)
    my (?:kids?|children|husband|wife|family|lunch|fingers|own hands|coffee break|daughter|son|mother|dog|cat)
    i (?:had lunch|slept|live in|was born|drink|grew up|typed|type|personally type\w*)
    (?:typing|typed|writing|write)(?: [^ ]+){0,3} (?:myself|by hand|with my)
    (?:fast|quick|speedy|swift|slow|nimble|good) (?:typer|typist|fingers|thumbs|at typing)
    (?:быстр\w+|шустр\w+|ловк\w+|проворн\w+) (?:пальц\w+|печатаю|набираю)|(?:печатаю|набираю) (?:быстро|шустро)
""")
_COUNTED = re.compile(
    r" (?:\d+|сколько|несколько|много|мало|число|количество|больше|меньше|каждого|\w*(?:дцати?|десяти?|сот|ста)|"
    r"сорок\w?|двух|двоих|трех|троих|четырех|пяти|пять|шести|шесть|семи|семь|восьми|восемь|девяти|девять|one|two|"
    r"three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|many|few|per|each|hundred|thousand) (?:человек\w*|"
    r"людей|persons?|people)(?= )"
)
"""People who are counted."""
_ADMITS = re.compile(
    rf" (?:(?:я|это|вам пишет|вам отвечает|пишет|отвечает|i'm|i am|yes|да|as)(?: [^ ]+){{0,4}} (?:{_MACHINE}))(?= )"
)
_NOT_HUMAN = phrases(rf"""
    не (?:\w+ )?(?:{_HUMAN}|{_JOB})
    (?:not|isn't|no|never|n't) (?:a |an |any |real |living |actual |the )*(?:{_HUMAN}|{_JOB})
""")
_CALLED = phrases(r"""
    позов\w+|позвать|зову|подключ\w+|переда\w+|соедин\w+|пригла\w+|хотите|нужен|нужна|попрос\w+|ответит|напишет
    свяжется|позвонит|call|get|bring|pass\w*|hand\w*|connect\w*|transfer\w*|want|prefer|rather|ask|need|reach
    talk to a|speak to a|speak with a|talk with a|if you
""")
_AH = r"а?х[ах]+|ой|ох|ну|эх|хм+|а|да|a?ha[ha]*|lol|oh|h+m+|well|heh\w*|um+|aw+|hey|honestly|честно|goodness|gosh"
_SIGH = re.compile(rf" (?:(?:{_AH}) )+")
"""Before an answer it is none."""
_NO = re.compile(
    rf"\A (?:(?:{_AH}) )*(?:нет|неа|не|конечно нет|ну что вы|что вы|вовсе нет|no|nope|nah|of course not|not at all|"
    r"certainly not|absolutely not)(?= )"
)


def denials(scene: Scene, text: Text) -> Iterator[Violation]:
    for sentence in text.sentences:
        if any(_denies(thought) for thought in sentence.thoughts):
            yield Violation("denial", "It is denied that a program writes: say plainly that you are one.")
            return
    if _answers_no(scene, text):
        yield Violation(
            "denial", "The question whether a program writes is answered with no: say plainly that you are one."
        )


def _denies(thought: Span) -> bool:
    line = _COUNTED.sub(" ", _unanswered(thought))
    if thought.asks:
        return False
    honest = _NOT_HUMAN.search(line) is not None
    plain = _NOT_HUMAN.sub(" ", line)
    if (match := _DENIAL.search(plain)) is not None and not _of_coffee(plain, match):
        return not _ADMITS.search(plain.replace(match[0], " ", 1))
    if honest or _ADMITS.search(line):
        return False
    if (claim := _CLAIM.search(line)) is not None:
        return not _CALLED.search(line) and not _DENIED_CLAIM.search(claim[0] + " ")
    return bool(_AS_JOB.search(line) or _LIFE.search(line))


def _unanswered(thought: Span) -> str:
    """Its line, without a ``Ha, no,`` before it: what that denies was said by the other."""
    said = thought.clauses
    while len(said) > 1 and (said[0].line in ANSWERS or _SIGH.fullmatch(said[0].line)):
        said = said[1:]
    return thought.line if len(said) == len(thought.clauses) else Span(thought.text, said[0].first, thought.last).line


def _of_coffee(line: str, match: re.Match[str]) -> bool:
    """``машина`` is also what is rented, and a program may be one of the office: what is said of the writer counts."""
    about = re.search(rf" (?:{_FIRST_RU}|{_FIRST_EN}|вам|you|нет|no|никак\w+|тут|здесь)(?= )", line) is not None
    doubtful = (
        re.search(r"машин|machin|автомат|automat|программ|program|script|скрипт|software|computer|компьютер", match[0])
        is not None
    )
    if not doubtful:
        return False
    near = re.search(
        (
            rf" (?:я|i'm|i am|i|это|this is|it's|вы (?:общаетесь|говорите|переписываетесь)|you're (?:talking|"
            rf"chatting))(?: [^ ]+){{0,3}}{re.escape(match[0])}"
        ),
        line,
    )
    return near is None or not about


def _answers_no(scene: Scene, text: Text) -> bool:
    """``Нет, конечно`` to somebody who asked whether a machine writes, ``Живой, конечно`` to who asked for a human."""
    if not scene.asked or not text.sentences or text is not scene.texts[0]:
        return False
    if any(_ADMITS.search(one.line) or _NOT_HUMAN.search(one.line) for one in text.sentences):
        return False
    said = [one for one in text.sentences if not _SIGH.fullmatch(one.line)] or list(text.sentences)
    first = said[0]
    for asked in (one for line in scene.asked for one in line.text.sentences):
        if not _you(asked.line) and not (len(asked.words) <= 3 and _NAMED_ONLY.search(asked.line)):
            continue
        machine, human = _asks_machine(asked.line), _ASKS_HUMAN.search(asked.line)
        if machine and not human and any(_NO.search(one.line) for one in said[: 2 if first.asks else 1]):
            return True
        if (
            human
            and not machine
            and (asked.asks or _INVERTED.search(asked.line))
            and _YES.search(first.line)
            and not _CALLED.search(first.line)
        ):
            return True
    return False


_INVERTED = re.compile(r"\A (?:are you|is this|is it|is any\w+|am i|do i|вы|ты|это|а вы|а ты|так вы)(?= )")
"""A question, with or without its mark."""
_NAMED_ONLY = re.compile(r" (?:бот\w?|робот\w?|нейросеть|ии|человек|живой|живая|bot|robot|ai|human|chatbot)(?= )")
"""Enough of a question by themselves: ``бот?``"""
_ASKS_MACHINE = re.compile(rf" (?:{_MACHINE})(?= )")
_THING = re.compile(
    r"машин\w*|автомат\w*|программ\w*|алгоритм\w*|machines?|automat\w+|programs?|programmes?|software|computers?"
)
"""What is also sold, or used: asked of the writer only where it is said to be one."""
_BEING_WHO = (
    r"are you|is this|is it|it's|this is|you're|you are|am i|(?:talk|speak|chatt|writ)ing (?:with|to)|вы|ты|вами|тобой|"
    r"это|отвечает|пишет|(?:общаюсь|говорю) с"
)
_BEING_SUCH = r"an|a|just|only|some|the|просто|только|какая-то|какой-то|что|не|здесь|тут|случайно|же|какой|какая|с"
_BEING_WHAT = (
    r"машин(?:а|ой|е)|автомат(?:ом)?|программ(?:а|ой)|алгоритм(?:ом)?|machine|automat\w+|software|programme|program|"
    r"computer"
)
_BEING = re.compile(rf" (?:{_BEING_WHO})(?: (?:{_BEING_SUCH}))* (?:{_BEING_WHAT})(?= )")


def _asks_machine(line: str) -> bool:
    return any(not _THING.fullmatch(match[0].strip()) for match in _ASKS_MACHINE.finditer(line)) or (
        _BEING.search(line) is not None
    )


_ASKS_HUMAN = re.compile(r" (?:человек|живой|живая|живые|настоящ\w+|реальн\w+|human|real|person|alive)(?= )")
_YES = re.compile(
    r"\A (?:да|ага|угу|конечно|разумеется|живой|живая|живее|настоящ\w+|реальн\w+|самый|самая|человек|естественно|"
    r"безусловно|а как же|куда ж\w*|еще какая|yes|yep|yeah|of course|sure|certainly|absolutely|definitely|"
    r"very much|as real|human|real|i am|indeed|100|last time i)(?= )"
)


def _you(line: str) -> bool:
    return re.search(r" (?:вы|ты|это|вами|тобой|пишет|отвечает|you|this|it|talking|speaking)(?= )", line) is not None
