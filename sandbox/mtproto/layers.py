"""Clients of older layers: what differs from Telethon's own layer is read and written by a schema file.

`layers/198.tl` holds the lines that changed since; a class that stands in none of them is Telethon's business.
When Telethon raises its layer, `tests/sandbox/test_gramjs.py` names the lines to add.
"""

import copy
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from telethon.extensions import BinaryReader
from telethon.tl import TLObject, alltlobjects, functions, types

NATIVE = alltlobjects.LAYER
_FOLDER = Path(__file__).with_name("layers")
_VECTOR = 0x1CB5C415
_LINE = re.compile(r"^(?P<name>[\w.]+)#(?P<id>[0-9a-f]+) (?P<fields>.*?) ?= (?P<type>[\w.<>]+);$")
_FIELD = re.compile(r"^(?P<name>\w+):(?:(?P<flags>\w+)\.(?P<bit>\d+)\?)?(?P<type>.+)$")


@dataclass(frozen=True, slots=True)
class Field:
    """`flags` is the field that holds the presence bit; `type` is ``#`` for such a field itself."""

    name: str
    type: str
    flags: str | None
    bit: int


@dataclass(frozen=True, slots=True)
class Constructor:
    id: int
    name: str
    fields: tuple[Field, ...]
    is_function: bool

    @property
    def class_name(self) -> str:
        """Telethon's name for it, with its module: ``messages.SendMessageRequest``."""
        module, _, name = self.name.rpartition(".")
        name = name[0].upper() + name[1:] + ("Request" if self.is_function else "")
        return f"{module}.{name}" if module else name


@dataclass(frozen=True, slots=True)
class Layer:
    """The lines of one schema file, by the two names they are asked for."""

    by_id: dict[int, Constructor]
    by_class: dict[str, Constructor]

    def reader(self, data: bytes) -> BinaryReader:
        return _Reader(data, self)

    def lowered(self, obj: Any) -> Any:
        """The object as this layer writes it; serialize the result with ``bytes()``."""
        if isinstance(obj, list):
            return [self.lowered(item) for item in obj]
        if not isinstance(obj, TLObject):
            return obj
        obj = _former_shape(obj)
        changed = copy.copy(obj)
        for name, value in vars(obj).items():
            if isinstance(value, list | TLObject):
                setattr(changed, name, self.lowered(value))
        constructor = self.by_class.get(class_name(obj))
        return _Written(_write(constructor, changed)) if constructor else changed


