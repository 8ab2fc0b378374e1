"""A person talks to the bot and presses its buttons; the bot's side of it is the Bot API's business."""

from datetime import timedelta

import pytest
from telethon import events
from telethon.tl import functions

from sandbox.world import Answer, Button, Event, Keyboard
from sandbox.world.events import ButtonPressed
from tests.sandbox.mtproto.playground import Heard, Telegram


async def test_a_pressed_button_reaches_the_bot_and_its_answer_the_person(telegram: Telegram) -> None:
    world, bot = telegram.world, telegram.bot.id

    def answer(event: Event) -> None:
        if isinstance(event, ButtonPressed):
            world.answer_callback(bot, event.query_id, Answer(f"pressed {event.data.decode()}", alert=True))

    world.subscribe(answer)
    operator = await telegram.client(telegram.operator)
    heard = Heard(operator, events.NewMessage)
    await operator.send_message("sales_desk_bot", "/start")
    keyboard = Keyboard(((Button("Stop", b"stop:1"), Button("Site", url="https://example.org")),))
    world.send(bot, telegram.operator.id, "choose", keyboard=keyboard)
    message = (await heard.next()).message
    assert [button.text for button in message.buttons[0]] == ["Stop", "Site"]
    pressed = await message.click(0)
    assert (pressed.message, pressed.alert) == ("pressed stop:1", True)


async def test_a_button_that_is_not_there_cannot_be_pressed(telegram: Telegram) -> None:
    telegram.world.send(telegram.operator.id, telegram.bot.id, "/start")
    said = telegram.world.send(telegram.bot.id, telegram.operator.id, "choose")
    operator = await telegram.client(telegram.operator)
    press = functions.messages.GetBotCallbackAnswerRequest("sales_desk_bot", said.twin_id, data=b"stop:1")
    with pytest.raises(Exception, match=r"DATA_INVALID|invalid"):
        await operator(press)


async def test_a_bot_that_does_not_answer_times_out(telegram: Telegram) -> None:
    telegram.world.rules.query_window = timedelta(milliseconds=50)
    telegram.world.send(telegram.operator.id, telegram.bot.id, "/start")
    said = telegram.world.send(
        telegram.bot.id, telegram.operator.id, "choose", keyboard=Keyboard(((Button("x", b"x"),),))
    )
    operator = await telegram.client(telegram.operator)
    press = functions.messages.GetBotCallbackAnswerRequest("sales_desk_bot", said.twin_id, data=b"x")
    with pytest.raises(Exception, match=r"timeout|TIMEOUT|did not answer"):
        await operator(press)
