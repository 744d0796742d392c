"""Why a change is not applied, as a value: the journal keeps it, a view words it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

__all__ = ["Trouble", "TroubleCode"]


class TroubleCode(StrEnum):
    """What stands between a change, or a plan, and Focus; the journal keeps the strings."""

    OUT_OF_QUOTA = "out_of_quota"
    KEY_REFUSED = "key_refused"
    SLOW_DOWN = "slow_down"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"
    NOT_UNDERSTOOD = "not_understood"

    UNCLEAR = "unclear"  # Focus did not say whether a call worked
    NOT_TAKEN = "not_taken"  # it did not: two reads agree
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
    MISSED = "missed"  # of a plan: its days were over before it could begin
    PLAN_OVER = "plan_over"

    @property
    def is_final(self) -> bool:
        """Whether no other try mends it."""
        return self in {
            TroubleCode.DAY_TWICE,
            TroubleCode.ENTRY_GONE,
            TroubleCode.NOT_ALLOWED,
            TroubleCode.PLAN_OVER,
        }

    @property
    def passes(self) -> bool:
        """Whether another try, a little later, may not meet it."""
        return self in {TroubleCode.INTERRUPTED, TroubleCode.NOT_TAKEN, TroubleCode.UNAVAILABLE}

    @property
    def stops_queue(self) -> bool:
        """Whether the rest of a queue would meet it as well."""
        return self in {
            TroubleCode.KEY_REFUSED,
            TroubleCode.OUT_OF_QUOTA,
            TroubleCode.SLOW_DOWN,
            TroubleCode.UNAVAILABLE,
        }

    @property
    def names_days(self) -> bool:
        """Whether its description is the days it is about, and nothing that Focus has said."""
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
    """Why a change is not applied: a code for the sentence, and what the sentence needs."""

    code: TroubleCode
    description: str = ""
    trace_id: str | None = None
    until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """As the journal keeps it."""
        until = self.until.isoformat() if self.until else None
        return {
            "code": self.code.value,
            "description": self.description,
            "trace_id": self.trace_id,
            "until": until,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Trouble:
        """As :meth:`to_json` wrote it."""
        until = datetime.fromisoformat(value["until"]) if value["until"] else None
        return cls(TroubleCode(value["code"]), value["description"], value["trace_id"], until)
