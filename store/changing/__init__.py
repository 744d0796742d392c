"""Carry out one change in Focus: claim, read, compare, journal, call, journal, notify.

Focus offers no compare-and-swap and no idempotency, so the order matters. The subject is claimed in the
database; the week is read *after* that; every call is in the journal before it is sent; and a call with an
unknown outcome is never repeated: its effect is looked for in what Focus shows afterwards.

``opening`` enters an act in the journal, ``changer`` runs the steps of each change, ``decision`` decides what
to do next (pure), ``ledger`` writes to the database.
"""

from store.changing.changer import Changer
from store.changing.errors import AlreadyUndoneError, DaysOverError, NotCurrentError, SubjectBusyError
from store.changing.opening import Wish, open_act, open_undo

__all__ = [
    "AlreadyUndoneError",
    "Changer",
    "DaysOverError",
    "NotCurrentError",
    "SubjectBusyError",
    "Wish",
    "open_act",
    "open_undo",
]
