"""``Do not write to me``, recognised without a model, in Russian and English.

An opt-out is for ever, so a false alarm loses a person for good; a miss costs one more polite line of the model.
The rules are therefore narrow:

- A word is reduced to its part in such a sentence (``optout_words``), a clause to the sequence of these parts; what
  says nothing here is dropped, what is unknown stays and is in the way. A clause counts if it holds a whole opt-out
  (not write, cease messages, remove from list …) and nothing that narrows it: "do not write to me on Sundays", "do not
  write to my e-mail", "stop sending long texts" say how to write, not that nobody may.
- A bare "stop" counts only if the whole text says nothing else: "stop, and what does it cost?" is a conversation.
- A condition ("if we do not answer, do not write again"), an invitation beside it ("write here instead"), what others
  said and a joke take it back. A question does not: "Do not write to me. Where did you get my number?"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import chain, groupby

from salesbot.dialog.optout_words import LEXICON
from salesbot.dialog.speech import Clause, plain, readings

SPELLED = {
    r"(?<!tell )(?<!told )(?<!asked )(?<!ask )\b(you|u) (dont|don't|do not|never) (?=\w)": "you didnt ",
    r"\b(do|must|shall|should|may|need) not\b": "dont",
    r"\b(does|did|will|can|could|would) not\b": "didnt",
    r"\bno longer\b": "not more",
    r"\b(one|1) (more|last) time\b": "again",
    r"\bget(ting)? rid of\b": "remove",
    r"\bgo to hell\b": "go away",
    r"\bcome back\b": "comeback",
    r"\b(what|which) part of\b": "i say",
    r"\bбы (\w+ )?(сказал|ответил|написал)\w*\b": "если",
    r"\bне (могли бы|мог бы|можете ли|могли)\b": "можете",
    r"\b(contact|phone) (info|details)\b": "contact",
    r"\bfor (good|ever|life)\b": "forever",
    r"\bleave (me|us) be\b|\blet (me|us) (alone\b|be(?= *(please|pls|[.,!?;]|$)))": "leave me alone",
    r"\bopt(ing|ed)?[ -]((me|us|(my|this) number) )?out\b": "unsubscribe",
    r"\bun[ -]sub": "unsub",
    r"\bdo[ -]not[ -](call|contact|disturb|text|message)[ -](list|register)\b": "blacklist",
    r"\b(knock (it|this) off|cut (it|this) out|give it a rest|pack it in)\b": "cease",
    r"\bfollow(ing)?[ -]up\b|\b(get|be|getting) in touch\b|\bhit me up\b": "text",
    r"\b(i'd|i would|we'd|we would) (appreciate|be grateful)( it)? if you\b": "ask you",
    r"\b(буду|будем) (очень )?(благодар\w+|признател\w+),? если (вы )?": "прошу ",
    r"\bчерн\w+ спис\w+": "чс",
    r"\bстоп[ -](лист|спис)\w+": "чс",
    r",?\s*\bесли (вас |вам |тебе )?(можно|не (сложно|трудно|затруднит))\b": " ",
    r",?\s*\bif (possible|you can|you could|i may|you please|you don'?t mind|it's possible)\b(?!')": " ",
    r"\bjust kidding\b": "joke",
    r",\s*(?=(чтобы?|что)\b)": " ",
    r"\b(сто|тысячу|миллион|сколько|много|\d+) раз\b|\bhow many times\b|\bat once\b": "раз",
}
"""Several words that are one here, and conditions that are none."""


@dataclass(frozen=True, slots=True)
class Said:
    """A clause as the parts that its words play."""

    parts: tuple[str, ...]
    asks: bool
    sentence: int

    @property
    def text(self) -> str:
        return "".join(f"{part} " for part in self.parts)


CONTACT, CEASE, LIST, AWAY = "contact", "cease", "list", "away"
"""How an opt-out asks: what narrows one of them (a time, a channel) means nothing beside another."""
ME = "(?:me|to_me)"
WRITE = "(?:write|text)"
NOT = "(?:not|nor)"
MESSAGES = "(?:messages|stuff|text|word)"
CALLS = "(?:call ~ (?:starter|not|nor) ~ (?:not|nor)? ~)?"
LISTS = "(?:contact ~|text ~|call ~)? (?:list|messages|stuff|text|inbox)"
OUT_OF = f"~ (?:from|with) ~ {LISTS}"
PATTERNS = {
    CONTACT: (
        f"{NOT} ~ {CALLS} {WRITE}",
        f"{NOT} ~ {CALLS} bother ~ {ME}",
        f"{ME} ~ not ~ bother",
        "^ (?:more|ever)* not ~ you_write",
        f"not ~ converse ~ (?:with ~)? {ME}",
        f"not ~ (?:need|able) ~ {CALLS} (?:to_write|text|bother ~ {ME})",
        f"(?:ask|able|want|except|say) ~ not ~ {CALLS} (?:to_write|text|written|writing|bother ~ me)",
        f"^ ~ not ~ {CALLS} to_write",
        f"not ~ writing ~ {ME}",
        "not ~ (?:text|bother) ~ writing",
        "to_write ~ (?:not ~ (?:need|able)|forbid)",
        "forbid ~ (?:to_write|text|contact)",
        "against ~ (?:that ~)? (?:messages|wrote|to_write|written|text)",
        "(?:not|no) ~ (?:want|consent|need) ~ (?:that ~)? (?:receive ~)? (?:messages|wrote|written)",
        "not ~ want ~ (?:receive ~ (?:stuff|text)|text ~ from ~ you)",
        "(?:not|no) ~ want ~ (?:receive|converse) ~ (?:from|with) ~ (?:you|your)",
        "not ~ want ~ you ~ (?:receive|converse|text|writing)",
        "(?:except|want|ask) ~ didnt ~ (?:text|write|send)",
        f"not ~ need ~ bother ~ {ME}",
        "^ ~ not ~ messages ~ to_me",
        "annoyed ~ (?:to_write|messages)",
        "(?:want|ask|except) ~ (?:not|ever) ~ (?:receive|converse) ~ (?:you|messages|this|text)",
        "(?:messages|you) ~ (?:receive ~)? not ~ want",
        "receive ~ (?:you|messages) ~ not ~ want",
        f"that ~ (?:i ~)? {NOT} ~ (?:i ~)? (?:wrote|text|saw)",
        "not ~ want ~ more ~ from ~ this",
        f"{NOT} ~ send ~ {MESSAGES}",
        f"not ~ send ~ {ME} ~ (?:more|ever)",
        f"not ~ (?:{ME} ~ (?:more|ever)|(?:more|ever) ~ {ME}) ~ send",
        f"(?:more|ever) ~ not ~ send ~ {ME}?",
        f"ask ~ (?:{MESSAGES} ~)? not ~ send",
        f"stuff ~ (?:{ME}|more) ~ not ~ send",
        f"more ~ stuff ~ (?:{ME} ~)? not ~ send",
        "(?:no|nor) ~ (?:messages|stuff|text|word|writing) (?! ~ (?:x|not|didnt))",
        f"not ~ more ~ {MESSAGES}",
        f"more ~ (?:not|nor|no) ~ {MESSAGES}",
        "(?:not|nor|no) ~ (?:word|messages) ~ (?:more|ever|from ~ you) (?! ~ (?:x|not|didnt))",
        "messages ~ not ~ (?:wanted|need)",
        "not ~ (?:wanted|need) ~ messages",
        "keep ~ (?:messages|text|stuff) ~ away",
        "^ .* contact .* not ~ use ~ this",
        "(?:not|cease|stop) ~ use ~ contact",
        "^ .* contact .* this ~ not ~ write",
        "refuse ~ (?:from ~)? (?:receive ~)? messages",
    ),
    CEASE: (
        f"(?:cease|stop|enough) ~ (?:need ~)?(?:to_write|writing|text|messages|bother ~ me ~ (?:stuff)?|send ~ {MESSAGES}|send|sold ~ (?:stuff ~)? me)",
        "(?:cease|stop) ~ stuff",
        "^ (?:stop|cease) ~ (?:starter|i) .* (?:punish|block)",
        f"(?:cease|stop|enough) ~ {ME} ~ converse|(?:cease|stop|enough) ~ converse ~ {ME}",
        "(?:make|want|need) ~ (?:this|messages) ~ (?:need ~)? stop",
        "(?:this|messages) ~ need ~ stop",
        "turn ~ (?:messages ~ away|away ~ messages)",
        "^ (?:pre|ever|you|didnt|able|need|more)* (?:i (?:pre|need|ever|x)*)? say ~ stop",
        "(?:^|starter) ~ no ~ more (?:~ from ~ this)?",
    ),
    LIST: (
        f"unsubscribe (?:~ contact|{OUT_OF})?",
        f"sign_off ~ (?:from ~)? (?:me|contact) (?:{OUT_OF})?",
        "me ~ sign_off",
        f"sign_off (?:{OUT_OF}|~ (?:messages|subscription))",
        f"remove ~ (?:me|contact|text) (?:{OUT_OF}|~ away ~ {LISTS})?",
        f"receive ~ (?:me|contact|text) (?:{OUT_OF}|~ away ~ {LISTS})",  # hearing and seeing alone end nothing
        f"(?:me|contact) (?:{OUT_OF})? ~ remove (?:{OUT_OF})?",
        "remove (?:~ away)? ~ (?:from ~)? (?:messages|subscription)",
        f"remove ~ (?:from|with) ~ your ~ {LISTS}",
        f"remove (?:~ away)? ~ your ~ {LISTS}",
        "^ .* contact .* your ~ list .* remove ~ this",
        f"forget ~ (?:topic ~)? (?:starter ~)? (?:you ~)? (?:{ME}|contact|i ~ existence)",
        "forget ~ (?:topic ~)? (?:to_me ~)? existence",
        f"(?:want|receive) ~ (?:from|away) ~ {LISTS}",
        "add ~ (?:me ~|contact ~|text ~)? (?:from ~)? (?:blacklist (?:list)?|not ~ (?:call|text) ~ list)",
        "withdraw ~ consent .* $",
        "^ ~ (?:i ~)? (?:able ~)? block ~ (?:you|contact)? ~ $",
        "^ ~ blacklist ~ (?:me ~)? $",
        f"(?:able|want|ask) ~ (?:i ~)? removed {OUT_OF}",
        "leave ~ me ~ from ~ (?:list|messages|this)",
    ),
    AWAY: (
        "leave ~ (?:contact ~|inbox ~)? peace",
        "go_off",
        "not ~ back_again",
        "(?:go|receive) ~ away",
        f"(?:go|receive|keep) ~ (?:from|away) ~ (?:{ME}|inbox|contact)",
    ),
}
BETWEEN = "(?:(?:me|to_me|you|your|by_your|more|ever|again|with|from|this|sender) )*"
"""What may stand between the parts of an opt-out without changing it."""


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of parts as one of texts in which every part ends with a space."""
    words = re.sub(r"[a-z_]+", lambda part: f"{part[0]}§", pattern)
    return re.compile(rf"(?<!\S)(?:{words.replace(' ', '').replace('§', ' ')})".replace("~", BETWEEN))


