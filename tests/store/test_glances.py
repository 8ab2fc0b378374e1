"""What is asked each second though nothing happens finds that out in a few steps, however many dialogs are open."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest

from salesbot.store import agenda, notices

ACCOUNT = 7
WAITING = """
    insert into accounts (id, dc_id, server_address, server_port, auth_key) values (7, 2, '', 1, '');
    insert into contacts (id, name) select n, '' from generate_series(1, 2000) n;
    insert into dialogs (account_id, contact_id, target_username, scenario, status, follow_up_at)
        select 7, id, 'guest' || id, 'sales', 'active', now() + interval '2 days' from contacts;
    insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id)
        select id, 7, 'in', 'contact', 'Good day', now(), id from dialogs;
    analyze;
"""
READ = """
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_xact_user_tables
    where relname in ('dialogs', 'messages', 'events', 'notices', 'drafts')
"""


@pytest.mark.parametrize("kind", ["custom", "generic"])
async def test_a_house_at_rest_reads_no_dialog_to_learn_that_none_is_due(pool: asyncpg.Pool, kind: str) -> None:
    """With values and without: PostgreSQL takes the one plan or the other, by what it thinks of them."""
    async with pool.acquire() as other, pool.acquire() as connection, connection.transaction():
        await other.execute(WAITING)
        await connection.execute(f"set local plan_cache_mode = force_{kind}_plan")
        found = await agenda.look(connection, [ACCOUNT], datetime.now(UTC), 100)
        seen = await notices.glance(connection, [1])
        read = await connection.fetchval(READ)
    assert not found.errands
    assert seen == notices.Glance(notices=False, drafts=False)
    assert read == 0
