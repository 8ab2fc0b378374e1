"""Records with one defect each for the tests of the oracle, by the count that has to find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.chaos.oracle import Count
from tests.chaos.record import Expect
from tests.chaos.tale import ANNA, BORIS, FAREWELL, LATEST, SAFE, Story, Tale, begun, draft

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


# --- what the program says by itself


def two_farewells(tale: Tale) -> None:
    dialog = begun(tale)
    for _ in range(2):
        farewell = tale.opts_out(dialog)
        assert farewell is not None
        tale.say(farewell)


def a_farewell_over_a_takeover(tale: Tale) -> None:
    dialog = begun(tale)
    tale.human(dialog)
    farewell = tale.opts_out(dialog)
    assert farewell is not None
    tale.say(farewell)


def an_opt_out_without_a_farewell(tale: Tale) -> None:
    tale.opts_out(begun(tale), farewell=False)


def a_farewell_for_what_was_said_long_ago(tale: Tale) -> None:
    dialog = begun(tale)
    message = tale.says(dialog, "Thanks", Expect.NEVER)
    tale.step()
    tale.put("messages", id=message, content="STOP")
    tale.touch(dialog, halts=1, status="closed", outcome="opted_out")
    tale.say(tale.by_itself(dialog, FAREWELL, "farewell"))


def a_new_dialog_after_an_opt_out(tale: Tale) -> None:
    dialog = begun(tale)
    farewell = tale.opts_out(dialog)
    assert farewell is not None
    tale.say(farewell)
    tale.say(draft(tale, tale.open(), "Hello again")[0])


def a_reply_after_an_opt_out(tale: Tale) -> None:
    dialog = begun(tale)
    farewell = tale.opts_out(dialog)
    assert farewell is not None
    tale.say(farewell)
    tale.reply(dialog, "One more thing")


def a_courtesy_after_an_opt_out(tale: Tale) -> None:
    dialog = begun(tale)
    farewell = tale.opts_out(dialog)
    assert farewell is not None
    tale.say(farewell)
    tale.say(tale.by_itself(dialog, SAFE))


def a_courtesy_over_a_takeover(tale: Tale) -> None:
    dialog = begun(tale)
    courtesy = tale.hand_over(dialog, SAFE)
    assert courtesy is not None
    tale.step()
    tale.put("dialogs", id=dialog, status="taken")
    tale.say(courtesy)


def a_courtesy_that_was_given_back_over(tale: Tale) -> None:
    dialog = begun(tale)
    courtesy = tale.hand_over(dialog, SAFE)
    assert courtesy is not None
    tale.step()
    tale.put("dialogs", id=dialog, status="active", halts=2)
    tale.say(courtesy)


def a_safe_sentence_said_twice(tale: Tale) -> None:
    dialog = begun(tale)
    for courtesy in (tale.hand_over(dialog, SAFE), tale.by_itself(dialog, SAFE)):
        assert courtesy is not None
        tale.say(courtesy)


def a_safe_sentence_said_again_at_once(tale: Tale) -> None:
    dialog = begun(tale)
    for _ in range(2):
        courtesy = tale.hand_over(dialog, SAFE)
        assert courtesy is not None
        tale.say(courtesy)
        tale.lead(dialog, "active")


def a_sentence_that_is_not_the_scenarios(tale: Tale) -> None:
    dialog = begun(tale)
    courtesy = tale.hand_over(dialog, "It costs nothing.")
    assert courtesy is not None
    tale.say(courtesy)


# --- follow-ups and money


def a_follow_up_before_its_time(tale: Tale) -> None:
    dialog = begun(tale)
    tale.put("dialogs", id=dialog, follow_up_at=(tale.time() + LATEST).isoformat())
    tale.say(tale.decide(tale.ask(dialog), "Still there?", purpose="follow_up")[0])


def a_follow_up_over_a_reply(tale: Tale) -> None:
    dialog = begun(tale)
    tale.says(dialog, "Let me see", Expect.AT_MOST_ONCE)
    tale.follow_up(dialog)


def one_follow_up_too_many(tale: Tale) -> None:
    dialog = begun(tale)
    for text in ("Still there?", "Really?", "Well then"):
        tale.follow_up(dialog, text)


def a_follow_up_after_an_end(tale: Tale) -> None:
    dialog = begun(tale)
    tale.lead(dialog, "closed")
    tale.follow_up(dialog)


def a_call_that_the_dialog_cannot_pay(tale: Tale) -> None:
    tale.ceilings = (0.02, 0.0)
    tale.reply(begun(tale), "One more")


def a_call_that_the_day_cannot_pay(tale: Tale) -> None:
    tale.ceilings = (0.0, 0.02)
    begun(tale)
    tale.drop(tale.ask(tale.open(BORIS)))


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
        a_reply_after_an_opt_out,
        a_courtesy_after_an_opt_out,
        a_courtesy_over_a_takeover,
        a_courtesy_that_was_given_back_over,
        a_follow_up_after_an_end,
    ],
    Count.AFTER_STOP: [a_line_after_a_confirmed_stop, a_line_after_a_second_confirmed_stop],
    Count.NOT_AT_REST: [a_dialog_that_is_due, a_part_that_waits, a_part_on_its_way],
    Count.OWN_AS_HUMAN: [an_own_line_taken_for_a_humans, an_own_line_that_stays_unexplained],
    Count.HUMAN_AS_OWN: [a_humans_line_taken_for_an_own],
    Count.AFTER_OPT_OUT: [
        two_farewells,
        a_farewell_over_a_takeover,
        an_opt_out_without_a_farewell,
        a_farewell_for_what_was_said_long_ago,
        a_new_dialog_after_an_opt_out,
    ],
    Count.COURTESIES: [
        a_safe_sentence_said_twice,
        a_safe_sentence_said_again_at_once,
        a_sentence_that_is_not_the_scenarios,
    ],
    Count.FOLLOW_UPS: [a_follow_up_before_its_time, a_follow_up_over_a_reply, one_follow_up_too_many],
    Count.OVER_BUDGET: [a_call_that_the_dialog_cannot_pay, a_call_that_the_day_cannot_pay],
}
