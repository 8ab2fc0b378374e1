"""The world as one account sees it, in TL's words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from telethon.tl import types

from sandbox.mtproto.markup import to_tl_entities, to_tl_keyboard
from sandbox.mtproto.media import to_tl_media
from sandbox.world import Message, User, World


@dataclass(frozen=True, slots=True)
class View:
    """`known` collects the users whose access hash this view has given away."""

    world: World
    viewer: int
    known: set[int]

    def user(self, user_id: int) -> Any:
        user = self.world.users.get(user_id)
        if user is None:
            return types.UserEmpty(user_id)
        self.known.add(user_id)
        access_hash = self.world.users.access_hash(self.viewer, user_id)
        if user.deleted:
            return types.User(id=user_id, deleted=True, access_hash=access_hash)
        is_contact = user_id in self.world.users[self.viewer].contacts if self.viewer in self.world.users else False
        return types.User(
            id=user_id,
            is_self=user_id == self.viewer or None,
            contact=is_contact or None,
            mutual_contact=(is_contact and self.viewer in user.contacts) or None,
            access_hash=access_hash,
            first_name=user.first_name,
            last_name=user.last_name or None,
            username=user.username,
            phone=user.phone if user_id == self.viewer or is_contact else None,
            bot=user.is_bot or None,
            bot_info_version=1 if user.is_bot else None,
            lang_code=user.lang_code if user_id == self.viewer else None,
            status=None if user.is_bot else self.status(user),
        )

    def status(self, user: User) -> Any:
        if user.id in self.world.online:
            return types.UserStatusOnline(int(self.world.clock().timestamp()) + 300)
        return types.UserStatusRecently()

    def users(self, ids: Iterable[int]) -> list[Any]:
        return [self.user(user_id) for user_id in sorted(set(ids)) if user_id]

    def mentioned(self, messages: Iterable[Message]) -> list[Any]:
        """Everybody who stands in these messages."""
        ids: set[int] = set()
        for message in messages:
            ids |= {self.viewer, message.peer, message.forward.user_id if message.forward else 0}
            ids |= {who for who, _ in message.reactions}
        return self.users(ids)

    def message(self, message: Message) -> Any:
        return types.Message(
            id=message.id,
            peer_id=types.PeerUser(message.peer),
            from_id=types.PeerUser(message.sender) if message.out else None,
            out=message.out or None,
            date=message.date,
            message=message.text,
            entities=to_tl_entities(message.entities),
            media=to_tl_media(message.media, message.date),
            reply_markup=to_tl_keyboard(message.keyboard),
            reply_to=self.reply_header(message),
            fwd_from=self.forward_header(message),
            edit_date=message.edited,
            edit_hide=(message.edited is None and bool(message.reactions)) or None,
            reactions=self.reactions(message) if message.reactions else None,
            grouped_id=message.group_id,
        )

    def reply_header(self, message: Message) -> Any:
        if message.reply_to is None:
            return None
        quote = message.reply_to.text
        return types.MessageReplyHeader(
            reply_to_msg_id=message.reply_to.message_id, quote=bool(quote) or None, quote_text=quote
        )

    def forward_header(self, message: Message) -> Any:
        if message.forward is None:
            return None
        author = self.world.users[message.forward.user_id]
        if author.hides_forwards:
            return types.MessageFwdHeader(date=message.forward.date, from_name=author.name)
        return types.MessageFwdHeader(date=message.forward.date, from_id=types.PeerUser(author.id))

    def reactions(self, message: Message) -> Any:
        counts: dict[str, list[int]] = {}
        for who, emoji in message.reactions:
            counts.setdefault(emoji, []).append(who)
        results = [
            types.ReactionCount(types.ReactionEmoji(emoji), len(who), chosen_order=0 if self.viewer in who else None)
            for emoji, who in counts.items()
        ]
        recent = [
            types.MessagePeerReaction(
                types.PeerUser(who), message.date, types.ReactionEmoji(emoji), my=who == self.viewer or None
            )
            for who, emoji in message.reactions
        ]
        return types.MessageReactions(results, can_see_list=True, recent_reactions=recent or None)

    def state(self) -> Any:
        box = self.world.box(self.viewer)
        unread = sum(chat.unread for chat in box.chats.values())
        return types.updates.State(pts=box.pts, qts=0, date=self.world.now(), seq=0, unread_count=unread)

    def dialog(self, peer: int) -> Any:
        box = self.world.box(self.viewer)
        chat = box.chat(peer) if peer in box.chats else None
        return types.Dialog(
            peer=types.PeerUser(peer),
            top_message=chat.ids[-1] if chat and chat.ids else 0,
            read_inbox_max_id=chat.read_inbox if chat else 0,
            read_outbox_max_id=chat.read_outbox if chat else 0,
            unread_count=chat.unread if chat else 0,
            unread_mentions_count=0,
            unread_reactions_count=0,
            unread_poll_votes_count=0,
            notify_settings=types.PeerNotifySettings(),
        )
