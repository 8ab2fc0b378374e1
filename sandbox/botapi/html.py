"""``parse_mode=HTML`` as Telegram reads it: few tags, everything closed, and an error that names the byte."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.world.model import Entity
from sandbox.world.text import units

KINDS = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler",
    "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_REFERENCE = re.compile(r"&(?:#(?P<decimal>\d{1,7})|#x(?P<hex>[0-9a-fA-F]{1,6})|(?P<name>lt|gt|amp|quot));?")
_ATTRIBUTE = re.compile(
    r"\s*(?P<name>[^\s=>/\"']+)(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[\w.-]+)))?"
)


class BrokenMarkup(ValueError):
    """The text cannot be parsed; the message is Telegram's own."""


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end."""

    name: str
    offset: int
    attributes: dict[str, str]


@dataclass(slots=True)
class _Reader:
    source: str
    at: int = 0
    text: list[str] = field(default_factory=list)
    offset: int = 0
    open: list[_Open] = field(default_factory=list)
    found: list[Entity] = field(default_factory=list)

    def read(self) -> None:
        while self.at < len(self.source):
            if self.source.startswith("</", self.at):
                self._end_tag()
            elif self.source[self.at] == "<":
                self._start_tag()
            else:
                self._literal()
        if self.open:
            raise BrokenMarkup(f'Can\'t find end tag corresponding to start tag "{self.open[-1].name}"')

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _literal(self) -> None:
        reference = _REFERENCE.match(self.source, self.at)
        piece = _decode(reference) if reference else self.source[self.at]
        self.at = reference.end() if reference else self.at + 1
        self.text.append(piece)
        self.offset += units(piece)

    def _start_tag(self) -> None:
        begin = self.at
        end = self.source.find(">", begin)
        if end < 0:
            raise BrokenMarkup(f"Unclosed start tag at byte offset {self._byte(begin)}")
        name, rest = ([*self.source[begin + 1 : end].split(None, 1), "", ""])[:2]
        name = name.lower()
        if name not in KINDS:
            raise BrokenMarkup(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        attributes = self._attributes(name, rest, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise BrokenMarkup(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_Open(name, self.offset, attributes))
        self.at = end + 1

    def _attributes(self, tag: str, rest: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        at = 0
        while rest[at:].strip():
            match = _ATTRIBUTE.match(rest, at)
            if match is None:
                raise BrokenMarkup(f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}')
            value = next((v for v in match.group("double", "single", "bare") if v is not None), None)
            if value is None and tag != "blockquote":
                raise BrokenMarkup(
                    f'Expected equal sign in declaration of an attribute of the tag "{tag}" '
                    f"at byte offset {self._byte(begin)}"
                )
            found[match["name"].lower()] = _REFERENCE.sub(_decode, value or "")
            at = match.end()
        return found

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise BrokenMarkup(f"Unexpected end tag at byte offset {self._byte(begin)}")
        end = self.source.find(">", begin)
        if end < 0:
            raise BrokenMarkup(f"Unclosed end tag at byte offset {self._byte(begin)}")
        name = self.source[begin + 2 : end].strip().lower()
        if name and name != self.open[-1].name:
            raise BrokenMarkup(
                f"Unmatched end tag at byte offset {self._byte(begin)}, "
                f'expected "</{self.open[-1].name}>", found "</{name}>"'
            )
        self._close(self.open.pop())
        self.at = end + 1

    def _close(self, tag: _Open) -> None:
        if tag.name == "code" and self.open and self.open[-1].name == "pre":
            self.open[-1].attributes |= tag.attributes  # <pre><code class="language-…">: one block, not two
        elif self.offset > tag.offset:
            entity = _entity(tag, self.offset - tag.offset, "".join(self.text))
            if entity is not None:
                self.found.append(entity)


def parse_html(source: str) -> tuple[str, tuple[Entity, ...]]:
    """The plain text and its entities. Raises BrokenMarkup."""
    reader = _Reader(source)
    reader.read()
    return "".join(reader.text), tuple(sorted(reader.found, key=lambda entity: (entity.offset, -entity.length)))


def _decode(reference: re.Match[str]) -> str:
    if reference["name"]:
        return NAMED[reference["name"]]
    number = int(reference["decimal"]) if reference["decimal"] else int(reference["hex"], 16)
    return chr(number) if 0 < number < 0x110000 else reference.group()


def _entity(tag: _Open, length: int, text: str) -> Entity | None:
    kind = KINDS[tag.name]
    if kind != "text_link":
        language = tag.attributes.get("class", "").removeprefix("language-") or None
        return Entity(kind, tag.offset, length, language=language if kind == "pre" else None)
    start = text.encode("utf-16-le")[tag.offset * 2 :].decode("utf-16-le")
    url = tag.attributes.get("href") or start
    if mention := re.fullmatch(r"tg://user\?id=(\d+)", url):
        return Entity("text_mention", tag.offset, length, user_id=int(mention[1]))
    return Entity(kind, tag.offset, length, url=url) if re.match(r"(?i)(https?|tg|mailto):|[\w-]+\.\w", url) else None
