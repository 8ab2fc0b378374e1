// Backstage: trouble that is switched on, watched, and switched off again.

import { del, get, post } from "./api.js";
import { h, toast } from "./dom.js";
import { listen, of } from "./store.js";
import { words } from "./words.js";

const ALWAYS = { count: null };
const KNOWN = {
  flood: { api: "messages.sendMessage", action: "flood_wait", seconds: 20 },
  cut: { api: "connect", action: "cut_before" },
  lost: { api: "messages.sendMessage", action: "cut_after" },
  limited: { api: "messages.sendMessage", action: "peer_flood" },
  modelDown: { api: "model.chat", action: "error", code: 503 },
  modelSlow: { api: "model.chat", action: "delay", seconds: 8 },
  modelLies: { api: "model.chat", action: "sabotage", text: "price" },
  deskDown: { api: "bot.*", action: "error", code: 502, text: "Bad Gateway" },
};
const named = (rule) => Object.keys(KNOWN).find((name) => KNOWN[name].api === rule.api && KNOWN[name].action === rule.action);

export class Troubles {
  constructor(root, { changed }) {
    this.changed = changed; // told how many are on
    this.set = []; // the rules that the sandbox has
    this.asked = 0;
    this.rows = new Map(); // key -> {row, button, count}
    this.list = h("ul", { class: "rows" });
    root.append(h("p", { class: "dim hint-line" }, words.troublesHint), this.list);
    for (const name of Object.keys(KNOWN)) this.list.append(this.rowOf(name, words.troublesKnown[name]).row);
    listen((event) => event.kind === "loaded" && this.look());
  }

  // Ask the sandbox what is on and how often it struck.
  async look() {
    const asked = (this.asked += 1);
    const told = await get("/faults").catch(() => this.set);
    if (asked !== this.asked) return; // a later look knows better
    this.set = told;
    this.draw();
  }

  draw() {
    const mine = new Map();
    for (const rule of this.set) {
      const key = named(rule) ?? `rule ${rule.id}`;
      mine.set(key, [...(mine.get(key) ?? []), rule]);
      if (!this.rows.has(key)) this.list.append(this.rowOf(key, [`${rule.api}: ${rule.action}`, words.setElsewhere]).row);
    }
    for (const [key, { row, button, count }] of this.rows) {
      const rules = mine.get(key) ?? [];
      const fired = rules.reduce((sum, rule) => sum + rule.fired, 0);
      button.setAttribute("aria-checked", String(rules.length > 0));
      count.textContent = rules.length ? words.struck(fired) : "";
      count.classList.toggle("struck", fired > 0);
      if (!rules.length && !(key in KNOWN)) {
        row.remove();
        this.rows.delete(key);
      }
    }
    this.changed(mine.size);
  }

  rowOf(key, [title, hint]) {
    const count = h("span", { class: "count" });
    const button = h("button", { type: "button", role: "switch", class: "switch", "aria-checked": "false", onclick: () => this.toggle(key) },
      h("span", { class: "about" }, h("b", {}, title), h("span", { class: "dim" }, hint)), count, h("span", { class: "knob", "aria-hidden": "true" }));
    const made = { row: h("li", {}, button), button, count };
    this.rows.set(key, made);
    return made;
  }

  async toggle(key) {
    const on = this.set.filter((rule) => (named(rule) ?? `rule ${rule.id}`) === key);
    try {
      if (on.length) await Promise.all(on.map((rule) => del(`/faults/${rule.id}`)));
      else await post("/faults", { ...KNOWN[key], ...ALWAYS });
      if (key === "cut" && !on.length) await Promise.all(of("account").map((account) => post("/drop", { user: account.id })));
    } catch (error) {
      toast(error.message);
    }
    await this.look();
  }
}
