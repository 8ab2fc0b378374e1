"""What is imported to stay is never looked through for garbage."""

from __future__ import annotations

import gc

import pytest

from salesbot import importing


def test_nothing_is_looked_for_while_importing_and_what_came_is_left_alone_for_good() -> None:
    before = gc.get_freeze_count()
    try:
        with importing.to_stay():
            assert not gc.isenabled()
            kept = [[number] for number in range(1000)]
        assert gc.isenabled()
        assert gc.get_freeze_count() >= before + len(kept)
    finally:
        gc.unfreeze()


def test_an_import_that_fails_leaves_the_collector_at_work() -> None:
    try:
        with pytest.raises(ImportError), importing.to_stay():
            raise ImportError
        assert gc.isenabled()
    finally:
        gc.unfreeze()
