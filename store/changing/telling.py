"""Decide who is told what about a change, and enqueue the messages in the change's own transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.act import Act, Change, Kind, State
from store.database import Sql, rows
from store.directory import slack_user_of
from store.journal import entries, records
from store.messages import MessageKind, post_anew, put, touch
from store.plans import table
from store.reminders import Answer, answers

__all__ = ["Told", "tell"]

Told = tuple[Change, Act]
"""A change that was told of and its act, as they are now."""

SHOWN_WITHIN = timedelta(seconds=30)
"""How long the receipt of a conflict met in a modal is held back.

The modal shows the conflict at once; if it has not by then, its process has died, and the receipt is sent.
"""
PROGRESS_EVERY = timedelta(seconds=3)
"""The minimum time between two edits of a message that shows the progress of many changes."""


def tell(sql: Sql, change: Change, *, audit_channel: str | None, now: datetime) -> Told:
    """Enqueue the messages that a change's state requires, and release what a failed undo had claimed.

    The act has only this change loaded, or all of them if it is an undo that is settled.
    """
    act = records.must_load_act(sql, change.act_id, only=change.id)
    (moved,) = act.changes
    if act.undoes and act.settled:  # whether an undo had no effect is known only once it is settled
        act = records.must_load_act(sql, act.id)
        entries.release_undo(sql, act)
    _enqueue(sql, act, moved, audit_channel=audit_channel, now=now)
    return moved, act


def _enqueue(sql: Sql, act: Act, change: Change, *, audit_channel: str | None, now: datetime) -> None:
    """Enqueue the messages that this change's state requires, and have existing ones edited.

    The actor gets one receipt for the whole act, the person whose week was changed a notice, and the audit
    channel a line. An unchanged or cancelled change posts nothing. A conflict met in a modal is decided
    there, so its receipt is held back. The person who had asked the actor for the act is told its outcome
    in any state. Messages posted before are edited in any case; where one said that a change waits, the end
    is a message of its own, except for a long act, whose message shows progress. If people changed their
    own week, or had asked for the change, that counts as their answer to open checks.
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
        wanted.append((MessageKind.ANSWER, act.id, act.asked_by))  # otherwise the notice tells them
    stale = [act.id, change.id]
    if act.undoes:
        stale += [act.undoes, *_undone(sql, act, change)]
    if act.undoes or act.kind is Kind.PLAN:
        stale += _planned(sql, act, change)
    gap = PROGRESS_EVERY if act.queued and not act.settled else timedelta()
    touch(sql, team_id=act.team_id, abouts=tuple(stale), now=now, gap=gap)
    waited = act.settled and entries.end_wait(sql, act_id=act.id)
    if waited and not act.queued and change.state is not State.CANCELLED:
        due_at = _morning(act, change, MessageKind.RECEIPT)
        post_anew(sql, team_id=act.team_id, about=act.id, now=now, due_at=due_at)
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
    """Until when a message is held back, the receipt of a conflict for its modal; ``None``: not at all."""
    if kind is MessageKind.RECEIPT and act.place.kind == "modal" and change.state is State.CONFLICT:
        return now + SHOWN_WITHIN
    return _morning(act, change, kind)


def _morning(act: Act, change: Change, kind: MessageKind) -> datetime | None:
    """Until when a message about what the clock did at night is held back; ``None``: not at all."""
    held = act.request.get("held") or {}
    match kind:
        case MessageKind.NOTICE:
            until = held.get(change.subject.key)
        case MessageKind.AUDIT:
            until = held.get("receipt")
        case MessageKind.RECEIPT:
            must_decide = change.state in {State.CONFLICT, State.PARTIAL, State.FAILED}
            until = held.get("asked" if must_decide else "receipt")
        case _:
            until = None
    return datetime.fromisoformat(until) if until else None


def _undone(sql: Sql, act: Act, change: Change) -> list[str]:
    """The ids of the changes that an undo's change reverses: its subject's, or all if it had no effect."""
    nothing = act.settled and not any(each.written for each in act.changes)
    found = rows(sql, "SELECT change_id, subject FROM changes WHERE act_id = ?", (act.undoes,))
    return [row["change_id"] for row in found if nothing or row["subject"] == change.subject.key]


def _planned(sql: Sql, act: Act, change: Change) -> list[str]:
    """The ``about`` keys of messages on the plan that this change begins, undoes or redoes."""
    begun = act.id
    while undone := entries.undone_by_act(sql, begun):
        begun = undone
    which = ("begin_act = ? AND subject = ?", begun, change.subject.key)
    return [about for plan in table.select(sql, *which, team_id=act.team_id) for about in table.about(plan)]
