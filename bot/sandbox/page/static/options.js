/** Lists to choose from with arrows and Enter: completion in the composer, selects, overflow menus. */

import { fill, h, icon } from "./dom.js";

let serial = 0;

/** A list with one active line. Options are {label, hint?, lead?, group?, chosen?, …}; picking returns one. */
export class OptionList {
  constructor({ label, role = "listbox", pick }) {
    this.id = `options-${(serial += 1)}`;
    this.role = role;
    this.pick = pick;
    this.options = [];
    this.active = 0;
    this.node = h("div", { class: "options", role, id: this.id, "aria-label": label });
  }

  set(options, { empty = "Nothing matches", stay = false } = {}) {
    this.options = options;
    if (!stay) this.active = Math.max(0, options.findIndex((option) => option.chosen));
    const lines = options.map((option, index) => [
      option.group && option.group !== options[index - 1]?.group && h("div", { class: "options-group" }, option.group),
      this.#line(option, index),
    ]);
    fill(this.node, options.length ? lines : h("div", { class: "options-empty" }, empty));
    this.#mark();
  }

  #line(option, index) {
    return h(
      "div",
      {
        class: "option", id: `${this.id}-${index}`, role: this.role === "menu" ? "menuitem" : "option",
        "aria-selected": String(Boolean(option.chosen)),
        // mousedown would take the focus from the field that is being completed
        onmousedown: (event) => event.preventDefault(),
        onmousemove: () => this.#to(index),
        onclick: () => this.pick(option),
      },
      option.lead,
      h("span", { class: "option-label" }, option.label),
      option.hint && h("span", { class: "option-hint" }, option.hint),
      option.chosen && icon("check"),
    );
  }

  #to(index) {
    if (!this.options.length) return;
    this.active = (index + this.options.length) % this.options.length;
    this.#mark();
  }

  #mark() {
    const lines = [...this.node.querySelectorAll(".option")];
    lines.forEach((line, index) => line.classList.toggle("is-active", index === this.active));
    lines[this.active]?.scrollIntoView({ block: "nearest" });
    this.owner?.setAttribute("aria-activedescendant", lines.length ? `${this.id}-${this.active}` : "");
  }

  /** Handle a key; true if it was meant for the list. */
  key(event) {
    const moves = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, Home: 0, End: -1 };
    const typing = event.target.matches?.("input, textarea") && (event.key === "Home" || event.key === "End");
    if (event.key in moves && !typing) this.#to(moves[event.key]);
    else if (event.key === "Enter" && this.options.length) this.pick(this.options[this.active]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}

let openPopup = null;

/** Close the open list, if any, and put the focus back where it was before. */
export function closePopup({ refocus = true } = {}) {
  if (!openPopup) return;
  const { node, anchor, done } = openPopup;
  openPopup = null;
  node.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus) anchor.focus({ preventScroll: true });
  done?.();
}

document.addEventListener("mousedown", (event) => {
  if (openPopup && !openPopup.node.contains(event.target) && !openPopup.anchor.contains(event.target)) closePopup({ refocus: false });
});

/**
 * Open a list under an anchor. `load(typed)` returns the options or a promise of them; `search` adds a
 * field to type in. Picking an option closes the list, unless `stays` is set.
 */
export function popup(anchor, { label, load, search = false, role = "listbox", pick, stays = false, prompt = "Search", done }) {
  closePopup({ refocus: false });
  const list = new OptionList({
    label, role,
    pick: (option) => {
      if (!stays) closePopup();
      pick(option);
      if (stays) refresh({ stay: true });
    },
  });
  const field = search && h("input", {
    class: "popup-search", type: "text", placeholder: prompt, "aria-label": label, role: "combobox",
    "aria-expanded": "true", "aria-controls": list.id, autocomplete: "off", oninput: () => refresh(),
  });
  const node = h("div", { class: `popup ${role === "menu" ? "is-menu" : ""}`, tabindex: "-1", popover: "manual" }, field, list.node);
  let latest = 0;
  async function refresh({ stay = false } = {}) {
    const mine = (latest += 1);
    const options = load(field ? field.value : "");
    if (options instanceof Promise) list.node.classList.add("is-loading");
    const { options: found, empty } = await options;
    if (mine !== latest) return;
    list.node.classList.remove("is-loading");
    list.set(found, { empty, stay });
  }
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      closePopup();
    } else list.key(event);
  });
  node.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !node.contains(event.relatedTarget)) closePopup({ refocus: false });
  });
  (anchor.closest("dialog") ?? document.body).append(node);
  node.showPopover?.();
  place(node, anchor);
  openPopup = { node, anchor, done };
  anchor.setAttribute("aria-expanded", "true");
  list.owner = field || node;
  list.owner.focus();
  refresh();
}

function place(node, anchor) {
  const box = anchor.getBoundingClientRect();
  const width = Math.min(Math.max(box.width, 240), window.innerWidth - 16);
  const below = window.innerHeight - box.bottom;
  const under = below > 260 || below > box.top;
  node.style.width = `${width}px`;
  node.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`;
  node.style.maxHeight = `${Math.min(320, (under ? below : box.top) - 16)}px`;
  if (under) node.style.top = `${box.bottom + 4}px`;
  else node.style.bottom = `${window.innerHeight - box.top + 4}px`;
}
