"""docs/trouble.md stands under the product's own words: each that it quotes is said, and of an account's troubles none
is said that it does not quote."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from salesbot import i18n, words
from salesbot.errors import AccountUnusable
from salesbot.userbot import rpc_errors

ROOT = Path(__file__).parents[2]
PAGES = {"en": ROOT / "docs" / "trouble.md", "ru": ROOT / "docs" / "trouble.ru.md"}

NO_TROUBLE = (
    "About to write to {who} from {account}:",
    "Allow new conversations: {account}",
    "There is no account {account} here.",
    "{account} is signed in",
    "{account} has read what was said since the backup",
)
"""How begins what else is said of accounts."""

AT_THE_TERMINAL = ("userbot/login.py", "userbot/qr.py", "userbot/visit.py", "userbot/proxies.py", "store/locks.py")
"""Where what goes wrong with an account is said to whoever sits there."""
ERRORS = {"Refused", "Transient", "FloodWait", "SettingsError", "AccountUnusable", "tell"}
NO_TROUBLE_AT_THE_TERMINAL = ("Telegram has sent a code", "…\n…")


def as_quoted(text: str) -> str:
    """A text of the product as the page shows it."""
    return re.sub(r"\{[^}]*\}", "…", re.sub(r"</?code>", "`", text))


def quotes(page: Path) -> list[str]:
    return re.findall(r"^> (.+)$", page.read_text("utf-8"), re.MULTILINE)


@cache
def catalogue(code: str) -> dict[str, str]:
    """English → this language: every text of the bot."""
    found: dict[object, str] = i18n.lang(code).catalogue._catalog  # type: ignore[attr-defined] # has no other access
    return {text: found[text] for text in found if isinstance(text, str)}


def spoken(node: ast.expr) -> str | None:
    """A text in the code, with what is filled in as ``…``."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in values)
    return None


def texts(tree: ast.AST) -> Iterator[str]:
    yield from (text for node in ast.walk(tree) if isinstance(node, ast.expr) and (text := spoken(node)))


@cache
def said() -> frozenset[str]:
    """Everything that the product can say, anywhere."""
    found = {as_quoted(text) for code in i18n.CODES for text in catalogue(code).values()}
    for path in (ROOT / "salesbot").rglob("*.py"):
        found.update(texts(ast.parse(path.read_text("utf-8"))))
    return frozenset(found)


def said_to_the_terminal() -> Iterator[str]:
    """What errors there say, the table of Telegram's own (``name: (code, words)``) included."""
    for name in AT_THE_TERMINAL:
        for node in ast.walk(ast.parse((ROOT / "salesbot" / name).read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=given) if called in ERRORS:
                    pass
                case ast.Dict(values=values):
                    given = [one for value in values if isinstance(value, ast.Tuple) for one in value.elts]
                case _:
                    continue
            yield from (text for one in given if (text := spoken(one)) and " " in text)


def unusable() -> set[str]:
    """The codes with which an account is out."""
    meanings = [make(name) for name, make in rpc_errors._MEANING.items()]
    return {one.code for one in meanings if isinstance(one, AccountUnusable)}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_message_that_is_quoted_is_one_of_the_products(page: Path) -> None:
    assert [quote for quote in quotes(page) if quote not in said()] == []


def test_both_pages_quote_the_same_in_the_same_order() -> None:
    assert quotes(PAGES["en"]) == quotes(PAGES["ru"])


@pytest.mark.parametrize("code", i18n.CODES)
def test_whatever_the_bot_says_of_an_account_has_its_entry(code: str) -> None:
    told = {english: text for english, text in catalogue(code).items() if "{account}" in english or "No acc" in english}
    trouble = [text for english, text in told.items() if not english.startswith(NO_TROUBLE)]
    quoted = set(quotes(PAGES[code]))
    assert len(trouble) > 10
    assert [text for text in trouble if as_quoted(text) not in quoted] == []


@pytest.mark.parametrize("code", i18n.CODES)
def test_every_way_in_which_an_account_is_out_has_its_entry(code: str) -> None:
    quoted = set(quotes(PAGES[code]))
    reasons = {words.reason(i18n.lang(code), one) for one in unusable()}
    assert (len(reasons), reasons - quoted) == (4, set())


def test_whatever_a_login_says_when_it_fails_has_its_entry() -> None:
    quoted = set(quotes(PAGES["en"]))
    wanted = {text for text in said_to_the_terminal() if not text.startswith(NO_TROUBLE_AT_THE_TERMINAL)}
    assert "This is not the code that Telegram sent." in wanted
    assert wanted - quoted == set()
