"""A client that shares no code with the sandbox: otherwise both could share one misunderstanding.

GramJS (npm `telegram`) is installed from its lock file into `var/`, once; it speaks an older layer of the schema.
"""

import asyncio
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import alltlobjects

from sandbox.app import Sandbox
from sandbox.mtproto import layers
from sandbox.world import Answer, Button, Keyboard, World, events

HERE = Path(__file__).with_name("gramjs")
SERVER = Path(layers.__file__).parent
CACHE = Path(__file__).parents[2] / "var" / "gramjs"
PATIENCE = 60.0


def installed() -> Path:
    """A folder with GramJS in it; skips with the reason where it cannot be had."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if folder.exists():
        return folder
    if shutil.which("npm") is None or shutil.which("node") is None:
        missing("node and npm are not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=CACHE))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, unfinished)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    command += ["--no-update-notifier", f"--cache={CACHE / 'npm'}"]  # nothing is left outside the checkout
    done = subprocess.run(command, cwd=unfinished, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        shutil.rmtree(unfinished)
        missing(f"npm ci failed: {done.stderr.strip().splitlines()[-1:]}")
    try:
        unfinished.rename(folder)
    except OSError:  # another run was faster
        shutil.rmtree(unfinished)
    return folder


def missing(reason: str) -> None:
    if os.environ.get("SALESBOT_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


class Target:
    """The script's process; its steps arrive one by one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def step(self, name: str) -> dict[str, Any]:
        assert self._process.stdout
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        told = json.loads(line)
        assert told["step"] == name, told
        return told

    async def ended(self) -> int:
        return await asyncio.wait_for(self._process.wait(), PATIENCE)


@pytest.fixture(scope="session")
def gramjs() -> Path:
    return installed()


@pytest.fixture
async def target(sandbox: Sandbox, gramjs: Path) -> AsyncIterator[Target]:
    state = sandbox.state()
    anna = next(user for user in state["users"] if user["username"] == "anna")
    given = {
        "host": state["mtproto"]["host"],
        "port": state["mtproto"]["port"],
        "dc": state["mtproto"]["dc_id"],
        "key": state["mtproto"]["public_key"],
        "phone": anna["phone"],
        "code": anna["code"],
        "reply": "How much is it?",
        "bot": state["bot"]["username"],
    }
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / "target.js"),
        json.dumps(given),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"NODE_PATH": str(gramjs / "node_modules")},
    )
    yield Target(process)
    if process.returncode is None:
        process.kill()
        await process.wait()


def offer_a_button(world: World, event: events.Event) -> None:
    """The bot's part: a button for who writes to it, and an answer for who presses it."""
    match event:
        case events.MessageNew(owner=bot, message=message) if world.users[bot].is_bot and not message.out:
            world.send(bot, message.peer, "Shall we?", keyboard=Keyboard(((Button("Yes", b"yes"),),)))
        case events.ButtonPressed(owner=bot, query_id=query_id, data=data):
            world.answer_callback(bot, query_id, Answer(f"you pressed {data.decode()}"))
        case _:
            pass


async def test_gramjs_signs_in_receives_answers_sees_the_read_mark_and_presses_a_button(
    sandbox: Sandbox, target: Target
) -> None:
    world = sandbox.world
    anna, sales = world.users.by_username("anna"), world.users.by_username("sales")
    assert anna is not None
    assert sales is not None
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def listen(event: events.Event) -> None:
        if isinstance(event, events.MessageNew) and event.owner == sales.id and not event.message.out:
            answered.set_result(event.message.text)

    world.subscribe(listen)
    loop = asyncio.get_running_loop()
    world.subscribe(lambda event: loop.call_soon(offer_a_button, world, event) and None)
    assert (await target.step("signed in"))["id"] == str(anna.id)
    await target.step("listening")
    world.send(sales.id, anna.id, "Good morning, **Anna**!")
    received = await target.step("received")
    assert (received["text"], received["from"]) == ("Good morning, **Anna**!", "sales")
    assert await asyncio.wait_for(answered, PATIENCE) == "How much is it?"
    assert world.box(sales.id).chat(anna.id).read_outbox == 1
    sent = await target.step("answered")
    world.read(sales.id, anna.id)
    assert (await target.step("read"))["upTo"] == sent["id"]
    history = await target.step("history")
    assert history["texts"] == ["How much is it?", "Good morning, **Anna**!"]
    assert history["out"] == [True, False]
    assert (await target.step("pressed"))["answer"] == "you pressed yes"
    assert await target.ended() == 0


def test_what_its_layer_writes_differently_is_known_to_the_sandbox(gramjs: Path) -> None:
    """After Telethon has raised its layer this names the lines that `layers/198.tl` lacks."""
    command = ["node", "-p", "require('telegram/tl/apiTl.js')"]
    schema = subprocess.run(command, cwd=gramjs, capture_output=True, text=True, check=True).stdout
    theirs = layers.parsed(schema.replace("\\n", "\n"))
    known = (SERVER / "layers" / "198.tl").read_text()
    source = "".join(path.read_text() for path in SERVER.rglob("*.py"))
    used = set(re.findall(r"\b(?:types|functions)\.((?:\w+\.)?[A-Z]\w+)", source))
    changed = {c.name for c in theirs.by_id.values() if c.class_name in used and c.id not in alltlobjects.tlobjects}
    assert len(used & theirs.by_class.keys()) > 100
    assert {name for name in changed if f"\n{name}#" not in known} == set()
