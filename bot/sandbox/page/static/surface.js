/** A message, modal or Home tab to act on: where it is, what was typed in it, what a click sends. */

import { confirmDialog } from "./confirm.js";
import { initial } from "./elements.js";

const typed = new Map();

/** Drop the values typed so far. Otherwise they survive redraws while block_id and action_id stay the same. */
export function forget(prefix) {
  for (const key of typed.keys()) if (key.startsWith(prefix)) typed.delete(key);
}

/**
 * `where` is {channel, ts} or {view}; `send(act, details)` sends an action to the sandbox; `kept` has the
 * values that the sandbox remembers from before a reload.
 */
export function surface({ where, world, send, errors = {}, kept = {}, blocks = [], submit }) {
  const name = where.view ?? `${where.channel}-${where.ts}`;
  const key = (block, element) => `${name}/${block.block_id}/${element.action_id}`;
  const value = (block, element) => {
    if (typed.has(key(block, element))) return typed.get(key(block, element));
    return kept[block.block_id]?.[element.action_id] ?? initial(element);
  };
  const values = () => {
    const found = {};
    for (const block of blocks) {
      for (const element of [block.element, block.accessory, ...(block.elements ?? [])]) {
        if (!element?.action_id || !typed.has(key(block, element))) continue;
        (found[block.block_id] ??= {})[element.action_id] = typed.get(key(block, element));
      }
    }
    return found;
  };
  const act = (block, element, selected) =>
    send("click", { where, block_id: block.block_id, action_id: element.action_id, value: selected, values: values() });
  return {
    where, world, errors, key, value, values, act, submit,
    label: (block) => block.label?.text,
    describedBy: (block) => `about-${name}-${block.block_id}`,
    confirm: (asked) => confirmDialog(asked, world),
    suggest: (block, element, words) =>
      send("suggest", { where, block_id: block.block_id, action_id: element.action_id, typed: words, values: values() }),
    async changed(block, element, chosen, { sends = false, show } = {}) {
      typed.set(key(block, element), chosen);
      show?.();
      if (!sends) return;
      if (block.type !== "input" || block.dispatch_action) await act(block, element, chosen);
      else if (where.view) await send("fill", { where, values: { [block.block_id]: { [element.action_id]: chosen } } });
    },
  };
}
