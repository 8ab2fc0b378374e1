"""``python -m sandbox --state FILE``: a Telegram on this machine, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from sandbox.app import Options, Sandbox
from sandbox.mtproto.crypto import ServerKey


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A Telegram on this machine.")
    parser.add_argument("--state", type=Path, required=True, help="written once everything listens")
    parser.add_argument("--data", type=Path, help="keep the world here (default: in memory only)")
    parser.add_argument("--key", type=Path, help="the server's RSA key, made when missing (default: one of its own)")
    parser.add_argument("--mtproto-port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--http-port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--seed", type=int, help="for codes, tokens and ids that are the same each time")
    parser.add_argument("--users", type=Path, help="a JSON list of the first people, instead of the usual ones")
    words = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    key = ServerKey.load(words.key) if words.key else None
    options = Options(words.data, words.mtproto_port, words.http_port, words.seed, words.users, key)
    try:
        asyncio.run(serve(options, words.state))
    except OSError as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)
        return 1
    return 0


async def serve(options: Options, state: Path) -> None:
    """Run until a signal. The state file stays: the next start may want the same ports."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Sandbox.running(options) as sandbox:
        sandbox.write_state(state)
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
