"""All errors of Focus, named by who must act.

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
    ├── RejectedError               the person who asked: 400, 405, 422 …, Focus refuses this request
    ├── UnclearError                the caller: a write may have happened or not, read again
    └── NotUnderstoodError          the developers: the answer is not as the API page promises

After a write, every one of these except :class:`UnclearError` means that **certainly nothing was done**.
"""

from __future__ import annotations

from store.focus.quota import Quota

__all__ = [
    "OF_ONE_SUBJECT",
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
    """A request to Focus did not succeed.

    Attributes:
        reason: what happened, in words for a log.
        asked: the request, ``PUT /organizations/1/…``; empty if none was made.
        status: the status of the answer; ``None`` if there was none.
        code: Focus's ``error``, such as ``invalid_session``.
        description: Focus's ``error_description``, one short line; may be empty.
        trace_id: the id that Toggl's support asks for; may be empty.
        quota: the quota stated in the answer.
        retry_after: the seconds that the answer asked to wait.
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
    """An error that lasts until the bot's operator corrects a key, a right or a setting."""


class KeyRefusedError(OperatorError):
    """Focus does not accept the key (or the e-mail and password)."""


class ForbiddenError(OperatorError):
    """The key is valid, but its owner may not do this."""


class NotFoundError(OperatorError):
    """The subject does not exist in Focus any more, or a configured id is wrong."""

    @property
    def of_subject(self) -> bool:
        """Whether somebody's working hours were asked for; other paths have only configured ids."""
        return "/workinghours/" in self.asked


class WorkspaceMissingError(OperatorError):
    """Placeholders and capacities belong to a workspace, and none is configured."""

    def __init__(self) -> None:
        super().__init__("placeholders and capacities need FOCUS_WORKSPACE_ID")


class ImpossibleWeekdayError(OperatorError):
    """Focus sent a weekday number that the numbering in use does not have."""

    def __init__(self, number: int, numbering: str) -> None:
        super().__init__(f"weekday {number} does not exist in {numbering}; check FOCUS_WEEKDAYS")
        self.number = number
        self.numbering = numbering


class WaitError(FocusError):
    """The request was not carried out; the same request can succeed later."""


class OutOfQuotaError(WaitError):
    """The hour's quota is used up; ``quota.resets_at`` says when it is renewed, if Focus told."""


class SlowDownError(WaitError):
    """Focus received too many requests in a short time."""


class UnavailableError(WaitError):
    """Focus could not be reached, or could not answer a read."""


class RejectedError(FocusError):
    """Focus refused this request as wrong; ``description`` gives the reason."""


class UnclearError(FocusError):
    """A write was sent and its outcome is unknown. Never retry it blindly: read first."""


class NotUnderstoodError(FocusError):
    """The answer to a read does not have the form that the API page promises."""


OF_ONE_SUBJECT = (NotFoundError, ForbiddenError, RejectedError, NotUnderstoodError)
"""Errors of a read that may be about its subject alone, so that others can be read nevertheless."""
