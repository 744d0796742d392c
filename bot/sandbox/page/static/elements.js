/** Interactive elements of Block Kit. Each shows `ctx.value(…)` and reports changes to `ctx.changed(…)`. */

import { avatar, fill, h, icon } from "./dom.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { popup } from "./options.js";

const words = (text, ctx) => (text?.type === "mrkdwn" ? mrkdwn(text.text, ctx.world) : plain(text?.text ?? ""));

/** An element's initial value. */
export function initial(element) {
  const keys = [
    "initial_value", "initial_option", "initial_options", "initial_user", "initial_users", "initial_channel",
    "initial_channels", "initial_conversation", "initial_conversations", "initial_date", "initial_time", "initial_date_time",
  ];
  const key = keys.find((name) => name in element);
  if (key) return element[key];
  return element.type === "checkboxes" || element.type.startsWith("multi_") ? [] : null;
}

const same = (one, other) => JSON.stringify(one?.value ?? one) === JSON.stringify(other?.value ?? other);

/** Ask for confirmation first, if the element has a `confirm` dialog. */
async function confirmed(element, ctx, act) {
  if (!element.confirm || (await ctx.confirm(element.confirm))) await act();
}

function button(element, block, ctx) {
  const classes = ["button", element.style === "primary" && "is-primary", element.style === "danger" && "is-danger"];
  const node = h(
    element.url ? "a" : "button",
    {
      class: classes.filter(Boolean).join(" "), "data-key": ctx.key(block, element), "aria-label": element.accessibility_label,
      "data-action": element.action_id,
      ...(element.url && /^https?:/i.test(element.url)
        ? { href: element.url, target: "_blank", rel: "noreferrer" }
        : { type: "button" }),
      onclick: () =>
        confirmed(element, ctx, async () => {
          node.classList.add("is-busy");
          await ctx.act(block, element, element.value ?? null);
          node.classList.remove("is-busy");
        }),
    },
    plain(element.text.text),
  );
  return node;
}

function overflow(element, block, ctx) {
  const node = h(
    "button",
    {
      type: "button", class: "button is-icon", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false",
      "data-key": ctx.key(block, element), "data-action": element.action_id,
      onclick: () =>
        popup(node, {
          label: "More actions", role: "menu",
          load: () => ({ options: element.options.map((option) => ({ label: plain(option.text.text), hint: option.description && plain(option.description.text), option })) }),
          pick: ({ option }) => confirmed(element, ctx, () => ctx.act(block, element, option)),
        }),
    },
    icon("more"),
  );
  return node;
}

/** A select's choices, as options of a list. */
function choices(element, block, ctx) {
  const option = (item, group) => ({ label: plain(item.text.text), hint: item.description && plain(item.description.text), group, value: item });
  const grouped = (source) => [
    ...(source.options ?? []).map((item) => option(item)),
    ...(source.option_groups ?? []).flatMap((group) => group.options.map((item) => option(item, plain(group.label.text)))),
  ];
  const matching = (lines, typed) =>
    lines.filter((line) => `${line.label} ${line.hint ?? ""}`.toLowerCase().includes(typed.trim().toLowerCase()));
  const kind = element.type.replace("multi_", "");
  if (kind === "external_select") {
    const least = element.min_query_length ?? 3;
    return (typed) =>
      typed.length < least
        ? { options: [], empty: `Type ${least - typed.length} more ${least - typed.length === 1 ? "letter" : "letters"}` }
        : ctx.suggest(block, element, typed).then((found) => (found.error ? { options: [], empty: "Couldn’t load the options" } : { options: grouped(found) }));
  }
  const lists = {
    static_select: () => grouped(element),
    users_select: () => ctx.world.users.map((user) => ({ label: user.name, hint: user.handle && `@${user.handle}`, lead: avatar(user, "is-small"), value: user.id })),
    channels_select: () => ctx.world.channels.filter((each) => each.kind === "channel").map((each) => ({ label: `# ${each.name}`, value: each.id })),
    conversations_select: () => ctx.world.channels.map((each) => ({ label: each.kind === "im" ? each.name : `# ${each.name}`, value: each.id })),
  };
  return (typed) => ({ options: matching(lists[kind]?.() ?? [], typed) });
}

function named(value, element, ctx) {
  if (value && typeof value === "object") return plain(value.text.text);
  const kind = element.type.replace("multi_", "");
  return (kind === "users_select" ? ctx.world.user(value)?.name : ctx.world.channel(value)?.name) ?? value;
}

