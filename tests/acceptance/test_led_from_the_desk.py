"""A talk led from the desk: previewed, drafted, edited, taken over, taken back, paused. Anna's chat is what counts."""

from __future__ import annotations

from tests.support.house import BOT, OPERATOR, House, Json
from tests.support.waiting import until


async def reads(house: House, card: Json, text: str) -> Json:
    """Wait until a message of the bot holds this text."""

    async def holds() -> Json | None:
        now = next(one for one in await house.chat(OPERATOR, BOT) if one["id"] == card["id"])
        return now if text in now["text"] else None

    return await until(holds, f"the card says {text!r}")


async def test_nothing_is_said_to_anna_that_the_desk_did_not_let_out(quiet_house: House) -> None:
    house = quiet_house
    await house.product.start({"FIRST_CONTACT_PREVIEW": "true"})
    preview = await house.ask("/start @anna", "^№ 1 About to write to .*@anna.* from ")
    assert await house.heard("anna") == []
    await house.control.press(OPERATOR, preview["id"], text="Send")
    await house.hears("anna")
    await reads(house, preview, "✓ It goes out. Decided by: you.")

    mode = await house.ask("/mode 1 draft", "^№ 1 .*: mode draft")
    await house.says("anna", "Сколько это стоит?")
    draft = await house.bot_says("^№ 1 Draft of a reply to", above=mode["id"])
    await house.control.say(OPERATOR, BOT, "От 890, для вас.", reply_to=draft["id"])
    edited = await reads(house, draft, "→ От 890, для вас.")
    await house.control.press(OPERATOR, edited["id"], text="Send")
    await house.hears("anna", "^От 890, для вас.$")

    await house.says("anna", "А подробнее?")
    stale = await house.bot_says("^№ 1 Draft of a reply to", above=edited["id"] + 1)
    await house.says("anna", "И когда?")
    await reads(house, stale, "✗ Out of date: something newer came.")
    fresh = await house.bot_says("^№ 1 Draft of a reply to", above=stale["id"])
    before = len(await house.heard("anna"))
    asked = await house.control.say(OPERATOR, BOT, "Я Мария, расскажу сама.", reply_to=mode["id"])
    confirm = await house.bot_says("^№ 1: say this to ", above=asked["id"])
    await house.control.press(OPERATOR, confirm["id"], text="Send to ")
    await house.hears("anna", "^Я Мария, расскажу сама.$")
    await reads(house, fresh, "✗ Out of date: a human speaks now.")
    assert len(await house.heard("anna")) == before + 1

    await house.ask("/unsend 1", "^№ 1: the last message is being taken back")
    await house.bot_says("^№ 1: the message to .* is taken back")
    assert "Я Мария, расскажу сама." not in await house.heard("anna")
    paused = await house.ask("/pause", "Nothing is on its way")
    await house.ask("/say 1 Уже иду", "everything is paused, so it goes out to .* after /resume")
    await house.control.press(OPERATOR, paused["id"], text="Go on with everything")
    await house.hears("anna", "^Уже иду$")
