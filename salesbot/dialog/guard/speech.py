"""How a draft speaks: repeats, notes that belong to the program, leaks of the instructions, and its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.topics import topics
from salesbot.dialog.guard.words import Kind, Span, Text, phrases, read
from salesbot.dialog.remembered import remembered
from salesbot.dialog.scenario import Scenario

REPEAT_MIN = 20
"""Shorter lines ("Thank you!", "ok") may be said again."""
REPEAT_WINDOW = 12
"""So many of our last lines are not repeated; an answer to the same question much later may be."""
REPEAT_WORDS = 5
"""From so many words on a line that says nearly the same is a repeat as well."""
ALIKE = 0.8
"""The share of words that two lines have in common (twice the common ones by all) from which they say the same."""
LEAK_WORDS = 8
"""So many words in a row from the instructions are a leak."""
_WORD = re.compile(r"\w+")
_NOTE = re.compile(
    (
        r"\[[^\]\n]{2,80}\]|\A\s*\{|\"(?:parts|stage|outcome|handoff|learnt|promise)\"|\{[^}\n]{1,40}\}|"
        r"\A\s*(?:\*\*?)?(?:note|system|примечание|assistant|внутренняя заметка|заметка|комментарий|"
        r"internal note)(?:\*\*?)?\s*:|\b(?:handoff|outcome|stage)\s*[=:]\s*\w|</?[a-z]+>|```|\b(?:here(?:'s| is)|"
        r"below is) (?:a |an |the |my |your )?(?:\w+ )?(?:draft|reply|message|response|answer|version|rewrite|"
        r"text)\b(?=[^.\n]{0,60}:)|as an? (?:ai )?language model|\A\s*(?:draft|reply|response|answer|message|ответ|"
        r"черновик|сообщение|вариант)\s*(?:\d\s*|(?:to|for|клиенту|для)\b[^.:\n]{0,30})?:|вот (?:\w+ )?(?:вариант|"
        r"ответ|черновик|текст|сообщение|реплика)\b(?=[^.\n]{0,60}:)|как языков\w+ модел\w+"
    ),
    re.I,
)
_THIRD = re.compile(
    r" (?:клиент|пользователь|собеседник|заказчик|покупатель|лид|the (?:customer|client|user|lead|prospect|"
    r"person)|customer|user|prospect) (?:\w+ ){0,2}(?:спрашивает|спросил\w?|хочет|сомневается|интересуется|просит|"
    r"пишет|отвечает|говорит|согласен|готов|не|колеблется|недоволен|отказ\w+|заинтересован|asks?|asked|wants?|"
    r"hesitates?|seems?|says?|said|is (?:asking|interested|hesitant|unsure|ready|not)|has (?:asked|agreed|"
    r"declined|said))(?= )"
)
"""Of the person as of somebody else: meant for a colleague."""
_ASIDE = re.compile(
    (
        r"\*[^*\n]{2,80}\*|_{3,}|\bX{3,}\b|#{2,} |%\w+%|\((?:\w{2,}(?:ть|ти|ться)\b|insert|check|add|wait|ask|confirm|"
        r"pause|send|do not|don't)\b[^)\n]{0,100}\)|\A\s*(?:часть|part|сообщение|message|ответ|вариант|option|шаг|"
        r"step)\s*\d+\s*[:.)]|\((?:note|примечание|internal|внутренн\w+|заметка|для (?:оператора|коллеги|менеджера|"
        r"себя)|to (?:the )?(?:operator|colleague|self)|пауза|вставить|insert|placeholder|stage|handoff|todo|"
        r"не отправлять|system)\b[^)\n]{0,200}\)|<[^<>\n]{2,60}>"
    ),
    re.I,
)
_AGAIN = phrases(r"""
    как я (?:и )?(?:писал\w*|говорил\w*|сказал\w*|упоминал\w*|уже)|повтор\w+|напомн\w+|ещё раз|еще раз
    as i (?:said|wrote|mentioned)|again|once more|to repeat|as mentioned
""")
_REPEAT_PLEASE = phrases(r"""
    повтор\w+|ещё раз|еще раз|напомни\w*|не (?:понял\w*|увидел\w*|расслышал\w*)|again|repeat|once more|remind|resend
    say that
