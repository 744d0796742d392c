"""Why a change is not carried any further just now. Nobody has done anything wrong."""

from __future__ import annotations

from store.act import Act, Change

__all__ = ["AlreadyUndoneError", "NotCurrentError", "SubjectBusyError"]


class SubjectBusyError(Exception):
    """Somebody else is changing this subject's week at this moment."""


class NotCurrentError(Exception):
    """The change is not in the state that the button was made for; ``change`` is how it is now."""

    def __init__(self, change: Change) -> None:
        super().__init__(f"change {change.id} is {change.state}")
        self.change = change


class AlreadyUndoneError(Exception):
    """Somebody has undone (or is undoing) this act; ``act`` tells who."""

    def __init__(self, act: Act) -> None:
        super().__init__(f"act {act.id} is undone by {act.undone_by}")
        self.act = act
