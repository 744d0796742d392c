"""The local Focus as tests and the page use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.crowd import Member
from bot.sandbox.faults import Faults
from bot.sandbox.focus.api import Api
from bot.sandbox.focus.book import Book, Ghost, Kind, Person, Row
from bot.sandbox.focus.calendar import Calendar, Holiday, TimeOff
from bot.sandbox.focus.door import Keys, Quota
from bot.sandbox.focus.options import Numbering, Options
from bot.sandbox.focus.seed import KEY_OWNER, seed

__all__ = ["Focus", "WeekLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekLine:
    """One subject's week as the page shows it."""

    kind: Kind
    id: int
    name: str
    days: tuple[str | None, ...]
    """Monday first; ``None`` is not set. A doubled day shows its first row."""
    total: str
    doubled: tuple[int, ...] = ()


class Focus:
    """A Focus organization on this machine. Weekdays here are ISO: Monday 1 … Sunday 7.

    Only the JSON has the configured ``numbering``, so what a test says of a week holds under each.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        log: CallLog | None = None,
        faults: Faults | None = None,
        quota: int = 600,
        numbering: Numbering = "sunday0",
        options: Options | None = None,
        crowd: Sequence[Member] = (),
    ) -> None:
        self.clock = clock or Clock()
        self.log = log or CallLog()
        self.faults = faults or Faults()
        self.options = options or Options(numbering=numbering)
        self.quota = Quota(quota, clock=self.clock)
        self.keys = Keys(clock=self.clock)
        self.book = Book()
        self.calendar = Calendar()
        self._crowd = crowd
        self._as_made = (replace(self.options), quota)
        self._api = Api(
            book=self.book,
            calendar=self.calendar,
            keys=self.keys,
            quota=self.quota,
            options=self.options,
            clock=self.clock,
            log=self.log,
            faults=self.faults,
            me=KEY_OWNER,
        )
        self._seed()

    def add_routes(self, app: web.Application, *, prefix: str = "/focus/api") -> None:
        """Serve the API below ``prefix``, in one application only."""
        self._api.add_routes(app, prefix=prefix)

    def reset(self) -> None:
        """Reset people, weeks, calendar, options, quota and faults. The key stays, and is valid again."""
        self.book.clear()
        self.calendar.clear()
        self._seed()
        options, limit = self._as_made
        for name in Options.__slots__:
            setattr(self.options, name, getattr(options, name))
        self.quota.limit, self.quota.in_headers = limit, True
        self.quota.reset()
        self.faults.clear()
        self.keys.expires_at = None

    # ------------------------------------------------------------- the key

    @property
    def organization_id(self) -> int:
        """The value of ``FOCUS_ORGANIZATION_ID``."""
        return self.options.organization_id

    @property
    def workspace_id(self) -> int:
        """The value of ``FOCUS_WORKSPACE_ID``."""
        return self.options.workspace_id

    @property
    def key(self) -> str:
        """The Bearer key that is valid now."""
        return self.keys.key

    def expire_key(self, *, after: timedelta = timedelta()) -> None:
        """Let the key expire, now or later by the clock."""
        self.keys.expire(after=after)

    def renew_key(self) -> str:
        """Make a new key; the old one is revoked."""
        return self.keys.renew()

    # --------------------------------------------------------------- weeks

    def rows(self, kind: Kind, number: int) -> tuple[Row, ...]:
        """A subject's rows, with their ids and time stamps."""
        return self.book.rows(kind, number)

    def week(self, kind: Kind, number: int) -> dict[int, Decimal]:
        """ISO weekday -> hours of the set days, Monday first; if a day has two rows, those of the first."""
        rows = sorted(self.rows(kind, number), key=lambda row: (row.weekday, -row.id))
        return {row.weekday: row.hours for row in rows}

    def put_rows(self, kind: Kind, number: int, days: Mapping[int, Decimal | float | str | None]) -> None:
        """Edit a week as on Focus's web page: only the given days; ``None`` makes a day not set."""
        exact = {day: None if hours is None else Decimal(str(hours)) for day, hours in days.items()}
        self.book.put(kind, number, exact, now=self.clock.now())

    def double(self, kind: Kind, number: int, weekday: int, *, hours: Decimal | None = None) -> Row:
        """Add another row for a day, with the day's hours unless others are given."""
        same = self.week(kind, number).get(weekday, Decimal(8)) if hours is None else hours
        return self.book.double(kind, number, weekday, hours=same, now=self.clock.now())

    def summary(self) -> list[WeekLine]:
        """Everybody's week, people first."""
        return list(self._lines())

    # ------------------------------------------------------ people, ghosts

    def add_person(self, name: str, *, email: str, active: bool = True) -> Person:
        """Add a person with an empty week to the organization."""
        number = max(self.book.people, default=500) + 1
        person = Person(id=number + 9_000, user_account_id=number, name=name, email=email, active=active)
        self.book.people[number] = person
        return person

    def change_person(self, number: int, **changes: object) -> Person:
        """Change fields of a person, such as ``name``, ``email`` and ``active``."""
        person = replace(self.book.people[number], **changes)  # type: ignore[arg-type]  # dataclasses checks the names
        self.book.people[number] = person
        return person

    def remove_person(self, number: int) -> None:
        """Remove a person from the organization."""
        self.book.remove("user", number)

    def add_ghost(self, name: str, *, description: str = "") -> Ghost:
        """Add a placeholder with an empty week."""
        number = max(self.book.ghosts, default=700) + 1
        ghost = Ghost(id=number, name=name, description=description, created_at=self.clock.now())
        self.book.ghosts[number] = ghost
        return ghost

    def embody(self, number: int, *, user_id: int) -> None:
        """Turn a placeholder into a real user, which takes it off the default list."""
        ghost = self.book.ghosts[number]
        self.book.ghosts[number] = replace(ghost, user_id=user_id, embodied_at=self.clock.now())

    def remove_ghost(self, number: int) -> None:
        """Delete a placeholder."""
        self.book.remove("ghost", number)

    # ------------------------------------------------------------- calendar

    def add_time_off(self, user_id: int, start: date, end: date) -> TimeOff:
        """Add time off from ``start`` to ``end``, both included.

        Raises:
            UnknownSubject: there is no such person.
            ValueError: it ends before it starts.
        """
        self.book.name("user", user_id)
        return self.calendar.add_time_off(user_id, start, end)

    def add_holiday(self, day: date, name: str) -> Holiday:
        """Add a public holiday."""
        return self.calendar.add_holiday(day, name)

    def _seed(self) -> None:
        seed(self.book, self.calendar, now=self.clock.now(), crowd=self._crowd)

    def _lines(self) -> Iterator[WeekLine]:
        subjects: list[tuple[Kind, int, str]] = [
            *(("user", number, person.name) for number, person in self.book.people.items()),
            *(("ghost", number, ghost.name) for number, ghost in self.book.ghosts.items()),
        ]
        for kind, number, name in subjects:
            week, days = self.week(kind, number), [row.weekday for row in self.rows(kind, number)]
            yield WeekLine(
                kind=kind,
                id=number,
                name=name,
                days=tuple(str(week[day]) if day in week else None for day in range(1, 8)),
                total=str(sum(week.values(), start=Decimal())),
                doubled=tuple(sorted({day for day in days if days.count(day) > 1})),
            )
