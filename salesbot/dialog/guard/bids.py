"""The person's own figures that mean money: what they bid, can get approved, or told as somebody else's price."""

from __future__ import annotations

import re
from decimal import Decimal

from salesbot.dialog.guard import elsewhere, thousands
from salesbot.dialog.guard.quantities import What
from salesbot.dialog.guard.scene import Scene, Use
from salesbot.dialog.guard.thousands import LARGE
from salesbot.dialog.guard.words import has, phrases

PRICED = phrases(r"""
    цен[аыеуой]{1,2}|ценник\w*|ценой|стои\w*|стоимост\w*|обойд\w*|обход\w*|выйдет|выходит|вышло|плат\w+|заплат\w+
    отда\w+|прода\w+|уступ\w+|сойд\w+|сторгу\w+|сумм\w+|чек|счет\w*|бюджет\w*|дешевле|дороже|скин\w+|скид\w+
    сброс\w+|тариф\w*|договоримся|договорились|договоримся|итого|всего за|по рукам|согласн\w+|идет|costs?|costing
    priced?|prices|pricing|pays?|paying|paid|charge\w*|sell\w*|fees?|budget|cheaper|deals?|rates?|bills?|quoted?
    come down|knock\w*|total|totals|yours|agreed|settle|tariff|plan is|plan at
""")


def bids(scene: Scene, value: Decimal, use: Use) -> bool:
    """Whether the person used a number as a price: with a currency, as ``8k``, or in words of bargaining."""
    if use.what is What.MONEY:
        return True
    appointed = use.appointed and not any(f" {name} " in use.line for name in scene.facts.names)
    bare = use.what is What.BARE or (use.what is What.COUNT and IDLE.fullmatch(use.after))
    if not bare or appointed or _LABELS.search(_ON_FLOOR.sub(" ", use.line) if value >= LARGE else use.line):
        return False
    if _is_hour(value, use):
        return False
    if value < LARGE / 10 and (HEADS.search(use.line) or not thousands.may_be(scene, value)):
        return False
    if value % 1 and value < LARGE and _of_money(scene):
        return True
    if value < LARGE / 10 and _answers_a_price(scene, use):
        return True
    if use.alone or use.before in _FOR_IT or PRICED.search(use.line) or BARGAINS.search(use.line):
        return True
    barely = use.before in _BARELY or (value < _FARTHEST * scene.dearest and _of_money(scene))
    large = use.scaled or (value >= LARGE and not 1900 <= value <= 2100 and barely)
    return large and not HEADS.search(use.line)


def _answers_a_price(scene: Scene, use: Use) -> bool:
    """Whether it is all that they say to a price that we have just told: ``12, period``."""
    if use.what is not What.BARE or not scene.quoted or len(use.line.split()) > BRIEF:
        return False
    if _MEETS.search(use.line) or thousands.OF_PEOPLE.search(use.line):
        return False
    return any(use is each for line in scene.asked for _, each in line.uses)


BRIEF = 4
"""Words of a clause that says hardly more than a number."""
_FARTHEST = 10
"""So many times our dearest price no person's figure is one."""
IDLE = re.compile(
    r"\w{2,}(?:ed|ly)|today|tonight|tomorrow|left|now|monthly|here|there|all|altogether|available|right|good|fine|ok|"
    r"okay|from|after|before|between|would|could|should|or|because|while|when|unless|sounds|works|"
    r"сегодня|завтра|сейчас|осталось|остается|есть|всего|пока|нормально|реально|ежемесячно|отлично|можно|нужно"
)
"""What stands behind a number and is nothing that one counts."""
_ON_FLOOR = re.compile(r" floor(?= )")
"""No house has a thousand of them."""


def _is_hour(value: Decimal, use: Use) -> bool:
    """``Давайте в 12``: English says prices like that unless it is for a call, Russian only with a word for it."""
    if value > 24:
        return False
    if use.before == "at":
        return _MEETS.search(use.line) is not None
    return use.before in ("в", "во", "к", "ко") and not _FITS.search(use.line)


_MEETS = phrases(r"""
    call|ring|phone|meet|talk|speak|chat|reach me|free|available|after|before|until|till
    \w*звон\w*|набер\w*|набир\w*|встре\w*|поговор\w*|свобод\w*|после|до|с
""")
_FITS = phrases(
    r"впис\w+|впиш\w+|улож\w+|влез\w+|обойд\w+|цен\w+|стои\w+|бюджет\w*|выйдет|руб\w*|тысяч\w*|сделаете|сможете"
)


def told(value: Decimal, use: Use) -> bool:
    """Whether the person told a number as somebody else's price."""
    if use.what not in (What.BARE, What.COUNT) or value < LARGE or 1900 <= value <= 2100:
        return False
    if use.what is What.COUNT and not elsewhere.OTHERS.search(f" {use.after} "):
        return False
    return bool(elsewhere.OTHERS.search(use.line)) and not (
        _LABELS.search(use.line) or (HEADS.search(use.line) and not elsewhere.PAID.search(use.line))
    )


_LABELS = phrases(r"""
    номер\w*|код\w*|инн|огрн|кпп|комнат\w*|кабинет\w*|офис|добавочный|заказ\w*|дом|number|no|code|room|ext|extension
    id|po|unit|suite|floor|order
""")
"""What numbers are also given to."""
_BARELY = frozenset(
    "do pay is to about around then just only at say make ровно только тогда давайте до около пусть пускай".split()
) | {"", ",", "."}
"""What stands before an amount, and hardly before the number of a room."""
_FOR_IT = frozenset("за for at".split())
HEADS = phrases(r"""
    нас|человек\w*|сотрудник\w*|людей|коллектив\w*|штат\w*|мы|of us|we're|we are|people|staff|employees|heads
    headcount|team of
""")
BARGAINS = phrases(r"""
    максимум|потолок|не больше|больше не|дадут|дам|дадим|даю|предлагаю|предложу|готов\w*|могу|потян\w+|хватит
    вписа\w+|уложи\w+|влез\w+|по рукам|берем|беру|возьм\w+|каждая|штука|each|apiece|устроит|пойдет|прокатит|давайте
    или|max|maximum|tops|at most|no more than|sign|stretch|acceptable|offer|afford|would|could you do|can you do
    do it for|make it|take it|limit|ceiling|how about|what about|call it|round it
    (?:go|come|get|drop|down) to
""")


def _of_money(scene: Scene) -> bool:
    """Whether this is a talk about money: we told a price in it, or they spoke of one."""
    return scene.priced or any(has(line.text.whole, PRICED) for line in scene.heard)
