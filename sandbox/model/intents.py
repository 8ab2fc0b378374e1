"""What a customer's words are about, by plain patterns, Russian and English together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache

from sandbox.model import numbers


class Intent(StrEnum):
    """In the order in which they are answered: what must not be missed stands first."""

    DISTRESS = "distress"
    MINOR = "minor"
    OPT_OUT = "opt_out"
    ANGRY = "angry"
    HUMAN = "human"
    DELETE = "delete"
    INJECTION = "injection"
    BOT = "bot"
    NO_INTEREST = "no_interest"
    SOURCE = "source"
    KNOWN = "known"
    OTHERS = "others"
    COMPANY = "company"
    OWN_PRICE = "own_price"
    DISCOUNT = "discount"
    EXPENSIVE = "expensive"
    HAVE = "have"
    CAFE = "cafe"
    NO_ROOM = "no_room"
    NO_SALE = "no_sale"
    LONG_COMMITMENT = "long_commitment"
    SEND = "send"
    TAKE = "take"
    PRICE = "price"
    DELIVERY = "delivery"
    DELIVERY_OUTSIDE = "delivery_outside"
    WARRANTY = "warranty"
    TRIAL = "trial"
    CONTRACT = "contract"
    BEANS = "beans"
    PLACE = "place"
    CLEANING = "cleaning"
    PAYMENT = "payment"
    WEBSITE = "website"
    THINK = "think"
    WHAT = "what"
    CALL = "call"
    TIME = "time"
    YES = "yes"
    THANKS = "thanks"
    GREETING = "greeting"


_AGE_RU = (
    r"(?:[6-9]|1[0-7]|семь|восемь|девять|десять|одиннадцать|двенадцать|тринадцать|четырнадцать|пятнадцать"
    r"|шестнадцать|семнадцать)"
)
_AGE_EN = r"(?:[6-9]|1[0-7]|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
_SUM = (
    r"(?:\d{3,6}|\d{1,3}[ \u00a0]\d{3}"
    r"|(?:(?:\w+ )?тысяч[аиу]?|сто|двести|триста|четыреста|\w+сот)(?: (?:сто|двести|триста|четыреста|\w+сот))?"
    r"|\w+ (?:hundred|thousand)(?: \w+ hundred)?)"
)
"""An amount without its currency, in figures or in words."""

# For each intent the words that show it: Russian, then English.
WORDS: dict[Intent, tuple[str, ...]] = {
    Intent.DISTRESS: (
        r"не хо(?:чу|чется) (?:больше )?жить|жить (?:больше )?не (?:хо(?:чу|чется)|могу)|не могу (?:\w+ )?жить"
        r"|смысла (?:больше )?(?:жить|ни в ч[её]м|в жизни)|поконч\w+ с (?:собой|жизнью)|уби(?:ть|ю) себя|суицид",
        r"(?:don.?t|do not|no longer) (?:want to|wanna) (?:live|be alive|exist|wake up)|can.?t go on(?= living|\W*$)"
        r"|no (?:point|sense|reason) (?:in|to) (?:living|live|anything|life)|kill(?:ing)? myself|end my life"
        r"|want to die|suicid",
    ),
    Intent.MINOR: (
        rf"мне (?:(?:ещё|еще|всего|только|уже|лишь) )*{_AGE_RU}(?: (?:лет|год|вообще)|\W*$)"
        r"|я (?:(?:ещё|еще) )?(?:школьни|реб[её]нок|несовершеннолетн)|я (?:учусь )?в \w+ классе",
        rf"\bi(?:.m| am) (?:(?:only|just|still) )*{_AGE_EN}(?: years|[- ]year|\W*$| by the way)"
        r"|\bi(?:.m| am) (?:still )?(?:at school|a (?:kid|child|minor|schoolboy|schoolgirl)|in \w+ grade)",
    ),
    Intent.OPT_OUT: (  # in words that no list of phrases holds: what is plain is recognised without a model
        r"забудьте (?:про|обо?) (?:меня|нас|мне|нам|этот)|забудьте дорогу|исчезн|сгинь|испарит|скройтесь"
        r"|(?:больше|впредь)\b.{0,30}(?:не (?:видеть|слышать|вид(?:ел|но)|слыш)|ни (?:слова|строчки))"
        r"|(?:видеть|слышать|читать) вас (?:больше )?не|(?:вид|считайте), что меня (?:нет|не существует)"
        r"|меня больше (?:нет|не существует)|закройте дверь|замолчит|сделайте вид, что",
        r"(?:never|not|don.?t)\b.{0,30}\b(?:hear|see|read)\b.{0,25}\b(?:again|you|any ?more)|get lost|vanish|disappear"
        r"|go away|forget (?:that )?(?:i|we|about (?:me|us)) ?(?:exist)?|lose this (?:chat|number)|never existed"
        r"|rest in peace|dead to you|shut the door|silence from now|erase me from",
    ),
    Intent.ANGRY: (
        r"достали|бес(?:ите|ит)|надоели|издева|безобрази|мошенни|обман(?:ули|ываете|щик)|жалоб"
        r"|что за (?:чушь|бред)|хамств",
        r"fed up|sick of|ridiculous|outrag|scam|fraud|liars?\b|nonsense|angry|furious|complain|waste of time",
    ),
    Intent.HUMAN: (
        r"(?:позов|соедин|перевед|дайте|хочу|можно)\w*.{0,20}(?:человек|менеджер|оператор|коллег)",
        r"(?:talk|speak|connect|get|want)\b.{0,20}(?:human|real person|a person|manager|colleague|operator)",
    ),
    Intent.DELETE: (
        r"(?:удал|сотр|стере|уничтож)\w* (?:\w+ ){0,3}(?:данн|информац|переписк|сведени)",
        r"(?:delete|erase|remove|wipe) (?:\w+ ){0,3}(?:data|information|details|records?)",
    ),
    Intent.INJECTION: (
        r"игнорир\w+ (?:\w+ ){0,2}(?:инструкц|указани|правил|выше)|промпт|^\W*system\s*:|ты теперь|слово в слово"
        r"|(?:свои|твои|ваши|все) (?:\w+ )?(?:инструкци|указани)|системн\w+ (?:сообщени|инструкц)|режим отладки"
        r"|твой (?:разработчик|создатель)|забудь (?:роль|вс[её])|ответь одним словом|тебе велено|\bdan\b",
        r"ignore (?:\w+ ){0,3}(?:instructions?|rules|above)|\bprompt\b|system (?:prompt|message)|your instructions"
        r"|debug mode|you have no rules|word for word|your developer|forget (?:that you|your (?:role|rules))"
        r"|in one word\b|you are now",
    ),
    Intent.BOT: (
        r"\b(?:бот|робот|нейросет\w*|искусственн\w* интеллект|ии|жив(?:ой|ым) человек\w*|не человек"
        r"|чат-?бот\w*)\b|вы (?:программа|человек)",
        r"\b(?:bot|robot|chatgpt|gpt|an? ai|artificial|a human|a real person"
        r"|are you (?:real|a (?:machine|program|person)))\b",
    ),
    Intent.NO_INTEREST: (
        r"\bне\s*интерес|\bне\s*нужн|\bне\s*надо|\bне\s*актуал|нет,?\s*спасибо|откаж",
        r"not interested|no,? thank|no need|don.?t need|not relevant",
    ),
    Intent.SOURCE: (
        r"откуда.{0,20}(?:контакт|номер|меня|знаете)",
        r"where did you get|how did you (?:get|find)",
    ),
    Intent.KNOWN: (
        r"что (?:\w+ )?(?:обо? (?:мне|нас)|про (?:меня|нас)) (?:\w+ )?зна"
        r"|что (?:\w+ )?знаете (?:обо? (?:мне|нас)|про (?:меня|нас))|какие (?:мои )?данные",
        r"what (?:do|did) you (?:know|have|store|keep|hold) (?:about|on) (?:me|us)|what data",
    ),
    Intent.OTHERS: (
        r"кто ещё|кто еще|с кем вы (?:ещё|еще)|кому (?:ещё|еще)|(?:их|кого-нибудь|ваших|чужие?|соседей) (?:\w+ ){0,2}"
        r"(?:телефон|номер|контакт|клиент)",
        r"who else|(?:number|phone|contact|name)s? of (?:\w+ ){0,2}(?:your|other|another)"
        r"|\btheir (?:number|phone|contact|name)",
    ),
    Intent.COMPANY: (
        r"кто (?:вы|это|ты)|что за компан|чем (?:вы )?занима",
        r"who (?:are you|is this)|what company|which company",
    ),
    Intent.OWN_PRICE: (
        r"(?:можно|давайте|согласн|договорились|отда\w+|уступ\w+)\b.{0,20}\d{3,}\s*(?:₽|руб)"
        r"|\d{3,}\s*(?:₽|руб\w*).{0,20}(?:согласн|договорились|идёт)"
        rf"|^\W*{_SUM}\b(?: в месяц)?\W{{1,3}}(?:и )?(?:договорились|ид[её]т|по рукам|последнее слово)"
        rf"|(?:^|[^\w])(?:давайте|за|ну) (?:вс[её]-таки )?(?:за )?{_SUM}(?:-то)?\b(?! чел)",
        r"(?:would|could|make it|say|for|how about)\b.{0,15}\d{3,}\s*(?:₽|roub|rub)"
        r"|\d{3,}\s*(?:₽|roubles?).{0,15}(?:agreed|deal|do\b)"
        rf"|^\W*{_SUM}(?: a month)?\W{{1,3}}(?:and )?(?:agreed|deal|we shake|my last)"
        rf"|(?:make it|for|say|come on,) {_SUM}\b",
    ),
    Intent.DISCOUNT: (r"скидк|подешевле|уступ|торг", r"discount|lower price|better price|cheaper"),
    Intent.EXPENSIVE: (r"дорог|не потян|бюджет", r"expensive|too much|pricey|budget|a lot of money"),
    Intent.HAVE: (
        r"уже (?:есть|стоит|пользу)|есть (?:своя|кофе)",
        r"already (?:have|got|use|own)|have (?:a|our own) (?:coffee )?machine",
    ),
    Intent.CAFE: (r"кофейн\w+|кафе\b", r"\bcaf[eé]\b|coffee shop"),
    Intent.NO_ROOM: (r"нет места|мало места|тесно|шумно", r"no (?:room|space)|too noisy|cramped"),
    Intent.NO_SALE: (
        r"купить (?:её |машину|кофемашину|совсем)|прода[её]те|выкуп",
        r"(?:can|could) (?:we|i) buy|do you sell|buy (?:it|one|a machine)",
    ),
    Intent.LONG_COMMITMENT: (r"надолго|не понравится", r"long commitment|don.?t like it"),
    Intent.SEND: (
        r"(?:при|вы|от)шлите|(?:от|вы)правьте|скиньте|(?:можете|сможете) (?:прислать|отправить|скинуть)",
        r"\bsend (?:me|us|over|it|the|a)\b|e-?mail (?:me|us)\b",
    ),
    Intent.TAKE: (
        r"\bбер[её]м\b|\bберу\b|оформля|готовьте договор|подпис(?:ать|ыва)|заключа(?:ем|йте) договор"
        r"|заказыва[юе]",
        r"(?:we|i)(?:.ll| will)? take (?:it|that|the|this|one|two|three)|prepare the (?:contract|papers)|\bsign\b"
        r"|we order",
    ),
    Intent.PRICE: (
        r"цен[аыуе]|(?<!не )стоит|стоимост|тариф|прайс|почём|сколько (?:будет|это|выйдет)|вариант",
        r"price|pricing|\bcosts?\b|how much(?! time)|\brates?\b|\bplans?\b|tariff|options",
    ),
    Intent.DELIVERY: (
        r"достав|прив[её]з|привоз|установ|как быстро|когда сможете",
        r"deliver|install|how soon|set.?up|bring it",
    ),
    Intent.DELIVERY_OUTSIDE: (r"за город|пригород", r"out of town|outside the city|\bsuburb"),
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
    Intent.PAYMENT: (r"оплат|платить|\bсч[её]т(?!а[ейю])|\bндс\b|безнал", r"\bpay|invoice|\bvat\b|by card"),
    Intent.WEBSITE: (r"\bсайт", r"\bweb ?site|\bweb ?page"),
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
        r"^\W*(?:да|давай\w*|ок|окей|хорошо|соглас\w*|договорились|подходит|отлично|ага|конечно|беру|бер[её]м|супер|годится)\b"
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

_COUNT = rf"(\d{{1,4}}|(?:{numbers.WORDS})(?:[\s-](?:{numbers.WORDS}))?)"
_PEOPLE = re.compile(
    rf"\b{_COUNT}\s*(?:-|–)?\s*"
    r"(?:человек\w*|чел\b|сотрудник\w*|люд\w*|people|persons?|employees?|colleagues|staff|of us|folks)"
    rf"|\b(?:нас|there are|we are|we.re)\s+{_COUNT}\b(?!\s*[:.]\d)"
    r"|(?:человек|team of|about|around|примерно|около)\s+(\d{1,4})\b(?!\s*[:.]\d)",
    re.I,
)
_MONEY = re.compile(r"\d[\d ]*\s*(?:[₽$€£]|руб|roub|rub\b)")
_NOTE = re.compile(r"\[[^\]]*\]")
_ABOUT_A_MESSAGE = re.compile(r"\[(?:in reply to|edited|deleted)[^\]]*\]")
_LABEL = re.compile(r"\[(?P<kind>[^\],]+)[^\]]*\]")


URGENT = frozenset({Intent.DISTRESS, Intent.MINOR, Intent.OPT_OUT, Intent.ANGRY, Intent.HUMAN, Intent.DELETE})
_NO_DEAL = frozenset({Intent.TAKE, Intent.YES})


@lru_cache(maxsize=4096)
def intents(text: str) -> tuple[Intent, ...]:
    """What the text is about, most urgent first. Whoever orders the model about is not answered beside it, and a price
    of the person's own closes no deal."""
    found = tuple(intent for intent, pattern in _COMPILED.items() if pattern.search(text))
    if Intent.INJECTION in found:
        return tuple(one for one in found if one in URGENT or one is Intent.INJECTION)
    if Intent.OWN_PRICE in found:
        return tuple(one for one in found if one not in _NO_DEAL)
    return found


