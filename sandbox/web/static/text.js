// A text with its entities as nodes. Offsets are UTF-16 units, as JavaScript counts too.

import { h } from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote",
};

export function rich(text, entities) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return between(text, 0, text.length, sorted);
}

function between(text, start, end, entities) {
  const nodes = [];
  let at = start;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || stop <= entity.offset) continue;
    const inner = entities.slice(i + 1).filter((one) => one.offset < stop);
    nodes.push(text.slice(at, entity.offset));
    nodes.push(wrapped(entity, text.slice(entity.offset, stop), between(text, entity.offset, stop, inner)));
    at = stop;
  }
  nodes.push(text.slice(at, end));
  return nodes.filter((node) => node !== "");
}

function wrapped(entity, plain, nodes) {
  switch (entity.kind) {
    case "text_link":
      return link(entity.url, nodes);
    case "url":
      return link(plain, nodes);
    case "spoiler":
      return h("span", { class: "spoiler", tabindex: "0" }, nodes);
    case "bot_command":
    case "mention":
    case "text_mention":
      return h("span", { class: "mention" }, nodes);
    default:
      return h(TAGS[entity.kind] ?? "span", {}, nodes);
  }
}

function link(url, nodes) {
  const safe = /^(https?:|tg:|mailto:)/i.test(url) ? url : `https://${url}`;
  return h("a", { href: safe, target: "_blank", rel: "noopener noreferrer" }, nodes);
}
