"""One person's box: the messages as that person has them, the chats, and the journal from which `pts` comes.

Chats and counters are derived: replaying the journal over the stored messages rebuilds them.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable

from sandbox.world.model import Change, Chat, Entry, Message
from sandbox.world.store import Store

FIRST_PTS = 1  # clients take 0 for "no state known"


class Box:
    def __init__(self, owner: int, store: Store | None) -> None:
        self.owner = owner
        self.messages: dict[int, Message] = {}
        self.chats: dict[int, Chat] = {}
        self.journal: list[Entry] = []
        self.by_random_id: dict[int, int] = {}
        self.last_id = 0
        self._pts_of: dict[int, int] = {}
        self._store = store

    @property
    def pts(self) -> int:
        return self.journal[-1].pts if self.journal else FIRST_PTS

    def pts_of(self, message_id: int) -> int:
        """At which pts the message came."""
        return self._pts_of[message_id]

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def put(self, message: Message, change: Change) -> int:
        """Store a new or changed message; its pts."""
        self.messages[message.id] = message
        if self._store:
            self._store.put("message", (self.owner, message.id), message)
        return self._append(
            Entry(self.pts + 1, 1, change, message.peer, (message.id,), message.random_id, not message.out)
        )

    def remove(self, peer: int, ids: tuple[int, ...]) -> int:
        for message_id in ids:
            del self.messages[message_id]
            if self._store:
                self._store.remove("message", (self.owner, message_id))
        return self._append(Entry(self.pts + len(ids), len(ids), Change.DELETED, peer, ids))

    def read(self, peer: int, max_id: int, *, inbox: bool) -> int:
        change = Change.READ_INBOX if inbox else Change.READ_OUTBOX
        return self._append(Entry(self.pts + 1, 1, change, peer, (max_id,)))

    def forget_random_ids(self, keep: int = 0) -> None:
        """Know only the last ones again."""
        known = list(self.by_random_id)
        for random_id in known[: max(len(known) - keep, 0)]:
            del self.by_random_id[random_id]

    def since(self, pts: int, limit: int) -> list[Entry]:
        """The journal after `pts`, at most `limit` entries."""
        start = bisect_right(self.journal, pts, key=lambda e: e.pts)
        return self.journal[start : start + limit]

    def between(self, peer: int, above: int, below: int) -> list[int]:
        """Ids of the chat strictly between the two (0: open), oldest first."""
        ids = self.chats[peer].ids if peer in self.chats else []
        stop = bisect_left(ids, below) if below else len(ids)
        return ids[bisect_right(ids, above) : stop]

    def has_heard(self, peer: int) -> bool:
        """Whether the peer has written to this box's owner."""
        return peer in self.chats and self.chats[peer].heard

    def chat(self, peer: int) -> Chat:
        return self.chats.setdefault(peer, Chat(peer))

    def restore(self, messages: Iterable[Message], journal: Iterable[Entry]) -> None:
        self.messages = {m.id: m for m in messages}
        for entry in journal:
            self.journal.append(entry)
            self._apply(entry)

    def _append(self, entry: Entry) -> int:
        self.journal.append(entry)
        if self._store:
            self._store.put("entry", (self.owner, entry.pts), entry)
        self._apply(entry)
        return entry.pts

    def _apply(self, entry: Entry) -> None:
        chat = self.chat(entry.peer)
        match entry.change:
            case Change.NEW:
                insort(chat.ids, entry.ids[0])
                self._pts_of[entry.ids[0]] = entry.pts
                self.last_id = max(self.last_id, entry.ids[0])
                chat.heard = chat.heard or entry.incoming
                chat.unread += self._unread(entry.ids[0])
                if entry.random_id is not None:
                    self.by_random_id[entry.random_id] = entry.ids[0]
                return
            case Change.DELETED:
                gone = set(entry.ids)
                chat.ids = [i for i in chat.ids if i not in gone]
            case Change.READ_INBOX:
                chat.read_inbox = max(chat.read_inbox, entry.ids[0])
            case Change.READ_OUTBOX:
                chat.read_outbox = max(chat.read_outbox, entry.ids[0])
            case Change.EDITED:
                return
        chat.unread = sum(1 for i in self.between(entry.peer, chat.read_inbox, 0) if self._unread(i))

    def _unread(self, message_id: int) -> bool:
        message = self.messages.get(message_id)  # replayed entries may speak of messages deleted later
        return message is not None and not message.out
