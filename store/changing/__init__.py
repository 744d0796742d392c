"""One change carried to Focus: claim, read, compare, record, call, record, tell.

Focus offers no compare-and-swap and no idempotency, so the order is everything: the subject is claimed
in the database; what is there is read *after* that; every call is in the journal before it leaves; and
a call whose outcome is unknown is never repeated, but looked for in what Focus shows afterwards.

``changer`` is the way, ``decision`` says how it goes on (pure), ``ledger`` writes down.
"""

from store.changing.changer import SETTLE_AFTER, Changer
from store.changing.errors import AlreadyUndoneError, NotCurrentError, SubjectBusyError

__all__ = ["SETTLE_AFTER", "AlreadyUndoneError", "Changer", "NotCurrentError", "SubjectBusyError"]
