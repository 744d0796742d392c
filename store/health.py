"""How the deployment is, for status pages: whether Focus answers, and what its database holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from store.access import Action, Permit
from store.alarms import Alarm, Alarms
from store.census import Census, census
from store.database import Database
from store.facts import Facts
from store.focus import Budget, Contact, Numbering, Quota
from store.weekdays import Lock, Weekdays

__all__ = ["Health", "Report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One deployment at one moment."""

    contact: Contact
    quota: Quota
    """As Focus has told it."""
    left: int
    """Requests left in this hour, by the bot's own count where Focus does not tell."""
    reserve: int
    """Requests of an hour that are kept for people who wait for an answer."""
    alarms: tuple[Alarm, ...]
    """What is wrong with the deployment itself: its key, its channels."""
    numbering: Numbering
    proven: bool
    """Whether the numbering is a setting or was confirmed by an admin."""
    lock: Lock | None
    checked: tuple[str, ...]
    """Kinds of calls (``POST``, ``PUT`` …) whose first one was read back."""
    has_placeholders: bool
    """Whether a workspace is set; without one there can be none."""
    held: Census


_FIRST_RUN = "first_run_over"
_PROBED = "probed"


class Health:
    """Looks at everything and asks Focus nothing."""

    def __init__(
        self,
        database: Database,
        *,
        team_id: str,
        contact: Callable[[], Contact],
        quota: Callable[[], Quota],
        budget: Budget,
        weekdays: Weekdays,
        facts: Facts,
        alarms: Alarms,
        has_workspace: bool,
    ) -> None:
        self._database = database
        self._team_id = team_id
        self._contact = contact
        self._quota = quota
        self._budget = budget
        self._weekdays = weekdays
        self._facts = facts
        self._alarms = alarms
        self._has_workspace = has_workspace

    async def report(self, permit: Permit) -> Report:
        """How things are now; for admins."""
        if permit.action is not Action.ADMINISTER:
            raise TypeError("the state of a deployment is for those who administer it")
        await self._facts.load()  # of what another process knows, too
        return Report(
            contact=self._contact(),
            quota=self._quota(),
            left=self._budget.remaining,
            reserve=self._budget.kept,
            alarms=self._alarms.standing,
            numbering=self._weekdays.numbering,
            proven=self._weekdays.proven,
            lock=self._weekdays.lock,
            checked=self._weekdays.checked,
            has_placeholders=self._has_workspace,
            held=await census(self._database, team_id=self._team_id),
        )

    async def try_disk(self, now: datetime) -> None:
        """Write something durably that means nothing else: a sign of life would renew what is claimed.

        Raises:
            DatabaseUnusableError: the database takes no write.
        """
        await self._facts.put(_PROBED, now.isoformat(), now=now)

    @property
    def first_run_is_over(self) -> bool:
        """Whether the first steps were done once, or hidden."""
        return bool(self._facts.get(_FIRST_RUN))

    async def end_first_run(self, permit: Permit, *, now: datetime) -> None:
        """Show the first steps no more, to no admin."""
        if permit.action is not Action.ADMINISTER:
            raise TypeError("the first steps are the admins'")
        await self._facts.put(_FIRST_RUN, now.isoformat(), now=now)
