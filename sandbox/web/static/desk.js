// Left: the operator's chat with the bot.

import { get, post } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { avatar, h, icon, menu } from "./dom.js";
import { chat, listen, of } from "./store.js";
import { words } from "./words.js";

export class Desk {
  constructor(root, visible) {
    this.visible = visible;
    this.operator = null;
    this.bot = null;
    this.head = h("header", { class: "head" });
    const menuButton = h("button", { type: "button", class: "menubutton", "aria-label": words.menu, "aria-haspopup": "menu", "aria-expanded": "false", onclick: (event) => this.commands(event.currentTarget) },
      icon("menu"), h("span", {}, words.menu));
    this.composer = new Composer({
      route: () => ({ as: this.operator.id, to: this.bot.id }), placeholder: words.command,
      extra: [h("div", { class: "holder" }, menuButton)], lastOwn: () => this.lastOwn(),
    });
    this.conversation = new Conversation({
      empty: () => this.empty(), shown: () => this.read(),
      handlers: { reply: (message) => this.composer.reply(message), edit: (message) => this.composer.edit(message) },
    });
    root.append(this.head, this.conversation.element, this.composer.element);
    root.setAttribute("aria-label", words.deskTitle);
    listen((event) => (event.kind === "loaded" ? this.show() : event.chat === this.conversation.chat && this.drawHead()));
  }

  show() {
    this.operator = of("operator")[0];
    this.bot = of("bot")[0];
    if (!this.operator || !this.bot) return;
    this.conversation.show(chat(this.operator.id, this.bot.id));
    this.drawHead();
  }

  drawHead() {
    const state = this.conversation.chat.typing ? words.typing : `@${this.bot.username}`;
    this.head.replaceChildren(avatar(this.bot), h("div", { class: "who" }, h("h1", {}, this.bot.name), h("p", { class: "dim" }, state)),
      h("span", { class: "badge" }, `${words.operator} · ${words.you}`));
  }

  read() {
    const one = this.conversation.chat;
    if (one?.unread && this.visible()) post("/read", { as: one.owner, with: one.peer }).catch(() => {});
  }

  lastOwn() {
    return [...this.conversation.chat.messages.values()].reverse().find((message) => message.out && message.text);
  }

  async commands(button) {
    const known = await get("/commands", { as: this.operator.id });
    const listed = known.length ? known : [{ command: "start", description: words.notStarted }];
    menu(button, listed.map(({ command, description }) => [
      h("span", { class: "commandline" }, h("b", {}, `/${command}`), h("span", { class: "dim" }, description)),
      () => this.composer.fill(`/${command} `),
    ]));
  }

  empty() {
    const first = of("target")[0];
    const handle = first?.username ? `@${first.username}` : "@username";
    const hints = [`/start ${handle}`, "/list", "/view 1"];
    return h("div", { class: "empty" }, h("div", { class: "emblem" }, icon("smile")), h("h2", {}, words.deskEmpty), h("p", {}, words.deskHint),
      h("p", { class: "dim" }, words.tryThis),
      h("div", { class: "hints" }, hints.map((text) => h("button", { type: "button", class: "hint", onclick: () => this.composer.fill(text) }, text))));
  }
}
