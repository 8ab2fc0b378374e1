"""How people really write, brought to a form that rules can read: spelling, typos, scripts, clauses. Knows no meanings.

A text has several *readings*: as it stands, and, where its letters allow it, as Russian in Latin letters ("ne pishite")
and as typed with the other keyboard layout ("cnjg"). A reading is a sequence of clauses, and a word is compared by its
*skeleton*: without what Russian and English spelling mistakes change most (soft signs, й and ы, doubled letters).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache

LOOKALIKES = str.maketrans("abcehkmoptxyu3", "авсенкмортхуиз")
LATIN_LOOKALIKES = str.maketrans("авсенкмортху", "abcehkmoptxy")
DIGITS_IN_CYRILLIC = str.maketrans("03@$4", "озасч")
DIGITS_IN_LATIN = str.maketrans("013@$5", "oieass")
ENGLISH_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю"
TO_RUSSIAN_KEYS = str.maketrans(ENGLISH_KEYS, RUSSIAN_KEYS)
TO_ENGLISH_KEYS = str.maketrans(RUSSIAN_KEYS, ENGLISH_KEYS)
TRANSLITERATED = {
    "shch": "щ",
    "sch": "щ",
    "zh": "ж",
    "kh": "х",
    "ts": "ц",
    "ch": "ч",
    "sh": "ш",
    "ya": "я",
    "ja": "я",
    "yu": "ю",
    "ju": "ю",
    "yo": "е",
    "jo": "е",
    "ye": "е",
    "je": "е",
    "6": "ш",
    "4": "ч",
    "'": "ь",
    **dict(zip("abvgdezijklmnoprstufhcywxq", "абвгдезийклмнопрстуфхцывхк", strict=True)),
}
LATIN_SOUND = re.compile("|".join(sorted(map(re.escape, TRANSLITERATED), key=len, reverse=True)))

INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f]")
SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]){2,}[^\W\d_](?![^\W_])")
"""``s t o p``, ``с.т.о.п``"""
STACCATO = re.compile(r"(?:\s*\w+[.!]+){3,}\s*")
"""``not. one. more. word.``"""
REPEATED = re.compile(r"([^\W\d_])\1{2,}")
QUOTED = re.compile(r"«[^»]*»|“[^”]*”|„[^“]*“|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)")
WORD = re.compile(r"[a-zа-я0-9@$*]*[a-zа-я][a-zа-я0-9@$*]*(?:['-][a-zа-я]+)*|\d+")
TOKEN = re.compile(rf"{WORD.pattern}|[.,!?;:()\n…—–]| - |[^\w\s]")
ENDS = frozenset(".!?;\n…")
BORDERS = ENDS | frozenset(",:()—–") | {" - "}
SIGNS = frozenset("🛑⛔")
"""What is as good as a word."""
QUOTE = "⟨quote⟩"
"""Stands where somebody else's words, or words talked about, stood."""


@dataclass(frozen=True, slots=True)
class Clause:
    """Words between two borders, and the border at the end of their sentence: ``?`` or anything else."""

    words: tuple[str, ...]
    end: str
    sentence: int = 0
    """Which sentence of the text this belongs to."""

    @property
    def asks(self) -> bool:
        return self.end == "?"


def plain(text: str) -> str:
    """Small letters of one script a word, no invisible signs, no drawled or spaced letters."""
    shown = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold().replace("ё", "е")
    shown = re.sub(r"[’`ʼ´]", "'", shown)
    shown = SPACED.sub(lambda match: re.sub(r"[ .\-_*]", "", match[0]), shown)
    shown = REPEATED.sub(r"\1", shown)
    if STACCATO.fullmatch(shown):
        shown = re.sub(r"[.!]", " ", shown)
    return WORD.sub(lambda match: _one_script(match[0]), shown)


def readings(text: str) -> Iterator[tuple[Clause, ...]]:
    """The ways in which a text can be read; the first is as it stands."""
    shown = plain(text)
    yield clauses(shown)
    if not re.search("[а-я]", shown):
        yield clauses(re.sub(r"[a-z46']+", _from_latin, shown))
        yield clauses(shown.translate(TO_RUSSIAN_KEYS))
    elif not re.search("[a-z]", shown):
        yield clauses(shown.translate(TO_ENGLISH_KEYS))


