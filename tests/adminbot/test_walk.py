"""A walk over everything the desk shows, with the longest names and texts there can be, in both languages.

Every command of the manual is typed as its example says, every button that leads to another page is pressed, every kind
of notice is told; what the bot said, each version of each message, is looked at: it fits, and where people's words end
before their end an ellipsis says so or another page goes on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from aiogram.filters.callback_data import CallbackData

from salesbot.adminbot import manual, marks
from salesbot.adminbot.campaigning import CampaignPage, LeadCampaign
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.keyboards import ListPage, OpenDialog, ViewPage
from salesbot.adminbot.lists import FindPage
from salesbot.adminbot.logbook import LogPage, phrases
from salesbot.adminbot.noting import NotePage
from salesbot.adminbot.sheet import ModeOf
from salesbot.adminbot.stats.buttons import StatsPicture, StatsText
from salesbot.adminbot.team import Choose, TeamPage
from salesbot.dialog.model import Dialog
from salesbot.i18n import CODES, Lang, lang
from salesbot.store.listing import Wanted
from sandbox.app import Sandbox
from sandbox.world.events import Event, MessageEdited, MessageNew
from sandbox.world.model import Message
from sandbox.world.text import units
from tests.adminbot.drafts import drafted
from tests.adminbot.people import Operator, open_with, said, until

LEADING = tuple(f"{page.__prefix__}:" for page in (ListPage, ViewPage, FindPage, OpenDialog, LogPage, NotePage, ModeOf,
                                                   Choose, TeamPage, CampaignPage, StatsText))  # fmt: skip
"""Buttons that show another page and change nothing."""
LISTS = 6
"""One more than fits on a page of /campaigns."""
BESIDE = tuple(f"{page.__prefix__}:" for page in (OpenDialog, ModeOf, Choose))
"""Of these the page stands below."""
NEWEST = ":t:"
"""In the data of those that show what may be shown already."""
END = "😀<&>"


def long(letter: str, length: int) -> str:
    """As many units of numbered words as there is room for, each told from all others by its letter and number."""
    text = ""
    for number in range(10_000):
        word = f"{letter}{number:04}{END} "
        if units(text + word) > length + 1:
            break
        text += word
    return text.strip()


NAME, USERNAME = 129, "a" * 32
PLANTED = {
    "Ж": long("Ж", NAME),  # the person
    "Ш": long("Ш", NAME),  # a colleague
    "Щ": long("Щ", 4096),  # what the person says
    "Ю": long("Ю", 4096),  # what we say
    "Э": long("Э", 4096),  # what was said before an edit
    "Ы": long("Ы", 1024),  # a quotation
    "Ф": long("Ф", 255),  # the name of a file
    "Ц": long("Ц", 4096),  # a draft
    "Ч": long("Ч", 2000),  # a note
    "Ъ": long("Ъ", 1000),  # basis, promise, what was learnt, why a human is needed
    "Д": long("Д", 200),  # stage, opening, field
    "Л": long("Л", NAME),  # the account
    "Н": long("Н", 200),  # a scenario
    "Т": long("Т", 300),  # a column of a list
}
ON_PAGES = "ЩЮЭЫЧЦ"
"""These are shown in full somewhere, on as many pages as that takes."""


class Ear:
    """All that the bot says to somebody: every message, and each of its versions."""

    def __init__(self, sandbox: Sandbox, admin: int) -> None:
        self._admin = admin
        self._more = asyncio.Event()
        self._again = {lang(code)("refresh") for code in CODES}
        self.heard: list[Message] = []
        sandbox.world.subscribe(self._hear)

    def _hear(self, event: Event) -> None:
        if isinstance(event, MessageNew | MessageEdited) and event.owner == self._admin and not event.message.out:
            self.heard.append(event.message)
            self._more.set()

    async def after(self, count: int, message_id: int | None = None) -> None:
        """Wait until more than so many were heard, among them a version of this message."""
        async with asyncio.timeout(20):
            while not any(message_id in (None, message.id) for message in self.heard[count:]):
                self._more.clear()
                await self._more.wait()

    def buttons(self, kind: type[CallbackData], since: int = 0) -> Iterator[tuple[int, str]]:
        """Buttons of a kind as the messages are now, the newest message's first."""
        now = {message.id: message for message in self.heard[since:]}
        for message in reversed(now.values()):
            for row in message.keyboard.rows if message.keyboard else ():
                for data in ((button.data or b"").decode() for button in row):
                    if data.startswith(f"{kind.__prefix__}:"):
                        yield message.id, data

    async def until_offered(self, since: int, kind: type[CallbackData]) -> None:
        """Wait until a message that was heard since then has such a button."""
        async with asyncio.timeout(20):
            while next(self.buttons(kind, since), None) is None:
                self._more.clear()
                await self._more.wait()

    def leading(self, done: set[bytes]) -> Iterator[tuple[int, bytes]]:
        """Buttons to other pages, as the messages are now, that were not pressed yet: the newest message's first."""
        now = {message.id: message for message in self.heard}
        for message in reversed(now.values()):
            for button in (button for row in message.keyboard.rows for button in row) if message.keyboard else ():
                data = button.data or b""
                shown = NEWEST in data.decode() or button.text.startswith("•") or button.text in self._again
                if data.decode().startswith(LEADING) and not shown and data not in done:
                    yield message.id, data


