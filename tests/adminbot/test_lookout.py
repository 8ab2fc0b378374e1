"""The desk at rest asks one question a second; its loops look only when there is something for them."""

from __future__ import annotations

from asyncpg.connection import LoggedQuery

from salesbot.adminbot import lookout
from salesbot.adminbot.desk import Desk
from salesbot.store.notices import Glance
from salesbot.store.pool import transaction
from tests.adminbot.drafts import drafted
from tests.adminbot.people import Operator, open_with, sign_in
from tests.adminbot.test_notices import happen


async def test_a_look_is_one_statement_and_wakes_nobody_when_nothing_happened(quiet_desk: Desk) -> None:
    await lookout.look(quiet_desk)  # a connection learns its types once
    asked: list[LoggedQuery] = []
    async with quiet_desk.pool.acquire() as connection:
        connection.add_query_logger(asked.append)
    assert await lookout.look(quiet_desk) == Glance(notices=False, drafts=False)
    assert len(asked) == 1, [one.query for one in asked]


async def test_a_look_wakes_who_tells_of_events_and_who_shows_drafts(quiet_desk: Desk, admin: int) -> None:
    await sign_in(quiet_desk.pool)
    dialog = await open_with(quiet_desk, 501, "anna")
    await happen(quiet_desk, "handoff", 1, reason="asked")
    assert await lookout.look(quiet_desk) == Glance(notices=True, drafts=False)
    await drafted(quiet_desk, dialog, "Forty euros.")
    assert await lookout.look(quiet_desk) == Glance(notices=True, drafts=True)


async def test_what_waits_for_an_admin_who_cannot_be_told_wakes_nobody(quiet_desk: Desk, admin: int) -> None:
    await sign_in(quiet_desk.pool)
    await open_with(quiet_desk, 501, "anna")
    await happen(quiet_desk, "handoff", 1, reason="asked")
    async with transaction(quiet_desk.pool) as connection:
        await quiet_desk.admins.present(connection, (admin,))
        await connection.execute("update events set untold = false")
        await connection.execute("insert into notices (event_id, admin_id) select id, $1 from events", admin)
    assert await lookout.look(quiet_desk) == Glance(notices=True, drafts=False)
    quiet_desk.admins.refused(admin)
    assert await lookout.look(quiet_desk) == Glance(notices=False, drafts=False)


async def test_news_that_nobody_announced_is_told_all_the_same(desk: Desk, operator: Operator) -> None:
    """As another process writes it: no pulse of this one is woken."""
    shown = await operator.ask("/help")
    await open_with(desk, 501, "anna")
    await desk.pool.execute("insert into events (kind, dialog_id, actor, untold) values ('close', 1, 'system', true)")
    assert (await operator.next(shown["id"]))["text"].startswith("№ 1")
