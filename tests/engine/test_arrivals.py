"""Lines that are stored by one statement: they leave what a transaction of their own would, and whatever is committed
between the statement's snapshot and its lock wins (laws 1, 2, 6 and 7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from salesbot.dialog.model import Author, Dialog, DialogEvent, Kind, Mode, Person, Seen, SendState, Status
from salesbot.engine.context import Context, Live
from salesbot.engine.inbox import Inbox
from salesbot.engine.outbox import Outbox
from salesbot.keys import KeyRing
from salesbot.llm.client import ModelClient
from salesbot.settings import Settings
from salesbot.store import (
    arrivals,
    comparisons,
    contacts,
    dialogs,
    drafts,
    messages,
    parts,
    suppressions,
    switches,
    turns,
)
from salesbot.store.arrivals import Stored
from salesbot.store.pool import Connection
from salesbot.store.turns import Turn
from salesbot.userbot.gateway import Gateway
from tests.engine.running import SCENARIO
from tests.engine.two import ACCOUNT, ANNA, NOW, Two, a_message, add_part, led, lines, next_part, state_of

BORIS, CLARA = 300, 400
LINE = Seen(7, ANNA, False, "And what does it cost?", NOW)
GATE = 7
A_GATE = """
    alter table switches rename to switches_kept;
    create function pass() returns boolean language plpgsql as $$ begin
        perform pg_advisory_lock_shared(7), pg_advisory_unlock_shared(7);
        return true;
    end $$;
    create view switches as select * from switches_kept where pass()
    """
"""Whoever asks what holds for all dialogs waits here."""

pytestmark = pytest.mark.filterwarnings("error")


class Still:
    """A clock that was stopped."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


@pytest.fixture
async def inbox(two: Two) -> AsyncIterator[Inbox]:
    keys = KeyRing("a secret of the tests which is long enough")
    await suppressions.check_keys(two.first, keys.key_ids)
    settings = Settings.model_validate(
        {
            "api_id": 1,
            "api_hash": "hash",
            "bot_token": "1:token",
            "admin_telegram_id": (1,),
            "openrouter_api_key": "key",
            "secret_key": "a secret of the tests which is long enough",
            "debounce_seconds": 4,
            "debounce_cap_seconds": 20,
        }
    )
    model = ModelClient(settings, Still())
    yield Inbox(Context(settings, two.pool, Still(), keys, model, {"sales": SCENARIO}, lambda: 1))
    await model.close()


async def meet(two: Two, person_id: int) -> None:
    """Another person, and a dialog with them."""
    await contacts.learn(two.first, ACCOUNT, Person(person_id, 1, None, "Somebody"))
    await two.first.execute(
        "insert into dialogs (account_id, contact_id, target_username, scenario, status, compare) "
        "values ($1, $2, 'anna', 'sales', 'active', false)",
        ACCOUNT,
        person_id,
    )


async def store(two: Two, inbox: Inbox, *seen: Seen) -> dict[int, Stored]:
    pace = inbox._context.settings.timing
    return dict(await arrivals.store(two.second, ACCOUNT, seen or [LINE], pace, NOW))


async def stored(two: Two) -> list[tuple[int, str, int]]:
    """All that people said: dialog, words, revision."""
    found = await two.pool.fetch("select * from messages where direction = 'in' order by telegram_message_id")
    return [(row["dialog_id"], row["content"], row["revision"]) for row in found]


# -- what is left behind

STATES = {
    "answered": "update dialogs set answered_revision = revision",
    "never_spoken": "update dialogs set due_at = $1 - interval '1 min', due_reason = 'opening', compare = true",
    "in_a_burst": "update dialogs set due_at = $1 + interval '2 s', due_since = $1 - interval '2 s'",
    "in_a_long_burst": "update dialogs set due_at = $1 + interval '2 s', due_since = $1 - interval '18 s'",
    "in_an_endless_burst": "update dialogs set due_at = $1, due_since = $1 - interval '1 hour'",
    "followed_up": "update dialogs set follow_ups = 2, follow_up_at = $1 + interval '1 day', answered_revision = 1",
    "held": "update dialogs set not_before = $1 + interval '1 hour', failures = 3, due_at = $1 - interval '1 s'",
    "dropped": "update dialogs set mode = 'auto', dropped_drafts = 1",
    "compared": "update dialogs set history_upto = 6",
    "on_its_way": "insert into messages (dialog_id, account_id, direction, author, content, timestamp, send_state,"
    " random_id, revision, purpose) select id, account_id, 'out', 'model', 'One', $1, 'sending', id, 1, 'reply'"
    " from dialogs",
    "a_colleague_spoke": "insert into messages (dialog_id, account_id, direction, author, content, timestamp,"
    " send_state, random_id, stands, purpose) select id, account_id, 'out', 'human', 'One', $1, 'pending', id, true,"
    " 'desk' from dialogs",
}


