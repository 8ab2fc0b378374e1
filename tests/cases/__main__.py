"""``python -m tests.cases``: what the guard makes of its case files. Of the unseen ones only counts are told."""

from __future__ import annotations

from tests.cases.table import table

for file in ("guard-ru", "guard-en", "guard-ru-unseen", "guard-en-unseen"):
    print(table(file))
