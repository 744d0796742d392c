"""Open an act: enter it in the journal with its changes, inside the caller's transaction.

Nothing is carried out yet. For an undo, this decides which weeks are to be restored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store.access import Action, Permit
from store.act import Act, Change, Days
from store.changing.errors import AlreadyUndoneError, DaysOverError, NotCurrentError
from store.database import Sql
from store.journal import entries, records
from store.plans import fulfilled
from store.trouble import TroubleCode
from store.week import Pattern, Subject

__all__ = ["Wish", "open_act", "open_undo"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A requested change of one subject's week; ``expected`` are the days that the person saw when asking."""

    permit: Permit
    pattern: Pattern
    expected: Days | None = None


def open_act(sql: Sql, act: Act, wishes: Iterable[Wish], *, owner: str) -> tuple[Change, ...]:
    """Open an act with a change for each wish; ``owner`` is the process that will carry them out."""
    entries.open_act(sql, act, owner=owner)
    for wish in wishes:
        entries.add_change(
            sql,
            act,
            subject=wish.permit.require(Action.CHANGE),
            pattern=wish.pattern,
            expected=wish.expected,
            now=act.at,
        )
    return records.must_load_act(sql, act.id).changes


def open_undo(
    sql: Sql, act: Act, target_id: str, permits: Mapping[Subject, Permit], *, owner: str
) -> tuple[Change, ...]:
    """Open the undo (or redo) of an act, with a change for each week that it has written.

    Weeks that must stay as they are, because there is no permit or their plan's days are over, are entered
    as refused.

    Raises:
        AlreadyUndoneError: the target was undone by another request.
        DaysOverError: it would begin plans whose last days are over, and there is nothing else to restore.
        NotCurrentError: the target is still in progress, or has written nothing that may be restored.
    """
    target = records.must_load_act(sql, target_id)
    if target.undone_by:
        raise AlreadyUndoneError(target)
    written = [change for change in target.changes if change.written]
    over = fulfilled.days_over(sql, act, (change.subject for change in written), now=act.at)
    wishes = [
        Wish(permits[change.subject], *change.back())
        for change in written
        if change.subject in permits and change.subject not in over
    ]
    if over and not wishes:
        raise DaysOverError(next(iter(over.values())))
    if not (wishes and target.settled):
        raise NotCurrentError(target.changes[0])
    changes = open_act(sql, act, wishes, owner=owner)
    for change in written:
        if change.subject in over or change.subject not in permits:
            code = TroubleCode.PLAN_OVER if change.subject in over else TroubleCode.NOT_ALLOWED
            back, _ = change.back()
            entries.add_refused(sql, act, change.subject, back, code=code, now=act.at)
    entries.claim_undo(sql, target.id, by=act.id)
    return changes
