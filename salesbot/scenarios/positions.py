"""Where everything stands in a TOML file: ``tomllib`` tells what a file says and forgets on which line.

The text is one that ``tomllib`` has read, so nothing is checked here: strings, comments, brackets and commas are
walked over, and the line of each key, table and item of a list is noted under its path (``("stages", 2, "name")``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]

BLANK = re.compile(r"(?:[\s,]|#[^\n]*)*")
STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")' r"|'''.*?'{3,5}(?!')" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
BARE = re.compile(r"[^\s,\[\]{}#\"'][^,\[\]{}#\n]*")
"""A number, a boolean, a date, also one with a blank between day and time."""
STEP = re.compile(r"[ \t]*(?:(?P<bare>[A-Za-z0-9_-]+)|(?P<quoted>\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'))[ \t]*(?P<dot>\.?)")


def positions(text: str) -> Mapping[Path, int]:
    """The line of each path, counted from 1. ``text`` has to be valid TOML."""
    return _Walk(text).document()


def line_of(found: Mapping[Path, int], path: Path) -> int:
    """The line of a path, or of what is nearest around it (a missing key has no line of its own)."""
    return next((found[path[:size]] for size in range(len(path), 0, -1) if path[:size] in found), 1)


class _Walk:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[Path, int] = {}
        self._last: dict[Path, int] = {}
        """Of each list of tables, which one was begun last."""

    def document(self) -> Mapping[Path, int]:
        table: Path = ()
        while self._more():
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _more(self) -> bool:
        """Passes by what means nothing; whether anything is left."""
        self._at = self._after(BLANK)
        return self._at < len(self._text)

    def _header(self) -> Path:
        """``[a.b]`` or ``[[a.b]]``: the path of the table that begins here."""
        many = self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        steps = self._key()
        path: Path = ()
        for step in steps[:-1]:
            path = self._newest((*path, step))
        path = (*path, steps[-1])
        if many:
            self._last[path] = self._last.get(path, -1) + 1
            self._note(path)
        path = self._newest(path)
        self._note(path)
        self._at += 2 if many else 1
        return path

    def _newest(self, path: Path) -> Path:
        return (*path, self._last[path]) if path in self._last else path

    def _pair(self, table: Path) -> None:
        path = table
        for step in self._key():
            path = (*path, step)
            self._note(path)
        self._at = self._text.index("=", self._at) + 1
        self._more()
        self._value(path)

    def _key(self) -> list[str]:
        steps: list[str] = []
        while True:
            step = STEP.match(self._text, self._at)
            assert step is not None, "the text was read by tomllib"
            self._at = step.end()
            steps.append(step["bare"] or _unquoted(step["quoted"]))
            if not step["dot"]:
                return steps

    def _value(self, path: Path) -> None:
        match self._text[self._at]:
            case "[":
                self._list(path)
            case "{":
                self._at += 1
                while self._more() and self._text[self._at] != "}":
                    self._pair(path)
                self._at += 1
            case '"' | "'":
                self._at = self._after(STRING)
            case _:
                self._at = self._after(BARE)

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self._more() and self._text[self._at] != "]":
            self._note((*path, number))
            self._value((*path, number))
            number += 1
        self._at += 1

    def _note(self, path: Path) -> None:
        self._found.setdefault(path, self._text.count("\n", 0, self._at) + 1)

    def _after(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        assert found is not None, "the text was read by tomllib"
        return found.end()


def _unquoted(key: str) -> str:
    return next(iter(tomllib.loads(f"{key} = 0")))
