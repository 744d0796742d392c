"""Acts and changes as values: what a person requested, and what its outcome is.

An *act* is one request of one actor. It owns *changes*, one for each subject, and each change owns
*steps*, one for each call that writes to Focus. The journal stores them; Slack messages show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from store.trouble import Trouble, TroubleCode
from store.week import ALL_DAYS, Hours, Pattern, Subject, Week, Weekday, kept

__all__ = [
    "FEW",
    "TAKE_UP_FOR",
    "UNDO_FOR",
    "UNSETTLED",
    "WAITS_AT_MOST",
    "WRITTEN_AT",
    "WROTE",
    "Act",
    "Change",
    "Days",
    "Kind",
    "Place",
    "PlaceKind",
    "State",
    "Step",
    "StepState",
]

UNDO_FOR = timedelta(hours=24)
"""How long an act can be undone."""

TAKE_UP_FOR = timedelta(hours=24)
"""How long an interrupted request can still be carried out; later it might overwrite newer changes."""

WAITS_AT_MOST = timedelta(days=7)
"""How long a change waits for what stands in its way."""

FEW = 5
"""The most weeks that are read or changed while the person waits.

Of more subjects, weeks are shown as last read, and changes are queued.
"""

Days = Mapping[Weekday, Hours | None]

PlaceKind = Literal["channel", "dm", "modal", "home"]


class Kind(StrEnum):
    """What an act does."""

    SET = "set"
    UNDO = "undo"
    REDO = "redo"
    REPAIR = "repair"
    BULK = "bulk"
    PLAN = "plan"  # a planned change begins on its date
    PUT_BACK = "put back"  # a planned change ends: the days get their former hours

    @property
    def of_the_clock(self) -> bool:
        """Whether the clock started the act, because a plan's date has come, and nobody waits for it."""
        return self in {Kind.PLAN, Kind.PUT_BACK}


class State(StrEnum):
    """The state of a change. While ``settled`` is false, the bot continues with it by itself."""

    STARTED = "started"  # its subject is claimed; calls may be in progress
    UNCLEAR = "unclear"  # the outcome of a call is unknown: the week is read again at ``due_at``
    WAITING = "waiting"  # tried at ``due_at``: waits for quota, a valid key, or its turn
    APPLIED = "applied"
    UNCHANGED = "unchanged"  # Focus already had the wanted week
    PARTIAL = "partial"  # some days were written, some were not
    FAILED = "failed"  # nothing was written
    CONFLICT = "conflict"  # this attempt wrote nothing, because somebody else changed the same days
    CANCELLED = "cancelled"

    @property
    def settled(self) -> bool:
        """Whether nothing more happens to the change unless a person acts on it."""
        return self not in {State.STARTED, State.UNCLEAR, State.WAITING}

    @property
    def wrote(self) -> bool:
        """Whether the change wrote at least one day to Focus."""
        return self in {State.APPLIED, State.PARTIAL}


def _listed(states: Iterable[State]) -> str:
    return "({})".format(", ".join(f"'{state}'" for state in states))


UNSETTLED = _listed(state for state in State if not state.settled)
"""The states for SQL's ``state IN …``.

The text must equal the condition of the partial index on such changes, or SQLite does not use the index.
"""

WROTE = _listed(state for state in State if state.wrote)
"""The states for SQL's ``state IN …`` of changes that wrote to Focus, at least in part."""


WRITTEN_AT = (
    "(SELECT max(steps.at) FROM steps WHERE steps.change_id = changes.change_id AND steps.state != 'refused')"
)
"""When a row of ``changes`` was written, which may be long after it was asked for."""


