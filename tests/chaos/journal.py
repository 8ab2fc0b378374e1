"""Every version of every row that matters, written by triggers of the harness and read back in the order of commits.

The product does not notice: no statement of its own is changed, nothing comes back to it, and a transaction that is
rolled back leaves nothing here either.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import asyncpg

from tests.chaos.record import Change, Row

# What the oracle never asks for, of what is large or secret.
_LEFT_OUT = {
    "messages": "timestamp, kind, media, reply_to, quote, group_id, reaction, edits, read_at",
    "dialogs": "target_username, scenario, basis, stage, after_parts, after_outcome, after_reason, "
    "opening, handoff_note, summary, summary_upto, opened_at",
    "accounts": "phone, auth_key, server_address, server_port, dc_id, pts, qts, state_date, seq",
    "model_calls": "answer, prompt_tokens, completion_tokens, latency_ms",
    "suppressions": "created_at",
    "events": "account_id, actor, data, untold, created_at",
}
# The update state of an account moves with every message and says nothing, no more than that an event was told.
_UPDATES = {
    "accounts": "update of state, epoch, owner, released, flood_until, openings_blocked",
    "events": "update of kind",
}

_SCHEMA = """
create schema chaos;
create table chaos.journal (
    id bigint generated always as identity,
    changed text not null,
    operation text not null,
    version jsonb not null
);
create function chaos.note() returns trigger language plpgsql as $$
begin
    insert into chaos.journal (changed, operation, version)
    values (tg_table_name, tg_op, to_jsonb(case when tg_op = 'DELETE' then old else new end) - tg_argv);
    return null;
end $$;
"""

_READ = """
select id, (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint as committed, changed, operation,
    version::text as version
from chaos.journal order by id
"""


async def install(connection: asyncpg.Connection) -> None:
    """Begin to write down what changes in a migrated database in which nothing stands yet."""
    await connection.execute(_SCHEMA)
    for table, columns in _LEFT_OUT.items():
        left_out = ", ".join(f"'{column}'" for column in columns.split(", ") if column)
        await connection.execute(
            f"create trigger chaos after insert or {_UPDATES.get(table, 'update')} or delete on {table} "
            f"for each row execute function chaos.note({left_out})"
        )


async def read(connection: asyncpg.Connection) -> Sequence[Change]:
    """All that was committed, in the order of commits. The server must run with ``track_commit_timestamp``."""
    changes: list[Change] = []
    last: dict[tuple[str, Any], Row] = {}  # a row is locked while it changes: its versions are numbered in their order
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for note in connection.cursor(_READ, prefetch=1000):
            table, version = note["changed"], json.loads(note["version"], object_pairs_hook=_row)
            key = (table, version["mark" if table == "suppressions" else "id"])
            old = last.pop(key, None)
            assert (old is None) == (note["operation"] == "INSERT"), f"{table} was not empty when the journal began"
            new = None
            if note["operation"] != "DELETE":
                new = last[key] = _sharing(old, version) if old is not None else version
            changes.append(Change(note["id"], note["committed"], table, old, new))
    return sorted(changes, key=attrgetter("committed", "order"))


def _row(columns: list[tuple[str, Any]]) -> Row:
    """With one text for each name of a column: half an hour under load makes a million versions."""
    return {sys.intern(name): value for name, value in columns}


def _sharing(old: Row, new: Row) -> Row:
    """The same, with the values of the version before where they are equal, for the same reason."""
    return {name: old[name] if old.get(name) == value else value for name, value in new.items()}
