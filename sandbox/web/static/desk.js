// Left: the operator's chat with the bot.

import { get, post } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { avatar, h, icon, menu } from "./dom.js";
import { newPerson } from "./people.js";
import { chat, listen, of } from "./store.js";
import { words } from "./words.js";

export class Desk {
  constructor(root, visible) {
    this.visible = visible;
    this.operator = null;
    this.bot = null;
    this.head = h("header", { class: "head" });
    this.state = h("p", { class: "dim" });
    this.badge = h("button", { type: "button", class: "badge", "aria-haspopup": "menu", "aria-expanded": "false", title: words.atTheDesk, onclick: (event) => this.colleagues(event.currentTarget) });
    const menuButton = h("button", { type: "button", class: "menubutton", "aria-label": words.menu, "aria-haspopup": "menu", "aria-expanded": "false", onclick: (event) => this.commands(event.currentTarget) },
      icon("menu"), h("span", {}, words.menu));
    this.composer = new Composer({
      route: () => ({ as: this.operator.id, to: this.bot.id }), placeholder: words.command,
      extra: [h("div", { class: "holder" }, menuButton)], lastOwn: () => this.lastOwn(),
      kinds: () => this.contacts(), commands: () => get("/commands", { as: this.operator.id }),
    });
    this.conversation = new Conversation({
      empty: () => this.empty(), shown: () => this.read(),
      handlers: { reply: (message) => this.composer.reply(message), edit: (message) => this.composer.edit(message) },
    });
    root.append(this.head, this.conversation.element, this.composer.element);
    root.setAttribute("aria-label", words.deskTitle);
    listen((event) => this.heard(event));
  }

  heard(event) {
    if (event.kind === "loaded") this.show();
    if (event.chat !== this.conversation.chat && event.kind !== "user_changed") return;
    this.drawHead();
    if (event.kind === "message_new" && !event.message.out) this.asked(event.message);
  }

  // The bot wants an answer to this very message: one needs not choose it, and what one writes is not disturbed.
  asked(message) {
    const placeholder = message.keyboard?.placeholder;
    if (placeholder !== undefined && !this.composer.input.value) this.composer.reply(message, { focus: false, placeholder });
  }

  show(operator = of("operator").find((one) => one.id === this.operator?.id) ?? of("operator")[0]) {
    this.operator = operator;
    this.bot = of("bot")[0];
    if (!this.operator || !this.bot) return;
    this.head.replaceChildren(avatar(this.bot), h("div", { class: "who" }, h("h1", {}, this.bot.name), this.state), h("div", { class: "holder" }, this.badge));
    this.conversation.show(chat(this.operator.id, this.bot.id));
    this.drawHead();
  }

  drawHead() {
    if (!this.bot) return;
    this.state.textContent = this.conversation.chat.typing ? words.typing : `@${this.bot.username}`;
    this.badge.textContent = `${of("operator").length > 1 ? this.operator.name : words.operator} · ${words.you}`;
  }

  // Who is at the desk: several people may share the work.
  colleagues(button) {
    menu(button, [
      ...of("operator").map((one) => [h("span", { class: "choice" }, avatar(one), one.name), () => this.show(one)]),
      [h("span", { class: "choice" }, icon("plus"), words.newColleague), () => newPerson("operator", words.newColleague)],
    ], "below right");
  }

  // What an operator may hand to the bot beside a file: a card of somebody.
  contacts() {
    return [...of("operator").filter((one) => one !== this.operator), ...of("target")].map((one) => (
      { icon: "person", label: words.contactOf(one.name), media: { kind: "contact", user: one.id } }));
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
