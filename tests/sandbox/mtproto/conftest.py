"""The world, its MTProto server, and clients that trust its key."""

from collections.abc import AsyncIterator

import pytest
from telethon.crypto import rsa

from sandbox.mtproto import MTProtoServer
from sandbox.mtproto.crypto import ServerKey
from sandbox.world import World
from tests.sandbox.mtproto.playground import Clock, Telegram, people


@pytest.fixture(scope="session")
def trusted_key(server_key: ServerKey) -> ServerKey:
    rsa.add_key(server_key.public_pem, old=False)
    return server_key


@pytest.fixture
async def telegram(trusted_key: ServerKey) -> AsyncIterator[Telegram]:
    clock = Clock()
    world = World(clock=clock, seed=1)
    server = MTProtoServer(world, rsa=trusted_key)
    await server.start()
    given = Telegram(world, server, clock, *people(world))
    yield given
    for client in given.clients:
        await client.disconnect()
    await server.stop()
