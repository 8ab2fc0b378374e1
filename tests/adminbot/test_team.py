"""Who works at the desk, and whose dialog is whose, as owners, operators and viewers meet it."""

from __future__ import annotations

import pytest

from salesbot.adminbot.desk import Desk
from sandbox.app import Sandbox
from sandbox.world import Role as Played
from tests.adminbot.people import BOT, Operator, buttons, open_with, until


@pytest.fixture
def olga(sandbox: Sandbox, operator: Operator) -> Operator:
    """A colleague whom nobody has let in yet."""
    sandbox.world.users.create(Played.OPERATOR, "Olga", id=910_001, username="olga", lang_code="en")
    return Operator(operator.control, "olga")


async def let_in(desk: Desk, who: Operator, role: str) -> None:
    """A colleague who has used the desk before."""
    await desk.pool.execute("insert into admins (id, role) values (910001, $1)", role)
    await who.ask("/help")


async def roles(desk: Desk) -> dict[int, str | None]:
    rows = await desk.pool.fetch("select id, role from admins where role is not null")
    return {row["id"]: row["role"] for row in rows}


async def test_somebody_is_let_in_by_a_forwarded_message_and_comes_in_at_once(
    desk: Desk, operator: Operator, olga: Operator
) -> None:
    first = await olga.say("may I help?")  # to the bot, which says nothing
    theirs = (await olga.control.say("olga", "operator", "let me in"))["id"]
    assert theirs and not await olga.heard()
    mine = (await operator.control.chat("operator", "olga"))["messages"][-1]["id"]
    forwarded = (await operator.control.call("POST", "/forward", as_="operator", message_id=mine, to=BOT))["id"]
    asked = await operator.next(above=forwarded)
    assert asked["text"].startswith("Let Olga (id 910001) in?")
    assert buttons(asked) == ["As operator", "As viewer", "Do not let in"]
    await operator.press(asked, "As operator")
    await until(lambda: changed(operator, asked["id"], "Olga: operator from now on. They open @"))
    assert await roles(desk) == {910_001: "operator"}
    await olga.next(first, "Operator let Olga in: operator.")
    await olga.next(await olga.say("/help"), "This bot is your desk")


async def changed(who: Operator, message: int, text: str) -> bool:
    """Whether the bot put this in the place of what stood there."""
    return any(one["id"] == message and text in one["text"] for one in await who.heard())


async def test_somebody_is_let_in_by_a_shared_contact_or_by_their_id(
    desk: Desk, operator: Operator, olga: Operator
) -> None:
    number = (await operator.control.say("operator", BOT, media={"kind": "contact", "user": "olga"}))["id"]
    asked = await operator.next(above=number)
    assert asked["text"].startswith("Let Olga (id 910001) in?")
    await operator.press(asked, "Do not let in")
    assert await roles(desk) == {}
    assert "Olga: viewer from now on" in (await operator.ask("/admins 910001 viewer"))["text"]
    assert await roles(desk) == {910_001: "viewer"}
    kinds = [row["kind"] for row in await desk.pool.fetch("select kind from events")]
    assert kinds == ["admin_added"]


async def test_who_hides_behind_a_forward_cannot_be_let_in_by_it(
    desk: Desk, operator: Operator, olga: Operator
) -> None:
    await olga.control.call("PATCH", "/users/olga", hides_forwards=True)
    await olga.control.say("olga", "operator", "it is me")
    mine = (await operator.control.chat("operator", "olga"))["messages"][-1]["id"]
    forwarded = await operator.control.call("POST", "/forward", as_="operator", message_id=mine, to=BOT)
    assert "hide who they are" in (await operator.next(above=forwarded["id"]))["text"]


