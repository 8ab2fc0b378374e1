"""MTProto 2.0 encryption from the server's side, and the key of the sandbox.

https://core.telegram.org/mtproto/description
"""

import os
import struct
from hashlib import sha1, sha256
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from telethon.crypto import AES
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import TLObject

_KEY_BITS = 2048  # clients write their block as 256 bytes


def key_id(key: bytes) -> int:
    """The 64-bit name under which a key travels."""
    return int(struct.unpack("<q", sha1(key).digest()[-8:])[0])


def encrypt(key: bytes, salt: int, session_id: int, message: bytes) -> bytes:
    """A packet of the server's with this message (msg_id, seqno, length, body)."""
    data = struct.pack("<qq", salt, session_id) + message
    data += os.urandom(-(len(data) + 12) % 16 + 12)
    msg_key = sha256(key[96:128] + data).digest()[8:24]
    aes_key, aes_iv = MTProtoState._calc_key(key, msg_key, False)
    return struct.pack("<q", key_id(key)) + msg_key + bytes(AES.encrypt_ige(data, aes_key, aes_iv))


def decrypt(key: bytes, packet: bytes) -> bytes | None:
    """What a client's packet holds (salt, session id, message); None when its msg_key does not fit."""
    msg_key = packet[8:24]
    aes_key, aes_iv = MTProtoState._calc_key(key, msg_key, True)
    data = bytes(AES.decrypt_ige(packet[24:], aes_key, aes_iv))
    return data if sha256(key[88:120] + data).digest()[8:24] == msg_key else None


class ServerKey:
    """The RSA key by which clients know this server."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key
        numbers = key.private_numbers()
        self._d, self._n = numbers.d, numbers.public_numbers.n
        self._e = numbers.public_numbers.e

    @classmethod
    def load(cls, path: Path | None) -> "ServerKey":
        """The key kept at `path`, made now if there is none; without a path, one for this process alone."""
        if path and path.exists():
            key = serialization.load_pem_private_key(path.read_bytes(), None)
            assert isinstance(key, rsa.RSAPrivateKey)
            return cls(key)
        key = rsa.generate_private_key(65537, _KEY_BITS)
        if path:
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            path.touch(mode=0o600)
            path.write_bytes(pem)
        return cls(key)

    @property
    def public_pem(self) -> str:
        """PKCS#1 ("BEGIN RSA PUBLIC KEY"), as Telethon's `rsa.add_key` takes it."""
        return (
            self._key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
            .decode("ascii")
        )

    @property
    def fingerprint(self) -> int:
        parts = [n.to_bytes((n.bit_length() + 7) // 8, "big") for n in (self._n, self._e)]
        data = b"".join(TLObject.serialize_bytes(part) for part in parts)
        return int(struct.unpack("<q", sha1(data).digest()[-8:])[0])

    def decrypt(self, block: bytes) -> bytes:
        """The 256 bytes that were encrypted, leading zeros kept."""
        return pow(int.from_bytes(block, "big"), self._d, self._n).to_bytes(256, "big")
