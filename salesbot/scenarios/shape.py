"""What the two TOML files of a scenario hold. Every description is shown to the operator when the key is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from salesbot.dialog.model import FieldKind
from salesbot.dialog.scenario import FactKind, Limits
from salesbot.i18n import CODES

DURATION = re.compile(r"(\d+)\s*([mhd])")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
NAME = r"^[a-z][a-z0-9_]*$"
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
CURRENCIES = ("RUB", "USD", "EUR", "GBP")
"""Those that the guard tells from each other in a text."""
TOLD_APART = {"ru", "en"}
"""See ``dialog/language.py``."""
DEFAULT = Limits()
TITLE = 'what you read at the desk, like title = "people", or title.en = "people" and title.ru = "человек"'


def _duration(value: object) -> timedelta:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError(f'{value!r} is no duration: write one like "90m", "24h" or "3d" (minutes, hours, days)')
    try:
        return int(match[1]) * UNITS[match[2]]
    except OverflowError as exc:
        raise ValueError("nobody waits that long") from exc


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        meant = next(_zones_like(value), "")
        hint = f'did you mean "{meant}"?' if meant else 'write one like "Europe/Moscow"'
        raise ValueError(f"there is no such timezone; {hint}") from exc
    return value


def _zones_like(written: str) -> Iterator[str]:
    """The timezones that a name may stand for: mostly its city without the continent, or a slip of the pen."""
    region, _, city = written.strip().replace(" ", "_").casefold().rpartition("/")
    zones = sorted(zone for zone in available_timezones() if "/" in zone)
    regions = {zone.rpartition("/")[0].casefold() for zone in zones}
    cities = {
        zone.rpartition("/")[2].casefold(): zone
        for zone in zones
        if region not in regions or zone.rpartition("/")[0].casefold() == region
    }
    yield from (cities[one] for one in get_close_matches(city, list(cities), cutoff=0.75))


def _local(value: object) -> time:
    match = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f'{value!r} is no time of day: write one like "21:00"')
    return time(int(match[1]), int(match[2]))


def _quiet(value: object) -> tuple[time, time]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError('write two local times like ["21:00", "09:00"]')
    start, end = map(_local, value)
    if start == end:
        raise ValueError("the two times are the same; leave the line out if there are no quiet hours")
    return start, end


def _number(value: object) -> object:
    if type(value) in (bool, str):
        raise ValueError("write a number without quotation marks, with a point before the cents: 4900 or 18.50")
    return value


def _currency(value: str) -> str:
    if value not in CURRENCIES:
        raise ValueError(f"there is no such currency here; known are {', '.join(CURRENCIES)}")
    return value


def _one_text(value: object) -> object:
    """A text without a language stands for the only one there is."""
    return {"": value} if isinstance(value, str) else value


def _visible(value: str) -> str:
    if unseen := UNSEEN.search(value):
        raise ValueError(f"holds a character that cannot be sent (U+{ord(unseen[0]):04X}): take it out")
    return value


def _some(value: tuple[object, ...]) -> tuple[object, ...]:
    if not value:
        raise ValueError("there has to be one at least")
    return value


def _told_apart(codes: tuple[str, ...]) -> tuple[str, ...]:
    if len(codes) > 1 and not set(codes) <= TOLD_APART:
        raise ValueError(
            "only ru and en can be together in one scenario, they are told apart by their letters; "
            "make a scenario of its own for each other language"
        )
    return codes


def _for_the_desk(titles: dict[str, str]) -> dict[str, str]:
    if unknown := next((code for code in titles if code not in ("", *CODES)), ""):
        raise ValueError(f"the desk does not speak {unknown!r}; it speaks {' and '.join(CODES)}")
    return titles


Text = Annotated[str, Field(min_length=1), AfterValidator(_visible)]
Sentence = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_visible)]
Name = Annotated[str, Field(pattern=NAME)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Title = Annotated[
    dict[str, Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_visible)]],
    BeforeValidator(_one_text),
    AfterValidator(_for_the_desk),
]
Duration = Annotated[timedelta, BeforeValidator(_duration)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class StageShape(_Shape):
    name: Name = Field(description='like name = "introduction"')
    title: Title = Field({}, description=TITLE)
    what: Text = Field(description='what to do in this stage, like what = "say who writes and why"')
    learn: tuple[str, ...] = Field((), description='names of fields, like learn = ["team_size"]')
    move_on: str = Field("", description="when the next stage begins, in words")
    hot: bool = Field(False, description="hot = true where the operator shall hear that somebody is close to a yes")


class FieldShape(_Shape):
    name: Name = Field(description='like name = "team_size"')
    title: Title = Field({}, description=TITLE)
    kind: FieldKind = Field(description='like kind = "number"')
    what: Text = Field(description='what to learn, like what = "how many people are in the office"')
    choices: tuple[Text, ...] = Field((), description='like choices = ["alone", "together"]')


class OpeningShape(_Shape):
    name: Name = Field(description='like name = "question"')
    title: Title = Field({}, description=TITLE)
    how: Text = Field(description="how to write the first message, in words")


class OutcomesShape(_Shape):
    won: Text = Field(description="in words, when the goal is reached")
    lost: Text = Field(description="in words, what is a clear no")
    human: Text = Field(description="in words, when a colleague has to go on")
    won_needs: tuple[str, ...] = Field((), description='names of fields, like won_needs = ["phone"]')


class LimitsShape(_Shape):
    facts_chars: int = Field(DEFAULT.facts_chars, ge=500, le=100_000, description="a number of characters")
    turns_per_hour: int = Field(DEFAULT.turns_per_hour, ge=1, le=1000, description="a number of replies")
    max_parts: int = Field(3, ge=1, le=3, description="a number of messages")
    max_part_chars: int = Field(700, ge=100, le=3000, description="a number of characters")


class ScenarioShape(_Shape):
    """``scenario.toml``."""

    company: Text = Field(description='like company = "Brisk Corner"')
    persona: Text = Field(description='who writes, like persona = "Maria, the assistant program of Brisk Corner"')
    goal: Text = Field(description="what the conversation is for, in words")
    languages: Annotated[tuple[Language, ...], AfterValidator(_some), AfterValidator(_told_apart)] = Field(
        description='like languages = ["en"]'
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(description='like timezone = "Europe/Moscow"')
    quiet_hours: Annotated[tuple[time, time] | None, BeforeValidator(_quiet)] = Field(
        None, description='like quiet_hours = ["21:00", "09:00"]'
    )
    follow_ups: tuple[Duration, ...] = Field((), description='like follow_ups = ["24h", "3d"]')
    follow_up: Text = Field(description="how to write to somebody who went quiet, in words")
    outcomes: OutcomesShape = Field(description="a section [outcomes] with won, lost and human")
    limits: LimitsShape = Field(LimitsShape.model_validate({}), description="a section [limits]")
    stages: Annotated[tuple[StageShape, ...], AfterValidator(_some)] = Field(
        description="sections [[stages]] with name and what"
    )
    fields: tuple[FieldShape, ...] = Field((), description="sections [[fields]] with name, kind and what")
    openings: Annotated[tuple[OpeningShape, ...], AfterValidator(_some)] = Field(
        description="sections [[openings]] with name and how"
    )
    disclosure: dict[str, Sentence] = Field(description="a section [disclosure] with a text for each language")
    identity: dict[str, Sentence] = Field(description="a section [identity] with a text for each language")
    safe_sentence: dict[str, Sentence] = Field(description="a section [safe_sentence] with a text for each language")
    waiting: dict[str, Sentence] = Field({}, description="a section [waiting] with a text for each language")
    farewell: dict[str, Sentence] = Field({}, description="a section [farewell] with a text for each language")


class PriceShape(_Shape):
    amount: Annotated[Decimal, BeforeValidator(_number)] = Field(
        gt=0, max_digits=12, decimal_places=2, description="a number, like amount = 4900"
    )
    currency: Annotated[str, AfterValidator(_currency)] = Field(description='like currency = "RUB"')
    per: str = Field("", description='what it is for, like per = "month"; left out for a price paid once')


class FactShape(_Shape):
    """One ``[[fact]]`` of ``facts.toml``."""

    id: Name = Field(description='like id = "delivery"')
    kind: FactKind = Field(description='like kind = "term"')
    text: Annotated[dict[str, Text], BeforeValidator(_one_text)] = Field(
        min_length=1, description='a text for each language, like text.en = "Delivery is free of charge."'
    )
    names: tuple[Text, ...] = Field((), description='how people call it, like names = ["Start"]')
    price: PriceShape | None = Field(
        None, description='like price = { amount = 4900, currency = "RUB", per = "month" }'
    )


SENTENCES = ("disclosure", "identity", "safe_sentence", "waiting", "farewell")
"""What the program itself says, word for word, by language."""

SHAPES: dict[str, type[BaseModel]] = {
    "stages": StageShape,
    "fields": FieldShape,
    "openings": OpeningShape,
    "outcomes": OutcomesShape,
    "limits": LimitsShape,
    "price": PriceShape,
}
"""What lies under a key."""
