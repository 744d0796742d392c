/** The composer. It completes no more than Slack's: a command's name and usage, people, channels. */

import { avatar, fill, h, icon } from "./dom.js";
import { OptionList } from "./options.js";

const MOST = 8;

/** The text field, with the mentions that were picked from the list: only those are sent as mentions. */
export class Composer {
  constructor(root, { say }) {
    this.say = say;
    this.mentions = new Map();
    this.drafts = new Map();
    this.list = new OptionList({ label: "Suggestions", pick: (option) => this.#complete(option) });
    this.popup = h("div", { class: "completion", hidden: true }, this.list.node);
    this.mirror = h("div", { class: "composer-mirror", "aria-hidden": "true" });
    this.field = h("textarea", {
      rows: 1, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id, spellcheck: "false",
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event), onblur: () => this.#hide(),
      onclick: () => this.#offer(), onscroll: () => (this.mirror.scrollTop = this.field.scrollTop),
    });
    this.list.owner = this.field;
    this.button = h("button", { type: "submit", class: "send", "aria-label": "Send message" }, icon("send"));
    this.form = h("form", { class: "composer-box", onsubmit: (event) => (event.preventDefault(), this.#send()) }, h("div", { class: "composer-field" }, this.mirror, this.field), this.button);
    this.hint = h("div", { class: "composer-hint", "aria-hidden": "true" }, h("b", {}, "Enter"), " to send · ", h("b", {}, "Shift+Enter"), " for a new line");
    root.append(this.popup, this.form, this.hint);
  }

  /** Show the composer of this person and channel; drafts of other persons and channels are kept. */
  render(channel, world) {
    const place = `${world.me}/${channel.id}`;
    this.world = world;
    if (this.place === place) return;
    if (this.place) this.drafts.set(this.place, this.field.value);
    [this.place, this.channel] = [place, channel];
    const words = channel.bot ? `Message ${channel.name}` : `Message #${channel.name}`;
    this.field.placeholder = words;
    this.field.setAttribute("aria-label", words);
    this.put(this.drafts.get(place) ?? "");
  }

  put(text) {
    this.field.value = text;
    this.#typed({ offer: false });
    this.field.setSelectionRange(text.length, text.length);
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  #typed({ offer = true } = {}) {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 220)}px`;
    this.button.classList.toggle("is-ready", Boolean(this.field.value.trim()));
    const parts = this.#split(this.field.value);
    fill(this.mirror, parts.map((part) => (part.id ? h("mark", {}, part.text) : part.text)), "\u200b");
    if (offer) this.#offer();
  }

  /** The text, split at its mentions. */
  #split(text) {
    const names = [...this.mentions.keys()].sort((one, other) => other.length - one.length);
    const parts = [];
    let words = "";
    for (let at = 0; at < text.length; ) {
      const name = names.find((each) => text.startsWith(each, at));
      if (!name) words += text[at++];
      else {
        parts.push({ text: words }, { text: name, id: this.mentions.get(name) });
        words = "";
        at += name.length;
      }
    }
    return [...parts, { text: words }];
  }

  #offer() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    const options = this.#commands(before) ?? this.#people(before) ?? this.#channels(before) ?? [];
    this.popup.hidden = !options.length;
    this.field.setAttribute("aria-expanded", String(Boolean(options.length)));
    if (options.length) this.list.set(options.slice(0, MOST));
  }

  #commands(before) {
    const typed = /^\/[\w-]*$/.exec(before)?.[0];
    if (!typed) return null;
    return this.world.commands
      .filter((each) => each.command.startsWith(typed))
      .map((each) => ({ label: each.command, hint: [each.usage_hint, each.description].filter(Boolean).join(" · "), lead: avatar({ name: "Hours", bot: true }, "is-small"), insert: `${each.command} `, from: 0 }));
  }

  #people(before) {
    const found = /(?:^|[\s(])@([\p{L}\p{N} .-]*)$/u.exec(before);
    if (!found) return null;
    const [typed, from] = [found[1].toLowerCase(), before.length - found[1].length - 1];
    const people = this.world.users
      .filter((user) => [user.name, user.handle ?? ""].some((name) => name.toLowerCase().split(" ").some((word) => word.startsWith(typed)) || name.toLowerCase().startsWith(typed)))
      .map((user) => ({ label: user.name, hint: user.handle && `@${user.handle}`, lead: avatar(user, "is-small"), insert: `@${user.name}`, id: `<@${user.id}>`, from }));
    const groups = this.world.groups
      .filter((group) => group.handle.startsWith(typed))
      .map((group) => ({ label: `@${group.handle}`, hint: group.name, insert: `@${group.handle}`, id: `<!subteam^${group.id}>`, from }));
    return [...people, ...groups];
  }

  #channels(before) {
    const found = /(?:^|[\s(])#([\w-]*)$/.exec(before);
    if (!found) return null;
    return this.world.channels
      .filter((channel) => channel.kind !== "im" && channel.name.startsWith(found[1].toLowerCase()))
      .map((channel) => ({ label: `#${channel.name}`, lead: icon(channel.kind === "private" ? "lock" : "hash"), insert: `#${channel.name}`, id: `<#${channel.id}>`, from: before.length - found[1].length - 1 }));
  }

  #complete(option) {
    const [start, end] = [option.from, this.field.selectionStart];
    const text = this.field.value;
    if (option.id) this.mentions.set(option.insert, option.id);
    const inserted = option.id ? `${option.insert} ` : option.insert;
    this.field.value = text.slice(0, start) + inserted + text.slice(end).replace(/^ /, "");
    this.field.setSelectionRange(start + inserted.length, start + inserted.length);
    this.focus();
    this.#hide();
    this.#typed({ offer: false });
  }

  #hide() {
    this.popup.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
  }

  #key(event) {
    if (event.isComposing) return;
    const open = !this.popup.hidden;
    const whole = open && event.key === "Enter" && this.list.options[this.list.active]?.insert.trim() === this.field.value.trim();
    if (open && event.key === "Escape") this.#hide();
    else if (open && event.key === "Tab" && !event.shiftKey) this.list.pick(this.list.options[this.list.active]);
    else if (open && !whole && this.list.key(event)) return;
    else if (event.key === "Enter" && !event.shiftKey) this.#send();
    else if (event.key === "ArrowUp" && !this.field.value && this.sent) this.put(this.sent);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async #send() {
    const typed = this.field.value.trim();
    if (!typed) return;
    const text = this.#split(typed).map((part) => part.id ?? part.text).join("");
    this.sent = typed;
    this.#hide();
    this.put("");
    const { place } = this;
    const { error } = await this.say(this.channel.id, text);
    // what was not sent is not lost
    if (error && this.place === place && !this.field.value) this.put(typed);
  }
}
