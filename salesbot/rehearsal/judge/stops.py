"""When to be silent, and when not: OPT_OUT, AFTER_STOP, FOLLOW_UP, NIGHT, UNANSWERED, TWICE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from salesbot.dialog import optout
from salesbot.dialog.model import Author, Purpose, Status
from salesbot.rehearsal.judge.case import BY_PROGRAM, HANDED_OVER, ONE_REPLY, Case, asks, plain, quoted, words
from salesbot.rehearsal.profile import Kind
from salesbot.rehearsal.record import Line, Rule, Violation

SHORT = 4
"""Lines of fewer words may be said again: "you are welcome!"."""
ALIKE = 0.9
FEW = 12
"""Words, in which a no to the whole is said."""
_NO = re.compile(
    r"(?:(?:спасибо|нет|ясно|ок|понятно|извините|здравствуйте|добрый день|нам|мне|это|меня|нас|вообще|совсем|thanks?|"
    r"you|no|ok|okay|but|sorry|hi|hello|we're|we|are|i'm|i|am|it's|just|really|honestly|и|а)\s)*"
    r"(?:не ?интересно|не интересует|не ?актуально|(?<=нам )не (?:нужно|надо)|(?<=мне )не (?:нужно|надо)|"
    r"(?<=это )не (?:нужно|надо)|(?:предложение|тема) не интересн\w+|not interested|"
    r"no interest|not for us|not for me)"
    r"(?:\s(?:спасибо|нет|извините|совсем|вообще|пока|всего доброго|до свидания|thanks?|you|sorry|at all|bye|"
    r"goodbye|нам|мне|это|in it|in this|in that))*"
)
_PRESSES = re.compile(
    r"все-таки|все таки|все же|все равно|(?:спрошу|напомню|напишу|вернусь)[^.?!]{0,15}(?:еще раз|снова|через|позже)|"
    r"подумайте еще|не спешите отказ|передума|попробу(?:ете|йте)|после?дн\w+ шанс|after all|all the same|reconsider|"
    r"once more|one more time|change your mind|are you sure|give it a (?:try|chance)|would you not|why not|anyway"
)
_AGAIN = re.compile(r"повтор|еще раз|не понял|не увидел|напомн|again|repeat|once more|remind|what\?|pardon|resend")


class State(StrEnum):
    """In which the program may speak, or may not."""

    SPEAKS = "speaks"
    ENDED = "ended"
    """Won or lost; the person may have come back since."""
    WAITS = "waits"
    """A human speaks, or is awaited, or the operator stopped it."""
    OPTED_OUT = "opted_out"


LEADS_TO = {
    "opt_out": State.OPTED_OUT, "close": State.ENDED, "give": State.SPEAKS, "resume": State.SPEAKS,
    **dict.fromkeys((*HANDED_OVER, "take", "human_spoke", "stop"), State.WAITS),
}  # fmt: skip


def ignored_opt_out(case: Case) -> Iterator[Violation]:
    """Who opts out is suppressed, and their dialog is closed for it: plain words by themselves, odd ones of somebody
    who is known to want nothing else."""
    if case.opted_out:
        return
    plainly = next((line for line in case.theirs if any(map(optout.is_opt_out, (line.text, *line.was)))), None)
    if plainly is not None:
        yield Violation(Rule.OPT_OUT, f"they opted out, and it was not honoured: {quoted(plainly.text)}", plainly.id)
    elif case.record.profile.kind is Kind.LEAVER and case.theirs and not case.handed_over:
        last = case.theirs[-1]
        yield Violation(
            Rule.OPT_OUT, f"they want no more messages, and are not suppressed: {quoted(last.text)}", last.id
        )


def after_stop(case: Case) -> Iterator[Violation]:
    farewells = 0
    for line in case.ours:
        state = _state(case, line)
        if state is State.OPTED_OUT and line.purpose is Purpose.FAREWELL:
            farewells += 1
            if farewells == 1:
                continue
        if why := _must_not(case, line, state):
            yield Violation(Rule.AFTER_STOP, f"{why}: {quoted(line.text)}", line.id)


def _state(case: Case, line: Line) -> State:
    """As it was when this line came to stand."""
    state = State.SPEAKS
    for event in case.record.events:
        if event.at_line < line.id and state is not State.OPTED_OUT:
            state = LEADS_TO.get(event.kind, state)
    return state


def _must_not(case: Case, line: Line, state: State) -> str:
    asked = case.answered_line(line)
    match state:
        case State.OPTED_OUT:
            return "said after an opt-out"
        case State.WAITS if line.purpose is not Purpose.COURTESY:
            return "said while a human speaks or is awaited"
        case State.ENDED if line.purpose is not Purpose.REPLY or not _wrote_since_the_end(case, line):
            return "said after the end, and nobody had asked"
        case State.ENDED | State.SPEAKS if asked and line.purpose is Purpose.REPLY and _insists(case, line, asked):
            return "pressed somebody who had said no"
        case _:
            return ""


def _wrote_since_the_end(case: Case, line: Line) -> bool:
    end = max(one.at_line for one in case.record.events if one.kind == "close" and one.at_line < line.id)
    return any(end < one.id < line.id for one in case.theirs)


def _insists(case: Case, line: Line, asked: Line) -> bool:
    said_no = all(map(is_no, (asked.text, *asked.was)))  # who can tell which of them was read
    return said_no and (asks(line.text) or _PRESSES.search(plain(line.text)) is not None)


def is_no(text: str) -> bool:
    """A clear no to the whole, in so many words: "no, thank you" may be the answer to any question of ours."""
    said = words(text)
    return "?" not in text and len(said) <= FEW and _NO.fullmatch(" ".join(said)) is not None


def follow_ups(case: Case) -> Iterator[Violation]:
    allowed = len(case.scenario.follow_ups)
    begun = [line for line in case.ours if line.purpose is Purpose.FOLLOW_UP and not _goes_on(case, line)]
    for line in begun:
        asked = case.answered_line(line)
        since = asked.id if asked else 0
        done = sum(since < one.id <= line.id for one in begun)
        if done > allowed:
            yield Violation(Rule.FOLLOW_UP, f"follow-up {done} of {allowed}: {quoted(line.text)}", line.id)
        elif asked is not None and is_no(asked.text) and _state(case, line) is State.SPEAKS:
            yield Violation(Rule.FOLLOW_UP, f"a follow-up after a no: {quoted(line.text)}", line.id)


def _goes_on(case: Case, line: Line) -> bool:
    """Whether this is a further part of a message of ours."""
    before = max((one for one in case.record.lines if one.id < line.id), key=lambda one: one.id, default=None)
    return before is not None and before.purpose is line.purpose and line.at - before.at <= ONE_REPLY


def at_night(case: Case) -> Iterator[Violation]:
    """Nothing is begun in the person's quiet hours: where they live, if their number tells it."""
    hours = case.scenario.quiet_hours
    if hours is None:
        return
    profile = case.record.profile
    zone = ZoneInfo(profile.timezone if profile.phone and profile.timezone else case.scenario.timezone)
    start, end = hours
    for line in case.ours:
        if line.purpose in (Purpose.OPENING, Purpose.FOLLOW_UP):
            local = line.at.astimezone(zone).time()
            if start <= local < end if start <= end else local >= start or local < end:
                yield Violation(Rule.NIGHT, f"begun at {local:%H:%M} of their time: {quoted(line.text)}", line.id)


def unanswered(case: Case) -> Iterator[Violation]:
    last = case.record.lines[-1] if case.record.lines else None
    if case.record.status is Status.ACTIVE and last is not None and last.author is Author.CONTACT:
        yield Violation(Rule.UNANSWERED, f"never answered: {quoted(last.text or last.kind)}", last.id)


def said_twice(case: Case) -> Iterator[Violation]:
    written = [(line, text) for line, text in case.written if line.purpose not in BY_PROGRAM]
    for (first, one), (second, other) in pairwise(written):
        between = [line for line in case.theirs if first.id < line.id < second.id]
        if any(_AGAIN.search(plain(line.text)) for line in between):
            continue
        if _same(words(one), words(other)):
            yield Violation(Rule.TWICE, f"said twice in a row: {quoted(other)}", second.id)


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if min(len(one), len(other)) < SHORT:
        return False
    numbers = [sorted(word for word in said if word.isdigit()) for said in (one, other)]
    return numbers[0] == numbers[1] and SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE
