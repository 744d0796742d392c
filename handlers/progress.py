"""How far a request has come, by its record: what may be said of it once something has failed."""

from __future__ import annotations

from enum import Enum, auto

from handlers.desk import Ask
from handlers.effects import Effect, effect_in
from store.database import DatabaseUnusableError

__all__ = ["Progress", "progress_of"]


class Progress(Enum):
    """How far a request has come."""

    UNRECORDED = auto()
    """It could not change anything, or its record could not be made: it has done nothing."""
    NOTHING = auto()
    """It has changed nothing yet, and will not."""
    BEGUN = auto()
    """Its change or plan is in the journal, and a direct message will tell what becomes of it."""
    UNKNOWN = auto()


async def progress_of(ask: Ask) -> Progress:
    """How far the request has come; call this once its handler has ended."""
    try:
        act = await ask.store.journal.act(ask.act_id)
        planned = await ask.store.plans.batch(ask.act_id)
    except DatabaseUnusableError:
        return Progress.UNKNOWN
    if planned or (act and (act.changes or act.handed_on)):
        return Progress.BEGUN
    if act is None:
        return Progress.UNRECORDED
    return Progress.UNKNOWN if effect_in(act.request) is Effect.LOCAL else Progress.NOTHING
