"""``python -m sandbox.model --state FILE``: the models alone, until SIGTERM, Ctrl-C or the end of their parent."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from sandbox.model.server import ModelServer
from sandbox.world.world import World

HOST = "127.0.0.1"
LARGEST_BODY = 64 * 1024 * 1024
LOOK_EVERY = 0.5
"""Seconds between two looks whether the parent still lives."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.model", description="The scripted models alone.")
    parser.add_argument("--state", type=Path, required=True, help='{"model": URL}, written once it listens')
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    words = parser.parse_args()
    parent = os.getppid()
    try:
        asyncio.run(serve(words.state, words.port, parent))
    except OSError as error:
        print(f"The models cannot start: {error}", file=sys.stderr)
        return 1
    return 0


async def serve(state: Path, port: int, parent: int) -> None:
    """Run until a signal, or until the process ``parent`` is ours no longer."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = web.Application(client_max_size=LARGEST_BODY)
    app.add_routes(ModelServer(World()).routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        _write(state, {"model": f"http://{HOST}:{runner.addresses[0][1]}/v1"})
        while not stop.is_set() and os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)
    finally:
        await runner.cleanup()


def _write(file: Path, content: dict[str, str]) -> None:
    """The whole file at once: whoever waits for it never reads half of it."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_text(json.dumps(content) + "\n", encoding="utf-8")
    fresh.replace(file)


if __name__ == "__main__":
    sys.exit(main())
