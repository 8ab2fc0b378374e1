"""The floor: what a turn costs in the same libraries with nothing around them.

One pool, one client of each kind; per turn one insert, read mark, typing, one ``chat.completions.create`` with the
product's prompt and response format, one insert, one raw SendMessageRequest. It loses messages, says things twice and
cannot be stopped: it is there to be compared with. Takes the product's settings, and FLOOR_SESSION, a Telethon session.
"""

import asyncio
import contextlib
import os
import secrets
import signal
from pathlib import Path

import asyncpg
import openai
import uvloop
from loguru import logger
from telethon import TelegramClient, events
from telethon.crypto import rsa
from telethon.sessions import StringSession
from telethon.tl import functions, types

from salesbot import log, settings
from salesbot.dialog.model import Author, Dialog, Direction, History, Message, Outcome, Purpose, Status
from salesbot.lifecycle import sd_notify
from salesbot.llm import prompt, reply
from salesbot.scenarios import load as scenarios

TABLE = "create table floor (id bigserial primary key, peer bigint, out boolean, content text, at timestamptz)"
INSERT = "insert into floor (peer, out, content, at) values ($1, $2, $3, now())"


async def main() -> None:
    config = settings.load()
    log.setup(config.log_level, config.log_file, [])
    scenario = scenarios.load(config.scenario)
    shape = reply.response_format(scenario)
    pool = await asyncpg.create_pool(config.database_url.get_secret_value(), min_size=1, max_size=10)
    await pool.execute(TABLE)
    model = openai.AsyncOpenAI(base_url=config.llm_base_url, api_key=config.openrouter_api_key.get_secret_value())
    assert config.telegram_server_key is not None and config.telegram_server is not None
    rsa.add_key(Path(config.telegram_server_key).read_text("ascii"), old=False)
    client = TelegramClient(
        StringSession(os.environ["FLOOR_SESSION"]), config.api_id, config.api_hash.get_secret_value()
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    @client.on(events.NewMessage(incoming=True))
    async def turn(event: events.NewMessage.Event) -> None:
        peer = await event.get_input_sender()
        await pool.execute(INSERT, event.sender_id, False, event.raw_text)
        await client(functions.messages.ReadHistoryRequest(peer, max_id=event.id))
        await client(functions.messages.SetTypingRequest(peer, types.SendMessageTypingAction()))
        answer = await model.chat.completions.create(
            model=config.llm_models[0],
            messages=[{"role": one.role.value, "content": one.content} for one in ask(event)],
            response_format=shape,
            max_tokens=config.llm_max_tokens,
        )
        text = reply.parse(answer.choices[0].message.content or "", scenario).parts[0]
        await pool.execute(INSERT, event.sender_id, True, text)
        await client(functions.messages.SendMessageRequest(peer, text, random_id=secrets.randbits(63)))

    def ask(event: events.NewMessage.Event) -> tuple[prompt.ChatMessage, ...]:
        said = Message(event.id, 1, Direction.IN, Author.CONTACT, event.raw_text, event.date)
        dialog = Dialog(
            1, 1, 1, "", scenario.name, Status.ACTIVE, "", Outcome.NONE, 1, 0, 0, 0, 0, 0, created_at=event.date
        )
        history = History((said,), frozenset({said.id}))
        return prompt.build(scenario, dialog, None, history, now=event.date, purpose=Purpose.REPLY)

    await client.connect()
    await client.get_me()
    sd_notify("READY=1")
    logger.info("ready")
    await stop.wait()
    with contextlib.suppress(ConnectionError):
        await client.disconnect()


if __name__ == "__main__":
    uvloop.run(main())
