"""/import and /campaigns: a file with everything wrong is understood, nobody is written to before the button, once."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from aiogram.types import Document

from salesbot.adminbot import import_texts, importing
from salesbot.adminbot.bot import plain_bot
from salesbot.adminbot.checking import Checked, DryRun, Verdict
from salesbot.adminbot.csvfile import Line, Unread, Unreadable
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import LIMIT, units
from salesbot.dialog.model import Mode
from salesbot.dialog.trial import Trial
from salesbot.i18n import CODES, lang
from salesbot.settings import Settings
from salesbot.store import events, suppressions, switches
from salesbot.store.campaigns import Entry
from salesbot.store.pool import transaction
from sandbox.app import Sandbox
from sandbox.control.client import Control
from tests.adminbot.conftest import KEYS
from tests.adminbot.people import BOT, Operator, buttons, open_with, sign_in, until, working
from tests.adminbot.test_exports import documents, entries

NASTY = """username;name;language;timezone;basis;notes;scenario
@nina;Нина П.;ru;Europe/Moscow;asked for a price;"#fair; tall";
https://t.me/oleg_k;=HYPERLINK("http://x");;;;;sales
NINA;Again;;;;;
never_more;;;;;;
talking;;;;;;
was_stopped;;;;;;
earlier;;;;;;
нет;;;;;;
;nobody;;;;;
polly;;Klingon;;;;
quinn;;;Moscow;;;
rosa;;;;;;coffee
sales;;;;;;
susan;;;;;one;sales;surplus
"""


def csv_file(text: str = NASTY, name: str = "people.csv") -> dict[str, Any]:
    return {"kind": "document", "name": name, "content": text}


async def send(operator: Operator, text: str = NASTY, caption: str = "", name: str = "people.csv") -> dict[str, Any]:
    """Send a list and wait for what the bot says of it."""
    number = await operator.say(caption, media=csv_file(text, name))
    return await operator.next(number, r"Nobody was written to|How a list looks")


async def known(desk: Desk) -> None:
    """Somebody who opted out, somebody in a dialog, one whose dialog was stopped, and one whose ended."""
    async with transaction(desk.pool) as connection:
        await suppressions.add(connection, KEYS.name_marks("never_more"))
    await open_with(desk, 501, "talking")
    await open_with(desk, 502, "was_stopped", status="stopped")
    await open_with(desk, 503, "earlier", status="closed")


def report(sandbox: Sandbox, admin: int) -> dict[int, list[str]]:
    """The rows of the newest report by their line."""
    name, content = documents(sandbox, admin)[-1]
    assert name == "people-checked.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="," if text.startswith("line") else ";"))
    return {int(row[0]): row[1:] for row in rows[1:]}


async def people(desk: Desk) -> list[tuple[str, str, str]]:
    rows = await desk.pool.fetch("select username, state, reason from campaign_people order by line")
    return [tuple(row.values()) for row in rows]


async def state(desk: Desk, campaign: int = 1) -> str:
    return str(await desk.pool.fetchval("select state from campaigns where id = $1", campaign))


async def test_a_nasty_file_is_reported_line_by_line(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await known(desk)
    told = await send(operator)
    lines = report(sandbox, admin)
    assert {number: row[0] for number, row in lines.items()} == {
        2: "ok",
        3: "ok",
        4: "the same person stands in line 2",
        5: "asked not to be written to",
        6: "there is an open dialog already, № 1",
        7: "the dialog was stopped, № 2; /resume goes on",
        8: "ok; there was a dialog before, № 3",
        9: "this cannot be a username: нет",
        10: "no username",
        11: "the language is not a code like ru or en: Klingon",
        12: "the timezone is none like Europe/Moscow or UTC+3: Moscow",
        13: "there is no scenario coffee",
        14: "an account of ours",
        15: "more cells than columns: a separator inside a cell needs quotation marks around it",
    }
    assert lines[2][1:] == ["nina", "Нина П.", "ru", "Europe/Moscow", "asked for a price", "#fair; tall", ""]
    assert lines[3][1:3] == ["oleg_k", '\'=HYPERLINK("http://x")'], "no cell of it is run by a spreadsheet"
    assert "people.csv: 14 lines" in told["text"]
    assert "3 people can be written to" in told["text"]
    assert "Left out: 11 (" in told["text"]
    assert "sales (3)" in told["text"]
    assert buttons(told) == ["Start: write to 3 people", "Drop"]
    assert await desk.pool.fetchval("select count(*) from dialogs") == 3, "nobody was written to"
    assert [one for one in await people(desk) if one[0]] == [
        ("nina", "waiting", ""),
        ("oleg_k", "waiting", ""),
        ("earlier", "waiting", ""),
    ]
    assert next(one[2] for one in await people(desk) if one[1] == "skipped") == "duplicate"


async def test_what_is_mended_in_the_report_can_be_sent_again(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await send(operator, "anna_p;Anna;ru\nboris;Boris;Klingon")
    (_, content), *_ = documents(sandbox, admin)
    mended = content.decode("utf-8-sig").replace("Klingon", "en")
    told = await send(operator, mended, name="people-checked.csv")
    assert "2 people can be written to" in told["text"]


async def test_the_button_starts_it_once_and_a_second_admin_is_told_who_did(
    quiet_desk: Desk, operator: Operator, control: Control, settings: Settings, sandbox: Sandbox
) -> None:
    other = (await control.call("POST", "/users", role="operator", first_name="Olga", username="olga"))["id"]
    settings = settings.model_copy(update={"admin_telegram_id": (*settings.admin_telegram_id, other)})
    await sign_in(quiet_desk.pool)
    colleague = Operator(control, "olga")
    async with working(replace(quiet_desk, settings=settings)):
        await colleague.ask("/help")
        told = await send(operator, "nina\noleg_k")
        assert "At today's limits the last of them is written to today." in told["text"]
        assert await state(quiet_desk) == "checked"
        await operator.press(told, "Start")
        shown = await operator.next(told["id"] - 1, "running")
        assert re.search(
            r"List № 1 people\.csv: running\nBegun: 0, waiting: 2, won: 0\nstarted by you, ", shown["text"]
        )
        assert buttons(shown) == ["Pause list № 1"]
        assert await state(quiet_desk) == "running"
        page = await colleague.ask("/campaigns")
        assert "started by" in page["text"]
        await colleague.press(page, "Pause")
        stale = await operator.press(shown, "Pause")
        assert stale["text"] == "Already done: paused by Olga."
        assert await state(quiet_desk) == "paused"
        log = (await operator.ask("/log"))["text"].splitlines()[1:]
    assert [line.split(" ", 2)[2] for line in log] == [
        "Olga: paused a list: 1",
        "Operator: let a list run: 1",
        "Operator: imported a list: 1",
    ]


async def test_a_list_that_is_dropped_is_forgotten(desk: Desk, operator: Operator) -> None:
    told = await send(operator, "nina\noleg_k")
    await operator.press(told, "Drop")
    shown = await operator.next(told["id"] - 1, "dropped by you")
    assert "Nobody was written to; the list is forgotten." in shown["text"]
    assert (await people(desk), await state(desk)) == ([], "dropped")
    assert "No list was ever started" in (await operator.ask("/campaigns"))["text"]


async def test_campaigns_shows_how_far_each_is_and_pauses_and_resumes(desk: Desk, operator: Operator) -> None:
    for number in (1, 2):
        told = await send(operator, f"nina{number}\noleg{number}\nрита", name=f"list{number}.csv")
        await operator.press(told, "Start")
        await until(lambda: desk.pool.fetchval("select count(*) = $1 from campaigns where state = 'running'", number))  # noqa: B023
    won = await open_with(desk, 501, "nina1", status="closed")
    await desk.pool.execute("update dialogs set outcome = 'won' where id = $1", won.id)
    await desk.pool.execute(
        "update campaign_people set state = 'opened', dialog_id = $1 where username = 'nina1'", won.id
    )
    page = await operator.ask("/campaigns")
    assert re.search(r"№ 2 list2\.csv: running\nBegun: 0, waiting: 2, won: 0\nLeft out: 1", page["text"])
    assert re.search(r"№ 1 list1\.csv: running\nBegun: 1, waiting: 1, won: 1\n", page["text"])
    assert "not a username: 1" in page["text"]
    assert buttons(page) == ["Pause list № 2", "Pause list № 1", "refresh"]
    await operator.press(page, "Pause list № 1")
    page = await operator.next(page["id"] - 1, "list1.csv: paused")
    assert buttons(page) == ["Pause list № 2", "Go on with list № 1", "Drop the rest of № 1", "refresh"]
    await operator.press(page, "Go on with list № 1")
    page = await operator.next(page["id"] - 1, "list1.csv: running")
    await operator.press(page, "Pause list № 2")
    page = await operator.next(page["id"] - 1, "list2.csv: paused")
    await operator.press(page, "Drop the rest of № 2")
    page = await operator.next(page["id"] - 1, "list2.csv: dropped")
    assert [await state(desk, number) for number in (1, 2)] == ["running", "dropped"]


async def test_why_nobody_is_written_to_now_is_said(desk: Desk, operator: Operator) -> None:
    told = await send(operator, "nina")
    async with transaction(desk.pool) as connection:
        await switches.set_mode(connection, Mode.OFF)
    await operator.press(told, "Start")
    await operator.next(told["id"] - 1, "(?s)running.*The mode of all dialogs is off: nobody is written to")
    async with transaction(desk.pool) as connection:
        await switches.pause(connection, desk.clock.now())
    assert "Everything is paused" in (await operator.ask("/campaigns"))["text"]


async def test_who_waits_on_a_running_list_is_left_out_of_the_next(desk: Desk, operator: Operator) -> None:
    told = await send(operator, "nina")
    again = await send(operator, "Nina")
    assert "1 person can be written to" in again["text"], "a list that was not started binds nobody"
    await operator.press(told, "Start")
    await operator.next(told["id"] - 1, "running")
    last = await send(operator, "nina")
    assert "on another list already: 1" in last["text"]
    assert buttons(last) == []


async def test_how_many_days_it_takes_at_the_limits_of_today(desk: Desk, operator: Operator) -> None:
    """One account on its first day (5, 10, 15, 20, then 30), and then a second one beside it."""
    crowd = "\n".join(f"person{number}" for number in range(60))
    assert "it takes 5 days" in (await send(operator, crowd))["text"]
    await sign_in(desk.pool, 7_002, "second", phone="7002")
    assert "it takes 3 days" in (await send(operator, crowd))["text"]
    await desk.pool.execute("update accounts set openings_blocked = true")
    assert "No account can begin conversations now" in (await send(operator, crowd))["text"]


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        ("PK\x03\x04", "people.xlsx", "This is a workbook"),
        ("", "empty.csv", "There is nobody in this file"),
        ("name;language\nAnna;ru", "people.csv", "I find no usernames"),
        ('anna_p;"Anna', "people.csv", "In line 1 a quotation mark is opened and never closed"),
        ("anna_p\n" * 10_001, "people.csv", "There are 10001 people in this file"),
        ("just words\nand more of them", "readme.txt", "I find no usernames"),
    ],
)
async def test_a_file_that_is_no_list_is_refused_in_one_clear_line(
    desk: Desk, operator: Operator, content: str, name: str, expected: str
) -> None:
    told = await send(operator, content or "\n", name=name)
    assert expected in told["text"]
    assert await desk.pool.fetchval("select count(*) from campaigns") == 0


async def test_a_file_that_is_too_large_is_not_fetched(settings: Settings) -> None:
    bot = plain_bot(settings)
    document = Document(file_id="1", file_unique_id="1", file_name="people.csv", file_size=5_000_001)
    with pytest.raises(Unreadable) as refused:
        await importing.sheet_of(bot, document)
    assert "larger than 5 MB" in import_texts.unreadable(lang("en"), refused.value)
    with pytest.raises(Unreadable):
        importing.Sink().write(b"x" * 5_000_001)  # whose size nobody told
    await bot.session.close()


async def test_import_says_how_a_list_looks_and_takes_it_with_a_caption_or_forwarded(
    desk: Desk, operator: Operator, control: Control
) -> None:
    asked = await operator.ask("/import")
    assert "username;name;language;timezone;basis;notes;scenario" in asked["text"]
    assert "10,000 people and 5 MB" in asked["text"]
    assert "1 person can be written to" in (await send(operator, "nina", caption="/import"))["text"]
    chat = await control.chat("operator", BOT)
    sent = next(message for message in reversed(chat["messages"]) if message["out"] and message["media"])
    last = chat["messages"][-1]["id"]
    await control.call("POST", "/forward", as_="operator", to=BOT, message_id=sent["id"])
    assert "1 person can be written to" in (await operator.next(last, "Nobody was written to"))["text"]


async def test_a_file_that_telegram_does_not_give_is_asked_for_again(desk: Desk, operator: Operator) -> None:
    await operator.control.fault("bot.getFile", "error", code=400, text="Bad Request: invalid file_id")
    assert "Telegram did not give me the file" in (await send(operator, "nina"))["text"]
    assert "1 person" in (await send(operator, "nina"))["text"]


async def test_where_a_basis_is_required_a_line_without_one_is_left_out(
    quiet_desk: Desk, operator: Operator, settings: Settings
) -> None:
    await sign_in(quiet_desk.pool)
    strict = replace(quiet_desk, settings=settings.model_copy(update={"require_basis": True}))
    async with working(strict):
        told = await send(operator, "username;basis\nnina;asked for a price\noleg_k;")
        assert "1 person can be written to" in told["text"]
        assert "no basis for writing to them: 1" in told["text"]


async def test_in_a_trial_no_list_is_started(quiet_desk: Desk, operator: Operator) -> None:
    await sign_in(quiet_desk.pool)
    async with working(replace(quiet_desk, trial=Trial(501, "anna"))):
        told = await send(operator, "nina")
        answer = await operator.press(told, "Start")
        assert "nobody but @anna is written to" in answer["text"]
        assert await state(quiet_desk) == "checked"


@pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile")  # the sandbox's half-read upload
async def test_a_list_is_kept_once_though_the_bot_is_killed_before_it_says_so(
    quiet_desk: Desk, operator: Operator
) -> None:
    await sign_in(quiet_desk.pool)
    fault = await operator.control.fault("bot.sendDocument", "hold")
    async with working(quiet_desk):
        number = await operator.say("", media=csv_file("nina\noleg_k"))
        await operator.control.fired(fault)
    await operator.control.call("DELETE", "/faults")
    async with working(quiet_desk):
        told = await operator.next(number, "2 people can be written to")
        assert buttons(told)[0] == "Start: write to 2 people"
    assert await quiet_desk.pool.fetchval("select count(*) from campaigns") == 1


async def test_who_waits_on_a_list_is_told_of_it_and_erased_from_it(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    told = await send(operator, "nina;Nina P.;;;;a note\noleg_k")
    await operator.press(told, "Start")
    await operator.next(told["id"] - 1, "running")
    await operator.ask("/data @nina")
    known = json.loads(entries(documents(sandbox, admin)[-1][1])["person.json"])
    assert [(one["list"], one["name"], one["note"]) for one in known["waits_on_lists"]] == [
        ("people.csv", "Nina P.", "a note")
    ]
    asked = await operator.ask("/forget @nina")
    assert "Waits on 1 list." in asked["text"]
    await operator.press(asked, "Erase")
    await until(lambda: desk.pool.fetchval("select count(*) = 1 from campaign_people"))
    assert await people(desk) == [("oleg_k", "waiting", "")]


async def test_the_same_in_russian(
    desk: Desk, operator: Operator, control: Control, admin: int, sandbox: Sandbox
) -> None:
    await control.call("PATCH", "/users/operator", lang_code="ru")
    number = await operator.say("", media=csv_file("nina;Нина\nрита;Рита"))
    told = await operator.next(number, "Никому не написали")
    assert "1 человеку можно написать" in told["text"]
    assert "не имя пользователя: 1" in told["text"]
    rows = documents(sandbox, admin)[-1][1].decode("utf-8-sig").splitlines()
    assert rows[0].startswith("строка;итог;username;name")
    await operator.press(told, "Начать: написать 1 человеку")
    shown = await operator.next(told["id"] - 1, "идёт")
    assert buttons(shown) == ["Пауза списка № 1"]


async def test_two_presses_at_once_start_it_once(desk: Desk, operator: Operator, pool: asyncpg.Pool) -> None:
    told = await send(operator, "nina")
    answers = await asyncio.gather(operator.press(told, "Start"), operator.press(told, "Start"))
    assert sorted((answer or {}).get("text") or "" for answer in answers) == ["", "Already done: started by you."]
    assert await pool.fetchval("select count(*) from events where kind = 'campaign_running'") == 1


@pytest.mark.parametrize("code", CODES)
def test_the_longest_summary_fits_a_message(code: str) -> None:
    """Every reason at once, many columns and a name that nobody would give a file."""
    _, long = lang(code), "&😀" * 200
    lines = [
        Checked(Line(number, {}), Entry(number, ""), verdict, long) for number, verdict in enumerate([*Verdict] * 9, 1)
    ]
    for days in (None, 1, 3650):
        text = import_texts.checked(_, DryRun(long, lines, [long] * 20, 1, days), "sales")
        assert units(text) <= LIMIT
        assert text.count("…") >= 7, "what is cut is seen to be cut"
    rows = list(csv.reader(io.StringIO(importing.report(_, lines).decode("utf-8-sig")), delimiter=",;"[code == "ru"]))
    assert len(rows) == len(lines) + 1
    assert {len(row) for row in rows} == {9}
    assert all(units(import_texts.unreadable(_, Unreadable(why, long))) <= LIMIT for why in Unread)
    assert units(import_texts.asked(_)) <= LIMIT


async def test_of_a_campaign_its_end_is_told_and_not_each_beginning(desk: Desk, operator: Operator) -> None:
    told = await send(operator, "nina")
    dialog = await open_with(desk, 501, "nina", "Nina")
    await desk.pool.execute("update dialogs set campaign_id = 1 where id = $1", dialog.id)
    async with transaction(desk.pool) as connection:
        for kind in ("resolved", "opening_waits", "handoff"):
            await events.record(connection, kind, actor="system", dialog_id=dialog.id, account_id=dialog.account_id)
        ended = {"campaign": 1, "opened": 2, "skipped": 1}
        await events.record(connection, "campaign_finished", actor="system", data=ended)
    desk.wake(None)
    await operator.next(told["id"], r"List № 1 is worked through: begun 2, left out 1\.")
    heard = [message["text"] for message in await operator.heard() if message["id"] > told["id"]]
    assert [text for text in heard if "needs a human" not in text] == [
        "List № 1 is worked through: begun 2, left out 1. /campaigns says why."
    ]
