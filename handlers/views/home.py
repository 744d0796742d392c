"""The App Home view: the reader's week, their team's day, and the admin's part. Home has no tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block, DividerBlock
from slack_sdk.models.views import View

from handlers.local import read_by
from handlers.views.blocks import (
    Reply,
    actions,
    button,
    context,
    header,
    literal,
    mention,
    on,
    section,
    sections,
)
from handlers.views.outcomes import outcome, stamp
from handlers.views.week import DAYS_UNSURE, Who, as_of, hours_word, total
from handlers.views.words import day_title
from store.act import Act, Change, Kind
from store.directory import Entry
from store.week import Hours, Snapshot, Subject, Week

__all__ = ["ACTS", "Deed", "Mine", "Team", "Todo", "loading", "page", "problem"]

ACTS = 3
"""The most changes shown; the rest is behind *History*."""

WORD_BY_WORD = 3
"""Weeks of one act; of more the number is told."""

NAMED = 30
"""The most people named; the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """The reader's own week with everything shown about it."""

    entry: Entry
    snapshot: Snapshot
    confirmed: datetime | None
    acts: Sequence[Act]
    planned: str
    """Lines about planned changes to the week."""
    waiting: Sequence[Block] = ()
    """What waits until it can be written."""
    may_change: bool
    trouble: str = ""
    days_unsure: bool = False
    introduction: str = ""
    """The one-time note about who the reader is in Focus; empty if it was shown before."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What the reader has changed of others, and who these are."""

    act: Act
    names: Mapping[Subject, Who]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Today's state of the people and placeholders the reader manages."""

    working: Sequence[tuple[Who, Hours | None]]
    off: Sequence[Who]
    unset: Sequence[Who]
    away: Sequence[Who]
    unread: Sequence[Who]
    """Whose weeks were never read."""
    unconfirmed: Sequence[Who]
    """The linked people who have neither confirmed nor changed their week lately."""
    linked: int
    leave_known: bool
    """Whether Focus has said who is on leave today."""


@dataclass(frozen=True, slots=True)
class Todo:
    """A first step of a new deployment, with the command that does it and its button's label."""

    text: str
    done: bool
    command: str = ""
    press: str = ""


def loading() -> View:
    """The view while Toggl Focus is being asked."""
    return _home(section(":hourglass_flowing_sand: Reading your week from Toggl Focus …"))


def refused(reply: Reply) -> View:
    """The view for a person who may not use the bot: only the refusal."""
    return _home(*problem(reply))


def problem(reply: Reply) -> tuple[Block, ...]:
    """Blocks for Home that say why the reader's own week cannot be shown."""
    return tuple(block for block in reply.blocks if block.type != "table") or (section(reply.text),)


def page(
    mine: Mine | Sequence[Block],
    *,
    deeds: Sequence[Deed],
    team: Team | None,
    todos: Sequence[Todo] | None,
    reader: str,
    now: datetime,
    command: str,
) -> View:
    """The complete Home; ``todos`` is ``None`` if the reader is not an admin, empty if all are done."""
    blocks: list[Block] = []
    if todos:
        blocks += _first_run(todos)
    blocks += _mine(mine, reader=reader, now=now) if isinstance(mine, Mine) else mine
    if deeds:
        blocks.append(section("*Your latest changes to others*"))
        blocks += [_deed(deed, reader=reader, now=now) for deed in deeds]
    if team:
        blocks += [DividerBlock(), *_team(team)]
    if todos is not None:
        blocks += [DividerBlock(), *_for_admins()]
    blocks += [DividerBlock(), context(_how(command))]
    return _home(*blocks)


# ------------------------------------------------------------------ my week


def _mine(mine: Mine, *, reader: str, now: datetime) -> list[Block]:
    found = mine.snapshot.week
    notes = [f"Confirmed on {on(mine.confirmed)}"] if mine.confirmed else []
    notes.append(f"As of {as_of(mine.snapshot, now=now)} · Toggl Focus")
    notes += [f"not fresh: {mine.trouble}"] if mine.trouble else []
    notes += [DAYS_UNSURE] if mine.days_unsure else []
    blocks: list[Block] = [
        header("Your working hours"),
        section(f"{literal(mine.entry.name)} · *{total(found)}* a week"),
        section(_days(found)),
    ]
    if mine.snapshot.doubled:
        look = button("Choose", "run:me", value="me")
        blocks.append(section(":warning: Focus has two entries for a day.", accessory=look))
    blocks.append(context(" · ".join(notes)))
    blocks += [context(mine.introduction)] if mine.introduction else []
    blocks += [context(mine.planned)] if mine.planned else []
    blocks += mine.waiting
    key = mine.entry.subject.key
    blocks += actions(
        button("Edit", "edit", value=key, style="primary") if mine.may_change else None,
        button("History", "history", value=key),
    )
    if mine.acts:
        blocks.append(section("*Latest changes*"))
        blocks += [_change(act, mine.entry.subject, reader=reader, now=now) for act in mine.acts[:ACTS]]
    return blocks