GRAMMAR = {family: [_compiled(pattern) for pattern in patterns] for family, patterns in PATTERNS.items()}
NARROWER = {
    CONTACT: {"time", "now", "channel", "why"},
    CEASE: {"time", "channel"},
    AWAY: {"time"},
    LIST: set[str](),
}
TAKEN_BACK = _compiled("(?:not|didnt) ~ (?:(?:want|need|able|ask|call) ~)* $")
"""Before an opt-out: "do not stop writing"."""
STATEMENT = _compiled(f"(?:not ~ (?:{WRITE}|send|call|converse|writing|bother|you_write)|cease|stop)")
"""No order, after "I"."""
REPORTED = _compiled("third (?:~|x|pre|that|starter|to_write)* say|you (?:~|pre)* (?:say|ask)")
INVITATION = _compiled(
    f"(?:write|back|send|call ~ {ME}|^ (?:starter|except)* call ~ $|(?:text|call) ~ (?:{ME}|channel|except|time)|(?:except|but) ~ (?:text|call))"
    "(?! (?:with|from|me)* (?:others|x except not))"
)
REFUSAL = frozenset(
    """
    enough
    not nor no didnt cease stop forbid ask again that third against more ever i if
    """.split()
)
TEXTING = "(?:text|write|writing|you_write|messages)"
SPARED = _compiled(f"(?:write|send|text) (?:x )* (?:except|but) ~ not ~ {ME} $")
"""Write to whom you like, only not to me."""
THREAT = _compiled(
    f"(?:again|more|ever|if) .* {TEXTING} .* (?:block|punish)|(?:block|punish) .* if .* {TEXTING}"
    f"|{TEXTING} .* (?:again|more|ever) .* (?:block|punish)"
)
CLOSERS = _compiled(
    "(?:you x $|(?:from|with)* (?:me|to_me|you|more|ever|sender|pre|away|say|contact|existence|inbox|this|your ~ sender))*"
    "(?:(?:from|with) $)?"
)
"""What may follow an opt-out within its clause."""
NEW_CLAUSE = frozenset(
    """
    
    starter i no not nor stop cease leave go_off go unsubscribe remove sign_off ask block punish need wanted
    want able why forbid messages you against by_your
    """.split()
)
BARE = frozenset(
    """
    but
    enough annoyed able want ask need sign_off that
    stop me to_me you more ever pre cease sender i messages no starter this say away now
    """.split()
)
BARELY = frozenset("stop cease enough sign_off remove not do this more ever pre starter now".split())
REFUSED = _compiled("(?:not|no) ~ (?:wanted|pre|need|want)|no ~ pre")
COMPLAINT = frozenset("messages punish you_write writing".split())


