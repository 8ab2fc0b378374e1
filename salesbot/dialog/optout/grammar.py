"""The sentences by which people say that nobody may write to them, as sequences of the parts that words play in them.

A pattern is a regular expression over the names of ``words.MEANINGS``, with spaces for the eye; ``~`` stands for what
may come between two parts without changing what they mean, ``x`` for a word of no known meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

CONTACT, CEASE, LIST, AWAY = "contact", "cease", "list", "away"
"""How an opt-out asks: what narrows one of them (a time, a channel) means nothing beside another."""
M = "(?:messages|mailing)"
T = "(?:text|reach)"
C = "(?:contact|reach)"
ME = "(?:me|to_me)"
MINE = f"(?:me|to_me|{C}|inbox|more|ever)"
WRITE = "(?:write|disturb|text|reach)"
NOT = "(?:not|nor)"
MESSAGES = f"(?:{M}|stuff|{T}|word)"
CALLS = "(?:call ~ (?:starter|not|nor) ~ (?:not|nor)? ~)?"
LISTS = f"(?:your ~)? (?:{C} ~|call ~|{M} ~)? (?:list|sheet|{M}|stuff|{T}|inbox|your ~ {C})"
OUT_OF = f"~ (?:from|with) ~ {LISTS}"
PATTERNS = {
    CONTACT: (
        f"{NOT} ~ {CALLS} {WRITE}",
        f"{NOT} ~ {CALLS} bother ~ {MINE}",
        f"{ME} ~ not ~ bother",
        "(?:more|ever) ~ not ~ bother",
        f"that .* {ME} .* not ~ say",
        "^ that ~ not ~ say $",
        f"not ~ to_write ~ {ME} ~ $",
        f"(?:{C}|inbox) ~ (?:(?:more|ever) ~ not ~ to_write|not ~ to_write ~ (?:more|ever))",
        f"stuff ~ {ME} ~ not ~ (?:to_write|write)",
        f"{ME} ~ stuff ~ not ~ (?:send|to_write|write)",
        f"{ME} ~ not ~ need ~ stuff ~ (?:send|to_write)",
        "third ~ (?:not|didnt) ~ want (?=.*(?:you|your))"
        f"(?:.* (?:receive|get) .* {M}|.* (?:writing|written)) (?:third)?",
        "not ~ want ~ stuff ~ from ~ you ~ (?:receive|get)",
        f"{C} ~ not ~ use ~ $",
        "no ~ want ~ with ~ you ~ converse",
        "to_me ~ not ~ wanted ~ your ~ stuff ~ ever ~ $",
        "more ~ to_me ~ stuff ~ not ~ need ~ from ~ you ~ $",
        f"forbid ~ to_write ~ with ~ {M} ~ $",
        f"{ME} ~ (?:more ~)? stuff ~ not ~ need ~ (?:send|to_write)",
        f"{ME} ~ not ~ send $",
        f"unwanted ~ (?:{M}|{T}) $",
        "^ (?:more|ever)* not ~ you_write",
        f"not ~ converse ~ (?:with ~)? {ME}",
        f"not ~ (?:need|able) ~ {CALLS} (?:to_write|{T}|bother ~ {MINE})",
        f"(?:ask|able|want|except|say) ~ not ~ {CALLS} (?:to_write|{T}|written|writing|bother ~ {MINE})",
        f"^ ~ (?:stop ~)? not ~ {CALLS} to_write",
        f"not ~ (?:want ~)? writing ~ {ME}",
        f"not ~ (?:{T}|bother) ~ writing",
        "to_write ~ (?:not ~ (?:need|able)|forbid)",
        f"forbid ~ (?:to_write|{T}|{C})",
        f"against ~ (?:that ~|x ~|x ~ x ~)? (?:{M}|wrote|to_write|written|{T})",
        f"(?:not|no) ~ (?:want|consent|need) ~ (?:that ~)? (?:receive ~|get ~)? (?:{M}|wrote|written)",
        f"not ~ want ~ (?:(?:receive|get) ~ (?:stuff|{T})|{T} ~ from ~ you)",
        "(?:not|no) ~ want ~ (?:receive|get|converse) ~ (?:from|with) ~ (?:you|your)",
        f"not ~ want ~ you ~ (?:receive|converse|{T}|writing)",
        f"(?:except|want|ask) ~ didnt ~ (?:{T}|write|send|written)",
        f"not ~ need ~ bother ~ {MINE}",
        f"^ ~ not ~ {M} ~ {ME}",
        f"(?:that|able) ~ this ~ last ~ (?:{M}|{T})",
        f"not ~ (?:receive|get) ~ (?:more|ever) ~ {M}",
        "want ~ stuff ~ with ~ (?:you|your)",
        "^ ~ stuff ~ from ~ you ~ $",
        "bother .* others",
        f"(?:cease|stop|no|end) ~ {C} ~ with ~ {ME}",
        f"{M} ~ (?:{ME}|{C}) ~ not ~ send",
        f"{C} ~ stuff ~ not ~ send",
        f"nobody ~ want ~ {M}",
        f"not ~ bother ~ {ME} ~ with ~ x ~ (?:more|ever)",
        f"no ~ need ~ {T} ~ (?:more|ever)",
        "not ~ (?:want ~ you|wanted) ~ inbox",
        f"not ~ need ~ no ~ {M}",
        "this ~ need ~ your ~ last ~ text ~ me",
        f"nobody ~ need ~ (?:{T}|write) ~ (?:{ME}|{C})",
        f"writing ~ {ME} ~ forbid",
        f"consent ~ {M} ~ not ~ $",
        f"^ your ~ {M} ~ annoyed",
        "(?:more|ever) ~ not ~ need ~ stuff ~ send",
        f"^ ~ me ~ didnt ~ want ~ (?:written|receive ~ {M}|{M})",
        f"not ~ need ~ (?:writing|written) ~ {ME}",
        f"^ ~ this ~ {C} ~ not ~ {M} $",
        f"not ~ (?:consent|want|accept) ~ {M}",
        "not ~ want ~ converse ~ you ~ $",
        f"{C} ~ (?:ask|need) ~ not ~ use ~ $",
        "not ~ come ~ (?:x )?(?:inbox|me)",
        "(?:more|ever) ~ (?:stuff ~)? not ~ offer ~ (?:stuff)? $",
        "stuff ~ not ~ offer ~ $",
        "not ~ offer ~ (?:me|to_me|more|ever) ~ stuff",
        f"able ~ rid ~ {M}",
        f"refuse ~ (?:from ~)? (?:receive ~|get ~)? {M}",
        f"annoyed ~ (?:to_write|{M})",
        f"(?:want|ask|except) ~ (?:i ~)? (?:not|ever) ~ (?:receive|get|converse) ~ (?:you|{M}|this|{T})",
        f"{M} ~ (?:receive ~|get ~)? not ~ want",
        "you ~ (?:receive|get|converse) ~ not ~ want",
        f"receive ~ (?:you|{M}) ~ not ~ want",
        f"that ~ (?:i ~)? {NOT} ~ (?:i ~)? (?:wrote|{T}|saw)",
        "not ~ want ~ more ~ from ~ this",
        f"{NOT} ~ send ~ {MESSAGES}",
        f"not ~ send ~ {ME} ~ (?:more|ever)",
        f"not ~ (?:{ME} ~ (?:more|ever)|(?:more|ever) ~ {ME}) ~ send",
        f"(?:more|ever) ~ not ~ send ~ {ME}?",
        f"ask ~ (?:{MESSAGES} ~)? not ~ send",
        f"stuff ~ (?:{ME}|more|ever) ~ not ~ send",
        f"(?:more|ever) ~ stuff ~ (?:{ME} ~)? not ~ send",
        f"(?:no|nor) ~ (?:{M}|{T}|word|writing|more ~ stuff) (?! ~ (?:x|not|didnt))",
        f"not ~ more ~ {MESSAGES}",
        f"more ~ (?:not|nor|no) ~ {MESSAGES}",
        f"(?:not|nor|no) ~ (?:word|{M}) ~ (?:more|ever|from ~ you) (?! ~ (?:x|not|didnt))",
        f"{M} ~ not ~ (?:wanted|need)",
        f"not ~ (?:wanted|need) ~ {M}",
        f"keep ~ (?:{M}|{T}|stuff) ~ away",
        f"keep ~ (?:{M}|stuff|this) ~ yourself",
        f"(?:write|{T}|bother|call) ~ others ~ (?:starter ~)? not ~ me",
        f"(?:bother|go ~ (?:{T}|{M}|bother)) ~ others",
        f"not ~ need ~ {ME} ~ (?:{MESSAGES} ~)? send",
        f"not ~ need ~ {MESSAGES} ~ {ME} ~ send",
        f"not ~ need ~ {ME} ~ your ~ stuff",
        "not ~ want ~ (?:receive ~|get ~)? stuff ~ from ~ you",
        "not ~ keep ~ writing",
        f"not ~ allow ~ (?:to_write|{T}|written)",
        f"not ~ add ~ me ~ (?:list|{M})",
        f"(?:nobody|no) ~ (?:need ~)? (?:{T}|write|{M}) ~ {ME} ~ (?:more|ever)",
        f"ask ~ nobody ~ (?:need ~)? (?:{T}|{M}|write)",
        f"(?:receive|get) ~ no (?:more|ever) ~ {M}",
        f"^ ~ (?:able ~|ask ~)? without ~ {M} ~ $",
        f"without ~ your ~ {M}",
        f"not ~ want ~ resume ~ (?:this|{M}|converse|writing)",
        f"not ~ resume ~ (?:this|{M}|converse|writing)",
        f"spare ~ {M}",
        f"{M} ~ (?:unwanted|not ~ wanted)",
        "not ~ wanted ~ me $",
        f"(?:not|no|didnt ~ need|nobody) ~ (?:consent|allow) ~ (?:{T}|to_write|{M}|receive ~ {M})",
        f"forbid ~ (?:x ~|use ~)? {C}",
        "not ~ (?:want ~ list $|your ~ list|want ~ your ~ list)",
        "no ~ inbox $",
        f"not ~ use ~ data ~ (?:x )* {M}",
        f"^ .* {C} .* not ~ use ~ this",
        f"(?:not|cease|stop) ~ use ~ {C}",
        f"^ .* {C} .* this ~ not ~ write",
    ),
    CEASE: (
        f"(?:cease|stop|enough|end) ~ (?:need ~)? (?:to_write|writing|{T}|{M}|send ~ {MESSAGES}|send)",
        "(?:cease|stop|enough) ~ call ~ starter ~ (?:to_write|writing)",
        f"(?:cease|stop|enough|end) ~ (?:need ~)? (?:bother ~ {MINE} ~ (?:stuff)?|sold ~ (?:stuff ~)? me)",
        "(?:cease|stop) ~ (?:stuff|punish $)",
        "^ (?:stop|cease) ~ (?:starter|i) .* (?:punish|block)",
        f"(?:cease|stop|enough) ~ {ME} ~ converse|(?:cease|stop|enough) ~ converse ~ {ME}",
        f"(?:make|want|need) ~ (?:this|{M}) ~ (?:need ~)? stop",
        "(?:make|want|need|ask) ~ (?:you|your ~ sender) ~ stop",
        "(?:cease|end) ~ subscription",
        "^ ~ ask ~ cease ~ $",
        f"(?:say|ask) ~ you ~ (?:cease|stop) ~ (?:{M}|writing) ~ (?:with ~)? third ~ $",
        f"able ~ i ~ (?:cease|stop) ~ (?:get|receive) ~ (?:this|{M})",
        "(?:cease|stop|enough) ~ offer ~ (?:your ~ x|stuff)? $",
        "^ ~ (?:i ~)? say ~ you x? stop $",
        f"(?:that|want|ask|able) ~ ceased ~ (?:to_write|{M}|send|bother)",
        f"(?:this|{M}) ~ need ~ stop",
        f"turn ~ (?:{M} ~ away|away ~ {M})",
        "^ (?:pre|ever|you|didnt|able|need|more)* (?:i (?:pre|need|ever|x)*)? say ~ stop",
        "(?:^|starter) ~ no ~ more (?:~ from ~ this)? (?! now)",
    ),
    LIST: (
        f"unsubscribe (?:~ {C}|{OUT_OF})?",
        f"sign_off ~ (?:from ~)? (?:me|{C}) (?:{OUT_OF})?",
        "me ~ sign_off",
        f"sign_off_self ~ from ~ (?:me|you|{M})",
        "switch ~ me",
        f"unsubscribe ~ {LISTS}",
        "able ~ want ~ removed ~ $",
        "i ~ need ~ removed ~ from ~ list",
        "existence ~ (?:me ~)? forget ~ $",
        f"^ ~ (?:{M}|subscription) ~ (?:switch|cease|stop) ~ $",
        "get ~ me ~ away ~ this ~ $",
        f"switch ~ (?:me ~ from ~)? (?:{M}|subscription)",
        "^ ~ (?:ask|want|able)? ~ sign_off $",
        f"remove ~ data ~ from ~ {M}",
        f"(?:from|with) ~ {M} ~ remove",
        "able ~ (?:i ~)? (?:remove ~ you|from ~ you ~ rid) $",
        "i ~ not ~ existence",
        f"remove ~ away ~ {C}",
        f"^ ~ (?:i ~)? (?:pre ~)? say ~ removed (?:{OUT_OF}|~ away ~ {LISTS})?",
        f"remove ~ data {OUT_OF}",
        "^ ~ (?:i ~)? you ~ (?:now ~)? block ~ $",
        f"^ ~ {C} ~ blacklist $",
        f"{C} ~ forget $",
        f"forget ~ need ~ {C} ~ $",
        f"^ ~ block ~ {C} ~ $",
        f"add ~ me ~ not ~ (?:call|{T}) $",
        f"take ~ data (?:{OUT_OF}|~ away ~ {LISTS})",
        "remove ~ channel ~ starter ~ contact",
        "^ ~ unsubscribed ~ $",
        f"that ~ removed {OUT_OF}",
        f"{C} .* remove ~ (?:third|this) .* not ~ use $",
        f"^ ~ (?:i ~)? punish ~ (?:{M} ~)? (?:starter ~)? (?:{C} ~)? block",
        "(?:want|ask|able|consider) ~ (?:starter ~)? (?:i ~)? unsubscribed",
        f"ask ~ removed ~ (?:{C})? $",
        f"(?:want|ask|need|that) ~ (?:me|{C}) ~ (?:need ~)? removed (?:{OUT_OF}|~ away ~ {LISTS})?",
        f"(?:me|{C}) ~ need ~ removed",
        f"that ~ (?:me|{C}) ~ (?:with ~ you ~|{LISTS} ~)? not $",
        f"^ ~ (?:your ~)? {C} ~ block $",
        f"^ ~ i ~ (?:able ~)? block ~ (?:{M}|converse) $",
        f"^ ~ away ~ {LISTS}",
        f"^ ~ block ~ (?:me|{C}) {OUT_OF}",
        f"remove ~ yourself ~ from ~ (?:{C}|inbox|list|me)",
        "^ ~ (?:able|ask)? ~ remove ~ (?:from|with) ~ your ~ list",
        f"sign_off (?:{OUT_OF}|~ (?:{M}|subscription))",
        f"remove ~ (?:me|{C}) (?:{OUT_OF}|~ away ~ {LISTS})?",
        f"(?:take|get) ~ (?:me|{C}) (?:{OUT_OF}|~ away ~ {LISTS})",
        f"take ~ (?:me|{C}) ~ (?:away|from this $|from $)",
        f"(?:me|{C}) (?:{OUT_OF})? ~ remove (?:{OUT_OF})?",
        "remove (?:~ away)? ~ (?:from ~)? (?:mailing|subscription)",
        f"(?:remove|take) ~ (?:from|with) ~ your ~ {LISTS}",
        f"(?:remove|take) (?:~ away)? ~ your ~ {LISTS}",
        f"^ .* {C} .* your ~ list .* (?:remove|take) ~ this",
        f"forget ~ (?:topic ~)? (?:starter ~)? (?:you ~)? (?:{ME}|{C}|i ~ existence)",
        "forget ~ (?:topic ~)? (?:to_me ~)? existence",
        f"(?:want|get) ~ (?:from|away) ~ {LISTS}",
        f"add ~ (?:me ~|{C} ~)? (?:from ~)? (?:your ~)? (?:x ~)? (?:block|blacklist) (?:list)?",
        f"add ~ (?:me ~|{C} ~)? (?:from ~)? (?:your ~)? (?:x ~)? not ~ (?:call|{T}) ~ list",
        "^ ~ block ~ me ~ $",
        f"(?:ask|that|want) ~ (?:stuff|word|{M}) ~ not ~ come",
        "that ~ nobody ~ (?:not ~)? (?:wrote|written|bother|come)",
        "not ~ written ~ (?:more|ever|from ~ you)",
        f"(?:me|{C}|need) ~ not ~ written",
        f"(?:ask|want|say) ~ (?:{C}|channel) ~ not ~ (?:written|use|{T})",
        f"^ ~ say .* this ~ x? x? didnt ~ want ~ (?:written|writing|{M}|{T})",
        f"(?:ask|consider|want|make) ~ this ~ last ~ (?:{M}|{T})",
        "(?:not|no|didnt) ~ consent ~ (?:written|this $)",
        "(?:against|forbid|not|cease|stop|refuse) ~ (?:against|from)? ~ use ~ (?:this ~|x )? data",
        f"against ~ (?:x |from |use )*(?:use|data) (?:x )*(?:{M}|writing)",
        "ask ~ not ~ wrote",
        f"not ~ use ~ (?:data ~|this ~|{C} ~|me ~) (?:x )?(?:{M}|{T})",
        f"not ~ {WRITE} ~ (?:starter|i|able|so)* block",
        f"refuse ~ (?:from ~)? (?:receive ~|get ~)? {M}",
        "withdraw ~ (?:your ~)? consent .* $",
        "^ ~ (?:i ~)? (?:able ~)? block ~ (?:you)? ~ (?:now)? $",
        f"^ ~ i ~ (?:able ~)? block ~ {C} ~ (?:now)? $",
        f"^ ~ (?:i ~)? (?:able ~)? punish ~ (?:you ~)? (?:starter ~)? {M} $",
        "^ ~ i ~ (?:able ~)? punish ~ you $",
        "^ ~ blacklist ~ (?:me ~)? $",
        "^ ~ (?:i ~)? (?:block|punish) ~ starter ~ (?:block|punish) ~ $",
        f"(?:able|want|ask) ~ (?:i ~)? removed (?:{OUT_OF}|~ away ~ {LISTS})",
        f"(?:leave|keep) ~ me ~ (?:from|away) ~ (?:your ~)? (?:list|{M}|this)",
        "able ~ me ~ from ~ from ~ list",
    ),
    AWAY: (
        f"leave ~ (?:{C} ~|inbox ~)? peace",
        "want ~ left ~ peace",
        "leave ~ (?:your ~)? x peace $",
        "^ away away $",
        "that ~ gone",
        "^ ~ go you ~ $",
        f"away ~ from ~ (?:{C}|inbox|{ME})",
        "away (?:you)? go",
        f"able ~ {ME} ~ peace",
        "go_off",
        "^ ~ (?:able ~)? vanish",
        "not ~ back_again",
        "(?:go|get) ~ away",
        f"(?:go|keep) ~ (?:from|away) ~ (?:{ME}|inbox|{C})",
        f"get (?:from|away) from ~ (?:{ME}|inbox|{C})",
    ),
}
BETWEEN = "(?:(?:me|to_me|you|your|by_your|more|ever|again|with|from|this|sender|anyone) )*"
"""What may stand between the parts of an opt-out without changing it."""
WITHIN_LISTS = BETWEEN.replace("|your|by_your", "")
"""My number is not yours."""


def compiled(pattern: str, between: str = BETWEEN) -> re.Pattern[str]:
    """A pattern of parts as one of texts in which every part ends with a space."""
    words = re.sub(r"[a-z_]+", lambda part: f"{part[0]}§", pattern)
    return re.compile(rf"(?<!\S)(?:{words.replace(' ', '').replace('§', ' ')})".replace("~", between))


def needed(pattern: str) -> str:
    """The longest part without which a pattern matches nothing: outside of brackets and alternatives, before a gap.
    Empty where it has none."""
    bare = pattern
    while (inner := re.sub(r"\([^()]*\)", " ", bare)) != bare:
        bare = inner
    parts = re.findall(r"[a-z_]+(?![a-z_?*])", bare.partition(".*")[0])
    return max(parts, key=len, default="") if "|" not in bare else ""


class Family:
    """The patterns of one kind of opt-out, by the part that each needs: of some hundred a clause is asked for few, and
    they are compiled (which takes a tenth of a second for all) when the first text has that part."""

    def __init__(self, patterns: Iterable[str], between: str) -> None:
        self._between = between
        self._needing: dict[str, list[str]] = {}
        for pattern in patterns:
            self._needing.setdefault(needed(pattern), []).append(pattern)
        self._patterns = cache(self._compiled)

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """All there are in a text of parts, in no order."""
        for part in ("", *dict.fromkeys(text.split())):
            for pattern in self._patterns(part):
                yield from pattern.finditer(text)

    def _compiled(self, part: str) -> list[re.Pattern[str]]:
        return [compiled(pattern, self._between) for pattern in self._needing.get(part, ())]


GRAMMAR = {
    family: Family(patterns, WITHIN_LISTS if family == LIST else BETWEEN) for family, patterns in PATTERNS.items()
}
