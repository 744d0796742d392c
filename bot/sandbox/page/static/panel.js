/** The side panel: each call as it happens, the weeks in Focus, and the faults to switch on. */

import { clockTime, fill, h, icon, inZone, region } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { Weeks } from "./weeks.js";

const TABS = [["calls", "Calls"], ["weeks", "Weeks in Focus"], ["trouble", "Trouble and time"]];

const failed = (call) => call.status === null || call.status >= 400 || call.response?.ok === false;

function status(call) {
  if (call.response?.ok === false) return call.response.error;
  if (call.status !== null) return call.status;
  return call.direction === "out" ? "not answered" : "cut";
}

/** A call's summary; if that is only the method's name, which is shown anyway, the text of the request. */
function summary(call) {
  const words = call.summary.replace(/ \(fault: .*\)$/, "");
  return words === call.name ? plain(call.request?.text ?? call.request?.view?.title?.text ?? "") : words;
}

function json(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

export class Panel {
  constructor(root, { send, close }) {
    this.send = send;
    this.tab = sessionStorage.getItem("panel-tab") ?? "calls";
    this.calls = new Map();
    this.tabs = TABS.map(([id, words]) =>
      h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, onclick: () => this.#show(id), onkeydown: (event) => this.#arrow(event, id) }, words),
    );
    this.list = h("ol", { class: "calls", "aria-label": "Calls, newest first" });
    this.empty = h("p", { class: "panel-note" }, "Nothing has been said yet. Type something to the bot and each call appears here.");
    this.weeks = new Weeks({ send });
    this.trouble = h("div", {});
    this.bodies = {
      calls: h("div", {}, h("p", { class: "panel-note" }, "What Slack, the bot and Focus say to each other, newest first."), this.list, this.empty),
      weeks: this.weeks.node,
      trouble: this.trouble,
    };
    for (const [id] of TABS) {
      Object.assign(this.bodies[id], { id: `panel-${id}`, className: "panel-body" });
      this.bodies[id].setAttribute("role", "tabpanel");
      this.bodies[id].setAttribute("aria-labelledby", `tab-${id}`);
      this.bodies[id].tabIndex = 0;
    }
    root.append(
      h("header", { class: "panel-head" }, h("h2", {}, "Behind the scenes"), h("button", { type: "button", class: "button is-icon", "aria-label": "Close panel", onclick: close }, icon("close"))),
      h("div", { class: "tabs", role: "tablist", "aria-label": "Behind the scenes" }, this.tabs),
      ...Object.values(this.bodies),
    );
    this.#show(this.tab);
  }

  #show(id) {
    this.tab = id;
    sessionStorage.setItem("panel-tab", id);
    TABS.forEach(([each], index) => {
      this.tabs[index].setAttribute("aria-selected", String(each === id));
      this.tabs[index].tabIndex = each === id ? 0 : -1;
      this.bodies[each].hidden = each !== id;
    });
  }

  focus() {
    this.tabs[TABS.findIndex(([each]) => each === this.tab)].focus();
  }

  #arrow(event, id) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (TABS.findIndex(([each]) => each === id) + step + TABS.length) % TABS.length;
    this.#show(TABS[next][0]);
    this.tabs[next].focus();
  }

  /** Show all calls known so far, after a connection or a reset. */
  restart(calls) {
    this.calls.clear();
    fill(this.list);
    for (const call of calls) this.add(call, { quietly: true });
    this.empty.hidden = calls.length > 0;
  }

  add(call, { quietly = false } = {}) {
    if (this.calls.has(call.n)) return;
    this.calls.set(call.n, call);
    this.empty.hidden = true;
    const line = this.#line(call);
    if (quietly || !this.list.offsetParent) line.classList.add("is-old");
    this.list.prepend(line);
    while (this.list.children.length > 200) this.list.lastElementChild.remove();
  }

  #line(call) {
    const service = call.service === "slack" ? "Slack" : "Focus";
    const [from, to] = call.direction === "in" ? ["Bot", service] : [service, "Bot"];
    const details = h(
      "details",
      // the JSON is drawn when the details are opened, and not for each of a thousand calls
      { ontoggle: () => details.open && details.children.length < 2 && details.append(h("div", { class: "call-json" }, h("h4", {}, `${from} said`), h("pre", { tabindex: "0" }, json(call.request ?? "nothing")), h("h4", {}, `${to} answered`), h("pre", { tabindex: "0" }, json(call.response ?? (call.status === null ? "no answer" : "nothing"))))) },
      h(
        "summary",
        {},
        h("span", { class: `call-way is-${call.service}`, title: `${from} to ${to}` }, from, icon("arrowOut"), to),
        h("span", { class: "call-name", title: call.name }, call.name.replace(/\/organizations\/\d+/, " …").replace("  ", " ")),
        h("span", { class: `call-status ${failed(call) ? "is-bad" : ""}` }, String(status(call))),
        h("span", { class: "call-ms" }, `${call.ms < 10 ? call.ms.toFixed(1) : Math.round(call.ms)} ms`),
        h("span", { class: "call-summary" }, summary(call)),
        call.fault && h("span", { class: "call-fault", title: "This call met a fault that is switched on" }, call.fault.replace(/_/g, " ")),
      ),
    );
    return h("li", { class: "call", "data-testid": "call", title: clockTime(call.at) }, details);
  }

  render(data, world) {
    this.weeks.render(data.weeks);
    const zone = world.zone;
    region(this.trouble, [data.faults, inZone(data.now, zone, { hour: "2-digit", minute: "2-digit", day: "numeric" }), zone], () => [
      h("h3", {}, "The clock"),
      h("p", { class: "panel-time", role: "status" }, h("b", {}, inZone(data.now, zone, { weekday: "long", day: "numeric", month: "short" })), ` ${clockTime(data.now, zone)} `, h("span", {}, zone.replace("_", " "))),
      h("p", { class: "panel-note" }, "On its way it stops wherever the bot has something to do: reminders and plans come in their time."),
      h("div", { class: "actions" }, this.#moves()),
      h("h3", {}, "What can go wrong"),
      ...["focus", "slack"].map((service) =>
        h("fieldset", { class: "faults" }, h("legend", {}, service === "focus" ? "Focus" : "Slack"), data.faults.filter((fault) => fault.key.startsWith(service)).map((fault) => this.#fault(fault))),
      ),
      h("h3", {}, "Begin again"),
      h("p", { class: "panel-note" }, "Everything starts over: channels, weeks, faults, and what the bot remembers. Only the clock goes on from where it is."),
      h("button", { type: "button", class: "button is-danger", "data-key": "reset", onclick: () => this.send("reset", {}) }, "Reset"),
    ]);
  }

  #fault(fault) {
    return h(
      "label",
      { class: "switch" },
      h("input", { type: "checkbox", role: "switch", checked: fault.on, "data-key": `fault-${fault.key}`, onchange: (event) => this.send("fault", { key: fault.key, on: event.target.checked }) }),
      h("span", { class: "switch-track", "aria-hidden": "true" }),
      h("span", {}, fault.sentence),
    );
  }

  #moves() {
    const move = (words, to) => h("button", { type: "button", class: "button", "data-key": `clock-${words}`, onclick: () => this.send("clock", to) }, words);
    const hours = h("input", { class: "field is-short", type: "number", min: "1", max: "8760", value: "8", "aria-label": "Hours to move the clock", "data-key": "clock-hours" });
    return [
      move("+1 hour", { seconds: 3600 }),
      move("+1 day", { seconds: 86400 }),
      move("Monday 9:00", { to: "monday" }),
      move("1st of next month, 9:00", { to: "month" }),
      move("What is due next", { to: "due" }),
      h("form", { class: "inline", onsubmit: (event) => (event.preventDefault(), Number(hours.value) > 0 && this.send("clock", { seconds: Number(hours.value) * 3600 })) }, hours, h("button", { class: "button", type: "submit" }, "hours later")),
    ];
  }
}
