/** Draws Block Kit. `ctx` has the world (names, zone), the values, and what to do on a click. */

import { h, icon } from "./dom.js";
import { element } from "./elements.js";
import { markdown, mrkdwn, plain } from "./mrkdwn.js";

const words = (text, ctx) => (text.type === "mrkdwn" ? mrkdwn(text.text, ctx.world) : plain(text.text));

function run(piece, ctx) {
  const style = piece.style ?? {};
  const made = {
    text: () => piece.text,
    link: () => (/^(https?:|mailto:)/i.test(piece.url) ? h("a", { href: piece.url, target: "_blank", rel: "noreferrer" }, piece.text ?? piece.url) : piece.text ?? piece.url),
    user: () => mrkdwn(`<@${piece.user_id}>`, ctx.world),
    channel: () => mrkdwn(`<#${piece.channel_id}>`, ctx.world),
    usergroup: () => mrkdwn(`<!subteam^${piece.usergroup_id}>`, ctx.world),
    broadcast: () => mrkdwn(`<!${piece.range}>`, ctx.world),
    emoji: () => plain(`:${piece.name}:`),
    date: () => mrkdwn(`<!date^${piece.timestamp}^${piece.format}|${piece.fallback ?? ""}>`, ctx.world),
  }[piece.type];
  let node = made ? made() : "";
  for (const [name, tag] of [["bold", "strong"], ["italic", "em"], ["strike", "s"], ["code", "code"], ["underline", "u"]]) {
    if (style[name]) node = h(tag, {}, node);
  }
  return node;
}

const lines = (text) => text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
const runs = (pieces, ctx) => pieces.map((piece) => (piece.type === "text" && !piece.style ? lines(piece.text) : run(piece, ctx)));

function richText(block, ctx) {
  return block.elements.map((part) => {
    if (part.type === "rich_text_list") {
      const items = part.elements.map((item) => h("li", {}, runs(item.elements, ctx)));
      return h(part.style === "ordered" ? "ol" : "ul", { style: `margin-left:${(part.indent ?? 0) * 20}px` }, items);
    }
    const tag = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" }[part.type] ?? "div";
    return h(tag, {}, runs(part.elements, ctx));
  });
}

function table(block, ctx) {
  const cell = (item, at, tag) => {
    const { align, is_wrapped: wraps } = block.column_settings?.[at] ?? {};
    const body = item.type === "rich_text" ? richText(item, ctx) : plain(item.text);
    return h(tag, { style: `text-align:${align ?? "left"};white-space:${wraps ? "normal" : "nowrap"}`, scope: tag === "th" ? "col" : null }, body);
  };
  const [head, ...body] = block.rows;
  return h(
    "div",
    { class: "table-frame", tabindex: "0", role: "group", "aria-label": "Table" },
    h("table", {}, h("thead", {}, h("tr", {}, head.map((item, at) => cell(item, at, "th")))), h("tbody", {}, body.map((row) => h("tr", {}, row.map((item, at) => cell(item, at, "td")))))),
  );
}

function input(block, ctx) {
  const error = ctx.errors[block.block_id];
  const id = ctx.describedBy(block);
  // a click anywhere in a label around a list would open the list
  const group = /select$|^(checkboxes|radio_buttons)$/.test(block.element.type);
  const control = element(block.element, block, ctx);
  return h(
    group ? "div" : "label",
    { class: `input-block ${error ? "has-error" : ""}`, "data-block": block.block_id },
    h("span", { class: "input-label" }, plain(block.label.text), block.optional && h("span", { class: "input-optional" }, " (optional)")),
    control,
    error && h("span", { class: "input-error", id, role: "alert" }, icon("warn"), error),
    !error && block.hint && h("span", { class: "input-hint", id }, plain(block.hint.text)),
  );
}

const DRAWN = {
  section: (block, ctx) =>
    h(
      "div",
      { class: `section ${block.accessory ? "has-accessory" : ""}` },
      h(
        "div",
        { class: "section-body" },
        block.text && h("div", { class: "section-text" }, words(block.text, ctx)),
        block.fields && h("div", { class: "section-fields" }, block.fields.map((field) => h("div", {}, words(field, ctx)))),
      ),
      block.accessory && h("div", { class: "section-accessory" }, element(block.accessory, block, ctx)),
    ),
  header: (block) => h("h3", { class: "header-block" }, plain(block.text.text)),
  context: (block, ctx) => h("div", { class: "context" }, block.elements.map((item) => (item.type === "image" ? null : h("span", {}, words(item, ctx))))),
  actions: (block, ctx) => h("div", { class: "actions" }, block.elements.map((item) => element(item, block, ctx))),
  divider: () => h("hr"),
  input,
  rich_text: (block, ctx) => h("div", { class: "rich-text" }, richText(block, ctx)),
  table,
  alert: (block, ctx) =>
    h("div", { class: `alert is-${block.level ?? "default"}`, role: "note" }, icon(["warning", "error"].includes(block.level) ? "warn" : block.level === "success" ? "check" : "info"), h("div", {}, words(block.text, ctx))),
  markdown: (block, ctx) => h("div", { class: "markdown" }, markdown(block.text, ctx.world)),
};

/** Draw all blocks in order. */
export const drawBlocks = (blocks, ctx) =>
  blocks.map((block) => h("div", { class: `block block-${block.type}`, "data-block": block.block_id }, DRAWN[block.type]?.(block, ctx) ?? h("span", { class: "unknown" }, `(${block.type})`)));
