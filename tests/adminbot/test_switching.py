"""Everything at once: paused by one tap, in a mode; one dialog in a mode of its own."""

from __future__ import annotations

import pytest

from salesbot.adminbot.desk import Desk
from salesbot.adminbot.parse import WrongInput
from salesbot.adminbot.switching import ALL, ModeWish, Pause, SetMode, mode_wish
from salesbot.dialog.model import DraftState, Mode
from salesbot.i18n import CODES, lang
from salesbot.store import switches
from salesbot.store.pool import transaction
from sandbox.app import Sandbox
from tests.adminbot.drafts import drafted, events_of, reads, state
from tests.adminbot.people import Operator, buttons, open_with, said

LARGEST = 2**63 - 1


async def house(desk: Desk) -> tuple[bool, Mode]:
    """Whether all is paused, and the mode of all."""
    async with transaction(desk.pool) as connection:
        now = await switches.get(connection)
    return now.paused_at is not None, now.mode


async def own_mode(desk: Desk, number: int) -> str | None:
    mode: str | None = await desk.pool.fetchval("select mode from dialogs where id = $1", number)
    return mode


@pytest.mark.parametrize("code", CODES)
async def test_everything_is_paused_and_goes_on_by_one_tap(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    paused = await operator.ask("/pause")
    assert paused["text"].endswith(_("Nothing is on its way."))
    assert buttons(paused) == [_("Go on with everything")]
    assert (await house(desk))[0]
    await operator.press(paused, _("Go on with everything"))
    running = await reads(operator, paused["id"], _("Everything goes on."))
    assert not (await house(desk))[0]
    await operator.press(running, _("Pause everything"))
    await reads(operator, paused["id"], _("Nothing is on its way."))
    assert (await house(desk))[0]
    assert (await operator.ask("/resume"))["text"] == _("Everything goes on.")
    rows = await desk.pool.fetch("select kind, actor from events order by id")
    assert [(row["kind"], row["actor"]) for row in rows] == [
        (kind, f"admin:{admin}") for kind in ("paused", "running", "paused", "running")
    ]


async def test_what_is_in_flight_at_a_pause_is_counted(desk: Desk, operator: Operator, poked: list[int]) -> None:
    anna = await open_with(desk, 501, "anna")
    await said(desk, anna, "Hi", direction="out", author="model", send_state="sending", random_id=1)
    told = (await operator.ask("/pause"))["text"]
    assert "1 message was already on its way; I will confirm once that is settled." in told
    assert (await operator.ask("/pause"))["text"].startswith("Everything is paused already. 1 message")
    await operator.ask("/resume")
    assert (await operator.ask("/resume"))["text"] == "Nothing is paused: everything goes on."
    assert ALL in poked


@pytest.mark.parametrize("code", CODES)
async def test_the_mode_of_all_is_chosen_by_button(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    for number in range(501, 504):
        await open_with(desk, number, f"user{number}")
    await desk.pool.execute("update dialogs set mode = 'auto' where id < 3")
    page = await operator.ask("/mode")
    assert buttons(page) == [f"✓ {_('auto')}", _("draft"), _("off")]
    assert page["text"].endswith(
        _.plural("{n} open dialog has its own now.", "{n} open dialogs have their own now.", 2)
    )
    await operator.press(page, _("draft"))
    drafting = await reads(
        operator, page["id"], _("<b>Mode of all dialogs: {mode}</b>")[3:].partition("{")[0] + _("draft")
    )
    assert buttons(drafting) == [_("auto"), f"✓ {_('draft')}", _("off")]
    assert await house(desk) == (False, Mode.DRAFT)
    await operator.press(drafting, _("off"))
    await reads(operator, page["id"], ": " + _("off"))
    assert await house(desk) == (False, Mode.OFF)


@pytest.mark.parametrize("code", CODES)
async def test_a_dialog_has_a_mode_of_its_own_or_follows_all(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int, code: str
) -> None:
    _ = lang(code)
    sandbox.world.users.change(admin, lang_code=code)
    await open_with(desk, 501, "anna", "Anna")
    page = await operator.ask("/mode 1")
    assert page["text"].startswith("№ 1 Anna (@anna): ")
    assert buttons(page) == [_("auto"), _("draft"), _("off"), f"✓ {_('as all')}"]
    await operator.press(page, _("draft"))
    await reads(operator, page["id"], _("mode {mode}").format(mode=_("draft")))
    assert await own_mode(desk, 1) == "draft"
    await operator.press(page, _("as all"))
    await reads(operator, page["id"], _("{mode}, as all dialogs").format(mode=_("auto")))
    assert await own_mode(desk, 1) is None
    assert await events_of(desk, 1) == [("mode", f"admin:{admin}")] * 2


async def test_another_mode_makes_the_draft_that_waits_stale(desk: Desk, operator: Operator) -> None:
    shown = await operator.ask("/help")
    anna = await open_with(desk, 501, "anna")
    draft = await drafted(desk, anna, "From 990.")
    card = await operator.next(shown["id"])
    await operator.ask("/mode 1 off")
    await reads(operator, card["id"], "✗ Out of date: the mode was changed.")
    assert (await state(desk, draft))[0] is DraftState.STALE


async def test_wrong_input_gets_one_clear_line(desk: Desk, operator: Operator) -> None:
    wrong = {
        "/mode 7 loud": "There is no mode loud; there are auto, draft and off. Example: /mode 7 draft",
        "/mode draft off": "I do not understand off",
        "/mode anna": "anna is not a dialog's number",
        "/mode 7": "There is no dialog № 7",
        "/mode 7 off": "There is no dialog № 7",
        "/pause 7": "I do not understand 7. Example: /pause",
    }
    for typed, answer in wrong.items():
        assert answer in (await operator.ask(typed))["text"], typed
    assert await house(desk) == (False, Mode.AUTO)


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        (None, ModeWish(ALL)),
        ("all", ModeWish(ALL)),
        ("7", ModeWish(7)),
        ("№7 DRAFT", ModeWish(7, Mode.DRAFT, change=True)),
        ("7 all", ModeWish(7, None, change=True)),
        ("7 как все", None),
        ("off", ModeWish(ALL, Mode.OFF, change=True)),
        ("все черновик", ModeWish(ALL, Mode.DRAFT, change=True)),
        ("7 выкл", ModeWish(7, Mode.OFF, change=True)),
        ("7 авто", ModeWish(7, Mode.AUTO, change=True)),
        ("0 auto", None),
    ],
)
def test_what_is_typed_after_mode(typed: str | None, wish: ModeWish | None) -> None:
    if wish is None:
        with pytest.raises(WrongInput):
            mode_wish(typed)
    else:
        assert mode_wish(typed) == wish


def test_the_buttons_fit_into_telegrams_64_bytes() -> None:
    for data in (SetMode(dialog=LARGEST, mode=Mode.DRAFT), SetMode(dialog=LARGEST, mode=None), Pause(on=True)):
        assert len(data.pack().encode()) <= 64
