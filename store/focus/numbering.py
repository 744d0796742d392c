"""Weekday numbers: three candidate numberings, and a vote between them based on everybody's rows.

Focus does not document its weekday numbers, so they are a setting (``FOCUS_WEEKDAYS``), and the numbers
that Focus sends are checked against it. ``sunday0`` and ``iso`` differ only on Sunday. ``monday0`` is the
dangerous one: if it is wrong, every day is off by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from store.focus.errors import ImpossibleWeekdayError
from store.week import ALL_DAYS, Weekday

__all__ = ["Numbering", "Vote", "vote"]


class Numbering(StrEnum):
    """The candidate numberings; the values are those of ``FOCUS_WEEKDAYS``."""

    SUNDAY0 = "sunday0"
    MONDAY0 = "monday0"
    ISO = "iso"

    def write(self, day: Weekday) -> int:
        """The number to send to Focus for ``day``."""
        return _NUMBER[self][day]

    def read(self, number: int) -> Weekday:
        """The day that Focus means by ``number``.

        Raises:
            ImpossibleWeekdayError: this numbering does not have the number.
        """
        try:
            return _DAY[self][number]
        except KeyError:
            raise ImpossibleWeekdayError(number, self) from None

    def strange(self, numbers: Iterable[int]) -> set[int]:
        """The numbers that this numbering never writes: ``sunday0`` can read a 7, but a 7 proves ``iso``."""
        return set(numbers).difference(_NUMBER[self].values())


_NUMBER: Mapping[Numbering, Mapping[Weekday, int]] = {
    Numbering.SUNDAY0: {day: day % 7 for day in ALL_DAYS},
    Numbering.MONDAY0: {day: day - 1 for day in ALL_DAYS},
    Numbering.ISO: {day: int(day) for day in ALL_DAYS},
}
_EITHER_SUNDAY = {0: Weekday.SUNDAY, 7: Weekday.SUNDAY}
# Reading is more tolerant than writing: in ``sunday0`` and ``iso`` both 0 and 7 are read as Sunday.
_DAY: Mapping[Numbering, Mapping[int, Weekday]] = {
    Numbering.SUNDAY0: {n: day for day, n in _NUMBER[Numbering.SUNDAY0].items()} | _EITHER_SUNDAY,
    Numbering.MONDAY0: {n: day for day, n in _NUMBER[Numbering.MONDAY0].items()},
    Numbering.ISO: {n: day for day, n in _NUMBER[Numbering.ISO].items()} | _EITHER_SUNDAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What everybody's rows say about the numbering: evidence for a person who decides, not a proof."""

    counts: Mapping[Numbering, int]
    """How many people work Monday to Friday by a numbering, and would work on a weekend by another."""
    best: Numbering | None
    """The only possible numbering, or the one with the most people; ``None`` if the rows do not tell."""
    proven_impossible: frozenset[Numbering]
    """The numberings that lack a number that Focus has sent."""
    people: int
    """How many people have any rows."""
    sentence: str
    """The result in words, for ``doctor`` and for admins."""

    def allows(self, numbering: Numbering) -> bool:
        """Whether ``numbering`` is possible and no other possible one fits more people."""
        possible = [self.counts[each] for each in Numbering if each not in self.proven_impossible]
        return numbering not in self.proven_impossible and self.counts[numbering] == max(possible)


def vote(readings: Iterable[Iterable[tuple[int, Decimal]]]) -> Vote:
    """Evaluate the rows, ``(weekday number, hours)``, of each person.

    A person counts if the worked days tell numberings apart: 1 to 5 including 5 would mean Saturday in
    ``monday0``; 0 to 4 including 0 would mean Sunday in ``sunday0``. Others, such as people who work Tuesday
    to Thursday or on weekends, do not count.
    """
    people = [rows for rows in map(tuple, readings) if rows]
    numbers = {number for rows in people for number, _ in rows}
    counts = dict.fromkeys(Numbering, 0)
    for rows in people:
        worked = {number for number, hours in rows if hours > 0}
        if 5 in worked and worked <= {1, 2, 3, 4, 5}:
            counts[Numbering.SUNDAY0] += 1
            counts[Numbering.ISO] += 1
        elif 0 in worked and worked <= {0, 1, 2, 3, 4}:
            counts[Numbering.MONDAY0] += 1
    impossible = frozenset(each for each in Numbering if each.strange(numbers))
    best = _best(counts, impossible=impossible, told=bool(people))
    return Vote(
        counts=counts,
        best=best,
        proven_impossible=impossible,
        people=len(people),
        sentence=_sentence(counts, best=best, impossible=impossible, people=len(people), numbers=numbers),
    )


def _best(
    counts: Mapping[Numbering, int], *, impossible: frozenset[Numbering], told: bool
) -> Numbering | None:
    possible = [each for each in Numbering if each not in impossible]
    if len(possible) == 1 and told:
        return possible[0]
    most = max((counts[each] for each in possible), default=0)
    leaders = [each for each in possible if counts[each] == most]
    return leaders[0] if most and len(leaders) == 1 else None


def _sentence(
    counts: Mapping[Numbering, int],
    *,
    best: Numbering | None,
    impossible: frozenset[Numbering],
    people: int,
    numbers: set[int],
) -> str:
    if not people:
        return "Nobody has working hours in Focus yet, so its weekday numbers cannot be told."
    seen = ", ".join(map(str, sorted(numbers)))
    if len(impossible) == len(Numbering):
        return f"No known numbering has all the weekday numbers that Focus sends: {seen}."
    sunday, monday = counts[Numbering.SUNDAY0], counts[Numbering.MONDAY0]
    tally = (
        f"People with working hours: {people}; working Monday to Friday: {sunday} if Monday is 1,"
        f" {monday} if Monday is 0; numbers seen: {seen}."
    )
    if best:
        return f"{tally} This fits {best}: {_FITS[best]}."
    if sunday > monday:
        return f"{tally} This fits sunday0 and iso, which differ only on Sunday, and nobody's Sunday is set."
    return f"{tally} This does not tell which numbering it is."


_FITS = {
    Numbering.SUNDAY0: "Sunday 0, Monday 1 … Saturday 6",
    Numbering.MONDAY0: "Monday 0 … Sunday 6; but Sunday-to-Thursday weeks would look the same in sunday0",
    Numbering.ISO: "Monday 1 … Sunday 7",
}
