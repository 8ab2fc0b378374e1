"""Cells of a CSV file that a spreadsheet shows and never runs. Pure."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet takes for a formula: also behind blanks, and in the wide forms of East Asia."""


def safe(text: str) -> str:
    """The text; one that would be taken for a formula begins with an apostrophe, which makes it a text."""
    return f"'{text}" if _FORMULA.match(text) else text