async def fill(desk: Desk) -> None:
    """Seven dialogs of people with the longest names; in the first everything there can be is as long as it can be."""
    pool = desk.pool
    await pool.execute("update accounts set username = null, name = $1", PLANTED["Л"])
    await pool.execute("insert into admins (id, role, name) values (77, 'operator', $1)", PLANTED["Ш"])
    statuses = ("handoff", "active", "taken", "active", "stopped", "closed", "active")
    dialogs = [
        await open_with(desk, 500 + number, f"{USERNAME}{number}", PLANTED["Ж"], status=status)
        for number, status in enumerate(statuses, 1)
    ]
    await pool.execute("update dialogs set outcome = 'won' where id = 6")
    await pool.execute("update dialogs set assignee = 77, taken_by = 77 where id in (1, 3)")
    await pool.execute(
        "update dialogs set basis = $1, handoff_note = $1, stage = $2, stages = array[$2], opening = $2",
        PLANTED["Ъ"],
        PLANTED["Д"],
    )
    await pool.execute("update dialogs set scenario = $1 where id in (4, 6)", PLANTED["Н"])
    await talk(desk, dialogs)
    await pool.execute("update messages set timestamp = now()")  # /stats counts dialogs that are begun
    await known(desk)
    await drafted(desk, dialogs[1], PLANTED["Ц"], PLANTED["Ц"])


async def talk(desk: Desk, dialogs: Sequence[Dialog]) -> None:
    """What was said in the first dialog; the others have a last line."""
    for dialog in dialogs:
        await said(desk, dialog, PLANTED["Щ"])
    now, first = datetime.now(UTC), dialogs[0]
    edits = [{"content": PLANTED["Э"], "at": now.isoformat()}]
    await said(desk, first, PLANTED["Щ"], quote=PLANTED["Ы"], edits=edits, edited_at=now)
    await said(desk, first, "", kind="document", media=PLANTED["Ф"])
    await said(desk, first, PLANTED["Ю"], direction="out", author="human")
    for _number in range(30):
        await said(desk, first, "short", direction="out", author="model", send_state="sent")


async def known(desk: Desk) -> None:
    """Promises, fields learnt, notes and labels of the first dialog."""
    pool = desk.pool
    await pool.execute(
        "insert into tasks (dialog_id, what, due_at, created_at) "
        "select 1, $1, now(), now() from generate_series(1, 12)",
        PLANTED["Ъ"],
    )
    await pool.execute(
        "insert into dialog_facts (dialog_id, field, value, message_id, learnt_at) "
        "select 1, n || $1, $2, (select min(id) from messages), now() from generate_series(1, 9) n",
        PLANTED["Д"],
        PLANTED["Ъ"],
    )
    await pool.execute(
        "insert into notes (dialog_id, admin_id, content, created_at) "
        "select 1, 77, $1, now() from generate_series(1, 3)",
        PLANTED["Ч"],
    )
    await pool.execute("insert into labels select 1, repeat(chr(1072 + n), 32) from generate_series(1, 20) n")


async def notices(desk: Desk, admin: int) -> None:
    """One event of every kind, until this admin was told of all."""
    await desk.pool.execute(
        """
        insert into events (kind, dialog_id, account_id, actor, data, untold)
        select kind, 2, account_id, 'admin:77', jsonb_build_object('task', 1, 'reason', $2::text, 'admin', 77), true
        from unnest($1::text[]) kind, dialogs where id = 2
        """,
        list(phrases(lang("en"))),
        PLANTED["Ъ"],
    )
    desk.notices.wake()
    told = """
        select not exists (select from events where untold)
            and not exists (select from notices where told_at is null and admin_id = $1)
        """
    await desk.pool.execute("update admins set quiet_from = null, quiet_to = null")  # the walk has set them
    await until(lambda: desk.pool.fetchval(told, admin), 30)


