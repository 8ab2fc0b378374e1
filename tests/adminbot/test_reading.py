"""A dialogue on pages: nothing is left out, nothing is cut silently, every page fits."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from aiogram.types import InlineKeyboardButton

from salesbot.adminbot import reading
from salesbot.adminbot.bot import make_bot
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import units
from salesbot.adminbot.keyboards import ViewPage, Way, rows
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Dialog
from salesbot.i18n import lang
from salesbot.settings import Settings
from salesbot.store.admins import Role
from tests.adminbot.people import BEGAN, Operator, buttons, open_with, said, sign_in

EN = lang("en")
OLD = InlineKeyboardButton(text="old", callback_data="stop:7:maybe")
NEWEST = ViewPage(dialog=1, way=Way.NEWEST, cursor=0, piece=0)


async def the_dialog(desk: Desk) -> Dialog:
    await sign_in(desk.pool)
    return await open_with(desk, 501, "anna", "Anna <P.>")


def press(page: Shown, text: str) -> str | None:
    """What the button with this text carries."""
    rows = page.keyboard.inline_keyboard if page.keyboard else []
    return next((button.callback_data for row in rows for button in row if button.text == text), None)


async def turn(desk: Desk, data: str) -> Shown:
    page = await reading.view_page(desk, EN, ViewPage.unpack(data), 1, Role.VIEWER)
    assert page is not None
    assert units(page.text) <= 4096
    return page


async def all_pages(desk: Desk) -> list[Shown]:
    """From the newest page to the oldest one."""
    pages = [await turn(desk, NEWEST.pack())]
    while data := press(pages[-1], "← older"):
        assert len(data.encode()) <= 64
        pages.append(await turn(desk, data))
    return pages


# --- /view


async def test_a_dialogue_shows_all_that_is_known_of_its_messages(quiet_desk: Desk) -> None:
    dialog = await the_dialog(quiet_desk)
    edits = [{"content": "Helo", "at": BEGAN.isoformat()}]
    await said(quiet_desk, dialog, "Hello <b>", edits=edits, edited_at=BEGAN, reaction="👍")
    ours = {"direction": "out", "author": "model", "send_state": "sent"}
    await said(quiet_desk, dialog, "Good day", read_at=BEGAN, **ours)
    await said(quiet_desk, dialog, "", kind="voice", media="0:12")
    await said(quiet_desk, dialog, "that one", quote="Good")
    await said(quiet_desk, dialog, "gone", deleted_at=BEGAN)
    await said(quiet_desk, dialog, "by hand", direction="out", author="human")
    unsent = {"direction": "out", "author": "model", "telegram_message_id": None}
    await said(quiet_desk, dialog, "dropped", send_state="cancelled", failure="newer_message", **unsent)
    await said(quiet_desk, dialog, "refused", send_state="failed", failure="blocked", **unsent)
    await said(quiet_desk, dialog, "next", send_state="pending", **unsent)
    page = await turn(quiet_desk, NEWEST.pack())
    wanted = [
        "№ 1</b> Anna &lt;P.&gt; (@anna)",
        "Hello &lt;b&gt;",
        "edited 20.11",
        "“Helo”",
        "reaction: 👍",
        "✓✓\nGood day",
        "[voice message, 0:12]",
        "<blockquote>Good</blockquote>\nthat one",
        "<s>gone</s>\n<i>deleted",
        "<b>We (human)</b>",
        "<s>dropped</s>\n<i>cancelled, not sent",
        "<s>refused</s>\n<i>not sent: the person blocked the account",
        "next\n<i>waiting to be sent",
    ]
    position = -1
    for text in wanted:
        found = page.text.find(text, position + 1)
        assert found > position, f"{text!r} is missing after position {position} of:\n{page.text}"
        position = found


async def test_an_empty_dialogue_is_friendly(quiet_desk: Desk) -> None:
    await the_dialog(quiet_desk)
    assert "Nothing has been said yet." in (await turn(quiet_desk, NEWEST.pack())).text


async def test_pages_hold_every_message_once_newest_page_first(quiet_desk: Desk) -> None:
    dialog = await the_dialog(quiet_desk)
    tokens = [f"T{number:04}" for number in range(300)]
    for token in tokens:
        await said(quiet_desk, dialog, f"{token} " + "word " * (int(token[1:]) % 60))
    pages = await all_pages(quiet_desk)
    assert len(pages) > 3
    told = [token for page in reversed(pages) for token in re.findall(r"T\d{4}", page.text)]
    assert told == tokens


async def test_newer_leads_back_through_every_message(quiet_desk: Desk) -> None:
    dialog = await the_dialog(quiet_desk)
    tokens = [f"T{number:04}" for number in range(200)]
    for token in tokens:
        await said(quiet_desk, dialog, f"{token} " + "word " * 40)
    page = (await all_pages(quiet_desk))[-1]
    told = re.findall(r"T\d{4}", page.text)
    while data := press(page, "newer →"):
        page = await turn(quiet_desk, data)
        told += [token for token in re.findall(r"T\d{4}", page.text) if token not in told]
    assert told == tokens


async def test_a_message_longer_than_a_page_is_shown_in_pieces(quiet_desk: Desk) -> None:
    dialog = await the_dialog(quiet_desk)
    await said(quiet_desk, dialog, "before")
    text = "".join(f"<{number:05}>😀 " for number in range(450))
    await said(quiet_desk, dialog, text, quote="&" * 1500, edits=[{"content": "&" * 4000, "at": BEGAN.isoformat()}])
    await said(quiet_desk, dialog, "after")
    pages = await all_pages(quiet_desk)
    told = "".join(page.text for page in reversed(pages))
    assert re.findall(r"&lt;(\d{5})&gt;", told) == [f"{number:05}" for number in range(450)]
    assert told.count("&amp;") == 5500
    assert "(1/" in told
    assert "before" in pages[-1].text
    assert "after" in pages[0].text


async def test_messages_stand_in_telegrams_order_whatever_the_order_of_storing(quiet_desk: Desk) -> None:
    dialog = await the_dialog(quiet_desk)
    at = BEGAN + timedelta(days=3)
    await said(quiet_desk, dialog, "unsent", direction="out", author="model", send_state="pending",
               telegram_message_id=None, timestamp=at)  # fmt: skip
    await said(quiet_desk, dialog, "second", telegram_message_id=22, timestamp=at + timedelta(seconds=5))
    await said(quiet_desk, dialog, "first", telegram_message_id=21, timestamp=at + timedelta(seconds=5))
    page = await turn(quiet_desk, NEWEST.pack())
    assert [word for word in re.findall(r"\w+", page.text) if word in ("first", "second", "unsent")] == [
        "first", "second", "unsent",
    ]  # fmt: skip


async def learn(desk: Desk, dialog: Dialog, count: int, length: int) -> None:
    """What the card shows: basis, opening, cost, note, facts, promises."""
    proof = await said(desk, dialog, "my number is <here>")
    await desk.pool.execute(
        "update dialogs set basis = 'asked <b>', opening = 'by name', handoff_note = 'wants a discount'"
    )
    await desk.pool.execute(
        "insert into dialog_facts select $1, 'field' || n, repeat('&', $4), $2, now() from generate_series(1, $3) n",
        dialog.id,
        proof,
        count,
        length,
    )
    await desk.pool.execute("insert into tasks (dialog_id, what, created_at) values ($1, 'call', now())", dialog.id)
    await desk.pool.execute(
        """
        insert into model_calls (dialog_id, revision, halts, purpose, model_asked, asked_at, cost)
        select $1, 1, 0, 'reply', 'm', now(), cost from unnest(array[0.0012, 0.0031, null]) cost
        """,
        dialog.id,
    )


async def test_the_newest_page_says_what_is_known_besides_what_was_said(quiet_desk: Desk) -> None:
    dialog = await the_dialog(quiet_desk)
    await learn(quiet_desk, dialog, count=1, length=2)
    lines = (await turn(quiet_desk, NEWEST.pack())).text.splitlines()
    proved = r"<i>field1: &amp;&amp; ← “my number is &lt;here&gt;”, \d\d.\d\d \d\d:\d\d</i>"
    assert re.fullmatch(proved, lines.pop(7)), lines
    assert lines[2:8] == [
        "<i>Next: they answer</i>",
        "<i>Basis: asked &lt;b&gt;</i>",
        "<i>Began with: by name</i>",
        "<i>Cost: $0.0043 (3 questions to the model)</i>",
        "<i>A human is needed: wants a discount</i>",
        "<i>Promised: call (no time was named)</i>",
    ]


async def test_whatever_was_learnt_every_page_fits_and_none_skips_a_message(quiet_desk: Desk) -> None:
    dialog = await the_dialog(quiet_desk)
    tokens = [f"T{number:04}" for number in range(200)]
    for token in tokens:
        await said(quiet_desk, dialog, f"{token} " + "word " * 40)
    await learn(quiet_desk, dialog, count=40, length=500)
    pages = await all_pages(quiet_desk)
    assert "All of it: /export 1" in pages[0].text
    assert not any("All of it" in page.text for page in pages[1:])
    assert [token for page in reversed(pages) for token in re.findall(r"T\d{4}", page.text)] == tokens
    page, told = pages[-1], re.findall(r"T\d{4}", pages[-1].text)
    while data := press(page, "newer →"):
        page = await turn(quiet_desk, data)
        told += [token for token in re.findall(r"T\d{4}", page.text) if token not in told]
    assert told == tokens


async def test_view_turns_its_pages_in_place(desk: Desk, operator: Operator) -> None:
    dialog = await open_with(desk, 501, "anna")
    for number in range(120):
        await said(desk, dialog, f"T{number:04} " + "word " * 20)
    page = await operator.ask("/view 1")
    assert "T0119" in page["text"]
    assert buttons(page)[:2] == ["← older", "refresh"]
    await operator.press(page, "← older")
    older = await operator.next(page["id"] - 1, r"^(?!.*T0119)")
    assert older["id"] == page["id"]
    assert buttons(older)[:3] == ["← older", "newer →", "newest"]
    await operator.press(older, "newest")
    await operator.next(page["id"] - 1, "T0119")


async def test_a_button_of_an_unknown_shape_is_answered(desk: Desk, operator: Operator, settings: Settings) -> None:
    await operator.ask("/help")
    bot = make_bot(desk)
    await bot.send_message(settings.admin_telegram_id[0], "from an older release", reply_markup=rows([OLD]))
    await bot.session.close()
    answer = await operator.press((await operator.heard())[-1], "old")
    assert "too old" in json.dumps(answer)
