"""/campaigns: how far each list is, with buttons that pause it and go on with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from salesbot.adminbot import import_texts, importing, keyboards
from salesbot.adminbot.actions import Answer
from salesbot.adminbot.checking import DryRun
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.keyboards import button
from salesbot.adminbot.views import Shown
from salesbot.dialog.model import Mode
from salesbot.i18n import Lang
from salesbot.store import campaigns, switches
from salesbot.store.campaigns import Campaign, CampaignState, Progress
from salesbot.store.pool import Connection, transaction
from salesbot.visible import inline

ON_A_PAGE = 5
ALONE = -1
"""Instead of a page: the one campaign by itself, where its list was sent."""


class LeadCampaign(CallbackData, prefix="cl"):
    """Give a campaign a state, and show the page it was pressed on again."""

    campaign: int
    to: CampaignState
    below: int


class CampaignPage(CallbackData, prefix="cp"):
    """Campaigns with numbers below ``below``; 0: the newest."""

    below: int


@dataclass(frozen=True, slots=True)
class Card:
    """A campaign as it is shown."""

    campaign: Campaign
    progress: Progress


def offer(_: Lang, run: DryRun) -> InlineKeyboardMarkup | None:
    """The buttons under a dry run."""
    if run.campaign is None:
        return None
    start = _.plural("Start: write to {n} person", "Start: write to {n} people", run.fine)
    return keyboards.rows(
        [button(start, LeadCampaign(campaign=run.campaign, to=CampaignState.RUNNING, below=ALONE))],
        [button(_("Drop"), LeadCampaign(campaign=run.campaign, to=CampaignState.DROPPED, below=ALONE))],
    )


async def page(on: Desk, _: Lang, admin_id: int, below: int) -> Shown:
    """The campaigns that were ever started, the newest first."""
    async with transaction(on.pool) as connection:
        found = await campaigns.newest(connection, below or None, ON_A_PAGE + 1)
        progress = await campaigns.progress(connection, [one.id for one in found[:ON_A_PAGE]])
        pace = await _pace(on, _, connection)
        zone = await on.admins.zone(connection, admin_id)
    cards = [Card(one, progress[one.id]) for one in found[:ON_A_PAGE]]
    if not cards:
        return Shown(_("No list was ever started. /import takes one."))
    lines = [_("<b>Campaigns</b>"), *(_card(_, card, admin_id, zone) for card in cards)]
    if any(card.campaign.state is CampaignState.RUNNING for card in cards):
        lines.append(pace)
    older = [button(_("older →"), CampaignPage(below=cards[-1].campaign.id))] if len(found) > ON_A_PAGE else []
    turn = [*older, button(_("refresh"), CampaignPage(below=below))]
    buttons = [row for card in cards for row in [_buttons(_, card.campaign, below)] if row]
    return Shown("\n\n".join(lines), keyboards.rows(*buttons, turn))


async def alone(on: Desk, _: Lang, admin_id: int, campaign_id: int) -> Shown | None:
    """One campaign by itself; None when there is no such one."""
    async with transaction(on.pool) as connection:
        campaign = await campaigns.get(connection, campaign_id)
        if campaign is None:
            return None
        progress = (await campaigns.progress(connection, [campaign_id]))[campaign_id]
        pace = await _pace(on, _, connection)
        zone = await on.admins.zone(connection, admin_id)
    lines = [_card(_, Card(campaign, progress), admin_id, zone)]
    if campaign.state is CampaignState.RUNNING:
        lines += [pace, _("/campaigns shows how far it is, and pauses it.")]
    return Shown("\n".join(lines), keyboards.rows(_buttons(_, campaign, ALONE)))


async def _pace(on: Desk, _: Lang, connection: Connection) -> str:
    """How long it takes until everybody who waits is written to, or why nobody is now."""
    said = await switches.get(connection)
    if said.paused_at is not None:
        return _("⏸ Everything is paused: nothing is said. /resume goes on.")
    if said.mode is Mode.OFF:
        return _("The mode of all dialogs is off: nobody is written to. /mode changes that.")
    return import_texts.lasting(_, await importing.forecast(on, connection, 0))


async def too_late(on: Desk, _: Lang, admin_id: int, given: Answer) -> str | None:
    """Who was first, for the one whose press changed nothing."""
    if given.data.get("done"):
        return None
    async with transaction(on.pool) as connection:
        campaign = await campaigns.get(connection, int(str(given.data["campaign"])))
    if campaign is None or campaign.decided_by is None:
        return _("This button is too old. Send the command again.")
    return _("Already done: {who}.").format(who=_decided(_, campaign, admin_id))


def _buttons(_: Lang, campaign: Campaign, below: int) -> list[InlineKeyboardButton]:
    """What may be made of it."""

    def to(text: str, state: CampaignState) -> InlineKeyboardButton:
        return button(text.format(n=campaign.id), LeadCampaign(campaign=campaign.id, to=state, below=below))

    match campaign.state:
        case CampaignState.RUNNING:
            return [to(_("Pause list № {n}"), CampaignState.PAUSED)]
        case CampaignState.PAUSED:
            return [
                to(_("Go on with list № {n}"), CampaignState.RUNNING),
                to(_("Drop the rest of № {n}"), CampaignState.DROPPED),
            ]
        case _:
            return []


def _card(_: Lang, card: Card, admin_id: int, zone: tzinfo) -> str:
    campaign, progress = card.campaign, card.progress
    title = _("<b>List № {n}</b> {name}: {state}").format(
        n=campaign.id, name=esc(inline(campaign.name, 60)), state=_states(_)[campaign.state]
    )
    if campaign.state is CampaignState.DROPPED and campaign.started_at is None:
        nobody = _("Nobody was written to; the list is forgotten.")
        return "\n".join([title, esc(_decided(_, campaign, admin_id)), nobody])
    lines = [
        title,
        _("Begun: {opened}, waiting: {waiting}, won: {won}").format(
            opened=progress.opened, waiting=progress.waiting, won=progress.won
        ),
    ]
    if progress.skipped:
        total, reasons = sum(progress.skipped.values()), import_texts.counted(_, progress.skipped)
        lines.append(_("Left out: {n} ({reasons})").format(n=total, reasons=reasons))
    if campaign.decided_by is not None:
        lines.append(f"{esc(_decided(_, campaign, admin_id))}, {_moment(campaign.decided_at, zone)}")
    return "\n".join(lines)


def _states(_: Lang) -> Mapping[CampaignState, str]:
    return {
        CampaignState.CHECKED: _("checked, not started"),
        CampaignState.RUNNING: _("running"),
        CampaignState.PAUSED: _("paused"),
        CampaignState.FINISHED: _("finished"),
        CampaignState.DROPPED: _("dropped"),
    }


def _decided(_: Lang, campaign: Campaign, admin_id: int) -> str:
    """``started by you``, ``paused by Anna``: who gave it its state; of a finished one, who let it run."""
    who = _("you") if campaign.decided_by == admin_id else inline(campaign.decider, 60) or f"id {campaign.decided_by}"
    texts: Mapping[CampaignState, str] = {
        CampaignState.PAUSED: _("paused by {who}"),
        CampaignState.DROPPED: _("dropped by {who}"),
    }
    return texts.get(campaign.state, _("started by {who}")).format(who=who)


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%d.%m %H:%M") if at else ""
