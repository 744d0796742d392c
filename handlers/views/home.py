"""App Home: one's own week, the latest change to it, and how to ask for more. No tables on this surface."""

from __future__ import annotations

from datetime import datetime

from slack_sdk.models.blocks import Block, DividerBlock
from slack_sdk.models.views import View

from handlers.views.blocks import Reply, actions, button, context, escape, header, mention, section, when
from handlers.views.receipts import difference
from handlers.views.week import as_of, hours_word, total
from store.act import Act, Kind
from store.directory import Entry
from store.week import Snapshot, Subject, Week

__all__ = ["loading", "nothing_for_guests", "problem", "week"]


def loading() -> View:
    """While Toggl Focus is asked."""
    return _home(section(":hourglass_flowing_sand: Reading your week from Toggl Focus …"))


def problem(reply: Reply, *, command: str) -> View:
    """Why there is no week to show, and who can help."""
    blocks = [block for block in reply.blocks if block.type != "table"] or [section(reply.text)]
    return _home(*blocks, context(_how(command)))


def nothing_for_guests() -> View:
    """Guests may be shut out by a setting."""
    return _home(section("Guests can’t use me in this workspace."))


def week(
    entry: Entry,
    snapshot: Snapshot,
    *,
    act: Act | None,
    reader: str,
    now: datetime,
    may_change: bool,
    command: str,
    trouble: str = "",
) -> View:
    """My week with *Edit*, and the latest change to it with *Undo* where it is mine."""
    found = snapshot.week
    read = f"As of {as_of(snapshot, now=now)} · Toggl Focus"
    blocks: list[Block] = [
        header("Your working hours"),
        section(f"{escape(entry.name)} · *{total(found)}* a week"),
        section(_days(found)),
    ]
    if snapshot.doubled:
        blocks.append(section(f":warning: Focus has two entries for a day: `{command} me` lets you choose."))
    blocks.append(context(f"{read} · not fresh: {trouble}" if trouble else read))
    blocks.extend(
        actions(
            button("Edit", "edit", value=entry.subject.key, style="primary") if may_change else None,
            button("History", "history", value=entry.subject.key),
        )
    )
    if act:
        blocks += [DividerBlock(), *_latest(act, entry.subject, reader=reader, now=now)]
    blocks += [DividerBlock(), context(_how(command))]
    return _home(*blocks)


def _days(found: Week) -> str:
    return "\n".join(f"{day.name.title()}: *{hours_word(hours)}*" for day, hours in found)


def _latest(act: Act, subject: Subject, *, reader: str, now: datetime) -> tuple[Block, ...]:
    """Who changed it last, when, from what to what."""
    told = [
        difference(change.before, change.found or change.wanted)
        for change in act.changes
        if change.subject == subject and change.before and change.wanted and change.written
    ]
    mine = act.actor == reader
    by = "you" if mine else mention(act.actor)
    lines = [f"*Latest change* by {by}, {when(act.at)}", *told]
    if act.undone_by_actor:
        lines.append(f"_Undone by {mention(act.undone_by_actor)}._")
    name = "Redo" if act.kind is Kind.UNDO else "Undo"
    press = button(name, "undo", value=act.id) if mine and act.undoable(now) else None
    return (section("\n".join(lines), accessory=press),)


def _how(command: str) -> str:
    return f"Ask me under *Messages*, or anywhere with `{command}`. `{command} help` shows what I understand."


def _home(*blocks: Block) -> View:
    return View(type="home", blocks=list(blocks))
