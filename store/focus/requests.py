"""The requests that can be made to Focus, as values: method, path, query, body. Pure.

The one place for paths and for the JSON that is sent. Hours are written with their exact digits (``7.3333``),
never through a float.
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
"""By the API page there is no ``workspaces/`` before the workspace, unlike in Focus's other paths."""

PEOPLE = "/organizations/{organization}/users"
PLACEHOLDERS = "/organizations/{organization}/workspaces/{workspace}/ghosts"
TIME_OFF = "/organizations/{organization}/timeoff"
HOLIDAYS = "/organizations/{organization}/public-holidays"
CAPACITIES = "/organizations/{organization}/workspaces/{workspace}/capacities/user"
"""Focus calls the last part a group, and does not document which groups there are."""

SETTINGS = "/users/me/settings"

PAGE_SIZE = 100
"""The largest page of the lists of people and placeholders."""

PEOPLE_AT_ONCE = 100
"""The most ids in one address: a few times more would exceed the length that servers accept."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Equal requests compare equal, so that a read in flight can be shared by it as a key."""

    method: Method
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: str | None = None

    @property
    def writes(self) -> bool:
        """Whether the request may change data in Focus."""
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """Builds the requests for one organization; ``workspace`` is needed for placeholders and capacities."""

    organization: int
    workspace: int | None = None

    def hours(self, method: Method, subject: Subject, *, body: str | None = None) -> Request:
        """One of the eight operations on working hours (four methods, people or placeholders).

        Raises:
            WorkspaceMissingError: the subject is a placeholder, and no workspace is configured.
        """
        path = PERSON if subject.kind == "person" else PLACEHOLDER
        return Request(method, self._path(path, id=subject.id), body=body)

    def people(self, page: int) -> Request:
        """One page of the organization's users; the first is 1."""
        return Request("GET", self._path(PEOPLE), (("page", str(page)), ("per_page", str(PAGE_SIZE))))

    def placeholders(self, page: int, *, embodied: bool = False) -> Request:
        """One page of the workspace's placeholders; the first is 1.

        With ``embodied``, those that became users are included.

        Raises:
            WorkspaceMissingError: no workspace is configured.
        """
        query = (
            ("page", str(page)),
            ("rows", str(PAGE_SIZE)),
            ("include_embodied", "true" if embodied else "false"),
        )
        return Request("GET", self._path(PLACEHOLDERS), query)

    def time_off(self, user_ids: Iterable[int], start: date, end: date) -> Request:
        """The time off of these users from ``start`` to ``end``, both included."""
        return Request("GET", self._path(TIME_OFF), _people_and_days(user_ids, start, end))

    def holidays(self) -> Request:
        """The organization's public holidays; it is not documented of which years."""
        return Request("GET", self._path(HOLIDAYS))

    def capacities(self, user_ids: Iterable[int], start: date, end: date) -> Request:
        """The working time of each of these users on each day from ``start`` to ``end``.

        Raises:
            WorkspaceMissingError: no workspace is configured.
        """
        query = (*_people_and_days(user_ids, start, end), ("unit", "day"))
        return Request("GET", self._path(CAPACITIES), query)

    def settings(self) -> Request:
        """The key owner's own settings: the cheapest request that needs a valid key."""
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
    """The body of a PUT: as for a POST, with a ``working_hour_id`` in each object."""
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
        # Not documented: without users Focus might take the request to be about everybody.
        raise ValueError("name at least one user")
    if end < start:
        raise ValueError(f"{end} is before {start}")
    return (*people, ("start_date", f"{start:%Y-%m-%d}"), ("end_date", f"{end:%Y-%m-%d}"))


def _array(items: Iterable[str]) -> str:
    text = ", ".join(items)
    if not text:
        # Not documented: an empty DELETE might delete every row.
        raise ValueError("a write needs at least one row")
    return f"[{text}]"


def _digits(hours: Decimal) -> str:
    """The hours as JSON: the text of every finite Decimal is a JSON number (``8``, ``7.50``, ``1E+1``)."""
    if not (hours.is_finite() and 0 <= hours <= 24):
        raise ValueError(f"a day has 0 to 24 hours, not {hours}")
    return str(hours)
