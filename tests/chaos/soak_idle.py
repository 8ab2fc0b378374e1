"""An event loop with nothing to do but to tell how late it wakes, in the product's own words: what the machine itself
is to blame for. ``python -m tests.chaos.soak_idle LOG``."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from salesbot import log
from salesbot.lifecycle import heartbeat


async def idle() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await heartbeat(stop)


if __name__ == "__main__":
    log.setup("DEBUG", Path(sys.argv[1]), ())
    uvloop.run(idle())
