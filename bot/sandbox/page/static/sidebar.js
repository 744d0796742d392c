/** The sidebar: the person to act as, channels and direct messages, with unread counts. */

import { avatar, h, icon, region } from "./dom.js";

export class Sidebar {
  constructor(root, { go, become }) {
    Object.assign(this, { root, go, become });
  }

  render(data, here, world) {
    const shown = [data.me, data.users, data.channels, here.channel, data.workspace];
    region(this.root, shown, () => [this.#who(data, world), this.#channels(data, here), this.#about()]);
  }

  #who(data, world) {
    const me = world.user(data.me);
    const line = (user) => h("option", { value: user.id, selected: user.id === data.me }, `${user.unread ? "● " : ""}${user.name} · ${user.note}`);
    return [
      h("div", { class: "workspace" }, h("span", { class: "workspace-mark", "aria-hidden": "true" }, data.workspace[0]), h("strong", {}, data.workspace)),
      h(
        "label",
        { class: "act-as" },
        h("span", { class: "act-as-label" }, "Act as"),
        avatar(me),
        h("span", { class: "act-as-name", "aria-hidden": "true" }, h("b", {}, me.name), h("small", {}, me.note)),
        icon("down"),
        h("select", { "aria-label": "Act as", "data-key": "act-as", onchange: (event) => this.become(event.target.value) }, data.users.filter((user) => user.playable).map(line)),
      ),
    ];
  }

  #channels(data, here) {
    const item = (channel) =>
      h(
        "li",
        {},
        h(
          "a",
          {
            href: `#${data.me}/${channel.id}`, class: `place ${channel.unread ? "is-unread" : ""}`, "data-key": `place-${channel.id}`,
            "aria-current": channel.id === here.channel ? "page" : null,
            onclick: (event) => (event.preventDefault(), this.go(channel.id)),
          },
          channel.bot ? avatar({ name: channel.name, bot: true }, "is-small") : icon(channel.kind === "private" ? "lock" : "hash"),
          h("span", { class: "place-name" }, channel.name),
          channel.unread > 0 && h("span", { class: "unread", "aria-label": `${channel.unread} unread` }, String(channel.unread)),
        ),
      );
    const section = (words, channels) => h("section", {}, h("h2", {}, words), h("ul", {}, channels.map(item)));
    return h("nav", { class: "places", "aria-label": "Channels and messages" }, section("Channels", data.channels.filter((each) => !each.bot && !each.archived)), section("Apps", data.channels.filter((each) => each.bot)));
  }

  #about() {
    return h("p", { class: "about" }, "A Slack and a Focus on this machine. The bot between them is the real one.");
  }
}