DIFFER = set("id contact_id dialog_id telegram_message_id heard_upto created_at status_since random_id".split())


async def left(two: Two, dialog_id: int) -> list[list[dict[str, object]]]:
    """All that stands of a dialog, whosever it is."""
    found = [
        await two.pool.fetch(query, dialog_id)
        for query in (
            "select * from dialogs where id = $1",
            "select * from messages where dialog_id = $1 order by id",
            "select heard_upto - m.id as heard from dialogs d join messages m on m.dialog_id = d.id "
            "where d.id = $1 and direction = 'in'",
        )
    ]
    return [[{name: value for name, value in row.items() if name not in DIFFER} for row in rows] for rows in found]


@pytest.mark.parametrize("together", [False, True], ids=["alone", "together"])
@pytest.mark.parametrize("state", STATES)
async def test_it_leaves_what_a_transaction_of_its_own_would(
    two: Two, inbox: Inbox, state: str, together: bool
) -> None:
    await meet(two, BORIS)
    await meet(two, CLARA)
    query = STATES[state].replace("$1", "$1::timestamptz")
    await two.first.fetch(query, *([NOW] if "$1" in query else []))
    line = replace(LINE, text="And\x00 how?", reply_to=3)
    assert list(await store(two, inbox, line, *([replace(line, telegram_message_id=9, peer_id=CLARA)] * together)))
    shown = Person(BORIS, 1, None, "Somebody")
    await inbox.arrived(ACCOUNT, [replace(line, telegram_message_id=8, peer_id=BORIS, person=shown)])
    assert (there := await left(two, 1)) == await left(two, 2)
    assert there[2] == [{"heard": 0}], "it is unread"


NOT_PLAIN = {
    "ours": replace(LINE, outgoing=True),
    "a_voice": replace(LINE, text="", kind=Kind.VOICE, media="0:12"),
    "of_an_album": replace(LINE, group_id=5),
    "a_quote": replace(LINE, quote="It costs"),
    "edited": replace(LINE, edited_at=NOW),
    "reacted_to": replace(LINE, reaction="x"),
    "who_it_is": replace(LINE, person=Person(ANNA, 2, "anya", "Anya")),
}


@pytest.mark.parametrize("what", NOT_PLAIN)
def test_what_has_more_to_it_than_words_is_not_stored_so(what: str) -> None:
    assert arrivals.is_plain(LINE)
    assert not arrivals.is_plain(NOT_PLAIN[what])


UNUSUAL = {
    "stopped": "status = 'stopped'",
    "taken": "status = 'taken'",
    "handed_over": "status = 'handoff'",
    "closed": "status = 'closed', outcome = 'won'",
    "about_to_end": "after_parts = 'close'",
    "off": "mode = 'off'",
    "with_buttons": "mode = 'draft'",
    "begun_with_a_button": "preview = true",
    "erased": "erased_at = now()",
    "compared_beyond": "history_upto = 7",
    "of_another": "contact_id = null, status = 'failed'",
}


@pytest.mark.parametrize("state", UNUSUAL)
async def test_a_dialog_that_calls_for_more_is_left_alone(two: Two, inbox: Inbox, state: str) -> None:
    await two.first.execute(f"update dialogs set {UNUSUAL[state]}")  # noqa: S608 - of this file
    before = await two.pool.fetchrow("select * from dialogs")
    assert not await store(two, inbox)
    assert (await two.pool.fetchrow("select * from dialogs"), await stored(two)) == (before, [])


async def test_a_draft_that_waits_to_be_sent_is_dropped_by_a_transaction(two: Two, inbox: Inbox) -> None:
    part = await add_part(two, "One")
    assert not await store(two, inbox)
    await inbox.arrived(ACCOUNT, [LINE])
    assert (await state_of(two, part), (await two.dialog()).dropped_drafts) == (SendState.CANCELLED, 1)


