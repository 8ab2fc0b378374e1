"""What is tried: a kind is one sort of trouble, a case one way of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.chaos.arena import Arena

Case: TypeAlias = Mapping[str, Any]
"""One way of a kind, as JSON: it stands in the line of its run."""


@dataclass(frozen=True, slots=True)
class Places:
    """What a run without trouble passes, by act: ends of transactions, and calls of the sandbox's protocols."""

    ends: Mapping[str, Sequence[Mapping[str, Any]]]
    """Per act: signature, label, writes, times."""
    calls: Mapping[str, Mapping[str, int]]
    """Per act: how often each call came."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``play`` starts the product, makes the trouble, and tells whether it came about; ``cases`` are gone through in
    turn. ``share`` is how many runs of the whole proof it gets."""

    name: str
    share: int
    play: Callable[[Arena, Case], Awaitable[bool]]
    cases: Callable[[Places], Sequence[Case]]
    settings: Mapping[str, str] | None = None
    """Settings of the product that differ from the arena's."""


def always(*cases: Case) -> Callable[[Places], Sequence[Case]]:
    """Cases that depend on no recording."""
    return lambda places: cases or ({},)


def every() -> Mapping[str, Kind]:
    """All kinds by name."""
    from tests.chaos.kinds import (  # noqa: PLC0415 (they import this)
        database,
        hands,
        kill,
        manners,
        model,
        people,
        telegram,
        waits,
    )

    families = (kill, database, telegram, people, model, hands, waits, manners)
    return {kind.name: kind for family in families for kind in family.KINDS}
