"""What came about in a world, read out of the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from salesbot.dialog.scenario import Scenario
from salesbot.llm.reply import outline
from salesbot.rehearsal.record import Call, Event, Learnt, Line, Record, Task
from salesbot.rehearsal.world import Player, Stage
from salesbot.store import dialogs, facts, rehearsals, suppressions
from salesbot.store.pool import ACQUIRE_TIMEOUT, Connection
from salesbot.store.rehearsals import Asked, Happened, Said

SAID_AGAIN = "wrote_while_quiet"
"""How often the operator hears of this depends on the machine's own clock, unless it has a reason of its own."""


async def read(stage: Stage, player: Player) -> Record:
    """The record of a world that has ended."""
    async with stage.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
        dialog = await dialogs.get(connection, player.dialog_id)
        assert dialog is not None
        chat = await rehearsals.chat(connection, dialog.id)
        places = {said.message.id: place for place, said in enumerate(chat, 1)}
        asked = await rehearsals.asked(connection, dialog.id)
        return Record(
            profile=player.profile,
            repeat=player.repeat,
            scenario=stage.scenario.name,
            status=dialog.status,
            outcome=dialog.outcome,
            stage=dialog.stage,
            stages=_stages(asked, dialog.stage, stage.scenario),
            lines=tuple(_line(place, said) for place, said in enumerate(chat, 1)),
            learnt=await _learnt(connection, dialog.id, places),
            tasks=tuple(
                Task(what, places.get(at) if at is not None else None)
                for what, at in await rehearsals.promises(connection, dialog.id)
            ),
            calls=tuple(Call(one.purpose, one.model, one.state, one.error, one.cost) for one in asked),
            events=_events(await rehearsals.happened(connection, dialog.id), chat),
            suppressed=await suppressions.holds(connection, stage.keys.marks(player.person.id)),
            ceiling=stage.settings.budget_per_dialog or None,
            opening=dialog.opening,
            discloses=stage.settings.disclosure,
        )


def _line(place: int, said: Said) -> Line:
    message = said.message
    return Line(
        place,
        message.timestamp,
        message.author,
        message.content,
        said.purpose,
        message.kind.value,
        tuple(edit.content for edit in message.edits),
    )


async def _learnt(connection: Connection, dialog_id: int, places: Mapping[int, int]) -> tuple[Learnt, ...]:
    return tuple(
        Learnt(fact.field, fact.value, places.get(fact.message_id) if fact.message_id is not None else None)
        for fact in await facts.of_dialog(connection, dialog_id)
    )


def _events(happened: Sequence[Happened], chat: Sequence[Said]) -> tuple[Event, ...]:
    ids = [said.message.telegram_message_id or 0 for said in chat]
    return tuple(
        Event(one.kind, sum(at <= one.line for at in ids), one.reason)
        for one in happened
        if one.kind != SAID_AGAIN or one.reason
    )


def _stages(asked: Sequence[Asked], last: str, scenario: Scenario) -> tuple[str, ...]:
    """The stages of the replies that were used, and the last: the dialog's row remembers no others."""
    known = {stage.name for stage in scenario.stages}
    used = [outline(one.answer).stage for one in asked if one.state == "used" and one.purpose != "summary"]
    return tuple(dict.fromkeys(stage for stage in (*used, last) if stage in known))