async def test_roles_are_changed_and_taken_away_by_buttons(desk: Desk, operator: Operator, olga: Operator) -> None:
    await let_in(desk, olga, "operator")
    await open_with(desk, 501, "anna")
    await operator.ask("/assign 1 @olga")
    await olga.next(0, "gave the dialog")
    page = await operator.ask("/admins")
    assert "Olga (@olga), operator, id 910001" in page["text"] and "Operator (@operator), owner" in page["text"]
    assert buttons(page) == ["Olga: viewer", "Olga: remove"]
    await operator.press(page, "Olga: viewer")
    assert await roles(desk) == {910_001: "viewer"}
    page = await operator.ask("/admins")
    await operator.press(page, "Olga: remove")
    assert await roles(desk) == {}
    assert await desk.pool.fetchval("select assignee from dialogs") is None
    number = await olga.say("/list")
    await operator.ask("/list")
    assert not [message for message in await olga.heard() if message["id"] > number]


async def test_an_owner_is_neither_added_nor_removed(desk: Desk, operator: Operator, admin: int) -> None:
    assert "is an owner" in (await operator.ask(f"/admins {admin}"))["text"]
    assert "ADMIN_TELEGRAM_ID" in (await operator.ask(f"/admins {admin} viewer"))["text"]
    assert await roles(desk) == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/admins olga", "olga is no Telegram id"),
        ("/admins 5 boss", "There is no role boss; there are operator and viewer."),
        ("/assign 1 @nobody_here", "I know no colleague @nobody_here here"),
        ("/assign 9 me", "There is no dialog № 9"),
        ("/assign", "The dialog's number is missing. Example: /assign 7 @olga"),
        ("/assign 1 @olga now", "I do not understand @olga now"),
    ],
)
async def test_what_cannot_be_understood_is_said(desk: Desk, operator: Operator, typed: str, said: str) -> None:
    await open_with(desk, 501, "anna")
    assert said in (await operator.ask(typed))["text"]


async def test_a_dialog_is_given_to_a_colleague_who_hears_of_it(desk: Desk, operator: Operator, olga: Operator) -> None:
    await let_in(desk, olga, "operator")
    await open_with(desk, 501, "anna", "Anna")
    page = await operator.ask("/assign 1")
    assert buttons(page) == ["Me", "Nobody", "Olga"]
    above = (await olga.heard())[-1]["id"]
    await operator.press(page, "Olga")
    await until(lambda: changed(operator, page["id"], "№ 1: Olga looks after it from now on"))
    told = await olga.next(above=above)
    assert told["text"].startswith("№ 1: Operator gave the dialog with Anna (@anna) to Olga.")
    assert (await operator.ask("/assign 1 me"))["text"] == "№ 1: yours. Its notices come to you alone."
    assert "its notices go to all" in (await operator.ask("/assign 1 nobody"))["text"]
    events = await desk.pool.fetch("select actor, data from events order by id")
    assert [row["data"]["admin"] for row in events] == [910_001, desk.settings.admin_telegram_id[0], None]
    assert {row["actor"] for row in events} == {f"admin:{desk.settings.admin_telegram_id[0]}"}


async def test_a_viewer_cannot_be_given_a_dialog(desk: Desk, operator: Operator, olga: Operator) -> None:
    await let_in(desk, olga, "viewer")
    await open_with(desk, 501, "anna")
    assert "Olga only looks" in (await operator.ask("/assign 1 @olga"))["text"]


async def test_the_second_who_takes_a_dialog_is_told_who_was_first(
    desk: Desk, operator: Operator, olga: Operator
) -> None:
    await let_in(desk, olga, "operator")
    await open_with(desk, 501, "anna")
    assert "yours" in (await olga.ask("/take 1"))["text"]
    assert (await operator.ask("/take 1"))["text"].startswith("№ 1: Olga was first and speaks there.")
    assert "is yours already" in (await olga.ask("/take 1"))["text"]


