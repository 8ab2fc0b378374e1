"""Archives below a limit, whole each of them, leaving nothing on disk."""

from __future__ import annotations

import os
import tempfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salesbot.export.archive import Volumes

LIMIT = 40_000


def names(volumes: Volumes) -> list[str]:
    found: list[str] = []
    for file in volumes.files:
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            found += archive.namelist()
    return found


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(1, 60)), max_size=40))
def test_volumes_stay_below_their_limit_and_hold_everything_in_order(sizes: list[tuple[int, int]]) -> None:
    volumes = Volumes(LIMIT)
    entries = [(f"{number:04}-{'n' * length}.txt", os.urandom(size)) for number, (size, length) in enumerate(sizes)]
    for name, content in entries:
        volumes.add(name, content)
    volumes.finish()
    try:
        assert names(volumes) == [name for name, _ in entries]
        assert all(file.seek(0, os.SEEK_END) <= LIMIT for file in volumes.files)
    finally:
        volumes.discard()


def test_the_files_have_no_name_so_that_a_kill_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: str) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    volumes = Volumes(LIMIT)
    volumes.add("a.txt", b"x" * 10_000)
    assert os.listdir(tmp_path) == []
    volumes.finish()
    volumes.discard()
