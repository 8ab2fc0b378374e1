// Backstage: who answers by themselves, and as what kind of customer.

import { patch } from "./api.js";
import { avatar, h, toast } from "./dom.js";
import { listen, of } from "./store.js";
import { words } from "./words.js";

export const EASY = "warm"; // what one is switched to with a single press

export const letAnswer = (user, kind) => patch(`/users/${user.id}`, { automatic: kind }).catch((error) => toast(error.message));

export class Actors {
  constructor(root) {
    this.list = h("ul", { class: "rows" });
    this.rows = new Map(); // user id -> {row, select}
    root.append(h("p", { class: "dim hint-line" }, words.actorsHint), this.list);
    listen((event) => ["loaded", "user_changed"].includes(event.kind) && this.draw());
  }

  // Rows stay: a list that is open, or has the focus, is not taken from under the hand.
  draw() {
    const people = of("target");
    for (const user of people) {
      const known = this.rows.get(user.id) ?? this.made(user);
      known.select.value = user.automatic;
      known.select.classList.toggle("on", Boolean(user.automatic));
      known.name.textContent = user.name.split(" ")[0];
      known.name.title = user.name;
      if (!known.row.isConnected) this.list.append(known.row);
    }
    for (const [id, { row }] of this.rows) {
      if (!people.some((user) => user.id === id)) row.remove();
    }
  }

  made(user) {
    const name = h("b");
    const select = h("select", { "aria-label": words.answersAs(user.name), onchange: () => letAnswer(user, select.value) },
      h("option", { value: "" }, words.kinds[""]),
      Object.entries(words.kinds).filter(([kind]) => kind).map(([kind, label]) => h("option", { value: kind }, label)));
    const made = { name, select, row: h("li", { class: "actor" }, avatar(user), name, select) };
    this.rows.set(user.id, made);
    return made;
  }
}
