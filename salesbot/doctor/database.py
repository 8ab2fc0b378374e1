"""The checks of the database."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from salesbot.doctor.house import Found, House
from salesbot.finding import Finding, failure, good, warning
from salesbot.i18n import Lang
from salesbot.store import checkup, installation
from salesbot.store.checkup import Server, Session, Table
from salesbot.store.pool import UNAVAILABLE

OLDEST = 14
"""The first major release of PostgreSQL that will do."""
LONG_WAIT = 30.0
"""Seconds of waiting for a lock after which something hangs."""


async def reachable(house: House) -> Found:
    _ = house.lang
    try:
        await house.pool()
        server = await house.server()
    except asyncpg.InvalidAuthorizationSpecificationError:
        return failure(
            _("PostgreSQL refuses the user or the password of DATABASE_URL."),
            _("Correct DATABASE_URL, or set the password anew: sudo -u postgres psql -c '\\password sales_bot'"),
        )
    except asyncpg.InvalidCatalogNameError:
        return failure(
            _("The database that DATABASE_URL names is not there."),
            "sudo -u postgres createdb --owner=sales_bot sales_bot",
        )
    except ValueError:
        return failure(_("DATABASE_URL leads nowhere."), _("Correct it: postgresql://user:password@host:5432/name"))
    except UNAVAILABLE as exc:
        return failure(
            _("The database cannot be reached ({error}).").format(error=type(exc).__name__),
            _("Is it running (sudo systemctl status postgresql)? Are host and port of DATABASE_URL right?"),
        )
    said = _("PostgreSQL {version} answers; the data take {n} MB.")
    if server.major < OLDEST:
        return failure(
            _("PostgreSQL {version} is too old.").format(version=server.version),
            _("Move the data to PostgreSQL {n} or newer.").format(n=OLDEST),
        )
    return good(said.format(version=server.version, n=f"{server.size / 1e6:.0f}"))


async def migrations(house: House) -> Found:
    _ = house.lang
    async with house.asking() as connection:
        found = await checkup.migrations(connection)
    if found.too_new:
        return failure(
            _("The database was written by a later release than this one."),
            _("Install that release, or a later one."),
        )
    if found.edited:
        return failure(
            _("{files} was edited after it ran.").format(files=", ".join(found.edited)),
            _("Install this release anew; what is to change comes in a new file."),
        )
    if not found.present or found.pending:
        return warning(
            _("The tables are not up to date; the next start does it."),
            _("Or do it now: sudo salesbot migrate"),
        )
    if found.later:
        return warning(
            _("A later release has used this database ({files}); this one can work with it.").format(
                files=", ".join(found.later)
            ),
            _("Go forward to that release when you can: scripts/install.sh upgrade"),
        )
    return good(_("The tables are up to date ({file}).").format(file=found.last))


async def confirmed(house: House) -> Found:
    _ = house.lang
    async with house.tables() as connection:
        if not await installation.is_confirmed(connection):
            return failure(
                _("This database was restored, copied or failed over: no account is touched before it is confirmed."),
                _("Make sure that no other salesbot uses these accounts, then: sudo salesbot confirm-database"),
            )
    return good(_("The database is the one that was confirmed."))


async def locks(house: House) -> Found:
    async with house.asking() as connection:
        return waits(house.lang, await checkup.waiting(connection))


def waits(_: Lang, found: Sequence[Session]) -> Finding:
    if not found:
        return good(_("Nobody waits long for a lock."))
    worst, said = found[0], _("Session {pid} ({name}) has waited for a lock for {n} s; session {blockers} holds it.")
    blockers = ", ".join(map(str, worst.blocked_by)) or "?"
    told = said.format(pid=worst.pid, name=worst.name or "?", n=f"{worst.seconds:.0f}", blockers=blockers)
    end = _psql(f"select pg_terminate_backend({(worst.blocked_by or (worst.pid,))[0]})")
    mend = _("If that one is not at work, end it: {command}").format(command=end)
    return failure(told, mend) if worst.seconds >= LONG_WAIT else warning(told, mend)


async def bloat(house: House) -> Found:
    async with house.asking() as connection:
        return clean(house.lang, await house.server(), await checkup.bloated(connection))


def clean(_: Lang, server: Server, tables: Sequence[Table]) -> Finding:
    if not server.autovacuum:
        return warning(
            _("autovacuum is off, so what is dead stays in the tables."),
            _("Turn it on: {command}").format(
                command=f"{_psql('alter system set autovacuum = on')} -c 'select pg_reload_conf()'"
            ),
        )
    if not tables:
        return good(_("Little is dead in the tables."))
    worst, said = tables[0], _("In the table {name} {dead} rows are dead and {live} alive.")
    return warning(
        said.format(name=worst.name, dead=worst.dead, live=worst.live),
        _("Clean it at a quiet hour: {command}").format(
            command=_psql(f"vacuum (analyze) {worst.name}", server.database)
        ),
    )


async def queries(house: House) -> Found:
    async with house.asking() as connection:
        return busy(house.lang, await checkup.slow(connection))


def busy(_: Lang, found: Sequence[Session]) -> Finding:
    if not found:
        return good(_("No question takes the database long."))
    worst, said = found[0], _("Session {pid} ({name}) has been busy with one question for {n} s.")
    return warning(
        said.format(pid=worst.pid, name=worst.name or "?", n=f"{worst.seconds:.0f}"),
        _("Is the server overloaded (top)? Else end it: {command}").format(
            command=_psql(f"select pg_cancel_backend({worst.pid})")
        ),
    )


def _psql(statement: str, database: str = "") -> str:
    """A command to be copied."""
    return " ".join(["sudo -u postgres psql", *([database] if database else []), f"-c '{statement}'"])
