"""The health of the deployment, for status pages: whether Focus answers, and what the database contains."""

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
    """The state of the deployment at one moment."""

    contact: Contact
    quota: Quota
    """The quota as Focus last stated it."""
    left: int
    """Requests left in this hour; by the bot's own count if Focus does not state it."""
    reserve: int
    """Requests per hour that are reserved for people who wait for an answer."""
    alarms: tuple[Alarm, ...]
    """Standing problems of the deployment itself, such as a refused key or an unusable channel."""
    numbering: Numbering
    proven: bool
    """Whether the numbering was set, or confirmed by an admin, rather than guessed."""
    lock: Lock | None
    checked: tuple[str, ...]
    """The methods (``POST``, ``PUT`` …) whose first call was verified by reading the week back."""
    has_placeholders: bool
    """Whether a workspace is set; without one there are no placeholders."""
    held: Census


_FIRST_RUN = "first_run_over"
_PROBED = "probed"


class Health:
    """Reports on the deployment without any request to Focus."""

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

    async def report(self, permit: Permit, *, now: datetime) -> Report:
        """The current state, for admins.

        Raises:
            TypeError: the permit is not one to administer.
        """
        if permit.action is not Action.ADMINISTER:
            raise TypeError("the state of a deployment is for those who administer it")
        await self._facts.load()  # include what other processes have learnt
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
            held=await census(self._database, team_id=self._team_id, now=now),
        )

    async def try_disk(self, now: datetime) -> None:
        """Test that the database accepts writes, by writing a row that has no other use.

        It must not be the heartbeat, which would renew this process's claims.

        Raises:
            DatabaseUnusableError: the database does not accept the write.
        """
        await self._facts.put(_PROBED, now.isoformat(), now=now)

    @property
    def first_run_is_over(self) -> bool:
        """Whether an admin has completed the guide of first steps, or hidden it."""
        return bool(self._facts.get(_FIRST_RUN))

    async def end_first_run(self, permit: Permit, *, now: datetime) -> None:
        """Stop showing the guide of first steps to any admin."""
        if permit.action is not Action.ADMINISTER:
            raise TypeError("the first steps are the admins'")
        await self._facts.put(_FIRST_RUN, now.isoformat(), now=now)
