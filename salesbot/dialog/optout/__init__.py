"""``Do not write to me``, recognised without a model, in Russian and English.

An opt-out is for ever, so a false alarm loses a person for good; a miss costs one more polite line of the model.
The rules are therefore narrow:

- A word is reduced to its part in such a sentence (``words``), a clause to the sequence of these parts; what says
  nothing here is dropped, what is unknown stays and is in the way. A clause counts if it holds a whole opt-out
  (``grammar``: not write, cease messages, remove from list …) and nothing that narrows it: "do not write to me on
  Sundays", "do not write to my e-mail", "stop sending long texts" say how to write, not that nobody may.
- A bare "stop" counts only if the whole text says nothing else: "stop, and what does it cost?" is a conversation.
- A condition ("if we do not answer, do not write again"), an invitation beside it ("write here instead"), what others
  said and a joke take it back. A question does not: "Do not write to me. Where did you get my number?"
- "Delete my data" asks for erasure, which is a human's work (``questions``); "from your list" beside it is an opt-out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate, chain, groupby
from math import inf
from typing import NamedTuple

from salesbot.dialog.optout.grammar import AWAY, CEASE, CONTACT, GRAMMAR, LIST, ME, WRITE, compiled
from salesbot.dialog.optout.turns import SPELLED
from salesbot.dialog.optout.words import LEXICON
from salesbot.dialog.remembered import WORDS, remembered
from salesbot.dialog.speech import CYRILLIC, LATIN, Clause, in_cyrillic, plain, readings

BREATH = 60
"""Words after which a clause, or a sentence, is not read on: nobody says it in more."""
NARROWERS = {
    CONTACT: frozenset(("time", "now", "channel")),
    CEASE: frozenset(("time", "channel")),
    AWAY: frozenset(("time",)),
    LIST: frozenset[str](),
}


class Turn(NamedTuple):
    """A turn of phrase, and what it means; ``russian`` or ``english`` if it has letters of that language only."""

    written: re.Pattern[str]
    meant: str
    russian: bool
    english: bool

    @classmethod
    def of(cls, written: str, meant: str) -> Turn:
        russian = CYRILLIC.search(written) is not None
        english = re.search(r"(?<!\\)[a-z]{2}", written) is not None
        return cls(re.compile(written), meant, russian and not english, english and not russian)


TURNS = [Turn.of(written, meant) for written, meant in SPELLED.items()]
KEYWORD = re.compile(r"(?:STOP ?ALL|END|QUIT|UNSUBSCRIBE|OPT-?OUT)[.!]*")
"""What a short message service takes for an opt-out, in the capitals that it asks for."""
ORDER = re.compile(
    r"(?:(?:please|pls|plz|just|пожалуйста|просто),? )?(?:remove|пр[еи]кра(?:ти|щай)(?:те)?)"
    r"(?:,? (?:please|pls|plz|пожалуйста))?[ .!]*"
)
"""Orders that are enough where nothing else is said; with a question mark or a smile they are none."""
TAKEN_BACK = compiled("(?:not|didnt) ~ (?:(?:want|need|able|ask|call) ~)* $")
"""Before an opt-out: "do not stop writing"."""
STATEMENT = compiled(f"(?:not ~ (?:{WRITE}|send|call|converse|writing|bother|you_write|written|back_again)|cease|stop)")
"""No order, after "I"."""
REPORTED = compiled("third (?:~|x|pre|that|starter|to_write)* say|you (?:~|pre)* (?:say|ask)")
INVITATION = compiled(
    f"(?:write|back|send|call ~ {ME}|^ (?:starter|except)* call ~ $"
    f"|(?:text|reach|call) ~ (?:{ME}|channel|except|time)|(?:except|but) ~ (?:text|reach|call))"
    "(?! (?:with|from|me)* (?:others|x except not))"
)
REFUSAL = frozenset(
    "not nor no nobody didnt cease stop enough forbid ask again that third against more ever i if without".split()
)
"""After one of those an invitation is none."""
SPARED = compiled(f"(?:write|send|text|reach) (?:x|others)* (?:except|but)* ~ not ~ {ME} $")
"""Write to whom you like, only not to me."""
TEXTING = "(?:text|reach|write|writing|you_write|messages|mailing|(?:receive|get) ~ (?:from ~ you|more ~ this))"
THEN = "(?:block|punish)"
THREAT = compiled(
    f"(?:again|more|ever|if) .* {TEXTING} .* {THEN} | {TEXTING} .* (?:again|more|ever) .* {THEN}"
    f"| {THEN} .* if .* {TEXTING} | if .* {THEN} .* (?:stop|cease|not)"
    f"| if ~ (?:not|didnt) ~ (?:cease|stop|go_off) .* {THEN} | {THEN} .* if ~ (?:not|didnt) ~ (?:cease|stop|go_off)"
    f"| ^ ~ (?:again|more) ~ (?:pre ~)? starter ~ (?:i ~)? {THEN} ~ $"
    f"| ^ ~ (?:keep|resume) ~ {TEXTING} ~ starter .* {THEN}"
    f"| ^ ~ more ~ this ~ starter .* {THEN}"
    f"| ^ resume ~ starter .* {THEN}"
)
ABOUT_YOURS = compiled("(?:topic (?:your|by_your|this|x|stuff|messages|sender|contact|starter)+ )$")
"""Bothered with whatever you have: who complains of being written to does not mean another subject."""
GOES_ON = frozenset("time topic able if wait".split())
"""Behind a clause like ``go away`` one with these, or a question, is talk: it was banter, or a number is not needed."""
SORE = frozenset(
    """
    not nor no nobody didnt cease stop enough forbid again third against more ever i without why you your contact reach
    you_write messages mailing writing to_write write text punish block annoyed want need
    """.split()
)
"""Unless one of these shows that it is the same complaint still."""
CLOSERS = compiled(
    "(?:you x $|(?:from|with)* (?:me|to_me|you|more|ever|sender|pre|last|away|say|contact|reach|existence|inbox|this"
    "|your ~ sender|you keep|you need))* (?:(?:from|with) $)?"
)
"""What may follow an opt-out within its clause."""
NEW_CLAUSE = frozenset(
    """
    starter i you no not nor stop cease leave go_off go unsubscribe remove sign_off ask block punish need wanted want
    able why forbid messages mailing against by_your now
    """.split()
)
"""With what people begin another thought without a comma."""
NAMING = frozenset("receive me to_me contact reach this ask want without existence against".split())
"""Beside one of those an opt-out needs no clause of its own."""
BARE = frozenset(
    """
    stop cease end enough annoyed sign_off me to_me you i sender this that more ever now away with pre but starter
    no nor say able want ask need messages mailing
    """.split()
)
"""All that may stand beside a stop that says nothing else."""
REFUSALS = frozenset("not no need want wanted".split())
BARELY = frozenset("stop cease enough sign_off switch remove not do this more ever pre starter now".split())
COMPLAINT = frozenset("messages mailing punish you_write to_write writing".split())
DECLINED = compiled("(?:not|no) ~ (?:wanted|pre|need|want)|no ~ pre")


@dataclass(frozen=True, slots=True)
class Said:
    """A clause as the parts that its words play."""

    parts: tuple[str, ...]
    asks: bool
    sentence: int

    @property
    def text(self) -> str:
        return "".join(f"{part} " for part in self.parts)

    def barely(self, *parts: str) -> bool:
        """Whether this says one of these and no more."""
        return not set(parts).isdisjoint(self.parts) and BARELY.issuperset(self.parts)


@remembered(100)
def is_opt_out(text: str) -> bool:
    """Whether this message says, for ever and in plain words, that nobody may write to its author."""
    if KEYWORD.fullmatch(text.strip()):
        return True
    shown = plain(text)
    if ORDER.fullmatch(shown.strip()):
        return True
    best = _best_reading(_in_plainer_words(shown))
    return _says_it([clause for clause in best if clause.parts and clause.parts != ("if",)])


def _in_plainer_words(shown: str) -> str:
    """With turns of phrase brought to what they mean; those of a language whose letters are not there are left out."""
    latin, cyrillic = LATIN.search(shown), CYRILLIC.search(shown)
    for turn in TURNS:
        if (cyrillic or not turn.russian) and (latin or not turn.english) and turn.written.search(shown):
            shown = turn.written.sub(turn.meant, shown)
            latin, cyrillic = LATIN.search(shown), CYRILLIC.search(shown)
    return shown


def _best_reading(shown: str) -> list[Said]:
    """The reading with the fewest unknown words; the first of those."""
    best, unknown = [], inf
    for reading in readings(shown):
        said, strange = [], 0
        for clause in reading:
            said.append(_understood(clause))
            strange += said[-1].parts.count("x")
            if strange >= unknown:
                break
        else:
            best, unknown = said, strange
        if not unknown:
            break
    return best


def _understood(clause: Clause) -> Said:
    parts = chain.from_iterable(_parts(word) for word in clause.words)
    return Said(tuple(part for part in parts if part != "fill")[:BREATH], clause.asks, clause.sentence)


@remembered(WORDS)
def _parts(word: str) -> tuple[str, ...]:
    return LEXICON.of(word) or (next(filter(None, map(LEXICON.exactly, in_cyrillic(word))), "x"),)


def _says_it(said: Sequence[Said]) -> bool:
    sentences = [list(group) for _, group in groupby(said, lambda clause: clause.sentence)]
    wholes = [_joined(sentence) for sentence in sentences]
    if _is_bare_stop(said) or any(SPARED.search(one.text) or _threatens(one) for one in wholes):
        return True
    everything = {part for clause in said for part in clause.parts}
    if "joke" in everything or any(_invites(clause) for clause in said):
        return False
    starts = accumulate(map(len, sentences), initial=0)
    return _complains(said, everything) or any(
        _is_said_in(sentence, whole, said[start:])
        for sentence, whole, start in zip(sentences, wholes, starts, strict=False)
    )


def _is_said_in(sentence: Sequence[Said], whole: Said, following: Sequence[Said]) -> bool:
    """Whether a clause of this sentence is an opt-out, and no other takes it back: of it, or of those that follow."""
    if "if" in whole.parts:
        return False
    for place, clause in enumerate(sentence):
        if any("except" in later.parts for later in sentence[place + 1 :]):
            continue
        before = sentence[place - 1].text if place else ""
        if REPORTED.search(before) and "i" not in before.split():
            continue
        if _is_opt_out(clause, _talks_on(following[place + 1 :])):
            return True
        if place == 0 and len(sentence) > 1 and _is_opt_out(whole, _talks_on(following[1:])):
            return True
    return False


def _talks_on(following: Iterable[Said]) -> bool:
    return any((one.asks or not GOES_ON.isdisjoint(one.parts)) and SORE.isdisjoint(one.parts) for one in following)


def _joined(sentence: Iterable[Said]) -> Said:
    clauses = list(sentence)
    parts = tuple(chain.from_iterable(one.parts for one in clauses))
    return Said(parts[:BREATH], clauses[-1].asks, clauses[-1].sentence)


def _is_bare_stop(said: Sequence[Said]) -> bool:
    """The whole text says stop and nothing else, or that it is not wanted; or stop is its last word."""
    everything = [part for clause in said for part in clause.parts]
    asks = any(clause.asks for clause in said)
    stops = [clause for clause in said if clause.barely("stop") and "not" not in clause.parts]
    if len(said) > 1 and said[-1] in stops and not said[-1].asks and "wait" not in everything:
        return True
    if stops and not asks and (BARE | REFUSALS).issuperset(everything):
        return True
    if not BARE.issuperset(everything) or (asks and "you" not in everything):
        return False
    ceases = sum(part in ("cease", "enough", "annoyed") for part in everything)
    meant = "cease" in everything and not {"this", "now", "ever", "able"}.isdisjoint(everything)
    return "stop" in everything or ceases > 1 or meant


def _complains(said: Sequence[Said], everything: Set[str]) -> bool:
    """A clause says no more than stop, and another what is wrong."""
    asks = any(clause.asks for clause in said)
    removes = any("remove" in clause.parts and BARELY | {"third"} >= set(clause.parts) for clause in said)
    if removes and everything & {"contact", "reach", "list", "mailing"}:
        return True
    undone = any(clause.barely("do") and "not" in clause.parts for clause in said)
    if undone and everything & (COMPLAINT | {"write", "disturb", "bother"}):
        return True
    if not asks and {"messages", "punish"} <= everything <= BARE | {"punish", "block"}:
        return True
    if everything & COMPLAINT or {"wrong", "contact"} <= everything or {"you", "annoyed"} <= everything:
        told = [clause for clause in said if not clause.asks]
        return any(
            clause.barely("stop", "cease", "enough", "sign_off", "switch")
            or {"not", "need", "more"} == set(clause.parts)
            for clause in told
        )
    if asks:
        return False
    return any(clause.barely("sign_off") for clause in said) and any(DECLINED.search(one.text) for one in said)


def _threatens(sentence: Said) -> bool:
    return not sentence.asks and THREAT.search(sentence.text) is not None


def _invites(clause: Said) -> bool:
    match = INVITATION.search(clause.text)
    return match is not None and REFUSAL.isdisjoint(clause.text[: match.start()].split())


def _is_opt_out(clause: Said, talks_on: bool) -> bool:
    text = clause.text
    narrowing = set(text.rpartition("say ")[2].split())
    return any(
        _holds(
            text[: match.start()],
            match[0],
            _behind(clause, match, complaint=family == CEASE and not talks_on),
            family,
            talks_on=talks_on,
        )
        for family, patterns in GRAMMAR.items()
        if NARROWERS[family].isdisjoint(narrowing)
        for match in patterns.matches(text)
    )


def _behind(clause: Said, match: re.Match[str], *, complaint: bool) -> str:
    """What follows an opt-out in its clause; of an order to cease without what the complaint is about."""
    after = clause.text[match.end() :]
    if not complaint or clause.asks or {"me", "to_me"}.isdisjoint((match[0] + after).split()):
        return after
    return ABOUT_YOURS.sub("", after)


def _holds(before: str, match: str, after: str, family: str, *, talks_on: bool) -> bool:
    """Whether what stands around an opt-out in its clause, or behind that, leaves it one."""
    if talks_on and (family == AWAY or match.startswith("forget ")):
        return False
    if family in (CONTACT, CEASE) and ("topic" in match + after or "why" in before.rpartition("but ")[2]):
        return False
    closed = CLOSERS.match(after)
    end = closed.end() if closed else 0
    named = family == AWAY or not NAMING.isdisjoint((match + after[:end]).split())
    ends = _may_end(after[end:].split(), family) or (family == LIST and _may_end(after.split(), family))
    return ends and _may_follow(before.split(), before, match, family, named=named)


def _may_follow(words: Sequence[str], before: str, match: str, family: str, *, named: bool) -> bool:
    """Nothing before it turns it: no subject, no "do not", nobody else's words; and it is a thought of its own."""
    if (TAKEN_BACK.search(before) and "why" not in words) or (REPORTED.search(before) and "i" not in words):
        return False
    told = {"i", "say"}.issubset(words)
    if words and ((words[-1] == "third" and not told) or (words[-1] == "i" and STATEMENT.match(match))):
        return False
    if named or "not" in words or "no" in words or (family == LIST and not {"able", "that", "ask"}.isdisjoint(words)):
        return True
    begun = max((at + 1 for at, part in enumerate(words) if part in ("starter", "but")), default=0)
    return {"x", "topic"}.isdisjoint(words[begun:])


def _may_end(words: Sequence[str], family: str) -> bool:
    """Nothing after it narrows it: no object, no place, no manner."""
    if (
        not words
        or words[0] in NEW_CLAUSE
        or tuple(words[:2]) in {("with", "your"), ("with", "by_your"), ("but", "pre")}
    ):
        return True
    return (family == CEASE and words[0] == "your" and len(words) <= 2) or (family == LIST and words[0] == "that")
