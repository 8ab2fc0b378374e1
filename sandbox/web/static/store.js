// What the page knows: people and chats, kept in step by the events. Whoever shows something listens.

import { get } from "./api.js";

export const users = new Map();
export const chats = new Map(); // "owner:peer" -> chat
const listeners = new Set();
const TYPING_LASTS = 6000; // milliseconds

export const listen = (listener) => listeners.add(listener);
const changed = (what) => listeners.forEach((listener) => listener(what));

export const of = (role) => [...users.values()].filter((user) => user.role === role && !user.deleted);

export function chat(owner, peer) {
  const key = `${owner}:${peer}`;
  if (!chats.has(key)) {
    chats.set(key, { key, owner, peer, messages: new Map(), unread: 0, readOutbox: 0, typing: null });
  }
  return chats.get(key);
}

export function lastMessage(chat) {
  return [...chat.messages.values()].at(-1);
}

// The customers' chats: each target with each account that has something to say to them, at least the first one.
export function talks() {
  const accounts = of("account");
  return of("target").flatMap((target) => {
    const all = accounts.map((account) => chat(target.id, account.id));
    const begun = all.filter((one) => one.messages.size);
    return begun.length ? begun : all.slice(0, 1);
  });
}

export async function load() {
  users.clear();
  for (const user of await get("/users")) users.set(user.id, user);
  chats.clear();
  const owners = [...of("operator").map((one) => [one, of("bot")]), ...of("target").map((one) => [one, of("account")])];
  await Promise.all(owners.flatMap(([owner, peers]) => peers.map((peer) => loadChat(owner.id, peer.id))));
  changed({ kind: "loaded" });
}

async function loadChat(owner, peer) {
  const told = await get("/chat", { as: owner, with: peer, limit: 300 });
  const one = chat(owner, peer);
  Object.assign(one, { unread: told.unread, readOutbox: told.read_outbox });
  one.messages = new Map(told.messages.map((message) => [message.id, message]));
}

// Change what is known by one event of the control API.
export function apply(event) {
  const one = event.peer === undefined ? null : chat(event.owner, event.peer);
  switch (event.kind) {
    case "message_new":
      one.messages.set(event.message.id, event.message);
      if (!event.message.out) {
        one.unread += 1;
        one.typing = null;
      }
      break;
    case "message_edited":
      one.messages.set(event.message.id, event.message);
      break;
    case "messages_deleted":
      event.ids.forEach((id) => one.messages.delete(id));
      break;
    case "read_inbox":
      one.unread = event.unread;
      break;
    case "read_outbox":
      one.readOutbox = Math.max(one.readOutbox, event.max_id);
      break;
    case "typing":
      showTyping(one, event.action);
      break;
    case "presence_changed":
      users.get(event.peer).online = event.online;
      break;
    case "user_changed":
      users.set(event.user.id, event.user);
      break;
  }
  changed({ ...event, chat: one });
}

function showTyping(one, action) {
  clearTimeout(one.typingEnds);
  one.typing = action === "cancel" ? null : action;
  one.typingEnds = setTimeout(() => {
    one.typing = null;
    changed({ kind: "typing", chat: one });
  }, TYPING_LASTS);
}
