/** Turns Slack's mrkdwn into nodes. */

import { clockTime, h, inZone } from "./dom.js";

const EMOJI = {
  white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌", warning: "⚠️", wave: "👋", clock9: "🕘", calendar: "📅",
  date: "📅", spiral_calendar_pad: "🗓️", hourglass: "⌛", hourglass_flowing_sand: "⏳", tada: "🎉", lock: "🔒",
  no_entry: "⛔", bulb: "💡", eyes: "👀", bell: "🔔", rotating_light: "🚨", pencil2: "✏️", mag: "🔍", link: "🔗", house: "🏠",
  palm_tree: "🌴", zzz: "💤", rocket: "🚀", sparkles: "✨", arrow_right: "➡️", leftwards_arrow_with_hook: "↩️",
  large_green_circle: "🟢", large_yellow_circle: "🟡", red_circle: "🔴", white_circle: "⚪", information_source: "ℹ️",
  thumbsup: "👍", "+1": "👍", thumbsdown: "👎", smile: "😄", slightly_smiling_face: "🙂", question: "❓",
  exclamation: "❗", bust_in_silhouette: "👤", busts_in_silhouette: "👥", robot_face: "🤖", key: "🔑", coffee: "☕",
};

const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** Resolve emoji shortcodes and escapes, in text without other marks. */
export const plain = (text) =>
  unescaped(text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole));

const DATE_PARTS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
};

function dateText(at, format, zone, now) {
  const day = (moment) => inZone(moment, zone, DATE_PARTS.date_num);
  const near = { [day(now)]: "today", [day(now - 86400)]: "yesterday", [day(now + 86400)]: "tomorrow" };
  return format.replace(/\{(\w+)\}/g, (whole, token) => {
    if (token === "time") return clockTime(at, zone);
    if (token === "time_secs") return inZone(at, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    if (token === "ago") return `${Math.max(0, Math.round((now - at) / 60))} minutes ago`;
    const plainToken = token.replace(/_pretty$/, "");
    const parts = DATE_PARTS[plainToken];
    if (!parts) return whole;
    return (token !== plainToken && near[day(at)]) || inZone(at, zone, parts);
  });
}

const label = (text, className, title) => h("span", { class: className, title }, text);

/** The text in angle brackets: a person, a channel, a group, a broadcast, a date, a link. */
function reference(inside, world) {
  const [target, ...rest] = inside.split("|");
  const shown = rest.length ? plain(rest.join("|")) : "";
  if (target.startsWith("@")) {
    const user = world.user(target.slice(1));
    const own = user?.id === world.me ? " is-me" : "";
    return label(`@${user?.name ?? (shown || target.slice(1))}`, `mention${own}`, user?.note);
  }
  if (target.startsWith("#")) return label(`#${world.channel(target.slice(1))?.name ?? (shown || "private channel")}`, "mention");
  if (target.startsWith("!subteam^")) {
    const group = world.group(target.slice(9));
    return label(`@${group?.handle ?? (shown.replace(/^@/, "") || "group")}`, "mention");
  }
  if (target.startsWith("!date^")) {
    const [, at, format] = target.split("^");
    return h("time", { title: inZone(Number(at), world.zone, DATE_PARTS.date_long) }, dateText(Number(at), format ?? "{date}", world.zone, world.now()));
  }
  if (/^!(channel|here|everyone)$/.test(target)) return label(`@${target.slice(1)}`, "mention is-ringing", "This rings everybody");
  if (target.startsWith("!")) return shown || `<${target}>`;
  const address = unescaped(target);
  if (!/^(https?:|mailto:)/i.test(address)) return shown || address;
  return h("a", { href: address, target: "_blank", rel: "noreferrer" }, shown || address);
}

const INLINE = [
  [/^```([\s\S]+?)```/, (match) => h("pre", {}, unescaped(match[1].replace(/^\n/, "")))],
  [/^`([^`\n]+)`/, (match) => h("code", {}, unescaped(match[1]))],
  [/^<([^<>\n]+)>/, (match, world) => reference(match[1], world)],
  [/^\*(\S|\S[^\n]*?\S)\*(?![\p{L}\p{N}*])/u, (match, world) => h("strong", {}, inline(match[1], world))],
  [/^_(\S|\S[^\n]*?\S)_(?![\p{L}\p{N}_])/u, (match, world) => h("em", {}, inline(match[1], world))],
  [/^~(\S|\S[^\n]*?\S)~(?![\p{L}\p{N}~])/u, (match, world) => h("s", {}, inline(match[1], world))],
];

function inline(text, world) {
  const nodes = [];
  let words = "";
  const flush = () => {
    if (words) nodes.push(plain(words));
    words = "";
  };
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at);
    const before = text[at - 1] ?? " ";
    const opens = "`<".includes(rest[0]) || ("*_~".includes(rest[0]) && /[^\p{L}\p{N}]/u.test(before));
    const found = opens && INLINE.map(([pattern, make]) => [pattern.exec(rest), make]).find(([match]) => match);
    if (found) {
      flush();
      nodes.push(found[1](found[0], world));
      at += found[0][0].length;
    } else if (rest[0] === "\n") {
      flush();
      nodes.push(h("br"));
      at += 1;
    } else {
      words += rest[0];
      at += 1;
    }
  }
  flush();
  return nodes;
}

/** A whole text: quoted lines become quotes, all others flow. */
export function mrkdwn(text, world) {
  const nodes = [];
  for (const part of text.split(/((?:^|\n)(?:(?:&gt;|>) ?[^\n]*(?:\n(?=&gt;|>)|$|(?=\n)))+)/)) {
    if (!part) continue;
    if (/^\n?(?:&gt;|>)/.test(part)) {
      const quoted = part.replace(/^\n/, "").replace(/\n$/, "").replace(/^(?:&gt;|>) ?/gm, "");
      nodes.push(h("blockquote", {}, inline(quoted, world)));
    } else nodes.push(...inline(nodes.length ? part.replace(/^\n/, "") : part, world));
  }
  return nodes;
}

/** The `markdown` block, of which only headings, bold and lists are drawn. */
export function markdown(text, world) {
  return text.split("\n").map((line) => {
    const heading = /^#{1,6}\s+(.*)/.exec(line);
    const item = /^\s*[-*]\s+(.*)/.exec(line);
    const body = (heading?.[1] ?? item?.[1] ?? line).replace(/\*\*(.+?)\*\*/g, "*$1*").replace(/\[(.+?)\]\((\S+?)\)/g, "<$2|$1>");
    return h("div", { class: heading ? "md-heading" : item ? "md-item" : "" }, inline(body, world));
  });
}