def typed(_: Lang) -> list[str]:
    """Every command as its example says, then what has more faces than that."""
    every = [entry.shown for entry in manual.entries(_)]
    more = [f"/list {marks.called(_, wanted)}" for wanted in Wanted]
    more += ["/view 1", "/view 2", f"/find {USERNAME[:20]}", "/find Ж0", "/find " + "Ж" * 90]
    more += ["/note 1", "/log 1", "/mode 1", f"/start @anna scenario={PLANTED['Ъ'][:900]!r}", f"/{'x' * 4000}"]
    return [*more, *every, f"/take {'9' * 4000}", f"/list {long('Щ', 4000)}"]


@pytest.mark.parametrize("code", CODES)
async def test_whatever_people_are_called_and_say_everything_fits_and_nothing_is_cut_silently(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    ear = Ear(sandbox, admin)
    await operator.ask("/help")
    await fill(desk)
    for text in typed(_):
        before = len(ear.heard)
        await operator.say(text)
        await ear.after(before)
    await lists_of_people(ear, operator)
    await walk(ear, operator)
    await operator.say("/stats")
    await ear.until_offered(0, StatsPicture)
    message_id, data = next(ear.buttons(StatsPicture))
    before = len(ear.heard)
    await operator.control.press(operator.name, message_id, data=data)
    await ear.until_offered(before, StatsPicture)
    await notices(desk, admin)
    for message in ear.heard:
        look(message, _)
    whole = "\n".join(message.text for message in ear.heard)
    for letter in ON_PAGES:
        missing = [word for word in re.findall(letter + r"\d{4}", PLANTED[letter]) if word not in whole]
        assert missing == []


def sent_list(number: int) -> dict[str, str]:
    """A file with people of the longest names, half of whom cannot be written to, each for another reason."""
    column = PLANTED["Т"]
    person = f"{'x' * 100};;;{'y' * 500};{'z' * 3_000}"
    wrong = (f"anna{number};;{column}", f"anna{number};;;{column}", column, f"anna{number};;;;;;{column}", "a" * 5_000)
    lines = ["username;name;language;timezone;basis;notes;scenario;" + column, f"walker_{number};{person}", *wrong]
    return {"kind": "document", "name": f"{number}{PLANTED['Ф'][:200]}.csv", "content": "\n".join(lines)}


async def lists_of_people(ear: Ear, operator: Operator) -> None:
    """So many that /campaigns has two pages; each is sent, started, paused, gone on with, one of them dropped."""
    for number in range(LISTS):
        before = len(ear.heard)
        await operator.say("", media=sent_list(number))
        await ear.until_offered(before, LeadCampaign)
        for to in ("running", "paused", "running"):
            await press_newest(ear, operator, LeadCampaign, to)
    await press_newest(ear, operator, LeadCampaign, "paused")
    await press_newest(ear, operator, LeadCampaign, "dropped")
    await operator.say("/campaigns")
    await ear.until_offered(len(ear.heard), CampaignPage)


async def press_newest(ear: Ear, operator: Operator, kind: type[CallbackData], word: str) -> None:
    """Press the newest such button, and wait for what becomes of its message."""
    message_id, data = next((at, data) for at, data in ear.buttons(kind) if word in data)
    before = len(ear.heard)
    await operator.control.press(operator.name, message_id, data=data)
    await ear.after(before, message_id)


async def walk(ear: Ear, operator: Operator) -> None:
    """Press every button that leads to another page, once."""
    done: set[bytes] = set()
    while found := next(ear.leading(done), None):
        message_id, data = found
        done.add(data)
        before = len(ear.heard)
        await operator.control.press(operator.name, message_id, data=data.decode())
        await ear.after(before, None if data.decode().startswith(BESIDE) else message_id)


def look(message: Message, _: Lang) -> None:
    """One message of the bot: its lengths, and where people's words end."""
    limit = 1024 if message.media else 4096
    assert units(message.text) <= limit
    assert _("Something went wrong here; the log says what.") not in message.text
    for row in message.keyboard.rows if message.keyboard else ():
        for button in row:
            assert 0 < len(button.text) <= 64, button.text
            assert len(button.data or b"") <= 64
    if re.search(r" \(\d+/\d+\)\n", message.text):
        return  # a piece of a long text says which of how many it is
    for letter, text in PLANTED.items():
        for run in re.findall(rf"{letter}\d{{4}}[{letter}\d{END} ]*\s*…?", message.text):
            assert run.endswith("…") or run.strip().endswith(text.split(" ")[-1]), (run[-60:], message.text)
