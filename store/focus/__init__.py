"""The interface to Toggl Focus for the rest of the store: a client, its values, its errors.

Modules import only those further right: ``client`` > ``exchange`` > ``wire`` > ``fields`` > ``requests`` >
``numbering`` > ``errors`` > ``quota``; ``client`` > ``calendar`` > ``wire``; ``exchange`` > ``contact`` >
``errors``; ``budget`` > ``quota``; ``flights`` stands alone. All are pure except ``budget``, ``client``,
``exchange`` and ``flights``.
"""

from store.focus.budget import Budget
from store.focus.calendar import Holiday, TimeOff
from store.focus.client import FocusClient
from store.focus.contact import Contact, Failure
from store.focus.errors import (
    OF_ONE_SUBJECT,
    FocusError,
    ForbiddenError,
    ImpossibleWeekdayError,
    KeyRefusedError,
    NotFoundError,
    NotUnderstoodError,
    OperatorError,
    OutOfQuotaError,
    RejectedError,
    SlowDownError,
    UnavailableError,
    UnclearError,
    WaitError,
    WorkspaceMissingError,
)
from store.focus.exchange import BearerAuth
from store.focus.numbering import Numbering, Vote, vote
from store.focus.quota import Quota, Spent
from store.focus.wire import FocusPerson, Placeholder, Reading, WireRow

__all__ = [
    "OF_ONE_SUBJECT",
    "BearerAuth",
    "Budget",
    "Contact",
    "Failure",
    "FocusClient",
    "FocusError",
    "FocusPerson",
    "ForbiddenError",
    "Holiday",
    "ImpossibleWeekdayError",
    "KeyRefusedError",
    "NotFoundError",
    "NotUnderstoodError",
    "Numbering",
    "OperatorError",
    "OutOfQuotaError",
    "Placeholder",
    "Quota",
    "Reading",
    "RejectedError",
    "SlowDownError",
    "Spent",
    "TimeOff",
    "UnavailableError",
    "UnclearError",
    "Vote",
    "WaitError",
    "WireRow",
    "WorkspaceMissingError",
    "vote",
]
