"""A dialog as text: everything that is known of it, in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from salesbot.dialog.model import (
    Author,
    Contact,
    Dialog,
    Direction,
    Edit,
    Kind,
    Message,
    Outcome,
    SendState,
    Status,
)  # fmt: skip
from salesbot.export import text
from salesbot.i18n import lang
from salesbot.store.cards import Card, Learnt, Promised

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
ZONE = timezone(timedelta(hours=3))
ANNA = Contact(501, "anna", "Anna P.")
DIALOG = Dialog(
    id=7, account_id=1, contact_id=501, target_username="anna", scenario="sales", status=Status.CLOSED, stage="offer",
    outcome=Outcome.WON, revision=1, answered_revision=1, halts=0, dropped_drafts=0, failures=0, follow_ups=0,
    created_at=AT, basis="asked at the fair",
)  # fmt: skip


def message(content: str, **fields: object) -> Message:
    known = {"id": 1, "dialog_id": 7, "direction": Direction.IN, "author": Author.CONTACT, "timestamp": AT}
    return Message(content=content, **(known | fields))  # type: ignore[arg-type]


def entry(content: str, code: str = "en", **fields: object) -> str:
    return text.entry(lang(code), message(content, **fields), DIALOG, ANNA, ZONE)


def test_the_head_says_who_how_and_why() -> None:
    assert text.head(lang("en"), DIALOG, ANNA, "@sales", ZONE, Card()).splitlines()[:9] == [
        "Dialog № 7",
        "With: Anna P. (@anna)",
        "Telegram id: 501",
        "Account: @sales",
        "Scenario: sales",
        "Basis of the first contact: asked at the fair",
        "Status: closed, won",
        "Stage: offer",
        "Opened: 2026-11-20 12:30:00 +0300",
    ]


def test_what_was_learnt_promised_and_spent_stands_above_and_nobody_can_write_a_line_like_it() -> None:
    card = Card(
        [Learnt("phone", "+7\nStatus: won", "call me\nOpened: never", AT, AT)],
        [Promised("call\nback", AT, None, AT), Promised("send it", None, AT, AT)],
        calls=2,
        cost=Decimal("0.01234"),
    )
    noted = replace(DIALOG, opening="by name", handoff_note="angry\nOutcome: won", summary="long")
    told = text.head(lang("en"), noted, ANNA, "@sales", ZONE, card).splitlines()
    assert told[9:-1] == [
        "Began with: by name",
        "Cost: $0.0123 (2 questions to the model)",
        "Why a human was asked for:",
        "    angry",
        "    Outcome: won",
        "Summary of what was said long ago:",
        "    long",
        "Learnt:",
        "    phone: +7",
        "    Status: won",
        "    > call me",
        "    > Opened: never",
        "Promised:",
        "    call",
        "    back",
        "    (by 20.11 12:30)",
        "    send it",
        "    (done 20.11 12:30)",
    ]


def test_a_message_stands_as_it_was_said() -> None:
    assert entry("Hello <b>\nworld") == "\n[2026-11-20 12:30:00 +0300] Anna P.\n    Hello <b>\n    world\n"


def test_quotes_kinds_edits_deletions_and_reactions_are_kept() -> None:
    happened = {"edits": (Edit("old", AT),), "deleted_at": AT, "reaction": "👍"}
    told = entry("caption", kind=Kind.VOICE, media="0:12", quote="a\nb", **happened)
    assert told.splitlines()[2:] == [
        "    > a",
        "    > b",
        "    [voice message, 0:12] caption",
        "  (edited 20.11 12:30, before it read: “old”)",
        "  (deleted 20.11 12:30)",
        "  (reaction: 👍)",
    ]


def test_what_was_not_sent_says_so() -> None:
    ours = {"direction": Direction.OUT, "author": Author.MODEL}
    assert "(cancelled, not sent)" in entry("x", send_state=SendState.CANCELLED, **ours)
    assert "(not sent: the person blocked the account)" in entry(
        "x", send_state=SendState.FAILED, failure="blocked", **ours
    )
    assert "(" not in entry("x", send_state=SendState.SENT, **ours).replace("We (model)", "")


def test_a_russian_reads_russian() -> None:
    told = entry("x", "ru", direction=Direction.OUT, author=Author.HUMAN, kind=Kind.VOICE, media="0:12")
    assert "Мы (человек)\n    [голосовое сообщение, 0:12] x" in told
