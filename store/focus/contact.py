"""What was last heard of Focus: that it gave what was asked, and what went wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from store.focus.errors import FocusError, NotFoundError, RejectedError

__all__ = ["Contact", "Failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error as :class:`~store.focus.errors.FocusError` has it, without what holds on to memory."""

    at: datetime
    kind: type[FocusError]
    reason: str
    asked: str
    status: int | None
    description: str
    trace_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The latest of both since the start of this process; ``None``: there was none."""

    answered_at: datetime | None = None
    """When Focus last gave what was asked, and so accepted the key."""
    failure: Failure | None = None
    failing: bool = False
    """Whether nothing good has come after the failure, and it says more than that one request was wrong."""

    @property
    def trouble(self) -> Failure | None:
        """What is wrong now, as far as is known."""
        return self.failure if self.failing else None

    def answered(self, at: datetime) -> Contact:
        """Focus has given what was asked."""
        return replace(self, answered_at=at, failing=False)

    def failed(self, error: FocusError, at: datetime) -> Contact:
        """It has not."""
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
