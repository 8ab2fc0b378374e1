// The customers, the latest on top, with what is unread.

import { post } from "./api.js";
import { avatar, h, icon, iconButton, openBox, toast } from "./dom.js";
import { lastMessage, listen, talks, users } from "./store.js";
import { language, words } from "./words.js";

const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const label = (user, one) => [user.name, user.automatic && words.alone([user.name.split(" ")[0]]), one.typing && words.typing, one.unread && `${words.unread}: ${one.unread}`].filter(Boolean).join(", ");

export class People {
  constructor(root, { pick, current }) {
    this.pick = pick;
    this.current = current;
    this.list = h("ul", { class: "chats" });
    root.append(h("header", { class: "head" }, h("div", { class: "who" }, h("h1", {}, words.customers)),
      iconButton("plus", words.newCustomer, () => newPerson("target", words.newCustomer))), this.list);
    root.setAttribute("aria-label", words.customers);
    listen((event) => (event.kind === "loaded" || event.chat || event.kind === "user_changed") && this.draw());
  }

  draw() {
    const focused = document.activeElement?.closest("[data-key]")?.dataset.key;
    const at = (one) => lastMessage(one)?.date ?? "";
    const sorted = talks().sort((a, b) => at(b).localeCompare(at(a)) || a.owner - b.owner);
    this.list.replaceChildren(...sorted.map((one) => this.item(one)));
    if (!sorted.length) this.list.append(h("li", { class: "dim nobody" }, words.nobody));
    if (focused) this.list.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  item(one) {
    const user = users.get(one.owner);
    const last = lastMessage(one);
    const line = one.typing ? words.typing : last ? last.text || words[last.media?.kind] || "" : user.username ? `@${user.username}` : "";
    const selected = this.current() === one;
    return h("li", {},
      h("button", { type: "button", class: "chatitem", data: { key: one.key, ...(one.unread && { unread: one.unread }) }, "aria-label": label(user, one), "aria-current": selected ? "true" : null, onclick: () => this.pick(one) },
        avatar(user),
        h("span", { class: "about" },
          h("span", { class: "first" }, h("b", {}, user.name), user.automatic && icon("self"), last && h("time", { class: "dim" }, clock.format(new Date(last.date)))),
          h("span", { class: "second" }, h("span", { class: `dim line${one.typing ? " live" : ""}` }, line), one.unread ? h("span", { class: "unread" }, String(one.unread)) : null))));
  }
}

// Ask for a new person of a role, and create them.
export function newPerson(role, title) {
  const field = (name, label, props) => h("label", {}, label, h("input", { name, autocomplete: "off", ...props }));
  const box = h("dialog", { class: "box", "aria-label": title }, h("form", { method: "dialog" },
    h("h2", {}, title),
    field("first_name", words.name, { required: true, maxlength: "40" }),
    field("username", words.username, { pattern: "[A-Za-z][A-Za-z0-9_]{3,31}", required: true }),
    h("label", {}, words.language, h("select", { name: "lang_code" }, h("option", { value: "en" }, "English"), h("option", { value: "ru" }, "Русский"))),
    h("div", { class: "buttons" }, h("button", { value: "", class: "wide", formnovalidate: true }, words.cancel), h("button", { value: "create", class: "wide primary" }, words.create))));
  openBox(box, (chosen) => {
    const fields = Object.fromEntries(new FormData(box.querySelector("form")));
    if (chosen === "create") post("/users", { ...fields, role }).catch((error) => toast(error.message));
  });
}
