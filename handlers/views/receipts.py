"""Messages about an act: the actor's receipt, the notice to the person, and the audit line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views.blocks import (
    Reply,
    actions,
    button,
    context,
    mention,
    section,
    sections,
    sentence_list,
    when,
)
from handlers.views.conflicts import Writers, labels
from handlers.views.outcomes import Result, deed, outcome, result_of, stamp, week_now
from handlers.views.week import Who, capital, in_words, week_table, weeks_beside
from handlers.views.words import format_days
from store.act import Act, Change, Kind, State, StepState
from store.week import Subject

__all__ = ["Reader", "ask_about", "audit", "earlier", "notice", "receipt", "undone"]

IN_TABLE = 10
"""The most changes whose weeks are shown in a table."""
A_SECTION = 10
"""The most lines in one paragraph."""

_DONE = {"POST": "set", "PUT": "changed", "DELETE": "removed"}


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of a receipt, the time, and whether tables and buttons (``offers``) are shown.

    Modals and Home have no tables; readers who did not make the act get no buttons.
    """

    user_id: str
    now: datetime
    tables: bool = True
    offers: bool = True


def receipt(
    act: Act,
    who: Mapping[Subject, Who],
    reader: Reader,
    *,
    writers: Mapping[str, Writers] | None = None,
    past_moves: bool = False,
) -> Reply:
    """The receipt of an act, with buttons for what can be done about it.

    ``writers`` maps each change in conflict to the person who changed its days in the meantime.
    ``past_moves``: Focus was observed to change the capacity of past weeks, too.
    """
    since = writers or {}
    results = [
        result_of(act, each, who[each.subject], reader=reader.user_id, writers=since.get(each.id, {}))
        for each in act.changes
    ]
    blocks = list(_told(results, reader))
    notes = [_foot(act, who, reader)]
    if any(step.state is StepState.FOUND for change in act.changes for step in change.steps):
        notes.append("Toggl Focus did not say whether it worked, so I read the week again: it did.")
    if past_moves and any(change.written for change in act.changes):
        notes.append("Toggl Focus counts the new hours for past weeks, too")
    if act.undone_by:
        notes.append(undone(act, reader))
    blocks.extend(map(context, notes))
    if reader.offers:
        blocks.extend(actions(*_offers(act, reader)))
    return Reply(" ".join([*(each.read for each in results), ". ".join(notes)]), tuple(blocks))


def earlier(act: Act, who: Mapping[Subject, Who]) -> Reply:
    """Where it had said that something waits: what became of that is told by a message of its own."""
    whose = who[act.changes[0].subject].whose if len(act.changes) == 1 else f"{len(act.changes)} weeks"
    return Reply.saying(f"The change to {whose} had to wait. My newer message says what became of it.")


def notice(act: Act, change: Change, who: Who, *, may_change: bool, put_back: bool, team_id: str) -> Reply:
    """The notice to a person whose week somebody else changed."""
    asked = ", as you asked" if act.asked_by and who.label == mention(act.asked_by) else ""
    first = f"{mention(act.actor)} {deed(act, f'your working hours in Toggl Focus{asked}')}"
    blocks: list[Block] = [section(f"{first}.")]
    if change.before and (now := week_now(change)) and (done := outcome(change)):
        first = f"{first}: {done}."
        blocks = [section(first), week_table([("Before", change.before), ("Now", now)], changed=True)]
        first = f"{first} Now: {in_words(now)}."
    foot = f"{format_days(change.written)} · {stamp(act, [change])} · Toggl Focus"
    first = f"{first} {foot}"
    blocks.append(context(foot))
    if put_back and act.undone_by_actor:
        back = f"Put back by {mention(act.undone_by_actor)}."
        first = f"{first}. {back}"
        blocks.append(context(back))
    ask = ask_about(act.actor, team_id=team_id)
    offer = button("Change", "edit", value=who.subject.key) if may_change else ask
    return Reply(first, (*blocks, *actions(offer)))


def ask_about(user_id: str, *, team_id: str) -> ButtonElement:
    """*Ask about it*: a button that opens a conversation with this user."""
    ask = button("Ask about it", "ask", value=user_id)
    ask.url = f"slack://user?team={team_id}&id={user_id}"
    return ask