def clauses(shown: str) -> tuple[Clause, ...]:
    """A plain text at its borders. What is quoted is somebody else's, unless there is nothing beside it."""
    unquoted = QUOTED.sub(f" {QUOTE} ", shown)
    if not WORD.search(unquoted.replace(QUOTE, "")):
        unquoted = re.sub(r"[«»“”„\"]", " ", shown)
    found: list[Clause] = []
    sentence: list[tuple[str, ...]] = []
    words: list[str] = []
    for token in (*_tokens(unquoted), "\n"):
        if token not in BORDERS:
            words.append(token)
            continue
        if words:
            sentence.append(tuple(words))
            words = []
        if token in ENDS and sentence:
            number = found[-1].sentence + 1 if found else 0
            found += [Clause(each, token, number) for each in sentence]
            sentence = []
    return tuple(found)


def _tokens(text: str) -> Iterator[str]:
    for part in re.split(f"({QUOTE})", text):
        if part == QUOTE:
            yield QUOTE
        else:
            yield from (
                token for token in TOKEN.findall(part) if token in BORDERS or token in SIGNS or WORD.fullmatch(token)
            )


@lru_cache(maxsize=8192)
def skeleton(word: str) -> str:
    """What is left of a word when its most frequent misspellings are taken away."""
    bare = re.sub("[ьъ'-]", "", word).replace("й", "и").replace("ы", "и").replace("э", "е").replace("щ", "ш")
    return re.sub(r"(.)\1+", r"\1", bare.replace("тс", "ц")) if len(bare) > 3 else bare


def is_typo_of(word: str, meant: str) -> bool:
    """Whether two skeletons differ by one slip of the finger: a letter too many, missing, wrong, or two exchanged."""
    if abs(len(word) - len(meant)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    one, other = word[start:], meant[start:]
    slips = {(one[1:], other), (one, other[1:]), (one[1:], other[1:]), (one[:2][::-1] + one[2:], other)}
    return any(a == b for a, b in slips)


class Lexicon:
    """Which meanings a word has: by its skeleton, or, where it stands for a word that matters, by a slip in that.

    ``forgiven`` are those that matter, ``other_words`` those that are themselves and nobody's typo, ``glued`` the
    meanings of two words that people run together ("неписать").
    """

    def __init__(
        self,
        meanings: Mapping[str, str],
        *,
        forgiven: str = "",
        other_words: str = "",
        glued: Set[tuple[str | None, str | None]] = frozenset(),
    ) -> None:
        self._meanings: dict[str, str] = {}
        for name, words in meanings.items():
            for word in words.split():
                self._meanings.setdefault(skeleton(word), name)
        self._forgiven = [skeleton(word) for word in forgiven.split()]
        self._glued = glued
        self._other_words = frozenset(skeleton(word) for word in other_words.split())
        self.of = lru_cache(maxsize=8192)(self._of)

    def _of(self, word: str) -> tuple[str, ...]:
        """Names of meanings: one, none for what is unknown, two for what is run together."""
        bare = skeleton(word)
        if known := self._meanings.get(bare) or (self._starred(bare) if "*" in bare else None):
            return (known,)
        for cut in range(2, len(word) - 2):
            halves = self._meanings.get(skeleton(word[:cut])), self._meanings.get(skeleton(word[cut:]))
            if halves in self._glued:
                return tuple(filter(None, halves))
        if bare in self._other_words:
            return ()
        return tuple(self._meanings[meant] for meant in self._forgiven if is_typo_of(bare, meant))[:1]

    def _starred(self, bare: str) -> str | None:
        """A word whose letters are hidden, as the rude ones often are."""
        hidden = re.compile(re.escape(bare).replace(r"\*", ".{0,2}"))
        return next((name for word, name in self._meanings.items() if hidden.fullmatch(word)), None)


def _one_script(word: str) -> str:
    """A word of mixed letters in the script that all its letters have, look-alikes taken for each other."""
    cyrillic, latin = re.search("[а-я]", word), re.search("[a-z]", word)
    if cyrillic and not latin:
        return word.translate(DIGITS_IN_CYRILLIC) if word[0] > "9" else word
    if latin and not cyrillic:
        inner = re.fullmatch(r"[a-z]+[a-z0-9@$]*[a-z]", word) and not re.search(r"\d{2}", word)
        return word.translate(DIGITS_IN_LATIN) if inner and not re.search("[46]", word) else word
    if latin and cyrillic:
        russian = word.translate(LOOKALIKES)
        return russian if not re.search("[a-z]", russian) else word.translate(LATIN_LOOKALIKES)
    return word


def _from_latin(match: re.Match[str]) -> str:
    return LATIN_SOUND.sub(lambda sound: TRANSLITERATED[sound[0]], match[0])
