// The bot's commands while one types "/": narrowed with each letter, taken with the arrows and Enter, with Tab, or a click.

import { h } from "./dom.js";

export class Suggestions {
  // `commands()` promises [{command, description}], `take(text)` puts a choice into the input.
  constructor(input, { commands, take, label }) {
    Object.assign(this, { input, commands, take, known: [], shown: [], at: -1, asked: 0 });
    this.box = h("ul", { class: "suggestions", id: `${label}-suggestions`, role: "listbox", "aria-label": label, hidden: true });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.box.id);
    input.setAttribute("aria-expanded", "false");
    input.addEventListener("blur", () => this.close());
  }

  get open() {
    return !this.box.hidden;
  }

  // At once from what is known; the bot is asked again each time one begins.
  async typed() {
    this.narrow();
    if (this.input.value !== "/" && this.known.length) return;
    const asked = (this.asked += 1);
    this.known = await this.commands().catch(() => this.known);
    if (asked === this.asked) this.narrow();
  }

  narrow() {
    const begun = /^\/(\w*)$/.exec(this.input.value);
    this.shown = begun ? this.known.filter(({ command }) => command.startsWith(begun[1].toLowerCase())) : [];
    this.at = -1;
    this.draw();
  }

  draw() {
    this.box.replaceChildren(...this.shown.map(({ command, description }, at) =>
      h("li", {
        id: `${this.box.id}-${at}`, role: "option", class: "suggestion", "aria-selected": String(at === this.at),
        onpointerdown: (event) => { event.preventDefault(); this.choose(at); },
      }, h("b", {}, `/${command}`), h("span", { class: "dim" }, description))));
    this.box.hidden = !this.shown.length;
    this.input.setAttribute("aria-expanded", String(this.open));
    if (this.open && this.at >= 0) this.input.setAttribute("aria-activedescendant", `${this.box.id}-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.box.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  // Whether the key was meant for the list. Enter sends what was typed, unless something was chosen with the arrows.
  key(event) {
    if (!this.open) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.move(step);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && !event.shiftKey) this.choose(Math.max(this.at, 0));
    else if (event.key === "Enter" && this.at >= 0) this.choose(this.at);
    else return false;
    event.preventDefault();
    return true;
  }

  move(step) {
    const from = this.at < 0 && step < 0 ? 0 : this.at;
    this.at = (from + step + this.shown.length) % this.shown.length;
    this.draw();
  }

  choose(at) {
    const { command } = this.shown[at];
    this.close();
    this.take(`/${command} `);
  }

  close() {
    this.asked += 1; // what is still under way opens nothing
    this.shown = [];
    this.at = -1;
    this.draw();
  }
}
