"""What can be asked of Focus, as values: method, path, query, body. Pure.

The one place for paths and for the JSON that goes out. Hours are written digit by digit as they are
(``7.3333``), never through a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from store.focus.errors import WorkspaceMissingError
from store.focus.numbering import Numbering
from store.week import Hours, Row, Subject, Weekday

__all__ = ["PAGE_SIZE", "PEOPLE_AT_ONCE", "Api", "Method", "Request"]
__all__ += ["create_body", "delete_body", "update_body"]

Method = Literal["GET", "POST", "PUT", "DELETE"]

PERSON = "/organizations/{organization}/workinghours/users/{id}"
PLACEHOLDER = "/organizations/{organization}/{workspace}/workinghours/ghosts/{id}"
"""No ``workspaces/`` before the workspace, unlike every other path of Focus: so says the API page."""

PEOPLE = "/organizations/{organization}/users"
PLACEHOLDERS = "/organizations/{organization}/workspaces/{workspace}/ghosts"
TIME_OFF = "/organizations/{organization}/timeoff"
HOLIDAYS = "/organizations/{organization}/public-holidays"
CAPACITIES = "/organizations/{organization}/workspaces/{workspace}/capacities/user"
"""Focus calls the last part a group, and does not say which there are."""

SETTINGS = "/users/me/settings"

PAGE_SIZE = 100
"""The most that both lists give at once."""

PEOPLE_AT_ONCE = 100
"""Ids in one address: a few times more would be longer than servers take."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; two equal ones ask for the same, so a read in flight can be shared by it."""

    method: Method
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: str | None = None

    @property
    def writes(self) -> bool:
        """Whether Focus may be different afterwards."""
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The requests of one organization; ``workspace`` is needed for placeholders and capacities."""

    organization: int
    workspace: int | None = None

    def hours(self, method: Method, subject: Subject, *, body: str | None = None) -> Request:
        """One of the eight operations on working hours.

        Raises:
            WorkspaceMissingError: the subject is a placeholder, and no workspace is known.
        """
        path = PERSON if subject.kind == "person" else PLACEHOLDER
        return Request(method, self._path(path, id=subject.id), body=body)

    def people(self, page: int) -> Request:
        """A page, from 1, of the organization's users."""
        return Request("GET", self._path(PEOPLE), (("page", str(page)), ("per_page", str(PAGE_SIZE))))

    def placeholders(self, page: int, *, embodied: bool = False) -> Request:
        """A page, from 1, of the workspace's ghosts; ``embodied``: also those that became users.

        Raises:
            WorkspaceMissingError: no workspace is known.
        """
        query = (
            ("page", str(page)),
            ("rows", str(PAGE_SIZE)),
            ("include_embodied", "true" if embodied else "false"),
        )
        return Request("GET", self._path(PLACEHOLDERS), query)

    def time_off(self, user_ids: Iterable[int], start: date, end: date) -> Request:
        """Who of these users is away from ``start`` to ``end``, both included."""
        return Request("GET", self._path(TIME_OFF), _people_and_days(user_ids, start, end))

    def holidays(self) -> Request:
        """The organization's public holidays, of whatever years Focus gives."""
        return Request("GET", self._path(HOLIDAYS))

    def capacities(self, user_ids: Iterable[int], start: date, end: date) -> Request:
        """How long each of these users works on each day from ``start`` to ``end``.

        Raises:
            WorkspaceMissingError: no workspace is known.
        """
        query = (*_people_and_days(user_ids, start, end), ("unit", "day"))
        return Request("GET", self._path(CAPACITIES), query)

    def settings(self) -> Request:
        """The key owner's own settings: the cheapest question that needs a good key."""
        return Request("GET", SETTINGS)

    def _path(self, template: str, **ids: int) -> str:
        if "{workspace}" in template and self.workspace is None:
            raise WorkspaceMissingError
        return template.format(organization=self.organization, workspace=self.workspace, **ids)


def create_body(days: Mapping[Weekday, Hours], *, numbering: Numbering) -> str:
    """The body of a POST: ``[{"weekday": 1, "working_hours": 8}]``."""
    return _array(
        f'{{"weekday": {numbering.write(day)}, "working_hours": {_digits(hours)}}}'
        for day, hours in sorted(days.items())
    )


def update_body(rows: Iterable[Row], *, numbering: Numbering) -> str:
    """The body of a PUT: as for a POST, each with its ``working_hour_id``."""
    return _array(
        f'{{"weekday": {numbering.write(row.day)}, "working_hour_id": {row.id:d},'
        f' "working_hours": {_digits(row.hours)}}}'
        for row in rows
    )


def delete_body(ids: Iterable[int]) -> str:
    """The body of a DELETE: ``[7001, 7002]``."""
    return _array(f"{number:d}" for number in ids)


def _people_and_days(user_ids: Iterable[int], start: date, end: date) -> tuple[tuple[str, str], ...]:
    people = tuple(("user_id[]", f"{user:d}") for user in user_ids)
    if not people:
        # Nobody has documented whom that would mean.
        raise ValueError("name at least one user")
    if end < start:
        raise ValueError(f"{end} is before {start}")
    return (*people, ("start_date", f"{start:%Y-%m-%d}"), ("end_date", f"{end:%Y-%m-%d}"))


def _array(items: Iterable[str]) -> str:
    text = ", ".join(items)
    if not text:
        # Nobody has documented what an empty DELETE deletes.
        raise ValueError("a write needs at least one row")
    return f"[{text}]"


def _digits(hours: Decimal) -> str:
    """Every finite Decimal's own text is a JSON number (``8``, ``7.50``, ``1E+1``)."""
    if not (hours.is_finite() and 0 <= hours <= 24):
        raise ValueError(f"a day has 0 to 24 hours, not {hours}")
    return str(hours)
