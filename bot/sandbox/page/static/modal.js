/** The modal on top of the stack. */

import { drawBlocks } from "./blocks.js";
import { fill, h, icon } from "./dom.js";
import { plain } from "./mrkdwn.js";
import { closePopup } from "./options.js";
import { forget, surface } from "./surface.js";

/** Shows the top of the stack in one dialog; an update keeps typed values and the focus. */
export class Modal {
  constructor({ send }) {
    this.send = send;
    this.dialog = h("dialog", {
      class: "modal", "aria-labelledby": "modal-title", "data-testid": "modal",
      oncancel: (event) => (event.preventDefault(), this.close(false)),
      onclick: (event) => event.target === this.dialog && closePopup(),
    });
    document.body.append(this.dialog);
  }

  render(stack, world) {
    const view = stack.at(-1);
    if (!view) return this.#hide();
    const shown = JSON.stringify([{ ...view, values: null }, stack.length]);
    if (this.shown === shown) return undefined;
    const fresh = this.view?.id !== view.id;
    const complained = Object.keys(view.errors).length > 0 && JSON.stringify(view.errors) !== JSON.stringify(this.view?.errors);
    Object.assign(this, { view, world, stack, shown });
    this.#draw();
    if (!this.dialog.open) {
      this.returnTo = document.activeElement;
      this.dialog.showModal();
    }
    const lost = !this.dialog.contains(document.activeElement) || document.activeElement === this.dialog;
    // a loading view had no field to focus, so the first field gets the focus now
    const waited = this.stopgap && document.activeElement?.dataset.key === this.stopgap;
    if (fresh || complained || lost || waited) this.#focusFirst();
    return undefined;
  }

  #hide() {
    if (!this.dialog.open) return;
    closePopup({ refocus: false });
    this.dialog.close();
    forget(this.view.id);
    Object.assign(this, { view: null, shown: null, busy: false });
    if (this.returnTo?.isConnected) this.returnTo.focus({ preventScroll: true });
    else document.querySelector("#composer textarea")?.focus({ preventScroll: true });
  }

  #focusFirst() {
    const first = this.dialog.querySelector("[autofocus], [aria-invalid=true]") ?? this.dialog.querySelector(".modal-body :is(input, textarea, .select)");
    const target = first ?? this.dialog.querySelector("footer button:last-child") ?? this.dialog.querySelector("header button");
    this.stopgap = first ? null : target.dataset.key;
    target.focus({ preventScroll: !first });
    if (first?.select && first.type === "text") first.select();
  }

  #context() {
    const { view, world, send } = this;
    return surface({ where: { view: view.id }, world, send, errors: view.errors, kept: view.values, blocks: view.blocks, submit: () => this.submit() });
  }

  #draw() {
    const { view, stack } = this;
    const body = h("div", { class: "modal-body" }, view.alert && h("div", { class: "alert is-error", role: "alert" }, icon("warn"), h("div", {}, view.alert)), drawBlocks(view.blocks, this.#context()));
    const at = this.dialog.querySelector(".modal-body")?.scrollTop ?? 0;
    fill(
      this.dialog,
      h(
        "form",
        { novalidate: true, onsubmit: (event) => (event.preventDefault(), this.submit()) },
        h("header", {},
          h("span", { class: "avatar is-bot is-small", "aria-hidden": "true" }, icon("clock")),
          h("h2", { id: "modal-title" }, plain(view.title.text)),
          h("button", { type: "button", class: "button is-icon", "aria-label": "Close", "data-key": "modal-x", onclick: () => this.close(true) }, icon("close"))),
        body,
        (view.submit || view.close || stack.length > 1) &&
          h("footer", {},
            h("button", { type: "button", class: "button", "data-key": "modal-cancel", onclick: () => this.close(false) }, view.close ? plain(view.close.text) : stack.length > 1 ? "Back" : "Cancel"),
            view.submit && h("button", { type: "submit", class: `button is-filled is-primary ${this.busy ? "is-busy" : ""}`, "data-key": "modal-submit", "aria-disabled": this.busy ? "true" : null }, plain(view.submit.text))),
      ),
    );
    body.scrollTop = at;
  }

  async submit() {
    if (this.busy || !this.view?.submit) return;
    const { view } = this;
    const values = this.#context().values();
    this.#busy(true);
    await this.send("submit", { view: view.id, values });
    this.#busy(false);
  }

  /** Only the button changes: a redraw could come between the press and the release of another one. */
  #busy(busy) {
    this.busy = busy;
    const button = this.dialog.querySelector("[data-key=modal-submit]");
    button?.classList.toggle("is-busy", busy);
    if (busy) button?.setAttribute("aria-disabled", "true");
    else button?.removeAttribute("aria-disabled");
  }

  close(all) {
    closePopup({ refocus: false });
    return this.send("close", { view: this.view.id, all });
  }
}
