"""What a draft is judged against: the facts, the sums it declares, and what was said before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import takewhile

from salesbot.dialog.guard import facts as known
from salesbot.dialog.guard import modality
from salesbot.dialog.guard.facts import Allowed, Facts
from salesbot.dialog.guard.links import links, without
from salesbot.dialog.guard.quantities import CLOCK_BEFORE, Quantity, What, quantities
from salesbot.dialog.guard.topics import VAGUE, topics
from salesbot.dialog.guard.words import Text, phrases, read
from salesbot.dialog.model import History, Reply
from salesbot.dialog.remembered import remembered
from salesbot.dialog.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Violation:
    """``code`` for records; ``message`` for the model, so that it can do better."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Use:
    """How the person used a number."""

    what: What
    line: str
    """Of its clause."""
    scaled: bool = False
    before: str = ""
    """The word before it."""
    after: str = ""
    """The noun that it counts, if that is one; the word behind a share."""
    appointed: bool = False
    """The hour of a day that is named: ``Friday at 3``."""
    alone: bool = False
    """Asked without much else: ``6500?``"""

    @property
    def topics(self) -> frozenset[str]:
        return topics(self.line) - VAGUE


@dataclass(frozen=True)
class Heard:
    """A line of the person's."""

    content: str

    @cached_property
    def text(self) -> Text:
        """Without the addresses in it. Most rules need that of the last lines only."""
        return read(without(self.content))

    @cached_property
    def uses(self) -> tuple[tuple[Decimal, Use], ...]:
        return _uses(self.content)

    @property
    def links(self) -> Iterator[str]:
        return links(self.content)


_DAY = re.compile(
    r"понедельник\w*|вторник\w*|сред[ауы]|четверг\w*|пятниц\w*|суббот\w*|воскресень\w*|сегодня|завтра|послезавтра|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thu|thurs?|fri|пн|вт|ср|чт|пт|сб|вс|"
    r"today|tonight|tomorrow"
)
_FACTOR = re.compile(r"(?<![\w-])\d{1,5}(?![\w-])")
_COUNTED = phrases(r"""
    сколько (?!стоит|готовы)|когда|какой|каком|какого|какое|во сколько|how (?:many|large|big)|when|what (?:day|time)
    which
""")
"""Asks for a number that is no price."""
_NONE = frozenset[Decimal]()


def _on_a_day(text: Text, at: int) -> bool:
    """Whether a number behind ``at`` follows the name of a day, or stands before one."""
    return _DAY.fullmatch(text.norm(at - 2)) is not None or any(
        _DAY.fullmatch(text.norm(at + further)) is not None for further in (1, 2) if text.norm(at + 1) in _ON
    )


_ON = frozenset("on в во this next".split()) | {""}


@remembered(2000)
def _uses(content: str) -> tuple[tuple[Decimal, Use], ...]:
    """The numbers in a line: what most rules ask of the older ones."""
    text = read(without(content))
    uses = []
    for one in quantities(text):
        sentence = text.sentence(one.first)
        line = text.clause(one.first).line
        scaled = one.number is not None and one.number.scaled
        value = one.canonical[0] if one.what is What.DURATION else one.value
        uses.append(
            (
                value,
                Use(
                    one.what,
                    line,
                    scaled,
                    text.norm(one.first - 1),
                    after=_after(text, one),
                    appointed=one.value <= 24
                    and text.norm(one.first - 1) in CLOCK_BEFORE
                    and _on_a_day(text, one.first),
                    alone=sentence.asks and len(sentence.words) <= 3 and one.value >= 100,
                ),
            )
        )
    return tuple(uses)


def _after(text: Text, one: Quantity) -> str:
    match one.what:
        case What.COUNT:
            return one.unit
        case What.PERCENT:
            return text.norm(one.last)
    return ""