class StepState(StrEnum):
    """The state of one call; ``SENT`` found after a crash means that its outcome is unknown."""

    SENT = "sent"
    DONE = "done"
    FOUND = "found"  # its answer was unclear, but a later read shows that it worked
    UNCLEAR = "unclear"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One call that writes to Focus: POST, PUT or DELETE (``verb``), and the days it writes."""

    verb: str
    days: tuple[Weekday, ...]
    state: StepState
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the week of one subject.

    ``before`` and ``wanted`` are whole weeks, known as soon as the first attempt has read Focus.
    ``expected`` are the days as the person saw them when asking. ``found`` is the week that Focus was last
    seen to have: in a conflict, the one that was there instead.
    """

    id: str
    act_id: str
    team_id: str
    subject: Subject
    pattern: Pattern
    state: State
    at: datetime
    expected: Days | None = None
    before: Week | None = None
    wanted: Week | None = None
    found: Week | None = None
    trouble: Trouble | None = None
    due_at: datetime | None = None
    waits_since: datetime | None = None
    """Since when it could not go on, or was queued by *Finish*.

    What came of that is told anew, and it passes over nothing since.
    """
    doubled: Mapping[Weekday, tuple[Hours, ...]] = field(default_factory=dict)
    """Of a repair: the hours of all entries that its days had; of these the wanted one is kept."""
    steps: tuple[Step, ...] = ()

    @property
    def days(self) -> tuple[Weekday, ...]:
        """The days that differ between ``before`` and ``wanted``; empty while these are not known."""
        return self.before.differing(self.wanted) if self.before and self.wanted else ()

    @property
    def contested(self) -> tuple[Weekday, ...]:
        """Of a conflict: the days that it is about."""
        if self.trouble is None or self.trouble.code is not TroubleCode.CONFLICT:
            return ()
        named = self.trouble.description.split()
        return tuple(day for day in ALL_DAYS if day.short in named)

    @property
    def can_finish(self) -> bool:
        """Whether another attempt may write the missing days.

        A conflict cannot be finished, because a person has to decide it first; nor can a final failure.
        """
        if self.state is State.FAILED:
            return self.trouble is None or not self.trouble.code.is_final
        return self.state in {State.PARTIAL, State.CANCELLED} and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether its plan is over or was cancelled, so that days not yet written are never written."""
        over = {TroubleCode.PLAN_OVER, TroubleCode.PLAN_CANCELLED}
        return self.trouble is not None and self.trouble.code in over

    @property
    def written(self) -> tuple[Weekday, ...]:
        """The days of this change that Focus is known to have, whatever the outcome of the other days."""
        if self.state is State.APPLIED:
            return tuple(sorted({*self.days, *self.doubled}))
        if self.found and self.wanted:
            return tuple(day for day in self.days if kept(self.wanted[day], self.found[day]))
        return ()

    def ended(self, otherwise: State) -> State:
        """The state with which it ends now: partial if some of its days are written, else ``otherwise``."""
        return State.PARTIAL if self.written else otherwise

    @property
    def written_at(self) -> datetime | None:
        """When the last call was made that Focus may have heeded; as :data:`WRITTEN_AT`."""
        return max((step.at for step in self.steps if step.state is not StepState.REFUSED), default=None)

    def back(self) -> tuple[Pattern, Days]:
        """What an undo needs: the pattern that restores the written days, and the days it expects to find.

        Raises:
            LookupError: the change never got as far as reading Focus, so it has written nothing.
        """
        if self.before is None or self.wanted is None:
            raise LookupError(f"change {self.id} has written days but no plan")
        return Pattern.exactly(self.before.only(self.written)), self.wanted.only(self.written)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Slack a request was made, as far as the answer depends on it."""

    kind: PlaceKind
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One request of one actor, with the changes that belong to it.

    An act can be loaded with only one of its changes in ``changes``; ``others`` then counts the rest, and
    ``others_unsettled`` those of the rest that are not settled.
    """

    id: str
    team_id: str
    actor: str
    kind: Kind
    at: datetime
    place: Place
    request: Mapping[str, Any]
    changes: tuple[Change, ...] = ()
    undoes: str | None = None
    undone_by: str | None = None
    undone_by_actor: str | None = None
    undone_at: datetime | None = None
    others: int = 0
    others_unsettled: int = 0
    interrupted: bool = False
    """Whether the request was received but never carried out, and its actor has not repeated it since."""
    handed_on: bool = False
    """Whether the request led to work under another act, or on a plan."""

    @property
    def asked_by(self) -> str | None:
        """The Slack user whose petition the actor carried out with this act, if there was one."""
        asker = self.request.get("asked_by")
        return str(asker) if asker else None

    @property
    def written_at(self) -> datetime | None:
        """When the last of its changes was written, if any was."""
        return max((each.written_at for each in self.changes if each.written_at), default=None)

    @property
    def settled(self) -> bool:
        """Whether every change of this act is settled, those not loaded included."""
        return not self.others_unsettled and all(change.state.settled for change in self.changes)

    @property
    def queued(self) -> bool:
        """Whether the act has more than :data:`FEW` changes, so that they run in the background, in turn."""
        return len(self.changes) + self.others > FEW

    @property
    def told_at(self) -> datetime:
        """When the last recipient is told of this act: messages about changes at night wait until morning."""
        held = self.request.get("held") or {}
        return max([self.at, self.written_at or self.at, *map(datetime.fromisoformat, held.values())])

    def can_be_taken_up(self, now: datetime) -> bool:
        """Whether the act was interrupted and may still be carried out at ``now``."""
        return self.interrupted and now < self.at + TAKE_UP_FOR

    def undoable(self, now: datetime) -> bool:
        """Whether Undo can be offered at ``now``."""
        wrote = any(change.written for change in self.changes)
        return (
            wrote
            and self.settled
            and self.undone_by is None
            and self.kind is not Kind.REPAIR
            and now < self.told_at + UNDO_FOR
        )