def audit(act: Act, who: Mapping[Subject, Who]) -> Reply:
    """The act's line in the audit channel."""
    lines = [
        f"{mention(act.actor)} {deed(act, _theirs(act, who[change.subject]))}: {done}"
        for change in act.changes
        if (done := outcome(change))
    ]
    asked = f", asked by {mention(act.asked_by)}" if act.asked_by else ""
    undone = f" Undone by {mention(act.undone_by_actor)}." if act.undone_by_actor else ""
    return Reply.saying(f"{'; '.join(lines)}{asked}. {stamp(act, act.changes)}{undone}")


def _theirs(act: Act, who: Who) -> str:
    return "their own week" if who.label == mention(act.actor) else f"{who.label}’s week"


def _told(results: Sequence[Result], reader: Reader) -> Iterable[Block]:
    """The sentences, and all their weeks in one table, since a message may have only one."""
    if not reader.tables:
        for each in results[:IN_TABLE]:
            yield section(each.line)
            if each.weeks:
                yield weeks_beside(each.weeks)
        results = results[IN_TABLE:]
    for start in range(0, len(results), A_SECTION):
        yield from sections("\n".join(each.line for each in results[start : start + A_SECTION]))
    several = len(results) > 1
    rows = [
        (f"{each.who.cell}, {name.lower()}" if several else name, week)
        for each in results
        for name, week in each.weeks
    ]
    if rows and reader.tables and len(results) <= IN_TABLE:
        yield week_table(rows, changed=True)


def _foot(act: Act, who: Mapping[Subject, Who], reader: Reader) -> str:
    calls = [
        f"{_DONE[step.verb]} {format_days(step.days)}"
        for change in act.changes
        for step in change.steps
        if step.state in {StepState.DONE, StepState.FOUND}
    ]
    parts = [capital(", ".join(dict.fromkeys(calls)))] if calls else []
    if any(change.state is not State.UNCHANGED for change in act.changes):
        parts += ["by you" if act.actor == reader.user_id else f"by {mention(act.actor)}"]
        parts.append(stamp(act, act.changes))
    if act.asked_by:
        parts.append(
            "asked by you" if act.asked_by == reader.user_id else f"asked by {mention(act.asked_by)}"
        )
    parts.append("Toggl Focus")
    untold = [
        who[change.subject].label
        for change in act.changes
        if change.written and change.subject.kind == "person" and not who[change.subject].linked
    ]
    if untold:
        parts.append(f"{sentence_list(untold)} not told: no Slack link")
    if any(change.state is not State.UNCHANGED for change in act.changes):
        parts.append(f"act {act.id}")
    return " · ".join(parts)


def undone(act: Act, reader: Reader) -> str:
    """The note about who has undone the act, and when."""
    by = "you" if act.undone_by_actor == reader.user_id else mention(act.undone_by_actor or "")
    return f"Undone by {by} {when(act.undone_at) if act.undone_at else ''}".rstrip()


def _offers(act: Act, reader: Reader) -> Iterable[ButtonElement | None]:
    """Buttons for the act and, up to five, for its changes; each value is the id of its act or change."""
    for change in act.changes[:5]:
        match change.state:
            case State.PARTIAL if not change.is_over:
                yield button("Finish", f"finish:{change.id}", value=change.id, style="primary")
            case State.FAILED if change.can_finish:
                yield button("Try again", f"finish:{change.id}", value=change.id)
            case State.CONFLICT:
                overwrite, keep = labels(change)
                yield button(overwrite, f"overwrite:{change.id}", value=change.id, style="danger")
                yield button(keep, f"keep:{change.id}", value=change.id)
            case State.WAITING:
                yield button("Cancel", f"cancel:{change.id}", value=change.id)
    if act.undoable(reader.now):
        partly = any(change.state is State.PARTIAL for change in act.changes)
        name = "Put back" if partly else "Redo" if act.kind is Kind.UNDO else "Undo"
        yield button(name, "undo", value=act.id)