async def test_off_for_all_is_off_for_each(two: Two, inbox: Inbox) -> None:
    await switches.set_mode(two.first, Mode.OFF)
    assert not await store(two, inbox)
    await inbox.arrived(ACCOUNT, [LINE])
    assert await two.pool.fetchval("select count(*) from events where kind = 'wrote_while_quiet'") == 1


async def test_many_write_at_once_and_one_of_them_wants_no_messages(two: Two, inbox: Inbox) -> None:
    """Each person's lines keep their order, whatever becomes of the others'."""
    await meet(two, BORIS)
    await meet(two, CLARA)
    said = [
        (ANNA, "Hi"),
        (BORIS, "Hello"),
        (ANNA, "Never write to me again"),
        (CLARA, "Good evening"),
        (BORIS, "Are you there?"),
        (ANNA, "Please"),
        (999, "A stranger"),
        (BORIS, "Hello"),
    ]
    batch = [Seen(10 + number, who, False, text, NOW) for number, (who, text) in enumerate(said)]
    for _ in range(2):  # the second time it is a replay
        await inbox.arrived(ACCOUNT, batch)
        assert await stored(two) == [
            (1, "Hi", 2),
            (2, "Hello", 2),
            (1, "Never write to me again", 3),
            (3, "Good evening", 2),
            (2, "Are you there?", 3),
            (1, "Please", 4),
            (2, "Hello", 4),
        ]
        found = await two.pool.fetch("select status, outcome from dialogs order by id")
        assert [tuple(row) for row in found] == [("closed", "opted_out"), ("active", "none"), ("active", "none")]


# -- what is committed between the snapshot and the lock


async def overtaken(two: Two, inbox: Inbox, by: Callable[[Two], Awaitable[object]]) -> dict[int, Stored]:
    """The statement has its snapshot, and waits before it locks anything until ``by`` has committed."""
    await two.first.execute(A_GATE)
    await two.first.execute("select pg_advisory_lock($1)", GATE)
    storing = asyncio.ensure_future(store(two, inbox))
    await two.blocked()
    async with two.first.transaction():
        await by(two)
    await two.first.execute("select pg_advisory_unlock($1)", GATE)
    found = await storing
    await two.first.execute("drop view switches; alter table switches_kept rename to switches")
    return found


def locked(does: Callable[[Connection, Dialog], Awaitable[object]]) -> Callable[[Two], Awaitable[object]]:
    """Do it as everybody does: with the dialog locked."""

    async def done(two: Two) -> None:
        dialog = await dialogs.lock(two.first, 1)
        assert dialog is not None
        await does(two.first, dialog)

    return done


def ended(after: DialogEvent | None = None) -> Callable[[Two], Awaitable[object]]:
    """A turn ends, with a reply in two parts."""

    async def done(two: Two) -> None:
        dialog = await dialogs.get(two.first, 1)
        assert dialog is not None
        assert await turns.end_turn(two.first, Turn(dialog, "offer", after=after), two.fence, lines("One", "Two"))

    return done


async def off(connection: Connection, dialog: Dialog) -> None:
    await dialogs.set_mode(connection, dialog, Mode.OFF, actor="admin:1", now=NOW)


async def compared(connection: Connection, dialog: Dialog) -> None:
    await comparisons.compared(connection, dialog.id, LINE.telegram_message_id)


async def read_in_the_history(connection: Connection, dialog: Dialog) -> None:
    """The same message, by whoever compares the dialog just then."""
    await messages.insert(connection, dialog.id, ACCOUNT, LINE, author=Author.CONTACT, revision=dialog.revision + 1)
    await a_message(connection, dialog)


async def erased(connection: Connection, dialog: Dialog) -> None:
    await connection.execute("update dialogs set contact_id = null, erased_at = $1, status = 'stopped'", NOW)


