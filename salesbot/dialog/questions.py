"""Questions that want an honest answer, recognised without a model, in Russian and English.

A clause asks one if it holds all the words that the question needs, in whatever order, and few that say something else.
Unlike with an opt-out a false alarm is cheap (an honest sentence too many) and a miss is not: a question about a
machine counts if it can be meant sincerely. A mere insult, and a question about machines on offer, is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from salesbot.dialog.remembered import remembered
from salesbot.dialog.speech import Clause, Lexicon, clauses, plain


class Question(StrEnum):
    MACHINE = "machine"
    """Is it a machine that writes?"""
    SOURCE = "source"
    """Where did you get my contact?"""
    ERASURE = "erasure"
    """Delete my data."""
    KNOWLEDGE = "knowledge"
    """What do you know about me?"""


MEANINGS = {
    "bot": """
    бот бота боту ботом боте боты ботов ботами ботик чатбот чатботом робот робота роботу роботом
    роботы роботами нейросеть нейросети нейросетью нейросетка нейросеткой нейронка нейронкой ии интеллект
    интеллектом гпт
    чатгпт алгоритм алгоритмом автоответчик автоответчиком скрипт скриптом автоответ
    bot bots chatbot chatbots robot robots ai gpt chatgpt llm intelligence autoreply autoresponder automated
    """,
    "device": """
    программа программой программы машина машиной машины автомат автоматом компьютер компьютером система системой
    machine program computer software algorithm script model system automatic
    """,
    "human": """
    человек человека человеком человеку люди людьми людей живой живая живые живым живого живыми настоящий настоящая
    настоящим настоящие реальный реальная реальным реальные оператор оператором менеджер менеджером
    human humans person people real man woman someone somebody actual live living
    """,
    "you": "ты вы тобой вами тебя вас тебе вам you u ya youre yall your",
    "this": "это здесь тут там этот this it its that there here",
    "talk": """
    разговариваю говорю общаюсь переписываюсь беседую пишу разговариваем общаемся переписываемся
    talking speaking chatting texting writing messaging dealing conversing
    """,
    "answer": """
    отвечает отвечают отвечаете отвечаешь пишет пишут пишете пишешь общается общаетесь разговаривает говорит сидит
    answers answering replies replying responds responding types typing writes end side
    """,
    "or": "или либо or",
    "where": "откуда где where whence",
    "how": "как каким how",
    "who": "кто who whos",
    "what": "что чего какая какие какую каких what whats which",
    "found": """
    нашли нашел нашла узнали узнал вышли попали взяли взял взяла достали дали дал дала слил слили раздобыли получили
    find found get obtain obtained took gave given sold passed buy bought come
    """,
    "know": "знаете знаешь известно know knows",
    "keep": """
    храните хранится есть собрали собираете имеете накопали сохранили
    have got store stored hold keep collect collected save saved gathered
    """,
    "contact": """
    номер номерок номера контакт контакты контактик телефон телефончик юзернейм ник логин аккаунт профиль координаты
    number contact contacts username handle account profile nickname
    """,
    "data": """
    данные данных информацию информация информации сведения персданные переписку досье историю запись записи
    data information info details records record history conversation file
    """,
    "all": "все всё всю everything anything all",
    "my": "мой моя мое мои моего моих мою наш наши our my mine",
    "me": "меня мне мной me us",
    "about": "обо про на about on of",
    "delete": """
    удали удалите удалить удалим сотри сотрите стереть уничтожьте уничтожить очистите очистить уберите убрать вычистите
    delete erase remove wipe purge destroy clear forget deleted erased removed
    """,
    "show": "покажите пришлите выгрузите выгрузить предоставьте скиньте show send give export provide copy",
    "consent": "согласие согласия consent",
    "withdraw": "отзываю отозвать withdraw revoke",
    "not": "не never not dont",
    "policy": "удаляете удаляются ли do does if",
    "fill": """
    а и но ну же вообще случайно часом хоть точно правда реально сам сама сами вот просто скажи скажите честно сейчас
    кстати какой-то какая-то обычный очередной извините простите признайтесь признайся интересно походу наверное кажется
    видимо пожалуйста такое чувство ощущение впечатление если так то да нет здравствуйте привет добрый день вечер слушай
    слушайте стоп подождите погоди в с со у к за том конце экраном я мы чем чтоли искусственный искусственным
    один подскажите кто-то кто-нибудь все-таки хочу хотел хотела бы узнать спросить можно знать понять вопрос связи
    a an the is are am was r i im did have so wait hey hi hello ok okay and but well um sorry just quick question
    honestly hell hold tell lol please btw way by really actually even like some kind to with in at then only maybe
    possibly wondering прошу требую
    curious ask may can could would be being whether language artificial chat other simply for
    """,
}
LEXICON = Lexicon(MEANINGS)

JOINS = frozenset("и а но да также and but also then".split())
"""Words between two wishes."""

SELF = {"bot", "device", "human"}
ADDRESSED = {"you", "talk", "answer"}
MACHINE = SELF | ADDRESSED | {"this", "me", "or", "not", "policy", "about", "who", "what", "know", "keep", "all"}
"""All that a question about a machine is made of."""
ON_OFFER = {"what", "keep", "about", "all"}
"""Which machines do you have?"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A clause that holds a word of each of these meanings, none of those, and at most so many of none at all."""

    question: Question
    needs: tuple[Set[str], ...]
    lacks: Set[str] = frozenset()
    others: int = 3
    only: bool = False
    """The clause is no question, and says nothing else but for ``all``."""


