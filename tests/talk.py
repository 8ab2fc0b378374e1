"""Conversations for tests: a small scenario, and messages said one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from salesbot.dialog.model import (
    Author,
    Contact,
    Dialog,
    Direction,
    History,
    Message,
    Outcome,
    SendState,
    Status,
)
from salesbot.dialog.scenario import Fact, FactKind, Opening, Scenario, Stage

NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

TEAPOTS = Scenario(
    name="teapots",
    persona="Vera, the assistant program of Quiet Kettle",
    company="Quiet Kettle",
    goal="the person orders a teapot",
    stages=(Stage("hello", "say hello"), Stage("offer", "offer a teapot"), Stage("over", "nothing more")),
    facts=(
        Fact(
            "teapot",
            FactKind.PRODUCT,
            {
                "": "A teapot costs 40 € or 3,600 ₽; of ten pots 98 % arrive whole. See https://kettle.example/pots or "
                "write to pots@kettle.example. Чайник с ситечком стоит 4 100 ₽."
            },
        ),
    ),
    instructions="Speak like an old friend who happens to know everything about teapots and nothing about coffee.",
    openings=(Opening("plain", "Say who you are."),),
    follow_up="Say something new.",
    languages=("en", "ru"),
    disclosure={"en": "I am a program; write stop and I stop.", "ru": "Я программа; напишите «стоп», и я замолчу."},
    safe_sentence={"en": "A colleague will answer.", "ru": "Ответит коллега."},
    max_part_chars=300,
)
DIALOG = Dialog(
    id=1,
    account_id=1,
    contact_id=1,
    target_username="anna",
    scenario="teapots",
    status=Status.ACTIVE,
    stage="hello",
    outcome=Outcome.NONE,
    revision=1,
    answered_revision=0,
    halts=0,
    dropped_drafts=0,
    failures=0,
    follow_ups=0,
    created_at=NOON,
)
ANNA = Contact(id=1, username="anna", name="Anna Petrova", language="en")


@dataclass
class Talk:
    """What was said in one dialog, a minute between lines."""

    messages: list[Message] = field(default_factory=list)

    def says(self, text: str = "", **also: Any) -> Message:
        """The person says something."""
        return self._add(Direction.IN, Author.CONTACT, text, also)

    def said(self, text: str, author: Author = Author.MODEL, **also: Any) -> Message:
        """We said something."""
        return self._add(Direction.OUT, author, text, {"send_state": SendState.SENT, **also})

    def history(self, *unanswered: Message) -> History:
        return History(tuple(self.messages), frozenset(one.id for one in unanswered))

    def _add(self, direction: Direction, author: Author, text: str, also: dict[str, Any]) -> Message:
        number = len(self.messages) + 1
        at = NOON + timedelta(minutes=number)
        message = Message(number, DIALOG.id, direction, author, text, at, telegram_message_id=100 + number)
        self.messages.append(replace(message, **also))
        return self.messages[-1]
