"""What only shows when a scenario's pieces are seen together: names that lead nowhere, prices that the texts do not
say, sentences that the program's own guard would hold back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from salesbot.dialog import guard, language
from salesbot.dialog.model import FieldKind, History, Reply
from salesbot.dialog.optout import is_opt_out
from salesbot.dialog.scenario import Scenario
from salesbot.scenarios.problems import Loc, Problem, Source, nearest
from salesbot.scenarios.shape import SENTENCES, FactShape, ScenarioShape

QUOTED = re.compile(r"[«“\"'‘„]([^»”\"'’“]+)[»”\"'’“]")

PROGRAM = re.compile(
    r"program|програм|robot|робот|\b(?:chat-?)?bots?\b|\b(?:чат-?)?бот\w{0,2}\b|\b(?:ai|ии|ki|ia)\b|нейросет|virtual|виртуал",
    re.I,
)
"""Words that call somebody what they are."""
SENTENCE = re.compile(r"(?<=[.!?…])\s+")

TO_ITS_OWNER = {
    "promise": "this promises something, and nobody would be reminded of it",
    "denial": "this denies that a program writes",
    "leak": "this repeats the instructions of the scenario",
    "note": "this has square brackets or JSON in it, which nobody writes in a chat",
    "too_long": "this is longer than limits.max_part_chars",
    "language": "this is in none of the scenario's languages",
}
"""What the guard says to the model in words of its own, said to whoever wrote the sentence."""

DEPENDS = {"promise", "too_long", "language"}
"""Whether the guard minds these in a fact depends on the reply it is said in."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A scenario as far as it could be read."""

    scenario: Scenario
    file: ScenarioShape
    facts: Sequence[tuple[int, FactShape]]
    """With their number in the file; those that could not be read are left out."""
    main: Source
    facts_file: Source
    broken: frozenset[str]
    """Keys of ``scenario.toml``, and files, that have problems already: what depends on them is not checked."""


Found = Iterator[Problem]


def run(draft: Draft) -> list[Problem]:
    return [problem for check, needs in CHECKS if not needs & draft.broken for problem in check(draft)]


def notes(draft: Draft) -> Found:
    """What may be right, and is worth a look."""
    if "persona" not in draft.broken and not PROGRAM.search(draft.file.persona):
        yield draft.main.problem(
            ("persona",),
            "does not call them a program, which is what people are told; "
            'say so here as well, like "Maria, the assistant program of Brisk Corner"',
        )


def _names(draft: Draft) -> Found:
    """The same name twice leaves one of the two without effect."""
    for key in ("stages", "fields", "openings"):
        if key not in draft.broken:
            named = [one.name for one in getattr(draft.file, key)]
            yield from _twice(draft.main, {(key, at, "name"): name for at, name in enumerate(named)})
    if "languages" not in draft.broken:
        yield from _twice(draft.main, {("languages", at): code for at, code in enumerate(draft.file.languages)})
    yield from _twice(draft.facts_file, {("fact", at, "id"): fact.id for at, fact in draft.facts})


def _twice(source: Source, named: Mapping[Loc, str]) -> Found:
    first: dict[str, Loc] = {}
    for loc, name in named.items():
        if name in first:
            yield source.problem(loc, f"{name!r} stands in line {source.line(first[name])} already; choose another")
        first.setdefault(name, loc)


def _sentences(draft: Draft) -> Found:
    """What the program says itself, in each language."""
    for key in SENTENCES:
        texts: Mapping[str, str] = getattr(draft.file, key)
        if key in draft.broken or key not in draft.main.data:
            continue
        yield from _missing(draft.main, (key,), texts, draft.file.languages)
        for code, text in texts.items():
            if code in draft.file.languages and len(draft.file.languages) > 1:
                written = language.of_text(text)
                if written not in (None, code):
                    yield draft.main.problem((key, code), f"is written in another language than {code}")


def _missing(source: Source, loc: Loc, texts: Mapping[str, str], languages: Sequence[str]) -> Found:
    for code in languages:
        if code not in texts:
            line = f"text.{code}" if loc[-1] == "text" else code
            yield source.problem(loc, f'the text for the language {code} is missing: add a line {line} = "…"')
    for code in texts:
        if code not in languages:
            known = ", ".join(languages)
            yield source.problem(
                (*loc, code), f"languages (scenario.toml) does not have this language, it has: {known}"
            )


def _stop_words(draft: Draft) -> Found:
    for code, text in draft.file.disclosure.items():
        words = {*QUOTED.findall(text), *re.findall(r"\w+", text)}
        if not any(is_opt_out(word) for word in words):
            example = "«стоп»" if code == "ru" else "“stop”"
            yield draft.main.problem(
                ("disclosure", code), f"has no word that ends the conversation: say that they may write {example}"
            )


def _fields(draft: Draft) -> Found:
    for at, one in enumerate(draft.file.fields):
        if one.kind is FieldKind.CHOICE and len(set(one.choices)) < 2:
            yield draft.main.problem(
                ("fields", at, "choices"), 'a field of the kind "choice" needs two at least, like ["yes", "no"]'
            )
        elif one.kind is not FieldKind.CHOICE and one.choices:
            yield draft.main.problem(("fields", at, "choices"), 'only a field of the kind "choice" has them')


def _learnt(draft: Draft) -> Found:
    """Only fields that exist can be learnt or needed."""
    known = [one.name for one in draft.file.fields]
    if "stages" not in draft.broken:
        for at, stage in enumerate(draft.file.stages):
            yield from _unknown_fields(draft.main, ("stages", at, "learn"), stage.learn, known)
    if "outcomes" not in draft.broken:
        yield from _unknown_fields(draft.main, ("outcomes", "won_needs"), draft.file.outcomes.won_needs, known)