function select(element, block, ctx) {
  const multi = element.type.startsWith("multi_");
  const load = choices(element, block, ctx);
  const prompt = plain(element.placeholder?.text ?? (multi ? "Select options" : "Select an option"));
  const node = h("button", {
    type: "button", class: `select ${multi ? "is-multi" : ""}`, role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false",
    "data-key": ctx.key(block, element), "data-action": element.action_id, "aria-label": ctx.label(block) ?? prompt,
  });
  const value = () => ctx.value(block, element);
  const show = () => {
    const chosen = multi ? value() ?? [] : [value()].filter(Boolean);
    node.classList.toggle("is-empty", !chosen.length);
    fill(
      node,
      chosen.length ? chosen.map((each) => h("span", { class: multi ? "chip" : "select-value" }, named(each, element, ctx))) : h("span", { class: "select-value" }, prompt),
      icon("down"),
    );
    // with the label alone a screen reader would not read what is chosen
    node.setAttribute("aria-label", [ctx.label(block), chosen.map((each) => named(each, element, ctx)).join(", ") || prompt].filter(Boolean).join(": "));
  };
  const picked = (option) => {
    const now = value() ?? [];
    if (!multi) return option.value;
    return now.some((each) => same(each, option.value)) ? now.filter((each) => !same(each, option.value)) : [...now, option.value];
  };
  node.addEventListener("click", () =>
    popup(node, {
      label: ctx.label(block) ?? prompt, search: true, stays: multi, prompt: element.type.includes("external") ? "Type to search" : "Search",
      load: async (typed) => {
        const { options, empty } = await load(typed);
        const chosen = multi ? value() ?? [] : [value()];
        return { empty, options: options.map((option) => ({ ...option, chosen: chosen.some((each) => each && same(each, option.value)) })) };
      },
      pick: (option) =>
        confirmed(element, ctx, async () => {
          await ctx.changed(block, element, picked(option), { sends: true, show });
        }),
    }),
  );
  node.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    node.click();
  });
  show();
  return node;
}

function ticks(element, block, ctx) {
  const multi = element.type === "checkboxes";
  const name = ctx.key(block, element);
  const boxes = element.options.map((option, index) => {
    const now = ctx.value(block, element);
    const on = multi ? (now ?? []).some((each) => same(each, option)) : same(now, option);
    const box = h("input", {
      type: multi ? "checkbox" : "radio", name, "data-key": `${name}-${index}`, checked: on, "data-action": element.action_id,
      onchange: () => {
        const chosen = element.options.filter((_, at) => inputs()[at].checked);
        confirmed(element, ctx, () => ctx.changed(block, element, multi ? chosen : chosen[0] ?? null, { sends: true }));
      },
    });
    return h("label", { class: "tick" }, box, h("span", {}, h("span", {}, words(option.text, ctx)), option.description && h("span", { class: "tick-hint" }, words(option.description, ctx))));
  });
  const node = h("div", { class: "ticks", role: multi ? "group" : "radiogroup", "aria-label": ctx.label(block) ?? "Choose" }, boxes);
  const inputs = () => [...node.querySelectorAll("input")];
  return node;
}

function moment(element, block, ctx) {
  const [type, read, write] = {
    datepicker: ["date", (value) => value, (value) => value],
    timepicker: ["time", (value) => value, (value) => value],
    datetimepicker: ["datetime-local", (value) => value && new Date(value * 1000 - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16), (value) => value && Math.floor(new Date(value).getTime() / 1000)],
  }[element.type];
  const node = h("input", {
    type, class: "field is-moment", "data-key": ctx.key(block, element), "data-action": element.action_id,
    "aria-label": ctx.label(block) ?? plain(element.placeholder?.text ?? type), value: read(ctx.value(block, element)) || undefined,
    onchange: () => confirmed(element, ctx, () => ctx.changed(block, element, write(node.value) || null, { sends: true })),
  });
  return node;
}

function textField(element, block, ctx) {
  const kinds = { email_text_input: ["email", "email"], url_text_input: ["url", "url"], number_input: ["text", "decimal"], plain_text_input: ["text", "text"] };
  const [type, inputmode] = kinds[element.type];
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const sends = (reason) => block.dispatch_action && when.includes(reason);
  let typing;
  const node = h(element.multiline ? "textarea" : "input", {
    class: "field", type: element.multiline ? null : type, inputmode, "data-key": ctx.key(block, element), "data-action": element.action_id,
    placeholder: element.placeholder && plain(element.placeholder.text), maxlength: element.max_length, rows: element.multiline ? 4 : null,
    autocomplete: "off", "aria-label": ctx.label(block), autofocus: element.focus_on_load,
    "aria-invalid": ctx.errors[block.block_id] ? "true" : null, "aria-describedby": ctx.describedBy(block),
    oninput: () => {
      ctx.changed(block, element, node.value || null);
      clearTimeout(typing);
      if (sends("on_character_entered")) typing = setTimeout(() => ctx.act(block, element, node.value || null), 300);
    },
    onkeydown: (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || (element.multiline && !block.dispatch_action)) return;
      event.preventDefault();
      if (sends("on_enter_pressed")) ctx.act(block, element, node.value || null);
      else ctx.submit?.();
    },
  });
  node.value = ctx.value(block, element) ?? "";
  return node;
}

const MAKERS = {
  button, overflow, checkboxes: ticks, radio_buttons: ticks, datepicker: moment, timepicker: moment, datetimepicker: moment,
  plain_text_input: textField, number_input: textField, email_text_input: textField, url_text_input: textField,
};

/** Build one interactive element. */
export function element(item, block, ctx) {
  const make = MAKERS[item.type] ?? (item.type.endsWith("_select") ? select : null);
  return make ? make(item, block, ctx) : h("span", { class: "unknown" }, `(${item.type})`);
}
