"""MONEY, too: lengths of time, gifts and discounts that the facts do not grant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from salesbot.rehearsal.judge.case import asks, clauses, plain, quoted, refuses
from salesbot.rehearsal.judge.facts import DISCOUNT, Facts, gives, spans, stems
from salesbot.rehearsal.judge.quantities import lengths
from salesbot.rehearsal.record import Line

_SOLD = (
    r"договор\w*|гаранти\w+|достав\w+|привез\w+|привоз\w+|пробн\w+|бесплатн\w+|contract\w*|warrant\w+|guarant\w+|"
    r"deliver\w*|"
    r"trial\w*|free"
)
_MORE = (
    r"постав\w+|установ\w+|мастер\w*|ремонт\w*|почин\w+|замен\w+|аренд\w+|верн\w+|возврат\w*|залог\w*|оплат\w+|"
    r"профилактик\w+|обуч\w+|рассрочк\w+|отсрочк\w+|цен[аыуе]|install\w*|technician\w*|repair\w*|replac\w+|rent\w*|"
    r"return\w*|deposit\w*|pay|payment\w*|invoice\w*|check-up\w*|training|notice|set up|bring\w*|price\w*"
)
_OURS = re.compile(rf"\b(?:{_SOLD}|{_MORE})\b")
_SOLD_ONLY = re.compile(rf"\b(?:{_SOLD})\b")
"""Of these even a length that the person named may not be granted."""


def wrong(facts: Facts, sentence: str, asked: Line | None, said: Sequence[str]) -> Iterator[str]:
    """``asked`` is the person's last line, ``said`` all that they said before."""
    if asks(sentence):
        return
    yield from _lengths(facts, sentence, asked, said)
    for clause in clauses(sentence):
        shown = plain(clause)
        if refuses(clause):
            continue
        if DISCOUNT.search(shown) and not facts.discounts:
            yield f"a discount that the facts do not have: {quoted(sentence)}"
        if gives(clause) and not _is_free(facts, clause, sentence):
            yield f"nothing in the facts gives this for free: {quoted(sentence)}"


def _lengths(facts: Facts, sentence: str, asked: Line | None, said: Sequence[str]) -> Iterator[str]:
    """How long something of ours takes or lasts."""
    shown = plain(sentence)
    if not _OURS.search(f"{shown} {plain(asked.text)}" if asked else shown):
        return
    named = {one for each in said for one in lengths(each)}
    for clause in clauses(sentence):
        for value, unit in lengths(clause):
            own = (value, unit) in named and (refuses(clause) or not _SOLD_ONLY.search(shown))
            if (value, unit) not in facts.lengths and not own:
                yield f"a term of {value:f} {unit}s is not in the facts: {quoted(sentence)}"


def _is_free(facts: Facts, clause: str, sentence: str) -> bool:
    """Whether a fact that gives something for nothing speaks of the same; months and years must be given themselves."""
    said = stems(sentence)
    return spans(clause) <= facts.free_spans and any(said & one for one in facts.free)
