"""The scripted seller as a table of talks: what it is told, and what its answer must hold."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from sandbox.model import numbers, seller, when
from sandbox.model.chat import Learnt, Promise, Said, read_chat
from sandbox.model.facts import read_facts
from sandbox.model.intents import Intent, intents, machines, media, people

PROMPT = """You are Vera.
Company: Steam & Co
Goal: a call

# Facts
- small: Small: 1 000 ₽ в месяц, до 10 человек. Одна кофемолка.
- small: Small: 1,000 ₽ a month, up to 10 people. One grinder.
- large: Large: 2 000 ₽ в месяц, до 50 человек. Две кофемолки.
- large: Large: 2,000 ₽ a month, up to 50 people. Two grinders.
- delivery: Привозим бесплатно.
- delivery: We deliver free of charge.
- delivery_outside: За городом доставка стоит 500 ₽ один раз.
- delivery_outside: Further out delivery costs 500 ₽ once.
- service: Ремонт в цене.
- service: Repairs are in the price.
- discounts: Скидок нет.
- discounts: There are no discounts.
- cafe: «Рядом кофейня»: машина экономит дорогу.
- cafe: “There is a café next door”: the machine saves the walk.

# How to sell
- We deliver cakes."""
OPENING = {
    "Russian": "Здравствуйте! Подскажите, пожалуйста, сколько примерно человек у вас в офисе?",
    "English": "Hello! May I ask roughly how many people are in your office?",
}
PLAN = {
    "Russian": "Для 25 человек хорошо подойдёт «Large»: 2 000 ₽ в месяц. Две кофемолки.",
    "English": "For 25 people “Large” fits well: 2,000 ₽ a month. Two grinders.",
}
ASK_CALL = {
    "Russian": "Хотите, коллега позвонит и за несколько минут обо всём договорится? Какое время вам удобно?",
    "English": "Shall a colleague call and settle the rest in a few minutes? What time suits you?",
}
at = datetime.fromisoformat
SATURDAY = at("2026-11-21 18:00")


def language(text: str) -> str:
    return "Russian" if any("а" <= letter <= "я" for letter in text.casefold()) else "English"


def asked(*lines: str, told: str = "", **options: Any) -> dict[str, Any]:
    """The request after these lines, the assistant's first."""
    roles = ("assistant", "user")
    spoken = language(lines[-1]) if lines else "English"
    last = f"Time: {SATURDAY:%A, %Y-%m-%d %H:%M} (Europe/Moscow).\nLanguage: {spoken}.\n{told}"
    messages = [
        {"role": "system", "content": PROMPT},
        *({"role": roles[i % 2], "content": line} for i, line in enumerate(lines)),
        {"role": "system", "content": last},
    ]
    return {"messages": messages, **options}


def talk(*lines: str, told: str = "") -> Said:
    return seller.reply(read_chat(asked(*lines, told=told)))


def after_the_plan(heard: str) -> Said:
    """The answer to somebody who has seen a plan and was asked for a call."""
    spoken = language(heard)
    size = "нас 25" if spoken == "Russian" else "25 of us"
    return talk(OPENING[spoken], size, f"{PLAN[spoken]}\n\n{ASK_CALL[spoken]}", heard)


def test_it_opens_with_who_writes_and_one_question() -> None:
    said = talk(told="Name in their profile: Anna.")
    assert said.parts[0].startswith("Hello, Anna! I am writing from Steam & Co")
    assert said.parts[1].endswith("?")
    assert said.stage == "introduction"


