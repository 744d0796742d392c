"""Acts and changes as values: what somebody asked, what became of it, and how that is written down.

An *act* is one request of one actor. It owns *changes*, one for each subject, and each change owns
*steps*, one for each call that writes to Focus. The journal keeps them; the messages show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from store.trouble import Trouble, TroubleCode
from store.week import ALL_DAYS, Clause, Hours, Pattern, Subject, Week, Weekday

__all__ = [
    "FEW",
    "TAKE_UP_FOR",
    "UNDO_FOR",
    "UNSETTLED",
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
    "days_from_json",
    "days_to_json",
    "pattern_from_json",
    "pattern_to_json",
    "week_from_json",
    "week_to_json",
]

UNDO_FOR = timedelta(hours=24)
"""How long an act can be undone."""

TAKE_UP_FOR = timedelta(hours=24)
"""How long what was interrupted can be done as it was asked: later nobody knows what it would overwrite."""

FEW = 5
"""As many weeks are read, or changed, while the person waits: more are shown as last read, and queue."""

Days = Mapping[Weekday, Hours | None]

PlaceKind = Literal["channel", "dm", "modal", "home"]


class Kind(StrEnum):
    """What an act is for."""

    SET = "set"
    UNDO = "undo"
    REDO = "redo"
    REPAIR = "repair"
    BULK = "bulk"
    PLAN = "plan"  # what was planned for a date begins
    PUT_BACK = "put back"  # and ends

    @property
    def of_the_clock(self) -> bool:
        """Whether it happens by itself, because its day has come."""
        return self in {Kind.PLAN, Kind.PUT_BACK}


class State(StrEnum):
    """Where a change stands. The first three still move by themselves."""

    STARTED = "started"  # claimed; steps may be under way
    UNCLEAR = "unclear"  # Focus did not say whether a step worked: read again at ``due_at``
    WAITING = "waiting"  # nothing can be done before ``due_at``: quota, key, or its turn
    APPLIED = "applied"
    UNCHANGED = "unchanged"  # Focus had the wanted week already
    PARTIAL = "partial"  # some days were written, some were not
    FAILED = "failed"  # nothing was written
    CONFLICT = "conflict"  # this try wrote nothing: somebody else changed the same days
    CANCELLED = "cancelled"

    @property
    def settled(self) -> bool:
        """Whether nothing more happens unless somebody asks."""
        return self not in {State.STARTED, State.UNCLEAR, State.WAITING}

    @property
    def wrote(self) -> bool:
        """Whether Focus was changed."""
        return self in {State.APPLIED, State.PARTIAL}


def _listed(states: Iterable[State]) -> str:
    return "({})".format(", ".join(f"'{state}'" for state in states))


UNSETTLED = _listed(state for state in State if not state.settled)
"""For ``state IN …``, word for word as in the index over such changes: else SQLite does not use that."""

WROTE = _listed(state for state in State if state.wrote)
"""For ``state IN …``: the changes that Focus has got, in part at least."""


class StepState(StrEnum):
    """Where one call stands; ``SENT`` after a crash means that nobody knows."""

    SENT = "sent"
    DONE = "done"
    FOUND = "found"  # its answer was unclear, and what Focus shows is what it should have done
    UNCLEAR = "unclear"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """One call: POST, PUT or DELETE, and the days it was about."""

    verb: str
    days: tuple[Weekday, ...]
    state: StepState


@dataclass(frozen=True, slots=True)
class Change:
    """One write to one subject.

    ``before`` and ``wanted`` are whole weeks, known once Focus was read; ``expected`` are the days the
    person saw when asking; ``found`` is the week that was there instead, or that is there now.
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
    steps: tuple[Step, ...] = ()

    @property
    def days(self) -> tuple[Weekday, ...]:
        """The days whose value was to change."""
        return self.before.differing(self.wanted) if self.before and self.wanted else ()

    @property
    def can_finish(self) -> bool:
        """Whether another try may bring about what is missing; what somebody else decided stays."""
        if self.state is State.FAILED:
            return self.trouble is None or not self.trouble.code.is_final
        return self.state in {State.PARTIAL, State.CANCELLED} and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether it was planned for days that are over: what is missing of it stays so."""
        return self.trouble is not None and self.trouble.code is TroubleCode.PLAN_OVER

    @property
    def written(self) -> tuple[Weekday, ...]:
        """The days of it that Focus is known to have, whatever became of the others."""
        if self.state is State.APPLIED:
            return self.days
        if self.found and self.wanted:
            return tuple(day for day in self.days if self.found[day] == self.wanted[day])
        return ()

    def back(self) -> tuple[Pattern, Days]:
        """What it takes to undo it: its written days as they were, and as it left them.

        Raises:
            LookupError: it has written nothing.
        """
        if self.before is None or self.wanted is None:
            raise LookupError(f"change {self.id} has written days but no plan")
        return Pattern.exactly(self.before.only(self.written)), self.wanted.only(self.written)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody asked, as far as the answer depends on it."""

    kind: PlaceKind
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """One request of one actor, with the changes it led to.

    Where only one of many changes matters, only that is in ``changes``, and the ``others`` are counted.
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
    """Whether it was received, came to nothing, and its actor has not had it done since."""

    @property
    def asked_by(self) -> str | None:
        """The Slack user who asked the actor for it, if somebody did."""
        asker = self.request.get("asked_by")
        return str(asker) if asker else None

    @property
    def settled(self) -> bool:
        """Whether every change of it is settled."""
        return not self.others_unsettled and all(change.state.settled for change in self.changes)

    @property
    def queued(self) -> bool:
        """Whether it is too long to wait for: its changes take their turns, beside everybody's."""
        return len(self.changes) + self.others > FEW

    @property
    def told_at(self) -> datetime:
        """When the last of those whose weeks it is about hears of it: in the morning, if it was at night."""
        held = self.request.get("held") or {}
        return max([self.at, *map(datetime.fromisoformat, held.values())])

    def can_be_taken_up(self, now: datetime) -> bool:
        """Whether it was interrupted and can still be done."""
        return self.interrupted and now < self.at + TAKE_UP_FOR

    def undoable(self, now: datetime) -> bool:
        """Whether an Undo can be offered now."""
        wrote = any(change.written for change in self.changes)
        return (
            wrote
            and self.settled
            and self.undone_by is None
            and self.kind is not Kind.REPAIR
            and now < self.told_at + UNDO_FOR
        )


