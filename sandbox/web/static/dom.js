// Elements from values. Text goes in as text, never as markup.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  send: "M4 12 20 4l-4 16-4-7z",
  attach: "m8 12 5.5-5.5a3 3 0 0 1 4.2 4.2L10 18.5a5 5 0 0 1-7-7L10.5 4",
  menu: "M5 7h14M5 12h14M5 17h9",
  back: "M15 5l-7 7 7 7",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  plus: "M12 5v14M5 12h14",
  self: "M5 9h14v10H5zM12 9V5M9.500 13h.01M14.500 13h.01M10 16.500h4",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  voice: "M12 4v11M8 8v4M16 8v4M5 10v1M19 10v1M12 19v1",
  pin: "M12 21s7-6.5 7-11a7 7 0 1 0-14 0c0 4.5 7 11 7 11zM12 10h.01",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c1-4 4-5 7-5s6 1 7 5",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 16a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  circle: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM10.5 9.5l4 2.5-4 2.5z",
  smile: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM9 14c1.5 2 4.5 2 6 0M9 10h.01M15 10h.01",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, act, props = {}) {
  return h("button", { type: "button", class: "round", "aria-label": label, title: label, onclick: act, ...props }, icon(name));
}

export function avatar(user) {
  const letters = (user.name || "?").split(/\s+/).slice(0, 2).map((word) => word[0]).join("");
  return h("span", { class: `avatar hue${user.id % 6}`, "aria-hidden": "true" }, letters.toUpperCase());
}

// A menu above or below its button: closes on a choice, on Escape and on a click elsewhere.
export function menu(button, items, place = "above") {
  const close = (refocus) => {
    document.removeEventListener("pointerdown", outside, true);
    box.remove();
    button.setAttribute("aria-expanded", "false");
    if (refocus) button.focus();
  };
  const outside = (event) => {
    if (!box.contains(event.target) && !button.contains(event.target)) close(false);
  };
  const open = button.parentElement.querySelector(":scope > .menu");
  if (open) return open.dispatchEvent(new Event("shut"));
  const buttons = items.map(([content, act, label]) =>
    h("button", { type: "button", role: "menuitem", "aria-label": label, onclick: () => { close(true); act(); } }, content),
  );
  const box = h("div", { class: `menu ${place}`, role: "menu", onshut: () => close(true), onkeydown: (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") close(true);
    if (step) {
      event.preventDefault();
      const at = buttons.indexOf(document.activeElement);
      buttons[(at + step + buttons.length) % buttons.length].focus();
    }
  } }, buttons);
  button.parentElement.append(box);
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  keepInside(box);
  buttons[0]?.focus();
}

// Narrow a menu, and shift it sideways, until the pane it is in shows all of it.
function keepInside(box) {
  const pane = box.closest(".pane").getBoundingClientRect();
  box.style.maxWidth = `${pane.width - 16}px`;
  const { left, right } = box.getBoundingClientRect();
  const shift = Math.max(pane.left + 8 - left, 0) + Math.min(pane.right - 8 - right, 0);
  box.style.translate = `${shift}px 0`;
}

export function toast(text) {
  const note = h("p", { class: "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 4500);
}

export function alertBox(text) {
  openBox(h("dialog", { class: "box" }, h("p", {}, text), h("form", { method: "dialog" }, h("button", { class: "wide" }, "OK"))));
}

// Show a dialog until it is closed, by its buttons or by Escape; `closed` gets what it was closed with.
export function openBox(box, closed = () => {}) {
  box.addEventListener("close", () => {
    closed(box.returnValue);
    box.remove();
  });
  document.body.append(box);
  box.showModal();
}
