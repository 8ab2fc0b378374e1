"""A sandbox that is killed and started again goes on where it was."""

from pathlib import Path

from telethon import TelegramClient
from telethon.sessions import StringSession
from telethon.tl import functions

from sandbox.mtproto import MTProtoServer
from sandbox.mtproto.crypto import ServerKey
from sandbox.world import World
from tests.sandbox.mtproto.playground import people


async def test_keys_sign_ins_messages_and_access_hashes_outlive_the_process(
    tmp_path: Path, trusted_key: ServerKey
) -> None:
    world = World(data=tmp_path)
    maria, anna, *_ = people(world)
    server = MTProtoServer(world, rsa=trusted_key)
    await server.start()
    kept = StringSession(server.string_session(maria.id))
    client = TelegramClient(kept, 1, "hash")
    await client.connect()
    peer = await client.get_input_entity("anna")
    await client.send_message(peer, "before")
    await client.disconnect()
    await server.stop()  # the world is not closed: as after kill -9

    again = World(data=tmp_path)
    server = MTProtoServer(again, rsa=trusted_key)
    await server.start()
    kept.set_dc(2, "127.0.0.1", server.port)
    client = TelegramClient(kept, 1, "hash")
    await client.connect()
    sent = await client(functions.messages.SendMessageRequest(peer, "after", random_id=1))
    assert sent.id == 2
    assert [m.text for m in again.history(anna.id, maria.id)] == ["after", "before"]
    await client.disconnect()
    await server.stop()


def test_the_servers_key_is_made_once(tmp_path: Path) -> None:
    first = ServerKey.load(tmp_path / "key.pem")
    assert ServerKey.load(tmp_path / "key.pem").fingerprint == first.fingerprint
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    assert first.public_pem.startswith("-----BEGIN RSA PUBLIC KEY-----")
