// Right: one customer's chat with the account, from the customer's side. One may write as either of the two.

import { post } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { avatar, h, iconButton, menu, toast } from "./dom.js";
import { listen, users } from "./store.js";
import { words } from "./words.js";

export class Talk {
  constructor(root, { visible, back }) {
    this.visible = visible;
    this.back = back;
    this.asAccount = false;
    this.head = h("header", { class: "head" });
    this.speakers = h("div", { class: "speakers", role: "radiogroup", "aria-label": words.writeAs });
    this.composer = new Composer({ route: () => this.route(), placeholder: words.write, withMedia: true, lastOwn: () => this.lastOwn() });
    this.composer.element.prepend(this.speakers);
    this.conversation = new Conversation({
      empty: (one) => this.empty(one), shown: () => this.read(),
      handlers: { reply: (message) => this.composer.reply(message), edit: (message) => this.edit(message) },
    });
    root.append(this.head, this.conversation.element, this.composer.element);
    root.setAttribute("aria-label", words.customers);
    listen((event) => {
      if (event.kind === "user_changed" || (this.chat && event.chat?.peer === this.chat.peer) || event.chat === this.chat) this.drawHead();
    });
  }

  get chat() {
    return this.conversation.chat;
  }

  show(one) {
    if (one !== this.chat) this.asAccount = false;
    this.conversation.show(one);
    this.drawHead();
    this.drawSpeakers();
  }

  route() {
    const { owner, peer } = this.chat;
    return this.asAccount ? { as: peer, to: owner } : { as: owner, to: peer };
  }

  edit(message) {
    this.speakAs(false);
    this.composer.edit(message);
  }

  lastOwn() {
    if (this.asAccount) return null;
    return [...this.chat.messages.values()].reverse().find((message) => message.out && message.text);
  }

  read() {
    if (this.chat?.unread && this.visible()) post("/read", { as: this.chat.owner, with: this.chat.peer }).catch(() => {});
  }

  speakAs(account) {
    this.asAccount = account;
    this.drawSpeakers();
  }

  drawSpeakers() {
    const { owner, peer } = this.chat;
    const option = (user, label, account) => h("button", {
      type: "button", role: "radio", class: "speaker", "aria-checked": String(this.asAccount === account), tabindex: this.asAccount === account ? "0" : "-1",
      onclick: () => { this.speakAs(account); this.composer.input.focus(); },
      onkeydown: (event) => {
        if (!event.key.startsWith("Arrow")) return;
        this.speakAs(!account);
        this.speakers.querySelector("[aria-checked=true]").focus();
      },
    }, avatar(user), h("span", {}, label));
    const first = (user) => user.name.split(" ")[0];
    this.speakers.replaceChildren(
      option(users.get(owner), first(users.get(owner)), false), option(users.get(peer), words.device(first(users.get(peer))), true));
  }

  drawHead() {
    if (!this.chat) return;
    const [customer, account] = [users.get(this.chat.owner), users.get(this.chat.peer)];
    const blocked = customer.blocked.includes(account.id);
    const state = this.chat.typing ? words.typing : blocked ? words.blocked : account.online ? words.online : "";
    const more = iconButton("more", words.more, (event) => menu(event.currentTarget, [[
      blocked ? words.unblock : words.block,
      () => post("/block", { as: customer.id, who: account.id, blocked: !blocked }).catch((error) => toast(error.message)),
    ]], "below right"), { "aria-haspopup": "menu" });
    this.head.replaceChildren(
      iconButton("back", words.back, this.back, { class: "round onlyphone" }), avatar(customer),
      h("div", { class: "who" }, h("h1", {}, customer.name),
        h("p", { class: "dim" }, `@${customer.username ?? customer.id} ↔ ${account.name} `, h("span", { class: this.chat.typing ? "live" : "" }, state))),
      h("div", { class: "holder" }, more));
  }

  empty(one) {
    const user = users.get(one.owner);
    return h("div", { class: "empty" }, avatar(user), h("h2", {}, words.talkEmpty(user.name.split(" ")[0])),
      h("p", {}, words.talkHint(user.username ? `@${user.username}` : String(user.id))));
  }
}
