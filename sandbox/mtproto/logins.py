"""Signing in: codes, passwords (SRP) and QR tokens under way. In memory: a login begun before a restart begins anew."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telethon.password import compute_digest
from telethon.tl import types

from sandbox.mtproto.errors import RpcError
from sandbox.mtproto.primes import PRIME, SIZE, G, block, number
from sandbox.world import User, World

_Algo = types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow


@dataclass(slots=True)
class Token:
    """A QR code: shown by the client that holds `key_id`, accepted by `accepted_by` (0: not yet)."""

    key_id: int
    expires: datetime
    accepted_by: int = 0


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """The server's half of one SRP exchange."""

    user: int
    salt1: bytes
    salt2: bytes
    secret: int
    verifier: int
    public: int


class Logins:
    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, int] = {}
        self._checks: dict[int, PasswordCheck] = {}
        self._verifiers: dict[tuple[int, str], tuple[bytes, bytes, int]] = {}
        self.tokens: dict[bytes, Token] = {}
        self.half_way: dict[int, int] = {}  # key id -> user whose code was right, whose password is missing

    # --- code

    def send_code(self, phone: str) -> str:
        """The hash under which the code is awaited."""
        user = self._world.users.by_phone(phone)
        if user is None or user.is_bot:
            raise RpcError(400, "PHONE_NUMBER_INVALID")
        if user.banned:
            raise RpcError(400, "PHONE_NUMBER_BANNED")
        code_hash = secrets.token_hex(9)
        self._codes[code_hash] = user.id
        return code_hash

    def check_code(self, phone: str, code_hash: str, code: str) -> User:
        user = self._world.users.by_phone(phone)
        if user is None or self._codes.get(code_hash) != user.id:
            raise RpcError(400, "PHONE_CODE_EXPIRED")
        if not code:
            raise RpcError(400, "PHONE_CODE_EMPTY")
        if code != user.code:
            raise RpcError(400, "PHONE_CODE_INVALID")
        del self._codes[code_hash]
        return user

    # --- password: https://core.telegram.org/api/srp

    def begin_password(self, user: User) -> Any:
        """account.password for this user, with a fresh server half."""
        salt1, salt2, verifier = self._verifier(user)
        algo = _Algo(salt1, salt2, G, block(PRIME))
        fields: dict[str, Any] = {}
        if user.password is not None:
            secret = number(os.urandom(SIZE))
            public = (_multiplier() * verifier + pow(G, secret, PRIME)) % PRIME
            srp_id = secrets.randbits(62)
            self._checks[srp_id] = PasswordCheck(user.id, salt1, salt2, secret, verifier, public)
            fields = {"has_password": True, "current_algo": algo, "srp_B": block(public), "srp_id": srp_id, "hint": ""}
        return types.account.Password(
            new_algo=_Algo(salt1, salt2, G, block(PRIME)),
            new_secure_algo=types.SecurePasswordKdfAlgoSHA512(os.urandom(8)),
            secure_random=os.urandom(32),
            **fields,
        )

    def check_password(self, answer: Any) -> int:
        """The user whose password this proves. Raises 400."""
        check = self._checks.pop(getattr(answer, "srp_id", 0), None)
        if check is None:
            raise RpcError(400, "SRP_ID_INVALID")
        client_public = number(answer.A)
        if not 0 < client_public < PRIME:
            raise RpcError(400, "PASSWORD_HASH_INVALID")
        a, b = block(client_public), block(check.public)
        u = number(_sha(a, b))
        shared = pow(client_public * pow(check.verifier, u, PRIME), check.secret, PRIME)
        expected = _sha(
            bytes(x ^ y for x, y in zip(_sha(block(PRIME)), _sha(block(G)), strict=True)),
            _sha(check.salt1),
            _sha(check.salt2),
            a,
            b,
            _sha(block(shared)),
        )
        if expected != answer.M1:
            raise RpcError(400, "PASSWORD_HASH_INVALID")
        return check.user

    def _verifier(self, user: User) -> tuple[bytes, bytes, int]:
        """Salts and verifier of the user's password; slow to make (100,000 rounds), so made once."""
        if user.password is None:
            return os.urandom(8), os.urandom(16), 0
        held = self._verifiers.get((user.id, user.password))
        if held is None:
            salt1, salt2 = os.urandom(8), os.urandom(16)
            verifier = number(compute_digest(_Algo(salt1, salt2, G, block(PRIME)), user.password))
            held = self._verifiers[user.id, user.password] = (salt1, salt2, verifier)
        return held

    # --- QR code

    def new_token(self, key_id: int) -> tuple[bytes, Token]:
        token = Token(key_id, self._world.clock() + self._world.rules.login_token_life)
        data = os.urandom(16)
        self.tokens[data] = token
        return data, token

    def accepted(self, key_id: int) -> int:
        """The user who accepted a token of this key (0: nobody), once."""
        for data, token in list(self.tokens.items()):
            if token.key_id == key_id and token.accepted_by:
                del self.tokens[data]
                return token.accepted_by
        return 0

    def token(self, data: bytes) -> Token:
        token = self.tokens.get(data)
        if token is None:
            raise RpcError(400, "AUTH_TOKEN_INVALID")
        if self._world.clock() > token.expires:
            del self.tokens[data]
            raise RpcError(400, "AUTH_TOKEN_EXPIRED")
        return token


def _sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _multiplier() -> int:
    return number(_sha(block(PRIME), block(G)))
