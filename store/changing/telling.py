"""Who has to be told what about a change: the rows of the outbox, in the change's own transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.act import Act, Change, Kind, State
from store.database import Sql, rows
from store.directory import slack_user_of
from store.journal import entries
from store.outbox import MessageKind, put, touch
from store.plans import table
from store.reminders import Answer, answers

__all__ = ["tell"]

SHOWN_WITHIN = timedelta(seconds=30)
"""A modal shows a conflict at once. Where it has not by then, its process is dead: the receipt tells it."""
PROGRESS_EVERY = timedelta(seconds=3)
"""Between two edits of a message that shows the progress of many changes."""


def tell(sql: Sql, act: Act, change: Change, *, audit_channel: str | None, now: datetime) -> None:
    """Write the messages that this change's state calls for, and have existing ones edited.

    The actor gets one receipt for the whole act, the person whose week was changed a notice of their
    own, the audit channel a line. A change that changed nothing posts nothing, nor does one that was
    called off; a conflict met in a modal is settled there, and its receipt waits for that. Whoever asked
    the actor for it hears of any end, and what was posted before is edited in any case. Who changed their
    own week has answered the checks that ask about it.
    """
    quiet = {State.UNCHANGED, State.CANCELLED}
    wanted: list[tuple[MessageKind, str, str | None]] = []
    if change.state not in quiet:
        wanted.append((MessageKind.RECEIPT, act.id, act.actor))
    person = slack_user_of(sql, team_id=act.team_id, subject=change.subject)
    if change.state.wrote:
        wanted.append((MessageKind.NOTICE, change.id, person if person != act.actor else None))
        wanted.append((MessageKind.AUDIT, act.id, audit_channel))
        if person and person in {act.actor, act.asked_by}:
            answers.count(sql, team_id=act.team_id, slack_user_id=person, answer=Answer.CHANGED, now=now)
    if act.asked_by and not (change.state.wrote and act.asked_by == person):
        wanted.append((MessageKind.ANSWER, act.id, act.asked_by))  # else the notice is the answer
    stale = [act.id, change.id]
    if act.undoes:
        stale += [act.undoes, *_undone(sql, act, change)]
    if act.undoes or act.kind is Kind.PLAN:
        stale += _planned(sql, act, change)
    gap = PROGRESS_EVERY if act.queued and not act.settled else timedelta()
    touch(sql, team_id=act.team_id, abouts=tuple(stale), now=now, gap=gap)
    for kind, about, recipient in wanted:
        if recipient:
            put(
                sql,
                team_id=act.team_id,
                kind=kind,
                about=about,
                recipient=recipient,
                now=now,
                due_at=_held_until(act, change, kind, now=now),
            )


def _held_until(act: Act, change: Change, kind: MessageKind, *, now: datetime) -> datetime | None:
    """What the clock did at night is told in the morning; what a modal shows, if it does not."""
    held = act.request.get("held") or {}
    match kind:
        case MessageKind.NOTICE:
            until = held.get(change.subject.key)
        case MessageKind.AUDIT:
            until = held.get("receipt")
        case MessageKind.RECEIPT if act.place.kind == "modal" and change.state is State.CONFLICT:
            return now + SHOWN_WITHIN
        case MessageKind.RECEIPT:
            must_decide = change.state in {State.CONFLICT, State.PARTIAL, State.FAILED}
            until = held.get("asked" if must_decide else "receipt")
        case _:
            until = None
    return datetime.fromisoformat(until) if until else None


def _undone(sql: Sql, act: Act, change: Change) -> list[str]:
    """The changes that an undo's change puts back: of its week, or all if the undo came to nothing."""
    nothing = act.settled and not any(each.written for each in act.changes)
    found = rows(sql, "SELECT change_id, subject FROM changes WHERE act_id = ?", (act.undoes,))
    return [row["change_id"] for row in found if nothing or row["subject"] == change.subject.key]


def _planned(sql: Sql, act: Act, change: Change) -> list[str]:
    """What tells of the plan that begins with this change, or whose change is taken or brought back."""
    begun = act.id
    while undone := entries.undone_by_act(sql, begun):
        begun = undone
    which = ("begin_act = ? AND subject = ?", begun, change.subject.key)
    return [about for plan in table.select(sql, *which, team_id=act.team_id) for about in table.about(plan)]
