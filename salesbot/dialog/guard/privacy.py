"""Other people's data: numbers of phones and cards, and who else is a customer, lives or works where, said or asked what."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.guard import modality
from salesbot.dialog.guard.links import DIGITS, is_contact
from salesbot.dialog.guard.quantities import MONTHS_EN
from salesbot.dialog.guard.scene import Scene, Violation
from salesbot.dialog.guard.words import Kind, Span

_CALENDAR = frozenset("monday tuesday wednesday thursday friday saturday sunday english russian i vat ok").union(
    MONTHS_EN
)
_ROLE = re.compile(
    r" (?:клиент\w*|заказчик\w*|сосед\w*|директор\w*|бухгалтер\w*|секретар\w*|руководител\w*|начальни\w+|арендатор\w*|покупател\w*|знаком\w+|компани[яиюей]+|фирм\w+|ооо|зао|ао|ип|офис\w*"
    r"|clients?|customers?|neighbou?rs?|directors?|accountants?|secretar\w+|boss|tenants?|buyers?|friend|company|firm|ltd|inc|llc|gmbh|office manager|ceo|head of)(?= )"
)
_DATA = re.compile(
    r" (?:телефон\w*|номер\w*|почт\w*|адрес\w*|живет|живут|прожива\w+|паспорт\w*|карт[аыу]\w*|дн\w+ рождени\w*|зарплат\w*|инн|снилс|логин\w*|пароль|болеет|уволил\w*|долг\w*|задолж\w*|заболел\w*|договор с|переписк\w+|контакт\w*"
    r"|phones?|number|e-?mail|address|lives?|passport|card|birthday|salary|password|login|ill|debts?|owes?|overdue|contact details|contacts?|extension|mobile|cell)(?= )"
)
_DID = re.compile(
    r" (?:(?:взял|платит|плат[яи]т|заказал|снимает|аренду\w+|оплатил|подписал|выбрал|поставил|установил|перешл|отказал|жаловал|пожаловал|расторг|сказал|говорит|писал|написал|пишет|просил|звонил|дал|купил|пользу\w+|задолжал|спрашивал|работает|сидит|хвалит|остал|ушл)\w{0,4}"
    r"|(?:took|takes|pays|paid|ordered|rents?|rented|signed|chose|has|have|switched|refused|complained|cancell?ed|said|says|wrote|asked|told|gave|uses?|bought|works|lives|left|owes|picked|loves?|is happy|are happy|went))(?= )"
)


def others(scene: Scene, number: int) -> Iterator[Violation]:
    part, text = scene.reply.parts[number], scene.texts[number]
    if any(not _known_digits(scene, match[0]) for match in DIGITS.finditer(part) if is_contact(match[0])):
        yield Violation(
            "personal_data", "A number of a phone, card or account is neither in the facts nor the person's own."
        )
    for sentence in text.sentences:
        if (name := _named(scene, sentence)) is not None:
            yield Violation("personal_data", f"“{name}” is somebody else: say nothing about other people.")
            return


def _known_digits(scene: Scene, written: str) -> bool:
    """Compared by the last ten: a country's code is written in many ways."""
    digits = re.sub(r"\D", "", written)[-10:]
    said = [one.content for one in scene.history.messages if one.incoming]
    lines = (*said, scene.scenario.facts_text)
    return any(digits in re.sub(r"\D", "", line) for line in lines)


def _named(scene: Scene, sentence: Span) -> str | None:
    """A name of somebody whom neither the facts nor the chat know, of whom something is told."""
    if modality.denies(sentence.line):
        return None
    for first, last in _names(scene, sentence):
        name = " ".join(one.text for one in sentence.text.tokens[first:last])
        if _addressed(sentence, first, last):
            continue
        if last - first > 1 or _ROLE.search(sentence.line) or _DATA.search(sentence.line) or _DID.search(sentence.line):
            return name
    return None


def _names(scene: Scene, sentence: Span) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words that are not known; at a sentence's beginning only two in a row are taken for a name."""
    tokens, start = sentence.text.tokens, None
    for at in range(sentence.first, sentence.last + 1):
        fits = at < sentence.last and tokens[at].is_word and tokens[at].capital and _unknown(scene, tokens[at].norm)
        if fits and start is None:
            start = at
        elif not fits and start is not None:
            if start > sentence.first or at - start > 1:
                yield start, at
            start = None


def _unknown(scene: Scene, word: str) -> bool:
    return (
        len(word) > 1
        and word not in _CALENDAR
        and word not in scene.names
        and not any(known.startswith(word[: max(3, len(word) - 2)]) for known in scene.told_words | scene.fact_words)
    )


def _addressed(sentence: Span, first: int, last: int) -> bool:
    """Between commas or at an end: the person is called by their name."""
    before, after = sentence.text.norm(first - 1), sentence.text.norm(last)
    opens = first == sentence.first or before in (",", "!", "—")
    greets = first - sentence.first <= 2 and sentence.text.tokens[sentence.first].kind is Kind.WORD
    closes = after in (",", "!", ".", "?", "") or last == sentence.last
    return closes and (opens or greets) and last - first <= 2
