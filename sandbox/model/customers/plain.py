"""Customers without a profile: a line for each that was said to them, in their order."""

from __future__ import annotations

from sandbox.model.chat import Chat, Said
from sandbox.model.talk import language

LINES = {
    "en": {
        "eager": ("Hi! Yes, we could use a coffee machine.", "There are 25 of us.", "What about delivery?",
                  "Sounds good. Call me tomorrow at 11:00.", "Thank you!"),
        "doubtful": ("Hello. Who is this?", "About 12 people. But we already have a machine.", "That is expensive.",
                     "I need to think about it.", "No thanks."),
    },
    "ru": {
        "eager": ("Здравствуйте! Да, кофемашина нам бы пригодилась.", "Нас 25 человек.", "А что с доставкой?",
                  "Подходит. Позвоните завтра в 11:00.", "Спасибо!"),
        "doubtful": ("Добрый день. А кто это?", "Человек 12. Но у нас уже есть машина.", "Дорого.",
                     "Надо подумать.", "Нет, спасибо."),
    },
}  # fmt: skip


def reply(chat: Chat, name: str) -> Said:
    """The customer's next line: one for each thing said to them. Unknown names are eager."""
    lines = LINES[language(chat)]
    said = lines.get(name, lines["eager"])
    return Said((said[min(len(chat.said_by_assistant), len(said) - 1)],))
