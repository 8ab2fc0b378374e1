"""What a customer's words are about, by plain patterns, Russian and English together."""

from __future__ import annotations

import re
from enum import StrEnum


class Intent(StrEnum):
    """In the order in which they are answered: what must not be missed stands first."""

    HUMAN = "human"
    BOT = "bot"
    NO_INTEREST = "no_interest"
    SOURCE = "source"
    COMPANY = "company"
    DISCOUNT = "discount"
    EXPENSIVE = "expensive"
    HAVE = "have"
    PRICE = "price"
    DELIVERY = "delivery"
    WARRANTY = "warranty"
    TRIAL = "trial"
    CONTRACT = "contract"
    BEANS = "beans"
    PLACE = "place"
    CLEANING = "cleaning"
    PAYMENT = "payment"
    THINK = "think"
    WHAT = "what"
    CALL = "call"
    TIME = "time"
    YES = "yes"
    THANKS = "thanks"
    GREETING = "greeting"


# For each intent the words that show it: Russian, then English.
WORDS: dict[Intent, tuple[str, ...]] = {
    Intent.HUMAN: (
        r"(?:позов|соедин|перевед|дайте|хочу|можно)\w*.{0,20}(?:человек|менеджер|оператор|коллег)",
        r"(?:talk|speak|connect|get|want).{0,20}(?:human|real person|a person|manager|colleague|operator)",
    ),
    Intent.BOT: (
        r"\b(?:бот|робот|нейросет\w*|искусственн\w* интеллект|ии|живой человек|чат-?бот\w*)\b|вы (?:программа|человек)",
        r"\b(?:bot|robot|chatgpt|gpt|an? ai|artificial|a human|are you (?:real|a (?:machine|program|person)))\b",
    ),
    Intent.NO_INTEREST: (
        r"не\s*интерес|не\s*нужн|не\s*надо|не\s*актуал|нет,?\s*спасибо|откаж",
        r"not interested|no,? thank|no need|don.?t need|not relevant",
    ),
    Intent.SOURCE: (
        r"откуда.{0,20}(?:контакт|номер|меня|знаете)",
        r"where did you get|how did you (?:get|find)",
    ),
    Intent.COMPANY: (
        r"кто (?:вы|это|ты)|что за компан|чем (?:вы )?занима",
        r"who (?:are you|is this)|what company|which company",
    ),
    Intent.DISCOUNT: (r"скидк|подешевле|уступ|торг", r"discount|lower price|better price|cheaper"),
    Intent.EXPENSIVE: (r"дорог|не потян|бюджет", r"expensive|too much|pricey|budget|a lot of money"),
    Intent.HAVE: (
        r"уже (?:есть|стоит|пользу)|есть (?:своя|кофе)",
        r"already (?:have|got|use|own)|have (?:a|our own) (?:coffee )?machine",
    ),
    Intent.PRICE: (
        r"цен[аыуе]|стоит|стоимост|тариф|прайс|почём|сколько (?:будет|это|выйдет)|вариант",
        r"price|pricing|\bcosts?\b|how much(?! time)|\brates?\b|\bplans?\b|tariff|options",
    ),
    Intent.DELIVERY: (
        r"достав|прив[её]з|привоз|установ|как быстро|когда сможете",
        r"deliver|install|how soon|set.?up|bring it",
    ),
    Intent.WARRANTY: (
        r"гарант|слома|ремонт|обслуж|сервис|почин",
        r"warrant|break|broke|repair|service|maint",
    ),
    Intent.TRIAL: (r"пробн|попробов|протестир", r"\btrial\b|try (?:it|one|first)|test it"),
    Intent.CONTRACT: (
        r"договор(?!и)|условия|расторг|на какой срок|минимальн|залог",
        r"contract|terms|cancel|minimum|commit|how long|deposit",
    ),
    Intent.BEANS: (
        r"з[её]рн|молок|капсул|какой кофе",
        r"\bbeans\b|\bmilk\b|capsule|what coffee|which coffee",
    ),
    Intent.PLACE: (
        r"сколько места|куда (?:её )?(?:по)?ставить|розетк|водопровод|шумн",
        r"how (?:big|large)|socket|space|noisy",
    ),
    Intent.CLEANING: (r"чист(?:ить|ка|ят)|мыть|промыв", r"\bclean|\brins|\bwash"),
    Intent.PAYMENT: (r"оплат|платить|сч[её]т(?!а[ейю])|\bндс\b|безнал", r"\bpay|invoice|\bvat\b|by card"),
    Intent.THINK: (
        r"подума|посовет|обсуд|позже|не сейчас",
        r"think (?:about|it over)|\blater\b|discuss|not now|get back to you|ask my (?:boss|manager)",
    ),
    Intent.WHAT: (
        r"что (?:вы )?предлага|расскажите|подробн|что это|как это работает",
        r"tell me more|what do you offer|how does it work|what is it",
    ),
    Intent.CALL: (r"созвон|позвон|звонок|звонит|наберите", r"\bcall\b|\bphone\b|\bring me"),
    Intent.TIME: (
        r"\b\d{1,2}[:.]\d\d\b|\bв \d{1,2}\b(?! ч?е)|завтра|сегодня|понедельник|вторник|\bсред[уа]\b|четверг|пятниц"
        r"|\b(?:утром|дн[её]м|вечером)\b",
        r"\bat \d{1,2}\b|\d ?[ap]m\b|tomorrow|today|monday|tuesday|wednesday|thursday|friday|\bnext week",
    ),
    Intent.YES: (
        r"^\W*(?:да|давай\w*|ок|окей|хорошо|соглас\w*|договорились|подходит|отлично|ага|конечно|беру|бер[её]м|супер)\b"
        r"|подходит|звучит (?:хорошо|неплохо|интересно)",
        r"^\W*(?:yes|yeah|yep|ok|okay|sure|deal|agreed|great|fine|perfect|go ahead|let.s)\b|sounds (?:good|great|fine)",
    ),
    Intent.THANKS: (r"спасиб|благодар", r"thank"),
    Intent.GREETING: (
        r"^\W*(?:привет|здравст|добр(?:ый|ое|ого)|хай)",
        r"^\W*(?:hi|hello|hey|good (?:morning|day|afternoon|evening))\b",
    ),
}
_COMPILED = {intent: re.compile("|".join(words), re.I | re.M) for intent, words in WORDS.items()}

