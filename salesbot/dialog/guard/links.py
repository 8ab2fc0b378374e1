"""Addresses: of pages, of mailboxes and of people in Telegram. Each piece of a text is looked at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECE = re.compile(r"[^\s,;()\[\]{}<>«»“”\"'|]+")
_DIGITS = re.compile(r"\+?\(?\d(?:[ \u00a0().-]{0,2}\d){4,24}")
_PARTS = re.compile(r"(?P<whole>\([^()]*\))|[()]|\.[ \u00a0]")
"""What parts two numbers: half a pair of brackets, or the end of a sentence."""
_PRICE = re.compile(r"(?:(?<!\d)\d{1,3}(?:[ \u00a0.]\d{3})+|\d+)\Z")
_PRICED = re.compile(r"[ \u00a0]?(?:[₽$€£]|(?:руб(?:л\w+)?|р|rub|rou?bles?|eur(?:os?)?|usd|dollars?)(?!\w))", re.I)
LONG = 10
"""So many digits in one run are no amount."""
SHORT, BRACKETED = 7, 9
"""Fewer digits are no phone; with a code in brackets it has more."""
_GROUPED = re.compile(r"\d{1,3}(?:[ \u00a0.,]\d{3})+(?:\.\d+)?\Z|\d{1,2}[.-]\d{1,2}[.-]\d{2,4}\Z|\d{4}-\d{2}-\d{2}\Z")
_TOP = frozenset(
    "com net org info biz io me ru рф su by kz ua eu de uk us co app dev ai shop store online site pro link ly"
    " cc tv club"
    " xyz top example gg cn fr рус москва test company agency coffee".split()
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}://")
_LABEL = re.compile(r"[\w-]{1,63}")
_HANDLE = re.compile(r"@[a-z]\w{3,}")
_WORD = re.compile(r"\w")
_SIGN = re.compile(r"@|://|\.[\w-]")
"""No address is without one of these."""
_DIGIT = re.compile(r"\d")


def links(text: str) -> Iterator[str]:
    """Addresses as they are compared: without scheme, ``www.``, capitals and closing punctuation."""
    if _SIGN.search(text) is None:
        return
    for match in _PIECE.finditer(text):
        if found := _address(match[0].casefold()):
            yield found


def without(text: str) -> str:
    """The text with its addresses and phones blotted out, so that their digits are no numbers."""
    if _SIGN.search(text):
        text = _PIECE.sub(lambda match: " " * len(match[0]) if next(links(match[0]), None) else match[0], text)
    kept, end = [], 0
    for first, last in contacts(text):
        kept += [text[end:first], " " * (last - first)]
        end = last
    return "".join((*kept, text[end:]))


def contacts(text: str) -> tuple[tuple[int, int], ...]:
    """Where phones, cards and accounts stand."""
    if _DIGIT.search(text) is None:
        return ()
    return tuple((first, last) for first, last in _runs(text) if _is_contact(text[first:last]))


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Runs of digits as they belong together: ``30) 8 900 ₽`` are two, and the second is no part of a phone."""
    for match in _DIGITS.finditer(text):
        first, end = match.span()
        for mark in _PARTS.finditer(match[0]):
            if mark["whole"] is None:
                yield first, match.start() + mark.start()
                first = match.start() + mark.end()
        if _PRICED.match(text, end) and (price := _PRICE.search(text[first:end])):
            end = first + price.start()
        yield first, end


def _is_contact(written: str) -> bool:
    """Whether a run of digits is a phone, a card or an account: long, or written as such."""
    digits = sum(one.isdigit() for one in written)
    if _GROUPED.match(written) and digits < 13:
        return False
    if written.startswith("0") and digits >= 5:
        return True
    return digits >= LONG or (digits >= (BRACKETED if "(" in written else SHORT) and not written.isdigit())


def _address(piece: str) -> str | None:
    if _SIGN.search(piece) is None:
        return None
    piece = piece.rstrip(".,;:!?)»\"'/").lstrip("-—–:.…")
    if (scheme := _SCHEME.search(piece)) is not None:
        return piece[scheme.end() :].removeprefix("www.").rstrip("/") or piece
    if "@" in piece:
        return _mailbox(piece)
    piece = piece.removeprefix("www.")
    host = re.split(r"[/:?#]", piece, maxsplit=1)[0]
    return piece if _is_host(host, strict=True) else None


def _mailbox(piece: str) -> str | None:
    name, _, host = piece.rpartition("@")
    if not name.strip("@") or not _WORD.search(name):
        return piece[piece.rindex("@") :] if _HANDLE.match(piece, piece.rindex("@")) else None
    return piece.lstrip("@") if _is_host(host, strict=False) else None


def _is_host(host: str, *, strict: bool) -> bool:
    labels = host.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return labels[-1] in _TOP if strict else not labels[-1].isdigit()
