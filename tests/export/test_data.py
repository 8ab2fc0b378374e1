"""A dialog as JSON: by its schema, whatever happened in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from salesbot.dialog.model import Author, Kind, Outcome, SendState, Status
from salesbot.export.data import Data
from salesbot.export.document import Document
from salesbot.store import exports
from tests.export.samples import AT, BOOK, EN, FULL, said, written

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "export.schema.json").read_text(encoding="utf-8"))
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None),
}  # fmt: skip
EVERYTHING = {
    "kind": "voice", "media": "0:12", "reply_to": 7, "quote": "q", "reaction": "👍", "telegram_message_id": 9,
    "edits": [{"content": "before", "at": AT.isoformat()}], "deleted_at": AT, "erased": True, "send_state": "cancelled",
    "failure": "stop", "draft": "stale", "written_by": 77, "unsend_by": 77, "read_at": AT,
}  # fmt: skip


def wrong(value: Any, schema: Mapping[str, Any], at: str = "$") -> Iterator[str]:
    """What of a value does not fit, by the words of JSON Schema that ours uses; others it does not know."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    known = {"$schema", "$defs", "title", "description", "type", "additionalProperties", "required", "properties"}
    assert set(schema) <= known | {"items", "enum", "const", "format"}
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if types and not any(isinstance(value, TYPES[one]) and not isinstance(value, bool) for one in types):
        yield f"{at} is {value!r}"
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{at} is {value!r}"
    if schema.get("format") == "date-time" and isinstance(value, str) and datetime.fromisoformat(value).tzinfo is None:
        yield f"{at} is {value!r}"
    for number, one in enumerate(value if isinstance(value, list) else []):
        yield from wrong(one, schema["items"], f"{at}[{number}]")
    if isinstance(value, dict):
        yield from (f"{at} lacks {name}" for name in set(schema["required"]) - set(value))
        yield from (f"{at} has {name}" for name in set(value) - set(schema["properties"]))
        for name in set(value) & set(schema["properties"]):
            yield from wrong(value[name], schema["properties"][name], f"{at}.{name}")


def export(*messages: exports.Said, book: exports.Book = FULL) -> Any:
    document: Document = Data(EN, book)
    told = json.loads(written(document, *messages))
    assert list(wrong(told, SCHEMA)) == []
    return told


def test_a_dialog_with_everything_fits_its_schema() -> None:
    told = export(said("a"), said("b", **EVERYTHING), said("c", author="model"))
    assert [message["text"] for message in told["messages"]] == ["a", "b", "c"]
    assert told["messages"][0] == {
        "id": 1, "telegram_id": None, "time": "2026-11-20T09:30:00+00:00", "direction": "in", "author": "contact",
        "text": "a",
    }  # fmt: skip
    assert set(told["messages"][1]) == set(SCHEMA["properties"]["messages"]["items"]["properties"])
    assert told["dialog"]["notes"] == [{"by": "Maria", "text": "likes tea\nOpened: never", "written": AT.isoformat()}]


def test_a_dialog_with_nothing_fits_as_well() -> None:
    assert export(book=BOOK)["messages"] == []
    assert export(said(""), book=BOOK)["messages"][0]["text"] == ""


def test_each_message_has_a_line() -> None:
    lines = written(Data(EN, BOOK), said("a\nb"), said("c")).splitlines()
    assert [json.loads(line.removesuffix(","))["text"] for line in lines[1:-1]] == ["a\nb", "c"]


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        (("messages", "items", "properties", "author"), Author),
        (("messages", "items", "properties", "kind"), set(Kind) - {Kind.TEXT}),
        (("messages", "items", "properties", "state"), set(SendState) - {SendState.SENT}),
        (("dialog", "properties", "status"), Status),
        (("dialog", "properties", "outcome"), Outcome),
    ],
)
def test_the_schema_knows_every_code(place: tuple[str, ...], codes: Any) -> None:
    schema = SCHEMA["properties"]
    for name in place:
        schema = schema[name]
    assert set(schema["enum"]) == {one.value for one in codes}


def test_the_manual_names_every_column_in_order() -> None:
    text = (DOCS / "export.md").read_text(encoding="utf-8")
    columns = text.split("## The table's columns")[1].split("##")[0]
    assert re.findall(r"`(\w+)`", columns.replace("`draft`", "")) == list(exports.COLUMNS)
