// Puts the page together: the desk, the customers, one conversation, and what is behind them; tabs on a phone.

import { follow } from "./api.js";
import { Backstage } from "./backstage.js";
import { Desk } from "./desk.js";
import { h } from "./dom.js";
import { People } from "./people.js";
import { apply, chats, listen, load, talks } from "./store.js";
import { Talk } from "./talk.js";
import { language, words } from "./words.js";

document.documentElement.lang = language;
const phone = matchMedia("(max-width: 760px)");
const root = (id) => document.getElementById(id);
const view = () => document.body.dataset.view;
const seen = (...views) => document.visibilityState === "visible" && (!phone.matches || views.includes(view()));

const desk = new Desk(root("desk"), () => seen("desk"));
const talk = new Talk(root("talk"), { visible: () => seen("talk"), back: () => go("people") });
const people = new People(root("people"), {
  pick: (one) => {
    go("talk");
    talk.show(one);
    people.draw();
    if (!phone.matches) talk.composer.input.focus();
  },
  current: () => talk.chat,
});

const backstage = new Backstage(root("backstage"), { phone });
const tab = (where) => h("button", { type: "button", class: "tab", onclick: () => go(where) });
const tabs = { desk: tab("desk"), people: tab("people"), backstage: tab("backstage") };
const titles = { desk: words.operator, people: words.customers, backstage: words.backstage };
root("tabs").append(...Object.values(tabs));

function go(where) {
  document.body.dataset.view = where;
  drawTabs();
  if (where === "desk") desk.read();
  if (where === "talk") talk.read();
  if (phone.matches) backstage.show(where === "backstage");
}

// F6 goes from part to part, as it does in other programs; with Shift backwards.
const STOPS = ["#desk textarea", ".chatitem[aria-current], .chatitem", "#talk textarea", "#backstage .bar, #backstage .chip"];
document.addEventListener("keydown", (event) => {
  if (event.key !== "F6") return;
  event.preventDefault();
  const stops = STOPS.map((stop) => [...document.querySelectorAll(stop)].find((one) => one.checkVisibility())).filter(Boolean);
  const panes = stops.map((stop) => stop.closest(".pane"));
  const here = panes.indexOf(document.activeElement.closest(".pane"));
  stops[(here + (event.shiftKey ? -1 : 1) + stops.length * 2) % stops.length]?.focus();
});

// Who begins to type writes in the chat they are in, as in other messengers: between there and here are many buttons.
document.addEventListener("keydown", (event) => {
  const typed = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  const at = document.activeElement;
  if (!typed || at.closest("textarea, input, select, dialog, [role=menu]")) return;
  const input = (at.closest("#talk, #people") ? talk : desk).composer.input;
  if (input.checkVisibility()) input.focus();
});

function drawTabs() {
  const unread = { desk: desk.conversation.chat?.unread ?? 0, people: talks().reduce((sum, one) => sum + one.unread, 0) };
  for (const [name, tab] of Object.entries(tabs)) {
    tab.setAttribute("aria-pressed", String(name === (view() === "talk" ? "people" : view())));
    tab.replaceChildren(h("span", {}, titles[name]), unread[name] ? h("span", { class: "unread" }, String(unread[name])) : "");
  }
  document.title = unread.desk + unread.people ? `(${unread.desk + unread.people}) Sandbox` : "Sandbox";
}

// After a (re)load the chats are new objects: show again the one that was shown.
listen((event) => {
  if (event.kind === "loaded") {
    const again = talk.chat && chats.get(talk.chat.key);
    const first = talks()[0];
    if (again ?? first) talk.show(again ?? first);
    people.draw();
  }
  drawTabs();
});
document.addEventListener("visibilitychange", () => {
  desk.read();
  talk.read();
});
follow(load, apply, (live) => {
  document.body.classList.toggle("away", !live);
  document.body.dataset.state = live ? "" : words.away;
});
