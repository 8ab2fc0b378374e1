// One message: bubble, media, ticks, reactions, buttons below it.

import { fileUrl, post } from "./api.js";
import { alertBox, h, icon, iconButton, menu, openBox, toast } from "./dom.js";
import { users } from "./store.js";
import { rich } from "./text.js";
import { language, words } from "./words.js";

const EMOJI = ["👍", "❤️", "🔥", "😂", "🤔", "👎"];
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

// `handlers`: reply(message), edit(message) of the pane that shows it.
export function messageView(message, { read, handlers }) {
  const side = message.out ? "out" : "in";
  const bare = message.media?.kind === "sticker" && !message.text;
  return h("article", { class: `row ${side}`, data: { id: message.id } },
    h("div", { class: "stack" },
      h("div", { class: `bubble${bare ? " bare" : ""}` },
        forwardView(message), quoteView(message), mediaView(message), textView(message), metaView(message, read)),
      reactionsView(message),
      keyboardView(message)),
    h("div", { class: "tools" }, actionsButton(message, handlers)));
}

function textView(message) {
  if (!message.text) return null;
  return h("div", { class: "text", dir: "auto" }, rich(message.text, message.entities));
}

function metaView(message, read) {
  const date = new Date(message.date);
  return h("span", { class: "meta" },
    message.edited && h("span", { class: "edited" }, words.edited),
    h("time", { datetime: message.date, title: date.toLocaleString(language) }, clock.format(date)),
    message.out && ticks(read));
}

export function ticks(read) {
  const label = read ? words.read : words.sent;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 12");
  svg.setAttribute("class", `ticks${read ? " read" : ""}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  for (const d of read ? ["M1 7l3.500 3.500L11 3", "M8 9.500l1 1L16.500 3"] : ["M4 7l3.500 3.500L14 3"]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

function quoteView(message) {
  const quote = message.reply_to;
  return quote && h("blockquote", { class: "quote" }, quote.gone ? words.gone : quote.text || words.message);
}

function forwardView(message) {
  const from = users.get(message.forward_from);
  return from && h("p", { class: "forward" }, `${words.forwarded} ${from.name}`);
}

function reactionsView(message) {
  if (!message.reactions.length) return null;
  return h("div", { class: "reactions" }, message.reactions.map(({ user, emoji }) =>
    h("span", { class: "reaction", title: users.get(user)?.name ?? "" }, emoji)));
}

// --- media

function mediaView(message) {
  const { media } = message;
  if (!media) return null;
  switch (media.kind) {
    case "photo":
      return h("button", { type: "button", class: "photo", "aria-label": words.enlarge, onclick: () => enlarged(message) }, picture(media));
    case "sticker":
      return h("div", { class: "sticker" }, media.emoji ?? "🙂");
    case "voice":
      return h("div", { class: "voice" }, h("span", { class: "disc" }, icon("voice")),
        h("span", { class: "wave", "aria-hidden": "true" }, [...Array(22).keys()].map((i) => h("i", { class: `w${(i * 7 + message.id * 3) % 5}` }))),
        h("span", { class: "dim" }, lasting(media)));
    case "location":
      return card("pin", words.location, `${media.latitude?.toFixed(4)}, ${media.longitude?.toFixed(4)}`);
    case "contact":
      return card("person", [media.first_name, media.last_name].filter(Boolean).join(" ") || words.contact, media.phone);
    case "video":
    case "video_note":
    case "animation":
      return card("circle", words[media.kind], lasting(media));
    default:
      return media.file_id ? fileCard(media) : card("file", words[media.kind] ?? media.kind, "");
  }
}

// Its place is taken before it is there: the size is known.
function picture(media) {
  return h("img", { src: fileUrl(media, true), alt: words.photo, width: media.width ?? 640, height: media.height ?? 420 });
}

function enlarged({ media, text }) {
  openBox(h("dialog", { class: "box picture", "aria-label": words.photo }, picture(media), text && h("p", { class: "dim" }, text),
    h("form", { method: "dialog", class: "buttons" }, h("a", { class: "wide", href: fileUrl(media), download: media.name ?? "photo.png" }, words.download), h("button", { class: "wide primary", autofocus: true }, words.close))));
}

const lasting = ({ duration = 0 }) => `${Math.floor(duration / 60)}:${String(duration % 60).padStart(2, "0")}`;

function card(name, title, detail) {
  return h("div", { class: "card" }, h("span", { class: "disc" }, icon(name)),
    h("span", { class: "about" }, h("b", {}, title), detail && h("span", { class: "dim" }, detail)));
}

function fileCard(media) {
  return h("a", { class: "card", href: fileUrl(media), download: media.name ?? "file" }, h("span", { class: "disc" }, icon("file")),
    h("span", { class: "about" }, h("b", {}, media.name ?? words.document), h("span", { class: "dim" }, size(media.size ?? 0))));
}

function size(bytes) {
  const [amount, unit] = bytes < 1024 ? [bytes, "byte"] : bytes < 1048576 ? [bytes / 1024, "kilobyte"] : [bytes / 1048576, "megabyte"];
  const digits = unit === "byte" ? 0 : 1;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits }).format(amount);
}

// --- buttons

function keyboardView(message) {
  if (!message.keyboard?.inline) return null;
  return h("div", { class: "keys" }, message.keyboard.rows.map((row) =>
    h("div", { class: "keyrow" }, row.map((button) => button.url
      ? h("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text)
      : h("button", { type: "button", class: "key", onclick: (event) => press(event.currentTarget, message, button) }, button.text)))));
}

async function press(key, message, button) {
  key.classList.add("waiting");
  key.setAttribute("aria-busy", "true");
  try {
    const answer = await post("/press", { as: message.owner, message_id: message.id, data: button.data });
    if (!answer.answered) toast(words.noAnswer);
    else if (answer.alert) alertBox(answer.text);
    else if (answer.text) toast(answer.text);
  } catch (error) {
    toast(error.message);
  } finally {
    key.classList.remove("waiting");
    key.removeAttribute("aria-busy");
  }
}

function actionsButton(message, handlers) {
  const act = (path, fields) => post(path, { as: message.owner, message_id: message.id, ...fields }).catch((error) => toast(error.message));
  return iconButton("more", words.actions, ({ currentTarget: button }) => {
    const mine = message.reactions.find(({ user }) => user === message.owner)?.emoji;
    const emoji = EMOJI.map((one) => [h("span", { class: "emoji" }, one), () => act("/react", { emoji: one === mine ? "" : one }), one]);
    menu(button, [
      ...emoji,
      [words.reply, () => handlers.reply(message)],
      ...(message.out && message.text && !message.media ? [[words.edit, () => handlers.edit(message)]] : []),
      ...(message.out ? [[words.remove, () => act("/delete")]] : []),
    ], placeOf(button));
  }, { class: "round small", "aria-haspopup": "menu", "aria-expanded": "false" });
}

// Above the button when there is room for it there, else below.
function placeOf(button) {
  const list = button.closest(".messages").getBoundingClientRect();
  return button.getBoundingClientRect().top - list.top > 240 ? "above" : "below";
}
