"""The sentences by which people say that nobody may write to them, as sequences of the parts that words play in them.

A pattern is a regular expression over the names of ``words.MEANINGS``, with spaces for the eye; ``~`` stands for what
may come between two parts without changing what they mean, ``x`` for a word of no known meaning.
"""

from __future__ import annotations

import re

SPELLED = {
    r"(?<!tell )(?<!told )(?<!asked )(?<!ask )\b(you|u) (dont|don't|do not|never) (?=\w)": "you didnt ",
    r"\b(do|must|shall|should|may|need) not\b": "dont",
    r"\b(does|did|will|can|could|would) not\b": "didnt",
    r"\bno longer\b": "not more",
    r"\b(one|1) (more|last) time\b": "again",
    r"\bunder no circumstances\b": "never",
    r"\b(for the )?(last|final|third|hundredth) time\b": "раз",
    r"^\W*((а|и|so|and) )?(когда|when) (will |are )?(вы|ты|you|u)\b": "can you",
    r"\b(make|made) sure\b( that)?|\bensure\b( that)?|\bsee to it\b( that)?": "ask",
    r"\b(going forward|from now on|from this moment( on)?|henceforth)\b": "forever",
    r"\b(my|this) no\b\.?": "number",
    r"\bsign (me|us) (off|out)\b": "unsubscribe",
    r"\bdo (you|u) ever\b|(?<!times )\b(do|should|must) (i|we) (need|have) to\b": "if",
    r"\bсколько можно\b": "хватит",
    r"\bни (?=надо|пиш|нужно|хочу|звон|беспок|присыл|шли)": "не ",
    r"\bат(?=пи|ст|ва|вя|це|ъе|ье|еб)": "от",
    r" & ": " and ",
    r"\b(once (and for all|again|more)|for once)\b": "forever",
    r"\bо (вас|тебе)\b": "вас",
    r"\bвыход\w* (со мной |с нами )?на связь\b": "пишите",
    r"\b(good|nice|great) day\b": " ",
    r"\bget(ting)? rid of\b": "remove",
    r"\bgo to hell\b|\bbug off\b|\btake a hike\b|\bget (stuffed|bent)\b|\bdrop dead\b": "go away",
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
    r"\bfollow(ing)?[ -]ups?\b|\b(get|be|getting) in touch\b|\bhit me up\b": "text",
    r"\b(it would|it'd|that would) be (best|great|nice|better|good|lovely|kind) if you( could| would)?\b": "ask you",
    r"\blay off\b": "cease",
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
LISTS = f"(?:your ~)? (?:{C} ~|call ~|{M} ~)? (?:list|{M}|stuff|{T}|inbox|your ~ {C})"
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
        f"stuff ~ {ME} ~ not ~ (?:to_write|write)",
        f"{ME} ~ stuff ~ not ~ (?:send|to_write|write)",
        f"{ME} ~ (?:more ~)? stuff ~ not ~ need ~ (?:send|to_write)",
        f"{ME} ~ not ~ send $",
        f"unwanted ~ (?:{M}|{T}) $",
        "^ (?:more|ever)* not ~ you_write",
        f"not ~ converse ~ (?:with ~)? {ME}",
        f"not ~ (?:need|able) ~ {CALLS} (?:to_write|{T}|bother ~ {MINE})",
        f"(?:ask|able|want|except|say) ~ not ~ {CALLS} (?:to_write|{T}|written|writing|bother ~ {MINE})",
        f"^ ~ not ~ {CALLS} to_write",
        f"not ~ writing ~ {ME}",
        f"not ~ (?:{T}|bother) ~ writing",
        "to_write ~ (?:not ~ (?:need|able)|forbid)",
        f"forbid ~ (?:to_write|{T}|{C})",
        f"against ~ (?:that ~|x ~|x ~ x ~)? (?:{M}|wrote|to_write|written|{T})",
        f"(?:not|no) ~ (?:want|consent|need) ~ (?:that ~)? (?:receive ~|get ~)? (?:{M}|wrote|written)",
        f"not ~ want ~ (?:(?:receive|get) ~ (?:stuff|{T})|{T} ~ from ~ you)",
        "(?:not|no) ~ want ~ (?:receive|get|converse) ~ (?:from|with) ~ (?:you|your)",
        f"not ~ want ~ you ~ (?:receive|converse|{T}|writing)",
        f"(?:except|want|ask) ~ didnt ~ (?:{T}|write|send)",
        f"not ~ need ~ bother ~ {MINE}",
        f"^ ~ not ~ {M} ~ {ME}",
        f"(?:that|able) ~ this ~ last ~ (?:{M}|{T})",
        f"not ~ (?:receive|get) ~ (?:more|ever) ~ {M}",
        "want ~ stuff ~ with ~ you",
        "^ ~ stuff ~ from ~ you ~ $",
        "bother .* others",
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
        f"refuse ~ (?:from ~)? (?:receive ~|get ~)? {M}",
    ),
    CEASE: (
        f"(?:cease|stop|enough|end) ~ (?:need ~)? (?:to_write|writing|{T}|{M}|send ~ {MESSAGES}|send)",
        f"(?:cease|stop|enough|end) ~ (?:need ~)? (?:bother ~ {MINE} ~ (?:stuff)?|sold ~ (?:stuff ~)? me)",
        "(?:cease|stop) ~ (?:stuff|punish $)",
        "^ (?:stop|cease) ~ (?:starter|i) .* (?:punish|block)",
        f"(?:cease|stop|enough) ~ {ME} ~ converse|(?:cease|stop|enough) ~ converse ~ {ME}",
        f"(?:make|want|need) ~ (?:this|{M}) ~ (?:need ~)? stop",
        "(?:make|want|need|ask) ~ you ~ stop",
        "(?:cease|end) ~ subscription",
        f"(?:this|{M}) ~ need ~ stop",
        f"turn ~ (?:{M} ~ away|away ~ {M})",
        "^ (?:pre|ever|you|didnt|able|need|more)* (?:i (?:pre|need|ever|x)*)? say ~ stop",
        "(?:^|starter) ~ no ~ more (?:~ from ~ this)?",
    ),
    LIST: (
        f"unsubscribe (?:~ {C}|{OUT_OF})?",
        f"sign_off ~ (?:from ~)? (?:me|{C}) (?:{OUT_OF})?",
        "me ~ sign_off",
        f"sign_off_self ~ from ~ (?:me|you|{M})",
        "switch ~ me",
        f"unsubscribe ~ {LISTS}",
        f"switch ~ (?:me ~ from ~)? (?:{M}|subscription)",
        "^ ~ (?:ask|want|able)? ~ sign_off $",
        f"remove ~ data ~ from ~ {M}",
        f"(?:from|with) ~ {M} ~ remove",
        "able ~ (?:i ~)? (?:remove ~ you|from ~ you ~ rid) $",
        "i ~ not ~ existence",
        f"remove ~ away ~ {C}",
        "(?:want|ask|able|consider) ~ unsubscribed",
        "ask ~ removed ~ $",
        f"remove ~ yourself ~ from ~ (?:{C}|inbox|list|me)",
        "^ ~ (?:able|ask)? ~ remove ~ (?:from|with) ~ your ~ list",
        f"sign_off (?:{OUT_OF}|~ (?:{M}|subscription))",
        f"remove ~ (?:me|{C}) (?:{OUT_OF}|~ away ~ {LISTS})?",
        f"(?:take|get) ~ (?:me|{C}) (?:{OUT_OF}|~ away ~ {LISTS})",
        f"take ~ (?:me|{C}) ~ (?:away|from $)",
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
        "withdraw ~ (?:your ~)? consent .* $",
        "^ ~ (?:i ~)? (?:able ~)? block ~ (?:you)? ~ (?:now)? $",
        f"^ ~ i ~ (?:able ~)? block ~ {C} ~ (?:now)? $",
        f"^ ~ (?:i ~)? (?:able ~)? punish ~ (?:you ~)? (?:starter ~)? {M} $",
        "^ ~ i ~ (?:able ~)? punish ~ you $",
        "^ ~ blacklist ~ (?:me ~)? $",
        "^ ~ (?:i ~)? (?:block|punish) ~ starter ~ (?:block|punish) ~ $",
        f"(?:able|want|ask) ~ (?:i ~)? removed (?:{OUT_OF}|~ away ~ {LISTS})",
        f"(?:leave|keep) ~ me ~ from ~ (?:list|{M}|this)",
    ),
    AWAY: (
        f"leave ~ (?:{C} ~|inbox ~)? peace",
        "want ~ left ~ peace",
        "that ~ gone",
        "^ ~ go you ~ $",
        f"away ~ from ~ {C}",
        "go_off",
        "^ ~ (?:able ~)? vanish",
        "not ~ back_again",
        "(?:go|get) ~ away",
        f"(?:go|keep) ~ (?:from|away) ~ (?:{ME}|inbox|{C})",
        f"get (?:from|away) from ~ (?:{ME}|inbox|{C})",
    ),
}
BETWEEN = "(?:(?:me|to_me|you|your|by_your|more|ever|again|with|from|this|sender) )*"
"""What may stand between the parts of an opt-out without changing it."""
WITHIN_LISTS = BETWEEN.replace("|your|by_your", "")
"""My number is not yours."""


def compiled(pattern: str, between: str = BETWEEN) -> re.Pattern[str]:
    """A pattern of parts as one of texts in which every part ends with a space."""
    words = re.sub(r"[a-z_]+", lambda part: f"{part[0]}§", pattern)
    return re.compile(rf"(?<!\S)(?:{words.replace(' ', '').replace('§', ' ')})".replace("~", between))


GRAMMAR = {
    family: [compiled(pattern, WITHIN_LISTS if family == LIST else BETWEEN) for pattern in patterns]
    for family, patterns in PATTERNS.items()
}