def week_to_json(week: Week | None) -> list[str | None] | None:
    """Seven strings, exact; ``None`` where a day is not set."""
    return None if week is None else [None if hours is None else str(hours) for hours in week.days]


def week_from_json(value: list[str | None] | None) -> Week | None:
    """As :func:`week_to_json` wrote it."""
    return None if value is None else Week(tuple(None if hours is None else Hours(hours) for hours in value))


def days_to_json(days: Days | None) -> dict[str, str | None] | None:
    """ISO day number -> exact hours."""
    if days is None:
        return None
    return {str(int(day)): None if hours is None else str(hours) for day, hours in days.items()}


def days_from_json(value: Mapping[str, str | None] | None) -> dict[Weekday, Hours | None] | None:
    """As :func:`days_to_json` wrote it."""
    if value is None:
        return None
    return {Weekday(int(day)): None if hours is None else Hours(hours) for day, hours in value.items()}


def pattern_to_json(pattern: Pattern) -> dict[str, Any]:
    """Clauses with ISO day numbers and exact hours, and whether they are for set days alone."""
    clauses = [
        [
            clause.days and [int(day) for day in clause.days],
            None if clause.hours is None else str(clause.hours),
            *([True] if clause.if_set else []),
        ]
        for clause in pattern.clauses
    ]
    return {"only": pattern.only, "clauses": clauses}


def pattern_from_json(value: Mapping[str, Any]) -> Pattern:
    """As :func:`pattern_to_json` wrote it."""
    clauses = tuple(
        Clause(
            None if days is None else tuple(ALL_DAYS[day - 1] for day in days),
            None if hours is None else Hours(hours),
            if_set=bool(if_set),
        )
        for days, hours, *if_set in value["clauses"]
    )
    return Pattern(clauses, only=value["only"])
