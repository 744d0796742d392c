"""Everything that can go wrong with Focus, named by who must act.

::

    FocusError
    ├── OperatorError               the operator: a key, a right, an id, a setting
    │   ├── KeyRefusedError           401: the key is wrong, expired, or replaced by a newer one
    │   ├── ForbiddenError            403: the key's owner is no Organization Admin
    │   ├── NotFoundError             404: no such person, organization, workspace or path
    │   ├── WorkspaceMissingError     FOCUS_WORKSPACE_ID is needed and not set; nothing was sent
    │   └── ImpossibleWeekdayError    FOCUS_WEEKDAYS contradicts what Focus sent
    ├── WaitError                   nobody, time mends it
    │   ├── OutOfQuotaError           402, until quota.resets_at
    │   ├── SlowDownError             429, for retry_after seconds
    │   └── UnavailableError          unreachable; or, for a read, 5xx, time-out, cut connection
    ├── RejectedError               who asked: 400, 405, 422 …, Focus refuses this very request
    ├── UnclearError                the caller: a write may have happened or not, read again
    └── NotUnderstoodError          the developers: the answer is not what the API page promises

Of a write, every one of these but :class:`UnclearError` says that **certainly nothing was done**.
"""

from __future__ import annotations

from store.focus.quota import Quota

__all__ = [
    "FocusError",
    "ForbiddenError",
    "ImpossibleWeekdayError",
    "KeyRefusedError",
    "NotFoundError",
    "NotUnderstoodError",
    "OperatorError",
    "OutOfQuotaError",
    "RejectedError",
    "SlowDownError",
    "UnavailableError",
    "UnclearError",
    "WaitError",
    "WorkspaceMissingError",
]


class FocusError(Exception):
    """Focus did not give what was asked.

    Attributes:
        reason: what happened, in words for a log.
        asked: the request, ``PUT /organizations/1/…``; empty if none was made.
        status: of the answer; ``None`` if there was none.
        code: Focus's ``error``, such as ``invalid_session``.
        description: Focus's ``error_description``, one short line; may be empty.
        trace_id: what Toggl's support asks for; may be empty.
        quota: as the answer stated it.
        retry_after: seconds that the answer asked to wait.
    """

    def __init__(
        self,
        reason: str,
        *,
        asked: str = "",
        status: int | None = None,
        code: str = "",
        description: str = "",
        trace_id: str = "",
        quota: Quota | None = None,
        retry_after: float | None = None,
    ) -> None:
        what = f"{asked}: {reason}" if asked else reason
        said = f": {description}" if description else ""
        trace = f" (trace {trace_id})" if trace_id else ""
        super().__init__(f"{what}{said}{trace}")
        self.reason = reason
        self.asked = asked
        self.status = status
        self.code = code
        self.description = description
        self.trace_id = trace_id
        self.quota = quota
        self.retry_after = retry_after


class OperatorError(FocusError):
    """It stays so until whoever runs the bot mends it."""


class KeyRefusedError(OperatorError):
    """Focus does not accept the key (or the e-mail and password)."""


class ForbiddenError(OperatorError):
    """The key is good, but its owner may not do this."""


class NotFoundError(OperatorError):
    """The subject is gone from Focus, or a configured id is wrong."""


class WorkspaceMissingError(OperatorError):
    """Placeholders and capacities live in a workspace, and none is configured."""

    def __init__(self) -> None:
        super().__init__("placeholders and capacities need FOCUS_WORKSPACE_ID")


class ImpossibleWeekdayError(OperatorError):
    """A weekday number which the configured numbering does not have."""

    def __init__(self, number: int, numbering: str) -> None:
        super().__init__(f"weekday {number} does not exist in {numbering}; check FOCUS_WEEKDAYS")
        self.number = number
        self.numbering = numbering


class WaitError(FocusError):
    """The same request can succeed later, and was not carried out now."""


class OutOfQuotaError(WaitError):
    """The hour's requests are used up; ``quota.resets_at`` says until when, if Focus told."""


class SlowDownError(WaitError):
    """Too many requests at once."""


class UnavailableError(WaitError):
    """Focus could not be reached, or could not answer a read."""


class RejectedError(FocusError):
    """Focus found this request wrong; ``description`` says why."""


class UnclearError(FocusError):
    """A write was sent and its outcome is unknown. Never repeat it blindly: read first."""


class NotUnderstoodError(FocusError):
    """A read was answered with something else than the API page promises."""
