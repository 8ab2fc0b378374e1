"""Other people's data: numbers of phones and cards, and who else is a customer, works where, said or asked what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.guard import modality
from salesbot.dialog.guard.links import contacts
from salesbot.dialog.guard.quantities import MONTHS_EN, Quantity, What, quantities, within
from salesbot.dialog.guard.scene import Scene, Violation, describe
from salesbot.dialog.guard.words import Kind, Span, Text, Token, has, phrases

_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun christmas"
    " easter new year english russian i vat ok mr mrs ms dr street road".split()
).union(MONTHS_EN)
_ROLE = phrases(r"""
    клиент\w*|заказчик\w*|сосед\w*|директор\w*|бухгалтер\w*|секретар\w*|руководител\w*|начальни\w+|арендатор\w*
    покупател\w*|знаком\w+|компани[яиюей]+|фирм\w+|ооо|зао|ао|ип|офис\w*|clients?|customers?|neighbou?rs?|directors?
    accountants?|secretar\w+|boss|tenants?|buyers?|friend|company|firm|ltd|inc|llc|gmbh|office manager|ceo|head of
""")
_DATA = phrases(r"""
    телефон\w*|номер\w*|почт\w*|адрес\w*|живет|живут|прожива\w+|паспорт\w*|карт[аыу]\w*|дн\w+ рождени\w*|зарплат\w*
    инн|снилс|логин\w*|пароль|болеет|уволил\w*|долг\w*|задолж\w*|заболел\w*|договор с|переписк\w+|контакт\w*|phones?
    number|e-?mail|address|lives?|passport|card|birthday|salary|password|login|ill|debts?|owes?|overdue
    contact details|contacts?|extension|mobile|cell
""")
_DID = re.compile(
    r"взял\w*|плат[ия]т|заказал\w*|снимает|арендует|оплатил\w*|подписал\w*|выбрал\w*|поставил\w*|установил\w*|"
    r"переш\w+|отказал\w*|пожаловал\w*|расторг\w*|сказал\w*|говорит|писал\w*|написал\w*|просил\w*|звонил\w*|"
    r"купил\w*|пользуется|пользуются|задолжал\w*|спрашивал\w*|работает|хвалит|остал\w+|ушл\w+|ушел|took|takes|"
    r"pays|paid|ordered|rents?|rented|signed|chose|switched|refused|complained|cancell?ed|said|says|wrote|asked|"
    r"told|gave|uses?|bought|works|lives|left|owes|picked|loves?"
)
"""What is told of somebody, right behind the name."""


def others(scene: Scene, number: int) -> Iterator[Violation]:
    part, text = scene.reply.parts[number], scene.texts[number]
    if any(not _known_digits(scene, part[first:last]) for first, last in contacts(part)):
        yield Violation(
            "personal_data", "A number of a phone, card or account is neither in the facts nor the person's own."
        )
    for sentence in text.sentences:
        if (name := _named(scene, sentence)) is not None:
            yield Violation("personal_data", f"“{name}” is somebody else: say nothing about other people.")
            return


MANY = 20
"""From so many on, offices and machines are others' as well."""
_CUSTOMERS = re.compile(r"клиент\w*|заказчик\w*|покупател\w*|подписчик\w*|clients?|customers?|subscribers?|tenants?")
_COMPANIES = re.compile(
    r"офис\w*|компани\w+|фирм\w*|организаци\w+|предприяти\w+|команд\w*|бизнес\w*|отзыв\w*|машин\w*|аппарат\w*|город\w*|"
    r"offices?|compan(?:y|ies)|firms?|businesses|organi[sz]ations?|teams|reviews?|machines|cities|towns|installations?"
)
_USES_US = phrases(r"""
    уже|пользу\w+|доверя\w+|с нами|выбрал\w*|постав\w+|стоят|стоит|обслужива\w+|наших|нам|по (?:городу|стране)
    работаем с|заботимся|ведем|снабжа\w+|поим|already|use|uses|using|trust\w*|chose|chosen|with us|served?|serving|rely
    rent|run|running|ours|our|across|so far|on our books
    we (?!can|could|will|would)(?:[^ ]+ )?(?:look|looking) after
    we (?!can|could|will|would)(?:[^ ]+ )?(?:work with|take care of|care for|supply)
""")


def boasts(scene: Scene, text: Text) -> Iterator[Violation]:
    for one in quantities(text):
        if _boasts(scene, text, one):
            yield Violation("number", f"The facts do not say that there are {describe(one)} {one.unit}.")


