"""How an admin likes the desk: in which timezone its times are shown, and when it is to be silent."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from zoneinfo import available_timezones

from aiogram.filters.callback_data import CallbackData

from salesbot.adminbot import views
from salesbot.adminbot.actions import Answer, Origin, Said, once
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.keyboards import button, rows
from salesbot.adminbot.views import Shown
from salesbot.dialog.timing import known_zone
from salesbot.i18n import Lang
from salesbot.store import admins
from salesbot.store.admins import Admin
from salesbot.store.pool import Connection, transaction
from salesbot.visible import inline

NEAREST = 4
MACHINE = "-"
"""Instead of a zone's name: that of this machine."""
USUAL = ("Europe/Moscow", "Europe/London", "Asia/Yekaterinburg", "Asia/Dubai")
CITIES = {
    "москва": "Europe/Moscow",
    "мск": "Europe/Moscow",
    "питер": "Europe/Moscow",
    "калининград": "Europe/Kaliningrad",
    "самара": "Europe/Samara",
    "екатеринбург": "Asia/Yekaterinburg",
    "омск": "Asia/Omsk",
    "новосибирск": "Asia/Novosibirsk",
    "красноярск": "Asia/Krasnoyarsk",
    "иркутск": "Asia/Irkutsk",
    "якутск": "Asia/Yakutsk",
    "владивосток": "Asia/Vladivostok",
    "камчатка": "Asia/Kamchatka",
    "минск": "Europe/Minsk",
    "киев": "Europe/Kyiv",
    "тбилиси": "Asia/Tbilisi",
    "ереван": "Asia/Yerevan",
    "баку": "Asia/Baku",
    "алматы": "Asia/Almaty",
    "ташкент": "Asia/Tashkent",
    "дубай": "Asia/Dubai",
    "белград": "Europe/Belgrade",
    "берлин": "Europe/Berlin",
    "лондон": "Europe/London",
}
"""What the names of the zones do not say in Russian."""


class SetZone(CallbackData, prefix="tz"):
    """Show times as they are there; ``MACHINE``: as this machine has them."""

    name: str


def zone_named(typed: str) -> str | None:
    """The zone that is meant for sure: by its name, or its city's. None: it may be several, or none."""
    wanted = " ".join(typed.split()).casefold()
    if wanted in CITIES:
        return CITIES[wanted]
    exact = [name for name in _names() if wanted.replace(" ", "_") in (name.casefold(), _city(name))]
    return exact[0] if exact else None


def _names() -> Sequence[str]:
    """The zones with a place; those of the continents before the ships' and the leftovers of old times."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return ["UTC", *names]


def _city(name: str) -> str:
    return name.rpartition("/")[2].casefold()


def zones_like(typed: str) -> Sequence[str]:
    """The zones that may be meant, the likeliest first; the usual ones when nothing is like it."""
    city = " ".join(typed.split()).casefold().replace(" ", "_").rpartition("/")[2]
    cities = {**{_city(name): name for name in _names()}, **CITIES}
    close = [cities[name] for name in get_close_matches(city, list(cities), NEAREST, cutoff=0.6)]
    begins = [name for short, name in cities.items() if len(city) > 2 and short.startswith(city)]
    return list(dict.fromkeys([*close, *begins]))[:NEAREST] or USUAL


async def zone_page(on: Desk, _: Lang, admin_id: int, typed: str = "") -> Shown:
    """Which zone it is now, with the ones that may be meant."""
    async with transaction(on.pool) as connection:
        admin = await admins.get(connection, admin_id)
    now = on.clock.now().astimezone(on.admins.zone_of(admin))
    chosen = admin.timezone if admin else None
    lines = [
        _("Times are shown as in {zone}; it is {time} there.").format(
            zone=esc(chosen or _("the timezone of this machine")), time=now.strftime("%H:%M")
        )
    ]
    if typed:
        lines.insert(0, _("I know no timezone {what}.").format(what=f"<code>{esc(inline(typed, 60))}</code>"))
    lines.append(_("Example: {example}").format(example="<code>/timezone Europe/Moscow</code>"))
    near = zones_like(typed) if typed else USUAL
    return Shown(
        "\n".join(lines),
        rows(
            *([button(name, SetZone(name=name))] for name in near),
            [button(_("As this machine"), SetZone(name=MACHINE))] if chosen else [],
        ),
    )


async def set_zone(on: Desk, origin: Origin, name: str) -> Answer:
    """Show this admin's times as they are there."""

    async def act(connection: Connection) -> Answer:
        if name != MACHINE and known_zone(name) is None:
            return Answer(Said.EXPIRED)
        await admins.set_timezone(connection, origin.admin_id, None if name == MACHINE else name)
        return Answer(Said.ZONE_SET, {"zone": name})

    return await once(on, origin, act)


async def quiet_page(on: Desk, _: Lang, admin_id: int) -> Shown:
    """When this admin is told nothing."""
    async with transaction(on.pool) as connection:
        admin = await admins.get(connection, admin_id)
    example = _("Example: {example}").format(example="<code>/quiet 22-8</code>, <code>/quiet off</code>")
    return Shown("\n".join([*_hours(_, admin), example]))


def _hours(_: Lang, admin: Admin | None) -> list[str]:
    if admin is None or admin.quiet_from is None or admin.quiet_to is None:
        return [_("I tell you at any hour what happens.")]
    return [
        _("I tell you nothing from {begin}:00 to {end}:00.").format(begin=admin.quiet_from, end=admin.quiet_to),
        _("What happens meanwhile is told afterwards, together. What you asked for is answered at any hour."),
    ]


async def set_quiet(on: Desk, origin: Origin, hours: tuple[int, int] | None) -> Answer:
    """Tell this admin nothing between two hours of their day; None: at any hour."""

    async def act(connection: Connection) -> Answer:
        begin, end = hours or (None, None)
        await admins.set_quiet(connection, origin.admin_id, begin, end)
        return Answer(Said.QUIET_SET if hours else Said.QUIET_OFF, {"begin": begin, "end": end})

    return await once(on, origin, act)


async def answer(on: Desk, _: Lang, admin_id: int, given: Answer) -> Shown:
    """What was changed, and how it is now."""
    match given.said:
        case Said.ZONE_SET:
            return await zone_page(on, _, admin_id)
        case Said.QUIET_SET | Said.QUIET_OFF:
            return await quiet_page(on, _, admin_id)
        case _expired:
            return views.answer(_, given)
