"""The reason why a change or plan is not applied, as a value: the journal stores it, a view words it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["Trouble", "TroubleCode"]


class TroubleCode(StrEnum):
    """The reasons; the journal stores the strings, so they must not change."""

    OUT_OF_QUOTA = "out_of_quota"
    KEY_REFUSED = "key_refused"
    SLOW_DOWN = "slow_down"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"
    NOT_UNDERSTOOD = "not_understood"

    UNCLEAR = "unclear"  # it is not known whether a call worked
    NOT_TAKEN = "not_taken"  # a call did not work: two reads agree
    INTERRUPTED = "interrupted"  # the process ended before the first call

    BUSY = "busy"
    AFTER_UNCLEAR = "after_unclear"  # of an earlier change to the same day it is not known whether it worked
    CONFLICT = "conflict"
    DOUBLED = "doubled"
    ENTRY_GONE = "entry_gone"
    DAY_TWICE = "day_twice"

    LOCKED = "locked"
    IMPOSSIBLE = "impossible"
    MOVED = "moved"
    MOVED_STUCK = "moved_stuck"

    NOT_ALLOWED = "not_allowed"
    EXPIRED = "expired"
    MISSED = "missed"  # a plan's days were over before it could begin
    PLAN_OVER = "plan_over"
    PLAN_CANCELLED = "plan_cancelled"

    @property
    def is_final(self) -> bool:
        """Whether no retry can succeed."""
        return self in {
            TroubleCode.DAY_TWICE,
            TroubleCode.ENTRY_GONE,
            TroubleCode.NOT_ALLOWED,
            TroubleCode.PLAN_OVER,
            TroubleCode.PLAN_CANCELLED,
        }

    @property
    def passes(self) -> bool:
        """Whether a retry a little later may succeed."""
        return self in {TroubleCode.INTERRUPTED, TroubleCode.NOT_TAKEN, TroubleCode.UNAVAILABLE}

    @property
    def stops_queue(self) -> bool:
        """Whether the other changes of a queue would fail for the same reason now."""
        return self in {
            TroubleCode.KEY_REFUSED,
            TroubleCode.OUT_OF_QUOTA,
            TroubleCode.SLOW_DOWN,
            TroubleCode.UNAVAILABLE,
        }

    @property
    def names_days(self) -> bool:
        """Whether the description of such a :class:`Trouble` lists weekdays instead of Focus's own text."""
        return self in {
            TroubleCode.CONFLICT,
            TroubleCode.DOUBLED,
            TroubleCode.ENTRY_GONE,
            TroubleCode.DAY_TWICE,
            TroubleCode.MOVED,
            TroubleCode.MOVED_STUCK,
        }


@dataclass(frozen=True, slots=True)
class Trouble:
    """The reason why a change is not applied: a code, and the values that the sentence about it shows."""

    code: TroubleCode
    description: str = ""
    trace_id: str | None = None
    until: datetime | None = None

    @property
    def before(self) -> Trouble | None:
        """Of a plan whose days are over: what stood in its way until then, where that is known."""
        code, _, description = self.description.partition(" ")
        known = self.code is TroubleCode.PLAN_OVER and code in set(TroubleCode)
        return Trouble(TroubleCode(code), description) if known else None

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON for the journal."""
        until = self.until.isoformat() if self.until else None
        return {
            "code": self.code.value,
            "description": self.description,
            "trace_id": self.trace_id,
            "until": until,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Trouble:
        """Restore a value from the output of :meth:`to_json`."""
        until = datetime.fromisoformat(value["until"]) if value["until"] else None
        return cls(TroubleCode(value["code"]), value["description"], value["trace_id"], until)