def is_opt_out(text: str) -> bool:
    """Whether this message says, for ever and in plain words, that nobody may write to its author."""
    return any(_ends_it([_understood(clause) for clause in reading]) for reading in readings(_spelled(text)))


def _spelled(text: str) -> str:
    shown = plain(text)
    for written, meant in SPELLED.items():
        shown = re.sub(written, meant, shown)
    return shown


def _understood(clause: Clause) -> Said:
    parts = chain.from_iterable(LEXICON.of(word) or ("x",) for word in clause.words)
    return Said(tuple(part for part in parts if part != "fill"), clause.asks, clause.sentence)


def _ends_it(text: Sequence[Said]) -> bool:
    said = [clause for clause in text if clause.parts and clause.parts != ("if",)]
    everything = [part for clause in said for part in clause.parts]
    asks = any(clause.asks for clause in said)
    if _is_bare_stop(everything, asks):
        return True
    sentences = [_joined(group) for _, group in groupby(said, lambda clause: clause.sentence)]
    if any(SPARED.search(one.text) or (THREAT.search(one.text) and not one.asks) for one in sentences):
        return True
    if "joke" in everything or any(_invites(clause) for clause in said):
        return False
    if _complains(said, set(everything), asks):
        return True
    for place, clause in enumerate(said):
        whole = next(one for one in sentences if one.sentence == clause.sentence)
        if "if" not in whole.parts and (_is_opt_out(clause) or _is_opt_out(whole)):
            before = said[place - 1].text if place and said[place - 1].sentence == clause.sentence else ""
            if not REPORTED.search(before) or "i" in before.split():
                return True
    return False


