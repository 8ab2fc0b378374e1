"""``salesbot doctor`` as the operator types it, beside the product that runs: it disturbs nothing."""

from __future__ import annotations

import json

from tests.support.forkserver import ForkServer
from tests.support.house import House
from tests.support.product import Product


async def test_the_doctor_beside_the_running_product_uses_no_session_and_takes_no_update(
    house: House, forks: ForkServer
) -> None:
    number = await house.begin("anna")
    await house.says("anna", "How much is it for 20 people?")
    beside = house.folder / "beside"
    beside.mkdir()
    doctor = Product(beside, forks, {**house.product.settings, "LOG_FILE": str(beside / "app.log")})
    child = await doctor.launch(words=("-m", "salesbot", "doctor", "--json"))
    await child.wait(30)
    told = json.loads((beside / "product.out").read_text(encoding="utf-8"))
    states = {one["name"]: one["state"] for one in told["findings"]}
    well = ("key", "clock", "database", "confirmed", "process", "telegram", "sessions", "bot", "webhook", "poller",
            "admins", "answer", "scenario")  # fmt: skip
    assert {name: states[name] for name in well} == dict.fromkeys(well, "pass")
    assert "a process has it" in next(one["said"] for one in told["findings"] if one["name"] == "sessions")

    page = await house.ask("/status", "Doctor: ")
    assert "@sales, connected" in page["text"]
    assert "polls with this bot's token" not in page["text"]
    said = await house.says("anna", "And for 40?")
    await house.hears("anna", above=said["id"])
    await house.at_rest(number)
    assert house.product.log(2000).count("account owned") == 1
    assert "connection ended" not in house.product.log(2000)
