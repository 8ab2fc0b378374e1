// Right: one customer's chat with the account, from the customer's side. One may write as either of the two.

import { EASY, letAnswer } from "./actors.js";
import { post } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { avatar, h, iconButton, menu, toast } from "./dom.js";
import { listen, users } from "./store.js";
import { words } from "./words.js";

const SAMPLES = {
  photo: ["camera", { kind: "photo" }],
  voice: ["voice", { kind: "voice", duration: 12 }],
  video_note: ["circle", { kind: "video_note", duration: 8 }],
  sticker: ["smile", { kind: "sticker", emoji: "👋" }],
  document: ["file", { kind: "document", name: "requirements.txt", content: "Two machines, one on each floor." }],
  contact: ["person", { kind: "contact", first_name: "Office", last_name: "Manager", phone: "+1 555 0100" }],
  location: ["pin", { kind: "location", latitude: 59.9343, longitude: 30.3351 }],
};
const samples = () => Object.entries(SAMPLES).map(([kind, [icon, media]]) => ({ icon, label: words[kind], media }));

const first = (user) => user.name.split(" ")[0];

export class Talk {
  constructor(root, { visible, back }) {
    this.visible = visible;
    this.asAccount = false;
    this.name = h("h1");
    this.between = h("span");
    this.state = h("span");
    this.self = iconButton("self", "", () => letAnswer(this.people.customer, this.people.customer.automatic ? "" : EASY), { class: "round alone" });
    this.head = h("header", { class: "head" },
      iconButton("back", words.back, back, { class: "round onlyphone" }), h("span", { class: "avatar" }),
      h("div", { class: "who" }, this.name, h("p", { class: "dim" }, this.state, this.between)), this.self,
      h("div", { class: "holder" }, iconButton("more", words.more, (event) => this.more(event.currentTarget), { "aria-haspopup": "menu", "aria-expanded": "false" })));
    this.speakers = h("div", { class: "speakers", role: "radiogroup", "aria-label": words.writeAs });
    this.composer = new Composer({ route: () => this.route(), placeholder: words.write, kinds: samples, lastOwn: () => this.lastOwn() });
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
    this.speakers.replaceChildren(
      option(users.get(owner), first(users.get(owner)), false), option(users.get(peer), words.device(first(users.get(peer))), true));
  }

  drawHead() {
    if (!this.chat) return;
    const { customer, account, blocked } = this.people;
    const alone = Boolean(customer.automatic);
    this.name.textContent = customer.name;
    const state = this.chat.typing ? `${first(account)}: ${words.typing}` : blocked ? words.blocked : alone ? words.alone([first(customer)]) : account.online ? words.online : "";
    this.state.textContent = state && `${state} · `;
    this.between.textContent = `@${customer.username ?? customer.id} ↔ ${account.name}`;
    this.state.classList.toggle("live", Boolean(this.chat.typing));
    this.self.setAttribute("aria-pressed", String(alone));
    this.self.setAttribute("aria-label", words.letAnswer(first(customer)));
    this.self.title = words.letAnswer(first(customer));
    if (this.shownAs !== customer.id) this.head.querySelector(".avatar").replaceWith(avatar(customer));
    this.shownAs = customer.id;
  }

  get people() {
    const [customer, account] = [users.get(this.chat.owner), users.get(this.chat.peer)];
    return { customer, account, blocked: customer.blocked.includes(account.id) };
  }

  more(button) {
    const { customer, account, blocked } = this.people;
    const act = () => post("/block", { as: customer.id, who: account.id, blocked: !blocked }).catch((error) => toast(error.message));
    menu(button, [[blocked ? words.unblock : words.block, act]], "below right");
  }

  empty(one) {
    const user = users.get(one.owner);
    return h("div", { class: "empty" }, avatar(user), h("h2", {}, words.talkEmpty(first(user))),
      h("p", {}, words.talkHint(user.username ? `@${user.username}` : String(user.id))),
      user.automatic ? null : h("button", { type: "button", class: "hint plain", onclick: (event) => { letAnswer(user, EASY); event.currentTarget.remove(); } }, words.letAnswer(first(user))));
  }
}
