"""/data and /basis: what is kept of a person, and why we may write to them."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

from salesbot.adminbot.desk import Desk
from salesbot.store import suppressions
from salesbot.store.pool import transaction
from sandbox.app import Sandbox
from tests.adminbot.conftest import KEYS
from tests.adminbot.people import BEGAN, Operator, open_with, said, sign_in, working
from tests.adminbot.test_exports import documents, entries

ANNA = 7_000_000_501


async def test_data_holds_all_that_is_kept_of_a_person(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    first = await open_with(desk, ANNA, "anna", "Анна П.", status="closed")
    proof = await said(desk, first, "мы сидим на Тверской, 7")
    second = await open_with(desk, ANNA, "anna")
    await said(desk, second, "hello again")
    other = await open_with(desk, 502, "boris", "Boris")
    await said(desk, other, "not hers")
    await desk.pool.execute("update contacts set phone = '79990000000', basis = 'a fair' where id = $1", ANNA)
    await desk.pool.execute("update dialogs set summary = 'long ago', handoff_note = 'angry' where id = 1")
    await desk.pool.execute("insert into dialog_facts values (1, 'address', 'Тверская, 7', $1, $2)", proof, BEGAN)
    await desk.pool.execute("insert into tasks (dialog_id, what, created_at) values (2, 'send it', $1)", BEGAN)
    async with transaction(desk.pool) as connection:
        await suppressions.add(connection, KEYS.marks(ANNA))
    sent = await operator.ask("/data @anna")
    assert sent["media"]["name"] == f"person-{ANNA}.zip"
    ((_, archive),) = documents(sandbox, admin)
    files = entries(archive)
    assert list(files) == ["dialog-000001-anna.txt", "dialog-000002-anna.txt", "person.json"]
    assert "мы сидим на Тверской, 7" in files["dialog-000001-anna.txt"]
    told = json.loads(files["person.json"])
    assert "not hers" not in "".join(files.values())
    assert {key: told[key] for key in ("telegram_id", "username", "name", "phone", "basis", "never_write_again")} == {
        "telegram_id": ANNA, "username": "anna", "name": "Анна П.", "phone": "79990000000", "basis": "a fair",
        "never_write_again": True,
    }  # fmt: skip
    one, two = told["dialogs"]
    assert (one["number"], one["summary"], one["why_a_human_was_asked_for"]) == (1, "long ago", "angry")
    assert one["learnt"][0] | {"learnt": 0, "proof_said": 0} == {
        "field": "address", "value": "Тверская, 7", "proof": "мы сидим на Тверской, 7", "learnt": 0, "proof_said": 0,
    }  # fmt: skip
    assert (two["promised"][0]["what"], two["messages"]) == ("send it", ["dialog-000002-anna.txt"])


async def test_data_past_the_limit_of_a_document_comes_in_several(
    quiet_desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    await sign_in(quiet_desk.pool)
    for number in range(8):
        dialog = await open_with(quiet_desk, ANNA, "anna", status="closed")
        await said(quiet_desk, dialog, f"{number} " + "word " * 300)
    async with working(replace(quiet_desk, document_limit=6_000)):
        await operator.ask("/data 1")
    found = documents(sandbox, admin)
    assert len(found) > 1
    names = [name for _, archive in found for name in zipfile.ZipFile(io.BytesIO(archive)).namelist()]
    assert names[-1] == "person.json"


async def test_of_somebody_unknown_there_is_nothing(desk: Desk, operator: Operator) -> None:
    assert (await operator.ask("/data @anna"))["text"] == "Nothing is kept of @anna."
    assert (await operator.ask("/data 77"))["text"] == "Nothing is kept of id 77."


async def test_the_basis_is_recorded_changed_shown_and_exported(
    desk: Desk, operator: Operator, sandbox: Sandbox, admin: int
) -> None:
    dialog = await open_with(desk, ANNA, "anna", "Anna")
    await said(desk, dialog, "hello")
    for typed in (
        '/basis @anna "asked at the fair"',
        "/basis №1 basis=«asked at the fair»",
        "/basis 1 asked at the fair",
    ):
        await desk.pool.execute("update contacts set basis = ''")
        assert (await operator.ask(typed))["text"] == "Anna: noted why we may write to them."
        row: Any = await desk.pool.fetchrow("select c.basis, c.basis_at, d.basis from contacts c, dialogs d")
        assert (row[0], row[2], row[1] is None) == ("asked at the fair", "asked at the fair", False), typed
    assert "Basis: asked at the fair" in (await operator.ask("/view 1"))["text"]
    await operator.ask("/export 1")
    assert "Basis of the first contact: asked at the fair" in documents(sandbox, admin)[-1][1].decode()


async def test_a_closed_dialog_keeps_the_basis_it_began_on(desk: Desk, operator: Operator) -> None:
    await open_with(desk, ANNA, "anna", status="closed")
    await desk.pool.execute("update dialogs set basis = 'the old one'")
    await operator.ask("/basis @anna the new one")
    assert await desk.pool.fetchval("select basis from dialogs") == "the old one"
    assert await desk.pool.fetchval("select basis from contacts") == "the new one"


async def test_a_basis_needs_somebody_known_and_words(desk: Desk, operator: Operator) -> None:
    assert (await operator.ask("/basis @anna x"))["text"] == "I do not know @anna yet. /start takes the basis with it."
    for typed in ("/basis @anna", '/basis @anna ""', "/basis @anna  "):
        assert "Why may we write to them?" in (await operator.ask(typed))["text"], typed
    assert "Who is it about?" in (await operator.ask("/basis"))["text"]


async def test_where_a_basis_is_required_a_start_without_one_is_refused_with_an_example(
    quiet_desk: Desk, operator: Operator
) -> None:
    await sign_in(quiet_desk.pool)
    strict = quiet_desk.settings.model_copy(update={"require_basis": True})
    async with working(replace(quiet_desk, settings=strict)):
        refused = (await operator.ask("/start @zoya"))["text"]
        assert refused.endswith('Example: /start @zoya basis="asked for a price"')
        assert await quiet_desk.pool.fetchval("select count(*) from dialogs") == 0
        assert "looking up @zoya" in (await operator.ask('/start @zoya basis="asked at the fair"'))["text"]
