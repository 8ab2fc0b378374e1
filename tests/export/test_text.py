"""A dialog as text: everything that is known of it, in the reader's language."""

from __future__ import annotations

from dataclasses import replace

from salesbot.export.document import Reader
from salesbot.export.text import Text
from tests.export.samples import AT, BOOK, EN, FULL, RU, said


def entry(content: str = "x", reader: Reader = EN, **also: object) -> str:
    return Text(reader, BOOK).entry(said(content, **also))


def test_the_head_says_who_how_and_why() -> None:
    assert Text(EN, BOOK).head().splitlines()[:9] == [
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


def test_what_was_learnt_promised_noted_and_spent_stands_above_and_nobody_can_write_a_line_like_it() -> None:
    assert Text(replace(EN, since=AT), FULL).head().splitlines()[9:-1] == [
        "Began with: by name",
        "Cost: $0.0123 (2 questions to the model)",
        "Labels: #later #vip",
        "Only what was said since: 2026-11-20 12:30:00 +0300",
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
        "Notes of colleagues:",
        "    likes tea",
        "    Opened: never",
        "    (Maria, 2026-11-20 12:30:00 +0300)",
    ]


def test_a_message_stands_as_it_was_said() -> None:
    assert entry("Hello <b>\nworld") == "\n[2026-11-20 12:30:00 +0300] Anna P.\n    Hello <b>\n    world\n"


def test_quotes_kinds_edits_deletions_and_reactions_are_kept() -> None:
    happened = {"edits": [{"content": "old", "at": AT.isoformat()}], "deleted_at": AT, "reaction": "👍"}
    told = entry("caption", kind="voice", media="0:12", quote="a\nb", **happened)
    assert told.splitlines()[2:] == [
        "    > a",
        "    > b",
        "    [voice message, 0:12] caption",
        "  (edited 20.11 12:30, before it read: “old”)",
        "  (deleted 20.11 12:30)",
        "  (reaction: 👍)",
    ]


def test_what_was_not_sent_says_so() -> None:
    assert "(cancelled, not sent)" in entry(author="model", send_state="cancelled")
    blocked = entry(author="model", send_state="failed", failure="blocked")
    assert "(not sent: the person blocked the account)" in blocked
    assert "(" not in entry(author="model").replace("We (model)", "")


def test_drafts_say_what_became_of_them() -> None:
    assert "(a draft: waits for a button)" in entry(author="model", send_state="pending", draft="waiting")
    assert "(waiting to be sent)" in entry(author="model", send_state="pending", draft="approved")
    for state, told in (("skipped", "was skipped"), ("stale", "newer overtook"), ("expired", "nobody pressed")):
        assert told in entry(author="model", send_state="cancelled", draft=state)
    assert entry(author="model", draft="approved").endswith("We (model)\n    x\n"), "sent: nothing is left to say"


def test_a_colleague_who_spoke_at_the_desk_is_named() -> None:
    assert "We (Maria)\n" in entry(author="human", written_by=77)
    assert "We (human)\n" in entry(author="human", written_by=78), "one of whom no name is known"
    assert "We (human)\n" in entry(author="human")
    taken_back = entry(author="human", written_by=77, deleted_at=AT, unsend_by=77)
    assert taken_back.endswith("  (deleted 20.11 12:30)\n  (taken back at the desk)\n")


def test_erased_words_are_said_to_be_gone() -> None:
    assert "(the words are erased)" in entry("", erased=True)


def test_a_russian_reads_russian() -> None:
    told = entry("x", RU, author="human", kind="voice", media="0:12")
    assert "Мы (человек)\n    [голосовое сообщение, 0:12] x" in told
