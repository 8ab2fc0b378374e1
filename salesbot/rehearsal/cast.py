"""Who plays in a rehearsal: so many customers of the mix, and the adversaries on top of them. Pure.

A person is decided by the seed and their number alone: the same one in every repeat and for every scenario, so that
two scenarios can be compared person by person. What the scenario does decide is what it takes to talk to them at all:
which of its languages they speak, and the currency they count in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from salesbot.dialog.scenario import Scenario
from salesbot.rehearsal.chance import Chance, between, chance, one_of
from salesbot.rehearsal.profile import ADVERSARIES, ADVERSARIES_SHARE, MIX, Habit, Kind, Profile

RUSSIAN = """
    anna/Анна/Anna oleg/Олег/Oleg maria/Мария/Maria dmitry/Дмитрий/Dmitry elena/Елена/Elena sergey/Сергей/Sergey
    olga/Ольга/Olga andrey/Андрей/Andrey natalia/Наталья/Natalia pavel/Павел/Pavel irina/Ирина/Irina ilya/Илья/Ilya
    tatiana/Татьяна/Tatiana nikita/Никита/Nikita yulia/Юлия/Yulia roman/Роман/Roman svetlana/Светлана/Svetlana
    timur/Тимур/Timur ksenia/Ксения/Ksenia artem/Артём/Artem polina/Полина/Polina viktor/Виктор/Viktor
    aigul/Айгуль/Aigul kirill/Кирилл/Kirill vera/Вера/Vera ruslan/Руслан/Ruslan
""".split()
ENGLISH = """
    emily/Эмили/Emily james/Джеймс/James sophie/Софи/Sophie daniel/Дэниел/Daniel grace/Грейс/Grace oliver/Оливер/Oliver
    hannah/Ханна/Hannah lucas/Лукас/Lucas chloe/Хлоя/Chloe ethan/Итан/Ethan priya/Прия/Priya marcus/Маркус/Marcus
    laura/Лора/Laura kevin/Кевин/Kevin amelia/Амелия/Amelia thomas/Томас/Thomas nora/Нора/Nora simon/Саймон/Simon
    claire/Клэр/Claire adam/Адам/Adam zoe/Зои/Zoe felix/Феликс/Felix ruth/Рут/Ruth henry/Генри/Henry
""".split()
"""Their model's name, and how Telegram shows them in Cyrillic and in Latin letters."""

PLACES = {
    "ru": (
        ("Europe/Moscow", "7495000", 4), ("Europe/Moscow", "7499000", 4), ("Europe/Moscow", "7495000", 4),
        ("Asia/Yekaterinburg", "7343000", 4), ("Asia/Novosibirsk", "7383000", 4), ("Asia/Vladivostok", "7423000", 4),
    ),
    "en": (
        ("Europe/London", "442079460", 3), ("Europe/London", "441614960", 3), ("America/New_York", "121255501", 2),
        ("America/Los_Angeles", "131055501", 2), ("Europe/Berlin", "493023125", 3), ("Australia/Sydney", "6125550", 4),
    ),
}  # fmt: skip
"""Timezone, the beginning of a telephone number that tells it, and how many digits follow. The numbers are those kept
for fiction (London, Manchester, North America, Berlin, Sydney), or lie in exchanges that are not given out (Russia)."""
RUSSIANS = 0.6
"""Share of those whose own language is Russian, where the scenario speaks it."""
HIDDEN = 0.5
"""Share of those who do not show their number, among people who live where the scenario guesses them anyway."""

NEEDS = {
    "ru": (
        "Важно, чтобы обслуживание и ремонт были не на нас.",
        "Хочется, чтобы в офисе всем нравилось, а то жалуются.",
        "Главное, чтобы выходило недорого и без сюрпризов в счетах.",
        "Нужно что-то надёжное: то, что есть, постоянно ломается.",
        "Мы переезжаем в новый офис и всё обставляем заново.",
        "Хотим, чтобы было не стыдно перед гостями и клиентами.",
    ),
    "en": (
        "Service and repairs should not be our headache.",
        "People in the office complain, so it should be something everybody likes.",
        "It must be affordable, and no surprises on the invoice.",
        "We need something reliable: what we have keeps breaking.",
        "We are moving to a new office and setting it up from scratch.",
        "We want something we need not be ashamed of when guests come.",
    ),
}
"""Whatever is sold; in English for those who speak neither."""

UNITS: Mapping[str, float] = {"RUB": 1, "USD": 0.011, "EUR": 0.01, "GBP": 0.009, "KZT": 6, "BYN": 0.035}
"""What a rouble is, roughly, so that a purse is filled alike in any currency; one that is not here counts as euros."""
BASE, PER_HEAD = 6500, 310
"""Roubles a month that somebody thinks fair for so many people."""
SIZES = (3, 75)


@dataclass(frozen=True, slots=True)
class Manner:
    """What all customers of one kind have in common: the ranges that their traits are drawn from."""

    patience: tuple[int, int]
    trust: tuple[float, float]
    budget: tuple[float, float] = (0, 0)
    """As a share of what they think fair."""
    objections: tuple[str, ...] = ("",)
    needs: bool = False
    size: bool = True


