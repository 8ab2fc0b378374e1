"""Databases to back up, with PostgreSQL's own programs of the tests' server."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from salesbot.keys import KeyRing
from salesbot.store import installation, suppressions
from sandbox import postgres

RING = KeyRing("a secret of the tests which is long enough")
EXECUTABLE = 0o755


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder whose programs are found first; the server's own are found next."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), str(postgres.find_binaries()), os.environ["PATH"]]))
    return folder


@dataclass(frozen=True)
class Key:
    """A key of age: its public half, and the file of the other one."""

    public: str
    file: Path


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return make_key(tmp_path_factory.mktemp("keys") / "backup.key")


def make_key(file: Path) -> Key:
    subprocess.run(["age-keygen", "--output", str(file)], check=True, capture_output=True)
    told = subprocess.run(["age-keygen", "-y", str(file)], check=True, capture_output=True, text=True)
    return Key(told.stdout.strip(), file)


@pytest.fixture
async def filled(database: str) -> str:
    """A database in use: an account with two dialogs, and somebody who wants no messages."""
    connection = await asyncpg.connect(database)
    try:
        await installation.check(connection)
        await suppressions.check_keys(connection, RING.key_ids)
        await connection.execute(
            """
            insert into accounts (id, dc_id, server_address, server_port, auth_key, owner, released)
                values (7, 2, 'localhost', 443, 'sealed', gen_random_uuid(), false);
            insert into contacts (id, name) values (1, 'Anna''s "name"; \\x'), (2, 'Борис');
            insert into dialogs (account_id, contact_id, target_username, scenario, status)
                values (7, 1, 'anna', 'sales', 'active'), (7, 2, 'boris', 'sales', 'closed');
            insert into messages (dialog_id, account_id, direction, author, content, timestamp, telegram_message_id)
                select 1, 7, 'in', 'contact', 'line ' || n, now(), n from generate_series(1, 300) n;
            """
        )
        await suppressions.add(connection, RING.marks(2))
    finally:
        await connection.close()
    return database
