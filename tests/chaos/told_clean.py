"""Clean records for the tests of the oracle: what went right, also where it looks wrong at first sight."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.chaos.record import Expect
from tests.chaos.tale import ANNA, BORIS, DISCLOSURE, FAREWELL, SAFE, WAITING, Story, Tale, begun, draft


def a_talk(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2 ANNA-3")
    tale.says(dialog, "ANNA-4")
    tale.reply(dialog, "ANNA-2", "ANNA-3 ANNA-4")
    tale.says(dialog, "ANNA-5", Expect.AT_MOST_ONCE)


def two_people(tale: Tale) -> None:
    begun(tale)
    other = tale.open(BORIS)
    tale.says(other, "BORIS-1")
    tale.reply(other, "BORIS-1")


def a_burst_that_costs_a_draft(tale: Tale) -> None:
    """The first draft is dropped, the second stands against what comes while it is said."""
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    dropped = tale.ask(dialog)
    tale.says(dialog, "ANNA-3")
    tale.drop(dropped)
    first, second = draft(tale, dialog, "ANNA-2", "ANNA-3", stands=True)
    tale.says(dialog, "ANNA-4")
    tale.say(first)
    tale.say(second)
    tale.reply(dialog, "ANNA-4")


def a_newer_message_cancels_what_waits(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2 ANNA-3")
    first, _ = draft(tale, dialog, "ANNA-2", "ANNA-3")
    tale.say(first)
    tale.says(dialog, "ANNA-4")
    tale.reply(dialog, "ANNA-3 ANNA-4")


def a_stop_while_a_part_is_on_its_way(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2 ANNA-3", Expect.AT_MOST_ONCE)
    part, _ = draft(tale, dialog, "ANNA-2", "ANNA-3")
    tale.claim(part)
    tale.lead(dialog, "stopped")
    tale.stands(part, tale.arrives(part))
    tale.confirm(dialog)
    tale.says(dialog, "ANNA-4", Expect.NEVER)


def a_stop_that_was_resumed(tale: Tale) -> None:
    dialog = begun(tale)
    tale.lead(dialog, "stopped")
    tale.confirm(dialog)
    tale.says(dialog, "ANNA-2")
    tale.lead(dialog, "active")
    tale.reply(dialog, "ANNA-2")
    part = draft(tale, dialog, "One more thing")[0]
    tale.claim(part)
    tale.lead(dialog, "stopped")
    tale.stands(part, tale.arrives(part))
    tale.confirm(dialog)


def a_takeover_and_back(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2", Expect.AT_MOST_ONCE)
    draft(tale, dialog, "ANNA-2")
    tale.human(dialog)
    tale.lead(dialog, "active")
    tale.says(dialog, "ANNA-3")
    tale.reply(dialog, "ANNA-3")


def an_opt_out(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2", Expect.NEVER)
    draft(tale, dialog, "ANNA-2")
    farewell = tale.opts_out(dialog)
    assert farewell is not None
    tale.says(dialog, "ANNA-3", Expect.NEVER)
    tale.say(farewell)
    tale.says(dialog, "STOP", Expect.NEVER)


def an_opt_out_that_the_model_understands(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "Leave me in peace", Expect.NEVER)
    call = tale.ask(dialog)
    tale.drop(call)
    tale.touch(dialog, halts=1, status="closed", outcome="opted_out")
    tale.say(tale.by_itself(dialog, FAREWELL, "farewell"))


def an_opt_out_that_a_colleague_confirms(tale: Tale) -> None:
    dialog = begun(tale)
    tale.human(dialog)
    tale.opts_out(dialog, farewell=False)
    tale.human(dialog, "Of course, goodbye")


def an_opt_out_in_an_edit(tale: Tale) -> None:
    """Nobody confirms what was said before."""
    dialog = begun(tale)
    message = tale.says(dialog, "Thanks", Expect.NEVER)
    tale.reply(dialog, "Anything else?")
    tale.step()
    tale.put("messages", id=message, content="STOP")
    tale.touch(dialog, halts=1, status="closed", outcome="opted_out")


def an_opt_out_in_a_handoff(tale: Tale) -> None:
    """The courtesy that waited is not said any more."""
    dialog = begun(tale)
    tale.hand_over(dialog, SAFE)
    farewell = tale.opts_out(dialog)
    assert farewell is not None
    tale.say(farewell)


def a_human_who_is_awaited(tale: Tale) -> None:
    """Twice: the sentence is said again once other things were said."""
    dialog = begun(tale)
    for token in ("ANNA-2", "ANNA-3"):
        tale.says(dialog, f"Hm {token}")
        courtesy = tale.hand_over(dialog, f"{SAFE}\n\n{DISCLOSURE}" if token == "ANNA-2" else SAFE)
        assert courtesy is not None
        tale.says(dialog, "Hello?")
        tale.say(courtesy)
        tale.step()
        tale.say(tale.by_itself(dialog, WAITING))
        tale.lead(dialog, "active")
        tale.reply(dialog, token, "And more", "And even more")


def a_courtesy_that_a_takeover_ends(tale: Tale) -> None:
    dialog = begun(tale)
    tale.hand_over(dialog, SAFE)
    tale.lead(dialog, "taken")


def two_follow_ups(tale: Tale) -> None:
    dialog = begun(tale)
    tale.follow_up(dialog)
    tale.follow_up(dialog, "One last line")
    tale.says(dialog, "ANNA-2")
    tale.reply(dialog, "ANNA-2")
    tale.follow_up(dialog, "Anything else?")


def money_that_is_granted_again(tale: Tale) -> None:
    """A failed call costs nothing, and one that was cheaper than expected what it cost."""
    tale.ceilings = (0.02, 0.05)
    dialog = begun(tale)
    tale.event("budget_dialog", dialog)
    tale.hand_over(dialog)
    tale.lead(dialog, "active")
    tale.put("model_calls", id=tale.ask(dialog), budget=0.0, state="failed")
    tale.put("model_calls", id=tale.ask(dialog), cost=0.001, state="answered")
    tale.reply(dialog, "Here I am again")


def an_unknown_part_that_is_said_again(tale: Tale) -> None:
    """Its answer was lost; the claim is renewed, and the server knows the random id."""
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.claim(part)
    line = tale.arrives(part)
    tale.claim(part)
    tale.stands(part, line)


def a_part_that_was_given_up_and_stands(tale: Tale) -> None:
    """It turns up in the history after it had been cancelled."""
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.claim(part)
    line = tale.arrives(part)
    tale.says(dialog, "ANNA-3")
    tale.ends(part, "cancelled", "overtaken")
    tale.stands(part, line)
    tale.reply(dialog, "ANNA-3")


def a_part_whose_chat_was_deleted(tale: Tale) -> None:
    """Nothing tells its id any more: delivered without a trace, or given up as too old."""
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    for part, end in zip(draft(tale, dialog, "ANNA-2", "Well"), ("sent", "cancelled"), strict=True):
        tale.claim(part)
        line = tale.arrives(part)
        tale.deleted[line.id] = tale.now / 1e6
        if end == "sent":
            tale.stands(part, None)
        else:
            tale.now += int(timedelta(minutes=15) / timedelta(microseconds=1))
            tale.ends(part, "cancelled", "too_old")


def an_edit_and_a_deletion_in_time(tale: Tale) -> None:
    """Before the answer they cost a draft, after it nothing."""
    dialog = begun(tale)
    edited = tale.says(dialog, "ANNA-2", Expect.AT_MOST_ONCE)
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.edits(edited, "ANNA-3")
    assert tale.part(part)["send_state"] == "cancelled"
    first, second = draft(tale, dialog, "ANNA-3", "Anything else?")
    tale.say(first)
    tale.put("messages", id=edited, content="Thanks")
    tale.say(second)
    deleted = tale.says(dialog, "ANNA-4", Expect.AT_MOST_ONCE)
    tale.deletes(deleted)


def what_was_said_before_the_dialog(tale: Tale) -> None:
    """Old lines are stored by the first look at the history, however late that is."""
    early = [tale.line(ANNA, "Hi there", out=False), tale.line(ANNA, "I am back", out=True)]
    stranger = tale.line(BORIS, "Nobody talks with me", out=False)
    dialog = tale.open()
    call = tale.ask(dialog)
    tale.step()
    tale.store(dialog, early[0], "contact")
    tale.store(dialog, early[1], "human")
    for part in tale.decide(call, "Hello"):
        tale.say(part)
    assert stranger not in early


def a_line_that_the_person_took_back(tale: Tale) -> None:
    dialog = begun(tale)
    tale.step()
    line = tale.line(ANNA, "ANNA-2", out=False)
    tale.deleted[line.id] = tale.now / 1e6
    tale.reply(dialog, "Still there?")


def a_person_who_blocks(tale: Tale) -> None:
    dialog = begun(tale)
    first, second = draft(tale, dialog, "Hello?", "Are you there?")
    tale.claim(first)
    tale.ends(first, "failed", "blocked")
    tale.put("messages", id=second, send_state="failed", failure="blocked")
    tale.touch(dialog, halts=1, status="closed")


def an_account_that_dies(tale: Tale) -> None:
    """What it cannot fetch any more is not lost; its part waits, as the run says."""
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.step()
    tale.line(ANNA, "Nobody hears me", out=False)
    tale.step()
    tale.put("accounts", id=1, state="banned")
    tale.waiting.add(dialog)


def a_long_wait(tale: Tale) -> None:
    """Due later is at rest."""
    dialog = begun(tale)
    tale.put("dialogs", id=dialog, due_at=(tale.time() + timedelta(hours=5)).isoformat())


CLEAN: Sequence[Story] = [
    a_talk,
    two_people,
    a_burst_that_costs_a_draft,
    a_newer_message_cancels_what_waits,
    a_stop_while_a_part_is_on_its_way,
    a_stop_that_was_resumed,
    a_takeover_and_back,
    an_opt_out,
    an_opt_out_that_the_model_understands,
    an_opt_out_that_a_colleague_confirms,
    an_opt_out_in_an_edit,
    an_opt_out_in_a_handoff,
    a_human_who_is_awaited,
    a_courtesy_that_a_takeover_ends,
    two_follow_ups,
    money_that_is_granted_again,
    an_unknown_part_that_is_said_again,
    a_part_that_was_given_up_and_stands,
    a_part_whose_chat_was_deleted,
    an_edit_and_a_deletion_in_time,
    what_was_said_before_the_dialog,
    a_line_that_the_person_took_back,
    a_person_who_blocks,
    an_account_that_dies,
    a_long_wait,
]
