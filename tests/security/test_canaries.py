"""The search for canaries is tried itself: what is hidden is found in every form, what is harmless is not."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.security.canaries import Canaries

GIVEN = {
    "BOT_TOKEN": "123456:" + "A" * 35,
    "DATABASE_URL": "postgresql://sales@localhost:5432/sales_bot",
    "LLM_BASE_URL": "https://me:password-of-the-model@example.org/v1",
    "SCENARIO": "sales",
}


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("after", [b"", b"x", b"xyz"])
def test_base64_is_found_wherever_the_secret_stands_in_it(before: bytes, after: bytes) -> None:
    canaries = Canaries()
    canaries.secret("key", b"a secret \xff\xfe of bytes")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        hidden = b"Basic " + encode(before + b"a secret \xff\xfe of bytes" + after) + b"\n"
        assert [found.canary for found in canaries.search(hidden)] == ["key"]


@pytest.mark.parametrize(
    "shown",
    [
        "pass/word?ё",
        quote("pass/word?ё", safe=""),
        quote("pass/word?ё", safe="").lower(),
        quote("pass/word?ё"),
        repr("pass/word?ё".encode()),
        "pass/word?ё".encode().hex(),
        "pass/word?ё".encode().hex().upper(),
        json.dumps({"said": "pass/word?ё"}),
        ascii("pass/word?ё"),
    ],
)
def test_every_way_of_writing_it_is_found(shown: str) -> None:
    canaries = Canaries()
    canaries.secret("password", "pass/word?ё")
    assert [found.canary for found in canaries.search(f"before {shown} after".encode())] == ["password"]


def test_words_may_stand_in_exports_and_secrets_may_not(tmp_path: Path) -> None:
    canaries = Canaries()
    line = canaries.says("anna", "How much?")
    settings = canaries.settings(GIVEN)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("dialog-1.txt", line * 10)
    (tmp_path / "dialogs.zip").write_bytes(archive.getvalue())
    assert canaries.search(tmp_path, words=False) == []
    assert {found.where for found in canaries.search(tmp_path)} == {"dialogs.zip/dialog-1.txt"}
    (tmp_path / "log").write_text(f"connecting to {settings['DATABASE_URL']}\n")
    (found,) = canaries.search(tmp_path, words=False)
    assert (found.where, found.canary) == ("log", "DATABASE_URL's password")


def test_every_secret_has_a_value_of_its_own_and_what_is_harmless_is_not_found() -> None:
    canaries = Canaries()
    settings = canaries.settings(GIVEN)
    assert sorted(settings) == [
        "API_HASH", "BOT_TOKEN", "DATABASE_URL", "LLM_BASE_URL", "OPENROUTER_API_KEY", "SECRET_KEY",
    ]  # fmt: skip
    for name, value in settings.items():
        assert canaries.search(value.encode()), name
    assert Canaries().search(str(settings).encode()) == [], "another run's values are not ours"
    harmless = "postgresql://canary:•••@localhost:5432 bot 123456 SECRET_KEY API_HASH"
    assert canaries.search(harmless.encode()) == []
