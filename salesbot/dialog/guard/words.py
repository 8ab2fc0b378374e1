"""A text as tokens, sentences and clauses: what all rules of the guard read. Pure, and linear in the text's length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, wraps
from itertools import pairwise
from typing import NamedTuple, TypeVar, cast

from salesbot.dialog.remembered import WORDS, remembered

TOKEN = re.compile(
    r"(?P<time>\d{1,2}:\d{2}(?!\d))|(?P<date>\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\d))|"
    r"(?P<number>(?:\d{1,3}(?:[ \u00a0\u202f]\d{3}(?!\d))+|\d{1,3}(?:,\d{3}(?!\d))+|\d{1,3}(?:\.\d{3}(?!\d))+|"
    r"\d+)(?:[.,]\d{1,2}(?!\d))?)|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)|(?P<mark>[^\w\s]|_)|(?P<line>\s*\n\s*)"
)
ENDS = frozenset(".!?…")
BREAKS = frozenset(',;:()—–«»“”"')
ANSWERS = frozenset(
    f" {words} "
    for words in (
        "нет",
        "неа",
        "да нет",
        "да",
        "конечно нет",
        "нет нет",
        "нет конечно",
        "вовсе нет",
        "почему нет",
        "no",
        "nope",
        "yes",
        "no no",
        "not at all",
        "not really",
        "of course not",
        "certainly not",
        "why not",
        "oh no",
        "ну нет",
        "ой нет",
    )
)
CONTRAST = frozenset("но зато однако but however instead otherwise though although yet whereas".split())
"""Words that begin another thought within a sentence."""
_TURNS = CONTRAST | {";", "а"}
_BEFORE_A = frozenset(",—–-")
_LIKE = str.maketrans("aceopxykmhtbiABCEHKMOPTXY", "асеорхукмнтвіАВСЕНКМОРТХУ")
"""Latin letters that look like Cyrillic ones: a word is not hidden by one of them."""
_MIXED = re.compile(r"[а-яё]", re.I)
_Found = TypeVar("_Found")


class Kind(StrEnum):
    NUMBER = "number"
    WORD = "word"
    TIME = "time"
    DATE = "date"
    MARK = "mark"
    LINE = "line"


COUNTED = frozenset({Kind.NUMBER, Kind.WORD, Kind.TIME})
"""What stands in a span's line."""
_BORDERS = frozenset({Kind.MARK, Kind.LINE})


_KINDS = {kind.value: kind for kind in Kind}


class Token(NamedTuple):
    kind: Kind
    text: str
    norm: str
    """Without case, ё as е, curly apostrophes straight, Latin look-alikes in Cyrillic words replaced."""
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        return self.kind is Kind.WORD

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


