/** The message list: days, groups of messages by author, text and blocks. */

import { drawBlocks } from "./blocks.js";
import { avatar, clockTime, dayName, h, icon } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { surface } from "./surface.js";

const TOGETHER = 5 * 60;

/** Keeps one node for each message, and redraws it only if the message has changed. */
export class Messages {
  constructor(log, { send }) {
    this.log = log;
    this.send = send;
    this.nodes = new Map();
    this.newer = h("button", { class: "newer", type: "button", hidden: true, onclick: () => this.#toEnd() }, icon("down"), "New messages");
    log.after(this.newer);
    log.addEventListener("scroll", () => this.#atEnd() && (this.newer.hidden = true), { passive: true });
  }

  render(channel, messages, world) {
    const moved = this.channel !== channel.id || this.me !== world.me;
    if (moved) this.nodes.clear();
    [this.channel, this.me] = [channel.id, world.me];
    const stay = !moved && !this.#atEnd();
    const last = this.last;
    const wanted = [this.#node("beginning", channel.id, () => this.#beginning(channel))];
    let [before, day] = [null, null];
    for (const message of messages) {
      const today = dayName(Number(message.ts), world.zone);
      if (today !== day) wanted.push(this.#node(`day-${today}`, today, () => h("div", { class: "day", role: "separator" }, h("span", {}, world.dayLabel(Number(message.ts))))));
      const joined = before && today === day && before.user === message.user && before.ephemeral === message.ephemeral && message.ts - before.ts < TOGETHER;
      wanted.push(this.#node(message.ts, JSON.stringify([message, joined]), () => this.#draw(message, joined, world)));
      [before, day] = [message, today];
    }
    this.#arrange(wanted);
    this.last = messages.at(-1)?.ts;
    if (!stay) this.#toEnd();
    else if (this.last !== last) this.newer.hidden = false;
  }

  #atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  #toEnd() {
    this.newer.hidden = true;
    this.log.scrollTop = this.log.scrollHeight;
  }

  /** Move only nodes that are out of place, so that the focus and running animations are kept. */
  #arrange(wanted) {
    const kept = new Set(wanted);
    for (const child of [...this.log.children]) if (!kept.has(child)) child.remove();
    wanted.forEach((node, index) => this.log.children[index] !== node && this.log.insertBefore(node, this.log.children[index] ?? null));
  }

  #node(key, shown, build) {
    const known = this.nodes.get(key);
    if (known?.shown === shown) return known.node;
    const focus = known?.node.contains(document.activeElement) && document.activeElement.dataset.key;
    const node = build();
    if (known) node.classList.add("is-updated");
    known?.node.replaceWith(node);
    this.nodes.set(key, { shown, node });
    if (focus) (node.querySelector(`[data-key="${CSS.escape(focus)}"]`) ?? node.querySelector("button"))?.focus({ preventScroll: true });
    return node;
  }

  #beginning(channel) {
    const sign = channel.bot ? avatar({ name: channel.name, bot: true }) : icon(channel.kind === "private" ? "lock" : "hash");
    const words = channel.bot ? "Only you and the app see what is said here. It reads your messages just like its command: try “me” or “help”." : "What the bot shows you after a command is visible to you alone.";
    return h("div", { class: "beginning" }, h("h2", {}, sign, channel.name), h("p", {}, words));
  }

  #draw(message, joined, world) {
    const author = world.user(message.user);
    const ctx = surface({ where: { channel: message.channel, ts: message.ts }, world, send: this.send, blocks: message.blocks, kept: message.values });
    const time = h("time", { class: "message-time", title: dayName(Number(message.ts), world.zone) }, clockTime(Number(message.ts), world.zone));
    const body = h("div", { class: "message-body" }, message.blocks.length ? drawBlocks(message.blocks, ctx) : h("div", { class: "message-text" }, mrkdwn(message.text, world)));
    if (message.edited) ([...body.querySelectorAll(":is(.message-text, .section-text, .context, .rich-text, .markdown)")].at(-1) ?? body).append(h("span", { class: "edited" }, " (edited)"));
    return h(
      "article",
      { class: `message ${joined ? "is-joined" : ""} ${message.ephemeral ? "is-ephemeral" : ""} ${message.rings ? "is-ringing" : ""}`, "data-ts": message.ts, "data-testid": "message", "aria-label": `${author?.name ?? message.user}, ${clockTime(Number(message.ts), world.zone)}` },
      message.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you"),
      h("div", { class: "message-gutter" }, joined ? time : avatar(author)),
      h(
        "div",
        { class: "message-main" },
        !joined && h("div", { class: "message-head" }, h("strong", { class: "message-author" }, author?.name ?? message.user), author?.bot && h("span", { class: "badge" }, "APP"), time),
        body,
        message.files.map((file) => h("a", { class: "file", href: `/files/${file.id}`, download: file.name }, icon("down"), h("span", {}, file.name), h("small", {}, `${Math.ceil(file.size / 1024)} kB`))),
        message.warning && h("div", { class: "message-warning", role: "alert" }, icon("warn"), message.warning),
      ),
    );
  }
}
