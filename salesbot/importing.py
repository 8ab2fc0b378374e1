"""How much is imported at once: without looking for garbage in it.

Python looks through all that lives each time that so much more of it lives, and of what is imported nothing is garbage:
that was a fifth of a start, and a stop of the whole process each time that it happened later.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def to_stay() -> Iterator[None]:
    """What is imported within lives as long as the process: the collector never looks through it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
