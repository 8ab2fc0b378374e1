"""The world: people, their boxes, and what happens between them. Synchronous, and free of any protocol.

Each mutation changes the boxes concerned, is written to the store, and only then told to the listeners.
"""

import logging
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sandbox.world import events
from sandbox.world.box import Box
from sandbox.world.buttons import Answer, Buttons, Query
from sandbox.world.errors import RandomIdRepeated, WorldError, bad_request, forbidden
from sandbox.world.events import Event, Listener
from sandbox.world.faults import Faults
from sandbox.world.files import Files
from sandbox.world.log import PacketLog
from sandbox.world.model import (
    Change,
    Entity,
    Forward,
    Group,
    Keyboard,
    Media,
    Message,
    Privacy,
    Quote,
    User,
)
from sandbox.world.store import Fact, Store
from sandbox.world.text import check_keyboard, checked
from sandbox.world.users import Users

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Rules:
    """How strict this Telegram is; change at will."""

    repeated_random_id: Literal["error", "original"] = "error"  # original: answer with what the first one made
    random_id_memory: int | None = None  # so many of a sender's last ones are known again; None: all
    silent_block: bool = False  # True: who is blocked learns nothing, the message reaches nobody
    resolve_per_minute: int = 30
    history_per_minute: int = 60
    query_window: timedelta = timedelta(seconds=15)
    edit_window: timedelta = timedelta(hours=48)
    login_token_life: timedelta = timedelta(seconds=30)
    difference_slice: int = 100
    difference_too_long: int | None = None  # so many changes behind, a client gets differenceTooLong
    duplicate_key_kills: bool = True  # one key on two live connections: AUTH_KEY_DUPLICATED for ever
    answer_pause: timedelta = timedelta(seconds=2)  # who answers by themselves waits so long after the last line


