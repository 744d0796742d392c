/** The small dialog that asks before a button acts. */

import { h } from "./dom.js";
import { mrkdwn, plain } from "./mrkdwn.js";

const words = (text, world) => (text.type === "mrkdwn" ? mrkdwn(text.text, world) : plain(text.text));

/** Ask, and resolve to whether the person agreed. */
export function confirmDialog(asked, world) {
  return new Promise((decide) => {
    const dialog = h(
      "dialog",
      { class: "modal is-confirm", "aria-labelledby": "confirm-title", onclose: () => (dialog.remove(), decide(dialog.returnValue === "yes")) },
      h("form", { method: "dialog" },
        h("header", {}, h("h2", { id: "confirm-title" }, plain(asked.title.text))),
        h("div", { class: "modal-body" }, words(asked.text, world)),
        h("footer", {},
          h("button", { class: "button", value: "no" }, plain(asked.deny.text)),
          h("button", { class: `button is-filled ${asked.style === "danger" ? "is-danger" : "is-primary"}`, value: "yes" }, plain(asked.confirm.text)))),
    );
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("[value=yes]").focus();
  });
}
