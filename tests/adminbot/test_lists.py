"""/list and /find: cards that say how each dialog stands, filters in words, pages by keyset, a tap that opens."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from salesbot.adminbot import lists, marks
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import units
from salesbot.adminbot.keyboards import ListPage, Way
from salesbot.adminbot.lists import FindPage
from salesbot.adminbot.parse import WrongInput
from salesbot.i18n import CODES, lang
from salesbot.store import listing, retention
from salesbot.store.listing import Mark, Wanted
from salesbot.store.pool import Connection, transaction
from tests.adminbot.people import Operator, buttons, open_with, said, sign_in

EN = lang("en")
OURS = {"direction": "out", "author": "model", "telegram_message_id": None}


def numbers(page: dict[str, object]) -> list[int]:
    return [int(number) for number in re.findall(r"№ (\d+)", str(page["text"]))]


# --- /list


async def test_an_empty_list_says_how_to_begin(desk: Desk, operator: Operator) -> None:
    assert "Open one: /start @username" in (await operator.ask("/list"))["text"]
    assert "Open the first one: /start @username" in (await operator.ask("/list all"))["text"]
    assert (await operator.ask("/list won"))["text"] == "No dialog is on this list: won."


async def test_a_card_has_mark_number_name_unread_stage_last_line_and_its_age(desk: Desk, operator: Operator) -> None:
    dialog = await open_with(desk, 501, "anna", "Anna P.")
    await desk.pool.execute("update dialogs set stage = 'offer'")
    hour_ago = datetime.now(UTC) - timedelta(minutes=61)
    await said(desk, dialog, "Hello & <good>\nday", timestamp=hour_ago)
    await said(desk, dialog, "never said", send_state="cancelled", **OURS)
    assert (await operator.ask("/list"))["text"].splitlines() == [
        "Open dialogs", "", "⏳ № 1 Anna P. (@anna) · 1 new", "waiting for them · offer",
        "← Hello & <good> day · 1 h ago",
    ]  # fmt: skip


async def draft(desk: Desk, dialog_id: int) -> None:
    """A draft of one part that waits for a button."""
    number = await desk.pool.fetchval(
        """
        insert into drafts (dialog_id, created_at, expires_at) values ($1, now(), now() + interval '1 day') returning id
        """,
        dialog_id,
    )
    await desk.pool.execute(
        """
        insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, draft_id)
        select id, account_id, 'out', 'model', 'Shall we?', now(), 'pending', $2 from dialogs where id = $1
        """,
        dialog_id,
        number,
    )


async def one_of_each(desk: Desk) -> None:
    """A dialog for each mark, in the order of the marks: number 1 has the first."""
    states = {
        Mark.NEEDS_YOU: ("handoff", "none"),
        Mark.DRAFT: ("active", "none"),
        Mark.TAKEN: ("taken", "none"),
        Mark.ANSWERING: ("active", "none"),
        Mark.WAITING: ("active", "none"),
        Mark.OFF: ("active", "none"),
        Mark.LOOKING_UP: ("resolving", "none"),
        Mark.STOPPED: ("stopped", "none"),
        Mark.WON: ("closed", "won"),
        Mark.LOST: ("closed", "lost"),
        Mark.OPTED_OUT: ("closed", "opted_out"),
        Mark.OVER: ("closed", "unreachable"),
    }
    assert list(states) == list(Mark)
    for number, (status, outcome) in enumerate(states.values(), 1):
        dialog = await open_with(desk, 500 + number, f"user{number}", status=status)
        await desk.pool.execute("update dialogs set outcome = $2 where id = $1", dialog.id, outcome)
    await draft(desk, 2)
    await desk.pool.execute("update dialogs set due_at = now() where id in (4, 6)")
    await desk.pool.execute("update dialogs set mode = 'off' where id = 6")


async def through(connection: Connection, wanted: Wanted) -> list[tuple[int, Mark]]:
    """Number and mark of all that stands on a list, read page by page."""
    found: list[tuple[int, Mark]] = []
    while page := await listing.older(connection, wanted, 77, found[-1][0] if found else 99):
        found += [(one.head.dialog.id, one.mark) for one in page[:8]]
    return found


async def test_every_mark_is_shown_and_every_list_holds_what_has_its_mark(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    await one_of_each(quiet_desk)
    await quiet_desk.pool.execute("update dialogs set assignee = 77 where id in (3, 9)")
    async with transaction(quiet_desk.pool) as connection:
        found = {wanted: await through(connection, wanted) for wanted in Wanted}
        newer = {wanted: await listing.newer(connection, wanted, 77, 0) for wanted in Wanted}
    every = list(enumerate(Mark, 1))[::-1]
    assert found[Wanted.ALL] == every
    assert found[Wanted.OPEN] == every[-7:]
    assert found[Wanted.MINE] == [(9, Mark.WON), (3, Mark.TAKEN)]
    for number, mark in enumerate(Mark, 1):
        assert found[Wanted(mark.value)] == [(number, mark)]
    for wanted, lines in newer.items():
        assert [(one.head.dialog.id, one.mark) for one in lines] == found[wanted][-9:]


async def test_what_nobody_has_looked_at_is_a_list_of_its_own(desk: Desk, operator: Operator) -> None:
    anna, boris = await open_with(desk, 501, "anna"), await open_with(desk, 502, "boris")
    assert (await operator.ask("/list unread"))["text"] == "No dialog is on this list: unread."
    for dialog in (anna, boris, anna):
        await said(desk, dialog, "Hello")
    await said(desk, boris, "Good morning", **OURS)
    assert numbers(await operator.ask("/list непрочитанные")) == [2, 1]
    await operator.ask("/view 1")
    assert numbers(await operator.ask("/list new")) == [2]
    await said(desk, anna, "Are you there?")
    page = await operator.ask("/list")
    await operator.press(page, "✉ unread")
    assert numbers(await operator.next(page["id"] - 1, "^✉ unread")) == [2, 1]


async def test_what_was_said_before_the_dialog_and_what_is_erased_is_no_news(desk: Desk, operator: Operator) -> None:
    anna, boris = await open_with(desk, 501, "anna"), await open_with(desk, 502, "boris")
    await said(desk, anna, "Years ago", revision=0)
    await said(desk, boris, "An old word")
    assert numbers(await operator.ask("/list unread")) == [2]
    now = datetime.now(UTC) + timedelta(days=1)
    await desk.pool.execute("update dialogs set status = 'closed' where id = $1", boris.id)
    async with transaction(desk.pool) as connection:
        assert await retention.erase(connection, boris.id, now, now)
    assert (await operator.ask("/list unread"))["text"] == "No dialog is on this list: unread."
    assert " new" not in (await operator.ask("/list all"))["text"]


async def test_what_is_paused_says_so(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna")
    await desk.pool.execute("update switches set paused_at = now()")
    assert "Everything is paused" in (await operator.ask("/list"))["text"]


@pytest.mark.parametrize("code", CODES)
def test_whatever_a_list_calls_itself_may_be_typed(code: str) -> None:
    for wanted in Wanted:
        assert marks.wanted(marks.called(lang(code), wanted).upper()) is wanted


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [(None, Wanted.OPEN), ("won", Wanted.WON), ("needs", Wanted.NEEDS_YOU), ("ждут", Wanted.NEEDS_YOU),
     ("Ждём", Wanted.WAITING), ("остан", Wanted.STOPPED), ("waiting for  them", Wanted.WAITING),
     ("opt-out", None), ("opted-out", Wanted.OPTED_OUT), ("все", Wanted.ALL), ("o", None), ("anna", None)],
)  # fmt: skip
def test_lists_are_words_in_both_languages(typed: str | None, wanted: Wanted | None) -> None:
    if wanted is None:
        with pytest.raises(WrongInput):
            marks.wanted(typed)
    else:
        assert marks.wanted(typed) is wanted


async def test_the_list_turns_its_pages_in_place_both_ways(desk: Desk, operator: Operator) -> None:
    for number in range(1, 21):
        await open_with(desk, 500 + number, f"user{number}")
    page = await operator.ask("/list")

    async def press_and_wait(button: str, first: int) -> None:
        nonlocal page
        await operator.press(page, button)
        page = await operator.next(page["id"] - 1, rf"№ {first} .*")

    def turning() -> list[str]:
        return [one for one in buttons(page) if not one.startswith("№")][:-4]

    assert (numbers(page), turning()) == (list(range(20, 12, -1)), ["older →", "refresh"])
    await press_and_wait("older →", 12)
    assert (numbers(page), turning()) == (list(range(12, 4, -1)), ["← newer", "older →", "refresh"])
    await press_and_wait("older →", 4)
    assert (numbers(page), turning()) == ([4, 3, 2, 1], ["← newer", "refresh"])
    await press_and_wait("← newer", 12)
    assert numbers(page) == list(range(12, 4, -1))
    await press_and_wait("← newer", 20)
    assert (numbers(page), turning()) == (list(range(20, 12, -1)), ["older →", "refresh"])
    await operator.press(page, "refresh")  # unmodified: no error, no second message
    assert len(await operator.heard()) == 1


async def test_a_tap_opens_the_dialog_below_and_then_nothing_is_unread(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", "Anna")
    dialog = await open_with(desk, 502, "boris", "Boris")
    for number in range(120):
        await said(desk, dialog, f"line {number}")
    page = await operator.ask("/list")
    assert "Boris (@boris) · 99+ new" in page["text"]
    assert buttons(page)[:2] == ["№ 2", "№ 1"]
    await operator.press(page, "№ 2")
    assert "line 119" in (await operator.next(page["id"]))["text"]
    assert "new" not in (await operator.ask("/list"))["text"]
    await said(desk, dialog, "once more")
    assert "Boris (@boris) · 1 new" in (await operator.ask("/list"))["text"]


async def test_another_list_is_one_tap_away(desk: Desk, operator: Operator) -> None:
    await open_with(desk, 501, "anna", status="handoff")
    await open_with(desk, 502, "boris")
    page = await operator.ask("/list")
    await operator.press(page, "❗ needs you")
    page = await operator.next(page["id"] - 1, "^❗ needs you")
    assert numbers(page) == [1]
    await operator.press(page, "Open dialogs")
    assert numbers(await operator.next(page["id"] - 1, "^Open dialogs")) == [2, 1]


async def test_a_page_of_the_list_fits_whatever_people_are_called(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    for number in range(10):
        dialog = await open_with(quiet_desk, 500 + number, "a" * 32, "<&>" * 60)
        await said(quiet_desk, dialog, "😀<&>" * 900)
    page = await lists.list_page(quiet_desk, EN, 1, ListPage(wanted=Wanted.ALL, way=Way.NEWEST, cursor=0))
    assert units(unescape(re.sub("<[^>]+>", "", page.text))) <= 4096


# --- /find


PEOPLE = {
    "anna_p": "Anna Petrova",
    "bob1985": "Bob Annand",
    "o_neil": "Seán O'Neil 🌸",
    "artem": "Артём Ёлкин",
    "fancy": "𝓐𝓷𝓷𝓪-Maria (shop)",
}
FOUND = {
    "anna": ["fancy", "anna_p", "bob1985"],
    "ANNA": ["fancy", "anna_p", "bob1985"],
    "@anna": ["anna_p"],
    "pet ann": ["anna_p"],
    "neil": ["o_neil"],
    "o'neil": ["o_neil"],
    "sea": ["o_neil"],
    "артем ёлк": ["artem"],
    "АРТЁМ": ["artem"],
    "елкин": ["artem"],
    "maria": ["fancy"],
    "shop": ["fancy"],
    "bob1": ["bob1985"],
    "#vip": ["artem", "bob1985"],
    "vip": ["artem", "bob1985"],
    "#vip bob": ["bob1985"],
    "@vip": [],
    "#anna": [],
    "nna": [],
    "anna zzz": [],
    "🌸": [],
    "% _": [],
}


async def find(desk: Desk, text: str, after: int | None = None) -> list[int]:
    async with transaction(desk.pool) as connection:
        return [one.head.dialog.id for one in await listing.find(connection, text.split(), after)]


async def test_people_are_found_by_the_beginning_of_name_username_and_label(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    numbers = {}
    for contact, (username, name) in enumerate(PEOPLE.items(), 501):
        numbers[username] = (await open_with(quiet_desk, contact, username, name)).id
    for username in ("bob1985", "artem"):
        await quiet_desk.pool.execute("insert into labels values ($1, 'vip')", numbers[username])
    for text, usernames in FOUND.items():
        assert await find(quiet_desk, text) == [numbers[one] for one in usernames], text


async def test_a_name_is_found_from_when_it_is_known_until_it_is_gone(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    pool = quiet_desk.pool
    await pool.execute(
        "insert into dialogs (account_id, target_username, scenario, status) values (7001, 'Anna_P', 's', 'resolving')"
    )
    assert await find(quiet_desk, "anna_p") == [1]
    await pool.execute("insert into contacts (id, username, name) values (501, 'anna_p', 'Anna')")
    await pool.execute("update dialogs set contact_id = 501, status = 'active'")
    await pool.execute("update contacts set name = 'Ольга', username = null")
    assert (await find(quiet_desk, "anna"), await find(quiet_desk, "ольга")) == ([], [1])
    await pool.execute("insert into labels values (1, 'vip')")
    await pool.execute("delete from labels")
    assert await find(quiet_desk, "vip") == []
    await pool.execute("update dialogs set contact_id = null, target_username = '', erased_at = now()")
    assert await pool.fetchval("select count(*) from dialog_words") == 0


async def test_pages_of_what_is_found_hold_each_dialog_once(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    for number in range(30):
        name = ("Anna", "Annabel Anna", "Anna-Lena")[number % 3]
        await open_with(quiet_desk, 501 + number, f"anna{number:02}", name)
    paged: list[int] = []
    while page := await find(quiet_desk, "ann", paged[-1] if paged else None):
        paged += page[:8]
    assert sorted(paged) == list(range(1, 31))


async def test_find_shows_cards_with_buttons_and_pages(desk: Desk, operator: Operator) -> None:
    for number in range(1, 11):
        await open_with(desk, 500 + number, f"user{number}", f"Anna {number}")
    page = await operator.ask("/find анна anna")
    assert page["text"] == "Nobody is found by анна anna. What counts is how a name, a @username or a #label begins."
    page = await operator.ask("/find Anna")
    assert (numbers(page), buttons(page)[-1]) == (list(range(10, 2, -1)), "more →")
    await operator.press(page, "more →")
    page = await operator.next(page["id"] - 1, "№ 1 ")
    assert (numbers(page), buttons(page)) == ([2, 1], ["№ 2", "№ 1", "from the beginning"])
    await operator.press(page, "№ 1")
    assert "Anna 1 (@user1)" in (await operator.next(page["id"]))["text"]


async def test_words_too_long_for_a_button_are_not_cut_but_said(quiet_desk: Desk) -> None:
    await sign_in(quiet_desk.pool)
    for number in range(10):
        await open_with(quiet_desk, 501 + number, f"user{number}", "Я" * 60)
    page = await lists.find_page(quiet_desk, EN, FindPage(after=0, text="Я" * 40))
    assert page.text.endswith("There are more: type more letters.")
