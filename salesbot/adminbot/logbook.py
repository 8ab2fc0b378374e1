"""What happened in a dialog, or at the whole desk, line by line: the audit log in words, paged by keyset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from aiogram.filters.callback_data import CallbackData

from salesbot import words
from salesbot.adminbot import keyboards
from salesbot.adminbot.actions import Answer, Said
from salesbot.adminbot.desk import Desk
from salesbot.adminbot.html import esc
from salesbot.adminbot.keyboards import Way, button
from salesbot.adminbot.views import Shown, answer
from salesbot.dialog.model import Outcome
from salesbot.i18n import Lang
from salesbot.store import dialogs, events
from salesbot.store.events import Data, Entry
from salesbot.store.pool import transaction
from salesbot.visible import inline

PAGE = 10
NAME = 24
"""Characters of a name in a line: ten lines of the longest fit on a page."""
_BEYOND = 2**63 - 1
_WITH_OUTCOME = ("close", "handoff", "unresolvable", "unreachable")


class LogPage(CallbackData, prefix="lg"):
    """A page of the log of a dialog (0: of the whole desk), beside event ``cursor``."""

    dialog: int
    way: Way
    cursor: int


async def page(on: Desk, _: Lang, at: LogPage, admin_id: int) -> Shown:
    """The newest page, or the one beside a cursor; past the newest end it is the newest page."""
    async with transaction(on.pool) as connection:
        zone = await on.admins.zone(connection, admin_id)
        if at.dialog and await dialogs.get(connection, at.dialog) is None:
            return answer(_, Answer(Said.NO_SUCH_DIALOG, {"dialog": at.dialog}))
        if at.way is Way.NEWER:
            found = await events.newer(connection, at.dialog, at.cursor, PAGE + 1)
            if len(found) > PAGE:
                return _shown(_, at.dialog, found[1:], zone, newer=True, older=True)
        below = at.cursor if at.way is Way.OLDER else _BEYOND
        found = await events.older(connection, at.dialog, below, PAGE + 1)
    return _shown(_, at.dialog, found[:PAGE], zone, newer=at.way is Way.OLDER, older=len(found) > PAGE)


def _shown(_: Lang, dialog: int, found: Sequence[Entry], zone: tzinfo, *, newer: bool, older: bool) -> Shown:
    if not found:
        return Shown(_("Nothing has happened yet."))
    title = _("<b>№ {n}: what happened</b>").format(n=dialog) if dialog else _("<b>What happened</b>")
    row = [
        *([button(_("← newer"), LogPage(dialog=dialog, way=Way.NEWER, cursor=found[0].id))] if newer else []),
        *([button(_("older →"), LogPage(dialog=dialog, way=Way.OLDER, cursor=found[-1].id))] if older else []),
        button(_("refresh"), LogPage(dialog=dialog, way=Way.NEWEST, cursor=0)),
    ]
    return Shown("\n".join([title, *(_line(_, entry, dialog, zone) for entry in found)]), keyboards.rows(row))


def _line(_: Lang, entry: Entry, dialog: int, zone: tzinfo) -> str:
    """``21.11 14:03 Olga: taken over``, with the dialog's number in the log of the whole desk."""
    who = actor(_, entry.actor, entry.actor_name)
    number = f"№ {entry.dialog_id} " if entry.dialog_id and not dialog else ""
    account = f"{inline(entry.account_name, NAME)} " if entry.account_name and not entry.dialog_id else ""
    text = f"{phrase(_, entry.kind)}{detail(_, entry.kind, entry.data, entry.other_name)}"
    when = entry.created_at.astimezone(zone).strftime("%d.%m %H:%M")
    return f"<i>{when}</i> {esc(f'{number}{account}{who}{text}')}"


def actor(_: Lang, code: str, name: str) -> str:
    """``Olga: ``; nothing where the program acts by itself."""
    said = {
        "model": _("the model"),
        "contact": _("the person"),
        "human": _("a colleague"),
        "operator": _("on the server"),
        "system": "",
    }
    who = said.get(code, inline(name, NAME) or code.removeprefix("admin:"))
    return f"{who}: " if who else ""


