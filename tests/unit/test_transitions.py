"""The table of statuses, cell by cell."""

import pytest

from salesbot.dialog.model import OPEN, DialogEvent, Status
from salesbot.dialog.transitions import HALTING, TABLE, NotAllowed, after

E, S = DialogEvent, Status

CELLS = {
    S.RESOLVING: {E.RESOLVED: S.ACTIVE, E.UNRESOLVABLE: S.FAILED, E.STOP: S.FAILED},
    S.ACTIVE: {
        E.STOP: S.STOPPED,
        E.TAKE: S.TAKEN,
        E.HANDOFF: S.HANDOFF,
        E.CLOSE: S.CLOSED,
        E.OPT_OUT: S.CLOSED,
        E.UNREACHABLE: S.CLOSED,
    },
    S.TAKEN: {E.STOP: S.STOPPED, E.GIVE: S.ACTIVE, E.OPT_OUT: S.CLOSED, E.UNREACHABLE: S.CLOSED},
    S.HANDOFF: {
        E.STOP: S.STOPPED,
        E.GIVE: S.ACTIVE,
        E.TAKE: S.TAKEN,
        E.OPT_OUT: S.CLOSED,
        E.UNREACHABLE: S.CLOSED,
    },
    S.STOPPED: {E.RESUME: S.ACTIVE, E.OPT_OUT: S.CLOSED, E.ERASE: S.CLOSED},
    S.CLOSED: {E.RETURNED: S.ACTIVE, E.OPT_OUT: S.CLOSED, E.ERASE: S.CLOSED},
    S.FAILED: {E.ERASE: S.FAILED},
}


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("event", E)
def test_every_cell_of_the_table(status: Status, event: DialogEvent) -> None:
    if event in CELLS[status]:
        assert after(status, event) is CELLS[status][event]
    else:
        with pytest.raises(NotAllowed):
            after(status, event)


def test_whatever_leaves_or_enters_the_model_s_hands_halts_it() -> None:
    for status, row in TABLE.items():
        for event, reached in row.items():
            if status is S.ACTIVE and reached is not S.ACTIVE:
                assert event in HALTING, event


def test_an_opt_out_closes_whatever_has_a_person() -> None:
    for status in (*(OPEN - {S.RESOLVING}), S.STOPPED, S.CLOSED):
        assert after(status, E.OPT_OUT) is S.CLOSED


def test_only_a_dialog_that_is_at_rest_is_erased_and_nothing_comes_of_it_afterwards() -> None:
    for status in S:
        if status in OPEN:
            with pytest.raises(NotAllowed):
                after(status, E.ERASE)
        else:
            assert after(status, E.ERASE) not in OPEN


def test_an_admin_s_command_is_possible_once_and_not_from_what_it_leads_to() -> None:
    """Buttons set a state, they never toggle: the second one is refused, and changes nothing."""
    for event in (E.STOP, E.TAKE, E.GIVE, E.RESUME):
        for status, row in TABLE.items():
            if event in row:
                assert event not in TABLE[row[event]], (status, event)