@dataclass(frozen=True)
class Scene:
    reply: Reply
    scenario: Scenario
    history: History
    sums: tuple[Allowed, ...]

    @cached_property
    def facts(self) -> Facts:
        return known.of(self.scenario)

    @cached_property
    def heard(self) -> tuple[Heard, ...]:
        """What the person said, oldest first."""
        return tuple(Heard(one.content) for one in self.history.messages if one.incoming)

    @cached_property
    def asked(self) -> tuple[Heard, ...]:
        """What they said since our last line."""
        since = takewhile(lambda one: one.incoming or not one.said, reversed(self.history.messages))
        count = sum(one.incoming for one in since)
        return self.heard[len(self.heard) - count :]

    @cached_property
    def ours(self) -> tuple[str, ...]:
        return tuple(one.content for one in self.history.messages if not one.incoming and one.said)

    @cached_property
    def theirs(self) -> Mapping[Decimal, tuple[Use, ...]]:
        """The person's own numbers, and how they used them."""
        found: dict[Decimal, tuple[Use, ...]] = {}
        for line in self.heard:
            for value, use in line.uses:
                found[value] = (*found.get(value, ()), use)
        return found

    @cached_property
    def dearest(self) -> Decimal:
        return max((one.value for one in self.facts.amounts), default=Decimal(0))

    @cached_property
    def priced(self) -> bool:
        """Whether this is a talk about money: a price was told in it."""
        prices = {one.value for one in self.facts.amounts}
        return any(one.value in prices for line in self.ours for one in quantities(read(line)))

    @cached_property
    def quoted(self) -> bool:
        """Whether what they answer is a price: our last turn told one, and asked for no number beside it."""
        prices = {one.value for one in self.facts.amounts}
        last = [read(line) for line in self._last_turn]
        if any(one.asks and _COUNTED.search(one.line) for text in last for one in text.sentences):
            return False
        return any(one.value in prices for text in last for one in quantities(text))

    @cached_property
    def _last_turn(self) -> tuple[str, ...]:
        """Our lines before what they said since."""
        said = [one for one in self.history.messages if one.incoming or one.said]
        while said and said[-1].incoming:
            said.pop()
        theirs = next((at for at, one in enumerate(reversed(said)) if one.incoming), len(said))
        return tuple(one.content for one in said[len(said) - theirs :])

    @cached_property
    def derived(self) -> frozenset[Decimal]:
        """Sums and products of the person's own counts: two floors of forty are eighty people."""
        counts = [
            value
            for value, uses in self.theirs.items()
            if any(use.what in (What.COUNT, What.BARE) and not use.scaled for use in uses)
        ][-12:]
        pairs = [made for at, one in enumerate(counts) for other in counts[at:] for made in (one + other, one * other)]
        return frozenset([*pairs, sum(counts, Decimal(0))])

    @cached_property
    def declared(self) -> frozenset[str]:
        """The facts that the reply says it uses, those in its sums included."""
        return frozenset(self.reply.facts).union(*(made.owners for made in self.sums))

    @cached_property
    def factors(self) -> frozenset[Decimal]:
        """How many of each the declared sums count."""
        return (
            frozenset(Decimal(one) for made in self.reply.sums for one in _FACTOR.findall(made)) if self.sums else _NONE
        )

    @cached_property
    def told(self) -> str:
        """Lines of everybody, one behind the other: nothing that was said in the chat is a secret in it."""
        return "".join((*(one.text.whole.line for one in self.heard), *(read(one).whole.line for one in self.ours)))

    @cached_property
    def their_links(self) -> frozenset[str]:
        return frozenset(link for line in self.heard for link in line.links)

    @cached_property
    def names(self) -> frozenset[str]:
        """Words that belong to no language: names of the company, of who speaks, and of what is sold."""
        return self.scenario.kept(_names)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The parts, without the addresses in them."""
        return tuple(read(without(part)) for part in self.reply.parts)


def _names(scenario: Scenario) -> frozenset[str]:
    said = [scenario.company, scenario.persona, *(name for fact in scenario.facts for name in fact.names)]
    return frozenset(token.norm for one in said for token in read(one).tokens if token.is_word and token.capital)


def declined(text: Text, at: int) -> bool:
    """Whether what stands at a token is turned down: in its own thought, or echoed as a question and denied then."""
    clause = text.clause(at).line
    if modality.declines(text.thought(at).gist) or (modality.unable(clause) and modality.denies(clause)):
        return True
    sentence = text.sentence(at)
    following = next((one for one in text.sentences if one.first == sentence.last), None)
    return (
        sentence.asks and following is not None and modality.declines(following.gist) and not modality.agrees(sentence)
    )


def describe(one: Quantity) -> str:
    return f"{one.value.normalize():f}"


def about(scene: Scene, text: Text, at: int) -> frozenset[str]:
    """What a place is about: its clause, else those before it in the sentence, else what the person asked about."""
    if found := known.flow(text.sentence(at))[text.clause(at).first]:
        return found
    return frozenset(one for line in scene.asked for one in topics(line.text.whole.line)) - VAGUE
