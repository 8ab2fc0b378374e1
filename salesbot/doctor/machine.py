"""The checks of this machine: files and their modes, the clock, the disk, scenarios, backups."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from salesbot import keys, settings
from salesbot.backup import shelf, tools
from salesbot.backup.shelf import Kept
from salesbot.doctor.house import Found, House, Skipped
from salesbot.errors import DataError, Refused, SalesbotError, SettingsError
from salesbot.finding import Finding, failure, good, warning
from salesbot.i18n import Lang
from salesbot.keys import KeyRing
from salesbot.log import STDERR
from salesbot.scenarios import load as scenarios
from salesbot.settings import Settings
from salesbot.store import checkup

POSTGRES = Path("/var/lib/postgresql")
"""Where a PostgreSQL of this machine keeps its data, as Debian and Ubuntu have it."""
SCARCE, FULL = 3_000_000_000, 500_000_000
"""Bytes below which a disk is worth a word, and below which the next backup or the log would fill it."""
OFF, FAR_OFF = 3.0, 30.0
"""Seconds between two clocks: more than a ``Date`` header and the way explain; more than Telegram takes."""
LATE, LOST = timedelta(hours=30), timedelta(days=4)
"""Of a backup that is made each night: one was missed, and nobody looks after them."""
MOST_LINES = 8
NAMES = frozenset(name.upper() for name in Settings.model_fields)


async def names(house: House) -> Found:
    """The settings were read before this is asked; a name that none of them has was read by nobody."""
    _ = house.lang
    found = []
    for file in house.env_files:
        if strange := _unknown(file):
            listed = ", ".join(map(_perhaps, strange[:MOST_LINES]))
            found.append(
                warning(
                    _("{file} names what is no setting: {names}.").format(file=file, names=listed),
                    _("Correct these names or delete the lines; .env.example lists every setting."),
                )
            )
    return found or good(_("The settings are complete."))


def _unknown(file: Path) -> list[str]:
    try:
        return [name for name in settings.in_file(file) if name not in NAMES]
    except SettingsError:
        return []


def _perhaps(name: str) -> str:
    """The name, and the one that may be meant."""
    meant = get_close_matches(name, NAMES, 1)
    return f"{name} ({meant[0]}?)" if meant else name


async def env_files(house: House) -> Found:
    _ = house.lang
    present = {file: mode for file in house.env_files if (mode := _mode(file)) is not None}
    wrong = [
        failure(
            _("{file} holds secrets and can be read by everybody (mode {mode}).").format(file=file, mode=f"{mode:o}"),
            f"sudo chmod 640 {file.resolve()}",
        )
        for file, mode in present.items()
        if mode & stat.S_IRWXO
    ]
    if wrong:
        return wrong
    if not present:
        raise Skipped(_("There is no file with settings; they come from the environment."))
    return good(_("{files}: nobody else can read it.").format(files=", ".join(map(str, present))))


async def key(house: House) -> Found:
    """The file, and whether it is the one that belongs to the data."""
    _ = house.lang
    path = keys.path_of(house.settings)
    if not house.settings.secret_key:
        mode = _mode(path)
        if mode is None:
            return failure(
                _("The key file {file} is not there, or not for this user.").format(file=path.resolve()),
                _("Put its copy back. If there never was one, `sudo salesbot login` makes it."),
            )
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            return failure(
                _("The key file {file} can be read by others (mode {mode}).").format(file=path, mode=f"{mode:o}"),
                f"sudo chmod 600 {path.resolve()}",
            )
    try:
        ring = keys.load(house.settings)
    except SettingsError as exc:
        return failure(f"{exc}.", _("Put the copy of the key back, readable for the user of the service alone."))
    return await _against_the_data(house, ring)


async def _against_the_data(house: House, ring: KeyRing) -> Found:
    _ = house.lang
    try:
        async with house.tables() as connection:
            missing = await checkup.missing_keys(connection, ring.key_ids)
            sealed = await checkup.sealed_sessions(connection)
    except Skipped:
        return good(_("The secret key can be read, by its owner alone."))
    if missing:
        return failure(
            _("The secret key lacks one that was used before (fingerprint {names}).").format(names=", ".join(missing)),
            _("Add the old key after the current one: without it opt-outs would be forgotten."),
        )
    closed = [str(account) for account, session in sealed if not _opens(ring, session)]
    if closed:
        return failure(
            _("The session of account {ids} was sealed with another key.").format(ids=", ".join(closed)),
            _("Add that key after the current one, or sign in again: `sudo salesbot login`."),
        )
    return good(_("The secret key can be read by its owner alone and fits the data."))


def _opens(ring: KeyRing, sealed: bytes) -> bool:
    try:
        ring.decrypt(sealed)
    except DataError:
        return False
    return True


async def log(house: House) -> Found:
    _, file = house.lang, house.settings.log_file
    if file == STDERR:
        return good(_("The log goes to the standard error; who started the product keeps it."))
    place, mode = _nearest(file), _mode(file)
    if not os.access(place, os.W_OK) or (place != file and not place.is_dir()):
        return warning(
            _("The log {file} cannot be written; the journal has it instead.").format(file=file),
            f"sudo install -d -o sales_bot -g sales_bot -m 750 {file.parent}",
        )
    if mode is not None and mode & stat.S_IRWXO:
        return warning(
            _("The log {file} can be read by everybody (mode {mode}).").format(file=file, mode=f"{mode:o}"),
            f"sudo chmod 640 {file}",
        )
    return good(_("The log {file} can be written.").format(file=file))


async def clock(house: House) -> Found:
    """Against the database, and against Telegram where that is asked."""
    _ = house.lang
    off = await _seconds_ahead(house)
    if not off:
        raise Skipped(_("There is nothing to compare the clock with."))
    return compared(_, off)


def compared(_: Lang, off: Mapping[str, float]) -> Finding:
    """``off``: by how many seconds our clock is ahead of whose."""
    whose, worst = max(off.items(), key=lambda one: abs(one[1]))
    if abs(worst) < OFF:
        return good(_("The clock is right, compared with: {whose}.").format(whose=", ".join(off)))
    text = _("The clock is {n} s ahead of: {whose}.") if worst > 0 else _("The clock is {n} s behind: {whose}.")
    said = text.format(n=f"{abs(worst):.0f}", whose=whose)
    mend = _("Let the machine set its clock: sudo timedatectl set-ntp true")
    return failure(said, mend) if abs(worst) >= FAR_OFF else warning(said, mend)


async def _seconds_ahead(house: House) -> dict[str, float]:
    _, off = house.lang, dict[str, float]()
    try:
        async with house.asking() as connection:
            before = datetime.now().astimezone()
            there = await checkup.clock(connection)
            middle = before + (datetime.now().astimezone() - before) / 2
            off[_("the database")] = (middle - there).total_seconds()
    except Skipped:
        pass
    if house.outside:
        for name, ask in (("Bot API", house.bot), ("Telegram", house.telegram)):
            try:
                ahead = (await ask()).ahead
            except SalesbotError:
                continue
            if ahead is not None:
                off[name] = ahead
    return off


async def disk(house: House) -> Found:
    """Where something grows: the log, the key's folder, a database of this machine."""
    places = [house.settings.log_file, keys.path_of(house.settings), house.settings.backup_dir, POSTGRES]
    room = {device: (place, shutil.disk_usage(place).free) for device, place in _devices(places)}
    return roomy(house.lang, dict(room.values()))


