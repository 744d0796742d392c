"""Which people have App Home open, and whose Home is out of date.

Kept in memory only: after a restart a Home is updated from its next opening on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["OpenHomes"]

PAUSE = timedelta(seconds=1)
"""Between two managers' Homes: each change concerns all of them, and Slack takes about 100 a minute."""


class OpenHomes:
    """The people who opened Home; Homes of managers and admins also show other people's weeks."""

    def __init__(self) -> None:
        self._readers: set[str] = set()
        self._managers: set[str] = set()
        self._behind: dict[str, None] = {}
        self._managers_behind: dict[str, None] = {}
        self._rest_until: datetime | None = None
        self._told: dict[str, str] = {}

    def opened(self, user_id: str) -> None:
        """Note that a person opened Home."""
        self._readers.add(user_id)
        self._told.pop(user_id, None)

    def telling(self, user_id: str, told: str) -> str:
        """The one-time introduction, which is shown until Home is opened again; ``told`` if it is new."""
        if told:
            self._told[user_id] = told
        return self._told.get(user_id, "")

    def shown(self, user_id: str, *, others: bool) -> None:
        """Note whether the Home published for a person shows only their own week or ``others`` as well."""
        (self._managers.add if others else self._managers.discard)(user_id)

    def changed(self, *user_ids: str) -> bool:
        """Mark the Homes that show these people as out of date; whether there are any."""
        self._behind |= dict.fromkeys(user for user in user_ids if user in self._readers)
        self._managers_behind |= dict.fromkeys(sorted(self._managers & self._readers))
        return bool(self._behind or self._managers_behind)

    def take(self, now: datetime) -> tuple[str, ...]:
        """The people whose Home to publish now.

        Those whom a change is about are all due; managers, whose Home shows others, come one per ``PAUSE``.
        """
        due = list(self._behind)
        self._behind.clear()
        for user_id in due:
            self._managers_behind.pop(user_id, None)
        if self._managers_behind and (self._rest_until is None or now >= self._rest_until):
            due.append(next(iter(self._managers_behind)))
            self._managers_behind.pop(due[-1])
            self._rest_until = now + PAUSE
        return tuple(due)
