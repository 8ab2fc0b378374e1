"""What /stats shows, read once: the text and the picture say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from salesbot.adminbot.desk import Desk
from salesbot.adminbot.stats import figures, period
from salesbot.adminbot.stats.figures import Standing, Sum
from salesbot.adminbot.stats.period import Asked, Stretch
from salesbot.dialog.titles import UNTITLED, Titles
from salesbot.store import stats
from salesbot.store.pool import Connection, transaction
from salesbot.store.stats import Begun, Group, Pace, Said, Step


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of what was asked."""

    asked: Asked
    since: datetime | None
    """When the first of these dialogs may have begun; None: there is none."""
    now: datetime
    zone: tzinfo
    groups: Sequence[Group]
    steps: Sequence[Step]
    """In the order of the scenario; none when there is more than one scenario."""
    said: Said
    pace: Pace
    titles: Titles = UNTITLED

    @property
    def all(self) -> Sum:
        return figures.total(self.groups)

    @property
    def standings(self) -> Sequence[Standing]:
        return figures.standings(self.groups)

    @property
    def scenarios(self) -> Sequence[str]:
        """Whose dialogs these are."""
        return sorted({group.scenario for group in self.groups})

    @property
    def days(self) -> str:
        """The first and the last day, where the admin is."""
        first, last = (self.since or self.now).astimezone(self.zone), self.now.astimezone(self.zone)
        shape = "%d.%m" if first.year == last.year else "%d.%m.%Y"
        return f"{first:{shape}}–{last:{shape}}"


@dataclass(frozen=True, slots=True)
class Course:
    """How many dialogs began in each day, week or month."""

    unit: Stretch
    starts: Sequence[datetime]
    begun: Sequence[Begun]


async def known(on: Desk) -> Sequence[str]:
    """The scenarios that can be asked for: those there are, and those that dialogs were led by."""
    async with transaction(on.pool) as connection:
        return sorted({*on.scenarios, *await stats.scenarios(connection)})


async def make(on: Desk, admin_id: int, asked: Asked) -> Report:
    """The figures, counted in this admin's days."""
    async with transaction(on.pool) as connection:
        return await _make(on, connection, admin_id, asked)


async def make_with_course(on: Desk, admin_id: int, asked: Asked) -> tuple[Report, Course]:
    """The same, and when the dialogs began."""
    async with transaction(on.pool) as connection:
        made = await _make(on, connection, admin_id, asked)
        unit, starts = period.stretches(made.since or made.now, made.now, made.zone)
        return made, Course(unit, starts, await stats.begun(connection, starts, asked.scenario))


async def _make(on: Desk, connection: Connection, admin_id: int, asked: Asked) -> Report:
    now, zone = on.clock.now(), await on.admins.zone(connection, admin_id)
    since = period.since(asked.period, now, zone)
    groups = await stats.groups(connection, since, asked.scenario)
    steps = await stats.steps(connection, since, asked.scenario)
    return Report(
        asked=asked,
        since=since or await stats.first(connection, asked.scenario),
        now=now,
        zone=zone,
        groups=groups,
        steps=_in_order(steps, on.stages) if len({group.scenario for group in groups}) == 1 else (),
        said=await stats.said(connection, since, asked.scenario),
        pace=await stats.pace(connection, since, asked.scenario),
        titles=on.titles,
    )


def _in_order(steps: Sequence[Step], stages: Mapping[str, Sequence[str]]) -> Sequence[Step]:
    """As the scenario has them; those that it has no more come last."""

    def place(step: Step) -> int:
        present = list(stages.get(step.scenario, ()))
        return present.index(step.stage) if step.stage in present else len(present)

    return sorted(steps, key=place)
