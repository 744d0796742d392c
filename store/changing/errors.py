"""Errors raised when a change cannot go on although nobody has done anything wrong.

Another request was faster, or it is too late.
"""

from __future__ import annotations

from store.act import Act, Change
from store.plans import Plan

__all__ = ["AlreadyUndoneError", "DaysOverError", "NotCurrentError", "SubjectBusyError"]


class SubjectBusyError(Exception):
    """Another change of this subject's week is in progress."""


class NotCurrentError(Exception):
    """The change is not (any more) in the state that the request requires; ``change`` is how it is now."""

    def __init__(self, change: Change) -> None:
        super().__init__(f"change {change.id} is {change.state}")
        self.change = change


class AlreadyUndoneError(Exception):
    """The act was undone, or is being undone, by another request; ``act`` tells by whom."""

    def __init__(self, act: Act) -> None:
        super().__init__(f"act {act.id} is undone by {act.undone_by}")
        self.act = act


class DaysOverError(Exception):
    """A plan's last day is over, so it is not begun again: nothing would put the days back afterwards."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"the days of plan {plan.id} are over")
        self.plan = plan
