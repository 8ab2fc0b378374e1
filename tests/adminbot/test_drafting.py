"""Drafts at the desk: one message for each admin, edited in place until it is decided; the first to press wins."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from salesbot.adminbot import draft_card
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.draft_card import Decide, Do
from salesbot.adminbot.html import LIMIT, units
from salesbot.dialog.model import Author, Contact, Direction, DraftState, Message, Purpose
from salesbot.i18n import CODES, lang
from salesbot.store import drafts
from salesbot.store.desk import Head
from salesbot.store.draft_cards import About
from salesbot.store.drafts import Draft
from salesbot.store.pool import transaction
from sandbox.app import Sandbox
from sandbox.world import Role
from tests.adminbot.drafts import drafted, events_of, message, overtaken, reads, state, unedited
from tests.adminbot.people import Operator, buttons, open_with, said, sign_in, until, working
from tests.adminbot.test_notices import dialog

LARGEST = 2**63 - 1


async def test_a_draft_is_shown_with_whom_it_answers_and_goes_out_by_its_button(
    desk: Desk, operator: Operator, admin: int
) -> None:
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna", "Anna P.")
    await said(desk, anna, "Hi")
    await said(desk, anna, "Good day", direction="out", author="model", send_state="sent", random_id=99)
    await said(desk, anna, "", kind="photo")
    await said(desk, anna, "How much is <it>?")
    draft = await drafted(desk, anna, "From 990 a month.", "Shall I show it?")
    card = await operator.next(shown["id"])
    assert card["text"].startswith(
        "№ 1 Draft of a reply to Anna P. (@anna):\n\n← [photo]\n← How much is <it>?\n\n→ From 990 a month."
    )
    assert "→ Shall I show it?\n\nWaits for a button until " in card["text"]
    assert buttons(card) == ["Send", "Edit", "Skip", "Take over"]
    await operator.press(card, "Send")
    done = await reads(operator, card["id"], "✓ It goes out. Decided by: you.")
    assert buttons(done) == []
    assert (await state(desk, draft))[0] is DraftState.APPROVED
    assert ("draft_sent", f"admin:{admin}") in await events_of(desk, 1)


@pytest.mark.parametrize("code", CODES)
async def test_one_message_is_edited_through_the_drafts_life(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    shown = await operator.ask("/help")
    draft = await drafted(desk, await open_with(desk, 501, "anna", "Anna"), "From 990.", "Shall I?")
    card = await operator.next(shown["id"])
    await operator.press(card, _("Edit"))
    prompt = await operator.next(card["id"])
    assert "Anna (@anna)" in prompt["text"]
    assert prompt["text"].endswith("\n\nFrom 990.\n\nShall I?")
    answered = await operator.say("From 890,\nfor you.", reply_to=prompt["id"])
    await operator.next(answered, "№ 1: ")
    edited = await reads(operator, card["id"], "→ From 890,\nfor you.")
    assert _("Edited by: {who}.").format(who=_("you")) in edited["text"]
    assert "Shall I?" not in edited["text"]
    assert await message(operator, prompt["id"]) is None
    assert await state(desk, draft) == (DraftState.WAITING, ("From 890,\nfor you.",))
    await operator.press(edited, _("Send"))
    await reads(operator, card["id"], _("✓ It goes out. Decided by: {who}.").format(who=_("you")))
    assert await state(desk, draft) == (DraftState.APPROVED, ("From 890,\nfor you.",))
    cards = [one for one in await operator.heard() if "890" in one["text"]]
    assert [one["id"] for one in cards] == [card["id"]]
    assert f"→ {_('We (human)')}" in (await operator.ask("/view 1"))["text"]


async def test_an_answer_to_the_card_itself_edits_it_too(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    draft = await drafted(desk, await open_with(desk, 501, "anna"), "From 990.")
    card = await operator.next(shown["id"])
    await operator.say("From 890.", reply_to=card["id"])
    await reads(operator, card["id"], "→ From 890.")
    assert await state(desk, draft) == (DraftState.WAITING, ("From 890.",))


async def test_what_was_shown_is_what_is_sent(desk: Desk, operator: Operator) -> None:
    """A button under an older text, which somebody changed meanwhile, sends nothing."""
    shown = await operator.ask("/help")
    draft = await drafted(desk, await open_with(desk, 501, "anna"), "From 990.")
    card = await operator.next(shown["id"])
    async with unedited(operator):
        await operator.next(await operator.say("From 890.", reply_to=card["id"]))
        told = await operator.press(card, "Send")
    assert told["text"] == "It was changed meanwhile. Read it again, then press."
    assert (await state(desk, draft))[0] is DraftState.WAITING
    await reads(operator, card["id"], "→ From 890.")


async def test_a_skipped_draft_says_so_and_is_not_said(desk: Desk, operator: Operator, admin: int) -> None:
    shown = await operator.ask("/help")
    draft = await drafted(desk, await open_with(desk, 501, "anna"), "From 990.")
    card = await operator.next(shown["id"])
    await operator.press(card, "Skip")
    done = await reads(operator, card["id"], "✗ Skipped, nothing is said to this. Decided by: you.")
    assert buttons(done) == []
    assert (await state(desk, draft))[0] is DraftState.SKIPPED
    assert ("draft_skipped", f"admin:{admin}") in await events_of(desk, 1)


async def test_the_dialog_is_taken_from_the_card(desk: Desk, operator: Operator, admin: int) -> None:
    shown = await operator.ask("/help")
    await drafted(desk, await open_with(desk, 501, "anna"), "From 990.")
    card = await operator.next(shown["id"])
    await operator.press(card, "Take over")
    await operator.next(card["id"], "№ 1: yours")
    await reads(operator, card["id"], "✗ Out of date: a human speaks now.")
    row = await desk.pool.fetchrow("select status, taken_by from dialogs")
    assert row is not None
    assert tuple(row) == ("taken", admin)


async def test_a_newer_message_makes_a_draft_stale_and_the_card_says_so(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna")
    draft = await drafted(desk, anna, "From 990.")
    card = await operator.next(shown["id"])
    async with unedited(operator):
        await overtaken(desk, anna)
        told = await operator.press(card, "Send")
    assert told["text"] == "Too late. ✗ Out of date: something newer came."
    done = await reads(operator, card["id"], "✗ Out of date: something newer came.")
    assert buttons(done) == []
    assert (await state(desk, draft))[0] is DraftState.STALE


async def test_a_draft_for_which_nobody_pressed_in_time_says_so(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna")
    await drafted(desk, anna, "From 990.")
    card = await operator.next(shown["id"])
    async with transaction(desk.pool) as connection:
        assert await drafts.expire(connection, anna, datetime.now(UTC) + timedelta(days=2))
    desk.drafts.wake()
    done = await reads(
        operator, card["id"], "✗ Nobody decided in time. /give 1: the model writes anew; /take 1: you speak."
    )
    assert buttons(done) == []


async def test_what_was_changed_while_the_bot_was_down_is_shown_after_the_start(
    quiet_desk: Desk, operator: Operator
) -> None:
    await sign_in(quiet_desk.pool)
    async with working(quiet_desk):
        shown = await operator.ask("/help")
        anna = await open_with(quiet_desk, 501, "anna")
        await drafted(quiet_desk, anna, "From 990.")
        card = await operator.next(shown["id"])
    await overtaken(quiet_desk, anna)
    await drafted(quiet_desk, anna, "From 890.")
    async with working(quiet_desk):
        await operator.next(card["id"], "From 890.")
        await reads(operator, card["id"], "✗ Out of date")


async def test_the_button_of_a_draft_that_is_gone_answers_that_it_is_too_old(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    await drafted(desk, await open_with(desk, 501, "anna"), "From 990.")
    card = await operator.next(shown["id"])
    await until(lambda: desk.pool.fetchval("select exists (select from draft_cards)"))
    await desk.pool.execute("delete from drafts")
    for button in ("Send", "Edit", "Take over"):
        assert "too old" in (await operator.press(card, button))["text"]


@pytest.mark.parametrize("code", CODES)
async def test_a_card_that_is_far_up_is_shown_again_from_the_page_of_its_dialog(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna")
    draft = await drafted(desk, anna, "From 990.")
    card = await operator.next(shown["id"])
    page = await operator.ask("/view 1")
    await operator.press(page, _("Show the draft"))
    again = await operator.next(page["id"])
    assert again["text"] == card["text"]
    await until(lambda: taken_away(operator, card["id"]))
    await operator.press(again, _("Send"))
    await reads(operator, again["id"], _("✓ It goes out. Decided by: {who}.").format(who=_("you")))
    assert (await state(desk, draft))[0] is DraftState.APPROVED
    told = await operator.press(page, _("Show the draft"))
    assert told["text"] == _("No draft waits here any more.")


async def taken_away(operator: Operator, number: int) -> bool:
    return await message(operator, number) is None


@dataclass(frozen=True)
class Pair:
    """Two who share a desk."""

    desk: Desk
    one: Operator
    other: Operator
    above: int


@pytest.fixture
async def pair(quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int) -> AsyncIterator[Pair]:
    boris = sandbox.world.users.create(Role.OPERATOR, "Boris", username="boris_admin")
    both = quiet_desk.settings.model_copy(update={"admin_telegram_id": (admin, boris.id)})
    await sign_in(quiet_desk.pool)
    async with working(replace(quiet_desk, settings=both)):
        other = Operator(operator.control, "boris_admin")
        await operator.ask("/help")
        shown = await other.ask("/help")
        yield Pair(quiet_desk, operator, other, shown["id"])


async def test_of_two_the_first_wins_and_the_second_is_told_who_it_was(pair: Pair) -> None:
    draft = await drafted(pair.desk, await open_with(pair.desk, 501, "anna"), "From 990.")
    mine = await pair.one.next(0, "Draft of a reply")
    theirs = await pair.other.next(pair.above, "Draft of a reply")
    async with unedited(pair.one):
        await pair.other.press(theirs, "Skip")
        again = await pair.other.press(theirs, "Skip")
        told = await pair.one.press(mine, "Send")
    assert again["text"] == "✗ Skipped, nothing is said to this. Decided by: you."
    assert told["text"] == "Too late. ✗ Skipped, nothing is said to this. Decided by: Boris."
    await reads(pair.one, mine["id"], "✗ Skipped, nothing is said to this. Decided by: Boris.")
    await reads(pair.other, theirs["id"], "Decided by: you.")
    assert (await state(pair.desk, draft))[0] is DraftState.SKIPPED


async def test_a_dialog_that_somebody_looks_after_is_drafted_for_them_alone(pair: Pair) -> None:
    anna = await open_with(pair.desk, 501, "anna")
    boris = await pair.desk.pool.fetchval("select id from admins where name = 'Boris'")
    await pair.desk.pool.execute("update dialogs set assignee = $1", boris)
    await drafted(pair.desk, anna, "From 990.")
    await drafted(pair.desk, await open_with(pair.desk, 502, "carl"), "For everybody.")
    await pair.other.next(pair.above, "From 990.")
    await pair.one.next(0, "For everybody.")
    assert not [one for one in await pair.one.heard() if "From 990." in one["text"]]


async def test_a_viewer_is_shown_no_draft_and_decides_none(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox
) -> None:
    vera = sandbox.world.users.create(Role.OPERATOR, "Vera", username="vera_viewer")
    await sign_in(quiet_desk.pool)
    await quiet_desk.pool.execute("insert into admins (id, role, name) values ($1, 'operator', 'Vera')", vera.id)
    async with working(quiet_desk):
        theirs = Operator(operator.control, "vera_viewer")
        shown = await theirs.ask("/help")
        await drafted(quiet_desk, await open_with(quiet_desk, 501, "anna"), "From 990.")
        card = await theirs.next(shown["id"], "From 990.")
        await quiet_desk.pool.execute("update admins set role = 'viewer'")
        assert "You may look, and change nothing" in (await theirs.press(card, "Send"))["text"]
        mine = await operator.ask("/help")
        await drafted(quiet_desk, await open_with(quiet_desk, 502, "carl"), "From 890.")
        await operator.next(mine["id"], "From 890.")
        assert not [one for one in await theirs.heard() if "From 890." in one["text"]]


@pytest.mark.parametrize("code", CODES)
async def test_the_first_message_is_shown_before_it_goes_out_and_can_be_cancelled(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna", "Anna P.")
    await desk.pool.execute("update accounts set phone = '79990001122'")
    draft = await drafted(desk, anna, "Good day!", purpose=Purpose.OPENING)
    card = await operator.next(shown["id"])
    about = _("About to write to {who} from {account}:")
    assert about.format(who="Anna P. (@anna)", account="+79990001122 (@sales)") in card["text"]
    assert buttons(card) == [_("Send"), _("Edit"), _("Cancel")]
    await operator.press(card, _("Cancel"))
    text = _("✗ Cancelled, nobody was written to. Decided by: {who}.").format(who=_("you"))
    await reads(operator, card["id"], text)
    assert (await state(desk, draft))[0] is DraftState.SKIPPED
    assert await desk.pool.fetchval("select status from dialogs") == "stopped"


async def test_a_card_that_was_deleted_comes_again_while_it_waits(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna")
    draft = await drafted(desk, anna, "From 990.")
    card = await operator.next(shown["id"])
    await operator.control.call("POST", "/delete", as_="operator", message_id=card["id"])
    async with transaction(desk.pool) as connection:
        await drafts.edit(connection, draft, 1, "From 890.", datetime.now(UTC))
    desk.drafts.wake()
    assert buttons(await operator.next(card["id"], "From 890.")) == ["Send", "Edit", "Skip", "Take over"]


def test_the_buttons_fit_into_telegrams_64_bytes() -> None:
    assert len(Decide(draft=LARGEST, version=2**31 - 1, do=Do.SEND).pack().encode()) <= 64


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("given", DraftState)
@pytest.mark.parametrize("letter", ["a", "<", "\U0001f600"])
def test_the_longest_draft_fits_and_says_where_the_rest_is(code: str, given: DraftState, letter: str) -> None:
    _ = lang(code)
    now = datetime.now(UTC)
    head = Head(dialog(), Contact(501, "a" * 32, letter * 60), letter * 60)
    heard = Message(1, 1, Direction.IN, Author.CONTACT, letter * 4096, now)
    about = About(head, "79990001122", [heard] * 3, "newer_message", letter * 60)
    draft = Draft(1, 1, given, 1, 5, now, now, Purpose.REPLY, (letter * 4096, letter * 4096))
    shown = draft_card.card(_, draft, about, reader=6, zone=UTC)
    assert units(shown.text) <= LIMIT
    assert _("… The rest of it: /view {n}").format(n=1) in shown.text
    short = draft_card.card(_, replace(draft, parts=("Yes",)), about, reader=6, zone=UTC)
    assert "→ Yes" in short.text
    assert units(draft_card.prompt(_, draft, head).text) <= LIMIT
    assert len(draft_card.too_late(_, draft, about, 6)) <= draft_card.ALERT
