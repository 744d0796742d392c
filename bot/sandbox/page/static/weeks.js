/** The weeks as Focus holds them: lit when they change, and editable as on Focus's own page. */

import { fill, h, icon } from "./dom.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Two decimals are enough to look at; the exact hours come with the focus. */
const short = (hours) => (hours === "" ? "" : String(Number(Number(hours).toFixed(2))));

export class Weeks {
  constructor({ send }) {
    this.send = send;
    this.fields = new Map();
    this.table = h("table", { class: "weeks" });
    this.said = h("p", { class: "panel-note", role: "status" });
    this.node = h(
      "div",
      {},
      h("p", { class: "panel-note" }, "What is stored in Focus. Change a number here as somebody would on Focus’s own page, behind the bot’s back. Empty is not set, 0 is off."),
      h("div", { class: "weeks-frame" }, this.table),
      this.said,
    );
  }

  render(weeks) {
    const people = JSON.stringify(weeks.map((line) => [line.kind, line.id, line.name]));
    if (this.people !== people) this.#build(weeks);
    this.people = people;
    for (const line of weeks) line.days.forEach((hours, index) => this.#put(line, index + 1, hours ?? ""));
    for (const line of weeks) this.fields.get(`${line.kind}-${line.id}`).textContent = Number(Number(line.total).toFixed(2));
  }

  #build(weeks) {
    this.fields.clear();
    const rows = weeks.map((line, index) => {
      const total = h("td", { class: "weeks-total" });
      this.fields.set(`${line.kind}-${line.id}`, total);
      const cells = DAYS.map((day, at) => {
        const field = h("input", {
          inputmode: "decimal", maxlength: "7", "aria-label": `${line.name}, ${day}`,
          onfocus: () => ((field.value = field.dataset.hours), field.select()),
          onblur: () => (field.value = short(field.dataset.hours)),
          onchange: () => this.#edit(line, at + 1, field),
          onkeydown: (event) => event.key === "Enter" && field.blur(),
        });
        this.fields.set(`${line.kind}-${line.id}-${at + 1}`, field);
        return h("td", {}, field);
      });
      const first = line.kind === "ghost" && weeks[index - 1]?.kind !== "ghost";
      return [first && h("tr", { class: "weeks-split" }, h("th", { colspan: "9" }, "Placeholders")), h("tr", {}, h("th", { scope: "row", title: `${line.name} (${line.kind} ${line.id})` }, line.name), cells, total)];
    });
    fill(this.table, h("thead", {}, h("tr", {}, h("th", {}, h("span", { class: "unseen" }, "Person")), DAYS.map((day) => h("th", { scope: "col" }, day)), h("th", { scope: "col" }, "Σ"))), h("tbody", {}, rows));
  }

  #put(line, day, hours) {
    const field = this.fields.get(`${line.kind}-${line.id}-${day}`);
    const doubled = line.doubled.includes(day);
    const known = field.dataset.hours;
    field.parentElement.classList.toggle("is-doubled", doubled);
    field.title = doubled ? "Two rows for this day: a fault" : hours === "" ? "not set" : hours === "0" ? "off" : `${hours} h`;
    field.classList.toggle("is-off", Number(hours) === 0);
    if (known === hours) return;
    field.dataset.hours = hours;
    if (document.activeElement !== field) field.value = short(hours);
    if (known === undefined) return;
    field.classList.remove("is-lit");
    void field.offsetWidth; // begins the animation again
    field.classList.add("is-lit");
  }

  async #edit(line, day, field) {
    const typed = field.value.trim().replace(",", ".");
    const result = await this.send("week", { kind: line.kind, id: line.id, day, hours: typed === "" ? null : typed });
    if (result.error) field.value = short(field.dataset.hours);
    fill(this.said, result.error && [icon("warn"), " ", result.error]);
  }
}
