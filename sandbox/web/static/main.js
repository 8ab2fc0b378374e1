// Puts the page together: the desk, the customers, one conversation; tabs on a phone.

import { follow } from "./api.js";
import { Desk } from "./desk.js";
import { h } from "./dom.js";
import { People } from "./people.js";
import { apply, chat, chats, listen, load, of, talks } from "./store.js";
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

const tabs = {
  desk: h("button", { type: "button", class: "tab", onclick: () => go("desk") }),
  people: h("button", { type: "button", class: "tab", onclick: () => go("people") }),
};
root("tabs").append(...Object.values(tabs));

function go(where) {
  document.body.dataset.view = where;
  drawTabs();
  if (where === "desk") desk.read();
  if (where === "talk") talk.read();
}

function drawTabs() {
  const [operator, bot] = [of("operator")[0], of("bot")[0]];
  const unread = { desk: operator && bot ? chat(operator.id, bot.id).unread : 0, people: talks().reduce((sum, one) => sum + one.unread, 0) };
  for (const [name, tab] of Object.entries(tabs)) {
    const here = name === "desk" ? view() === "desk" : view() !== "desk";
    tab.setAttribute("aria-pressed", String(here));
    tab.replaceChildren(h("span", {}, name === "desk" ? words.operator : words.customers), unread[name] ? h("span", { class: "unread" }, String(unread[name])) : "");
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