_PEOPLE = re.compile(
    r"\b(\d{1,4})\s*(?:-|–)?\s*"
    r"(?:человек\w*|чел\b|сотрудник\w*|люд\w*|people|persons?|employees?|colleagues|staff|of us|folks)"
    r"|(?:нас|человек|there are|we are|we.re|team of|about|around|примерно|около)\s+(\d{1,4})\b(?!\s*[:.]\d)",
    re.I,
)
_NUMBERS = {
    "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "десять": 10, "двенадцать": 12, "пятнадцать": 15,
    "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50, "сто": 100,
    "five": 5, "six": 6, "eight": 8, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_BARE = re.compile(r"(?<![\d:.])\b(\d{1,4})\b(?![:.]\d)")
_TIME = re.compile(
    r"послезавтра|завтра|сегодня|tomorrow|today|(?:в|во|at|on)\s+[\w:.]*\w(?:\s?[ap]m)?|\d{1,2}[:.]\d\d|\d{1,2}\s?[ap]m"
    r"|утром|дн[её]м|вечером|(?:next )?(?:monday|tuesday|wednesday|thursday|friday|week)|понедельник|вторник|четверг",
    re.I,
)
_NOTE = re.compile(r"\[[^\]]*\]")
_ABOUT_A_MESSAGE = re.compile(r"\[(?:in reply to|edited|deleted)[^\]]*\]")
_LABEL = re.compile(r"\[(?P<kind>[^\],]+)[^\]]*\]")


def intents(text: str) -> list[Intent]:
    """What the text is about, most urgent first."""
    return [intent for intent, pattern in _COMPILED.items() if pattern.search(text)]


def people(text: str, *, asked: bool) -> int | None:
    """How many people the text speaks of; ``asked``: a bare number counts, for that was the question."""
    if found := _PEOPLE.search(text):
        return int(found[1] or found[2])
    if not asked:
        return None
    if bare := _BARE.search(text):
        return int(bare[1])
    return next((number for word, number in _NUMBERS.items() if re.search(rf"\b{word}\b", text, re.I)), None)


def time_named(text: str) -> str:
    """The words that name a time, else the whole text."""
    return " ".join(dict.fromkeys(found.strip() for found in _TIME.findall(text))) or text.strip()


KINDS = {
    "voice message": "voice", "audio": "voice", "photo": "photo", "video": "photo", "video message": "photo",
    "animation": "photo", "sticker": "sticker", "document": "document", "contact": "contact", "location": "location",
}  # fmt: skip


def media(line: str) -> str | None:
    """The kind of a message that is not text, by the label the product puts in its place."""
    label = _LABEL.match(_ABOUT_A_MESSAGE.sub("", line).strip())
    return KINDS.get(label["kind"], "other") if label else None


def without_notes(text: str) -> str:
    """The person's own words: what stands in square brackets is the product's."""
    return _NOTE.sub("", text).strip()
