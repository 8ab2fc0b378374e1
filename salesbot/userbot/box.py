"""Telethon's bookkeeping of updates, mended where it loses some.

- In a difference Telethon keeps new messages and drops what else has a ``pts``: edits, deletions, read marks. Here they
  are handed on, after the messages.
- ``differenceTooLong`` says that updates are gone for good: Telethon moves on in silence, here it is told.
- A message from somebody whose access hash is not known could not be answered. Telegram's documentation says: take the
  difference instead, which brings the person along.
- Channels are not followed: each would cost differences of its own, for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon._updates import GapError, MessageBox
from telethon._updates.messagebox import ENTRY_ACCOUNT, PtsInfo
from telethon.tl import types

from salesbot.store.sessions import UpdateState
from salesbot.userbot.convert import is_addressable

_LATER = (types.UpdateEditMessage, types.UpdateDeleteMessages, types.UpdateReadHistoryOutbox)
"""Updates with a ``pts`` that the product wants from a difference."""


class Box(MessageBox):  # type: ignore[misc] # Telethon has no types
    """``knows`` says whether a user can be addressed; ``on_gap`` is called when updates are lost for good,
    ``on_failure`` when a difference failed, so that a fresh connection asks again."""

    __slots__ = ("_differences", "_knows", "_on_failure", "_on_gap")

    def __init__(
        self, log: Any, knows: Callable[[int], bool], on_gap: Callable[[], None], on_failure: Callable[[str], None]
    ) -> None:
        super().__init__(log)
        self._knows = knows
        self._on_gap = on_gap
        self._on_failure = on_failure
        self._differences = 0

    def has_caught_up(self) -> bool:
        """Whether a difference was taken to its end and none is under way."""
        return self._differences > 0 and not self.getting_diff_for

    def state(self) -> UpdateState | None:
        """The account's place in its stream, as Telethon has it now; channels are not followed."""
        if self.is_empty():
            return None
        account, _ = self.session_state()
        return UpdateState(**account)

    def process_updates(self, updates: Any, chat_hashes: Any, result: list[Any]) -> Any:
        steady = not self.is_empty() and ENTRY_ACCOUNT not in self.getting_diff_for
        if steady and not getattr(updates, "_self_outgoing", False) and self._is_from_stranger(updates):
            self.try_begin_get_diff(ENTRY_ACCOUNT, "somebody whose access hash is not known")
            raise GapError
        return super().process_updates(updates, chat_hashes, result)

    def apply_pts_info(self, update: Any, *, reset_deadlines: Any) -> Any:
        stream = PtsInfo.from_update(update)
        if isinstance(update, types.UpdateChannelTooLong) or (stream and isinstance(stream.entry, int)):
            return None
        return super().apply_pts_info(update, reset_deadlines=reset_deadlines)

    def apply_difference(self, diff: Any, chat_hashes: Any) -> Any:
        if isinstance(diff, types.updates.DifferenceTooLong):
            self._on_gap()
        self._differences += 1
        return super().apply_difference(diff, chat_hashes)

    def end_difference(self) -> None:
        """Telethon calls this where a difference failed, and would go on without it."""
        super().end_difference()
        self._on_failure("a difference failed")

    def apply_difference_type(self, diff: Any, chat_hashes: Any) -> Any:
        updates, users, chats = super().apply_difference_type(diff, chat_hashes)
        passed = {id(update) for update in updates}
        updates.extend(u for u in diff.other_updates if isinstance(u, _LATER) and id(u) not in passed)
        return updates, users, chats

    def _is_from_stranger(self, updates: Any) -> bool:
        if isinstance(updates, types.UpdateShortMessage):
            return not self._knows(updates.user_id)
        if not isinstance(updates, (types.Updates, types.UpdatesCombined)):
            return False
        users = [user for user in updates.users if isinstance(user, types.User)]
        taught = {user.id for user in users if user.bot or is_addressable(user)}
        peers = (u.message.peer_id for u in updates.updates if isinstance(u, types.UpdateNewMessage))
        return any(
            isinstance(peer, types.PeerUser) and peer.user_id not in taught and not self._knows(peer.user_id)
            for peer in peers
        )