GRAVE = (Intent.DISTRESS, Intent.MINOR, Intent.OPT_OUT, Intent.BOT)
"""What is also heard in a thought that stands in several messages, and behind a slip of the finger."""
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
THOUGHT = 300
"""Characters that are looked through for slips, the last ones said: each word of them is read twice."""


def of_lines(lines: Sequence[str]) -> tuple[Intent, ...]:
    """What several messages are about, most urgent first."""
    found = {*intents("\n".join(lines)), *_grave(" ".join(lines)[-THOUGHT:])}
    return tuple(one for one in Intent if one in found)


@lru_cache(maxsize=4096)
def _grave(thought: str) -> tuple[Intent, ...]:
    readings = (thought, *_mended(thought))
    return tuple(one for one in GRAVE if any(map(_COMPILED[one].search, readings)))


def _mended(text: str) -> Iterator[str]:
    """The text as it may have been meant: two letters in the middle of a long word exchanged back."""
    for word in _LONG_WORD.finditer(text):
        middle = word.start() + len(word[0]) // 2
        yield f"{text[:middle]}{text[middle + 1]}{text[middle]}{text[middle + 2 :]}"


_NO_SIZE = frozenset({Intent.DISTRESS, Intent.MINOR, Intent.OWN_PRICE, Intent.INJECTION})
"""Beside these a bare number is no size of an office."""


def people(text: str, *, asked: bool) -> int | None:
    """How many people the text speaks of; ``asked``: a bare number counts, for that was the question."""
    text = _MONEY.sub(" ", text)
    if found := _PEOPLE.search(text):
        return numbers.first(found[1] or found[2] or found[3])
    if _NO_SIZE.intersection(intents(text)):
        return None
    a_phone = len(re.findall(r"\d+", text)) > 2
    return numbers.first(text) if asked and not a_phone else None


def machines(text: str, names: Sequence[str]) -> tuple[int, str | None] | None:
    """How many machines the text speaks of, and the one of the ``names`` that it says of them."""
    named = "|".join(re.escape(name) for name in names) or r"(?!)"
    count = rf"\b(\d{{1,2}}|{numbers.WORDS})\s+(?:(?:таких|such|коф\w*|coffee)\s*)?"
    found = re.search(rf"{count}\W?(?:({named})|машин\w*|machines?|штук\w*)(?:\W{{1,3}}({named}))?", text, re.I)
    if found is None:
        return None
    said = (found[2] or found[3] or "").casefold()
    return numbers.value(found[1]), next((name for name in names if name.casefold() == said), None)


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
