"""The scripted seller as a table of talks: what it is told, and what its answer must hold."""

from __future__ import annotations

import pytest

from sandbox.model import seller
from sandbox.model.chat import Said, read_chat
from sandbox.model.facts import read_facts
from sandbox.model.intents import media, people

PROMPT = """You are Vera.
Company: Steam & Co
Goal: a call

# Facts
Plans:
- Small: 1,000 ₽ a month, up to 10 people. One grinder.
- Large: 2,000 ₽ a month, up to 50 people. Two grinders.
- Small: 1 000 ₽ в месяц, до 10 человек. Одна кофемолка.
- Large: 2 000 ₽ в месяц, до 50 человек. Две кофемолки.
- We deliver free of charge.
- Привозим бесплатно.
- Ремонт в цене.
- There are no discounts."""
OPENING_RU = "Здравствуйте! Подскажите, пожалуйста, сколько примерно человек у вас в офисе?"
OPENING_EN = "Hello! May I ask roughly how many people are in your office?"


def talk(*lines: str, language: str = "English", name: str = "") -> Said:
    """The seller's answer after these lines, the assistant's first."""
    roles = ("assistant", "user")
    last = f"Language: {language}.\n" + (f"Name in their profile: {name}." if name else "")
    messages = [
        {"role": "system", "content": PROMPT},
        *({"role": roles[i % 2], "content": line} for i, line in enumerate(lines)),
        {"role": "system", "content": last},
    ]
    return seller.reply(read_chat({"messages": messages}))


def test_it_opens_with_who_writes_and_one_question() -> None:
    said = talk(name="Anna")
    assert said.parts[0].startswith("Hello, Anna! I am writing from Steam & Co")
    assert said.parts[1].endswith("?")
    assert said.stage == "opening"
    assert talk(language="Russian", name="Anna").parts[0].startswith("Здравствуйте! ")


@pytest.mark.parametrize(
    ("heard", "language", "expected"),
    [
        ("нас примерно 25", "Russian", "«Large»: 2 000 ₽ в месяц. Две кофемолки."),
        ("восемь", "Russian", "«Small»: 1 000 ₽ в месяц. Одна кофемолка."),
        ("7", "English", "“Small” fits well: 1,000 ₽ a month. One grinder."),
        ("we are 300 people", "English", "several machines are usually combined"),
        ("а если сломается?", "Russian", "Ремонт в цене."),
        ("how is it delivered?", "English", "We deliver free of charge."),
        ("what about the contract?", "English", "A colleague can say that for certain"),
        ("what does it cost?", "English", "Small 1,000 ₽, Large 2,000 ₽"),
        ("any discount?", "English", "There are no discounts."),
        ("are you a bot?", "English", "I am the assistant program of Steam & Co"),
        ("вы бот?", "Russian", "я программа-помощник"),
        ("[voice message, 0:12]", "English", "cannot listen to voice messages"),
        ('[in reply to "x"] [photo] вот', "Russian", "Рассмотреть это я не могу"),
    ],
)
def test_it_answers_from_the_facts(heard: str, language: str, expected: str) -> None:
    said = talk(OPENING_RU if language == "Russian" else OPENING_EN, heard, language=language)
    assert expected in "\n".join(said.parts)
    assert 1 <= len(said.parts) <= 3


def test_several_fragments_are_one_turn() -> None:
    said = talk(OPENING_RU, "Добрый день!\nнас 25\nа доставка?", language="Russian")
    assert "Привозим бесплатно." in said.parts
    assert any("«Large»" in part for part in said.parts)


def test_it_asks_at_most_one_question_and_does_not_repeat_itself() -> None:
    lines = [OPENING_EN]
    for heard in ("hello", "hm", "well", "so", "12", "hm", "hm", "hm"):
        lines.append(heard)
        said = talk(*lines)
        assert "\n".join(said.parts).count("?") <= 1
        lines.append("\n\n".join(said.parts))
    longer = [line for line in lines[::2] if len(line) > 20]
    assert len(longer) == len(set(longer))


@pytest.mark.parametrize(
    ("heard", "outcome", "handoff"),
    [
        ("Not interested.", "lost", None),
        ("нет, спасибо", "lost", None),
        ("call me tomorrow at 11:00", "won", "a call was agreed: tomorrow at 11:00"),
        ("Позвоните завтра в 11:00", "won", "a call was agreed: завтра в 11:00"),
        ("can I talk to a real person?", "none", "the customer asks for a person"),
        ("позовите менеджера", "none", "the customer asks for a person"),
        ("where did you get my contact?", "none", "the customer asks where their contact comes from"),
    ],
)
def test_it_knows_how_a_talk_ends(heard: str, outcome: str, handoff: str | None) -> None:
    said = talk(OPENING_EN, heard, language="Russian" if heard[0] in "Пнп" else "English")
    assert (said.outcome, said.handoff) == (outcome, handoff)


def test_a_refused_draft_is_not_given_again() -> None:
    refused = {"role": "system", "content": "Language: English.\nYour first draft was not sent. A repeat."}
    said = seller.reply(read_chat({"messages": [{"role": "user", "content": "price?"}, refused]}))
    assert said.parts == ("A colleague can say that for certain: I do not want to promise too much.",)


def test_silence_is_followed_up_with_something_new() -> None:
    assert "come back to it" in talk(OPENING_EN, "…").parts[0]


def test_silence_at_the_beginning_is_an_opening() -> None:
    said = seller.reply(
        read_chat({"messages": [{"role": "system", "content": PROMPT}, {"role": "user", "content": "…"}]})
    )
    assert said.stage == "opening"


def test_instructions_after_the_facts_are_no_facts() -> None:
    assert "delivery" not in read_facts("# Facts\n- One.\n# How to sell\n- We deliver free of charge.", "en").lines


def test_without_facts_it_invents_no_price() -> None:
    assert read_facts("You are a seller.", "en").plans == ()
    said = seller.reply(read_chat({"messages": [{"role": "user", "content": "How much for 12 people?"}]}))
    assert "₽" not in "".join(said.parts)


@pytest.mark.parametrize(
    ("text", "asked", "number"),
    [("нас 25", False, 25), ("25 people", False, 25), ("25", True, 25), ("25", False, None), ("at 11:00", True, None),
     ("двадцать", True, 20), ("call me at 11:30", True, None)],
)  # fmt: skip
def test_how_many_people(text: str, asked: bool, number: int | None) -> None:
    assert people(text, asked=asked) == number


def test_labels_of_other_kinds() -> None:
    assert [media(line) for line in ("[sticker, 👋]", "[call]", "hi [x]", '[in reply to "a"] yes')] == [
        "sticker", "other", None, None,
    ]  # fmt: skip
