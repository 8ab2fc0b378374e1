"""The transports byte by byte, against Telethon's own codecs."""

import os

import pytest
from telethon.network.connection.tcpabridged import AbridgedPacketCodec
from telethon.network.connection.tcpfull import FullPacketCodec
from telethon.network.connection.tcpintermediate import IntermediatePacketCodec, RandomizedIntermediatePacketCodec
from telethon.network.connection.tcpobfuscated import ObfuscatedIO

from sandbox.mtproto.wire import Transport, WireError

PACKETS = [os.urandom(size) for size in (40, 504, 508, 512, 4096)]


def stream(codec_class: type, opening: bytes) -> bytes:
    codec = codec_class(None)
    return opening + b"".join(codec.encode_packet(packet) for packet in PACKETS)


@pytest.mark.parametrize(
    ("codec", "opening"),
    [
        (FullPacketCodec, b""),
        (AbridgedPacketCodec, b"\xef"),
        (IntermediatePacketCodec, b"\xee" * 4),
        (RandomizedIntermediatePacketCodec, b"\xdd" * 4),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_packets_come_out_whole_however_the_bytes_come_in(codec: type, opening: bytes, step: int) -> None:
    data, wire = stream(codec, opening), Transport()
    got = [packet for i in range(0, len(data), step) for packet in wire.feed(data[i : i + step])]
    assert got == PACKETS


@pytest.mark.parametrize("codec", [AbridgedPacketCodec, IntermediatePacketCodec, RandomizedIntermediatePacketCodec])
@pytest.mark.parametrize("step", [1, 10_000])
def test_an_obfuscated_stream_opens_and_the_answer_is_obfuscated_too(codec: type, step: int) -> None:
    header, encryptor, decryptor = ObfuscatedIO.init_header(codec)
    data = bytes(header) + encryptor.encrypt(stream(codec, b""))
    wire = Transport()
    got = [packet for i in range(0, len(data), step) for packet in wire.feed(data[i : i + step])]
    assert got == PACKETS
    answer = decryptor.encrypt(wire.pack(PACKETS[0]))
    assert PACKETS[0] in answer


@pytest.mark.parametrize(
    "data",
    [
        stream(FullPacketCodec, b"")[:-1] + b"\x00\x00",
        b"\x05\x00\x00\x00" + bytes(8),
        b"GET / HTTP/1.1\r\n" + bytes(64),
        b"\xee" * 4 + b"\xff\xff\xff\x7f",
    ],
)
def test_garbage_is_named_as_such(data: bytes) -> None:
    wire = Transport()
    with pytest.raises(WireError):
        list(wire.feed(data))
