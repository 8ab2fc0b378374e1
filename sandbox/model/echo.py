"""The model for counting: it says each token it was shown, and not yet said, exactly once."""

from __future__ import annotations

import re

from sandbox.model.chat import Chat, Said

TOKEN = re.compile(r"\b[A-Z][A-Z0-9]*-\d+\b")


def reply(chat: Chat) -> Said:
    """The tokens of the user's messages that stand in no message of the assistant, in order; else ``ok``."""
    said = {token for text in chat.said_by_assistant for token in TOKEN.findall(text)}
    shown = dict.fromkeys(token for text in chat.said_by_user for token in TOKEN.findall(text))
    fresh = [token for token in shown if token not in said]
    return Said((" ".join(fresh) or "ok",), stage="discovery")