""")
_MINE = r"мо(?:и|их|ими|им|ей|ем|ю|я|й|его|ему)|у меня|мне|меня|я|нас|нам|our|my|me|i|i'm|i've|мы|наш\w*|сво\w+"
_RULES = (
    r"инструкци\w*|промпт\w*|промт\w*|систем\w+ (?:сообщени\w*|промпт\w*|подсказк\w*|запрос\w*|настройк\w*)|"
    r"скрипт\w*|сценари\w*|указани\w*|установк\w* (?:от|раз)\w*|prompts?|instructions?|instructed|system message|"
    r"guidelines?|guardrails?|playbook|script|rulebook|configuration|settings say"
)
_TOLD = re.compile(
    rf" (?:(?:{_RULES})(?: [^ ]+){{0,3}} (?:говор[ия]т\w*|сказано|написано|вел[ия]т|гласит|предписыва\w+|требу\w+|"
    rf"запреща\w+|says?|tells?|said|told|reads?|requires?|wants?)|(?:по|согласно|следуя|as|per|according to|"
    rf"following|under|by) (?:\w+ )?(?:{_RULES})|(?:вот|here (?:is|are)|here's)(?: [^ ]+){{0,3}} (?:{_RULES})|"
    rf"(?:{_MINE}) (?:{_RULES}) (?:так\w+|следующ\w+|are|is|begins?|starts?|go|goes)|(?:{_RULES}) (?:так\w+|"
    rf"следующ\w+)|мне задан[оаы]?|мне (?:велен\w*|поруч\w+|приказ\w+|указан\w*|предписан\w*|запрещ\w+|запретили|"
    rf"наказ\w+|прописа\w+|сказано|сказали|разрешили|положено|дали (?:задание|задачу|команду|указани\w+))|"
    rf"меня (?:запрограммиров\w+|настроили|проинструктиров\w+|научили|попросили)|моя (?:цель|задача|установка|"
    rf"инструкция) |моей (?:целью|задачей)|я (?:запрограммирован\w*|настроен\w*|проинструктирован\w*|"
    rf"должн[аы]? (?:сначала|всегда|никогда|довести|вывести|убедить|предлагать|выяснить|узнать|называть|говорить))|"
    rf"(?:i|we)(?:'m| am|'ve been| have been| was|'m being| were|'re| are) (?:\w+ )?(?:told to|told not|instructed|"
    rf"programmed|ordered|supposed to|configured|tasked|prompted|required to|meant to|not allowed|forbidden)|"
    rf"my job is to|my (?:\w+ )?(?:goal|task|objective|mission|brief|orders) (?:is|are|say|tell|here|was|were|"
    rf"requires?)|(?:i|we) must (?:never|always|not|first))"
)
_OF_MINE = phrases(rf"""
    (?:{_MINE}|внутренн\w+|internal)(?: [^ ]+){{0,3}} (?:{_RULES}|правил\w*|задани\w*|памятк\w*)
    (?:{_MINE}|внутренн\w+|internal)(?: [^ ]+){{0,3}} (?:регламент\w*|rules?|orders|notes)
    (?:{_RULES})(?: [^ ]+){{0,2}} (?:мне|меня|me)
    (?:этап\w*|стади\w*|шаг\w*) (?:\w+ )?(?:диалога|разговора|воронки|сделки)
    (?:этап\w*|стади\w*|шаг\w*) (?:\w+ )?(?:продаж\w*|возражени\w*|квалификаци\w*|презентаци\w*)
    stage of (?:the|our|this) (?:conversation|funnel|script|sale|dialogue)
    (?:objections?|closing|qualification|proposal|discovery) (?:stage|step|phase)
""")
_TELLS = phrases(r"""
    что|чтобы|всегда|никогда|сначала|нельзя|нужно|надо|можно|должн\w*|следует|велят|сейчас|после|потом|дальше|to
    that|never|always|first|must|not|now|then|next
