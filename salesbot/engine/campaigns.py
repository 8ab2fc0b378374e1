"""Campaigns: dialogs with the people of a list are opened by and by, in its order, as the limits of the day allow;
several campaigns take turns.

A chore of whoever owns an account (law 3). The person's row says that their dialog stands in the transaction that opens
it, under the lock of the account, so that nobody is written to twice whoever dies or takes over. Whatever can be asked
without Telegram is asked again when somebody's turn comes, the rest when their username is looked up (``openings``).
"""

from __future__ import annotations

from datetime import timedelta

from loguru import logger

from salesbot.dialog.campaigns import room
from salesbot.dialog.model import Mode
from salesbot.dialog.openings import allowance
from salesbot.engine.context import Context, Live
from salesbot.errors import NotOwner
from salesbot.store import (
    accounts,
    campaign_people,
    campaigns,
    desk,
    dialogs,
    events,
    model_calls,
    suppressions,
    switches,
)
from salesbot.store.accounts import Account
from salesbot.store.campaign_people import Next
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection, transaction

BATCH = 100
"""People looked at in one round, for each account."""
KEPT_UNSTARTED = timedelta(days=7)
"""How long a list waits for its button; then it is forgotten with everybody on it."""


async def go_on(context: Context) -> None:
    """One round: open what may be opened now, and say which campaigns are finished."""
    if context.trial is not None:
        return
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        if not await campaigns.under_way(connection):
            return
    for live in list(context.live.values()):
        try:
            await _open(context, live)
        except NotOwner as exc:
            logger.bind(account=live.fence.account_id, reason=str(exc)).info("the account is not ours to use")
    await _finish(context)


async def _open(context: Context, live: Live) -> None:
    async with context.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        if not await campaign_people.any_waits(connection):
            return
    for _ in range(BATCH):
        if not await _open_next(context, live):
            return


async def _open_next(context: Context, live: Live) -> bool:
    """One person's turn; False when there is none now."""
    async with transaction(context.pool) as connection:
        account = await accounts.lock_owned(connection, live.fence)
        if account is None:
            raise NotOwner(f"account {live.fence.account_id} is owned by somebody else now")
        if await _room(context, connection, account) <= 0:
            return False
        person = await campaign_people.next_person(connection, account.id)
        if person is None:
            return False
        scenario = person.scenario or context.settings.scenario
        if reason := await _refusal(context, connection, person, scenario):
            await campaign_people.skip(connection, person, reason)
            return True
        dialog = await dialogs.open_dialog(
            connection,
            account_id=account.id,
            target=person.username,
            scenario=scenario,
            basis=person.basis,
            actor=f"admin:{person.admin_id}",
            now=context.clock.now(),
        )
        await campaign_people.opened(connection, person, dialog.id)
    context.poke(dialog.id)
    return True


async def _room(context: Context, connection: Connection, account: Account) -> int:
    """How many dialogs this account may open now; none while everything is paused or switched off."""
    now, settings = context.clock.now(), context.settings
    said = await switches.get(connection)
    resting = said.paused_at is not None or said.mode is Mode.OFF
    flooded = account.flood_until is not None and account.flood_until > now
    if resting or flooded or account.openings_blocked or not account.ready:
        return 0
    day = model_calls.day_of(now)
    left = allowance(settings.new_dialogs_per_day, settings.warm_up, account.first_opening_at, now)
    if left is not None:
        left -= await accounts.begun_since(connection, account.id, day)
    unbegun = await campaign_people.unbegun(connection, account.id, now, day)
    return room(left, today=unbegun.today, at_once=unbegun.at_once)


async def _refusal(context: Context, connection: Connection, person: Next, scenario: str) -> str:
    """Why they are not written to, as far as it can be said without Telegram; empty when they are."""
    if await suppressions.holds(connection, context.keys.name_marks(person.username)):
        return "opted_out"
    if scenario not in context.scenarios:
        return "unknown_scenario"
    if context.settings.require_basis and not person.basis:
        return "no_basis"
    if await desk.looking_up(connection, person.username):
        return "already_active"
    return ""


async def _finish(context: Context) -> None:
    async with transaction(context.pool) as connection:
        for campaign_id in await campaigns.finish(connection):
            reached = (await campaigns.progress(connection, [campaign_id]))[campaign_id]
            await events.record(
                connection,
                "campaign_finished",
                actor="system",
                data={
                    "campaign": campaign_id,
                    "opened": reached.opened,
                    "skipped": sum(reached.skipped.values()),
                },
            )
            context.news.wake()
        await campaigns.forget_unstarted(connection, context.clock.now() - KEPT_UNSTARTED)
