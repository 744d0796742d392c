"""Cancel what still waits of an act, inside the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from store.act import State
from store.changing.telling import Told, tell
from store.database import Sql
from store.journal import entries, records

__all__ = ["cancel_waiting"]


def cancel_waiting(sql: Sql, act_id: str, *, audit_channel: str | None, now: datetime) -> Told | None:
    """Cancel an act's waiting changes, and tell of those that had written some days, which end as partial.

    The others are news only to the messages about the whole act, which are edited in any case. Returns the
    last change that was told of; ``None`` if none was waiting.
    """
    act = records.must_load_act(sql, act_id)
    waiting = [change for change in act.changes if change.state is State.WAITING]
    for change in waiting:
        entries.update_change(sql, change.id, state=change.ended(State.CANCELLED))
    told = None
    for change in [each for each in waiting if each.written] or waiting[-1:]:
        told = tell(sql, change, audit_channel=audit_channel, now=now)
    return told