def _boasts(scene: Scene, text: Text, one: Quantity) -> bool:
    """Whether it counts customers of ours, or machines and offices that are so many that they must be ours."""
    if one.what is not What.COUNT or one.value < 2 or text.sentence(one.first).asks:
        return False
    if one.value in scene.theirs or one.value in scene.derived or one.value in scene.factors:
        return False
    if modality.denies(text.thought(one.first).gist):
        return False
    noun = text.norm(one.last) if one.unit == "of" else one.unit
    if _CUSTOMERS.fullmatch(noun):
        return True
    return _COMPANIES.fullmatch(noun) is not None and one.value >= MANY and has(text.clause(one.first), _USES_US)


def _known_digits(scene: Scene, written: str) -> bool:
    """Compared by the last ten: a country's code is written in many ways."""
    digits = re.sub(r"\D", "", written)[-10:]
    said = [one.content for one in scene.history.messages if one.incoming]
    lines = (*said, scene.scenario.facts_text)
    return any(digits in re.sub(r"\D", "", line) for line in lines)


def _named(scene: Scene, sentence: Span) -> str | None:
    """A name of somebody whom neither the facts nor the chat know, of whom something is told."""
    if modality.denies(sentence.gist):
        return None
    tokens = sentence.text.tokens
    for first, last in _names(scene, sentence):
        if _addressed(sentence, first, last) or (last - first == 1 and sentence.text.norm(first - 1) in _OPENING):
            continue
        after = sentence.text.norm(last)
        beside = f" {' '.join(sentence.text.norm(at) for at in range(first - 3, last + 3) if not first <= at < last)} "
        told = (
            after in _BESIDE
            or _DID.fullmatch(after)
            or _DID.fullmatch(sentence.text.norm(first - 1))
            or _ROLE.search(beside)
            or _DATA.search(beside)
        )
        if last - first > 1 or told or first == sentence.first:
            return " ".join(one.text for one in tokens[first:last])
    return None


def _names(scene: Scene, sentence: Span) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words that are not known. The first word of a sentence has its capital from there."""
    tokens, start = sentence.text.tokens, None
    for at in range(sentence.first + 1, sentence.last + 1):
        fits = at < sentence.last and _is_name(scene, tokens[at])
        if fits and start is None:
            start = at
        elif not fits and start is not None:
            opening = start == sentence.first + 1 and _is_name(scene, tokens[sentence.first])
            opening = opening and not _COMMON.fullmatch(tokens[sentence.first].norm)
            yield (sentence.first if opening else start), at
            start = None
    if sentence.first + 1 < sentence.last and _is_name(scene, tokens[sentence.first]):
        after = tokens[sentence.first + 1].norm
        does = any(_DID.fullmatch(word) for word in sentence.words[1:])
        common = _COMMON.fullmatch(tokens[sentence.first].norm) or _takes_time(sentence)
        if (_DID.fullmatch(after) or (does and after in _AT)) and not common:
            yield sentence.first, sentence.first + 1


def _takes_time(sentence: Span) -> bool:
    """``Training takes twenty minutes``: what takes so long is a thing that is done, and nobody."""
    if sentence.text.norm(sentence.first + 1) != "takes":
        return False
    lasts = next((one for one in within(sentence) if one.what is What.DURATION), None)
    return lasts is not None and lasts.first - sentence.first <= 4


_OPENING = frozenset(':“"«„—–-(…')
"""Behind these a capital may begin a sentence."""
_BESIDE = frozenset("уже тоже из already from next also".split())
_AT = frozenset("in on at с на в от".split())
_COMMON = re.compile(
    r"кто|все|мастер|коллега|он|она|они|машина|клиент\w*|человек|\w*(?:ам|ем|им|ет|ит|ут|ют|ат|ят|ла|ли|но|о|е|у)|"
    r"who|he|she|it|they|everybody|everyone|somebody|nobody|you|i|we|not|also|that|this|what|both|each|people|"
    r"\w+s|\w+ly|\w{4,}(?:tion|ment|ness)"
)


def _is_name(scene: Scene, token: Token) -> bool:
    plain = token.is_word and token.capital and not token.text.isupper() and not token.norm.startswith("i'")
    return plain and _unknown(scene, token.norm)


def _unknown(scene: Scene, word: str) -> bool:
    word = word.removesuffix("'s")
    stem = word[: max(4, len(word) - 2)]
    return (
        len(word) > 1
        and word not in _CALENDAR
        and word not in scene.names
        and f" {stem}" not in scene.facts.lines
        and f" {stem}" not in scene.told
    )


def _addressed(sentence: Span, first: int, last: int) -> bool:
    """Between commas or at an end: the person is called by their name."""
    before, after = sentence.text.norm(first - 1), sentence.text.norm(last)
    opens = first == sentence.first or before in (",", "!", "—")
    greets = first - sentence.first <= 2 and sentence.text.tokens[sentence.first].kind is Kind.WORD
    closes = after in (",", "!", ".", "?", "") or last == sentence.last
    return closes and (opens or greets) and last - first <= 2
