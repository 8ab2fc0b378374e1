"""A text as tokens, sentences and clauses: what all rules of the guard read. Pure, and linear in the text's length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache

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
_LIKE = str.maketrans("aceopxykmhtbiABCEHKMOPTXY", "асеорхукмнтвіАВСЕНКМОРТХУ")
"""Latin letters that look like Cyrillic ones: a word is not hidden by one of them."""
_MIXED = re.compile(r"[а-яё]", re.I)


class Kind(Enum):
    NUMBER = "number"
    WORD = "word"
    TIME = "time"
    DATE = "date"
    MARK = "mark"
    LINE = "line"


COUNTED = frozenset({Kind.NUMBER, Kind.WORD, Kind.TIME})
"""What stands in a span's line."""


@dataclass(frozen=True, slots=True)
class Token:
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
        return tuple(self._split(lambda at: self.text.tokens[at].text in BREAKS or self.text.dash(at)))

    @cached_property
    def thoughts(self) -> tuple[Span, ...]:
        """Between words of contrast and semicolons: what is denied in one is not denied in another."""
        return tuple(self._split(self._turns))

    def _turns(self, at: int) -> bool:
        token, before = self.text.tokens[at], self.text.tokens[at - 1] if at else None
        if token.text == ";" or token.norm in CONTRAST:
            return True
        return token.norm == "а" and before is not None and before.text in {",", "—", "–", "-"}

    def _split(self, breaks: object) -> Iterator[Span]:
        assert callable(breaks)
        start = self.first
        for at in range(self.first, self.last):
            if breaks(at) and at > start:
                yield Span(self.text, start, at)
                start = at
        if start < self.last:
            yield Span(self.text, start, self.last)


@dataclass(frozen=True, eq=False)
class Text:
    source: str
    tokens: tuple[Token, ...]

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        spans, start = [], 0
        for at in range(len(self.tokens)):
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


@lru_cache(maxsize=1024)
def has(span: Span, pattern: re.Pattern[str]) -> bool:
    """Whether a span holds what a pattern looks for; looked for once, however many numbers stand in it."""
    return pattern.search(span.line) is not None


@lru_cache(maxsize=256)
def read(source: str) -> Text:
    """The text in tokens; read once however many rules look at it."""
    source = unicodedata.normalize("NFKC", source)
    return Text(source, tuple(_token(match) for match in TOKEN.finditer(source)))


def _token(match: re.Match[str]) -> Token:
    text, kind = match[0], Kind(match.lastgroup)
    norm = text.casefold().replace("ё", "е").replace("’", "'")
    if kind is Kind.NUMBER:
        norm = norm.replace(" ", "")  # one word of its span's line
    if kind is Kind.WORD and not norm.isascii() and _MIXED.search(norm):
        norm = norm.translate(_LIKE)
    return Token(kind, text, norm, match.start(), match.end())
