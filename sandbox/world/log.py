"""What the servers saw, in order: the witness for tests. Bounded; never the texts people write."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

LIMIT = 50_000


@dataclass(frozen=True, slots=True)
class Packet:
    """`kind`: connect, disconnect, handshake, service (acks, pings), garbage, rpc, answer, push, bot, model.

    `at` is unix seconds.

    An ``answer`` carries the `msg_id` of its ``rpc`` and in `outcome` the class of the result or the error's text.
    """

    order: int
    at: float
    kind: str
    connection: int = 0
    auth_key: int = 0
    user: int = 0
    method: str = ""
    peer: int = 0
    random_id: int | None = None
    msg_id: int = 0
    message_id: int = 0
    outcome: str = ""


class PacketLog:
    def __init__(self) -> None:
        self._packets: deque[Packet] = deque(maxlen=LIMIT)
        self._last = 0
        self.listeners: list[Callable[[Packet], None]] = []

    def add(
        self,
        kind: str,
        *,
        connection: int = 0,
        auth_key: int = 0,
        user: int = 0,
        method: str = "",
        peer: int = 0,
        random_id: int | None = None,
        msg_id: int = 0,
        message_id: int = 0,
        outcome: str = "",
    ) -> Packet:
        self._last += 1
        packet = Packet(
            self._last,
            time.time(),
            kind,
            connection,
            auth_key,
            user,
            method,
            peer,
            random_id,
            msg_id,
            message_id,
            outcome,
        )
        self._packets.append(packet)
        for listener in self.listeners:
            listener(packet)
        return packet

    def since(self, order: int = 0, kind: str | None = None, method: str | None = None) -> list[Packet]:
        """Packets after `order`, of one kind and method if given. Costs as much as there are new ones."""
        fresh = list(islice(reversed(self._packets), max(self._last - order, 0)))
        return [
            p for p in reversed(fresh) if (kind is None or p.kind == kind) and (method is None or p.method == method)
        ]

    @property
    def first(self) -> int:
        """The oldest one that is kept."""
        return self._last - len(self._packets) + 1

    @property
    def last(self) -> int:
        return self._last

    def clear(self) -> None:
        self._packets.clear()