class World:
    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int | None = None,
        data: Path | None = None,
    ) -> None:
        self.clock = clock
        self.rules = Rules()
        self.faults = Faults()
        self.log = PacketLog()
        if data:
            data.mkdir(parents=True, exist_ok=True)
        self.store = Store(data / "world.sqlite") if data else None
        self.random = random.Random(seed if seed is None else f"{seed}:{self._starts()}")
        self.files = Files(data / "files" if data else None)
        self.users = Users(self.store, self.random, self._secret())
        self.users.on_change = lambda user: self._tell(events.UserChanged(user.id))
        self.buttons = Buttons(self.random)
        self.online: set[int] = set()
        self.groups: dict[str, Group] = {}
        self._boxes: dict[int, Box] = {}
        self._listeners: list[Listener] = []
        self._pending: list[Event] = []
        self._untold: deque[Event] = deque()

    # --- listening

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every event; returns what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- messages

    def send(
        self,
        sender: int,
        receiver: int,
        text: str = "",
        *,
        entities: Iterable[Entity] = (),
        media: Media | None = None,
        keyboard: Keyboard | None = None,
        reply_to: Quote | None = None,
        forward: Forward | None = None,
        random_id: int | None = None,
        group_id: int | None = None,
        session: int | None = None,
    ) -> Message:
        """Write from one person to another; the sender's copy. `reply_to` names a message in the sender's box."""
        box = self.box(sender)
        if random_id is not None and random_id in box.by_random_id:
            raise RandomIdRepeated(box.by_random_id[random_id])
        text, found = checked(text, entities, has_media=media is not None)
        check_keyboard(keyboard)
        delivered = self._may_write(self.users[sender], receiver) and sender != receiver
        mine = Message(
            owner=sender,
            id=box.next_id(),
            peer=receiver,
            out=True,
            date=self.now(),
            text=text,
            entities=found,
            media=media,
            keyboard=keyboard,
            reply_to=reply_to if reply_to and reply_to.message_id in box.messages else None,
            forward=forward,
            random_id=random_id,
            group_id=group_id,
        )
        theirs = self._copy_for_receiver(mine) if delivered else None
        if theirs:
            mine = replace(mine, twin_id=theirs.id)
        self._deliver(events.MessageNew(sender, mine, box.put(mine, Change.NEW), session))
        if self.rules.random_id_memory is not None:
            box.forget_random_ids(keep=self.rules.random_id_memory)
        if theirs:
            self._deliver(events.MessageNew(receiver, theirs, self.box(receiver).put(theirs, Change.NEW)))
        self._settle()
        return mine

    def edit(
        self,
        owner: int,
        message_id: int,
        text: str | None = None,
        *,
        entities: Iterable[Entity] = (),
        media: Media | None = None,
        keyboard: Keyboard | None = None,
        session: int | None = None,
    ) -> Message:
        """Change an own message. Text None leaves text and media alone; the keyboard is always replaced."""
        old = self.message(owner, message_id)
        if not old.out:
            raise forbidden("MESSAGE_AUTHOR_REQUIRED")
        if self.now() - old.date > self.rules.edit_window:
            raise bad_request("MESSAGE_EDIT_TIME_EXPIRED")
        check_keyboard(keyboard)
        new = replace(old, keyboard=keyboard)
        if text is not None:
            media = media or old.media
            text, found = checked(text, entities, has_media=media is not None)
            new = replace(new, text=text, entities=found, media=media)
        if new == old:
            raise bad_request("MESSAGE_NOT_MODIFIED")
        if text is not None:
            new = replace(new, edited=self.now())
        for copy in self._copies(old):
            box = self.box(copy.owner)
            changed = replace(
                copy, text=new.text, entities=new.entities, media=new.media, keyboard=new.keyboard, edited=new.edited
            )
            by = session if copy.owner == owner else None
            self._deliver(events.MessageEdited(copy.owner, changed, box.put(changed, Change.EDITED), by))
        self._settle()
        return self.message(owner, message_id)

    def react(self, owner: int, message_id: int, emoji: str | None, *, session: int | None = None) -> Message:
        """Put the owner's reaction on a message, or take it off (None)."""
        for copy in self._copies(self.message(owner, message_id)):
            kept = tuple((who, what) for who, what in copy.reactions if who != owner)
            changed = replace(copy, reactions=(*kept, (owner, emoji)) if emoji else kept)
            pts = self.box(copy.owner).put(changed, Change.EDITED)
            by = session if copy.owner == owner else None
            self._deliver(events.MessageEdited(copy.owner, changed, pts, by, reaction_by=owner))
        self._settle()
        return self.message(owner, message_id)

    def delete(self, owner: int, ids: Iterable[int], *, revoke: bool = True, session: int | None = None) -> int:
        """Delete from the owner's box and, with `revoke`, from the other's; how many of the owner's are gone."""
        gone: dict[tuple[int, int], list[int]] = {}
        mine = self.box(owner).messages
        for message in [mine[i] for i in dict.fromkeys(ids) if i in mine]:
            for copy in self._copies(message) if revoke else [message]:
                gone.setdefault((copy.owner, copy.peer), []).append(copy.id)
        for (who, peer), deleted in gone.items():
            pts = self.box(who).remove(peer, tuple(deleted))
            by = session if who == owner else None
            self._deliver(events.MessagesDeleted(who, peer, tuple(deleted), pts, by))
        self._settle()
        return sum(len(deleted) for (who, _), deleted in gone.items() if who == owner)

    def read(self, reader: int, peer: int, max_id: int = 0, *, session: int | None = None) -> bool:
        """The reader has read the peer's messages up to `max_id` (0: all); whether that was new."""
        box = self.box(reader)
        later = box.between(peer, box.chat(peer).read_inbox, max_id + 1 if max_id else 0)
        unread = [i for i in later if not box.messages[i].out]
        if not unread:
            return False
        pts = box.read(peer, unread[-1], inbox=True)
        self._deliver(events.ReadInbox(reader, peer, unread[-1], box.chat(peer).unread, pts, session))
        twins = [box.messages[i].twin_id for i in unread if box.messages[i].twin_id in self.box(peer).messages]
        if twins and peer != reader:
            pts = self.box(peer).read(reader, max(twins), inbox=False)
            self._deliver(events.ReadOutbox(peer, reader, max(twins), pts))
        self._settle()
        return True

    def typing(self, user: int, peer: int, action: str = "typing") -> None:
        """Show `peer` what `user` is doing; ``cancel`` ends it."""
        if user != peer and user not in self.users[peer].blocked:
            self._tell(events.Typing(peer, user, action))

    # --- asking

    def box(self, owner: int) -> Box:
        if owner not in self._boxes:
            box = self._boxes[owner] = Box(owner, self.store)
            if self.store:
                box.restore(self.store.all("message", owner), self.store.all("entry", owner))
        return self._boxes[owner]

    def message(self, owner: int, message_id: int) -> Message:
        message = self.box(owner).messages.get(message_id)
        if message is None:
            raise bad_request("MESSAGE_ID_INVALID")
        return message

    def history(self, owner: int, peer: int, *, above: int = 0, below: int = 0, limit: int = 100) -> list[Message]:
        """Messages with ids strictly between the two (0: open), newest first."""
        box = self.box(owner)
        ids = box.between(peer, above, below)
        return [box.messages[i] for i in reversed(ids[-limit:])]

    def dialogs(self, owner: int) -> list[tuple[int, Message]]:
        """Peers with something said, and the last message, latest first."""
        box = self.box(owner)
        last = [(c.peer, box.messages[c.ids[-1]]) for c in box.chats.values() if c.ids]
        return sorted(last, key=lambda pair: pair[1].id, reverse=True)

    # --- people

    def block(self, user: int, peer: int, blocked: bool = True) -> None:
        mine = self.users[user].blocked
        self.users.change(user, blocked=mine | {peer} if blocked else mine - {peer})

    def set_online(self, user: int, online: bool) -> None:
        if (user in self.online) == online:
            return
        (self.online.add if online else self.online.discard)(user)
        for peer in self.box(user).chats:
            if peer != user:
                self._tell(events.PresenceChanged(peer, user, online))

    def add_group(self, username: str, title: str) -> None:
        """A name that leads to a group: it can be resolved, and nothing else."""
        self.groups[username.lower()] = Group(1_500_000_000 + len(self.groups), username, title)

    def press_button(self, user: int, message_id: int, data: bytes) -> Query:
        """Press an inline button under a bot's message in the user's box."""
        message = self.message(user, message_id)
        rows = message.keyboard.rows if message.keyboard else ()
        if message.out or not any(button.data == data for row in rows for button in row):
            raise bad_request("DATA_INVALID")
        query = self.buttons.press(message.peer, user, message.twin_id, data, self.clock())
        self._tell(events.ButtonPressed(message.peer, query.id, user, message.twin_id, data))
        return query

    def answer_callback(self, bot: int, query_id: int, answer: Answer) -> None:
        query = self.buttons.answer(bot, query_id, answer, self.clock(), self.rules.query_window)
        self._tell(events.CallbackAnswered(query.user, query_id, answer.text, answer.alert))

    # --- the world as a whole

    def now(self) -> datetime:
        """The world's time as messages carry it: whole seconds."""
        return self.clock().replace(microsecond=0)

    def forget_random_ids(self, owner: int) -> None:
        """A Telegram that lost its memory of what was sent: a repeated `random_id` makes a second message."""
        self.box(owner).forget_random_ids()

    def clear(self) -> None:
        """Forget all messages, faults and packets; people, files and keys stay. Clients must start anew."""
        self._boxes.clear()
        self.faults.clear()
        self.log.clear()
        if self.store:
            self.store.clear("message")
            self.store.clear("entry")
            self.store.commit()

    def close(self) -> None:
        if self.store:
            self.store.close()

    def _may_write(self, sender: User, receiver_id: int) -> bool:
        """Refuse as Telegram does; False: it is accepted and reaches nobody."""
        receiver = self.users.get(receiver_id)
        if receiver is None:
            raise bad_request("PEER_ID_INVALID")
        if receiver.deleted:
            raise bad_request("INPUT_USER_DEACTIVATED")
        if sender.frozen:
            raise WorldError(420, "FROZEN_METHOD_INVALID")
        if receiver.id in sender.blocked:
            raise bad_request("YOU_BLOCKED_USER")
        heard = self.box(sender.id).has_heard(receiver.id)
        if sender.is_bot and not heard:
            raise forbidden("USER_IS_BOT" if receiver.is_bot else "BOT_NOT_STARTED")
        if sender.id in receiver.blocked:
            if self.rules.silent_block and not sender.is_bot:
                return False
            raise WorldError(403 if sender.is_bot else 400, "USER_IS_BLOCKED")
        if heard or receiver.is_bot or sender.id == receiver.id or sender.id in receiver.contacts:
            return True
        if sender.spam_limited:
            raise bad_request("PEER_FLOOD")
        match receiver.privacy:
            case Privacy.CONTACTS:
                raise forbidden("USER_PRIVACY_RESTRICTED")
            case Privacy.PREMIUM:
                raise WorldError(406, "PRIVACY_PREMIUM_REQUIRED")
            case Privacy.EVERYBODY:
                return True

    def _copy_for_receiver(self, mine: Message) -> Message:
        """The other copy: an id of that box, and what is quoted by its id there."""
        quote = mine.reply_to
        return replace(
            mine,
            owner=mine.peer,
            id=self.box(mine.peer).next_id(),
            peer=mine.owner,
            out=False,
            reply_to=replace(quote, message_id=self.message(mine.owner, quote.message_id).twin_id) if quote else None,
            random_id=None,
            twin_id=mine.id,
        )

    def _copies(self, message: Message) -> list[Message]:
        twin = self.box(message.peer).messages.get(message.twin_id) if message.twin_id else None
        return [message, twin] if twin else [message]

    def _secret(self) -> bytes:
        """The key of the access hashes: kept, so that hashes outlive a restart."""
        held = next(self.store.all("fact", 0), None) if self.store else None
        secret = bytes.fromhex(held.text) if held else self.random.randbytes(32)
        if self.store and not held:
            self.store.put("fact", (0, 0), Fact(secret.hex()))
            self.store.commit()
        return secret

    def _starts(self) -> int:
        """How often this world was started before: the same seed must not give the same ids again."""
        if self.store is None:
            return 0
        held = next(self.store.all("fact", 1), Fact("0"))
        self.store.put("fact", (1, 0), Fact(str(int(held.text) + 1)))
        self.store.commit()
        return int(held.text)

    def _deliver(self, event: Event) -> None:
        self._pending.append(event)

    def _settle(self) -> None:
        """Write the mutation down, then tell it."""
        if self.store:
            self.store.commit()
        pending, self._pending = self._pending, []
        for event in pending:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        """Tell every listener, in the order of events: what a listener causes is told after what it was told."""
        self._untold.append(event)
        if len(self._untold) > 1:
            return
        while self._untold:
            for listener in list(self._listeners):
                try:
                    listener(self._untold[0])
                except Exception:  # one broken listener must not leave the others without the event
                    logger.exception("A listener failed on %s", type(self._untold[0]).__name__)
            self._untold.popleft()
