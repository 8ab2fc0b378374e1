"""Whether the database and the chat tell the same: what people see in the sandbox against what the product stored."""

from __future__ import annotations

from collections import Counter

from tests.support.house import ACCOUNT, House


async def agree(house: House, number: int) -> None:
    """Nothing lost, nothing twice, in one order: every message of the chat stands in the database once, and every part
    that was promised stands in the chat. The dialog is at rest."""
    dialog = await house.dialog(number)
    chat = await house.chat(ACCOUNT, str(dialog["contact_id"]))
    seen = [(one["id"], "out" if one["out"] else "in", one["text"]) for one in chat]
    rows = [row for row in await house.messages(number) if row["deleted_at"] is None]
    stored = [(r["telegram_message_id"], r["direction"], r["content"]) for r in rows if r["telegram_message_id"]]
    assert stored == seen
    unsent = [row["send_state"] for row in rows if not row["telegram_message_id"]]
    assert set(unsent) <= {"cancelled"}, f"parts that are neither said nor given up: {unsent}"
    twice = [text for text, times in Counter(text for _, side, text in seen if side == "out").items() if times > 1]
    assert not twice, f"said twice: {twice}"
