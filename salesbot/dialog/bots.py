"""Whether the one we talk with is a machine as well: two of them would thank each other for ever, at our expense.

Being wrong about a person hands them over to a colleague, being wrong about a machine costs a few more replies; so one
sign must be strong, and people who say "ok" twice, repeat a short question or type fast show none:

- more replies of ours within an hour than the scenario allows;
- the same sentence, or one of our own, again and again after each reply of ours;
- a row of replies to which nothing new was said, longer if they came at a person's speed;
- a row of long answers, each faster than anybody types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from salesbot.dialog.model import Author, History, Kind, Message, SendState
from salesbot.dialog.scenario import Limits

HOUR = timedelta(hours=1)
LATELY = timedelta(hours=24)
SAME_SENTENCE, NOTHING_NEW, NOTHING_NEW_AT_ONCE, TYPED_TOO_FAST = 3, 6, 4, 5
"""How many exchanges in a row are a sign."""
SENTENCE_WORDS = 3
"""People repeat shorter texts ("how much?", "ok") without being machines."""
AT_ONCE = timedelta(seconds=5)
LONG_ANSWER, CHARS_PER_SECOND = 40, 15
"""A fast typist writes eight characters a second."""

WORD, DIGIT = re.compile(r"\w+"), re.compile(r"\d")
COURTESY = frozenset(
    """
    ok okay okey yes yeah yep no nope sure fine good great nice well thanks thank thx you are re your welcome my
    pleasure any anytime time bye goodbye see hello hi hey have day evening a the too glad to help for and am i m is it
    so very much sorry please perfect cool understood got clear always
    ок окей да нет ага угу хорошо отлично понятно понял поняла ясно ладно спасибо благодарю пожалуйста не за что рад
    рада помочь обращайтесь всего доброго до свидания встречи хорошего дня вечера вам вас и вы вами тебе взаимно
    здравствуйте привет добрый день вечер супер класс прекрасно конечно очень большое будем на связи всегда
    к услугам извините
    """.split()
)
WORDLESS = frozenset({Kind.TEXT, Kind.STICKER, Kind.ANIMATION})
"""What says nothing when it holds no words; a photo or a voice message does."""


@dataclass(frozen=True)
class Exchange:
    """A reply of ours and what the person answered to it."""

    ours: Sequence[Message]
    theirs: Sequence[Message]

    @cached_property
    def text(self) -> str:
        return _plain(" ".join(message.content for message in self.theirs))

    @property
    def is_wordless(self) -> bool:
        return all(
            one.kind in WORDLESS and "?" not in one.content and not DIGIT.search(one.content) for one in self.theirs
        )

    @property
    def delay(self) -> timedelta:
        """From the beginning of our reply: they may have typed while we went on. Telegram's times are whole seconds."""
        return self.theirs[0].timestamp - self.ours[0].timestamp + timedelta(seconds=1)

    @property
    def longest(self) -> timedelta:
        """How long they may have typed: up to their last line, of which there may be many."""
        return self.theirs[-1].timestamp - self.ours[0].timestamp + timedelta(seconds=1)


def two_machines(history: History, now: datetime, limits: Limits) -> bool:
    """Whether this conversation is one of two programs and should end. Nothing before a colleague's line counts."""
    turns = _turns(history.messages, now)
    begun = [turn[0].timestamp for turn in turns if not turn[0].incoming]
    if sum(at > now - HOUR for at in begun) > limits.turns_per_hour:
        return True
    exchanges = [Exchange(ours, theirs) for ours, theirs in pairwise(turns) if theirs[0].incoming]
    return _same_sentence(exchanges) or _nothing_new(exchanges) or _typed_too_fast(exchanges)


def _turns(messages: Sequence[Message], now: datetime) -> list[list[Message]]:
    """What was said lately, turn by turn: the lines of one side up to the other's."""
    turns: list[list[Message]] = []
    since = now - LATELY
    for message in messages:
        if message.author in (Author.HUMAN, Author.UNEXPLAINED):
            turns.clear()
        elif message.timestamp > since and message.send_state in (None, SendState.SENT):
            if not turns or turns[-1][0].incoming is not message.incoming:
                turns.append([])
            turns[-1].append(message)
    return turns


def _same_sentence(exchanges: Sequence[Exchange]) -> bool:
    last = exchanges[-SAME_SENTENCE:]
    if len(last) < SAME_SENTENCE or any(len(one.text.split()) < SENTENCE_WORDS for one in last):
        return False
    echoed = all(one.text in {_plain(" ".join(m.content for m in one.ours)), *_texts(one.ours)} for one in last)
    return echoed or len({one.text for one in last}) == 1


def _nothing_new(exchanges: Sequence[Exchange]) -> bool:
    last = exchanges[-NOTHING_NEW_AT_ONCE:]
    if len(last) < NOTHING_NEW_AT_ONCE or not all(one.is_wordless for one in last):
        return False  # told without a look at all that was said
    empty: list[Exchange] = []
    said: set[str] = set(COURTESY)
    for one in exchanges:
        words = set(one.text.split())
        empty = [*empty, one] if words <= said and one.is_wordless else []
        said |= words
    at_once = empty[-NOTHING_NEW_AT_ONCE:]
    return len(empty) >= NOTHING_NEW or (
        len(at_once) == NOTHING_NEW_AT_ONCE and all(one.delay <= AT_ONCE for one in at_once)
    )


def _typed_too_fast(exchanges: Sequence[Exchange]) -> bool:
    last = exchanges[-TYPED_TOO_FAST:]
    return len(last) == TYPED_TOO_FAST and all(
        len(one.text) >= max(LONG_ANSWER, one.longest.total_seconds() * CHARS_PER_SECOND) for one in last
    )


def _texts(messages: Sequence[Message]) -> Iterator[str]:
    return (_plain(message.content) for message in messages)


def _plain(text: str) -> str:
    return " ".join(WORD.findall(text.casefold().replace("ё", "е")))
