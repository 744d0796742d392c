"""The history of one week, newest change first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from handlers.views.blocks import Reply, button, context, mention, section
from handlers.views.outcomes import outcome, stamp
from handlers.views.week import Who
from store.act import Act, Kind
from store.week import Subject

__all__ = ["history"]

_TOLD = {Kind.UNDO, Kind.REDO, Kind.REPAIR, Kind.PUT_BACK}
"""Kinds of changes that are more than a change."""


def history(who: Who, acts: Sequence[Act], *, reader: str, now: datetime, waiting: Reply) -> Reply:
    """One line per change, waiting ones first; the reader's own recent changes have an *Undo* button."""
    if not acts:
        elsewhere = "Changes made in Toggl Focus itself are not in my history."
        none = f"I have not changed {who.whose} yet. {elsewhere}"
        return Reply(f"{waiting.text} {none}".lstrip(), (*waiting.blocks, section(none)))
    title = f"The latest changes to {who.whose}"
    blocks: list[Block] = [*waiting.blocks, section(f"*{title}*" if who.you or who.linked else title)]
    lines = []
    for act in acts:
        line = _line(act, who.subject, reader=reader)
        lines.append(line)
        mine = act.actor == reader and act.undoable(now)
        name = "Redo" if act.kind is Kind.UNDO else "Undo"
        blocks.append(section(line, accessory=button(name, "undo", value=act.id) if mine else None))
    note = "Changes made in Toggl Focus itself are not in this list."
    blocks.append(context(note))
    told = f"{waiting.text} {title}: {' '.join(lines)} {note}".lstrip()
    return Reply(told, tuple(blocks))


def _line(act: Act, subject: Subject, *, reader: str) -> str:
    by = "you" if act.actor == reader else mention(act.actor)
    by = f"planned by {by}" if act.kind.of_the_clock else by
    changes = [change for change in act.changes if change.subject == subject]
    told = filter(None, map(outcome, changes))
    what = f" ({act.kind})" if act.kind in _TOLD else ""
    back = "you" if act.undone_by_actor == reader else mention(act.undone_by_actor or "")
    undone = f" _Undone by {back}._" if act.undone_by_actor else ""
    return f"{stamp(act, changes)}, {by}{what}: {'; '.join(told)}.{undone}"
