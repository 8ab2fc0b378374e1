"""Who uses the desk, and that an account that was out is back."""

from __future__ import annotations

import asyncpg
import pytest

from salesbot.store import admins, events, sessions
from salesbot.store.admins import Admin, Role
from salesbot.store.sessions import StoredSession

ME, OLGA = 900_001, 910_001


@pytest.mark.parametrize(
    ("role", "covers"),
    [(Role.OWNER, {*Role}), (Role.OPERATOR, {Role.OPERATOR, Role.VIEWER}), (Role.VIEWER, {Role.VIEWER})],
)
def test_a_role_includes_those_below_it(role: Role, covers: set[Role]) -> None:
    assert {needed for needed in Role if role.covers(needed)} == covers


async def test_owners_are_present_before_they_were_ever_heard_and_others_by_their_role(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        assert await admins.admit(connection, OLGA, Role.VIEWER, added_by=ME)
        assert not await admins.admit(connection, OLGA, Role.VIEWER, added_by=ME)
        assert await admins.admit(connection, OLGA, Role.OPERATOR, added_by=ME)
        await admins.heard(connection, OLGA, "Olga", "olga")
        await admins.heard(connection, OLGA + 1, "Nobody", None)
        assert list(await admins.present(connection, [ME])) == [
            Admin(ME, None),
            Admin(OLGA, Role.OPERATOR, "Olga", "olga"),
        ]
        assert await admins.dismiss(connection, OLGA)
        assert not await admins.dismiss(connection, OLGA)
        assert [admin.id for admin in await admins.present(connection, [ME])] == [ME]


async def test_a_role_that_is_taken_away_leaves_timezone_and_quiet_hours(pool: asyncpg.Pool) -> None:
    async with pool.acquire() as connection:
        await admins.admit(connection, OLGA, Role.VIEWER, added_by=ME)
        await admins.set_timezone(connection, OLGA, "Asia/Tokyo")
        await admins.set_quiet(connection, OLGA, 22, 8)
        await admins.dismiss(connection, OLGA)
        found = await admins.get(connection, OLGA)
    assert found == Admin(OLGA, None, timezone="Asia/Tokyo", quiet_from=22, quiet_to=8)


@pytest.mark.parametrize(("former", "told"), [(None, 0), ("ready", 0), ("logged_out", 1), ("key_lost", 1)])
async def test_that_an_account_is_back_is_told_where_it_was_out(
    pool: asyncpg.Pool, former: str | None, told: int
) -> None:
    session = StoredSession(7_001, 2, "127.0.0.1", 443, b"sealed")
    async with pool.acquire() as connection:
        if former:
            await sessions.save_signed_in(connection, session)
            await connection.execute("update accounts set state = $1", former)
        await sessions.save_signed_in(connection, session)
        assert await connection.fetchval("select count(*) from events where kind = 'account_back'") == told


async def test_nobody_is_told_what_they_did_themselves_and_an_assignee_who_is_away_keeps_nothing_from_the_others(
    pool: asyncpg.Pool,
) -> None:
    async with pool.acquire() as connection:
        await sessions.save_signed_in(connection, StoredSession(7_001, 2, "127.0.0.1", 443, b"sealed"))
        dialog = await connection.fetchval(
            "insert into dialogs (account_id, target_username, scenario, status, assignee) "
            "values (7001, 'anna', 'sales', 'resolving', $1) returning id",
            OLGA,
        )
        for actor, about, away in [
            ("system", dialog, []),
            ("system", dialog, [OLGA]),
            ("system", None, []),
            (f"admin:{ME}", None, []),
        ]:
            await events.record(connection, "human_spoke", actor=actor, dialog_id=about)
            await events.fan_out(connection, [ME, OLGA], away)
        rows = await connection.fetch("select event_id, admin_id from notices order by event_id, admin_id")
    first = rows[0]["event_id"]
    assert [(row["event_id"] - first, row["admin_id"]) for row in rows] == [
        (0, OLGA), (1, ME), (1, OLGA), (2, ME), (2, OLGA), (3, OLGA),
    ]  # fmt: skip