def test_each_way_to_begin_has_a_question_of_its_own() -> None:
    ways = ("ask about how many people are in the office", "ask what people drink now", "mention the free trial week")
    questions = {talk(told=f"Task: Write the first message. {how}").parts[1] for how in ways}
    assert len(questions) == len(ways)


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("нас примерно 25", "«Large»: 2 000 ₽ в месяц. Две кофемолки."),
        ("нас двадцать пять", "Для 25 человек"),
        ("восемь", "«Small»: 1 000 ₽ в месяц. Одна кофемолка."),
        ("7", "“Small” fits well: 1,000 ₽ a month. One grinder."),
        ("we are 300 people", "several machines are usually combined"),
        ("а если сломается?", "Ремонт в цене."),
        ("how is it delivered?", "We deliver free of charge."),
        ("мы за городом, доставите?", "За городом доставка стоит 500 ₽ один раз."),
        ("what about the contract?", "A colleague can say that for certain"),
        ("what does it cost?", "Small 1,000 ₽ a month, Large 2,000 ₽ a month"),
        ("any discount?", "There are no discounts."),
        ("ходим в кофейню напротив", "Машина экономит дорогу."),
        ("are you a bot?", "I answer as a program"),
        ("вы бот?", "Отвечаю как программа"),
        ("what do you know about me?", "what stands in this chat"),
        ("[voice message, 0:12]", "cannot listen to voice messages"),
        ('[in reply to "x"] [photo] вот', "Рассмотреть это я не могу"),
    ],
)
def test_it_answers_from_the_facts(heard: str, expected: str) -> None:
    said = talk(OPENING[language(heard)], heard)
    assert expected in "\n".join(said.parts)
    assert 1 <= len(said.parts) <= 3


def test_it_names_the_facts_that_it_used() -> None:
    assert talk(OPENING["English"], "25 of us, and delivery?").facts == ("delivery", "large")
    assert talk(OPENING["English"], "hm").facts == ()


@pytest.mark.parametrize(
    ("heard", "total", "expression"),
    [
        ("три машины Large, сколько это будет?", "3 × Large: 6\N{NO-BREAK SPACE}000 ₽ в месяц.", "3 * large"),
        ("сколько стоят 2 Small? прописью", "2 × Small: две тысячи рублей в месяц.", "2 * small"),
        (
            "две машины за городом, сколько?",
            "2 × Large вместе с доставкой за город: 4\N{NO-BREAK SPACE}500 ₽ за первый месяц.",
            "2 * large + delivery_outside",
        ),
        ("how much are three Large machines?", "3 × Large: 6,000 ₽ a month.", "3 * large"),
        ("two such machines, in words please", "2 × Large: four thousand roubles a month.", "2 * large"),
    ],
)
def test_a_sum_comes_with_the_expression_that_proves_it(heard: str, total: str, expression: str) -> None:
    said = after_the_plan(heard)
    assert total in said.parts
    assert said.sums == (expression,)
    assert set(expression.split()) & {"large", "small"} <= set(said.facts)


def test_several_fragments_are_one_turn() -> None:
    said = talk(OPENING["Russian"], "Добрый день!\nнас 25\nа доставка?")
    assert "Привозим бесплатно." in said.parts
    assert any("«Large»" in part for part in said.parts)


def test_it_asks_at_most_one_question_and_does_not_repeat_itself() -> None:
    lines = [OPENING["English"]]
    for heard in ("hello", "hm", "well", "so", "12", "hm", "hm", "hm", "hm"):
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
        ("call me tomorrow at 11:00", "won", "a call was agreed: tomorrow at 11:00 (25 people, Large)"),
        ("в понедельник в 15", "won", "a call was agreed: в понедельник в 15 (25 people, Large)"),
        ("can I talk to a real person?", "none", "the customer asks for a person (25 people, Large)"),
        ("позовите менеджера", "none", "the customer asks for a person (25 people, Large)"),
        (
            "where did you get my contact?",
            "none",
            "the customer asks where their contact comes from (25 people, Large)",
        ),
        ("вы меня уже достали", "none", "the customer is angry (25 people, Large)"),
        ("this is ridiculous", "none", "the customer is angry (25 people, Large)"),
        ("берём, готовьте договор", "none", "the deal is ready: they want to sign (25 people, Large)"),
        ("we'll take it", "none", "the deal is ready: they want to sign (25 people, Large)"),
        ("please delete all my data", "none", "the customer wants their data deleted (25 people, Large)"),
    ],
)
def test_it_knows_how_a_talk_ends(heard: str, outcome: str, handoff: str | None) -> None:
    said = after_the_plan(heard)
    assert (said.outcome, said.handoff) == (outcome, handoff)


