"""The last contact with Focus: when it last gave a good answer, and the latest failure. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from store.focus.errors import FocusError, NotFoundError, RejectedError

__all__ = ["Contact", "Failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The data of a :class:`~store.focus.errors.FocusError`, without the traceback that would hold memory."""

    at: datetime
    kind: type[FocusError]
    reason: str
    asked: str
    status: int | None
    description: str
    trace_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The latest success and failure since the start of this process; ``None``: there was none."""

    answered_at: datetime | None = None
    """When Focus last gave a good answer, and so accepted the key."""
    failure: Failure | None = None
    failing: bool = False
    """Whether the failure came after the last good answer and was not caused by that one request alone."""

    @property
    def trouble(self) -> Failure | None:
        """The failure, if it still stands."""
        return self.failure if self.failing else None

    def answered(self, at: datetime) -> Contact:
        """The contact after a good answer."""
        return replace(self, answered_at=at, failing=False)

    def failed(self, error: FocusError, at: datetime) -> Contact:
        """The contact after an error."""
        failure = Failure(
            at=at,
            kind=type(error),
            reason=error.reason,
            asked=error.asked,
            status=error.status,
            description=error.description,
            trace_id=error.trace_id,
        )
        of_this_request = isinstance(error, NotFoundError | RejectedError) and self.answered_at is not None
        return replace(self, failure=failure, failing=not of_this_request)