class _Written(TLObject):  # type: ignore[misc]
    """Something serialized already, in the place of an object."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def _bytes(self) -> bytes:
        return self._data


class _KeyboardButtonCallback(TLObject):  # type: ignore[misc]
    """Inline buttons were classes of their own before they got a `type`."""

    def __init__(self, text: str, data: bytes) -> None:
        self.text, self.data, self.requires_password = text, data, None


class _KeyboardButtonUrl(TLObject):  # type: ignore[misc]
    def __init__(self, text: str, url: str) -> None:
        self.text, self.url = text, url


def _former_shape(obj: Any) -> Any:
    match obj:
        case types.KeyboardInlineButton(type=types.InlineButtonTypeCallback(data=data)):
            return _KeyboardButtonCallback(obj.text, data)
        case types.KeyboardInlineButton(type=types.InlineButtonTypeUrl(url=url)):
            return _KeyboardButtonUrl(obj.text, url)
        case types.KeyboardInlineButtonRow():
            return types.KeyboardButtonRow(obj.buttons)
        case _:
            return obj


def class_name(obj: Any) -> str:
    module = type(obj).__module__.removeprefix("telethon.tl.").partition(".")[2]
    name = type(obj).__name__.lstrip("_")
    return f"{module}.{name}" if module and not type(obj).__name__.startswith("_") else name


class _Reader(BinaryReader):  # type: ignore[misc]
    def __init__(self, data: bytes, layer: Layer) -> None:
        super().__init__(data)
        self._layer = layer

    def tgread_object(self) -> Any:
        constructor = self._layer.by_id.get(self.read_int(signed=False))
        if constructor is None:
            self.seek(-4)
            return super().tgread_object()
        values: dict[str, Any] = {}
        for field in constructor.fields:
            if field.type == "#":
                values[field.name] = self.read_int()
            elif field.flags and not values[field.flags] >> field.bit & 1:
                values[field.name] = None
            else:
                values[field.name] = self._value(field.type)
        wanted = {f.name: values[f.name] for f in constructor.fields if f.type != "#"}
        return _telethon_class(constructor)(**wanted)

    def _value(self, kind: str) -> Any:
        if kind == "true":
            return True
        if kind.startswith("Vector<"):
            self.read(4)
            return [self._value(kind[7:-1]) for _ in range(self.read_int())]
        read = _READ.get(kind)
        return read(self) if read else self.tgread_object()


_READ: dict[str, Callable[[Any], Any]] = {
    "int": lambda r: r.read_int(),
    "long": lambda r: r.read_long(),
    "double": lambda r: r.read_double(),
    "string": lambda r: r.tgread_string(),
    "bytes": lambda r: r.tgread_bytes(),
    "Bool": lambda r: r.tgread_bool(),
}
_WRITE: dict[str, Callable[[Any], bytes]] = {
    "int": lambda v: _date(v) if hasattr(v, "year") else struct.pack("<i", v),
    "long": lambda v: struct.pack("<q", v),
    "double": lambda v: struct.pack("<d", v),
    "string": TLObject.serialize_bytes,
    "bytes": TLObject.serialize_bytes,
    "Bool": lambda v: struct.pack("<I", 0x997275B5 if v else 0xBC799737),
}


def _date(value: Any) -> bytes:
    return bytes(TLObject.serialize_datetime(value))


def _write(constructor: Constructor, obj: Any) -> bytes:
    present = {f.name for f in constructor.fields if f.flags and _is_set(getattr(obj, f.name, None))}
    out = [struct.pack("<I", constructor.id)]
    for field in constructor.fields:
        if field.type == "#":
            # a set, for two fields may share a bit
            bits = sum({1 << f.bit for f in constructor.fields if f.flags == field.name and f.name in present})
            out.append(struct.pack("<I", bits))
        elif field.type != "true" and (field.flags is None or field.name in present):
            out.append(_written(field.type, getattr(obj, field.name)))
    return b"".join(out)


def _is_set(value: Any) -> bool:
    return value is not None and value is not False


def _written(kind: str, value: Any) -> bytes:
    if kind.startswith("Vector<"):
        return struct.pack("<Ii", _VECTOR, len(value)) + b"".join(_written(kind[7:-1], v) for v in value)
    write = _WRITE.get(kind)
    return write(value) if write else bytes(value)


def _telethon_class(constructor: Constructor) -> Any:
    found: Any = functions if constructor.is_function else types
    for part in constructor.class_name.split("."):
        found = getattr(found, part)
    return found


@cache
def layer(number: int) -> Layer | None:
    """What to translate for a client of this layer; None: it speaks Telethon's own."""
    known = sorted(int(path.stem) for path in _FOLDER.glob("*.tl"))
    number = next((n for n in known if number <= n), NATIVE) if number else NATIVE
    return None if number == NATIVE else parsed((_FOLDER / f"{number}.tl").read_text("ascii"))


def parsed(schema: str) -> Layer:
    by_id: dict[int, Constructor] = {}
    is_function = False
    for line in schema.splitlines():
        is_function = is_function or line.strip() == "---functions---"
        match = _LINE.match(line.strip())
        if match:
            fields = tuple(_field(text) for text in match["fields"].split() if not text.startswith("{"))
            id = int(match["id"], 16)
            by_id[id] = Constructor(id, match["name"], fields, is_function)
    return Layer(by_id, {c.class_name: c for c in by_id.values()})


def _field(text: str) -> Field:
    match = _FIELD.match(text)
    if match is None:
        raise ValueError(f"not a TL field: {text}")
    name = "is_self" if match["name"] == "self" else match["name"]  # as Telethon calls it
    return Field(name, match["type"], match["flags"], int(match["bit"] or 0))
