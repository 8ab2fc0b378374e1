// Backstage: what the servers saw, live: who called what, about whom, and how it ended.

import { followLog, get } from "./api.js";
import { h } from "./dom.js";
import { users } from "./store.js";
import { language, words } from "./words.js";

const MOST = 300; // lines that are kept on the page
const BEFORE = 60; // lines that are there at once
const NEAR = 40; // pixels from the end that still count as being there
const QUIET = new Set(["service", "handshake", "push"]);
const DULL = new Set(["bot.getUpdates", "updates.getState", "updates.getDifference", "users.getUsers", "account.updateStatus", "help.getConfig"]);
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export class Seen {
  constructor(root, { came }) {
    this.came = came; // called after each lot of lines
    this.waiting = new Map(); // "connection/msg_id" -> the row that waits for its answer
    this.stream = null;
    this.list = h("ol", { class: "log", role: "log", "aria-label": words.seen, "aria-live": "off", tabindex: "0" });
    this.everything = h("button", { type: "button", class: "chip", "aria-pressed": "false", onclick: () => this.all(this.everything.getAttribute("aria-pressed") !== "true") }, words.everything);
    root.append(h("div", { class: "log-head" }, h("p", { class: "dim hint-line" }, words.seenHint), this.everything), this.list);
  }

  async start() {
    if (this.stream) return;
    this.stream = { close() {} }; // nobody else starts while we ask
    const { last } = await get("/log", { since: Number.MAX_SAFE_INTEGER }).catch(() => ({ last: 0 }));
    if (this.stream) this.follow(Math.max(last - BEFORE, 0));
  }

  stop() {
    this.stream?.close();
    this.stream = null;
    this.list.replaceChildren();
    this.waiting.clear();
  }

  follow(since) {
    this.stream = followLog(since, (lines) => this.add(lines));
  }

  all(shown) {
    this.everything.setAttribute("aria-pressed", String(shown));
    this.list.classList.toggle("all", shown);
    this.list.scrollTop = this.list.scrollHeight;
  }

  add(lines) {
    const { scrollTop, scrollHeight, clientHeight } = this.list;
    const atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    for (const line of lines) this.tell(line);
    while (this.list.children.length > MOST) this.list.firstChild.remove();
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
    this.came();
  }

  tell(line) {
    const key = `${line.connection}/${line.msg_id}`;
    if (line.kind === "answer" && this.waiting.has(key)) {
      end(this.waiting.get(key), line.outcome);
      this.waiting.delete(key);
      return;
    }
    const row = this.rowOf(line);
    this.list.append(row);
    if (line.kind === "rpc") this.waiting.set(key, row);
    else end(row, line.outcome);
  }

  rowOf(line) {
    const dull = QUIET.has(line.kind) || DULL.has(line.method);
    return h("li", { class: dull ? "entry dull" : "entry", data: { kind: line.kind } },
      h("time", { class: "dim" }, clock.format(new Date(line.at * 1000))),
      h("span", { class: "what" }, h("b", {}, who(line)), " ", deed(line), " ", h("code", {}, line.method)),
      h("span", { class: "outcome" }, line.kind === "rpc" ? "…" : ""));
  }
}

function name(id) {
  const user = users.get(id);
  return user?.role === "bot" ? user.name : user?.name.split(" ")[0] ?? (id ? String(id) : "");
}

const who = (line) => (line.kind === "model" ? words.model : name(line.user) || words.somebody);

function deed(line) {
  const told = words.deeds[line.method] ?? words.deeds[line.kind] ?? words.calls;
  const peer = name(line.peer);
  return peer && peer !== name(line.user) ? `${told} → ${peer}` : told;
}

// An answer that is no error needs no words: its class means nothing to a newcomer.
function end(row, outcome) {
  const cell = row.querySelector(".outcome");
  const failed = /^\d{3} /.test(outcome) || (row.dataset.kind === "model" && outcome);
  cell.textContent = failed ? outcome : ["rpc", "bot", "model"].includes(row.dataset.kind) ? "✓" : row.dataset.kind === "garbage" ? outcome : "";
  cell.title = outcome;
  row.classList.toggle("failed", Boolean(failed));
  if (failed) row.classList.remove("dull");
}