async def test_all_of_it_is_pressed_in_russian_as_well(desk: Desk, operator: Operator, olga: Operator) -> None:
    await operator.control.call("PATCH", "/users/operator", lang_code="ru")
    await open_with(desk, 501, "anna")
    asked = await operator.ask("/admins 910001")
    assert buttons(asked) == ["Оператор", "Наблюдатель", "Не давать доступ"]
    await operator.press(asked, "Наблюдатель")
    await until(lambda: changed(operator, asked["id"], "910001: теперь наблюдатель."))
    page = await operator.ask("/admins")
    await operator.press(page, "910001: оператор")
    await until(lambda: changed(operator, page["id"], "910001: теперь оператор."))
    page = await operator.ask("/assign 1")
    assert buttons(page) == ["Меня", "Никого", "910001"]
    await operator.press(page, "Меня")
    await until(lambda: changed(operator, page["id"], "№ 1: за него отвечаете вы."))
    page = await operator.ask("/timezone москво")
    await operator.press(page, "Europe/Moscow")
    await until(lambda: changed(operator, page["id"], "Время показывается по Europe/Moscow"))
    assert "Не тревожу вас с 22:00 до 8:00." in (await operator.ask("/quiet 22-8"))["text"]
    assert "Operator: ответственный: Operator" in (await operator.ask("/log 1"))["text"]
    page = await operator.ask("/status")
    assert "@sales не на связи с Telegram" in page["text"]
    await operator.press(page, "обновить")


async def test_a_viewer_looks_and_is_told_what_they_may_not_do(desk: Desk, operator: Operator, olga: Operator) -> None:
    await let_in(desk, olga, "viewer")
    await open_with(desk, 501, "anna")
    assert "№ 1" in (await olga.ask("/list"))["text"]
    assert "You may look, and change nothing" in (await olga.ask("/stop 1"))["text"]
    assert "Only an owner of this desk may do that." in (await olga.ask("/admins"))["text"]
    assert await desk.pool.fetchval("select status from dialogs") == "active"


async def test_what_a_viewer_or_an_operator_forwards_is_left_alone(
    desk: Desk, operator: Operator, olga: Operator
) -> None:
    await let_in(desk, olga, "operator")
    await operator.control.say("operator", "olga", "look at this")
    mine = (await olga.control.chat("olga", "operator"))["messages"][-1]["id"]
    forwarded = await olga.control.call("POST", "/forward", as_="olga", message_id=mine, to=BOT)
    await olga.ask("/help")
    assert len([message for message in await olga.heard() if message["id"] > forwarded["id"]]) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/timezone Asia/Tokyo", "Times are shown as in Asia/Tokyo; it is "),
        ("/timezone tokyo", "Times are shown as in Asia/Tokyo; it is "),
        ("/timezone Токио", "I know no timezone Токио."),
        ("/timezone", "Times are shown as in the timezone of this machine"),
        ("/quiet 22-8", "I tell you nothing from 22:00 to 8:00."),
        ("/quiet 22:00 – 08:00", "I tell you nothing from 22:00 to 8:00."),
        ("/quiet off", "I tell you at any hour what happens.\nExample: "),
        ("/quiet", "I tell you at any hour what happens."),
        ("/quiet 9-9", "9-9: two different whole hours of the day are needed. Example: /quiet 22-8"),
        ("/quiet 25-3", "25-3: two different whole hours of the day are needed."),
    ],
)
async def test_timezone_and_quiet_hours_are_typed_as_people_write_them(
    desk: Desk, operator: Operator, typed: str, said: str
) -> None:
    assert said in (await operator.ask(typed))["text"]


async def test_a_timezone_that_is_not_known_suggests_the_nearest(desk: Desk, operator: Operator, admin: int) -> None:
    page = await operator.ask("/timezone Moskow")
    assert "I know no timezone Moskow." in page["text"]
    assert buttons(page)[0] == "Europe/Moscow"
    await operator.press(page, "Europe/Moscow")
    await until(lambda: changed(operator, page["id"], "Times are shown as in Europe/Moscow"))
    assert await desk.pool.fetchval("select timezone from admins where id = $1", admin) == "Europe/Moscow"