def roomy(_: Lang, room: Mapping[Path, int]) -> Finding:
    """``room``: bytes that are free where."""
    place, free = min(room.items(), key=lambda one: one[1])
    said = _("{n} GB are free at {place}.").format(n=f"{free / 1e9:.1f}", place=place)
    if free >= SCARCE:
        return good(said)
    mend = _("Make room (sudo journalctl --vacuum-size=200M, old backups) or enlarge the disk.")
    return failure(said, mend) if free < FULL else warning(said, mend)


def _devices(places: list[Path]) -> Iterator[tuple[int, Path]]:
    """A place for each disk that one of them is on."""
    seen = set()
    for place in map(_nearest, places):
        if (device := place.stat().st_dev) not in seen:
            seen.add(device)
            yield device, place


async def dump(house: House) -> Found:
    """``pg_dump`` of a release before the server's refuses to work."""
    _ = house.lang
    async with house.asking():
        server = await house.server()
    try:
        program = await asyncio.to_thread(tools.program, "pg_dump", server.major)
    except Refused:
        return failure(
            _("There is no pg_dump that is not older than the server ({version}): no backup can be made.").format(
                version=server.version
            ),
            f"sudo apt-get install postgresql-client-{server.major}",
        )
    if house.settings.backup_recipient and shutil.which("age") is None:
        return failure(_("There is no age, which encrypts the backups: none can be made."), "sudo apt-get install age")
    return good(_("{program} fits the server ({version}).").format(program=program, version=server.version))


