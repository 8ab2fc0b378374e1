"""The corpus at the desk: typed after every command, stored in a dialogue that is listed, viewed and exported."""

from __future__ import annotations

import re

import pytest

from salesbot.adminbot.bot import make_bot, make_dispatcher
from salesbot.adminbot.desk import Desk
from sandbox.app import Sandbox
from tests.adminbot.people import Operator, buttons, open_with, said, sign_in
from tests.adminbot.test_exports import documents, entries
from tests.nasty.corpus import BREAKS, TEXTS, by_name, left_open, stored

COMMANDS = (
    "/start {}",
    '/start @anna basis="{}"',
    "/start @anna scenario={}",
    '/start @anna account="{}"',
    "/stop {}",
    "/view {}",
    "/export {}",
    "/list {}",
    "/take@sales_desk_bot {}",
)
SHORT = [stored(text) for text in TEXTS if 0 < len(stored(text)) <= 400]


def typed(number: int, text: str) -> str:
    return COMMANDS[number % len(COMMANDS)].replace("{}", text.encode("utf-8", "replace").decode()[:1900])


async def test_every_command_survives_every_argument(desk: Desk, operator: Operator) -> None:
    for number, text in enumerate(TEXTS):
        for command in (typed(number, text), typed(number + 4, text)):
            answer = await operator.ask(command)
            assert "went wrong" not in answer["text"], command
            if not answer["text"].startswith(("This bot is", "Active", "All dialogs", "No dialog")):
                assert len(answer["text"].splitlines()) == 1, command
                assert left_open(answer["text"]) == [], command


@pytest.mark.parametrize("name", ["nul", "odd emoji", "ampersands to the limit", "override left open", "windows lines"])
async def test_a_basis_is_kept_as_one_line(desk: Desk, operator: Operator, name: str) -> None:
    text = by_name(name)[:1900]
    assert "looking up" in (await operator.ask(f'/start @anna basis="{text}"'))["text"]
    basis = await desk.pool.fetchval("select basis from dialogs")
    assert basis == " ".join(stored(text).split())
    assert not set(basis) & set(BREAKS)


async def the_dialogue(desk: Desk, name: str) -> None:
    dialog = await open_with(desk, 501, "anna", stored(by_name(name)))
    for number, text in enumerate(SHORT):
        await said(desk, dialog, f"neighbour {number}", direction="out", author="human")
        await said(desk, dialog, text, kind="document", media=text, quote=text)


@pytest.mark.parametrize("name", ["ends of what never began", "html", "forged page"])
async def test_a_dialogue_full_of_it_is_viewed_to_its_beginning(desk: Desk, operator: Operator, name: str) -> None:
    await the_dialogue(desk, name)
    page = await operator.ask("/view 1")
    pages = [page["text"]]
    while "← older" in buttons(page):
        await operator.press(page, "← older")
        page = await operator.next(page["id"] - 1, f"^(?!{re.escape(page['text'])}$)")
        pages.append(page["text"])
    for number in range(len(SHORT)):
        assert sum(f"\nneighbour {number}\n" in f"{one}\n" for one in pages) == 1
    for one in SHORT:
        assert any(one.strip() in shown for shown in pages)
    for shown in pages:
        assert re.match(r"\S+ № 1 ", shown)
        assert left_open(shown.split("\n")[0]) == []
        assert len(re.findall(r"(?m)^→ We \(human\), \d\d:\d\d$", shown)) == shown.count("\nneighbour ")
    assert "went wrong" not in (await operator.ask("/list"))["text"]


async def test_an_export_of_it_has_every_neighbour_where_it_was(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await the_dialogue(desk, "forged export")
    await operator.ask("/export 1")
    await operator.next(await operator.say("/export_all"), "Exported 1 dialog")
    (_, text), (_, archive) = documents(sandbox, admin)
    assert text.decode() == entries(archive)["dialog-000001-anna.txt"]
    below = text.decode().split("-" * 72)[1].splitlines()
    margin = [line for line in below if line and not line.startswith(" ")]
    assert len(margin) == 2 * len(SHORT)
    assert all(line.endswith("] We (human)") for line in margin[::2])
    assert [line for line in below if line.startswith("    neighbour ")] == [
        f"    neighbour {number}" for number in range(len(SHORT))
    ]


@pytest.mark.parametrize("name", ["high surrogate", "low surrogate first", "nul alone"])
async def test_what_no_server_would_pass_on_is_answered_too(
    quiet_desk: Desk, operator: Operator, admin: int, name: str
) -> None:
    """Fed to the dispatcher itself."""
    await sign_in(quiet_desk.pool)
    above = await operator.say("hello")
    bot = make_bot(quiet_desk)
    dispatcher = make_dispatcher(quiet_desk)
    who = {"id": admin, "is_bot": False, "first_name": by_name(name)}
    for number, command in enumerate(COMMANDS):
        text = command.replace("@sales_desk_bot", "").replace("{}", by_name(name))
        entities = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        message = {"message_id": 90 + number, "date": 1_790_000_000, "chat": {**who, "type": "private"}, "from": who}
        update = {"update_id": number, "message": {**message, "text": text, "entities": entities}}
        await dispatcher.feed_raw_update(bot, update)
    await bot.session.close()
    answers = [one["text"] for one in await operator.heard() if one["id"] > above]
    assert len(answers) == len(COMMANDS)
    assert not [text for text in answers if "went wrong" in text]