@pytest.mark.parametrize(
    "by",
    [
        locked(led(DialogEvent.STOP)),
        locked(led(DialogEvent.TAKE)),
        locked(led(DialogEvent.OPT_OUT)),
        locked(led(DialogEvent.HANDOFF)),
        locked(off),
        locked(compared),
        locked(read_in_the_history),
        locked(erased),
        ended(DialogEvent.HANDOFF),
        ended(DialogEvent.CLOSE),
    ],
    ids=["stop", "take", "opt_out", "handoff", "off", "compared", "history", "erased", "calls_a_human", "closes"],
)
async def test_what_is_committed_just_before_the_lock_is_not_missed(
    two: Two, inbox: Inbox, by: Callable[[Two], Awaitable[object]]
) -> None:
    seen: list[object] = []

    async def then(two: Two) -> None:
        await by(two)
        seen.append(await two.first.fetchrow("select * from dialogs"))

    assert not await overtaken(two, inbox, then)
    assert await two.pool.fetchrow("select * from dialogs") == seen[0], "nothing was changed"
    assert len(await stored(two)) <= 1


async def test_a_line_of_a_burst_is_counted_after_the_one_before_it(two: Two, inbox: Inbox) -> None:
    assert list(await overtaken(two, inbox, locked(a_message))) == [7]
    assert ((await two.dialog()).revision, await stored(two)) == (3, [(1, LINE.text, 3)])


async def test_a_reply_that_is_committed_just_then_is_not_claimed_and_counts_as_dropped(two: Two, inbox: Inbox) -> None:
    assert list(await overtaken(two, inbox, ended())) == [7]
    part = await next_part(two.first)
    assert part is not None
    assert (part.first, await parts.claim(two.first, part, two.fence, [], NOW)) == (True, False)
    await Outbox(inbox._context).unclaimed(Live(cast(Gateway, None), two.fence), part)
    assert (await state_of(two, part), await next_part(two.first)) == (SendState.CANCELLED, None)
    dialog = await two.dialog()
    assert (dialog.dropped_drafts, dialog.status, dialog.due_at) == (1, Status.ACTIVE, NOW + timedelta(seconds=4))


async def test_a_draft_that_is_committed_just_then_takes_no_newer_line_with_it(two: Two, inbox: Inbox) -> None:
    """Who skips it has decided of what it answers, not of what was said since."""
    await switches.set_mode(two.first, Mode.DRAFT)

    async def drafted(connection: Connection, dialog: Dialog) -> None:
        assert await turns.end_turn(connection, Turn(dialog, "offer"), two.fence)
        draft_id = await drafts.begin(connection, dialog, now=NOW, expires_at=NOW + timedelta(hours=24))
        await parts.add(connection, dialog, lines("One"), stands=False, draft_id=draft_id)

    assert not await overtaken(two, inbox, locked(drafted))
    await inbox.arrived(ACCOUNT, [LINE])
    dialog = await two.dialog()
    assert (dialog.revision, dialog.due_at) == (2, NOW + timedelta(seconds=4))
    assert await drafts.waiting(two.first, 1) is None


async def test_a_dialog_that_somebody_holds_is_not_waited_for(two: Two, inbox: Inbox) -> None:
    await meet(two, BORIS)
    async with two.first.transaction():
        await dialogs.lock(two.first, 1)
        async with asyncio.timeout(5):
            found = await store(two, inbox, LINE, Seen(8, BORIS, False, "Hello", NOW))
    assert list(found) == [8]


async def test_who_stores_the_same_message_in_another_dialog_is_waited_for_and_nothing_is_changed(
    two: Two, inbox: Inbox
) -> None:
    """A replay belongs to the dialog in which the id stands."""
    await meet(two, BORIS)
    async with two.first.transaction():
        await messages.insert(two.first, 2, ACCOUNT, LINE, author=Author.CONTACT, revision=0)
        storing = asyncio.ensure_future(store(two, inbox))
        await two.blocked()
    assert not await storing
    assert ((await two.dialog()).revision, [row[0] for row in await stored(two)]) == (1, [2])


async def test_the_row_of_a_dialog_is_written_once_for_a_line(two: Two, inbox: Inbox) -> None:
    """That it is unread is written along; of those who do not, the release before among them, a trigger sees to it."""
    written = "select n_tup_upd from pg_stat_xact_user_tables where relname = 'dialogs'"
    async with two.second.transaction():
        assert list(await store(two, inbox)) == [7]
        assert await two.second.fetchval(written) == 1
    older = replace(LINE, telegram_message_id=8)
    newest = await messages.insert(two.first, 1, ACCOUNT, older, author=Author.CONTACT, revision=3)
    assert await two.first.fetchval("select heard_upto from dialogs") == newest
