// Where one writes: text, files and other kinds, replies and edits; says "typing" while one does.

import { post } from "./api.js";
import { h, icon, iconButton, menu, toast } from "./dom.js";
import { Suggestions } from "./suggest.js";
import { mediaOf, TooLarge } from "./upload.js";
import { words } from "./words.js";

const TYPING_EVERY = 4000; // milliseconds

// `route()` says who writes to whom: {as, to}. `kinds()`: what the paper clip offers beside a file, as {icon, label, media}.
// `commands()`: promises what may follow a "/".
export class Composer {
  constructor({ route, placeholder, kinds, commands, extra = [], lastOwn }) {
    Object.assign(this, { route, lastOwn, placeholder });
    this.context = null; // {kind: "reply" | "edit" | "file", message, file}
    this.typedAt = 0;
    this.input = h("textarea", {
      rows: "1", placeholder, "aria-label": placeholder, maxlength: "4096", enterkeyhint: "send",
      oninput: () => this.typed(), onkeydown: (event) => this.key(event), onpaste: (event) => this.take(event, event.clipboardData),
    });
    this.banner = h("div", { class: "banner", hidden: true });
    this.files = h("input", { type: "file", hidden: true, onchange: () => { this.attach(this.files.files[0]); this.files.value = ""; } });
    const attach = h("div", { class: "holder" }, this.files, iconButton("attach", words.attach, (event) => this.offer(event.currentTarget, kinds()), { "aria-haspopup": "menu", "aria-expanded": "false" }));
    this.suggestions = commands && new Suggestions(this.input, { commands, label: words.menu, take: (text) => this.fill(text) });
    this.element = h("form", { class: "composer", onsubmit: (event) => this.submit(event), ondragover: (event) => event.preventDefault(), ondrop: (event) => this.take(event, event.dataTransfer) },
      this.suggestions?.box ?? null, this.banner, h("div", { class: "line" }, extra, attach, this.input,
        h("button", { class: "round primary", "aria-label": words.send, title: words.send }, icon("send"))));
  }

  fill(text) {
    this.input.value = text;
    this.grow();
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  reply(message, { focus = true, placeholder } = {}) {
    this.about({ kind: "reply", message }, words.replying, message.text || words[message.media?.kind] || "", focus);
    this.input.placeholder = placeholder || this.placeholder;
  }

  edit(message) {
    this.about({ kind: "edit", message }, words.editing, message.text);
    this.fill(message.text);
  }

  attach(file) {
    if (file) this.about({ kind: "file", file }, words.document, `${file.name} · ${words.addCaption}`);
  }

  about(context, label, excerpt, focus = true) {
    this.context = context;
    this.banner.replaceChildren(h("span", { class: "label" }, label), h("span", { class: "excerpt" }, excerpt),
      iconButton("close", words.cancel, () => this.forget()));
    this.banner.hidden = false;
    if (focus) this.input.focus();
  }

  forget() {
    if (this.context?.kind === "edit") this.input.value = "";
    this.context = null;
    this.banner.hidden = true;
    this.input.placeholder = this.placeholder;
    this.grow();
    this.input.focus();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value;
    const context = this.context;
    if (!text.trim() && context?.kind !== "file") return;
    this.suggestions?.close();
    this.input.value = "";
    if (context) this.forget();
    this.grow();
    try {
      await this.send(text, context);
      this.typedAt = 0;
    } catch (error) {
      toast(error instanceof TooLarge ? words.tooLarge : error.message);
      if (!this.input.value) this.fill(text);
    }
  }

  async send(text, context) {
    const { as, to } = this.route();
    switch (context?.kind) {
      case "edit":
        return post("/edit", { as: context.message.owner, message_id: context.message.id, text });
      case "file":
        return post("/say", { as, to, text, media: await mediaOf(context.file) });
      case "reply":
        return post("/say", { as, to, text, reply_to: replyId(context.message, as) });
      default:
        return post("/say", { as, to, text });
    }
  }

  offer(button, kinds) {
    const choice = (name, label, act) => [h("span", { class: "choice" }, icon(name), label), act];
    const sent = (media) => { const { as, to } = this.route(); post("/say", { as, to, media }).catch((error) => toast(error.message)); };
    menu(button, [choice("file", words.fromHere, () => this.files.click()), ...kinds.map(({ icon: name, label, media }) => choice(name, label, () => sent(media)))]);
  }

  // A file that was pasted or dropped.
  take(event, data) {
    const [file] = data?.files ?? [];
    if (!file) return;
    event.preventDefault();
    this.attach(file);
  }

  key(event) {
    if (event.isComposing || this.suggestions?.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) this.submit(event);
    else if (event.key === "Escape" && this.context) this.forget();
    else if (event.key === "ArrowUp" && !this.input.value && this.lastOwn?.()) {
      event.preventDefault();
      this.edit(this.lastOwn());
    }
  }

  typed() {
    this.grow();
    this.suggestions?.typed();
    const now = Date.now();
    if (!this.input.value || this.input.value.startsWith("/") || now - this.typedAt < TYPING_EVERY) return;
    this.typedAt = now;
    const { as, to } = this.route();
    post("/typing", { as, to }).catch(() => { this.typedAt = 0; });
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 160)}px`;
  }
}

// A message answered to has another id in the other person's box.
function replyId(message, as) {
  return message.owner === as ? message.id : message.twin_id;
}
