"""Records with one defect each for the tests of the oracle, by the count that has to find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.chaos.oracle import Count
from tests.chaos.record import Expect
from tests.chaos.tale import ANNA, BORIS, Story, Tale, begun, draft

# --- inbound


def a_line_that_was_never_stored(tale: Tale) -> None:
    begun(tale)
    tale.step()
    tale.line(ANNA, "Hello?", out=False)


def a_line_before_the_dialog_that_was_overlooked(tale: Tale) -> None:
    tale.line(ANNA, "Hi there", out=False)
    begun(tale)


def a_row_that_is_gone(tale: Tale) -> None:
    dialog = begun(tale)
    row = tale.says(dialog, "ANNA-2", Expect.AT_MOST_ONCE)
    tale.take_away(row)


def a_message_stored_twice(tale: Tale) -> None:
    dialog = begun(tale)
    row = tale.says(dialog, "Hello", Expect.AT_MOST_ONCE)
    tale.step()
    tale.put("messages", **{**tale.part(row), "id": 0})


def a_token_stored_under_two_ids(tale: Tale) -> None:
    dialog = begun(tale)
    row = tale.says(dialog, "ANNA-2", Expect.AT_MOST_ONCE)
    tale.step()
    tale.put("messages", **{**tale.part(row), "id": 0, "telegram_message_id": 999_999})


# --- parts


def a_part_the_server_never_had(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.step()
    tale.put("messages", id=part, send_state="sent", telegram_message_id=999_999)


def a_part_without_an_id_the_server_never_had(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.stands(part, None)


def a_line_that_no_row_holds(tale: Tale) -> None:
    begun(tale)
    tale.step()
    tale.line(ANNA, "Out of nowhere", out=True, by_product=True, random_id=5)


def a_part_given_up_that_was_said(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.claim(part)
    tale.arrives(part)
    tale.says(dialog, "Hello?")
    tale.ends(part, "cancelled", "overtaken")


def a_part_cancelled_for_nothing(tale: Tale) -> None:
    dialog = begun(tale)
    tale.ends(draft(tale, dialog, "Hello?")[0], "cancelled", "overtaken")


def a_part_that_was_not_too_old(tale: Tale) -> None:
    dialog = begun(tale)
    tale.ends(draft(tale, dialog, "Hello?")[0], "cancelled", "too_old")


def a_standing_part_cancelled_by_a_message(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    tale.drop(tale.ask(dialog))
    part = draft(tale, dialog, "ANNA-2", stands=True)[0]
    tale.says(dialog, "ANNA-3")
    tale.ends(part, "cancelled", "newer_message")
    tale.reply(dialog, "ANNA-2 ANNA-3")


# --- twice, out of order


def a_random_id_said_twice(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.arrives(part)
    tale.claim(part)
    tale.stands(part, tale.arrives(part))


def a_part_said_again_with_a_fresh_random_id(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.claim(part)
    tale.arrives(part, random_id=5)
    tale.claim(part)
    tale.stands(part, tale.arrives(part))


def a_token_answered_twice(tale: Tale) -> None:
    dialog = begun(tale)
    tale.reply(dialog, "As I said, ANNA-1")


def parts_in_the_wrong_order(tale: Tale) -> None:
    dialog = begun(tale)
    for part in reversed(draft(tale, dialog, "First", "Second")):
        tale.say(part)


# --- answers


def a_line_nobody_answered(tale: Tale) -> None:
    tale.says(begun(tale), "ANNA-2")


def an_answer_to_somebody_else(tale: Tale) -> None:
    dialog = begun(tale)
    other = tale.open(BORIS)
    tale.says(other, "BORIS-1", Expect.AT_MOST_ONCE)
    tale.reply(dialog, "BORIS-1")


def an_answer_that_was_not_wanted(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2", Expect.NEVER)
    tale.reply(dialog, "ANNA-2")


# --- claims


def a_claim_after_a_newer_message(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    call = tale.ask(dialog)
    tale.says(dialog, "Or not", Expect.AT_MOST_ONCE)
    tale.say(tale.decide(call, "ANNA-2")[0])


def a_claim_that_leaves_out_a_token(tale: Tale) -> None:
    """It was stored after the history had been read and before the model was asked."""
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    tale.says(dialog, "ANNA-3")
    tale.reply(dialog, "ANNA-2")
    tale.reply(dialog, "ANNA-3")


def a_claim_after_an_edit(tale: Tale) -> None:
    dialog = begun(tale)
    row = tale.says(dialog, "ANNA-2", Expect.AT_MOST_ONCE)
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.step()
    tale.put("messages", id=row, content="Never mind")
    tale.say(part)


def a_claim_after_a_deletion(tale: Tale) -> None:
    dialog = begun(tale)
    row = tale.says(dialog, "ANNA-2", Expect.AT_MOST_ONCE)
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.step()
    tale.put("messages", id=row, deleted_at=tale.time().isoformat())
    tale.say(part)


def a_renewed_claim_after_a_newer_message(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    part = draft(tale, dialog, "ANNA-2")[0]
    tale.claim(part)
    tale.says(dialog, "Or not", Expect.AT_MOST_ONCE)
    tale.claim(part)
    tale.stands(part, tale.arrives(part))


def a_reply_that_stands_without_a_dropped_draft(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "ANNA-2")
    part = draft(tale, dialog, "ANNA-2", stands=True)[0]
    tale.says(dialog, "Or not", Expect.AT_MOST_ONCE)
    tale.say(part)


def a_claim_after_a_stop(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.step()
    tale.put("dialogs", id=dialog, status="stopped", halts=1)
    tale.say(part)


def a_claim_after_a_stop_that_was_resumed(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.step()
    tale.put("dialogs", id=dialog, halts=2)
    tale.say(part)


def a_renewed_claim_after_a_takeover(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.human(dialog)
    tale.claim(part)
    tale.stands(part, tale.arrives(part))


def a_part_said_without_a_claim(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.stands(part, tale.arrives(part))


def a_line_after_a_confirmed_stop(tale: Tale) -> None:
    """Confirmed before the answer of the part on its way had come."""
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.lead(dialog, "stopped")
    tale.confirm(dialog)
    tale.stands(part, tale.arrives(part))


def a_line_after_a_second_confirmed_stop(tale: Tale) -> None:
    dialog = begun(tale)
    tale.lead(dialog, "stopped")
    tale.confirm(dialog)
    tale.lead(dialog, "active")
    a_line_after_a_confirmed_stop_of(tale, dialog)


def a_line_after_a_confirmed_stop_of(tale: Tale, dialog: int) -> None:
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.lead(dialog, "stopped")
    tale.confirm(dialog)
    tale.stands(part, tale.arrives(part))


# --- how it ended


def a_dialog_that_is_due(tale: Tale) -> None:
    dialog = begun(tale)
    tale.put("dialogs", id=dialog, due_at=tale.time().isoformat())


def a_part_that_waits(tale: Tale) -> None:
    draft(tale, begun(tale), "Hello?")


def a_part_on_its_way(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.arrives(part)


def an_own_line_taken_for_a_humans(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    line = tale.arrives(part)
    tale.step()
    tale.store(dialog, line, "human")
    tale.touch(dialog, halts=1, status="taken")
    tale.ends(part, "cancelled", "overtaken")


def an_own_line_that_stays_unexplained(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    line = tale.arrives(part)
    tale.step()
    tale.store(dialog, line, "unexplained")
    tale.ends(part, "cancelled", "overtaken")


def a_humans_line_taken_for_an_own(tale: Tale) -> None:
    dialog = begun(tale)
    part = draft(tale, dialog, "Hello?")[0]
    tale.claim(part)
    tale.step()
    tale.stands(part, tale.line(ANNA, "Hello?", out=True))


FOUND: Mapping[Count, Sequence[Story]] = {
    Count.INBOUND_LOST: [
        a_line_that_was_never_stored,
        a_line_before_the_dialog_that_was_overlooked,
        a_row_that_is_gone,
    ],
    Count.INBOUND_TWICE: [a_message_stored_twice, a_token_stored_under_two_ids],
    Count.PARTS_LOST: [
        a_part_the_server_never_had,
        a_part_without_an_id_the_server_never_had,
        a_line_that_no_row_holds,
        a_part_given_up_that_was_said,
        a_part_cancelled_for_nothing,
        a_part_that_was_not_too_old,
        a_standing_part_cancelled_by_a_message,
    ],
    Count.SAID_TWICE: [a_random_id_said_twice, a_part_said_again_with_a_fresh_random_id, a_token_answered_twice],
    Count.OUT_OF_ORDER: [parts_in_the_wrong_order],
    Count.UNANSWERED: [a_line_nobody_answered],
    Count.FORBIDDEN_ANSWERS: [an_answer_to_somebody_else, an_answer_that_was_not_wanted],
    Count.STALE_CLAIMS: [
        a_claim_after_a_newer_message,
        a_claim_that_leaves_out_a_token,
        a_claim_after_an_edit,
        a_claim_after_a_deletion,
        a_renewed_claim_after_a_newer_message,
        a_reply_that_stands_without_a_dropped_draft,
    ],
    Count.FORBIDDEN_CLAIMS: [
        a_claim_after_a_stop,
        a_claim_after_a_stop_that_was_resumed,
        a_renewed_claim_after_a_takeover,
        a_part_said_without_a_claim,
    ],
    Count.AFTER_STOP: [a_line_after_a_confirmed_stop, a_line_after_a_second_confirmed_stop],
    Count.NOT_AT_REST: [a_dialog_that_is_due, a_part_that_waits, a_part_on_its_way],
    Count.OWN_AS_HUMAN: [an_own_line_taken_for_a_humans, an_own_line_that_stays_unexplained],
    Count.HUMAN_AS_OWN: [a_humans_line_taken_for_an_own],
}