@pytest.mark.parametrize("heard", ["Исчезните из моего телефона", "I'd rather never hear from you again", "get lost"])
def test_who_wants_no_messages_in_words_of_their_own_is_understood(heard: str) -> None:
    assert after_the_plan(heard).opt_out


def test_a_discount_asked_for_twice_is_a_humans() -> None:
    spoken = (OPENING["English"], "a discount?", "There are no discounts.", "come on, a discount!")
    assert talk(*spoken).handoff == "the customer insists on a discount"


def test_what_was_learnt_before_counts_when_its_line_is_not_shown_any_more() -> None:
    said = talk(OPENING["English"], "what does it cost?", told='Known about the person: city: "Tver"; team_size: "25".')
    assert PLAN["English"] in said.parts


def test_it_tells_why_it_writes_when_the_prompt_says_so() -> None:
    said = talk(
        OPENING["English"],
        "where did you get my contact?",
        told='Why we may write to them: "asked for it at the fair". Say so.',
    )
    assert said.parts[0].endswith("like this: asked for it at the fair.")
    assert said.handoff is None


@pytest.mark.parametrize(
    ("heard", "promise"),
    [
        ("tomorrow at 11:00", Promise("Call them: tomorrow at 11:00", at("2026-11-22 11:00"))),
        ("завтра", Promise("Call them: завтра")),
        (
            "пришлите расчёт до пятницы",
            Promise("Send them what they asked for: пришлите расчёт до пятницы", at("2026-11-27 18:00")),
        ),
        ("send me the figures", Promise("Send them what they asked for: send me the figures")),
        ("and delivery?", None),
    ],
)
def test_what_a_human_has_to_do_is_promised_with_its_time(heard: str, promise: Promise | None) -> None:
    assert after_the_plan(heard).promise == promise


@pytest.mark.parametrize(
    ("heard", "learnt"),
    [
        ("Добрый день\nнас двенадцать человек", [("team_size", "12", "нас двенадцать человек")]),
        ("we already have a machine", [("drinks_now", "we already have a machine", "we already have a machine")]),
        ("решает мой директор", [("decides", "somebody_else", "решает мой директор")]),
        ("our office is in Tver", [("city", "Tver", "our office is in Tver")]),
        ("my number: +7 912 345-67-89", [("phone", "+7 912 345-67-89", "my number: +7 912 345-67-89")]),
        ("anna@steam.example", [("email", "anna@steam.example", "anna@steam.example")]),
        ("from Monday, please", [("start_from", "2026-11-23", "from Monday, please")]),
    ],
)
def test_what_it_learns_comes_with_the_words_that_prove_it(heard: str, learnt: list[tuple[str, str, str]]) -> None:
    found = talk(OPENING[language(heard)], heard).learnt
    assert [one for one in found if one.field != "doubt"] == [Learnt(*one) for one in learnt]


def test_the_answer_has_the_shape_that_was_asked_for() -> None:
    text, enum = {"type": "string"}, ["call_time", "size"]
    item = {"type": "object", "properties": {"field": {"type": "string", "enum": enum}, "value": text, "quote": text}}
    properties = {
        "parts": {"type": "array", "items": text},
        "stage": {"type": "string", "enum": ["hello", "offer", "bye"]},
        "sums": {"type": "array", "items": text},
        "learnt": {"type": "array", "items": item},
        "promise": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "opt_out": {"type": "boolean"},
    }
    schema = {"type": "json_schema", "json_schema": {"name": "reply", "schema": {"properties": properties}}}
    chat = read_chat(asked(OPENING["English"], "we are 25, call me tomorrow at 11:00", response_format=schema))
    reply = json.loads(seller.reply(chat).shaped(chat))
    assert list(reply) == list(properties)
    assert reply["stage"] == "bye"
    words = "we are 25, call me tomorrow at 11:00"
    assert reply["learnt"] == [
        {"field": "size", "value": "25", "quote": words},
        {"field": "call_time", "value": "tomorrow at 11:00", "quote": words},
    ]
    assert reply["promise"] == {"what": "Call them: tomorrow at 11:00", "until": "2026-11-22T11:00"}
    assert (reply["sums"], reply["opt_out"]) == ([], False)


