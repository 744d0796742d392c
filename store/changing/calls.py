"""The calls that a change needs, at most one POST, PUT and DELETE each, and the effect of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from store.act import Days
from store.focus import FocusClient, ImpossibleWeekdayError, Numbering, Reading
from store.week import Row, Snapshot, Steps, Subject, Week, Weekday, kept

__all__ = ["Call", "calls_for"]


@dataclass(frozen=True, slots=True)
class Call:
    """One POST, PUT or DELETE: the hours that its days have afterwards (``effect``), and how to make it."""

    verb: str
    effect: Days
    make: Callable[[], Awaitable[Reading | None]]
    numbering: Numbering
    steps: Steps

    def visible_in(self, seen: Snapshot) -> bool:
        """Whether these rows show the effect of the call."""
        if self.verb == "DELETE":  # compare ids: one of two rows for a day may stay, so hours prove nothing
            return {row.id for row in self.steps.delete}.isdisjoint(row.id for row in seen.rows)
        return all(kept(hours, seen.week[day]) for day, hours in self.effect.items())

    def image_after(self, image: Snapshot, answer: Reading | None, *, now: datetime) -> Snapshot | None:
        """The rows after this call, given those before it; ``None`` if the answer lacks the new rows' ids."""
        rows = {row.id: row for row in image.rows}
        if self.verb == "POST":
            known = self._rows_of(answer)
            new = [row for row in known if row.day in self.steps.create and row.id not in rows]
            created = Week.of({row.day: row.hours for row in new})
            if Week.of(self.steps.create).not_kept_in(created):
                return None
            rows |= {row.id: row for row in new}
        elif self.verb == "PUT":
            sent = {row.id: row for row in self.steps.update}
            answered = [row for row in self._rows_of(answer) if row.id in sent]
            rows |= sent | {row.id: row for row in answered if kept(sent[row.id].hours, row.hours)}
        else:
            gone = {row.id for row in self.steps.delete}
            rows = {id_: row for id_, row in rows.items() if id_ not in gone}
        return Snapshot(tuple(rows.values()), now)

    def _rows_of(self, answer: Reading | None) -> tuple[Row, ...]:
        try:
            return answer.snapshot(self.numbering).rows if answer else ()
        except ImpossibleWeekdayError:
            return ()  # the call has succeeded; the next read finds the number, too, and locks writing


def calls_for(
    subject: Subject, steps: Steps, target: Week, *, focus: FocusClient, numbering: Numbering
) -> tuple[Call, ...]:
    """The calls to reach ``target``: POST for new days, PUT for changed ones, DELETE for removed ones."""
    calls: list[Call] = []

    def add(verb: str, days: Iterable[Weekday], make: Callable[[], Awaitable[Reading | None]]) -> None:
        if effect := target.only(days):
            calls.append(Call(verb, effect, make, numbering, steps))

    add("POST", steps.create, lambda: focus.create(subject, steps.create, numbering=numbering))
    add(
        "PUT",
        [row.day for row in steps.update],
        lambda: focus.update(subject, steps.update, numbering=numbering),
    )
    add(
        "DELETE",
        [row.day for row in steps.delete],
        lambda: focus.delete(subject, [row.id for row in steps.delete]),
    )
    return tuple(calls)
