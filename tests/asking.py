"""A person who uses the store as handlers do: asks for a permit first, then acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.focus import Focus
from store import Store
from store.access import Action, Actor, Permit
from store.act import Act, Change, Days, Kind, Place
from store.hours import Request, Wish
from store.ids import new_id
from store.week import Pattern, Subject, Weekday
from tests import inside

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
ANA, BEN, MIA = Subject("person", 501), Subject("person", 503), Subject("person", 504)
LARS, DESIGNER = Subject("person", 508), Subject("placeholder", 701)

GET_ANA = "GET /organizations/1001/workinghours/users/501"


@dataclass(slots=True)
class Asker:
    """The person who asks: by default Olivia, the admin, who may do everything."""

    store: Store
    clock: Clock
    user_id: str = "U0OLIVIA"
    place: Place = Place("channel", "C0STUDIO")  # noqa: RUF009 - frozen

    async def permit(self, action: Action, subject: Subject | None = None) -> Permit:
        actor = Actor(self.store.team_id, self.user_id, self.clock.now())
        return await self.store.access.may(actor, action, subject)

    def request(self, act_id: str = "") -> Request:
        return Request(act_id or new_id(), self.user_id, self.place, {"text": "set"})

    async def wish(self, subject: Subject, pattern: Pattern, expected: Days | None = None) -> Wish:
        return Wish(await self.permit(Action.CHANGE, subject), pattern, expected)

    async def sets(
        self, subject: Subject, days: Mapping[Weekday, object], *, expected: Days | None = None
    ) -> Change:
        """Do what ``/hours set`` does for one subject, and return the change."""
        (change,) = (await self.act(subject, days, expected=expected)).changes
        return change

    async def act(
        self,
        subject: Subject,
        days: Mapping[Weekday, object],
        *,
        expected: Days | None = None,
        kind: Kind = Kind.SET,
    ) -> Act:
        wish = await self.wish(subject, pattern(days), expected)
        return await self.store.hours.change(self.request(), wish, kind=kind)

    async def undo(self, act_id: str) -> Act:
        target = await self.get(act_id)
        permits = {each.subject: await self.permit(Action.CHANGE, each.subject) for each in target.changes}
        return await self.store.hours.undo(self.request(), target, permits)

    async def again(self, change: Change) -> Change:
        act = await self.store.hours.again(await self.permit(Action.CHANGE, change.subject), change)
        return of(act, change)

    async def overwrite(self, change: Change) -> Change:
        act = await self.store.hours.overwrite(await self.permit(Action.CHANGE, change.subject), change)
        return of(act, change)

    async def resume(self, change: Change) -> Change:
        act = await self.store.hours.resume(await self.permit(Action.CHANGE, change.subject), change)
        return of(act, change)

    async def settle(self, change: Change) -> Change:
        return of(await self.store.hours.settle(change), change)

    async def get(self, act_id: str) -> Act:
        act = await self.store.journal.act(act_id)
        assert act is not None
        return act

    async def due(self) -> tuple[Change, ...]:
        return await self.store.journal.due(self.clock.now())

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        """Rows of the database, read directly and not through the store's interface."""
        return await inside.rows(self.store, statement)

    async def told(self) -> set[tuple[str, str]]:
        """Kind and recipient of every message in the outbox, sent or not."""
        return {(row["kind"], row["recipient"]) for row in await self.rows("SELECT * FROM outbox")}


def pattern(days: Mapping[Weekday, object]) -> Pattern:
    """A pattern of these days' hours; ``None`` removes a day."""
    return Pattern.exactly(
        {day: None if hours is None else Decimal(str(hours)) for day, hours in days.items()}
    )


def of(act: Act, change: Change) -> Change:
    """The present version of a change, taken from its act."""
    return next(each for each in act.changes if each.id == change.id)


def in_focus(focus: Focus, subject: Subject = ANA) -> str:
    """The week in Focus, Monday first, as text: ``8 8 8 8 8 - -``."""
    kind = "user" if subject.kind == "person" else "ghost"
    week = focus.week(kind, subject.id)  # type: ignore[arg-type]  # one of the two kinds
    return " ".join(str(week[day]) if day in week else "-" for day in range(1, 8))


def calls(focus: Focus) -> str:
    """The methods of all calls to Focus, in order: ``GET POST PUT``."""
    return " ".join(call.name.split()[0] for call in focus.log.calls)
