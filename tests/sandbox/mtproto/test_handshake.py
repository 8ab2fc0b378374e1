"""Corners of the key exchange that a client meets once in hundreds of times."""

import os
from hashlib import sha1
from typing import Any

import pytest
from telethon.crypto import AES, AuthKey, rsa
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl import functions, types

from sandbox.mtproto.crypto import ServerKey
from sandbox.mtproto.handshake import Handshake, HandshakeError, opened
from sandbox.mtproto.primes import number


class Client:
    """A client of the exchange that chooses its own exponent."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake
        self.nonce = int.from_bytes(os.urandom(16), "little", signed=True)
        self.new_nonce = int.from_bytes(os.urandom(32), "little", signed=True)

    def begin(self) -> Any:
        """The server's half: ServerDHInnerData."""
        self.pq = self._handshake.answer(functions.ReqPqMultiRequest(self.nonce))
        inner = types.PQInnerData(
            self.pq.pq, b"\x03\xf1", b"\x03\xf5", self.nonce, self.pq.server_nonce, self.new_nonce
        )
        fingerprint = self.pq.server_public_key_fingerprints[0]
        block = rsa.encrypt(fingerprint, bytes(inner))
        answer = self._handshake.answer(
            functions.ReqDHParamsRequest(self.nonce, self.pq.server_nonce, b"\x03\xf1", b"\x03\xf5", fingerprint, block)
        )
        self.key, self.iv = generate_key_data_from_nonce(self.pq.server_nonce, self.new_nonce)
        plain = AES.decrypt_ige(answer.encrypted_answer, self.key, self.iv)
        return BinaryReader(plain[20:]).tgread_object()

    def finish(self, g_b: int) -> Any:
        inner = bytes(types.ClientDHInnerData(self.nonce, self.pq.server_nonce, 0, rsa.get_byte_array(g_b)))
        sealed = AES.encrypt_ige(sha1(inner).digest() + inner, self.key, self.iv)  # noqa: S324 -- the protocol's choice
        return self._handshake.answer(functions.SetClientDHParamsRequest(self.nonce, self.pq.server_nonce, sealed))


def exponent(inner: Any, *, leading_zero: bool) -> tuple[int, int]:
    """g_b and the shared key, which begins with a zero byte or does not."""
    prime, g_a = number(inner.dh_prime), number(inner.g_a)
    b = number(os.urandom(32))
    g_b, shared = pow(inner.g, b, prime), pow(g_a, b, prime)
    while (shared < 1 << 2040) != leading_zero:
        g_b, shared = g_b * inner.g % prime, shared * g_a % prime
    return g_b, shared


def test_a_key_that_would_begin_with_zero_is_agreed_anew(trusted_key: ServerKey) -> None:
    handshake = Handshake(trusted_key)
    client = Client(handshake)
    g_b, shared = exponent(client.begin(), leading_zero=True)
    answer = client.finish(g_b)
    assert isinstance(answer, types.DhGenRetry)
    short = AuthKey(rsa.get_byte_array(shared))
    assert answer.new_nonce_hash2 == short.calc_new_nonce_hash(client.new_nonce, 2)
    assert handshake.key is None

    again = Client(handshake)
    g_b, shared = exponent(again.begin(), leading_zero=False)
    answer = again.finish(g_b)
    assert isinstance(answer, types.DhGenOk)
    assert handshake.key == rsa.get_byte_array(shared)


def test_a_block_for_another_key_is_refused(trusted_key: ServerKey) -> None:
    handshake = Handshake(trusted_key)
    client = Client(handshake)
    pq = handshake.answer(functions.ReqPqMultiRequest(client.nonce))
    request = functions.ReqDHParamsRequest(client.nonce, pq.server_nonce, b"\x01", b"\x01", 0, os.urandom(256))
    with pytest.raises(HandshakeError):
        handshake.answer(request)


@pytest.mark.parametrize("noise", [b"\x5a", b"\x00"])
def test_noise_that_begins_like_a_block_is_refused(noise: bytes) -> None:
    """One random block in 256 begins with the zero byte of the old padding."""
    with pytest.raises(HandshakeError):
        opened(bytes(1) + noise * 255)


def test_steps_out_of_order_are_refused(trusted_key: ServerKey) -> None:
    with pytest.raises(HandshakeError):
        Handshake(trusted_key).answer(functions.PingRequest(1))
