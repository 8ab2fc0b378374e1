"""Reads a scenario's folder and says what is wrong with it."""

from __future__ import annotations

import re
import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from salesbot.dialog.scenario import Fact, FactKind, Opening, Scenario, Stage
from salesbot.errors import SettingsError

SHIPPED = Path(__file__).parent
NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
DURATION = re.compile(r"(\d+)\s*([mhd])")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def _duration(value: object) -> timedelta:
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError("write a duration like 90m, 24h or 3d")
    return int(match[1]) * UNITS[match[2]]


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise ValueError("there is no such timezone; write one like Europe/Moscow") from exc
    return value


def _local(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("write a local time like 21:00, without an offset")
    return value


Text = Annotated[str, Field(min_length=1)]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
LocalTime = Annotated[time, AfterValidator(_local)]


class _Stage(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    what: Text


class _File(BaseModel):
    """``scenario.toml``."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    persona: Text
    company: Text
    goal: Text
    opening: Text
    follow_up: Text
    languages: tuple[Text, ...] = Field(min_length=1)
    timezone: Annotated[str, AfterValidator(_timezone)]
    quiet_hours: tuple[LocalTime, LocalTime] | None = None
    follow_ups: tuple[Duration, ...] = ()
    max_parts: int = Field(3, ge=1, le=3)
    max_part_chars: int = Field(700, ge=100, le=3000)
    disclosure: dict[str, Sentence]
    safe_sentence: dict[str, Sentence]
    stages: tuple[_Stage, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> _File:
        for language in self.languages:
            if language not in self.disclosure or language not in self.safe_sentence:
                raise ValueError(f"disclosure and safe_sentence need a text for the language {language}")
        if len({stage.name for stage in self.stages}) < len(self.stages):
            raise ValueError("two stages have the same name")
        return self


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The scenarios that can be loaded: those of the operator's folder and the shipped ones."""
    found = {path.parent.name for root in _roots(folder) for path in root.glob("*/scenario.toml")}
    return tuple(sorted(found))


def load(name: str, folder: Path | None = None) -> Scenario:
    """The scenario of this name, from the operator's folder or else from the shipped ones.

    Raises SettingsError that names the file and everything that is wrong in it.
    """
    place = next((root / name for root in _roots(folder) if NAME.fullmatch(name) and (root / name).is_dir()), None)
    if place is None:
        raise SettingsError(f"There is no scenario {name!r}; there are: {', '.join(names(folder)) or 'none'}.")
    file = _read_toml(place / "scenario.toml")
    return Scenario(
        name=name,
        facts=(Fact("facts", FactKind.TERM, {"": _read(place / "facts.md")}),),
        openings=(Opening("first", file.opening),),
        instructions=_read(place / "prompt.md"),
        stages=tuple(Stage(stage.name, stage.what) for stage in file.stages),
        **{field: getattr(file, field) for field in _File.model_fields if field not in ("stages", "opening")},
    )


def _roots(folder: Path | None) -> tuple[Path, ...]:
    return (folder, SHIPPED) if folder is not None else (SHIPPED,)


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: cannot be read: {exc}") from exc
    if not text:
        raise SettingsError(f"{path}: is empty")
    return text


def _read_toml(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(_read(path)))
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError(f"{path}: {exc}") from exc
    except ValidationError as exc:
        problems = [
            ".".join(str(step) for step in error["loc"]) + ": " + error["msg"].removeprefix("Value error, ")
            for error in exc.errors(include_url=False)
        ]
        raise SettingsError("\n".join(f"{path}: {problem.removeprefix(': ')}" for problem in problems)) from exc
