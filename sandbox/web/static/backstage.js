// Below (on a phone: the third tab): what is not on anybody's screen. Who answers by themselves, the troubles, the log.

import { Actors } from "./actors.js";
import { h, icon } from "./dom.js";
import { Seen } from "./seen.js";
import { listen, of } from "./store.js";
import { Troubles } from "./troubles.js";
import { words } from "./words.js";

const PARTS = ["actors", "troubles", "seen"];

export class Backstage {
  constructor(root, { phone }) {
    this.root = root;
    this.on = 0; // troubles
    const parts = Object.fromEntries(PARTS.map((part) => [part, h("section", { class: `part ${part}`, "aria-label": words[part] }, h("h2", {}, words[part]))]));
    this.chooser = h("div", { class: "chooser", role: "tablist", "aria-label": words.backstage }, PARTS.map((part) =>
      h("button", { type: "button", role: "tab", class: "chip", data: { part }, onclick: () => this.choose(part), onkeydown: (event) => this.step(event, part) }, words[part])));
    this.summary = h("span", { class: "dim" });
    this.bar = h("button", { type: "button", class: "bar", "aria-expanded": "false", "aria-controls": "parts", onclick: () => this.toggle() },
      icon("down"), h("b", {}, words.backstage), this.summary);
    this.parts = h("div", { class: "parts", id: "parts", hidden: true }, Object.values(parts));
    root.append(this.bar, this.chooser, this.parts);
    root.setAttribute("aria-label", words.backstage);
    this.actors = new Actors(parts.actors);
    this.troubles = new Troubles(parts.troubles, { changed: (on) => { this.on = on; this.drawSummary(); } });
    this.seen = new Seen(parts.seen, { came: () => this.on && this.troubles.look() });
    this.choose(PARTS[0]);
    this.follow(phone);
    listen((event) => {
      if (event.kind === "user_changed" || event.kind === "loaded") this.drawSummary();
      if (event.kind === "loaded") this.again();
    });
  }

  // A phone shows it as a tab of its own: then it is open whenever it is on the screen.
  follow(phone) {
    phone.addEventListener("change", () => this.show(phone.matches ? document.body.dataset.view === "backstage" : this.bar.getAttribute("aria-expanded") === "true"));
  }

  toggle() {
    const open = this.bar.getAttribute("aria-expanded") !== "true";
    this.bar.setAttribute("aria-expanded", String(open));
    this.show(open);
  }

  show(open) {
    this.parts.hidden = !open;
    this.root.classList.toggle("open", open);
    if (open) this.seen.start();
    else this.seen.stop();
    if (open) this.troubles.look();
  }

  // After a reconnect the log may have begun anew.
  again() {
    if (this.parts.hidden) return;
    this.seen.stop();
    this.seen.start();
  }

  choose(part) {
    this.root.dataset.part = part;
    for (const tab of this.chooser.children) {
      tab.setAttribute("aria-selected", String(tab.dataset.part === part));
      tab.tabIndex = tab.dataset.part === part ? 0 : -1;
    }
  }

  step(event, part) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    this.choose(PARTS[(PARTS.indexOf(part) + step + PARTS.length) % PARTS.length]);
    this.chooser.querySelector("[aria-selected=true]").focus();
  }

  drawSummary() {
    const alone = of("target").filter((user) => user.automatic).map((user) => user.name.split(" ")[0]);
    this.summary.textContent = [alone.length && words.alone(alone), this.on && words.troublesOn(this.on)].filter(Boolean).join(" · ") || words.backstageHint;
    this.summary.classList.toggle("alarm", this.on > 0);
  }
}
