"""People who answer by themselves: whoever is switched to a kind of customer reads, types and writes as that kind does.

They answer accounts only, in their own language, and once nothing more has come for a while; a line that comes while
they think makes them think again. A person at the page may write in their place at any time.
"""

from __future__ import annotations

import asyncio
import json
import logging

from sandbox.model import customers
from sandbox.model.chat import Chat, Role, Turn
from sandbox.model.customers.scene import LEAVE, SILENCE
from sandbox.world import Event, Message, User, World, WorldError, events
from sandbox.world import Role as Who

logger = logging.getLogger(__name__)

REMEMBERED = 200
"""So many lines of the chat they know."""
SIZES = (9, 18, 25, 33)
DOUBTS = {"warm": ("expensive", "have", "no_room", "contract"), "lukewarm": ("think", "expensive")}
PURSE, HAGGLED = 14_000, 4_000
UNHURRIED = 60
"""Letters after which a line takes as long to type as they thought about it; a longer one takes no longer."""


class Automatic:
    def __init__(self, world: World) -> None:
        self._world = world
        self._thinking: dict[tuple[int, int], asyncio.Task[None]] = {}
        world.subscribe(self._on_event)

    def start(self) -> None:
        """Go on where an earlier process left off."""
        for user in self._world.users:
            self._look(user)

    def stop(self) -> None:
        for task in self._thinking.values():
            task.cancel()
        self._thinking.clear()

    def _on_event(self, event: Event) -> None:
        match event:
            case events.MessageNew(owner=person, message=message) if not message.out:
                self._think(person, message.peer)
            case events.Typing(owner=person, peer=peer):
                self._think(person, peer)
            case events.UserChanged(owner=person):
                self._look(self._world.users[person])
            case _:
                return

    def _look(self, user: User) -> None:
        """Somebody may have been switched on, or off: what was said to them waits for an answer, or for none."""
        for peer in list(self._world.box(user.id).chats) if user.automatic else ():
            self._think(user.id, peer)

    def _think(self, person: int, peer: int) -> None:
        who, other = self._world.users[person], self._world.users.get(peer)
        if not who.automatic or other is None or other.role is not Who.ACCOUNT:
            return
        if running := self._thinking.pop((person, peer), None):
            running.cancel()
        task = asyncio.get_running_loop().create_task(self._answer(person, peer))
        self._thinking[person, peer] = task
        task.add_done_callback(lambda done: self._forget((person, peer), done))

    def _forget(self, chat: tuple[int, int], done: asyncio.Task[None]) -> None:
        if self._thinking.get(chat) is done:
            del self._thinking[chat]
        if not done.cancelled() and (error := done.exception()):
            logger.error("%s cannot answer: %s", chat[0], error, exc_info=error)

    async def _answer(self, person: int, peer: int) -> None:
        pause = self._world.rules.answer_pause.total_seconds()
        await asyncio.sleep(pause)
        line = self._line(self._world.users[person], peer)
        if line is None:
            return
        self._world.read(person, peer)
        if line in (SILENCE, LEAVE):
            return
        self._world.typing(person, peer)
        await asyncio.sleep(pause * min(len(line) / UNHURRIED, 1))
        if not self._world.users[person].automatic:
            return
        try:
            self._world.send(person, peer, line)
        except WorldError as refused:  # they have blocked the account meanwhile, or are gone
            logger.info("%s does not answer: %s", person, refused.text)

    def _line(self, who: User, peer: int) -> str | None:
        """What they say next; None where nothing waits for an answer."""
        said = self._world.history(who.id, peer, limit=REMEMBERED)
        if not who.automatic or not said or said[0].out:
            return None
        turns = tuple(_turn(message) for message in reversed(said))
        return "\n".join(customers.reply(Chat((self._profile(who),), turns, None), who.automatic).parts)

    def _profile(self, who: User) -> str:
        """Who they are, as the customers of the models read it; the same person is always the same."""
        doubts = DOUBTS.get(who.automatic, ("",))
        told = {
            "name": who.username or str(who.id), "kind": who.automatic, "language": who.lang_code,
            "size": SIZES[who.id % len(SIZES)], "budget": HAGGLED if who.automatic == "haggler" else PURSE,
            "patience": 14, "trust": 0.7, "objection": doubts[who.id % len(doubts)],
            "now": self._world.now().replace(tzinfo=None).isoformat(),
        }  # fmt: skip
        return f"```json\n{json.dumps(told)}\n```"


def _turn(message: Message) -> Turn:
    text = message.text or (f"[{message.media.kind}]" if message.media else "")
    return Turn(Role.ASSISTANT if message.out else Role.USER, text)
