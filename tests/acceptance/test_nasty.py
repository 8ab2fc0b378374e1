"""The whole product, and a person who says everything that breaks programs."""

from __future__ import annotations

import re

from tests.acceptance.test_desk import turned
from tests.nasty.corpus import accepted, by_name, left_open, stored
from tests.support.house import ACCOUNT, House
from tests.support.waiting import until


async def test_a_person_says_the_whole_corpus_and_the_operator_reads_it(house: House) -> None:
    await house.control.call(
        "PATCH", f"/users/{house.id_of('anna')}", first_name=by_name("override left open"), last_name=by_name("html")
    )
    number = await house.begin("anna")
    texts = accepted()
    await house.says("anna", *texts, "and this is the end")
    count = "select count(*) = $1 from messages where direction = 'in'"
    await until(lambda: house.db.fetchval(count, len(texts) + 1), "all of it is stored")
    await house.at_rest(number)
    rows = await house.messages(number)
    said = [row["content"] for row in rows if row["direction"] == "in"]
    assert said == [*(stored(text) for text in texts), "and this is the end"]
    chat = await house.chat(ACCOUNT, "anna")
    assert [row["content"] for row in rows] == [stored(one["text"]) for one in chat], "both tell the same"
    assert len(await house.heard("anna")) > 1, "it is answered"

    await viewed(house, number, [stored(text).strip() for text in texts if len(text) <= 400])
    exported = (await house.file(await house.ask(f"/export {number}", f"№ {number}"))).decode()
    below = exported.split("-" * 72)[1].splitlines()
    assert sum(bool(re.match(r"\[\d{4}-\d\d-\d\d ", line)) for line in below) == len(rows)
    assert [line for line in exported.splitlines() if left_open(line)] == []
    assert "    and this is the end" in below

    await house.says("anna", "Are you still there?")
    await house.has_stored(number, "Are you still there?")
    await house.at_rest(number)
    logged = (house.folder / "salesbot.log").read_text(encoding="utf-8").splitlines()
    assert logged and all(line.isprintable() for line in logged)
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:|  ", line) for line in logged)


async def viewed(house: House, number: int, texts: list[str]) -> None:
    """Every page from the newest to the oldest; each text stands on one of them, whole."""
    page = await house.ask(f"/view {number}", rf"^\W*№ {number} ")
    pages = [page["text"]]
    while "← older" in [one["text"] for row in page["keyboard"]["rows"] for one in row]:
        page = await turned(house, page, "← older")
        pages.append(page["text"])
    assert [text for text in texts if text not in "\n".join(pages)] == []
    assert all(left_open(shown.split("\n")[0]) == [] for shown in pages)


async def test_an_admins_nasty_arguments_are_answered_and_stop_nothing(house: House) -> None:
    for name in ("nul", "red", "override left open", "emoji to the limit", "ampersands to the limit", "html", "braces"):
        text = by_name(name)[:1900]
        for command in (f'/start @anna scenario="{text}"', f"/view {text}", f"/stop {text}"):
            assert "went wrong" not in (await house.ask(command))["text"], command
    told = await house.ask(f'/start @anna basis="{by_name("nul")}"', "looking up")
    await house.hears("anna")
    row = await until(lambda: house.db.fetchrow("select basis from dialogs"), told["text"])
    assert row["basis"] == "beforeafter"
