// The list of messages of one chat, kept in step, and kept at its end unless somebody scrolled up.

import { h, icon } from "./dom.js";
import { messageView } from "./message.js";
import { listen, users } from "./store.js";
import { language, words } from "./words.js";

const NEAR = 60; // pixels from the end that still count as being there
const longDay = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });

export class Conversation {
  constructor({ empty, handlers, shown }) {
    this.empty = empty;
    this.handlers = handlers;
    this.shown = shown; // called whenever the chat was looked at
    this.chat = null;
    this.atEnd = true;
    this.list = h("div", { class: "messages", role: "log", "aria-live": "polite", tabindex: "0", onscroll: () => this.scrolled() });
    this.down = h("button", { type: "button", class: "round down", "aria-label": words.newest, title: words.newest, hidden: true, onclick: () => this.toEnd() }, icon("down"));
    this.element = h("div", { class: "conversation" }, this.list, this.down);
    listen((event) => event.chat && event.chat === this.chat && this.update(event));
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.list);
  }

  show(chat) {
    this.chat = chat;
    this.draw();
    this.toEnd();
    this.shown?.(chat);
  }

  update(event) {
    switch (event.kind) {
      case "message_new":
      case "messages_deleted":
        this.draw();
        break;
      case "message_edited":
        this.replace(event.message);
        break;
      case "read_outbox":
        this.draw();
        break;
      case "typing":
        this.drawTyping();
        break;
    }
    if (this.atEnd || event.message?.out) this.toEnd();
    this.shown?.(this.chat);
  }

  // Draw what is new or changed; elements of unchanged messages stay, so that focus and menus stay too.
  draw() {
    const kept = new Map([...this.list.children].map((node) => [node.dataset.id ?? node.dataset.day, node]));
    const nodes = [];
    let before = null;
    for (const message of this.chat?.messages.values() ?? []) {
      const day = new Date(message.date).toDateString();
      const newDay = day !== (before && new Date(before.date).toDateString());
      if (newDay) nodes.push(kept.get(day) ?? h("p", { class: "day", data: { day } }, dayName(new Date(message.date))));
      const row = this.rowOf(message, kept.get(String(message.id)));
      row.classList.toggle("follows", Boolean(before && !newDay && before.out === message.out));
      nodes.push(row);
      before = message;
    }
    if (!nodes.length && this.chat) nodes.push(this.empty(this.chat));
    arrange(this.list, nodes);
    this.drawTyping();
  }

  rowOf(message, row) {
    const read = message.out && message.id <= this.chat.readOutbox;
    if (row && row.shown === message && row.read === read) return row;
    const fresh = messageView(message, { read, handlers: this.handlers });
    return Object.assign(fresh, { shown: message, read });
  }

  replace(message) {
    const row = this.list.querySelector(`.row[data-id="${message.id}"]`);
    if (!row) return;
    const fresh = this.rowOf(message, null);
    fresh.classList.toggle("follows", row.classList.contains("follows"));
    const reachable = (node) => [...node.querySelectorAll("a, button")];
    const focused = reachable(row).indexOf(document.activeElement);
    fresh.classList.toggle("changed", Boolean(message.edited));
    row.replaceWith(fresh);
    if (focused >= 0) (reachable(fresh)[focused] ?? reachable(fresh).at(-1)).focus();
  }

  drawTyping() {
    this.list.querySelector(".typing-row")?.remove();
    if (!this.chat?.typing) return;
    const name = users.get(this.chat.peer)?.name ?? "";
    this.list.append(h("div", { class: "row in typing-row", "aria-label": `${name}: ${words.typing}` },
      h("div", { class: "bubble dots" }, h("i"), h("i"), h("i"))));
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.list;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    this.down.hidden = this.atEnd;
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.atEnd = true;
    this.down.hidden = true;
  }
}

// Make these the children without taking out any that stays: what is taken out loses focus and scrolling.
function arrange(parent, nodes) {
  const staying = new Set(nodes);
  [...parent.children].forEach((child) => staying.has(child) || child.remove());
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

function dayName(date) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86400000);
  return [words.today, words.yesterday][days] ?? longDay.format(date);
}
