"""Who plays in a rehearsal: the mix, the adversaries, and people who stay the same whatever they are sold."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from salesbot.dialog.scenario import Fact, FactKind, Price, Scenario
from salesbot.dialog.timezones import of_phone
from salesbot.rehearsal.cast import EVER, PLACES, cast, kinds
from salesbot.rehearsal.profile import ADVERSARIES, MIX, Habit, Kind, Profile
from salesbot.rehearsal.roles import DOUBTS
from salesbot.scenarios.load import load

SEED = 7


@pytest.fixture(scope="module")
def sales() -> Scenario:
    return load("sales")


@pytest.fixture(scope="module")
def crowd(sales: Scenario) -> tuple[Profile, ...]:
    return cast(200, SEED, sales)


@pytest.mark.parametrize(
    ("customers", "mix", "adversaries"),
    [
        (1, {"hot": 1}, 8),
        (3, {"hot": 1, "lukewarm": 1, "cold": 1}, 8),
        (10, {"hot": 1, "warm": 1, "lukewarm": 3, "cold": 4, "hostile": 1}, 8),
        (50, {"hot": 2, "warm": 6, "lukewarm": 17, "cold": 20, "hostile": 5}, 8),
        (100, {"hot": 3, "warm": 12, "lukewarm": 35, "cold": 40, "hostile": 10}, 15),
        (200, {"hot": 6, "warm": 24, "lukewarm": 70, "cold": 80, "hostile": 20}, 30),
    ],
)
def test_the_mix_is_kept_and_the_adversaries_come_on_top(customers: int, mix: dict[str, int], adversaries: int) -> None:
    cast = kinds(customers)
    assert Counter(kind.value for kind in cast if kind in MIX) == mix
    assert sum(kind in ADVERSARIES for kind in cast) == adversaries
    assert set(ADVERSARIES) <= set(cast)


@pytest.mark.parametrize("customers", range(1, 120))
def test_any_number_of_customers_is_dealt_out_to_the_last(customers: int) -> None:
    mix = [kind for kind in kinds(customers) if kind in MIX]
    assert len(mix) == customers
    assert Kind.HOT in mix
    among = Counter(kind for kind in kinds(customers) if kind in ADVERSARIES)
    assert max(among.values()) - min(among.values()) <= 1


def test_the_same_seed_gives_the_same_people_and_another_one_others(
    sales: Scenario, crowd: tuple[Profile, ...]
) -> None:
    assert cast(200, SEED, sales) == crowd
    others = cast(200, SEED + 1, sales)
    assert [one.kind for one in others] == [one.kind for one in crowd]
    assert sum(one.person == other.person for one, other in zip(crowd, others, strict=True)) < 40


def test_the_people_are_these_on_every_machine(sales: Scenario) -> None:
    """What the hash decides must not change unnoticed: reports of different days are compared."""
    told = [(one.name, one.timezone, one.size, one.budget, one.patience) for one in cast(3, SEED, sales)[:3]]
    assert told == [
        ("polina-hot", "Asia/Yekaterinburg", 40, 20000, 11),
        ("felix-lukewarm", "Europe/Berlin", 50, 24000, 7),
        ("aigul-cold", "Europe/Moscow", 4, 5600, 1),
    ]


def test_a_person_is_the_same_for_every_scenario(sales: Scenario, crowd: tuple[Profile, ...]) -> None:
    elsewhere = replace(sales, name="other", timezone="Asia/Tokyo", languages=("en",), goal="something else")
    for one, other in zip(crowd, cast(200, SEED, elsewhere), strict=True):
        assert other.language == "en"
        assert replace(other, language=one.language, person=one.person, need=one.need, phone=one.phone) == one


def test_names_are_unique_and_the_second_of_a_name_is_numbered(crowd: tuple[Profile, ...]) -> None:
    names = [one.name for one in crowd]
    assert len(set(names)) == len(names)
    assert any(name.endswith("-2") for name in names)
    assert all(name.isascii() and name.split("-")[1] == one.kind for name, one in zip(names, crowd, strict=True))


def test_both_languages_are_spoken_under_names_in_their_letters(crowd: tuple[Profile, ...]) -> None:
    spoken = Counter(one.language for one in crowd)
    assert set(spoken) == {"ru", "en"}
    assert min(spoken.values()) > len(crowd) // 4
    assert all(one.person.isascii() is (one.language == "en") for one in crowd)
    assert all(one.need.isascii() is (one.language == "en") for one in crowd if one.need)


def test_a_language_that_has_no_lines_of_its_own_is_that_of_the_scenario(sales: Scenario) -> None:
    german = cast(5, SEED, replace(sales, languages=("de",)))
    assert {one.language for one in german} == {"de"}
    assert all(one.person.isascii() for one in german)


@pytest.mark.parametrize(
    ("zone", "begins", "digits"), sorted({place for places in PLACES.values() for place in places})
)
def test_a_telephone_number_tells_where_somebody_lives(zone: str, begins: str, digits: int) -> None:
    last = 10**digits - 1
    assert {of_phone(f"{begins}{number:0{digits}}") for number in (0, 1, last // 2, last)} == {zone}


def test_a_number_is_hidden_only_where_the_scenario_knows_the_hour_anyway(
    sales: Scenario, crowd: tuple[Profile, ...]
) -> None:
    hidden = [one for one in crowd if not one.phone]
    assert hidden
    assert {one.timezone for one in hidden} == {sales.timezone}
    assert all(of_phone(one.phone) == one.timezone for one in crowd if one.phone)
    assert len({one.timezone for one in crowd}) > 5


def test_everybody_is_plausible(sales: Scenario, crowd: tuple[Profile, ...]) -> None:
    plans = {10: 4900, 30: 8900, 80: 15900}
    for one in crowd:
        assert one.objection in {"", *DOUBTS}
        assert 0 <= one.trust <= 1
        assert one.patience >= 1
        assert one.size <= 80
        if one.kind in (Kind.HOT, Kind.WARM):
            assert one.need
            assert one.budget >= next(price for most, price in plans.items() if one.size <= most), one
        if one.kind is Kind.MACHINE:
            assert (one.patience, one.habits) == (EVER, frozenset())
    assert {habit for one in crowd for habit in one.habits} == set(Habit)
    assert max(one.budget for one in crowd if one.kind is Kind.HAGGLER) < 15900


def test_a_purse_is_filled_in_the_scenarios_currency_and_knows_none_of_its_prices(
    sales: Scenario, crowd: tuple[Profile, ...]
) -> None:
    def priced(*amounts: int, currency: str) -> Scenario:
        prices = [Price(Decimal(amount), currency, "month") for amount in amounts]
        facts = [Fact(str(number), FactKind.PRICE, {}, price=price) for number, price in enumerate(prices)]
        return replace(sales, facts=tuple(facts))

    euros = cast(200, SEED, priced(49, currency="EUR"))
    assert all(one.budget <= 500 for one in euros)
    known = sorted({one.budget for one in crowd if one.budget})
    assert not {one.budget for one in cast(200, SEED, priced(*known, currency="RUB"))} & set(known)