def detail(_: Lang, kind: str, data: Data, other: str) -> str:
    """What an event says besides its kind: ``: the model asks for one``."""
    found: list[str] = []
    reason = str(data.get("reason") or "")
    why = "" if reason.isdecimal() else words.reason(_, reason)
    outcome = Outcome(str(data.get("outcome") or "none")) if kind in _WITH_OUTCOME else Outcome.NONE
    if outcome in (Outcome.WON, Outcome.LOST) or not why:  # of any other the reason says the same, and more exactly
        found.append(words.outcome(_, outcome))
    if reason != "asked" or outcome is not Outcome.WON:  # who is won needs a human, that is why it asks
        found.append(why)
    if kind in ("admin_added", "admin_removed", "assigned"):
        found.append(inline(other, NAME) or _("nobody"))
    if role := data.get("role"):
        found.append(words.role(_, str(role)))
    if mode := data.get("mode"):
        found.append(words.mode(_, str(mode)))
    found += [str(data[key]).replace("_", " ") for key in ("field", "format", "campaign") if data.get(key)]
    said = ", ".join(dict.fromkeys(filter(None, found)))
    return f": {inline(said, 160)}" if said else ""


def phrase(_: Lang, kind: str) -> str:
    """An event in a few words; a kind without any is shown by its name."""
    return phrases(_).get(kind) or kind.replace("_", " ")


def phrases(_: Lang) -> Mapping[str, str]:
    return {**_of_dialogs(_), **_of_the_desk(_), **_of_the_house(_)}


def _of_dialogs(_: Lang) -> Mapping[str, str]:
    return {
        "start": _("opened the dialog"),
        "stranger": _("wrote first"),
        "resolved": _("found in Telegram"),
        "unresolvable": _("no dialog came of it"),
        "opening_waits": _("the first message waits for the morning there"),
        "handoff": _("a human is needed"),
        "handoff_waits": _("nobody has come yet"),
        "apologised": _("asked the person for patience"),
        "human_spoke": _("typed in Telegram and so took it over"),
        "spoke_in_gap": _("was written to after the backup, nobody knows by whom"),
        "takeover_ends_soon": _("the takeover ends in an hour"),
        "close": _("closed the dialog"),
        "returned": _("wrote again, the dialog goes on"),
        "opt_out": _("no more messages are wanted"),
        "unreachable": _("cannot be written to"),
        "wrote_while_quiet": _("wrote while nobody answers"),
        "parked": _("put aside, it kept failing"),
        "promised": _("promised something"),
        "task_due": _("the time of a promise has come"),
        "task_done": _("kept a promise"),
        "unproven": _("something was called learnt without a proof"),
        "hot_lead": _("close to a yes"),
        "budget_dialog": _("the money for the dialog is spent"),
        "stop_confirmed": _("nothing of it is on its way any more"),
        "erase": _("erased the person's data"),
    }


def _of_the_desk(_: Lang) -> Mapping[str, str]:
    return {
        "stop": _("stopped the dialog"),
        "resume": _("went on with the dialog"),
        "take": _("took it over"),
        "held": _("keeps it until another time"),
        "give": _("gave it back to the model"),
        "mode": _("changed the mode"),
        "house_mode": _("changed the mode of all dialogs"),
        "assigned": _("who looks after it"),
        "noted": _("wrote a note"),
        "draft": _("a draft waits for a button"),
        "draft_sent": _("sent a draft"),
        "draft_edited": _("changed a draft"),
        "draft_skipped": _("skipped a draft"),
        "draft_expired": _("a draft waited too long"),
        "said": _("wrote at the desk"),
        "unsaid": _("what was said at the desk did not go out"),
        "unsend": _("takes a message back"),
        "unsent": _("a message is taken back"),
        "unsend_failed": _("a message could not be taken back"),
        "exported": _("exported"),
        "imported": _("imported a list"),
        "campaign_running": _("let a list run"),
        "campaign_paused": _("paused a list"),
        "campaign_dropped": _("dropped a list"),
        "basis": _("noted why we may write"),
        "openings_allowed": _("allowed new conversations"),
        "admin_added": _("let somebody in"),
        "admin_removed": _("took somebody's access away"),
        "paused": _("paused everything"),
        "pause_confirmed": _("nothing is on its way any more"),
        "running": _("ended the pause"),
        "campaign_finished": _("a campaign is finished"),
    }


def _of_the_house(_: Lang) -> Mapping[str, str]:
    return {
        "account_dead": _("the account is out"),
        "account_back": _("the account is back"),
        "account_limited": _("Telegram limits new conversations"),
        "flood_wait": _("Telegram makes it wait"),
        "names_wait": _("Telegram looks up no names"),
        "openings_wait": _("no more new conversations today"),
        "model_down": _("no model answers"),
        "model_back": _("the model answers again"),
        "budget_day": _("the money for the day is spent"),
        "budget_back": _("there is money again"),
        "two_bots": _("the other side seems to be a program"),
        "database_back": _("the database answers again"),
        "gap_read": _("what was said since the backup is read"),
    }