EVER = 999
DOUBTS = ("expensive", "have", "think", "no_room", "contract")
MANNERS = {
    Kind.HOT: Manner((10, 14), (0.8, 1.0), (1.0, 1.6), needs=True),
    Kind.WARM: Manner((8, 12), (0.6, 0.85), (1.0, 1.4), ("expensive", "have", "no_room", "contract"), needs=True),
    Kind.LUKEWARM: Manner((5, 8), (0.35, 0.6), (0.6, 1.2), DOUBTS, needs=True),
    Kind.COLD: Manner((1, 3), (0.1, 0.3), (0.3, 0.8), ("", "have", "no_room")),
    Kind.HOSTILE: Manner((2, 4), (0.0, 0.1)),
    Kind.HAGGLER: Manner((6, 9), (0.4, 0.6), (0.06, 0.4), ("expensive",), needs=True),
    Kind.INJECTOR: Manner((4, 7), (0.1, 0.4)),
    Kind.DOUBTER: Manner((5, 8), (0.3, 0.5), (0.9, 1.3), ("", "think"), needs=True),
    Kind.LEAVER: Manner((3, 4), (0.1, 0.3)),
    Kind.PROBER: Manner((4, 6), (0.1, 0.4)),
    Kind.MACHINE: Manner((EVER, EVER), (0.5, 0.5), size=False),
    Kind.MINOR: Manner((4, 6), (0.7, 1.0), size=False),
    Kind.DISTRESSED: Manner((4, 6), (0.3, 0.7), size=False),
}
HABITS = {Habit.FRAGMENTS: 0.25, Habit.VOICE: 0.12, Habit.NIGHT_OWL: 0.12, Habit.SILENT: 0.15, Habit.EDITS: 0.15}
"""Share of people who have each."""


def cast(customers: int, seed: int, scenario: Scenario) -> tuple[Profile, ...]:
    """So many customers, the mix first and in its order, then the adversaries: by number, from 1."""
    names: Counter[str] = Counter()
    return tuple(_profile(number, kind, seed, scenario, names) for number, kind in enumerate(kinds(customers), 1))


def kinds(customers: int) -> tuple[Kind, ...]:
    """The kinds of so many customers, by the largest remainder, with the adversaries behind them."""
    mix = _shared(customers, MIX)
    if not mix[Kind.HOT] and customers:
        mix[max(mix, key=lambda kind: mix[kind])] -= 1
        mix[Kind.HOT] = 1
    adversaries = max(len(ADVERSARIES), (customers * ADVERSARIES_SHARE + 50) // 100)
    among = _shared(adversaries, dict.fromkeys(ADVERSARIES, 1))
    return tuple(kind for counts in (mix, among) for kind, count in counts.items() for _ in range(count))


def _shared(total: int, weights: Mapping[Kind, int]) -> dict[Kind, int]:
    """The total in whole shares; what rounding leaves goes to the largest remainders, the first of equals."""
    whole = sum(weights.values())
    shares = {kind: total * weight // whole for kind, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda kind: -(total * weights[kind] % whole))
    for kind in by_remainder[: total - sum(shares.values())]:
        shares[kind] += 1
    return shares


def _profile(number: int, kind: Kind, seed: int, scenario: Scenario, names: Counter[str]) -> Profile:
    draw, manner = partial(chance, seed, number), MANNERS[kind]
    native = "ru" if draw("language") < RUSSIANS else "en"
    language = native if native in scenario.languages else scenario.languages[0]
    slug, cyrillic, latin = one_of(RUSSIAN if native == "ru" else ENGLISH, draw("name")).split("/")
    names[f"{slug}-{kind}"] += 1
    count = names[f"{slug}-{kind}"]
    timezone, begins, digits = one_of(PLACES[native], draw("place"))
    hides = timezone == scenario.timezone and draw("hides") < HIDDEN
    size = int(between(*SIZES, draw("size") ** 1.5)) if manner.size else 0
    return Profile(
        number=number,
        name=f"{slug}-{kind}" if count == 1 else f"{slug}-{kind}-{count}",
        kind=kind,
        person=cyrillic if language == "ru" else latin,
        language=language,
        timezone=timezone,
        phone="" if hides else f"{begins}{number % 10**digits:0{digits}}",
        need=one_of(NEEDS.get(language, NEEDS["en"]), draw("need")) if manner.needs else "",
        size=size,
        budget=_budget((BASE + PER_HEAD * size) * between(*manner.budget, draw("budget")), scenario),
        patience=round(between(*manner.patience, draw("patience"))),
        trust=round(between(*manner.trust, draw("trust")), 2),
        objection=one_of(manner.objections, draw("objection")),
        habits=frozenset(_habits(kind, draw)),
    )


def _budget(roubles: float, scenario: Scenario) -> int:
    """A round sum in the scenario's currency that is none of its prices: nobody's purse knows the price list."""
    listed = [fact.price for fact in scenario.facts if fact.price]
    unit = UNITS.get(listed[0].currency, UNITS["EUR"]) if listed else 1
    budget = int(float(f"{roubles * unit:.2g}"))
    return budget - 1 if budget in {price.amount for price in listed} else budget


def _habits(kind: Kind, draw: Chance) -> Iterator[Habit]:
    if kind is not Kind.MACHINE:
        yield from (habit for habit, share in HABITS.items() if draw(habit.value) < share)