def _days(found: Week) -> str:
    return "\n".join(f"{day_title(day)}: *{hours_word(found[day])}*" for day in read_by().days)


def _change(act: Act, subject: Subject, *, reader: str, now: datetime) -> Block:
    changes = [change for change in act.changes if change.subject == subject]
    return _told(act, changes, [text for _, text in _differences(changes)], reader=reader, now=now)


def _deed(deed: Deed, *, reader: str, now: datetime) -> Block:
    changes = [change for change in deed.act.changes if change.subject in deed.names]
    told = [f"{deed.names[of].label}: {text}" for of, text in _differences(changes)]
    told = told if len(told) <= WORD_BY_WORD else [f"{len(told)} weeks of others"]
    return _told(deed.act, changes, told, reader=reader, now=now)


def _differences(changes: Sequence[Change]) -> list[tuple[Subject, str]]:
    return [(change.subject, told) for change in changes if (told := outcome(change))]


def _told(act: Act, changes: Sequence[Change], told: Sequence[str], *, reader: str, now: datetime) -> Block:
    mine = act.actor == reader
    by = "you" if mine else mention(act.actor)
    back = "you" if act.undone_by_actor == reader else mention(act.undone_by_actor or "")
    undone = f" _Undone by {back}._" if act.undone_by_actor else ""
    name = "Redo" if act.kind is Kind.UNDO else "Undo"
    press = button(name, "undo", value=act.id) if mine and act.undoable(now) else None
    return section(f"{'; '.join(told)} · by {by}, {stamp(act, changes)}.{undone}", accessory=press)


# ------------------------------------------------------------------ my team


def _team(team: Team) -> list[Block]:
    working = [f"{who.label} {hours_word(hours)}" for who, hours in team.working]
    lines = [
        _people("Work", working),
        _people("Off", [who.label for who in team.off]),
        _people("Away", [who.label for who in team.away]),
        _people("Not set", [who.label for who in team.unset]),
        _people("Not read yet", [who.label for who in team.unread]),
    ]
    blocks: list[Block] = [header("Who works today"), *sections("\n".join(filter(None, lines)))]
    if team.linked:
        fresh = team.linked - len(team.unconfirmed)
        have = "has" if fresh == 1 else "have"
        text = f"{fresh} of {team.linked} {have} confirmed or changed their week in the last 25 days."
        missing = _people("Not yet", [who.label for who in team.unconfirmed])
        blocks.append(context(f"{text}\n{missing}" if fresh and missing else text))
    blocks += actions(
        button("Who works this week", "run:who_week", value="who week"),
        button("Change many weeks", "run:bulk", value="bulk"),
        button("Planned changes", "run:plan", value="plan"),
        button("Reminders", "run:reminders", value="reminders"),
    )
    return blocks


def _people(title: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"*{title} ({len(names)}):* {' · '.join(names[:NAMED])}{more}"


# ------------------------------------------------------------------ for admins


def _first_run(todos: Sequence[Todo]) -> list[Block]:
    done = sum(todo.done for todo in todos)
    blocks: list[Block] = [header(f"First steps: {done} of {len(todos)} done")]
    for todo in todos:
        mark = ":white_check_mark: Done:" if todo.done else "*To do:*"
        name = todo.command.replace(" ", "_")
        press = (
            button(todo.press, f"run:{name}", value=todo.command) if todo.press and not todo.done else None
        )
        blocks.append(section(f"{mark} {todo.text}", accessory=press))
    hide = button("Hide the first steps", "first_steps_hide")
    return [*blocks, *actions(hide), DividerBlock()]


def _for_admins() -> tuple[Block, ...]:
    return (
        header("For admins"),
        *actions(
            button("Status", "run:status", value="status"),
            button("Links", "run:links", value="links"),
            button("Managers", "run:managers", value="managers"),
        ),
    )


def _how(command: str) -> str:
    return (
        f"Answers to these buttons come under *Messages*. Ask me there, or anywhere with `{command}`."
        f" `{command} help` shows what I understand."
    )


def _home(*blocks: Block) -> View:
    return View(type="home", blocks=list(blocks)[:100])
