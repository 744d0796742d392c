"""Who has App Home open, and whose shows what has changed since.

Only this process knows; after a restart Slack asks anew at the next opening.
"""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["OpenHomes"]

PAUSE = timedelta(seconds=1)
"""Between two Homes of managers: each change concerns all of theirs, and Slack takes some 100 a minute."""


class OpenHomes:
    """Everybody who has opened Home; managers' and admins' Homes show other people, too."""

    def __init__(self) -> None:
        self._readers: set[str] = set()
        self._managers: set[str] = set()
        self._behind: dict[str, None] = {}
        self._managers_behind: dict[str, None] = {}
        self._rest_until: datetime | None = None
        self._told: dict[str, str] = {}

    def opened(self, user_id: str) -> None:
        """Somebody looks at Home."""
        self._readers.add(user_id)
        self._told.pop(user_id, None)

    def telling(self, user_id: str, told: str) -> str:
        """What is told once, or was told already since Home was opened: it stays until the next opening."""
        if told:
            self._told[user_id] = told
        return self._told.get(user_id, "")

    def shown(self, user_id: str, *, others: bool) -> None:
        """What was published tells of themselves only, or of ``others`` as well."""
        (self._managers.add if others else self._managers.discard)(user_id)

    def changed(self, *user_ids: str) -> bool:
        """Something about these people is not as it was: whether any Home shows it."""
        self._behind |= dict.fromkeys(user for user in user_ids if user in self._readers)
        self._managers_behind |= dict.fromkeys(sorted(self._managers & self._readers))
        return bool(self._behind or self._managers_behind)

    def take(self, now: datetime) -> tuple[str, ...]:
        """Whose Home is to be published now: all whom a change is about, of managers one at a time."""
        due = list(self._behind)
        self._behind.clear()
        for user_id in due:
            self._managers_behind.pop(user_id, None)
        if self._managers_behind and (self._rest_until is None or now >= self._rest_until):
            due.append(next(iter(self._managers_behind)))
            self._managers_behind.pop(due[-1])
            self._rest_until = now + PAUSE
        return tuple(due)
