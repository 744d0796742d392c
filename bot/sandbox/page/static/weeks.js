/** The weeks in Focus: highlighted when they change, and editable as on Focus's own page. */

import { fill, h, icon } from "./dom.js";

/** With more lines than this there is a field to find somebody. */
const AT_A_GLANCE = 20;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Hours with two decimals at most; a field with the focus shows the exact hours. */
const short = (hours) => (hours === "" ? "" : String(Number(Number(hours).toFixed(2))));

export class Weeks {
  constructor({ send }) {
    this.send = send;
    this.lines = new Map();
    this.table = h("table", { class: "weeks" });
    this.said = h("p", { class: "panel-note", role: "status" });
    this.find = h("input", { class: "field weeks-find", type: "search", placeholder: "Find somebody", "aria-label": "Find somebody", oninput: () => this.#sift() });
    this.node = h(
      "div",
      {},
      h("p", { class: "panel-note" }, "What is stored in Focus. Change a number here as somebody would on Focus’s own page, behind the bot’s back. Empty is not set, 0 is off."),
      this.find,
      h("div", { class: "weeks-frame" }, this.table),
      this.said,
    );
  }

  render(weeks) {
    const people = JSON.stringify(weeks.map((line) => [line.kind, line.id, line.name]));
    if (this.people !== people) this.#build(weeks);
    this.people = people;
    for (const line of weeks) {
      const shown = JSON.stringify(line);
      const drawn = this.lines.get(`${line.kind}-${line.id}`);
      if (drawn.shown === shown) continue;
      drawn.shown = shown;
      drawn.fields.forEach((field, index) => this.#put(field, line.days[index] ?? "", line.doubled.includes(index + 1)));
      drawn.total.textContent = Number(Number(line.total).toFixed(2));
    }
  }

  #build(weeks) {
    this.lines.clear();
    const rows = weeks.map((line, index) => {
      const total = h("td", { class: "weeks-total" });
      const fields = DAYS.map((day, at) => this.#field(line, day, at + 1));
      const row = h("tr", {}, h("th", { scope: "row", title: `${line.name} (${line.kind} ${line.id})` }, line.name), fields.map((field) => h("td", {}, field)), total);
      this.lines.set(`${line.kind}-${line.id}`, { name: line.name.toLowerCase(), row, fields, total });
      const first = line.kind === "ghost" && weeks[index - 1]?.kind !== "ghost";
      return [first && h("tr", { class: "weeks-split" }, h("th", { colspan: "9" }, "Placeholders")), row];
    });
    fill(this.table, h("thead", {}, h("tr", {}, h("th", {}, h("span", { class: "unseen" }, "Person")), DAYS.map((day) => h("th", { scope: "col" }, day)), h("th", { scope: "col" }, "Σ"))), h("tbody", {}, rows));
    this.find.hidden = weeks.length <= AT_A_GLANCE;
    if (this.find.hidden) this.find.value = "";
    this.#sift();
  }

  #field(line, day, number) {
    const field = h("input", {
      inputmode: "decimal", maxlength: "7", "aria-label": `${line.name}, ${day}`,
      onfocus: () => ((field.value = field.dataset.hours), field.select()),
      onblur: () => (field.value = short(field.dataset.hours)),
      onchange: () => this.#edit(line, number, field),
      onkeydown: (event) => event.key === "Enter" && field.blur(),
    });
    return field;
  }

  /** Show only people whose names contain the typed text; headings are hidden while there is any. */
  #sift() {
    const typed = this.find.value.trim().toLowerCase();
    for (const { name, row } of this.lines.values()) row.hidden = !name.includes(typed);
    for (const heading of this.table.querySelectorAll(".weeks-split")) heading.hidden = typed !== "";
  }

  #put(field, hours, doubled) {
    const known = field.dataset.hours;
    field.parentElement.classList.toggle("is-doubled", doubled);
    field.title = doubled ? "Two rows for this day: a fault" : hours === "" ? "not set" : hours === "0" ? "off" : `${hours} h`;
    field.classList.toggle("is-off", Number(hours) === 0);
    if (known === hours) return;
    field.dataset.hours = hours;
    if (document.activeElement !== field) field.value = short(hours);
    if (known === undefined) return;
    field.classList.remove("is-lit");
    void field.offsetWidth; // forces a layout, so that the animation starts again
    field.classList.add("is-lit");
  }

  async #edit(line, day, field) {
    const typed = field.value.trim().replace(",", ".");
    const result = await this.send("week", { kind: line.kind, id: line.id, day, hours: typed === "" ? null : typed });
    if (result.error) field.value = short(field.dataset.hours);
    fill(this.said, result.error && [icon("warn"), " ", result.error]);
  }
}