@dataclass(frozen=True)
class Span:
    """Tokens of a text from ``first`` to before ``last``."""

    text: Text
    first: int
    last: int

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return self.text.tokens[self.first : self.last]

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(one.norm for one in self.tokens if one.kind in COUNTED)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Where its words stand."""
        return tuple(at for at, one in enumerate(self.tokens, self.first) if one.kind in COUNTED)

    @cached_property
    def line(self) -> str:
        """Its words with single spaces, a space at both ends, without marks: what patterns are looked for in."""
        return f" {' '.join(self.words)} "

    @cached_property
    def gist(self) -> str:
        """The line without an answer at its beginning (``Нет, …``), which denies what was asked, not what follows."""
        first = self.clauses[0] if self.clauses else self
        if first.line not in ANSWERS or first.last == self.last:
            return self.line
        return Span(self.text, first.last, self.last).line

    @cached_property
    def marks(self) -> frozenset[str]:
        return frozenset(one.text for one in self.tokens if one.kind is Kind.MARK)

    @property
    def asks(self) -> bool:
        return "?" in self.marks

    @cached_property
    def clauses(self) -> tuple[Span, ...]:
        """Between commas, dashes and the like."""
        return self._split(self.text.breaks)

    @cached_property
    def thoughts(self) -> tuple[Span, ...]:
        """Between words of contrast and semicolons: what is denied in one is not denied in another."""
        return self._split(self.text.turns)

    def _split(self, borders: Sequence[int]) -> tuple[Span, ...]:
        inner = [at for at in borders if self.first < at < self.last]
        if not inner:
            return (self,) if self.first < self.last else ()
        cuts = [self.first, *inner, self.last]
        return tuple(Span(self.text, first, last) for first, last in pairwise(cuts))


@dataclass(frozen=True, eq=False)
class Text:
    source: str
    tokens: tuple[Token, ...]

    @cached_property
    def kept(self) -> dict[object, object]:
        """What was found out about it and its spans: see ``of_text``."""
        return {}

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        spans, start = [], 0
        for at in self.marks:
            if self._ends(at):
                spans.append(Span(self, start, at + 1))
                start = at + 1
        if start < len(self.tokens):
            spans.append(Span(self, start, len(self.tokens)))
        return tuple(spans)

    @cached_property
    def whole(self) -> Span:
        return Span(self, 0, len(self.tokens))

    @cached_property
    def marks(self) -> tuple[int, ...]:
        """Where its marks and ends of lines stand."""
        return tuple(at for at, one in enumerate(self.tokens) if one.kind in _BORDERS)

    @cached_property
    def breaks(self) -> tuple[int, ...]:
        """Where clauses begin: at commas, dashes and the like."""
        return tuple(at for at in self.marks if self.tokens[at].text in BREAKS or self.dash(at))

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """Where thoughts begin: at words of contrast and semicolons."""
        return tuple(at for at, one in enumerate(self.tokens) if one.norm in _TURNS and self._turns(at))

    def _turns(self, at: int) -> bool:
        """``а`` is one only behind a comma or a dash."""
        return self.tokens[at].norm != "а" or (at > 0 and self.tokens[at - 1].text in _BEFORE_A)

    @cached_property
    def _places(self) -> tuple[tuple[Span, Span, Span], ...]:
        """Sentence, clause and thought of each token."""
        found = []
        for sentence in self.sentences:
            for thought in sentence.thoughts:
                for clause in thought.clauses:
                    found += [(sentence, clause, thought)] * (clause.last - clause.first)
        return tuple(found)

    def sentence(self, at: int) -> Span:
        return self._places[at][0]

    def clause(self, at: int) -> Span:
        return self._places[at][1]

    def thought(self, at: int) -> Span:
        return self._places[at][2]

    def norm(self, at: int) -> str:
        return self.tokens[at].norm if 0 <= at < len(self.tokens) else ""

    def tight(self, at: int) -> bool:
        """Whether nothing stands between this token and the one before it."""
        return 0 < at < len(self.tokens) and self.tokens[at - 1].end == self.tokens[at].start

    def dash(self, at: int) -> bool:
        """A hyphen between spaces is a dash."""
        return self.tokens[at].text == "-" and not self.tight(at) and not self.tight(at + 1)

    def _smiles(self, at: int) -> bool:
        """A smiley or an emoji, behind which a capital begins a sentence."""
        text = self.tokens[at].text
        eyes = text in ")(" and at > 0 and self.tokens[at - 1].text in ":;=-)" and self.tight(at)
        return eyes or unicodedata.category(text[0]) == "So"

    def _ends(self, at: int) -> bool:
        token = self.tokens[at]
        if token.kind is Kind.LINE:
            return True
        if at + 1 < len(self.tokens) and self._smiles(at):
            return self.tokens[at + 1].capital
        if token.text not in ENDS:
            return False
        if at + 1 == len(self.tokens):
            return True
        after = self.tokens[at + 1]
        if after.text in ENDS or after.text in '»”")' or self.tight(at + 1):
            return False
        return token.text in "!?" or not after.text[:1].islower()


def phrases(text: str) -> re.Pattern[str]:
    """A pattern for a ``Span.line``: any of these, one or several (parted by ``|``) on a line."""
    return re.compile(rf" (?:{'|'.join(line.strip() for line in text.strip().splitlines())})(?= )")


def of_text(function: Callable[[Text], _Found]) -> Callable[[Text], _Found]:
    """Found out once per text, and forgotten with it."""

    @wraps(function)
    def kept(text: Text) -> _Found:
        found = text.kept
        if function not in found:
            found[function] = function(text)
        return cast(_Found, found[function])

    return kept


def of_span(function: Callable[[Span], _Found]) -> Callable[[Span], _Found]:
    """Found out once per span of a text, however many rules ask, and forgotten with the text."""

    @wraps(function)
    def kept(span: Span) -> _Found:
        key, found = (function, span.first, span.last), span.text.kept
        if key not in found:
            found[key] = function(span)
        return cast(_Found, found[key])

    return kept


def has(span: Span, pattern: re.Pattern[str]) -> bool:
    """Whether a span holds what a pattern (of a module: it is known by its ``id``) looks for; looked for once, however
    many numbers stand in it."""
    key, found = (id(pattern), span.first, span.last), span.text.kept
    if key not in found:
        found[key] = pattern.search(span.line) is not None
    return cast(bool, found[key])


@remembered(200)
def read(source: str) -> Text:
    """The text in tokens; read once however many rules look at it."""
    source = unicodedata.normalize("NFKC", source)
    return Text(source, tuple(_token(match) for match in TOKEN.finditer(source)))


def _token(match: re.Match[str]) -> Token:
    text, kind = match[0], _KINDS[match.lastgroup or ""]
    norm = _norm(text)
    if kind is Kind.NUMBER:
        norm = norm.replace(" ", "")  # one word of its span's line
    return Token(kind, text, norm, match.start(), match.end())


@remembered(WORDS)
def _norm(text: str) -> str:
    norm = text.casefold().replace("ё", "е").replace("’", "'")
    return norm.translate(_LIKE) if not norm.isascii() and _MIXED.search(norm) else norm
