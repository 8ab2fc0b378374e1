"""Pressing the buttons of bots."""

import asyncio
from typing import Any

from telethon.tl import functions, types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.peers import user_of
from sandbox.mtproto.registry import Call, method


@method(functions.messages.GetBotCallbackAnswerRequest)
async def get_bot_callback_answer(call: Call, request: Any) -> Any:
    user_of(call, request.peer)
    query = call.world.press_button(call.user, request.msg_id, request.data or b"")
    try:
        async with asyncio.timeout(call.world.rules.query_window.total_seconds()):
            answer = await query.answer
    except TimeoutError as exc:
        raise RpcError(400, "BOT_RESPONSE_TIMEOUT") from exc
    return types.messages.BotCallbackAnswer(
        cache_time=answer.cache_time,
        alert=answer.alert or None,
        has_url=bool(answer.url) or None,
        message=answer.text or None,
        url=answer.url,
    )
