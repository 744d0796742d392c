/** Connects the page's parts with the sandbox: receives a stream of states, and sends the actions. */

import { Composer } from "./composer.js";
import { drawBlocks } from "./blocks.js";
import { dayName, fill, h, icon, region } from "./dom.js";
import { Messages } from "./messages.js";
import { Modal } from "./modal.js";
import { Panel } from "./panel.js";
import { Sidebar } from "./sidebar.js";
import { surface } from "./surface.js";

const STEPS = [
  ["Press Enter", "/hours me"],
  ["Edit your week", "and save it"],
  ["Undo it", "with one click"],
];
/** Lines to try in the composer after the three steps. */
const NEXT = ["/hours set fri off from tomorrow", "/hours remind weekdays 9:00"];
/** Actions whose errors are shown where the person acted, and so not in a toast. */
const SAID_ELSEWHERE = new Set(["suggest", "week"]);
const at = (id) => document.getElementById(id);

class App {
  constructor() {
    const [me, channel] = decodeURIComponent(location.hash.slice(1)).split("/");
    Object.assign(this, { me: me || "U0ANA", channel: channel || "C0STUDIO", tab: "messages", data: null });
    this.send = this.send.bind(this);
    this.sidebar = new Sidebar(at("sidebar"), { go: (id) => this.go(id), become: (id) => this.become(id) });
    this.messages = new Messages(at("messages"), { send: this.send });
    this.composer = new Composer(at("composer"), { say: (place, text) => this.send("say", { channel: place, text }) });
    this.modal = new Modal({ send: this.send });
    this.panel = new Panel(at("panel"), { send: this.send, close: () => this.openPanel(false) });
    at("panel-toggle").addEventListener("click", () => this.openPanel(at("panel").hidden));
    at("panel").addEventListener("keydown", (event) => event.key === "Escape" && this.openPanel(false));
    at("sidebar-toggle").addEventListener("click", () => this.openSidebar(true));
    at("scrim").addEventListener("click", () => this.openSidebar(false));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.openSidebar(false));
    document.addEventListener("pointerdown", (event) => (this.pressed = event.button === 0 && Boolean(event.target.closest("button, a, label"))), true);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(() => this.#released()), true);
    window.addEventListener("blur", () => this.#released());
    this.openPanel(sessionStorage.getItem("panel") === "open");
    this.connect();
  }

  connect() {
    this.stream?.close();
    const stream = (this.stream = new EventSource(`page/events?as=${encodeURIComponent(this.me)}`));
    const on = (name, act) => stream.addEventListener(name, (event) => this.stream === stream && act(JSON.parse(event.data)));
    on("state", (data) => this.take(data));
    on("calls", (calls) => this.panel.restart(calls));
    on("call", (call) => this.panel.add(call));
    stream.onerror = () => {
      at("offline").hidden = false;
      if (stream.readyState === EventSource.CLOSED && this.me !== "U0ANA") this.become("U0ANA");
    };
    stream.onopen = () => (at("offline").hidden = true);
  }

  async send(act, details) {
    try {
      const answer = await fetch("page/act", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ as: this.me, act, ...details }) });
      const result = await answer.json();
      if (result.error && !SAID_ELSEWHERE.has(act)) this.toast(result.error);
      return result;
    } catch {
      return { error: "The sandbox does not answer. Is it still running?" };
    }
  }

  /** Draw a new state of the whole workspace, as this person sees it; but a click on what is replaced while it is pressed would be lost. */
  take(data) {
    if (this.pressed) return void (this.late = data);
    const first = !this.data || (this.data.steps[0] && !data.steps[0]);
    if (this.data && first) sessionStorage.removeItem("steps");
    this.data = data;
    this.skew = Date.parse(data.now) - Date.now();
    if (!data.channels.some((each) => each.id === this.channel)) this.channel = data.channels[0].id;
    this.world = this.#world(data);
    this.render();
    if (first && !data.steps[0] && this.channel === "C0STUDIO") this.composer.put("/hours me");
    if (this.proposed) this.composer.put(this.proposed);
    if ((first || this.proposed) && !this.modal.dialog.open) this.composer.focus();
    this.proposed = null;
  }

  #released() {
    const { late } = this;
    Object.assign(this, { pressed: false, late: null });
    if (late && late.me === this.me) this.take(late);
  }

  #world(data) {
    const find = (list) => (id) => list.find((each) => each.id === id);
    const me = find(data.users)(data.me);
    const now = () => (Date.now() + this.skew) / 1000;
    const dayLabel = (moment) => {
      const day = dayName(moment, me.zone);
      return { [dayName(now(), me.zone)]: "Today", [dayName(now() - 86400, me.zone)]: "Yesterday" }[day] ?? day;
    };
    return {
      me: data.me, zone: me.zone, users: data.users.filter((user) => !user.hidden), channels: data.channels, groups: data.groups, commands: data.commands,
      user: find(data.users), channel: find(data.channels), group: find(data.groups), now, dayLabel,
    };
  }

  become(id) {
    this.me = id;
    this.tab = "messages";
    this.openSidebar(false);
    this.connect();
  }

  go(id) {
    this.channel = id;
    this.tab = "messages";
    this.openSidebar(false);
    this.render();
    this.composer.focus();
  }

  render() {
    const { data, world } = this;
    const channel = data.channels.find((each) => each.id === this.channel);
    history.replaceState(null, "", `#${this.me}/${this.channel}`);
    document.title = `${channel.unread ? "● " : ""}${channel.bot ? "" : "#"}${channel.name} · ${data.workspace}`;
    this.sidebar.render(data, { channel: this.channel }, world);
    this.#head(channel);
    this.#strip();
    const home = channel.bot && this.tab === "home";
    at("home").hidden = !home;
    at("messages").hidden = at("composer").hidden = home;
    if (home) this.#home();
    else {
      this.messages.render(channel, data.messages[channel.id] ?? [], world);
      at("messages").setAttribute("aria-label", channel.bot ? `Messages with ${channel.name}` : `Messages in #${channel.name}`);
      this.composer.render(channel, world);
      if (channel.unread && document.visibilityState === "visible") this.send("read", { channel: channel.id });
    }
    this.modal.render(data.modals, world);
    this.panel.render(data, world);
  }

  #head(channel) {
    region(at("head"), [channel.id, channel.name, channel.members, channel.topic, this.tab], () => [
      h("h1", {}, channel.bot ? null : icon(channel.kind === "private" ? "lock" : "hash"), channel.name),
      channel.bot && h("span", { class: "badge" }, "APP"),
      channel.topic && h("span", { class: "head-topic" }, channel.topic),
      channel.bot && h("div", { class: "tabs", role: "tablist", "aria-label": `${channel.name} app` }, [["home", "Home"], ["messages", "Messages"]].map(([id, words]) => this.#headTab(id, words))),
    ]);
  }

  #headTab(id, words) {
    const other = id === "home" ? "messages" : "home";
    return h("button", {
      type: "button", role: "tab", "data-key": `head-${id}`, "aria-selected": String(this.tab === id), "aria-controls": id, tabindex: this.tab === id ? "0" : "-1",
      onclick: () => this.show(id),
      onkeydown: (event) => ["ArrowLeft", "ArrowRight"].includes(event.key) && (this.show(other), at("head").querySelector("[aria-selected=true]").focus()),
    }, words);
  }

  show(tab) {
    this.tab = tab;
    this.render();
    this.send("tab", { tab });
  }

  #home() {
    const view = this.data.home;
    region(at("home"), [view, this.me], () => {
      if (!view) return h("p", { class: "nothing" }, "The bot has put nothing here yet.");
      const ctx = surface({ where: { view: view.id }, world: this.world, send: this.send, kept: view.values, blocks: view.blocks });
      return h("div", { class: "home-body", "data-testid": "home" }, drawBlocks(view.blocks, ctx));
    });
  }

  #strip() {
    const { steps } = this.data;
    const closed = sessionStorage.getItem("steps") === "closed";
    at("steps").hidden = closed;
    if (closed) return;
    const done = steps.every(Boolean);
    at("steps").classList.toggle("is-done", done);
    region(at("steps"), [steps], () => [
      h("ol", {}, STEPS.map(([words, more], index) => h("li", { class: steps[index] ? "is-done" : "", "aria-current": !steps[index] && steps.slice(0, index).every(Boolean) ? "step" : null }, h("span", { class: "step-mark", "aria-hidden": "true" }, steps[index] ? icon("check") : String(index + 1)), h("span", {}, h("b", {}, words), " ", h("span", { class: "step-more" }, more), steps[index] && h("span", { class: "unseen" }, " (done)"))))),
      h("p", { class: "steps-next" }, done && ["Next, as Mia: ", this.#line(NEXT[0]), " or ", this.#line(NEXT[1]), h("span", { class: "steps-later" }, ", then move the clock behind the scenes.")]),
      h("button", { type: "button", class: "button is-icon", "aria-label": "Hide the steps", onclick: () => (sessionStorage.setItem("steps", "closed"), this.#strip()) }, icon("close")),
    ]);
  }

  #line(text) {
    return h("button", { type: "button", class: "line", onclick: () => ((this.proposed = text), this.become("U0MIA")) }, text);
  }

  openPanel(open) {
    at("panel").hidden = !open;
    at("panel-toggle").setAttribute("aria-expanded", String(open));
    sessionStorage.setItem("panel", open ? "open" : "closed");
    if (!this.data) return;
    if (open) this.panel.focus();
    else at("panel-toggle").focus();
  }

  openSidebar(open) {
    document.body.classList.toggle("has-drawer", open);
    at("sidebar-toggle").setAttribute("aria-expanded", String(open));
    if (open) at("sidebar").querySelector("[aria-current]")?.focus();
  }

  toast(words) {
    fill(at("toast"), icon("warn"), h("span", {}, words));
    at("toast").classList.add("is-shown");
    clearTimeout(this.fading);
    this.fading = setTimeout(() => at("toast").classList.remove("is-shown"), 6000);
  }
}

new App();
