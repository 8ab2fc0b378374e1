"""``admin_updates``: which updates of the bot were acted upon, and what was answered (law 7).

The row is inserted first in the transaction of the action, so that a redelivered update changes nothing and gets the
same answer. ``mark`` tells apart two updates that share a number (another bot, numbers that began anew).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from salesbot.store.pool import Connection

Scalar: TypeAlias = str | int | bool | None
Json: TypeAlias = Mapping[str, Scalar | Mapping[str, Scalar]]


@dataclass(frozen=True, slots=True)
class Job:
    """What was promised to an admin and not yet done, or not yet told."""

    update_id: int
    admin_id: int
    answer: Json


async def begin(connection: Connection, update_id: int, admin_id: int, mark: str) -> Json | None:
    """Claim an update until the transaction ends; the stored answer when it was acted upon before."""
    fresh = await connection.fetchval(
        """
        insert into admin_updates (update_id, admin_id, answer) values ($1, $2, jsonb_build_object('mark', $3::text))
        on conflict (update_id) do update
            set admin_id = excluded.admin_id, answer = excluded.answer, created_at = now()
            where admin_updates.answer ->> 'mark' is distinct from excluded.answer ->> 'mark'
        returning true
        """,
        update_id,
        admin_id,
        mark,
    )
    return None if fresh else await answer_of(connection, update_id, admin_id)


async def answered(connection: Connection, update_id: int, answer: Json) -> None:
    """Remember what was answered (added to what is remembered already)."""
    await connection.execute(
        "update admin_updates set answer = answer || $2::jsonb where update_id = $1", update_id, dict(answer)
    )


async def answer_of(connection: Connection, update_id: int, admin_id: int) -> Json | None:
    """What this admin's update was answered with."""
    answer: Json | None = await connection.fetchval(
        "select answer from admin_updates where update_id = $1 and admin_id = $2", update_id, admin_id
    )
    return answer


async def words_of(connection: Connection, update_id: int, admin_id: int) -> Json | None:
    """What this admin wrote in that update and has not decided about yet."""
    kept: Json | None = await connection.fetchval(
        "select answer -> 'words' from admin_updates where update_id = $1 and admin_id = $2", update_id, admin_id
    )
    return kept


async def take_words(connection: Connection, update_id: int, admin_id: int) -> Json | None:
    """``words_of``, once: whoever asks next finds none."""
    kept: Json | None = await connection.fetchval(
        """
        with kept as (
            select update_id, answer -> 'words' as words from admin_updates
            where update_id = $1 and admin_id = $2 and answer ? 'words' for update)
        update admin_updates u set answer = answer - 'words' from kept where u.update_id = kept.update_id
        returning kept.words
        """,
        update_id,
        admin_id,
    )
    return kept


async def language_of(connection: Connection, admin_id: int) -> str | None:
    """The language in which this admin was answered last."""
    code: str | None = await connection.fetchval(
        """
        select answer ->> 'lang' from admin_updates
        where admin_id = $1 and answer ? 'lang' order by created_at desc limit 1
        """,
        admin_id,
    )
    return code


async def cancel(connection: Connection, update_id: int, admin_id: int) -> bool:
    """What was promised to this admin is not wanted any more; False when it was done before that."""
    return bool(
        await connection.fetchval(
            """
            update admin_updates set answer = answer || '{"cancelled": true}'::jsonb
            where update_id = $1 and admin_id = $2 and not answer ? 'done' returning true
            """,
            update_id,
            admin_id,
        )
    )


async def done_unless_cancelled(connection: Connection, update_id: int) -> bool:
    """The promise is kept; False when it was cancelled before that."""
    return bool(
        await connection.fetchval(
            """
            update admin_updates set answer = answer || '{"done": true}'::jsonb
            where update_id = $1 and not answer ? 'cancelled' returning true
            """,
            update_id,
        )
    )


async def promised(connection: Connection, promise: str) -> Sequence[Job]:
    """What was answered with this promise and is not done, perhaps by a former process."""
    rows = await connection.fetch(
        """
        select update_id, admin_id, answer from admin_updates
        where coalesce(answer ->> 'promise', answer ->> 'said') = $1 and not answer ? 'done'
        order by created_at, update_id
        """,
        promise,
    )
    return [Job(row["update_id"], row["admin_id"], row["answer"]) for row in rows]
