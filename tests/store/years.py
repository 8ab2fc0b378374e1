"""A database in which three years were talked: 300,000 messages of 20,000 dialogs, most of them over."""

from __future__ import annotations

import asyncpg

ACCOUNT = 7001
DIALOGS, EACH = 20_000, 15
OPEN = 10
"""One dialog in so many is open."""
FILL = f"""
set session_replication_role = replica;
insert into accounts (id, username, state, epoch, dc_id, server_address, server_port, auth_key)
    select {ACCOUNT} + n, 'sales' || n, 'logged_out', 1, 2, '127.0.0.1', 443, '' from generate_series(0, 2) n;
insert into account_peers select {ACCOUNT}, 10000 + n, n from generate_series(1, {DIALOGS}) n;
insert into contacts (id, username, name)
    select 10000 + n, 'user' || n, 'Anna ' || n from generate_series(1, {DIALOGS}) n;
insert into suppressions (mark, key_id) select sha256(n::text::bytea), 'k' from generate_series(1, {DIALOGS} / 2) n;
insert into dialogs (account_id, contact_id, target_username, scenario, status, outcome, stage, stages, created_at,
        status_since, opened_at, revision, answered_revision, history_upto, compare, follow_up_at, due_at, erased_at,
        heard_upto, seen_upto)
    select {ACCOUNT} + n % 3, 10000 + n, 'user' || n, 'sales',
        case when n % {OPEN} > 0 then 'closed' when n % 20 > 0 then 'active'
            else (array['active', 'taken', 'handoff'])[1 + n % 3] end,
        case when n % {OPEN} = 0 then 'none' else (array['won', 'lost', 'opted_out', 'blocked'])[1 + n % 4] end,
        'offer', '{{offer}}', began, began + interval '1 day', began, 16, 16, n * 100, false,
        case when n % {OPEN} = 0 then now() + n * interval '1 minute' end,
        case when n % 1000 = 0 then now() - interval '1 second' end,
        case when n % {OPEN} > 0 and n < {DIALOGS} / 2 then now() end,
        n * {EACH}, case when n % 500 = 0 then 0 else n * {EACH} end
    from generate_series(1, {DIALOGS}) n
        cross join lateral (select now() - interval '3 years' + n * interval '3 years' / {DIALOGS} as began) time;
insert into dialog_words select n, word from generate_series(1, {DIALOGS}) n
    cross join lateral unnest(array['anna', n::text, 'user' || n, '@user' || n]) word;
insert into dialog_facts (dialog_id, field, value, learnt_at) select n, 'people', '12', now()
    from generate_series(1, {DIALOGS}) n;
insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id, send_state,
        purpose, revision, read_at, random_id, first_part, erased)
    select d.id, d.account_id, direction, author, 'How much would it be for ' || n || ' of us?',
        d.created_at + n * interval '7 minutes', d.id * 100 + n, send_state,
        case when n = 1 and direction = 'out' then 'opening' else purpose end, n, read_at,
        case when direction = 'out' then d.id * 100 + n end, true, d.erased_at is not null
    from dialogs d cross join generate_series(1, {EACH}) n
        join (values (0, 'in', 'contact', null, null, null), (1, 'out', 'model', 'sent', 'reply', now()))
            as sides (side, direction, author, send_state, purpose, read_at) on side = n % 2;
insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state, random_id, revision,
        purpose, not_before, not_after)
    select id, account_id, 'out', 'model', 'Gladly.', now(), 'pending', id, 16, 'reply', now(), now() + interval '1 day'
    from dialogs where due_at is not null;
insert into model_calls (dialog_id, revision, halts, purpose, model_asked, model_used, state, budget, cost, asked_at,
        settled_at, answer)
    select d.id, n, 0, 'reply', 'm' || n % 2, 'm', 'used', 0.01, 0.001, d.created_at + n * interval '15 minutes', now(),
        repeat('x', 300) from dialogs d cross join generate_series(1, 5) n;
insert into day_books select (asked_at at time zone 'UTC')::date, sum(cost) from model_calls group by 1;
insert into dialog_books select dialog_id, sum(cost) from model_calls group by 1;
insert into events (kind, dialog_id, account_id, actor, data, created_at)
    select kind, d.id, d.account_id, 'system', '{{"reason": "x"}}', d.created_at
    from dialogs d cross join unnest(array['start', 'opened', 'stage', 'close']) kind
    where kind <> 'close' or d.status = 'closed';
insert into notices (event_id, admin_id, told_at) select id, 1 + id % 3, now() from events;
insert into admin_updates (update_id, admin_id, answer, created_at)
    select n, 1, jsonb_build_object('mark', n, 'lang', 'en', 'said', 'stopped', 'done', true),
        now() - n * interval '1 minute'
    from generate_series(1, {DIALOGS}) n;
insert into tasks (dialog_id, what, due_at, done_at, reminded_at, created_at)
    select n, 'call', now(), case when n % 100 > 0 then now() end, case when n % 1000 > 0 then now() end, now()
    from generate_series(1, {DIALOGS}) n;
insert into notes (dialog_id, admin_id, content, created_at)
    select n, 1, 'rich', now() from generate_series(1, {DIALOGS}) n;
insert into labels select n, 'vip' || n % 50 from generate_series(1, {DIALOGS}) n;
insert into drafts (dialog_id, state, open, created_at, decided_at, expires_at)
    select n, 'approved', false, now(), now(), now() from generate_series(1, {DIALOGS}) n;
insert into draft_cards select n, 1 + n % 3, n, 1, null from generate_series(1, {DIALOGS}) n;
insert into campaigns (name, state, created_by) select 'list ' || n, 'finished', 1 from generate_series(1, 20) n;
insert into campaign_people (campaign_id, line, username, state, dialog_id)
    select 1 + n % 20, n, 'user' || n, case when n % 50 = 0 then 'waiting' else 'opened' end, n
    from generate_series(1, {DIALOGS}) n;
insert into admins (id, role, name) select n, 'operator', 'admin' || n from generate_series(1, 3) n;
set session_replication_role = origin;
"""  # noqa: S608 - our own numbers


async def fill(connection: asyncpg.Connection) -> None:
    """A few seconds."""
    await connection.execute(FILL, timeout=120)
    await connection.execute("vacuum analyze", timeout=120)


BIG = frozenset(
    {
        "account_peers",
        "admin_updates",
        "campaign_people",
        "contacts",
        "dialog_books",
        "dialog_facts",
        "dialog_words",
        "dialogs",
        "draft_cards",
        "drafts",
        "events",
        "labels",
        "messages",
        "model_calls",
        "notes",
        "notices",
        "suppressions",
        "tasks",
    }
)
"""Tables that grow with the people who were talked to."""
