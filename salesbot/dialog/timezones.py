"""In which timezone a person lives, guessed from the little that is known of them; nothing is stored.

The surest comes first: what the operator set, what they said, their telephone number, the language of their Telegram,
the scenario. A guess that several zones share counts only if those zones show the same time all year, or if nearly
everybody of that country lives in one of them: an hour too early is worse than the scenario's own timezone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from salesbot.dialog.model import FieldKind
from salesbot.dialog.scenario import Scenario
from salesbot.dialog.timing import known_zone

FIELDS = ("timezone", "time_zone", "tz", "city")
"""Fields that may hold a timezone. Its IANA name or an offset counts; a place is not looked up in any map."""

OFFSET = re.compile(
    r"(?:(?P<base>utc|gmt|мск|msk)\s*)?(?:(?P<sign>[+\-−–])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?)?",
    re.IGNORECASE,
)
MOSCOW = timedelta(hours=3)
BROKEN_OFFSETS = {
    (3, 30): "Asia/Tehran",
    (4, 30): "Asia/Kabul",
    (5, 30): "Asia/Kolkata",
    (5, 45): "Asia/Kathmandu",
    (6, 30): "Asia/Yangon",
    (8, 45): "Australia/Eucla",
    (9, 30): "Australia/Darwin",
    (-9, -30): "Pacific/Marquesas",
}
"""Places without daylight saving for the offsets (hours, minutes) that the Etc zones do not have."""

HOME = {
    "CN": "Asia/Shanghai",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "GB": "Europe/London",
    "GG": "Europe/London",
    "KZ": "Asia/Almaty",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "CL": "America/Santiago",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
"""Where nine in ten people of a country with several zones live. In Russia, Brazil and the like: nowhere."""

LANGUAGES = {
    "az": "Asia/Baku",
    "be": "Europe/Minsk",
    "bg": "Europe/Sofia",
    "cs": "Europe/Prague",
    "da": "Europe/Copenhagen",
    "de": "Europe/Berlin",
    "el": "Europe/Athens",
    "et": "Europe/Tallinn",
    "fi": "Europe/Helsinki",
    "he": "Asia/Jerusalem",
    "hr": "Europe/Zagreb",
    "hu": "Europe/Budapest",
    "hy": "Asia/Yerevan",
    "it": "Europe/Rome",
    "ja": "Asia/Tokyo",
    "ka": "Asia/Tbilisi",
    "kk": "Asia/Almaty",
    "ko": "Asia/Seoul",
    "ky": "Asia/Bishkek",
    "lt": "Europe/Vilnius",
    "lv": "Europe/Riga",
    "nb": "Europe/Oslo",
    "nl": "Europe/Amsterdam",
    "pl": "Europe/Warsaw",
    "ro": "Europe/Bucharest",
    "sk": "Europe/Bratislava",
    "sl": "Europe/Ljubljana",
    "sr": "Europe/Belgrade",
    "sv": "Europe/Stockholm",
    "tg": "Asia/Dushanbe",
    "th": "Asia/Bangkok",
    "tr": "Europe/Istanbul",
    "uk": "Europe/Kyiv",
    "uz": "Asia/Tashkent",
    "vi": "Asia/Ho_Chi_Minh",
}
"""Languages of one place. Russian, English, Spanish, Arabic and their like are spoken all around the world."""

WINTER, SUMMER = datetime(2037, 1, 15, 12, tzinfo=UTC), datetime(2037, 7, 15, 12, tzinfo=UTC)
"""Two days far enough ahead that the rules in force today decide what the clocks show on them."""


def timezone_of(
    contact_timezone: str | None, learnt: Mapping[str, str], phone: str, language: str | None, scenario: Scenario
) -> str:
    """The IANA name of the zone whose clock counts for this person."""
    numbers = [field.name for field in scenario.fields if field.kind is FieldKind.PHONE]
    guesses: Iterator[str | None] = (
        guess
        for each in (
            (contact_timezone,),
            (of_words(learnt.get(name, "")) for name in FIELDS),
            (of_phone(learnt.get(name, "")) for name in numbers),
            (of_phone(phone),),
            (of_language(language),),
        )
        for guess in each
    )
    return next((guess for guess in guesses if guess and known_zone(guess)), scenario.timezone)


def of_words(words: str) -> str | None:
    """The zone that somebody named: ``Europe/Berlin``, ``UTC+3``, ``GMT-05:00``, ``МСК+2``. A place is none."""
    told = words.strip()
    if "/" in told:
        name = "/".join("_".join(word.capitalize() for word in re.split(r"[ _]", part)) for part in told.split("/"))
        return next((one for one in (told, name) if known_zone(one)), None)
    match = OFFSET.fullmatch(told)
    if match is None or not told:
        return None
    moscow = (match["base"] or "").casefold() in ("мск", "msk")
    if not match["sign"]:
        return "Europe/Moscow" if moscow else "Etc/GMT"
    minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
    offset = timedelta(minutes=minutes if match["sign"] == "+" else -minutes)
    return _fixed(offset + MOSCOW if moscow else offset)


@lru_cache(maxsize=1024)
def of_phone(phone: str) -> str | None:
    """The zone of a number with its country code, if the number determines what the clocks there show."""
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return None
    import phonenumbers  # noqa: PLC0415 - 48 MB of tables, read in parts: for those who need them
    from phonenumbers import timezone as zones  # noqa: PLC0415

    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    found = zones.time_zones_for_number(number)
    home = HOME.get(phonenumbers.region_code_for_number(number) or "")
    return home if home and len(found) > 1 else _common(found)


def of_language(language: str | None) -> str | None:
    """The zone of the one place where a language is spoken."""
    return LANGUAGES.get(re.split(r"[-_]", (language or "").lower())[0])


def _common(names: Sequence[str]) -> str | None:
    """The first of zones that show the same time all year; None where they part, or one is unknown."""
    places = [known_zone(name) for name in names]
    clocks = {place and tuple(at.astimezone(place).utcoffset() for at in (WINTER, SUMMER)) for place in places}
    return names[0] if len(clocks) == 1 and None not in clocks else None


def _fixed(offset: timedelta) -> str | None:
    """A zone that always has this offset; None where nobody lives."""
    minutes = round(offset.total_seconds() / 60)
    hours, rest = int(minutes / 60), minutes - int(minutes / 60) * 60
    if rest:
        return BROKEN_OFFSETS.get((hours, rest))
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
