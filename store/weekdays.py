"""Which weekday numbers Focus uses, whether that is proven, and the lock on writing while it is not.

Focus does not document its weekday numbers. Without the setting ``FOCUS_WEEKDAYS`` the bot guesses them for
reading, from everybody's rows (a vote), and writing stays locked until an admin has confirmed in Slack that
the bot reads weeks correctly. If later data contradicts the numbering, or more people's weeks fit another one
than the setting, writing is locked and admins are told.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from store.facts import Facts
from store.focus import Numbering, Reading, Vote, WireRow, vote
from store.week import Snapshot

__all__ = ["Lock", "LockCode", "Weekdays", "WritesLockedError"]

LockCode = Literal["unproven", "impossible", "doubted", "moved"]
"""Reasons: the numbering is not proven; Focus sent an impossible number; more people's rows fit another
numbering than the setting; a call changed other days."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Why nothing may be written: a code, and the numbers or days that were seen, or the vote's sentence."""

    code: LockCode
    seen: str = ""


class WritesLockedError(Exception):
    """Writing to Focus is locked until an admin has checked the reason."""

    def __init__(self, lock: Lock) -> None:
        super().__init__(f"writes are locked: {lock.code} {lock.seen}".rstrip())
        self.lock = lock


class Weekdays:
    """The weekday numbering in use, the evidence for it, and the write lock."""

    def __init__(
        self,
        facts: Facts,
        *,
        setting: Numbering | None,
        alert_admins: Callable[[Lock, datetime | None], Awaitable[None]] | None = None,
    ) -> None:
        """Store the sources.

        Args:
            facts: the stored decisions and observations.
            setting: ``FOCUS_WEEKDAYS``.
            alert_admins: called with each lock and the time of the last unlock; not needed for reading only.
        """
        self._facts = facts
        self._setting = setting
        self._alert_admins = alert_admins

    @property
    def numbering(self) -> Numbering:
        """The numbering in use: the setting, else the one an admin confirmed, else the best guess."""
        return self._setting or self.confirmed or self._fact("weekdays_guess") or Numbering.SUNDAY0

    @property
    def confirmed(self) -> Numbering | None:
        """The numbering that an admin confirmed last in Slack."""
        return self._fact("weekdays")

    @property
    def guessed(self) -> Numbering | None:
        """The numbering that admins are asked to confirm; ``None`` before the first question."""
        return self._fact("weekdays_guess")

    @property
    def lock(self) -> Lock | None:
        """The reason why writing is locked now; ``None`` if it is not."""
        if found := self._facts.get("write_lock"):
            return Lock(found["code"], found["seen"])
        if not self.proven:
            return Lock("unproven")
        return None

    @property
    def unlocked_at(self) -> datetime | None:
        """When an admin last released the lock."""
        moment = self._facts.get("unlocked_at")
        return datetime.fromisoformat(moment) if moment else None

    @property
    def proven(self) -> bool:
        """Whether the numbering was set, or confirmed by an admin."""
        return self._setting is not None or self.confirmed is not None

    @property
    def uncertain(self) -> bool:
        """Whether days may be read wrongly: the numbering is not proven, or rows contradict the setting."""
        return self.lock is not None and self.lock.code in {"unproven", "doubted"}

    @property
    def checked(self) -> tuple[str, ...]:
        """The methods (POST, PUT, DELETE) whose first call was verified by reading the week back."""
        return tuple(sorted(self._proofs))

    def require_writable(self) -> None:
        """Raise :class:`WritesLockedError` if writing is locked."""
        if lock := self.lock:
            raise WritesLockedError(lock)

    async def reload(self) -> None:
        """Reload the facts, because another process may have locked writing."""
        await self._facts.load()

    def read(self, reading: Reading) -> Snapshot:
        """Convert Focus's rows to days by the numbering in use.

        Raises:
            ImpossibleWeekdayError: the numbering does not have one of the numbers.
        """
        return reading.snapshot(self.numbering)

    async def heed(self, *readings: Reading, now: datetime) -> None:
        """Lock all writing if Focus has sent a number that contradicts the numbering in use.

        Readings from before the last unlock are ignored.
        """
        since, numbering = self.unlocked_at, self.numbering
        sent = {row.weekday for each in readings if not since or each.as_of > since for row in each.rows}
        strange = numbering.strange(sent)
        if not (strange and self.proven):  # an unproven numbering keeps writing locked anyway
            return
        await self.reload()
        if self.lock is None:
            await self.lock_writes(Lock("impossible", ", ".join(map(str, sorted(strange)))), now=now)

    async def weigh(self, readings: Iterable[Reading], *, now: datetime) -> Vote:
        """Take a vote; before the first write, lock all writing if it is against the setting.

        That is no proof, as people may work from Sunday to Thursday: a setting that an admin has confirmed is
        not doubted, nor one by which weeks were written that people have seen since. A setting that is
        impossible is :meth:`heed`'s business.
        """
        setting = self._setting
        result = vote([(row.weekday, row.hours) for row in reading.rows] for reading in readings)
        if setting is None or setting in result.proven_impossible or result.allows(setting):
            return result
        await self.reload()
        if self.lock is None and not self.checked and self.confirmed is not setting:
            await self.lock_writes(Lock("doubted", result.sentence), now=now)
        return result

    def reading(self, snapshot: Snapshot) -> Reading:
        """Convert days to Focus's rows; the inverse of :meth:`read`."""
        rows = tuple(
            WireRow(id=row.id, weekday=self.numbering.write(row.day), hours=row.hours)
            for row in snapshot.rows
        )
        return Reading(rows=rows, as_of=snapshot.as_of)

    async def guess(self, numbering: Numbering, *, now: datetime) -> None:
        """Use this numbering for reading while none is proven."""
        await self._facts.put("weekdays_guess", numbering.value, now=now)

    async def confirm(self, numbering: Numbering, *, by: str, now: datetime) -> None:
        """Store that the admin ``by`` confirmed the numbering, by comparing weeks with Focus's own page."""
        await self._facts.put("weekdays", numbering.value, now=now)
        await self._facts.put("weekdays_confirmed_by", by, now=now)

    async def lock_writes(self, lock: Lock, *, now: datetime) -> None:
        """Lock all writing until :meth:`unlock`, and tell the admins."""
        await self._facts.put("write_lock", {"code": lock.code, "seen": lock.seen}, now=now)
        if self._alert_admins:
            await self._alert_admins(lock, self.unlocked_at)

    async def unlock(self, *, by: str, now: datetime) -> None:
        """Release the lock for the admin ``by``; the next call of each method is verified again.

        A setting that was doubted is thereby confirmed.
        """
        if self._setting and self.lock and self.lock.code == "doubted":
            await self.confirm(self._setting, by=by, now=now)
        await self._facts.put("unlocked_at", now.isoformat(), now=now)
        for name in ("write_lock", "proved"):
            await self._facts.put(name, None, now=now)

    def proved(self, verb: str) -> bool:
        """Whether a call of this method was verified to have changed nothing but its own days."""
        return verb in self._proofs

    async def prove(self, verb: str, *, now: datetime) -> None:
        """Store that a call of this method changed its own days and nothing else."""
        await self._facts.put("proved", {**self._proofs, verb: now.isoformat()}, now=now)

    @property
    def _proofs(self) -> Mapping[str, Any]:
        return self._facts.get("proved") or {}

    def _fact(self, name: str) -> Numbering | None:
        value = self._facts.get(name)
        return Numbering(value) if value else None
