"""Read an object of an answer field by field; an invalid value raises an error that names the field. Pure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from store.focus.errors import FocusError, NotUnderstoodError, UnclearError
from store.focus.requests import Request

__all__ = ["LONGEST_LINE", "Fields", "array_in", "misunderstood", "one_line"]

LONGEST_LINE = 300


class Fields:
    """A JSON object, with the name it has in errors (``where``).

    For a missing or invalid field every method but :meth:`text` raises the error of :func:`misunderstood`.
    """

    def __init__(self, item: Any, where: str, asked: Request) -> None:
        if not isinstance(item, dict):
            raise misunderstood(asked)(f"{where} is no object", asked=str(asked), status=200)
        self.item: dict[str, Any] = item
        self._where = where
        self._asked = asked

    def integer(self, name: str) -> int:
        """A whole number that fits into an SQLite integer."""
        value = self._present(name)
        if type(value) is not int or not -(2**63) <= value < 2**63:  # bool is an int, too
            raise self._odd(name, "is no whole number")
        return value

    def hours(self, name: str) -> Decimal:
        """Hours of a day, 0 to 24, with exactly the digits that Focus wrote."""
        return self._number(name, most=24, what="hours from 0 to 24")

    def minutes(self, name: str) -> Decimal:
        """Minutes of a day, 0 to 1440."""
        return self._number(name, most=24 * 60, what="minutes of a day")

    def moment(self, name: str) -> datetime | date:
        """A date-time, or a date if only that is given, in the time zone in which Focus wrote it."""
        value = self._present(name)
        for read in (date.fromisoformat, datetime.fromisoformat):
            try:
                return read(value)
            except (ValueError, TypeError):
                continue
        raise self._odd(name, "is no date")

    def day(self, name: str) -> date:
        """A date, or the date of a date-time."""
        moment = self.moment(name)
        return moment.date() if isinstance(moment, datetime) else moment

    def text(self, name: str) -> str:
        """A text as one line; empty if the field is missing or no text."""
        return one_line(self.item.get(name))

    def _number(self, name: str, *, most: int, what: str) -> Decimal:
        value = self._present(name)
        if type(value) not in (int, Decimal) or not 0 <= value <= most:
            raise self._odd(name, f"is no number of {what}")
        return Decimal(value)

    def _present(self, name: str) -> Any:
        if name not in self.item:
            raise self._odd(name, "is missing")
        if self.item[name] is None:
            raise self._odd(name, "is null")
        return self.item[name]

    def _odd(self, name: str, what: str) -> FocusError:
        reason = f"{self._where}: {name} {what}"
        return misunderstood(self._asked)(reason, asked=str(self._asked), status=200)


def array_in(answer: Any, *, asked: Request) -> list[Any]:
    """The answer as a list; raises the error class of :func:`misunderstood` if it is something else."""
    if answer is None:  # how Go writes an empty list
        return []
    if not isinstance(answer, list):
        raise misunderstood(asked)("the answer is no array", asked=str(asked), status=200)
    return answer


def misunderstood(asked: Request) -> type[FocusError]:
    """The error class for an answer of the wrong form; after a write, its outcome is unclear."""
    return UnclearError if asked.writes else NotUnderstoodError


def one_line(value: Any) -> str:
    """A string as one line of valid UTF-8 (JSON can contain half a surrogate pair); empty if no string."""
    if not isinstance(value, str):
        return ""
    return " ".join(value.encode(errors="replace").decode().split())[:LONGEST_LINE]
