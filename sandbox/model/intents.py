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
    CONTRACT = "contract"
    TRIAL = "trial"
    BEANS = "beans"
    PAYMENT = "payment"
    THINK = "think"
    WHAT = "what"
    CALL = "call"
    TIME = "time"
    YES = "yes"
    THANKS = "thanks"
    GREETING = "greeting"


PATTERNS = {
    Intent.HUMAN: r"(?:позов|соедин|перевед|дайте|хочу|можно)\w*.{0,20}(?:человек|менеджер|оператор|коллег)"
    r"|(?:talk|speak|connect|get|want).{0,20}(?:human|real person|a person|manager|colleague|somebody real)",
    Intent.BOT: r"\b(?:бот|робот|нейросет\w*|искусственн\w* интеллект|ии|живой человек|gpt|чат-?бот\w*)\b|вы (?:программа|человек)"
    r"|\b(?:bot|robot|chatgpt|gpt|an? ai|artificial|a human|are you (?:real|a (?:machine|program|person)))\b",
    Intent.NO_INTEREST: r"не\s*интерес|не\s*нужн|не\s*надо|не\s*актуал|нет,?\s*спасибо|откаж"
    r"|not interested|no,? thank|no need|don.?t need|not relevant|\bpass\b",
    Intent.SOURCE: r"откуда.{0,20}(?:контакт|номер|меня|знаете)|where did you get|how did you (?:get|find)",
    Intent.COMPANY: r"кто (?:вы|это|ты)|что за компан|чем (?:вы )?занима|who (?:are you|is this)|what company|which company",
    Intent.DISCOUNT: r"скидк|подешевле|уступ|discount|lower price|better price|cheaper",
    Intent.EXPENSIVE: r"дорог|не потян|бюджет|expensive|too much|pricey|budget|a lot of money",
    Intent.HAVE: r"уже (?:есть|стоит|пользу)|есть (?:своя|кофе)|already (?:have|got|use|own)|have (?:a|our own) (?:coffee )?machine",
    Intent.PRICE: r"цен[аыуе]|стоит|стоимост|тариф|прайс|почём|сколько (?:будет|это|выйдет)|вариант"
    r"|price|pricing|\bcosts?\b|how much(?! time)|\brates?\b|\bplans?\b|tariff|options",
    Intent.DELIVERY: r"достав|привез|установ|как быстро|когда сможете|deliver|install|how soon|set.?up|bring it",
    Intent.WARRANTY: r"гарант|слома|ремонт|обслуж|сервис|почин|чист(?:ить|ка)|warrant|break|broke|repair|service|maint|\bclean",
    Intent.CONTRACT: r"договор|условия|расторг|на какой срок|минимальн|contract|terms|cancel|minimum|commit|how long",
    Intent.TRIAL: r"пробн|попробов|протестир|\btrial\b|try (?:it|one|first)|test it",
    Intent.BEANS: r"зёрн|зерн|молок|расходник|капсул|какой кофе|beans|milk|supplies|capsule|what coffee|which coffee",
    Intent.PAYMENT: r"оплат|платить|счёт|\bндс\b|безнал|\bpay|invoice|\bvat\b|by card",
    Intent.THINK: r"подума|посовет|обсуд|позже|не сейчас|think (?:about|it over)|\blater\b|discuss|not now|get back to you",
    Intent.WHAT: r"что (?:вы )?предлага|расскажите|подробн|что это|как это работает|tell me more|what do you offer|how does it work|what is it",
    Intent.CALL: r"созвон|позвон|звонок|звонит|наберите|\bcall\b|\bphone\b|\bring me",
    Intent.TIME: r"\b\d{1,2}[:.]\d\d\b|\bв \d{1,2}\b|завтра|сегодня|понедельник|вторник|сред[уа]|четверг|пятниц|утром|днём|вечером"
    r"|\bat \d{1,2}\b|\d ?[ap]m\b|tomorrow|today|monday|tuesday|wednesday|thursday|friday|morning|afternoon|next week",
    Intent.YES: r"^\W*(?:да|давай\w*|ок|окей|хорошо|соглас\w*|договорились|подходит|отлично|ага|конечно|беру|бер[её]м|супер|интересно)\b"
    r"|подходит|звучит (?:хорошо|неплохо|интересно)"
    r"|^\W*(?:yes|yeah|yep|ok|okay|sure|deal|agreed|great|fine|perfect|go ahead|let.s)\b|sounds (?:good|great|fine)",
    Intent.THANKS: r"спасиб|благодар|thank",
    Intent.GREETING: r"^\W*(?:привет|здравст|добр(?:ый|ое|ого)|хай|hi|hello|hey|good (?:morning|day|afternoon|evening))",
}  # fmt: skip
_COMPILED = {intent: re.compile(pattern, re.I | re.M) for intent, pattern in PATTERNS.items()}

_PEOPLE = re.compile(
    r"(?:нас|около|примерно|человек|about|around|roughly|are|we have|team of)?\s*\b(\d{1,4})\s*(?:-|–)?\s*"
    r"(?:человек\w*|чел\b|сотрудник\w*|люд\w*|people|persons?|employees?|colleagues|staff|of us|folks)"
    r"|(?:нас|человек|there are|we are|team of|about|around|примерно|около)\s+(\d{1,4})\b(?!\s*[:.]\d)",
    re.I,
)
_WORDS = {
    "пять": 5, "шесть": 6, "семь": 7, "восемь": 8, "десять": 10, "двенадцать": 12, "пятнадцать": 15,
    "двадцать": 20, "тридцать": 30, "сорок": 40, "пятьдесят": 50, "сто": 100,
    "five": 5, "six": 6, "eight": 8, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_LABEL = re.compile(r"\[([a-z ]+)[^\]]*\]|\[([а-яё ]+)[^\]]*\]", re.I)


def intents(text: str) -> list[Intent]:
    """What the text is about, most urgent first."""
    return [intent for intent, pattern in _COMPILED.items() if pattern.search(text)]


def people(text: str, *, asked: bool) -> int | None:
    """How many people the text speaks of; ``asked``: a bare number counts, for that was the question."""
    found = _PEOPLE.search(text)
    if found:
        return int(found[1] or found[2])
    if not asked:
        return None
    if bare := re.search(r"(?<![\d:.])\b(\d{1,4})\b(?![:.]\d)", text):
        return int(bare[1])
    return next((number for word, number in _WORDS.items() if re.search(rf"\b{word}\b", text, re.I)), None)


KINDS = {
    "voice": "voice", "голосов": "voice", "audio": "voice", "video": "photo", "видео": "photo", "кружок": "photo",
    "photo": "photo", "фото": "photo", "sticker": "sticker", "стикер": "sticker", "document": "document",
    "файл": "document", "документ": "document", "file": "document", "contact": "contact", "контакт": "contact",
    "location": "location", "место": "location", "геопозиц": "location",
}  # fmt: skip


def media(text: str) -> str | None:
    """The kind of a message that is not text, by the label the product puts in its place."""
    label = _LABEL.match(text.strip())
    if label is None:
        return None
    name = (label[1] or label[2]).lower()
    return next((kind for word, kind in KINDS.items() if word in name), "other")
