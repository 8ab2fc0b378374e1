"""The models for counting: they say each token they were shown, and that was not yet said, exactly once."""

from __future__ import annotations

import re

from sandbox.model.chat import Chat, Said

MOST_PARTS = 3
TOKEN = re.compile(r"\b[A-Z][A-Z0-9]*-\d+\b")


def reply(chat: Chat) -> Said:
    """The fresh tokens in one part; else ``ok``."""
    return Said((" ".join(_fresh(chat)) or "ok",), stage="qualification")


def reply_in_parts(chat: Chat) -> Said:
    """A part for each fresh token, three at most: what is more joins the last. Else ``ok``."""
    fresh = _fresh(chat)
    alone, joined = fresh[: MOST_PARTS - 1], fresh[MOST_PARTS - 1 :]
    return Said((*alone, " ".join(joined)) if joined else tuple(alone or ["ok"]), stage="qualification")


def _fresh(chat: Chat) -> list[str]:
    """The tokens of the user's messages that stand in no message of the assistant, in order."""
    said = {token for text in chat.said_by_assistant for token in TOKEN.findall(text)}
    shown = dict.fromkeys(token for text in chat.said_by_user for token in TOKEN.findall(text))
    return [token for token in shown if token not in said]