def test_a_refused_draft_is_not_given_again() -> None:
    said = talk(OPENING["English"], "price?", told="Your first draft was not sent. A repeat.")
    assert said.parts == ("A colleague can say that for certain: I do not want to promise too much.",)


def test_silence_is_followed_up_with_something_new() -> None:
    assert "We deliver free of charge." in talk(OPENING["English"], "…").parts[0]
    told = f"{OPENING['English']} We deliver free of charge. Repairs are in the price."
    assert "come back to it" in talk(told, "…").parts[0]


def test_instructions_after_the_facts_are_no_facts() -> None:
    facts = read_facts("# Facts\n- one: One.\n\n# How to sell\n- delivery: We deliver free of charge.", "en")
    assert facts.lines == {"one": "One."}


def test_without_facts_it_invents_no_price() -> None:
    assert read_facts("You are a seller.", "en").plans == ()
    said = seller.reply(read_chat({"messages": [{"role": "user", "content": "How much for 12 people?"}]}))
    assert "₽" not in "".join(said.parts)


@pytest.mark.parametrize(
    ("text", "asked", "number"),
    [("нас 25", False, 25), ("25 people", False, 25), ("25", True, 25), ("25", False, None), ("at 11:00", True, None),
     ("двадцать", True, 20), ("call me at 11:30", True, None), ("thirty-two of us", False, 32)],
)  # fmt: skip
def test_how_many_people(text: str, asked: bool, number: int | None) -> None:
    assert people(text, asked=asked) == number


@pytest.mark.parametrize(
    ("text", "found"),
    [("три машины Team", (3, "Team")), ("2 «Floor»", (2, "Floor")), ("пять машин", (5, None)), ("25 people", None)],
)
def test_how_many_machines(text: str, found: tuple[int, str | None] | None) -> None:
    assert machines(text, ["Team", "Floor"]) == found


@pytest.mark.parametrize(
    ("number", "russian", "english"),
    [
        (21, "двадцать один", "twenty-one"),
        (1000, "одна тысяча", "one thousand"),
        (12_300, "двенадцать тысяч триста", "twelve thousand three hundred"),
        (26_700, "двадцать шесть тысяч семьсот", "twenty-six thousand seven hundred"),
        (342_015, "триста сорок две тысячи пятнадцать", "three hundred forty-two thousand fifteen"),
    ],
)
def test_numbers_in_words(number: int, russian: str, english: str) -> None:
    assert numbers.in_words(number, "ru") == russian
    assert numbers.in_words(number, "en") == english


@pytest.mark.parametrize(
    ("text", "named", "moment"),
    [
        ("позвоните завтра в 11", "завтра в 11", at("2026-11-22 11:00")),
        ("tomorrow at 3 pm works", "tomorrow at 3 pm", at("2026-11-22 15:00")),
        ("on Monday, 10:30", "on Monday 10:30", at("2026-11-23 10:30")),
        ("послезавтра утром", "послезавтра утром", at("2026-11-23 10:00")),
        ("at 11:00", "at 11:00", at("2026-11-22 11:00")),
        ("сегодня до 20:00", "сегодня до 20:00", at("2026-11-21 20:00")),
        ("во вторник", "во вторник", None),
        ("нас в 25 человек", "", None),
    ],
)
def test_a_day_and_a_time_as_people_name_them(text: str, named: str, moment: datetime | None) -> None:
    assert (when.named(text), when.moment(text, SATURDAY)) == (named, moment)


def test_labels_of_other_kinds() -> None:
    assert [media(line) for line in ("[sticker, 👋]", "[call]", "hi [x]", '[in reply to "a"] yes')] == [
        "sticker", "other", None, None,
    ]  # fmt: skip


def test_a_statement_is_no_question() -> None:
    assert Intent.PAYMENT not in intents("пришлите расчёт")