""")
_KEEPS = phrases(r"""
    не (?:\w+ )?(?:показ\w+|покаж\w+|раскр\w+|рассказ\w+|пересказ\w+|дел\w+)
    не (?:\w+ )?(?:обсужда\w+|цитир\w+|выда\w+|публик\w+|могу|буду)
    (?:not|can't|cannot|won't|don't|never)(?: [^ ]+){0,3} (?:share|show|reveal|disclose|discuss|tell)
    (?:not|can't|cannot|won't|don't|never)(?: [^ ]+){0,3} (?:paste|quote|repeat|pass|publish|give)
""")
_OF_THE_THING = re.compile(
    r"инструкци\w* (?:к|по|для|от) (?:\w+ )?(?:машин\w*|аппарат\w*|кофе\w*|уход\w*|чистк\w*|эксплуатац\w*|"
    r"установк\w*|использовани\w*|промывк\w*)|(?:instructions?|guide) (?:for|on|to) (?:\w+ )?(?:machine|cleaning|"
    r"use|using|coffee|rinsing|clean)|(?:user|cleaning|care|machine) (?:manual|guide|instructions?)"
)


def speech(scene: Scene, number: int) -> Iterator[Violation]:
    part, text = scene.reply.parts[number], scene.texts[number]
    if repeats(part, [*scene.ours[-REPEAT_WINDOW:], *scene.reply.parts[:number]]) and not _wanted(scene):
        yield Violation("repeat", "A part says again what was said before.")
    if _NOTE.search(part) or _ASIDE.search(part) or _THIRD.search(text.whole.line):
        yield Violation("note", "A part has notes in square brackets or JSON in it: write plain sentences only.")
    if (
        _runs(part) & scene.scenario.kept(_secrets)
        or any(_leaks(one) for one in text.sentences)
        or _reads_out(scene, text)
    ):
        yield Violation("leak", "A part quotes or describes the instructions.")
    if not speaks(scene, text):
        yield Violation("language", "A part is not in the language of the person.")


# --- repeats


def repeats(part: str, said: list[str]) -> bool:
    """Whether a part says word for word, or nearly so, one of these lines."""
    if len(part.strip()) < REPEAT_MIN:
        return False
    mine = _plain(part)
    again = _AGAIN.search(read(part).whole.line) is not None
    return any(
        mine == _plain(one) or (not again and _alike(part, one)) for one in said if len(one.strip()) >= REPEAT_MIN
    )


@remembered(1000)
def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


@remembered(1000)
def _bag(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Beginnings of its words, and what must be the same for two texts to say the same: numbers and names."""
    tokens = read(text).tokens
    words = frozenset(one.norm[:5] for one in tokens if one.is_word and len(one.norm) > 1)
    exact = frozenset(one.norm for one in tokens if one.kind in (Kind.NUMBER, Kind.TIME, Kind.DATE))
    return words, exact


def _alike(one: str, other: str) -> bool:
    (words, exact), (theirs, others) = _bag(one), _bag(other)
    if len(words) < REPEAT_WORDS or exact - others:
        return False
    return 2 * len(words & theirs) >= ALIKE * (len(words) + len(theirs))


def _wanted(scene: Scene) -> bool:
    """The person asked to hear it again."""
    return any(_REPEAT_PLEASE.search(one.text.whole.line) for one in scene.asked)


# --- leaks


def _runs(text: str, length: int = LEAK_WORDS) -> frozenset[str]:
    words = re.findall(r"\w+|\0", text.casefold())
    return frozenset(" ".join(words[at : at + length]) for at in range(len(words) - length + 1))


def _secrets(scenario: Scenario) -> frozenset[str]:
    private = [
        scenario.instructions,
        scenario.goal,
        scenario.follow_up,
        scenario.won,
        scenario.lost,
        scenario.needs_human,
    ]
    private += [f"{stage.what}\n{stage.move_on}" for stage in scenario.stages] + [one.how for one in scenario.openings]
    public = [
        scenario.facts_text,
        *scenario.disclosure.values(),
        *scenario.identity.values(),
        *scenario.safe_sentence.values(),
    ]
    return _instructions("\n\0\n".join(private), "\n\0\n".join(public))


_TO_SAY = re.compile(r"\bsay(?:ing)? (?:that |so|what )[^.;]*", re.I)
"""What the instructions tell to say may be said."""


@lru_cache(maxsize=64)
def _instructions(private: str, public: str) -> frozenset[str]:
    """The runs of words that only the instructions have; what the facts say too may be said."""
    return _runs(_TO_SAY.sub(" \0 ", private)) - _runs(public)


def _leaks(sentence: Span) -> bool:
    """Whether a sentence speaks of what the writer was told to do."""
    line = _OF_THE_THING.sub(" ", sentence.line)
    told, of_mine = _TOLD.search(line), _OF_MINE.search(line)
    if not (told or of_mine) or _KEEPS.search(line):
        return False
    content = ":" in sentence.marks or "«" in sentence.marks or "“" in sentence.marks or _TELLS.search(line)
    return told is not None or bool(content and not sentence.asks)


_YOURS = re.compile(
    rf" (?:(?:у|в|от) )?(?:тебя|тебе|тво\w+|вас|вам|ваш\w*|you|your|you're|you've)(?: [^ ]+){{0,4}} (?:{_RULES})(?= )|"
    rf" (?:{_RULES})(?: [^ ]+){{0,3}} (?:у тебя|тебе|тво\w+|у вас|вам|you|yours)(?= )"
)
_IT_SAYS = re.compile(
    r" (?:там|тут|в (?:ней|них|нем)|it|they|there|mine)(?: \w+)? "
    r"(?:сказано|написано|говорится|указано|прописано|значится|says?|reads?|goes|go|tells?|written)(?= )"
)
_OF_CARE = frozenset({"cleaning", "service", "repair"})
"""The machine has instructions too."""


def _reads_out(scene: Scene, text: Text) -> bool:
    """``Там сказано: «…»`` to somebody who asked what the writer's instructions say."""
    asked = [_OF_THE_THING.sub(" ", one.text.whole.line) for one in scene.asked]
    if not any(_YOURS.search(line) and not topics(line) & _OF_CARE for line in asked):
        return False
    return any(
        _IT_SAYS.search(one.line)
        and one.marks & _OPENS
        and not _KEEPS.search(one.line)
        and not topics(one.line) & _OF_CARE
        for one in text.sentences
    )


_OPENS = frozenset(':«“"')


# --- language


_FOREIGN_CYRILLIC = re.compile(r"[іїєґўђјљњћџқғүұһәөң]")
_FOREIGN_LATIN = re.compile(r"[äöüßñàâçèêëîïôûùœæåøąćęłńśźżčďěňřšťůžğış¿¡ãõáíóúý]")
_ENGLISH = frozenset(
    "the a an and or of to in is are you your we our it for with that this on at be can will have has do does"
    " not no yes if from as by but"
    "how what when who where which i me my us one per all any there they them so up out about please hello hi"
    " thanks thank would could".split()
)
_FOREIGN = frozenset(
    "der die das und ist nicht ein eine sie wir ich mit für auf le la les des est vous nous une et pour dans"
    " pas el los las es un una por para con usted que"
    " il lo gli che sono non per di ciao hola bonjour guten tag danke gracias merci jest nie się dla".split()
)


_ASKS_ENGLISH = phrases(r"по-?английски|по английски|английск\w+|in english|english")
_ASKS_RUSSIAN = phrases(r"по-?русски|по русски|русск\w+|in russian|russian|po russki|po-russki")


def speaks(scene: Scene, text: Text) -> bool:
    """Whether each sentence is in a language that the person has used, if they wrote at all."""
    strange = {_language(scene, one) for one in text.sentences} - {None}
    wrote = False
    for line in reversed(scene.heard):
        if not strange:
            return True
        if (spoken := _language(scene, line.text.whole)) in scene.scenario.languages:
            wrote = True
            strange.discard(spoken)
    strange -= _asked_languages(scene)
    return not strange or (not wrote and strange.issubset(scene.scenario.languages))


def _asked_languages(scene: Scene) -> set[str]:
    line = " ".join(one.text.whole.line for one in scene.heard)
    asked = set()
    if _ASKS_ENGLISH.search(line):
        asked.add("en")
    if _ASKS_RUSSIAN.search(line):
        asked.add("ru")
    return asked & set(scene.scenario.languages)


def _language(scene: Scene, span: Span) -> str | None:
    """``ru``, ``en``, ``other``, or None where too little is said. Names of the scenario belong to no language."""
    names = scene.names
    words = [one for one in span.tokens if one.is_word and one.norm not in names]
    cyrillic = [one.norm for one in words if "Ѐ" <= one.norm[0] <= "ӿ"]
    latin = [one.norm for one in words if not "Ѐ" <= one.norm[0] <= "ӿ"]
    if len(cyrillic) + len(latin) < 2:
        return None
    if len(cyrillic) >= len(latin):
        return "other" if any(_FOREIGN_CYRILLIC.search(one) for one in cyrillic) else "ru"
    if len(latin) < 3:
        return None if not set(latin) & _ENGLISH else "en"
    english, foreign = (sum(one in _ENGLISH for one in latin), sum(one in _FOREIGN for one in latin))
    if foreign > english or (not english and any(_FOREIGN_LATIN.search(one) for one in latin)):
        return "other"
    return "en" if english else None
