"""How often a turn asks the database, by the server's own log: all that the process says at 50 turns/s, its loops and
whatever belongs to no turn included. tests/engine/test_round_trips.py names them, one by one."""

from __future__ import annotations

import re

import asyncpg

from bench import turns
from bench.house import PRODUCT, House
from bench.load import RATE
from sandbox import postgres

PEOPLE, TURNS = 60, 200
ASKED = re.compile(r"^\S+ \S+ \S+ \[\d+\] LOG:  (?:execute [^:]*|statement): ", re.M)


async def counted(house: House, number: int) -> float:
    """Questions to the server for each of the turns."""
    house.invite(PEOPLE)
    async with house.running(PRODUCT):
        await turns.hello(house, f"R{number}")
        await _log(house, "all")
        before = _asked(house.server)
        await turns.paced(house, f"R{number}P", TURNS, RATE)
        asked = _asked(house.server) - before
        await _log(house, "none")
        return asked / TURNS


async def _log(house: House, what: str) -> None:
    connection = await asyncpg.connect(house.server.dsn)
    await connection.execute(f"alter system set log_statement = '{what}'")
    await connection.execute("select pg_reload_conf()")
    await connection.close()


def _asked(server: postgres.Server) -> int:
    return len(ASKED.findall((server.data / postgres.LOG).read_text(encoding="utf-8", errors="replace")))