def _joined(clauses: Iterable[Said]) -> Said:
    group = list(clauses)
    return Said(tuple(chain.from_iterable(one.parts for one in group)), group[-1].asks, group[-1].sentence)


def _is_bare_stop(everything: Sequence[str], asks: bool) -> bool:
    """The whole text says stop, and nothing else."""
    if not BARE.issuperset(everything) or (asks and "you" not in everything):
        return False
    ceases = everything.count("cease") + everything.count("enough")
    return "stop" in everything or ceases > 1 or {"cease", "this"}.issubset(everything)


def _complains(said: Sequence[Said], everything: Set[str], asks: bool) -> bool:
    """A clause says no more than stop, and another what is wrong."""
    bare = [set(clause.parts) for clause in said if BARELY.issuperset(clause.parts)]
    if any("remove" in parts for parts in bare) and everything & {"contact", "list", "messages"}:
        return True
    if {"not", "do"} <= everything and "write" in everything and any({"not", "do"} <= parts for parts in bare):
        return True
    if asks or not (everything & COMPLAINT or {"wrong", "contact"} <= everything):
        refused = "sign_off" in everything and REFUSED.search("".join(clause.text for clause in said))
        return bool(refused) and not asks and any("sign_off" in parts for parts in bare)
    return any(parts & {"stop", "cease", "enough", "sign_off"} or {"not", "do"} <= parts for parts in bare)


def _is_opt_out(clause: Said) -> bool:
    for family, patterns in GRAMMAR.items():
        if not NARROWER[family].isdisjoint(clause.parts):
            continue
        for pattern in patterns:
            for match in pattern.finditer(clause.text):
                if _holds(clause.text[: match.start()], match[0], clause.text[match.end() :], family):
                    return True
    return False


def _holds(before: str, match: str, after: str, family: str) -> bool:
    """Whether what stands around an opt-out in its clause leaves it one."""
    if family in (CONTACT, CEASE) and "topic" in match + after:
        return False
    closed = CLOSERS.match(after)
    end = closed.end() if closed else 0
    named = not {"me", "to_me", "contact", "this", "ask", "want"}.isdisjoint((match + after[:end]).split())
    return _may_follow(before.split(), before, match, named or family == AWAY) and _may_end(
        after[end:].split(), match, family
    )


def _may_follow(words: Sequence[str], before: str, match: str, named: bool) -> bool:
    if (TAKEN_BACK.search(before) and "why" not in words) or (REPORTED.search(before) and "i" not in words):
        return False
    if words and words[-1] in ("i", "third") and (words[-1] == "third" or STATEMENT.match(match)):
        return False
    since = len(words) - 1 - words[::-1].index("starter") if "starter" in words else 0
    return named or {"x", "topic"}.isdisjoint(words[since:]) or "not" in words or "no" in words


def _may_end(words: Sequence[str], match: str, family: str) -> bool:
    """Nothing narrows it: no object, no place, no manner. What is said for ever needs no more words."""
    if (
        not words
        or words[0] in NEW_CLAUSE
        or words[0] == "now"
        or words[:2] in (["with", "your"], ["with", "by_your"], ["but", "pre"])
    ):
        return True
    return family == CEASE and words[0] == "your" and len(words) <= 2


def _invites(clause: Said) -> bool:
    match = INVITATION.search(clause.text)
    return match is not None and not REFUSAL & set(clause.text[: match.start()].split())
