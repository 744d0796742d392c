"""Which number means which weekday: three candidates, and a vote over everybody's rows.

Focus does not document its weekday numbers, so they are a setting (``FOCUS_WEEKDAYS``), and what Focus
sends is held against it. ``sunday0`` and ``iso`` differ only on Sunday; ``monday0`` is the dangerous one.
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
    """The candidates, by the names that ``FOCUS_WEEKDAYS`` takes."""

    SUNDAY0 = "sunday0"
    MONDAY0 = "monday0"
    ISO = "iso"

    def write(self, day: Weekday) -> int:
        """The number that Focus is to be sent for ``day``."""
        return _NUMBER[self][day]

    def read(self, number: int) -> Weekday:
        """The day that Focus means by ``number``.

        Raises:
            ImpossibleWeekdayError: there is no such number here.
        """
        try:
            return _DAY[self][number]
        except KeyError:
            raise ImpossibleWeekdayError(number, self) from None

    def strange(self, numbers: Iterable[int]) -> set[int]:
        """Those that it never gives itself: a 7 is read as Sunday in ``sunday0``, yet proves ``iso``."""
        return set(numbers).difference(_NUMBER[self].values())


_NUMBER: Mapping[Numbering, Mapping[Weekday, int]] = {
    Numbering.SUNDAY0: {day: day % 7 for day in ALL_DAYS},
    Numbering.MONDAY0: {day: day - 1 for day in ALL_DAYS},
    Numbering.ISO: {day: int(day) for day in ALL_DAYS},
}
_EITHER_SUNDAY = {0: Weekday.SUNDAY, 7: Weekday.SUNDAY}
# Reading is kinder than writing: where the week ends with Sunday or starts with it, 0 and 7 mean the same.
_DAY: Mapping[Numbering, Mapping[int, Weekday]] = {
    Numbering.SUNDAY0: {n: day for day, n in _NUMBER[Numbering.SUNDAY0].items()} | _EITHER_SUNDAY,
    Numbering.MONDAY0: {n: day for day, n in _NUMBER[Numbering.MONDAY0].items()},
    Numbering.ISO: {n: day for day, n in _NUMBER[Numbering.ISO].items()} | _EITHER_SUNDAY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What everybody's rows say about the numbering. A hint for people, never a proof of the whole."""

    counts: Mapping[Numbering, int]
    """How many people work Monday to Friday under it, and would work on a weekend under another."""
    best: Numbering | None
    """The only one that is left, or has most people; ``None`` where nothing tells."""
    proven_impossible: frozenset[Numbering]
    """Those without a number that Focus has sent."""
    people: int
    """How many people have rows at all."""
    sentence: str
    """All of this in words, for ``doctor`` and for an admin."""

    def allows(self, numbering: Numbering) -> bool:
        """Whether the rows speak neither against ``numbering`` nor louder for another."""
        possible = [self.counts[each] for each in Numbering if each not in self.proven_impossible]
        return numbering not in self.proven_impossible and self.counts[numbering] == max(possible)


def vote(readings: Iterable[Iterable[tuple[int, Decimal]]]) -> Vote:
    """Judge the rows, ``(weekday number, hours)``, of everybody.

    A person speaks where the worked days tell: 1 to 5 *with* 5 would be a Saturday in ``monday0``; 0 to 4
    *with* 0 would be a Sunday in ``sunday0``. Tuesday-to-Thursday people and weekend workers abstain.
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
        f"Of {people} with working hours, {sunday} work Monday to Friday if Monday is 1,"
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
