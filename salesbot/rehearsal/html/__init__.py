"""The report as one page that needs nothing else: no script, no request, no font. Pure: rehearsals in, text out."""

from __future__ import annotations

from salesbot.rehearsal.record import Rehearsal


def page(rehearsal: Rehearsal, against: Rehearsal | None) -> str:
    """The whole page; the second rehearsal, when there is one, beside the first."""
    raise NotImplementedError
