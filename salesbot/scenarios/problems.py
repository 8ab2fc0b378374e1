"""What is wrong with a scenario's file, in the words of somebody who edits texts and knows no Python."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ValidationError

from salesbot.scenarios import positions
from salesbot.scenarios.shape import SENTENCES, SHAPES, ScenarioShape

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    file: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Source:
    """A TOML file as it was read; empty if that did not succeed."""

    path: Path
    text: str
    data: Mapping[str, object]

    @cached_property
    def _positions(self) -> Mapping[positions.Path, int]:
        return positions.positions(self.text)

    def problem(self, loc: Loc, what: str) -> Problem:
        """A problem at a key; told with the key's name, unless it concerns the whole file."""
        keys = ".".join(str(step) for step in loc if isinstance(step, str))
        return Problem(self.path, self.line(loc), f"{keys}: {what}" if keys else what)

    def line(self, loc: Loc) -> int:
        return positions.line_of(self._positions, loc)


def read_text(path: Path) -> tuple[str, list[Problem]]:
    """The file's text; a mark of byte order, which some editors put before it, is no part of it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return "", [Problem(path, 1, "there is no such file, and a scenario needs it")]
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        return "", [Problem(path, line, "cannot be read: save the file in the encoding UTF-8")]
    except OSError as exc:
        return "", [Problem(path, 1, f"cannot be read: {exc.strerror}")]
    return text, [] if text.strip() else [Problem(path, 1, "is empty")]


def read_toml(path: Path) -> tuple[Source, list[Problem]]:
    text, problems = read_text(path)
    try:
        return Source(path, text, tomllib.loads(text)), problems
    except (ValueError, RecursionError) as exc:  # its own error is a ValueError; a huge number is only that
        line = _line_in(str(exc), text)
        return Source(path, "", {}), [Problem(path, line, _syntax(str(exc), text.split("\n")[line - 1]))]


SYNTAX = (
    (r"Invalid value|Expected newline or end of document", "a text stands in quotation marks, and a quotation mark "
     "inside it is written \\\" (or use others: “ ”, « »); of a comment the first character is #"),
    (r"Illegal character '\\n'|Unterminated string", "a text has no closing quotation mark; one that goes over several "
     'lines stands between """ and """'),
    (r"Expected \"'\"|Expected '\"'|Unclosed|Expected '[]}]", "a quotation mark or bracket is not closed"),
    (r"Cannot overwrite a value|Duplicate", "this key was set before: a key stands once in its section "
     "(a section that may stand often is named in double brackets, [[name]])"),
    (r"Cannot declare", "this section was begun before: [name] stands once, [[name]] may stand often"),
    (r"Expected '=' after a key", "after a key comes = and a value"),
    (r"Invalid initial character for a key|Invalid statement", "a line begins with a key, a [section] or a #"),
    (r"Unescaped '\\'|Invalid hex|backslash", "a backslash in a text is written twice: \\\\"),
)  # fmt: skip
"""What the parser says, and what it means for somebody who writes texts."""


NUMBER = re.compile(r"= *(\d+(?:[ ,]\d+)+)")
"""A number as people write it: ``18,50``, ``4 900``."""


def _syntax(said: str, line: str) -> str:
    plain = re.sub(r" \(at .*\)\Z", "", said)
    advice = next((advice for pattern, advice in SYNTAX if re.search(pattern, said)), "")
    if number := NUMBER.search(line):
        advice = f"{number[1]} is not how a number is written: a point before the cents, nothing else: 18.50 or 4900"
    return f"cannot be read ({plain}): {advice}" if advice else f"cannot be read ({plain})"


def _line_in(said: str, text: str) -> int:
    found = re.search(r"at line (\d+)", said)
    return int(found[1]) if found else text.rstrip().count("\n") + 1


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A value that pydantic did not take: where, its kind of error, what was given, the numbers of the rule."""

    loc: Loc
    kind: str
    given: object
    rule: Mapping[str, object]
    said: str


def explain(source: Source, exc: ValidationError, shape: type[BaseModel], under: Loc = ()) -> list[Problem]:
    """Everything that a shape refused; ``under`` is where in the file the shape begins."""
    refusals = [
        _Refusal(error["loc"], error["type"], error["input"], error.get("ctx", {}), error["msg"])
        for error in exc.errors(include_url=False)
    ]
    return [source.problem((*under, *one.loc), _plain(one, shape, in_file=not under)) for one in refusals]


def _plain(one: _Refusal, shape: type[BaseModel], *, in_file: bool) -> str:
    *above, key = [step for step in one.loc if isinstance(step, str)] or [""]
    for step in above:
        shape = SHAPES.get(step, shape)
    described = shape.model_fields[key].description if key in shape.model_fields else None
    match one.kind:
        case "missing":
            return f"is missing: {described}"
        case "extra_forbidden":
            return _unknown(key, shape, misplaced=bool(above) or not in_file)
        case "dict_type" | "model_type":
            return f"has to be {described}"
        case _ if above and above[-1] in SENTENCES and key in ScenarioShape.model_fields:
            return MISPLACED
        case _:
            like = described if one.kind not in SAYS_IT_ALL and isinstance(one.loc[-1], str) else None
            return _refused(one, key) + (f" ({like})" if like else "")


SAYS_IT_ALL = ("value_error", "enum")


def _refused(one: _Refusal, key: str) -> str:
    """What is wrong with a value."""
    match one.kind:
        case "value_error":
            return one.said.removeprefix("Value error, ")
        case "enum":
            known = re.findall(r"'(\w+)'", str(one.rule["expected"]))
            return nearest(f"there is no {one.given!r} here", str(one.given), known)
        case "string_pattern_mismatch" if key == "languages":
            return "write a language by its two small letters"
        case "string_pattern_mismatch":
            return f"{one.given!r} is no name: small Latin letters, digits and _, a letter first"
        case "string_too_short":
            return "is empty"
        case "string_too_long":
            return f"is longer than {one.rule['max_length']} characters"
        case "less_than_equal":
            return f"{one.given} is too much; the limit is {one.rule['le']}"
        case "greater_than_equal" | "greater_than":
            return f"{one.given} is too little; the limit is {one.rule.get('ge', one.rule.get('gt'))}"
        case kind:
            return next((words for start, words in NEEDED.items() if kind.startswith(start)), _lower(one.said))


NEEDED = {
    "string": "a text in quotation marks is needed here",
    "int": "a whole number without quotation marks is needed here",
    "decimal": "a number with two digits after the point at most is needed here",
    "tuple": "a list in square brackets is needed here",
}
"""What pydantic's kinds of error (their beginnings) ask for."""
MISPLACED = "does not belong into this section: move the line up, above the first line that begins with ["


def _unknown(key: str, shape: type[BaseModel], *, misplaced: bool) -> str:
    if misplaced and key in ScenarioShape.model_fields:
        return MISPLACED
    return nearest("there is no such key here", key, list(shape.model_fields))


def nearest(what: str, given: str, known: list[str]) -> str:
    """What is wrong with a name that is none of the known ones, and which of them was probably meant."""
    near = get_close_matches(given.lower(), known, n=1, cutoff=0.6)
    return f"{what}; did you mean {near[0]!r}?" if near else f"{what}; there are: {', '.join(known) or 'none'}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