def _unknown_fields(source: Source, loc: Loc, named: Iterable[str], known: list[str]) -> Found:
    for at, name in enumerate(named):
        if name not in known:
            yield source.problem((*loc, at), nearest(f"there is no field {name!r}", name, known))


def _fact_texts(draft: Draft) -> Found:
    for at, fact in draft.facts:
        texts = fact.text
        if "" in texts and len(draft.file.languages) > 1:
            codes = " and ".join(f"text.{code}" for code in draft.file.languages)
            yield draft.facts_file.problem(("fact", at, "text"), f"the scenario has several languages: write {codes}")
        elif "" not in texts:
            yield from _missing(draft.facts_file, ("fact", at, "text"), texts, draft.file.languages)


def _prices(draft: Draft) -> Found:
    """A price that its own text does not say could not be said, or would be said beside another one."""
    for at, fact in draft.facts:
        unpriced = _unpriced(fact)
        for code in unpriced:
            assert fact.price is not None, "it is what the text does not say"
            told = _told(fact.price.amount, fact.price.currency)
            yield draft.facts_file.problem(_text(at, code), f"does not say the price, {told}; the two have to agree")


def _unpriced(fact: FactShape) -> list[str]:
    """The languages whose text does not say the price."""
    if (price := fact.price) is None:
        return []
    return [code for code, text in fact.text.items() if (price.amount, price.currency) not in guard.amounts(text)]


def _figures(draft: Draft) -> Found:
    """All languages of a fact name the same amounts and percentages: else one of them is wrong."""
    for at, fact in draft.facts:
        for (code, text), (other, its) in combinations(fact.text.items() if not _unpriced(fact) else (), 2):
            here, there = _alone(text, its), _alone(its, text)
            match bool(here), bool(there):
                case True, True:
                    what = f"says {there}, and text.{code} says {here}"
                case True, False:
                    what = f"does not say {here}, and text.{code} does"
                case False, True:
                    what = f"says {there}, and text.{code} does not"
                case _:
                    continue
            yield draft.facts_file.problem(_text(at, other), f"{what}; the languages of a fact have to agree")


def _alone(text: str, other: str) -> str:
    """The amounts and percentages that stand in a text in digits, and in another one in no way at all."""
    written = set(guard.numbers(text))
    known = {*guard.numbers(other), *(value for value, _ in _named(other))}
    return ", ".join(_told(value, unit) for value, unit in _named(text) if value in written and value not in known)


def _named(text: str) -> list[tuple[Decimal, str]]:
    return [*guard.amounts(text), *((value, "%") for value in guard.percentages(text))]


def _told(value: Decimal, unit: str) -> str:
    return f"{value.normalize():f} {unit}".strip()


def _text(at: int, code: str) -> Loc:
    """Where a text of a fact stands."""
    return ("fact", at, "text", code) if code else ("fact", at, "text")


def _budget(draft: Draft) -> Found:
    size, room = len(draft.scenario.facts_text), draft.file.limits.facts_chars
    if size > room:
        longest = sorted(draft.scenario.facts, key=lambda fact: -sum(map(len, fact.text.values())))[:3]
        yield draft.facts_file.problem(
            (),
            f"the facts take {size} characters, and limits.facts_chars allows {room}. All of them are sent to the "
            "model with every message, which costs money and attention: leave out what nobody asks, shorten the "
            f"longest ({', '.join(fact.id for fact in longest)}), or raise limits.facts_chars in scenario.toml",
        )


def _sayable(draft: Draft) -> Found:
    """A fact that the guard would hold back in its own words is of no use."""
    for at, fact in draft.facts:
        for code, text in fact.text.items():
            for violation in _held_back(draft, text):
                if violation.code not in DEPENDS:
                    what = f"could not be said as it stands: {_minded(draft, text, violation)}"
                    yield draft.facts_file.problem(_text(at, code), what)


def _guarded(draft: Draft) -> Found:
    """What the program says itself has to pass what it lets the model say."""
    for key in SENTENCES:
        for code, text in getattr(draft.file, key).items():
            for violation in _held_back(draft, text):
                what = f"the program's own guard would hold this back: {_minded(draft, text, violation)}"
                yield draft.main.problem((key, code), what)


def _held_back(draft: Draft, text: str) -> Sequence[guard.Violation]:
    return guard.check(Reply((text,), draft.scenario.first_stage), draft.scenario, History(()))


def _minded(draft: Draft, text: str, violation: guard.Violation) -> str:
    """What the guard minds, in words for the owner, and the sentence in which it does."""
    what = TO_ITS_OWNER.get(violation.code, violation.message.rstrip("."))
    for sentence in SENTENCE.split(text):
        if violation.code in {one.code for one in _held_back(draft, sentence)}:
            return f"{what}: “{sentence}”"
    return what


Needs = frozenset[str]
CHECKS: Sequence[tuple[Callable[[Draft], Found], Needs]] = (
    (_names, frozenset()),
    (_sentences, frozenset({"languages"})),
    (_stop_words, frozenset({"disclosure"})),
    (_fields, frozenset({"fields"})),
    (_learnt, frozenset({"fields"})),
    (_fact_texts, frozenset({"languages"})),
    (_prices, frozenset()),
    (_figures, frozenset()),
    (_budget, frozenset({"limits"})),
    (_sayable, frozenset({"limits", "languages", "stages", "facts.toml", "prompt.md"})),
    (_guarded, frozenset({*SENTENCES, "limits", "languages", "stages", "facts.toml", "prompt.md"})),
)
"""Each with the keys and files without which it would only repeat what was told."""
