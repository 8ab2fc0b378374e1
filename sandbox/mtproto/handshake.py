"""The key exchange: three unencrypted questions, after which client and server share an authorization key.

https://core.telegram.org/mtproto/auth_key
"""

import os
import time
from hashlib import sha1, sha256
from typing import Any

from telethon.crypto import AES, AuthKey
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl import functions, types

from sandbox.mtproto.crypto import ServerKey
from sandbox.mtproto.primes import PRIME, SIZE, G, block, number

_P, _Q = (
    1009,
    1013,
)  # small, so that clients factorise at once; the product's top bit is clear, for Telethon reads it signed
_EXPONENT_BYTES = 32  # short, so that the server's two powers are cheap


class HandshakeError(Exception):
    """The client broke the protocol; its connection is closed."""


class Handshake:
    """One connection's key exchange. `key` is set once it is done."""

    def __init__(self, server_key: ServerKey) -> None:
        self._server_key = server_key
        self._nonce = 0
        self._server_nonce = int.from_bytes(os.urandom(16), "little", signed=True)
        self._new_nonce = 0
        self._secret = number(os.urandom(_EXPONENT_BYTES))
        self.key: bytes | None = None

    def answer(self, request: Any) -> Any:
        """The next answer. Raises HandshakeError."""
        match request:
            case functions.ReqPqMultiRequest() | functions.ReqPqRequest():
                self._nonce = request.nonce
                return types.ResPQ(
                    nonce=self._nonce,
                    server_nonce=self._server_nonce,
                    pq=(_P * _Q).to_bytes(3, "big"),
                    server_public_key_fingerprints=[self._server_key.fingerprint],
                )
            case functions.ReqDHParamsRequest():
                return self._parameters(request)
            case functions.SetClientDHParamsRequest():
                return self._agree(request)
            case _:
                raise HandshakeError(f"{type(request).__name__} outside a session")

    def _parameters(self, request: Any) -> Any:
        inner = _read(opened(self._server_key.decrypt(request.encrypted_data)))
        if inner.nonce != self._nonce or inner.server_nonce != self._server_nonce or number(inner.pq) != _P * _Q:
            raise HandshakeError("nonces do not match")
        self._new_nonce = inner.new_nonce
        data = bytes(
            types.ServerDHInnerData(
                nonce=self._nonce,
                server_nonce=self._server_nonce,
                g=G,
                dh_prime=block(PRIME),
                g_a=block(pow(G, self._secret, PRIME)),
                server_time=int(time.time()),
            )
        )
        data = sha1(data).digest() + data
        key, iv = generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        return types.ServerDHParamsOk(
            nonce=self._nonce,
            server_nonce=self._server_nonce,
            encrypted_answer=bytes(AES.encrypt_ige(data + os.urandom(-len(data) % 16), key, iv)),
        )

    def _agree(self, request: Any) -> Any:
        key, iv = generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        inner = _read(bytes(AES.decrypt_ige(request.encrypted_data, key, iv))[20:])
        if inner.nonce != self._nonce or inner.server_nonce != self._server_nonce:
            raise HandshakeError("nonces do not match")
        shared = block(pow(number(inner.g_b), self._secret, PRIME))
        auth_key = AuthKey(shared)
        if shared[0] == 0:
            # Clients drop leading zeros and end up with another key: let them try again.
            self._secret = number(os.urandom(_EXPONENT_BYTES))
            hash2 = AuthKey(shared.lstrip(b"\0")).calc_new_nonce_hash(self._new_nonce, 2)
            return types.DhGenRetry(self._nonce, self._server_nonce, hash2)
        self.key = shared
        return types.DhGenOk(self._nonce, self._server_nonce, auth_key.calc_new_nonce_hash(self._new_nonce, 1))


def _read(data: bytes) -> Any:
    return BinaryReader(data).tgread_object()


def opened(plain: bytes) -> bytes:
    """The inner data out of a decrypted RSA block: padded the present way (RSA_PAD) or the old one."""
    sealed = plain[32:]
    temp_key = bytes(a ^ b for a, b in zip(plain[:32], sha256(sealed).digest(), strict=True))
    opened = bytes(AES.decrypt_ige(sealed, temp_key, bytes(32)))
    data = opened[:192][::-1]
    if sha256(temp_key + data).digest() == opened[192:]:
        return data
    if (inner := _opened_the_old_way(plain)) is not None:
        return inner
    raise HandshakeError("the block does not open")


def _opened_the_old_way(plain: bytes) -> bytes | None:
    """The inner data that stands behind a zero byte and its sha1, before random bytes; None when it does not."""
    reader = BinaryReader(plain[21:])
    try:
        reader.tgread_object()
    except Exception:  # noqa: BLE001 - noise breaks a parser in any way
        return None
    data = plain[21 : 21 + reader.tell_position()]
    return data if len(plain) == SIZE and plain[0] == 0 and sha1(data).digest() == plain[1:21] else None
