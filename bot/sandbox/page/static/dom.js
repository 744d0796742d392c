/** Builds elements from data. Text becomes text nodes only: nothing here parses HTML. */

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

const present = (children) =>
  children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false && child !== "");

/** Replace an element's children; the child with the focus gets it back, with the caret where it was. */
export function fill(parent, ...children) {
  const focused = document.activeElement;
  const key = parent.contains(focused) ? focused?.dataset.key : undefined;
  const caret = key && "selectionStart" in focused ? [focused.selectionStart, focused.selectionEnd] : null;
  parent.replaceChildren(...present(children));
  if (!key) return;
  const again = parent.querySelector(`[data-key="${CSS.escape(key)}"]`);
  again?.focus({ preventScroll: true });
  if (again && caret && caret[0] !== null && again.setSelectionRange) again.setSelectionRange(...caret);
}

/** Rebuild a region only if the data it shows has changed. */
export function region(parent, shown, build) {
  const key = JSON.stringify(shown);
  if (parent.shownKey === key) return false;
  parent.shownKey = key;
  fill(parent, build());
  return true;
}

const ICONS = {
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  eye: "M2.5 12S6 5.5 12 5.5S21.5 12 21.5 12S18 18.5 12 18.5S2.5 12 2.5 12M12 9.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6",
  send: "M4 12L20 4L15 20L12 13Z",
  pulse: "M3 12h4l3-7l4 14l3-7h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  down: "M6 9.5l6 6l6-6",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  warn: "M12 4L2.5 20h19zM12 10v4.5M12 17.3h.01",
  info: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 11v5.5M12 7.8h.01",
  hash: "M9.5 4L7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16",
  arrowIn: "M19 12H5M11 6l-6 6l6 6",
  arrowOut: "M5 12h14M13 6l6 6l-6 6",
};

export function icon(name) {
  const made = (tag, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const svg = made("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true" });
  svg.append(made("path", { d: ICONS[name] }));
  return svg;
}

const HUES = [262, 205, 158, 28, 340, 188, 48, 300, 128, 228];

/** A user's avatar: initials on a colour derived from the id; the bot has a clock. */
export function avatar(user, size = "") {
  const name = user?.name ?? "?";
  const letters = name.split(/\s+/).map((word) => word.match(/\p{L}/u)?.[0] ?? "").join("");
  const hue = HUES[[...(user?.id ?? name)].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7) % HUES.length];
  const initials = (letters.length > 2 ? letters[0] + letters.at(-1) : letters).toUpperCase();
  return h(
    "span",
    { class: `avatar ${size} ${user?.bot ? "is-bot" : ""}`, style: `--hue:${hue}`, "aria-hidden": "true" },
    user?.bot ? icon("clock") : initials || "?",
  );
}

/** Format a time in a person's time zone. */
export function inZone(at, zone, options) {
  const moment = typeof at === "number" ? new Date(at * 1000) : new Date(at);
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone || undefined, ...options }).format(moment);
}

export const clockTime = (at, zone) => inZone(at, zone, { hour: "2-digit", minute: "2-digit" });
export const dayName = (at, zone) => inZone(at, zone, { weekday: "long", day: "numeric", month: "long" });
