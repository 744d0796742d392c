"""Changes that wait, shown with the week that they are for."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.views.blocks import Reply, button, mention, section, when
from handlers.views.troubles import trouble_sentence
from handlers.views.week import wanted
from store.act import Act, Change

__all__ = ["cancelled", "waiting"]


def waiting(found: Iterable[tuple[Act, Change, bool]], *, reader: str, action: str = "cancel") -> Reply:
    """A line for each change that waits, with *Cancel* for whoever may; nothing where nothing does."""
    lines, blocks = [], []
    for act, change, may_cancel in found:
        by = "you" if act.actor == reader else mention(act.actor)
        what = wanted(change.pattern)
        line = f"Waiting: {what}, asked by {by} {when(act.at)}. {trouble_sentence(change)}".rstrip()
        press = button("Cancel", f"{action}:{change.id}", value=change.id, says=f"Cancel {what}")
        lines.append(line)
        blocks.append(section(f":hourglass: {line}", accessory=press if may_cancel else None))
    return Reply(" ".join(lines), tuple(blocks))


def cancelled(change: Change) -> str:
    """It does not wait any more."""
    return f"Cancelled: {wanted(change.pattern)}."
