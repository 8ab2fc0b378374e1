"""How people really write, brought to a form that rules can read: spelling, typos, scripts, clauses. Knows no meanings.

A text has two *readings*: as it stands, and as typed with the other keyboard layout ("cnjg"). A reading is a sequence
of clauses, and a word is compared by its *skeleton*: without what Russian and English spelling mistakes change most
(soft signs, й and ы, doubled letters).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from salesbot.dialog.remembered import WORDS, remembered

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

MUTE, DOUBLED = re.compile("[ьъ'-]"), re.compile(r"(.)\1+")
UNSTRESSED = str.maketrans("ои", "ае")
INDICATIVE = re.compile(r"ете(?:с)?$")
"""What somebody does sounds like what they are told to do."""
TOLD = re.compile(r"(?:[аи]?л[аио]?|[еи]т|[юая]т)$")
"""Endings of what is told of somebody: no slip of an order."""
LONGEST = 40
"""Letters after which nobody means a word."""
LONG = 7
"""Letters of a word that is still known when one is missing."""
SOUNDS = 5
"""Letters that a word needs for its sound to tell it from others."""

CYRILLIC, LATIN = re.compile("[а-я]"), re.compile("[a-z]")
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\ufe0f]")
SPACED = re.compile(r"(?:(?<![^\W_])(?:[^\W\d_][ .\-_*]){3,}|(?<=  )(?:[^\W\d_][ .\-_*])+)[^\W\d_](?![^\W_])")
"""``s t o p``, ``с.т.о.п``"""
STACCATO = re.compile(r"(?:\s*[\w']+[.!]+){3,}\s*")
"""``not. one. more. word.``"""
APOSTROPHES = re.compile(r"[’`ʼ´]")
REPEATED = re.compile(r"([^\W\d_])\1{2,}")
QUOTED = re.compile(r"«[^«»]{0,200}»|“[^“”]{0,200}”|„[^„“]{0,200}“|\"[^\"]{0,200}\"|(?<!\w)'[^']{0,200}'(?!\w)")
WORD = re.compile(r"[a-zа-я0-9@$*]*[a-zа-я][a-zа-я0-9@$*]*(?:['-][a-zа-я]+)*|\d+")
TOKEN = re.compile(rf"{WORD.pattern}|[.,!?;:()\n…—–]| - |[^\w\s]")
ENDS = frozenset(".!?;\n…")
BORDERS = ENDS | frozenset(",:()—–") | {" - "}
SIGNS = frozenset("🛑⛔🚫")
"""What is as good as a word."""
DISGUISED, FIGURES = re.compile(r"[a-z$5]+[a-z0-9@$]*[a-z]"), re.compile(r"\d{2}|[46]")
"""A word with signs for letters, and digits that stand for none."""
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


@remembered(16)
def plain(text: str) -> str:
    """Small letters of one script a word, no invisible signs, no drawled or spaced letters."""
    shown = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).casefold().replace("ё", "е")
    shown = APOSTROPHES.sub("'", shown)
    shown = SPACED.sub(lambda match: re.sub(r"[ .\-_*]", "", match[0]), shown)
    shown = REPEATED.sub(r"\1", shown)
    if STACCATO.fullmatch(shown):
        shown = re.sub(r"[.!]", " ", shown)
    return WORD.sub(lambda match: _one_script(match[0]), shown)


def readings(text: str) -> Iterator[tuple[Clause, ...]]:
    """The ways in which a text can be read: as it stands, and as typed with the other keyboard layout."""
    shown = plain(text)
    yield clauses(shown)
    if not CYRILLIC.search(shown):
        yield clauses(shown.translate(TO_RUSSIAN_KEYS))
    elif not LATIN.search(shown):
        yield clauses(shown.translate(TO_ENGLISH_KEYS))


def in_cyrillic(word: str) -> Iterator[str]:
    """What Russian word is meant by Latin letters: by their sound ("ne pishi"), or by their looks ("MHE")."""
    for written in dict.fromkeys((word, word.replace("w", "sh").replace("ia", "ya"))):
        yield LATIN_SOUND.sub(lambda sound: TRANSLITERATED[sound[0]], written)
    if len(word) > 2:
        yield word.translate(LOOKALIKES)


@remembered(16)
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
    for number, part in enumerate(text.split(QUOTE)):
        if number:
            yield QUOTE
        for token in TOKEN.findall(part):  # a word, a border, or a sign of some other kind
            if len(token) > 1 or token.isalnum() or token in BORDERS or token in SIGNS:
                yield token


@remembered(WORDS)
def skeleton(word: str) -> str:
    """What is left of a word when its most frequent misspellings are taken away."""
    bare = MUTE.sub("", word).replace("й", "и").replace("ы", "и").replace("э", "е").replace("щ", "ш")
    return DOUBLED.sub(r"\1", bare.replace("тс", "ц")) if len(bare) > 3 else bare


def sound(bare: str) -> str:
    """A skeleton with the vowels that Russian ears confuse where they are not stressed."""
    return bare.translate(UNSTRESSED)


def is_typo_of(word: str, meant: str) -> bool:
    """Whether two skeletons differ by one slip of the finger: a letter too many, missing, wrong, or two exchanged."""
    if abs(len(word) - len(meant)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    one, other = word[same:], meant[same:]
    return other in (one, one[1:], one[1::-1] + one[2:]) or one == other[1:] or one[1:] == other[1:]


def _exchanges(word: str) -> Iterator[str]:
    """Two neighbouring letters exchanged, which hardly ever makes another word."""
    if len(word) > 3:
        yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


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
        self._sounding = {sound(word): name for word, name in reversed(self._meanings.items()) if len(word) >= SOUNDS}
        self._exchanged = {slip: name for word, name in reversed(self._meanings.items()) for slip in _exchanges(word)}
        self._shortened: dict[str, list[str]] = {}
        for word in self._meanings:
            for slip in _without_one(word) if len(word) >= LONG else ():
                self._shortened.setdefault(slip, []).append(word)
        self._forgiven = [skeleton(word) for word in forgiven.split()]
        self._near: dict[str, list[int]] = {}
        for at, word in enumerate(self._forgiven):
            for slip in (word, *_without_one(word)):
                self._near.setdefault(slip, []).append(at)
        self._glued = glued
        self._glued_first = frozenset(first for first, _ in glued)
        self._other_words = frozenset(skeleton(word) for word in other_words.split())
        self.of = remembered(WORDS)(self._of)

    def _of(self, word: str) -> tuple[str, ...]:
        """Names of meanings: one, none for what is unknown, two for what is run together."""
        if len(word) > LONGEST:
            return ()
        bare = skeleton(word)
        if known := self.exactly(word) or (self._starred(bare) if "*" in bare else None):
            return (known,)
        if not bare:
            return ()
        if "-" in word and all(each := [self._meanings.get(skeleton(half)) for half in word.split("-")]):
            return tuple(filter(None, each))
        for cut in range(2, len(word) - 2):
            first = self._meanings.get(skeleton(word[:cut]))
            if first not in self._glued_first:
                continue
            second = skeleton(word[cut:])
            halves = first, self._meanings.get(second) or self._meant_by(second)
            if halves in self._glued:
                return tuple(filter(None, halves))
        return tuple(filter(None, [self._meant_by(bare)]))

    def exactly(self, word: str) -> str | None:
        """The name of the meaning of a word that is written as it should be, or nearly."""
        return self._meanings.get(skeleton(word))

    def _meant_by(self, bare: str) -> str | None:
        """The meaning of the word that this is a slip in. Another beginning or ending makes another word."""
        if bare in self._other_words:
            return None
        if name := self._exchanged.get(bare):
            return name
        if len(bare) >= SOUNDS and not INDICATIVE.search(bare) and (name := self._sounding.get(sound(bare))):
            return name
        longer = self._shortened.get(bare, [])
        shorter = [one for one in _without_one(bare) if one in self._meanings] if len(bare) > LONG else []
        alike = [meant for meant in (*longer, *shorter) if meant[0] == bare[0] and meant[-2:] == bare[-2:]]
        if not TOLD.search(bare):
            alike += self._slips_of(bare)
        return next((self._meanings[meant] for meant in alike), None)

    def _slips_of(self, bare: str) -> list[str]:
        """The forgiven words in which this is a slip: two words that one slip parts are the same when each, or one of
        them, lacks a letter."""
        near = {at for slip in (bare, *_without_one(bare)) for at in self._near.get(slip, ())}
        return [self._forgiven[at] for at in sorted(near) if is_typo_of(bare, self._forgiven[at])]

    def _starred(self, bare: str) -> str | None:
        """A word whose letters are hidden, as the rude ones often are."""
        hidden = re.compile(re.escape(bare).replace(r"\*", ".{0,2}"))
        return next((name for word, name in self._meanings.items() if hidden.fullmatch(word)), None)


def _one_script(word: str) -> str:
    """A word of mixed letters in the script that all its letters have, look-alikes taken for each other."""
    cyrillic, latin = CYRILLIC.search(word), LATIN.search(word)
    if latin and cyrillic:
        russian = word.translate(LOOKALIKES)
        return russian if not LATIN.search(russian) else word.translate(LATIN_LOOKALIKES)
    if word.isalpha():  # no digit or sign in it stands for a letter
        return word
    if cyrillic:
        return word.translate(DIGITS_IN_CYRILLIC) if word[0] > "9" else word
    if latin:
        inner = DISGUISED.fullmatch(word) and not FIGURES.search(word)
        return word.translate(DIGITS_IN_LATIN) if inner else word
    return word
