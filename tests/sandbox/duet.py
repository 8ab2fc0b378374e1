"""The scripted seller and a scripted customer talk as the product would have them: its prompt, its parser, its guard,
one repair, its follow-ups; without its clock, its database and its Telegram."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from salesbot.dialog import bots, disclosure, fields, guard, optout
from salesbot.dialog.model import Author, Contact, Dialog, Direction, History, Message, Outcome, Purpose, Reply, Status
from salesbot.dialog.scenario import Scenario
from salesbot.errors import InvalidReply
from salesbot.llm import prompt
from salesbot.llm import reply as replies
from salesbot.llm.prompt import Background
from sandbox.model import customers, seller
from sandbox.model.chat import Chat, Said, read_chat

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROFILE: dict[str, Any] = {
    "name": "anna-warm", "kind": "warm", "language": "ru", "size": 25, "budget": 0, "patience": 12, "trust": 0.5,
    "objection": "", "variant": 1, "now": "2026-03-02T12:00",
}  # fmt: skip
SAYS_NOTHING = ("[silence]", "[leave]")


@dataclass(frozen=True)
class Drafted:
    """A draft of the seller's, and what the product thinks of it: the code of a refusal, or nothing."""

    chat: Chat
    said: Said
    refused: str
    history: History
    known: frozenset[str]


@dataclass
class Duet:
    scenario: Scenario
    profile: dict[str, Any]
    script: Callable[[Chat], Said] = seller.reply
    messages: list[Message] = field(default_factory=list)
    drafts: list[Drafted] = field(default_factory=list)
    outcome: str = ""
    """How it ended: won, lost, handoff, opted_out, two_bots, or empty: it went silent."""
    stage: str = ""
    known: dict[str, str] = field(default_factory=dict)
    answered: int = 0

    @property
    def own_lines(self) -> list[str]:
        return [one.content for one in self.messages if one.incoming]

    @property
    def transcript(self) -> str:
        return "\n".join(f"{'   ' if one.incoming else '> '}{one.content}" for one in self.messages)

    def run(self, most: int = 24) -> Duet:
        """The whole talk, until it ended or nobody says anything any more."""
        self._seller_says(Purpose.OPENING)
        silences = 0
        for _ in range(most):
            said = self.customer_says()
            if said == "[leave]" and silences == len(self.scenario.follow_ups):
                break
            if said in SAYS_NOTHING:
                if self.outcome or silences == len(self.scenario.follow_ups):
                    break
                silences += 1
                self._seller_says(Purpose.FOLLOW_UP)
                continue
            silences = 0
            if self._hear(said) or self.outcome:
                break
            self._seller_says(Purpose.REPLY)
        return self

    def customer_says(self) -> str:
        """What the customer says next, said or not."""
        told = [{"role": "system", "content": f"You play them.\n```json\n{json.dumps(self.profile)}\n```"}]
        for one in self.messages:
            role = "assistant" if one.incoming else "user"
            if told[-1]["role"] == role:
                told[-1]["content"] += f"\n{one.content}"
            else:
                told.append({"role": role, "content": one.content})
        (said,) = customers.reply(read_chat({"messages": told}), self.profile["name"]).parts
        return said

    def _hear(self, said: str) -> bool:
        self._add(said, incoming=True)
        if optout.is_opt_out(said):
            self.outcome = "opted_out"
        return self.outcome == "opted_out"

    def _seller_says(self, purpose: Purpose) -> None:
        if bots.two_machines(self._history(), self._now(), self.scenario.limits):
            self.outcome = "two_bots"
            return
        reply = self._draft(purpose)
        if reply is None:
            self.outcome = self.outcome or "handoff"
            self._add(self.scenario.safe_sentence[self.profile["language"]], incoming=False)
            return
        if reply.opt_out:
            self.outcome = "opted_out"
            return
        history = self._history()
        reply = disclosure.identified(reply, self.scenario, history)
        reply = disclosure.disclosed(reply, self.scenario, history)
        for part in reply.parts:
            self._add(part, incoming=False)
        self.answered = len(self.messages)
        self.stage = reply.stage
        if reply.outcome is not Outcome.NONE:
            self.outcome = reply.outcome.value
        elif reply.handoff:
            self.outcome = "handoff"

    def _draft(self, purpose: Purpose) -> Reply | None:
        history = self._history()
        dialog = replace(DIALOG, stage=self.stage or self.scenario.first_stage)
        contact = Contact(1, "anna", language=self.profile["language"])
        background = Background(self.known)
        asked = prompt.build(self.scenario, dialog, contact, history, self._now(), purpose, background)
        trouble = ""
        for _ in range(2):
            asked = prompt.repair(asked, trouble) if trouble else asked
            turns = [{"role": one.role.value, "content": one.content} for one in asked]
            body = {"messages": turns, "response_format": replies.response_format(self.scenario)}
            chat = read_chat(body)
            said = self.script(chat)
            known = frozenset(self.known)
            code, reply, trouble, learnt = checked(said.shaped(chat), self.scenario, history, known)
            self.drafts.append(Drafted(chat, said, code, history, known))
            if reply is not None:
                self.known |= learnt
                return reply
        return None

    def _history(self) -> History:
        unanswered = frozenset(one.id for one in self.messages[self.answered :] if one.incoming)
        return History(tuple(self.messages), unanswered)

    def _now(self) -> datetime:
        return MONDAY + timedelta(minutes=len(self.messages))

    def _add(self, text: str, *, incoming: bool) -> None:
        author, direction = (Author.CONTACT, Direction.IN) if incoming else (Author.MODEL, Direction.OUT)
        number = len(self.messages) + 1
        self.messages.append(Message(number, 1, direction, author, text, self._now(), revision=number))


def checked(
    answer: str, scenario: Scenario, history: History, known: frozenset[str]
) -> tuple[str, Reply | None, str, dict[str, str]]:
    """As the engine checks a draft: the code of a refusal, or the reply; what is told the model; what was learnt."""
    try:
        reply = replies.parse(answer, scenario)
    except InvalidReply as exc:
        return exc.code, None, str(exc), {}
    if reply.opt_out:
        return ("", reply, "", {}) if history.unanswered else ("opt_out", None, "They have said nothing new.", {})
    learnt, unproven = fields.prove(reply.learnt, scenario, history.messages, MONDAY.date())
    reply = replace(reply, learnt=tuple(one for one in reply.learnt if one.field not in unproven))
    known |= {one.field for one in learnt}
    if found := guard.check(reply, scenario, disclosure.without(history, scenario), known):
        return found[0].code, None, " ".join(one.message for one in found), {}
    return "", reply, "", {one.field: one.value for one in learnt}


DIALOG = Dialog(
    id=1, account_id=1, contact_id=1, target_username="anna", scenario="sales", status=Status.ACTIVE, stage="",
    outcome=Outcome.NONE, revision=1, answered_revision=0, halts=0, dropped_drafts=0, failures=0, follow_ups=0,
    created_at=MONDAY, basis="they left their number at our stand",
)  # fmt: skip
