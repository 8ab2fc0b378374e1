"""What the rules look at: a record with its scenario, and the questions that several of them ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from salesbot.dialog.model import Author, Outcome, Purpose, Status
from salesbot.dialog.scenario import Scenario
from salesbot.rehearsal.record import Line, Record

HANDED_OVER = frozenset({"handoff", "parked", "budget_dialog", "two_bots"})
"""Kinds of events with which a dialog goes to a human."""
ONE_REPLY = timedelta(minutes=3)
"""The parts of a reply stand within so long."""
WORD = re.compile(r"\w+(?:['’]\w+)?")
_SENTENCE = re.compile(r"(?<=[.!?…])[\s»”\"')]+|\n+")
_CLAUSE = re.compile(r"[,;:—–(]\s|\s-\s|\s(?:но|зато|but)\s")
_REFUSES = re.compile(
    r"\b(?:не|нет|ни|нельзя|невозможно|увы|сожалени\w+|без|not|no|none|never|cannot|unable|impossible|unfortunately|"
    r"without)\b|n['’]t\b"
)
_NO_REFUSAL = re.compile(
    r"\b(?:нет проблем\w*|без проблем\w*|не (?:вопрос|проблем\w+|переживайте|волнуйтесь|беспокойтесь|только|просто|"
    r"против)|почему (?:бы )?(?:и )?нет|если не|раз не|чтобы не|пока не|no (?:problem|worries|doubt)|why not|"
    r"not (?:a problem|only|just)|no need to worry|don['’]t (?:worry|tell)|if (?:you )?(?:do )?not|if you don['’]t)\b"
)


@dataclass(frozen=True)
class Case:
    """A record and the scenario that it was talked by."""

    record: Record
    scenario: Scenario

    @cached_property
    def ours(self) -> tuple[Line, ...]:
        """What the program said, whoever else spoke from the account."""
        return tuple(one for one in self.record.lines if one.author is Author.MODEL)

    @cached_property
    def theirs(self) -> tuple[Line, ...]:
        return tuple(one for one in self.record.lines if one.author is Author.CONTACT)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The operator's own, which are said word for word."""
        scenario = self.scenario
        groups = (scenario.disclosure, scenario.identity, scenario.safe_sentence, scenario.waiting, scenario.farewell)
        return tuple(sorted((text for group in groups for text in group.values() if text), key=len, reverse=True))

    @cached_property
    def written(self) -> tuple[tuple[Line, str], ...]:
        """Our lines with what of them the model wrote; those of which nothing remains are left out."""
        return tuple((line, rest) for line in self.ours if (rest := self._without_sentences(line.text)))

    def _without_sentences(self, text: str) -> str:
        for sentence in self.sentences:
            text = text.replace(sentence, "\n")
        return text.strip()

    def said_before(self, line: Line) -> tuple[Line, ...]:
        """What the person said before this."""
        return tuple(one for one in self.theirs if one.id < line.id)

    def answered_line(self, line: Line) -> Line | None:
        """The person's last line before this, if there is any."""
        return max(self.said_before(line), key=lambda one: one.id, default=None)

    def answer_to(self, line: Line) -> tuple[Line, ...]:
        """All that was said from the account after this line of the person and up to their next after it."""
        answer: list[Line] = []
        for one in self.record.lines:
            if one.id <= line.id:
                continue
            if one.author is Author.CONTACT:
                if answer:
                    break
                continue
            answer.append(one)
        return tuple(answer)

    def happened(self, kinds: frozenset[str], since: int = 0, until: int | None = None) -> bool:
        """Whether an event of these kinds came after line ``since`` stood, and before a line above ``until`` did."""
        return any(
            one.kind in kinds and one.at_line >= since and (until is None or one.at_line <= until)
            for one in self.record.events
        )

    @property
    def handed_over(self) -> bool:
        return self.record.status in (Status.HANDOFF, Status.TAKEN) or self.happened(HANDED_OVER)

    @property
    def opted_out(self) -> bool:
        record = self.record
        return record.suppressed and record.status is Status.CLOSED and record.outcome is Outcome.OPTED_OUT

    def same_reply(self, first: int, line: Line) -> bool:
        """Whether ``line`` is a part of the reply whose first part has this id."""
        start = next((one for one in self.ours if one.id == first), None)
        return start is not None and start.id <= line.id and line.at - start.at <= ONE_REPLY


BY_PROGRAM = frozenset({Purpose.COURTESY, Purpose.FAREWELL})
"""Said by the program itself, in the operator's words."""


def plain(text: str) -> str:
    """Lower case, one space, no ё and no typographic apostrophes."""
    return " ".join(text.casefold().replace("ё", "е").replace("’", "'").split())


def words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(plain(text)))


def sentences(text: str) -> Iterator[str]:
    return (one.strip() for one in _SENTENCE.split(text) if one.strip())


def clauses(sentence: str) -> Iterator[str]:
    return (one.strip() for one in _CLAUSE.split(sentence) if one.strip())


def asks(sentence: str) -> bool:
    return sentence.rstrip(" )»”\"'").endswith("?")


def lowered(text: str) -> str:
    """Lower case without ё; a place in it is the same place in the text."""
    return text.lower().replace("ё", "е").replace("’", "'").replace("\u00a0", " ")


def refuses(text: str) -> bool:
    """Whether this says no to something."""
    return _REFUSES.search(_NO_REFUSAL.sub(" ", plain(text))) is not None


def quoted(text: str) -> str:
    """A line of the chat as a violation names it."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= 120 else line[:119].rstrip() + '…'}”"
