"""What a clause is about, among the things that terms are made for. A duration that stands in the facts for one of them
is no answer about another: six months of contract are no warranty of six months."""

from __future__ import annotations

import re
from collections.abc import Iterator

from salesbot.dialog.remembered import remembered

_TOPICS = {
    "outside": (
        r"за (?:пределами |пределы )?город(?:ом|а)?|за город|загород\w*|область|области|област\w*|outside|further out|"
        r"beyond the city|out of town|suburb\w*|пригород\w*|за мкад|\d+ (?:км|km|kms|километр\w*|kilomet\w+)"
    ),
    "city": r"город\w*|черт[аеы]|city|town",
    "delivery": (
        r"достав\w*|привез\w*|привоз\w*|завез\w*|завоз\w*|приезж\w+ машин\w*|отгру\w+|отправк\w*|курьер\w*|deliver\w*|"
        r"bring\w*|brought|ship\w*|courier|arriv\w*|"
        r"(?:be|(?:machine|it|one) is|machine|it|get|gets) "
        r"there|(?:it|machine) stands (?:there|here)|будет стоять|get it (?:here|to)|"
        r"have it (?:there|with you|at your|in your)|at your (?:office|place|door\w*)|dispatch\w*"
    ),
    "install": (
        r"устан\w+|установ\w*|монтаж\w*|монтир\w*|постав(?:им|ить|лю|ят|ка|ке|ку|ки)|став(?:им|ить|лю|ят|ится)|"
        r"запуст\w*|запуск\w*|подключ\w*|наладк\w*|install\w*|set(?:ting)?(?: (?!for|on|in|at)[^ ]+){0,3} up|"
        r"setup|mount\w*|fit(?:ted|ting)|up and running"
    ),
    "warranty": r"гаранти(?:я|и|ю|ей|йн\w*)|warrant\w*|(?:a|the|years?|months?|lifetime|with) guarantee",
    "contract": (
        r"договор\w*|контракт\w*|соглашени\w*|минимальн\w*|обязательств\w*|contract\w*|agreements?|commit\w*|minimum|"
        r"lease|tie-in|sign up|tied"
    ),
    "notice": (
        r"предупре\w+|предупрежд\w+|уведом\w+|расторг\w+|расторж\w+|прекра\w+|законч\w+|заверш\w+|выйти из|notice|"
        r"cancel\w*|terminat\w*|end(?:ing|s)? (?:it|the)|opt out|leave"
    ),
    "return": (
        r"возвра\w+|верн(?:уть|ут|ете|ем|ул\w*)|return\w*|refund\w*|money back|hand(?:ing)?(?: [^ ]+){0,3} back|"
        r"(?:give|giving|send|sending)(?: [^ ]+){0,3} back"
    ),
    "pickup": (
        r"забер\w*|забир\w*|вывез\w*|вывоз\w*|collect\w*|pick(?:ed|ing|s)?(?: [^ ]+){0,3} up|tak(?:e|es|"
        r"ing)(?: [^ ]+){0,2} (?:back|away)"
    ),
    "repair": (
        r"ремонт\w*|почин\w*|чин(?:им|ит|ят|ить)|мастер\w*|техник\w?|сервис\w*|слома\w+|полом\w*|неисправ\w*|выезд\w*|"
        r"визит\w*|вызов\w*|repair\w*|technicians?|engineers?|fix(?:es|ing)?|mend\w*|visit\w*|call-?outs?|brea?ks?|"
        r"broken|breakdown"
    ),
    "service": r"обслужив\w*|профилакт\w*|осмотр\w*|servic\w*|maintenance|check-ups?|check up|checkup|inspect\w*",
    "replace": (
        r"замен\w*|подмен\w*|replac\w*|substitut\w*|swap\w*|spare|"
        r"another (?:one|machine)|друг(?:ую|ая) машин[ау]"
    ),
    "trial": r"пробн\w*|проб[ауеы]|тест\w*|попроб\w+|испыта\w*|ознаком\w*|trial|tests?|testing|try\w*|tryout",
    "credit": (
        r"рассроч\w*|отсроч\w*|предоплат\w*|аванс\w*|кредит\w*|instal+ments?|prepa\w+|upfront|deferr\w*|credit|"
        r"in advance"
    ),
    "payment": r"оплат\w*|плат(?:ить|ите|им|еж\w*|ят|а|у|ы|ежи)|счет\w*|invoice\w*|pay\w*|bill\w*",
    "deposit": r"залог\w*|депозит\w*|deposits?",
    "price": (
        r"цен[аыеуой]{1,2}|стоимост\w*|тариф\w*|prices?|rates?|fixed|фиксир\w*|заморо\w*|неизменн\w*|подорож\w*|"
        r"frozen|lock\w*"
    ),
    "training": (
        r"объясн\w*|explain\w*|walk(?:ing)? (?:you|everyone|them|everybody) through|обуч\w*|научи\w*|показ(?:ыва\w*|"
        r"ать|ом)|покаж\w*|инструктаж\w*|train\w*|teach\w*|demonstrat\w*|show\w* (?:you|your|everyone|everything|"
        r"everybody|the|whoever|people|them|how)"
    ),
    "cleaning": r"чист\w*|ополаск\w*|мыть\w*|мойк\w*|мыт[ьоа]\w*|промыв\w*|уборк\w*|clean\w*|rins\w*|wash\w*",
    "hours": (
        r"работа(?:ем|ют|ет) |звон(?:им|ят)|график\w*|поддержк\w*|на связи|дежур\w*|support|open (?:from|until|till|"
        r"on|at|daily)|working hours|office hours|hotline"
    ),
    "storage": r"хран\w*|годност\w*|годен|shelf|keeps? fresh|storage",
    "grind": r"мел(?:ет|ют|ю)|помол\w*|grind\w*",
    "ownership": r"собственност\w*|выкуп\w*|purchase|ownership|is yours|to own|own it",
    "wait": r"срок\w*|ждать|ожида\w*|занима\w+|займет|уходит|уйдет|длит\w*|wait\w*|lead time|takes?|taking|lasts?",
}
_PATTERN = re.compile("|".join(rf" (?P<{name}>{words})(?= )" for name, words in _TOPICS.items()))
VAGUE = frozenset({"price", "wait", "payment"})
"""Said of anything: they tell that a duration is a term, but not of what."""


@remembered(512)
def topics(line: str) -> frozenset[str]:
    """Of a line as ``Span.line`` has it: single spaces, one at both ends."""
    return frozenset(_named(line))


def nearest(line: str) -> str:
    """The topic that is named last in a line."""
    *_, last = ("", *_named(line))
    return last


def _named(line: str) -> Iterator[str]:
    return (match.lastgroup or "" for match in _PATTERN.finditer(line))
