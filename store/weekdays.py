"""Which weekday numbers Focus uses, whether that is proven, and the lock that keeps writes off until it is.

Focus does not document its numbers. Without the setting ``FOCUS_WEEKDAYS`` the rows of everybody are
asked (a vote), reading uses the best guess, and writing stays locked until an admin has confirmed in
Slack what the bot reads. Whatever later contradicts the numbering locks writes again, loudly.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from store.facts import Facts
from store.focus import Numbering, Reading, WireRow
from store.week import Snapshot

__all__ = ["Lock", "LockCode", "Weekdays", "WritesLockedError"]

LockCode = Literal["unproven", "impossible", "moved"]
"""Not confirmed yet; a number that cannot be was read; a call moved other days."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Why nothing may be written: a code, and what was seen."""

    code: LockCode
    seen: str = ""


class WritesLockedError(Exception):
    """Nothing is written to Focus until an admin has looked."""

    def __init__(self, lock: Lock) -> None:
        super().__init__(f"writes are locked: {lock.code} {lock.seen}".rstrip())
        self.lock = lock


class Weekdays:
    """The numbering in force, what proves it, and the write lock."""

    def __init__(
        self,
        facts: Facts,
        *,
        setting: Numbering | None,
        alert_admins: Callable[[Lock, datetime | None], Awaitable[None]] | None = None,
    ) -> None:
        """Take what is known.

        Args:
            facts: what was learnt and decided.
            setting: ``FOCUS_WEEKDAYS``.
            alert_admins: is told each lock, with the moment of the last unlock; only reading needs none.
        """
        self._facts = facts
        self._setting = setting
        self._alert_admins = alert_admins

    @property
    def numbering(self) -> Numbering:
        """The setting; else what an admin confirmed; else the best guess."""
        return self._setting or self._fact("weekdays") or self._fact("weekdays_guess") or Numbering.SUNDAY0

    @property
    def guessed(self) -> Numbering | None:
        """The numbering that admins are being asked about; ``None`` before the first question."""
        return self._fact("weekdays_guess")

    @property
    def lock(self) -> Lock | None:
        """Why writing is not allowed now, or ``None``."""
        if found := self._facts.get("write_lock"):
            return Lock(found["code"], found["seen"])
        if not self.proven:
            return Lock("unproven")
        return None

    @property
    def unlocked_at(self) -> datetime | None:
        """When an admin last allowed changes again."""
        moment = self._facts.get("unlocked_at")
        return datetime.fromisoformat(moment) if moment else None

    @property
    def proven(self) -> bool:
        """Whether the numbering is a setting, or an admin has confirmed it."""
        return self._setting is not None or self._fact("weekdays") is not None

    @property
    def checked(self) -> tuple[str, ...]:
        """The kinds of calls whose first one was read back."""
        return tuple(sorted(self._proofs))

    def require_writable(self) -> None:
        """Raises :class:`WritesLockedError` while writing is locked."""
        if lock := self.lock:
            raise WritesLockedError(lock)

    async def reload(self) -> None:
        """Take over what other processes have learnt, a lock above all."""
        await self._facts.load()

    def read(self, reading: Reading) -> Snapshot:
        """Focus's rows as days.

        Raises:
            ImpossibleWeekdayError: a number that this numbering does not have.
        """
        return reading.snapshot(self.numbering)

    async def heed(self, *readings: Reading, now: datetime) -> None:
        """Stop all writing where Focus has sent a number that the numbering in force does not have.

        What was read before an admin last looked counts no more.
        """
        since, numbering = self.unlocked_at, self.numbering
        sent = {row.weekday for each in readings if not since or each.as_of > since for row in each.rows}
        strange = numbering.strange(sent)
        if not (strange and self.proven):  # while it is only a guess nothing is written anyway
            return
        await self.reload()
        if self.lock is None:
            await self.lock_writes(Lock("impossible", ", ".join(map(str, sorted(strange)))), now=now)

    def reading(self, snapshot: Snapshot) -> Reading:
        """The opposite of :meth:`read`: days as Focus's rows."""
        rows = tuple(
            WireRow(id=row.id, weekday=self.numbering.write(row.day), hours=row.hours)
            for row in snapshot.rows
        )
        return Reading(rows=rows, as_of=snapshot.as_of)

    async def guess(self, numbering: Numbering, *, now: datetime) -> None:
        """Read by this numbering while none is proven."""
        await self._facts.put("weekdays_guess", numbering.value, now=now)

    async def confirm(self, numbering: Numbering, *, by: str, now: datetime) -> None:
        """An admin has compared the bot's reading with Focus's own page: writes are allowed."""
        await self._facts.put("weekdays", numbering.value, now=now)
        await self._facts.put("weekdays_confirmed_by", by, now=now)

    async def lock_writes(self, lock: Lock, *, now: datetime) -> None:
        """Stop all writing until :meth:`unlock`, and tell the admins."""
        await self._facts.put("write_lock", {"code": lock.code, "seen": lock.seen}, now=now)
        if self._alert_admins:
            await self._alert_admins(lock, self.unlocked_at)

    async def unlock(self, *, now: datetime) -> None:
        """An admin has looked: writing goes on, and the first call of each kind is checked again."""
        await self._facts.put("unlocked_at", now.isoformat(), now=now)
        for name in ("write_lock", "proved"):
            await self._facts.put(name, None, now=now)

    def proved(self, verb: str) -> bool:
        """Whether the first call of this kind has been read back and moved nothing else."""
        return verb in self._proofs

    async def prove(self, verb: str, *, now: datetime) -> None:
        """A call of this kind did what it should and nothing more."""
        await self._facts.put("proved", {**self._proofs, verb: now.isoformat()}, now=now)

    @property
    def _proofs(self) -> Mapping[str, Any]:
        return self._facts.get("proved") or {}

    def _fact(self, name: str) -> Numbering | None:
        value = self._facts.get(name)
        return Numbering(value) if value else None
