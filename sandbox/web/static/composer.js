// Where one writes: text, other kinds, replies and edits; says "typing" while one does.

import { post } from "./api.js";
import { h, icon, iconButton, menu, toast } from "./dom.js";
import { words } from "./words.js";

const TYPING_EVERY = 4000; // milliseconds
const SAMPLES = {
  photo: { kind: "photo" },
  voice: { kind: "voice", duration: 12 },
  video_note: { kind: "video_note", duration: 8 },
  sticker: { kind: "sticker", emoji: "👋" },
  document: { kind: "document", name: "requirements.txt", content: "Two machines, one on each floor." },
  contact: { kind: "contact", first_name: "Office", last_name: "Manager", phone: "+1 555 0100" },
  location: { kind: "location", latitude: 59.9343, longitude: 30.3351 },
};
const ICONS = { photo: "camera", voice: "voice", video_note: "circle", sticker: "smile", document: "file", contact: "person", location: "pin" };

// `route()` says who writes to whom: {as, to}. `withMedia`: whether other kinds than text are offered.
export class Composer {
  constructor({ route, placeholder, withMedia, extra = [], lastOwn }) {
    this.route = route;
    this.lastOwn = lastOwn;
    this.context = null; // {kind: "reply" | "edit", message}
    this.typedAt = 0;
    this.input = h("textarea", {
      rows: "1", placeholder, "aria-label": placeholder, maxlength: "4096", enterkeyhint: "send",
      oninput: () => this.typed(), onkeydown: (event) => this.key(event),
    });
    this.banner = h("div", { class: "banner", hidden: true });
    const attach = withMedia && h("div", { class: "holder" }, iconButton("attach", words.attach, (event) => this.offer(event.currentTarget), { "aria-haspopup": "menu", "aria-expanded": "false" }));
    this.element = h("form", { class: "composer", onsubmit: (event) => this.submit(event) },
      this.banner, h("div", { class: "line" }, extra, attach, this.input,
        h("button", { class: "round primary", "aria-label": words.send, title: words.send }, icon("send"))));
  }

  fill(text) {
    this.input.value = text;
    this.grow();
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  reply(message) {
    this.about("reply", message, words.replying);
  }

  edit(message) {
    this.about("edit", message, words.editing);
    this.fill(message.text);
  }

  about(kind, message, label) {
    this.context = { kind, message };
    this.banner.replaceChildren(h("span", { class: "label" }, label), h("span", { class: "excerpt" }, message.text || words[message.media?.kind] || ""),
      iconButton("close", words.cancel, () => this.forget()));
    this.banner.hidden = false;
    this.input.focus();
  }

  forget() {
    if (this.context?.kind === "edit") this.input.value = "";
    this.context = null;
    this.banner.hidden = true;
    this.grow();
    this.input.focus();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.input.value;
    const context = this.context;
    if (!text.trim()) return;
    this.input.value = "";
    if (context) this.forget();
    this.grow();
    const { as, to } = this.route();
    try {
      if (context?.kind === "edit") await post("/edit", { as: context.message.owner, message_id: context.message.id, text });
      else await post("/say", { as, to, text, ...(context ? { reply_to: replyId(context.message, as) } : {}) });
      this.typedAt = 0;
    } catch (error) {
      toast(error.message);
      if (!this.input.value) this.fill(text);
    }
  }

  offer(button) {
    menu(button, Object.entries(SAMPLES).map(([kind, media]) => [
      h("span", { class: "choice" }, icon(ICONS[kind]), words[kind]),
      () => { const { as, to } = this.route(); post("/say", { as, to, media }).catch((error) => toast(error.message)); },
    ]));
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) this.submit(event);
    else if (event.key === "Escape" && this.context) this.forget();
    else if (event.key === "ArrowUp" && !this.input.value && this.lastOwn?.()) {
      event.preventDefault();
      this.edit(this.lastOwn());
    }
  }

  typed() {
    this.grow();
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