async def backup(house: House) -> Found:
    """The last one: its age, and whether it was restored once."""
    _, folder = house.lang, house.settings.backup_dir
    try:
        kept = shelf.listed(folder) if os.access(folder, os.F_OK) else ()
    except SettingsError as exc:
        return warning(f"{exc}.", f"sudo chown -R sales_bot: {folder}")
    if not kept and not house.settings.backup_recipient:
        return warning(
            _("No backup is made: there is no key to encrypt it for."),
            _("On your own computer: age-keygen -o salesbot-backup.key; set BACKUP_RECIPIENT to the age1… it shows."),
        )
    return recent(_, folder, kept[0] if kept else None, datetime.now(UTC))


def recent(_: Lang, folder: Path, last: Kept | None, now: datetime) -> Finding:
    if last is None:
        return warning(
            _("There is no backup in {folder}.").format(folder=folder),
            _("Make one each night: sudo systemctl enable --now salesbot-backup.timer"),
        )
    age = now - last.made_at
    said = _("The last backup is {n} h old: {file}.").format(n=int(age.total_seconds() // 3600), file=last.file.name)
    why = _("The log says why: sudo journalctl -u salesbot-backup")
    if age > LOST:
        return failure(said, why)
    if age > LATE:
        return warning(said, why)
    if last.manifest is None or not last.manifest.verified:
        return warning(
            _("The last backup was not verified: {file}.").format(file=last.file.name),
            _("Verify it: sudo salesbot backup verify --identity KEYFILE"),
        )
    return good(said)


async def scenario(house: House) -> Found:
    _, wanted, folder = house.lang, house.settings.scenario, house.settings.scenarios_dir
    try:
        known = await asyncio.to_thread(scenarios.load_all, folder)
    except SettingsError as exc:
        mend = _("Correct it; `sudo salesbot scenario check` says the same.")
        return [failure(line, mend) for line in str(exc).splitlines()[:MOST_LINES]]
    if wanted not in known:
        return failure(
            _("SCENARIO names {name}, which is none of: {names}.").format(name=wanted, names=", ".join(sorted(known))),
            _("Correct SCENARIO or SCENARIOS_DIR."),
        )
    listed = ", ".join(sorted(known))
    return good(_("Sound: {names}. A dialog that names none has {name}.").format(names=listed, name=wanted))


def _nearest(place: Path) -> Path:
    """The place, or the nearest folder above it that we can see."""
    while not os.access(place, os.F_OK) and place != place.parent:
        place = place.parent
    return place


def _mode(file: Path) -> int | None:
    """Who may do what with a file; None where there is none that we can see."""
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None