RULES = (
    Rule(Question.SOURCE, ({"where", "how", "who"}, {"my"}, {"contact", "data"}, {"you", "found", "know", "keep"})),
    Rule(Question.SOURCE, ({"where", "how"}, {"you"}, {"found", "know"}, {"me"}), others=0),
    Rule(Question.SOURCE, ({"who"}, {"found"}, {"you"}, {"contact", "data", "my"})),
    Rule(Question.ERASURE, ({"delete"}, {"my"}, {"data"}), {"not", "policy", "how"}),
    Rule(Question.ERASURE, ({"delete"}, {"data", "all"}, {"of_me"}), {"not", "policy", "how"}),
    Rule(Question.ERASURE, ({"withdraw"}, {"consent"})),
    Rule(Question.ERASURE, ({"delete"}, {"data"}), only=True, others=0),
    Rule(Question.KNOWLEDGE, ({"what"}, {"know", "keep", "data"}, {"of_me"}), {"delete"}),
    Rule(Question.KNOWLEDGE, ({"what"}, {"my"}, {"data"}), {"delete"}),
    Rule(Question.KNOWLEDGE, ({"show"}, {"my"}, {"data"})),
    Rule(Question.KNOWLEDGE, ({"show"}, {"data"}, {"of_me"})),
)

_TELLING = SELF.union(*(rule.needs[0] for rule in RULES))
"""Nothing is asked without one of these."""


@remembered(500)
def asked(text: str) -> frozenset[Question]:
    """What of this the person asks; empty for nearly every message."""
    written = clauses(plain(text))
    if _TELLING.isdisjoint(meaning for one in written for word in one.words for meaning in LEXICON.of(word)):
        return frozenset()
    shown = tuple(one for one in written if not _is_filling(one))
    halves = (Clause(words, clause.end) for clause in shown for words in _halves(clause.words))
    wishes = (question for half in halves for question in _of_clause(half) if question is Question.ERASURE)
    return frozenset((*wishes, *(question for clause in _spans(shown) for question in _of_clause(clause))))


def _is_filling(clause: Clause) -> bool:
    """``, please,``: what it stands between is one wish."""
    return all(LEXICON.of(word) == ("fill",) for word in clause.words)


def _spans(shown: tuple[Clause, ...]) -> Iterator[Clause]:
    """Clauses, and two neighbours as one: people put commas where they like."""
    yield from shown
    yield from (Clause(one.words + other.words, other.end) for one, other in pairwise(shown))


def _halves(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A wish and another one beside it, "delete my data and do not write": the "not" of the one is none of the other's.
    A question for how it is done stays one."""
    if any("policy" in LEXICON.of(word) for word in words[:1]):
        return
    for at, word in enumerate(words):
        if word in JOINS or "not" in LEXICON.of(word):
            yield words[:at]
        if word in JOINS:
            yield words[at + 1 :]


def _of_clause(clause: Clause) -> Iterator[Question]:
    meanings = [meaning for word in clause.words for meaning in LEXICON.of(word) or ("",) if meaning != "fill"]
    said = set(meanings)
    if _asks_for_a_machine(said, meanings.count(""), clause.asks):
        yield Question.MACHINE
    if ("about", "me") in pairwise(meanings):
        said.add("of_me")
    for rule in RULES:
        if not all(said & need for need in rule.needs) or said & rule.lacks or meanings.count("") > rule.others:
            continue
        if not rule.only or not (clause.asks or said - {"all"}.union(*rule.needs)):
            yield rule.question


def _asks_for_a_machine(said: Set[str], others: int, asks: bool) -> bool:
    """One or the other: then much else may be said; else nothing beside who is meant and what they are."""
    if {"or", "bot"} <= said and said & {"human", "device"} and said & (ADDRESSED | {"this"}):
        return others <= 3
    if others or not said & SELF or not said <= (MACHINE if "device" not in said else MACHINE - ON_OFFER):
        return False
    return bool(said & ADDRESSED) or said >= {"this", "bot"} or (asks and "device" not in said)
