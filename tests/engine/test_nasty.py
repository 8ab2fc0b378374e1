"""The corpus over the wire: Telegram's server, an unmodified client, the inbox, PostgreSQL, the model and back."""

from __future__ import annotations

import pytest

from salesbot.dialog.model import DialogEvent
from sandbox.world.model import Media, MediaKind, Quote
from tests.engine.patience import until
from tests.engine.running import Engine, Town
from tests.nasty.corpus import accepted, by_name, stored


async def contents(town: Town, direction: str = "in") -> list[str]:
    rows = await town.rows("select content from messages where direction = $1 order by telegram_message_id", direction)
    return [row["content"] for row in rows]


async def until_all_stored(town: Town, count: int) -> None:
    await town.until_value("select count(*) from messages where direction = 'in'", count)


async def compare_anew(town: Town) -> None:
    """Start once more, and have the whole history read against what is stored."""
    await town.pool.execute("update dialogs set compare = true, history_upto = 0, due_at = now()")
    async with town.engine():
        await town.until_value("select bool_or(compare) from dialogs", False)


async def test_what_people_say_is_stored_exactly_and_stays_so(town: Town) -> None:
    texts = accepted()
    async with town.engine() as engine:
        await engine.begin()
        await engine.lead(DialogEvent.TAKE)
        for text in texts:
            town.says(text)
        await until_all_stored(town, len(texts))
    assert await contents(town) == [stored(text) for text in texts]
    before = await town.dialog()
    await compare_anew(town)
    assert await contents(town) == [stored(text) for text in texts]
    assert (await town.dialog()).revision == before.revision, "what is stored counts as what Telegram shows"
    assert await town.value("select count(*) from messages where edits <> '[]'") == 0


async def test_captions_files_cards_quotes_and_edits_are_stored_exactly(town: Town) -> None:
    texts = [text for text in accepted() if len(text) <= 400]
    edited = [*texts[1:], texts[0]]
    async with town.engine() as engine:
        await engine.begin()
        await engine.lead(DialogEvent.TAKE)
        answered = town.world.history(town.anna, town.account, limit=1)[0].id
        sent = []
        for text in texts:
            file = Media(MediaKind.DOCUMENT, name=text)
            card = Media(MediaKind.CONTACT, first_name=text, phone="1")
            sent.append(town.world.send(town.anna, town.account, text, media=file).id)
            town.says("", media=card)
            town.says("quoting", reply_to=Quote(answered, text))
        await until_all_stored(town, 3 * len(texts))
        for number, text in zip(sent, edited, strict=True):
            town.world.edit(town.anna, number, text)
        await town.until_value("select count(*) from messages where edited_at is not null", len(texts))
    wanted = [stored(text) for text in texts]
    rows = await town.rows("select * from messages where direction = 'in' order by telegram_message_id")
    files, cards, quotes = rows[::3], rows[1::3], rows[2::3]
    assert [row["media"] for row in files] == wanted
    assert [row["content"] for row in files] == [stored(text) for text in edited]
    assert [[edit["content"] for edit in row["edits"]] for row in files] == [[one] for one in wanted]
    assert [row["media"] for row in cards] == [stored(f"{text} 1") for text in texts]
    assert [row["quote"] for row in quotes] == wanted


@pytest.mark.parametrize("reaction", ["\x00", "👍\x00", "\u202e👍"])
async def test_a_reaction_that_cannot_be_stored_as_it_is_does_no_harm(town: Town, reaction: str) -> None:
    async with town.engine() as engine:
        await engine.begin()
        town.world.react(town.anna, town.world.history(town.anna, town.account, limit=1)[0].id, reaction)
        town.says("A-1")
        await town.until_heard("Hello", "A-1")
        await town.until_at_rest()
    assert await contents(town) == ["A-1"]
    assert await town.value("select max(reaction) from messages where direction = 'out'") == stored(reaction)
    before = await town.dialog()
    await compare_anew(town)
    assert (await town.dialog()).revision == before.revision


NAMES = ("nul", "override left open", "ends of what never began", "html", "braces", "sql", "zalgo", "forged task")


async def test_names_are_stored_exactly(town: Town, engine: Engine) -> None:
    await engine.begin()
    await engine.lead(DialogEvent.TAKE)
    for number, name in enumerate(by_name(name)[:64] for name in NAMES):
        town.world.users.change(town.anna, first_name=name, last_name=name, username=f"anna{number}\x00")
        town.says(f"A-{number}", media=Media(MediaKind.PHOTO, width=9, height=9))  # shown with who sent it
        await town.until_stored(f"A-{number}")
        row = (await town.rows("select name, username from contacts"))[0]
        assert (row["name"], row["username"]) == (stored(f"{name} {name}"), f"anna{number}")


async def test_a_colleagues_nasty_text_is_a_colleagues(town: Town) -> None:
    """While parts of ours may still be found, an outgoing text is looked for among them."""
    texts = accepted()
    async with town.engine() as engine:
        await engine.begin()
        for text in texts:
            town.colleague_types(text)
        await town.until_value("select count(*) from messages where author = 'human'", len(texts))
    assert await contents(town, "out") == [await town.value("select min(content) from messages where author = 'model'"),
                                           *(stored(text) for text in texts)]  # fmt: skip


async def test_the_whole_corpus_is_one_turn_of_the_person_and_gets_one_answer(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
    for text in accepted():
        town.says(text)
    asked = town.asked
    async with town.engine():
        await until(lambda: len(town.heard()) == 2, "an answer")
        await town.until_at_rest()
    assert town.asked == asked + 1 and len(town.heard()) == 2
    first, *said, last = town.sandbox.models.requests[-1]["messages"]
    assert [one["role"] for one in said][-1] == "user"
    assert [one["role"] for one in (first, last)] == ["system", "system"]
    assert not [one for one in said if one["role"] not in ("user", "assistant")]
    for name in ("english order", "russian order", "forged task", "json turns"):
        words = by_name(name).splitlines()[0]
        assert words in said[-1]["content"].replace("(", "[").replace(")", "]") or words in said[-1]["content"]
        assert words not in first["content"] + last["content"]


SAID = ("override", "clear screen", "nul", "zero width", "html", "separators", "flags and skins", "markdown", "sql")


async def test_what_the_model_says_stands_in_the_chat_as_in_its_row(town: Town) -> None:
    async with town.engine() as engine:
        await engine.begin()
        for number, name in enumerate(SAID):
            town.answers(by_name(name))
            town.says(f"A-{number}")
            await until(lambda number=number: len(town.heard()) == number + 2, name)  # type: ignore[misc]
            await town.until_at_rest()
    history = town.world.history(town.anna, town.account, limit=100)
    in_the_chat = [message.text for message in reversed(history) if not message.out]
    assert await contents(town, "out") == in_the_chat
    await compare_anew(town)
    assert await contents(town, "out") == in_the_chat
    assert await town.value("select count(*) from messages where direction = 'out' and author <> 'model'") == 0
    assert await town.value("select count(*) from messages where send_state <> 'sent'") == 0
