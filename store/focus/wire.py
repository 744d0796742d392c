"""Parse Focus's answers into values, or into the error that says who must act. Pure.

Whatever the API page leaves open is handled here: vendor names, nulls and unexpected forms go no further. If
the outcome of a *write* is not certain, the error is :class:`~store.focus.errors.UnclearError`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from store.focus.errors import (
    FocusError,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    OutOfQuotaError,
    RejectedError,
    SlowDownError,
    UnavailableError,
    UnclearError,
)
from store.focus.fields import LONGEST_LINE, Fields, array_in, misunderstood, one_line
from store.focus.numbering import Numbering
from store.focus.quota import quota_in, wait_in
from store.focus.requests import Request
from store.week import Row, Snapshot

__all__ = ["FocusPerson", "Page", "Placeholder", "Reading", "WireRow"]
__all__ += ["decipher", "page_in", "people_in", "placeholders_in", "rows_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRow:
    """A row with Focus's own weekday number, so that cached rows stay valid if the numbering is corrected."""

    id: int
    weekday: int
    hours: Decimal

    def to_json(self) -> dict[str, int | str]:
        """Convert to JSON; hours as text, so that no digit is lost."""
        return {"id": self.id, "weekday": self.weekday, "hours": str(self.hours)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> WireRow:
        """Restore a row from the output of :meth:`to_json`."""
        return cls(id=row["id"], weekday=row["weekday"], hours=Decimal(row["hours"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A subject's rows, sorted by id, as Focus gave them to a request sent at ``as_of``."""

    rows: tuple[WireRow, ...]
    as_of: datetime

    def snapshot(self, numbering: Numbering) -> Snapshot:
        """The rows with weekdays according to ``numbering``.

        Raises:
            ImpossibleWeekdayError: ``numbering`` lacks one of the numbers.
        """
        rows = tuple(Row(row.id, numbering.read(row.weekday), row.hours) for row in self.rows)
        return Snapshot(rows, self.as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class FocusPerson:
    """A user of the organization; ``id`` is the ``user_account_id``, by which working hours are requested."""

    id: int
    name: str
    email: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A planned resource without an account; ``embodied_as`` is the id of the user that it became, if any."""

    id: int
    name: str
    embodied_as: int | None
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list; ``total`` is the length of the whole list, if Focus states it."""

    items: list[Any]
    total: int | None


def decipher(status: int, headers: Mapping[str, str], body: bytes, *, asked: Request, now: datetime) -> Any:
    """The JSON of a successful answer, with exact numbers (``None`` for an empty answer to a DELETE).

    Raises:
        FocusError: for every other status, headers and body; no other error is raised.
    """
    try:
        value = _parse(body)
        unreadable = ""
    except _UNREADABLE:
        value = None
        unreadable = "an HTML page" if body.lstrip()[:1] == b"<" else "no JSON" if body else "an empty body"
    if status == 204 and asked.method == "DELETE":
        return None
    if status in (200, 201):
        if not unreadable:
            return value
        if asked.method == "DELETE" and not body:
            return None
        kind, reason = misunderstood(asked), f"{status} with {unreadable}"
    else:
        kind, reason = _refusal(status, asked)
    code, description, trace_id = _said(value, body, unreadable=unreadable)
    raise kind(
        reason,
        asked=str(asked),
        status=status,
        code=code,
        description=description,
        trace_id=trace_id,
        quota=quota_in(headers, now=now),
        retry_after=wait_in(headers, now=now),
    )


def rows_in(answer: Any, *, asked: Request) -> tuple[WireRow, ...]:
    """Parse the rows of a subject, oldest first.

    Raises:
        NotUnderstoodError: the answer to a read has another form; the reason names row and field.
        UnclearError: the answer to a write has another form.
    """
    rows = []
    for number, item in enumerate(array_in(answer, asked=asked), start=1):
        fields = Fields(item, f"row {number}", asked)
        rows.append(
            WireRow(
                id=fields.integer("working_hour_id"),
                weekday=fields.integer("weekday"),
                hours=fields.hours("working_hours"),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.id))


def page_in(answer: Any, *, asked: Request) -> Page:
    """Parse one page of a list, which is a bare array or ``{"data": […], "total": …}``."""
    if isinstance(answer, dict) and "data" in answer:
        total = answer.get("total")
        return Page(
            items=array_in(answer["data"], asked=asked),
            total=total if type(total) is int and total >= 0 else None,
        )
    return Page(items=array_in(answer, asked=asked), total=None)


def people_in(items: list[Any], *, asked: Request) -> tuple[FocusPerson, ...]:
    """Parse the users of a page, without invited ones who have no account yet (``null``) and so no hours."""
    people = []
    for number, item in enumerate(items, start=1):
        fields = Fields(item, f"user {number}", asked)
        if "user_account_id" in fields.item and fields.item["user_account_id"] is None:
            continue
        person, email = fields.integer("user_account_id"), fields.text("email")
        name = fields.text("name") or email or f"Focus user {person}"
        people.append(
            FocusPerson(id=person, name=name, email=email, active=fields.item.get("active") is not False)
        )
    return tuple(people)


def placeholders_in(items: list[Any], *, asked: Request) -> tuple[Placeholder, ...]:
    """Parse the placeholders of a page."""
    found = []
    for number, item in enumerate(items, start=1):
        fields = Fields(item, f"ghost {number}", asked)
        ghost = fields.integer("id")
        found.append(
            Placeholder(
                id=ghost,
                name=fields.text("name") or f"Placeholder {ghost}",
                embodied_as=fields.integer("user_id") if fields.item.get("user_id") else None,
                deleted=bool(fields.item.get("deleted_at")),
            )
        )
    return tuple(found)


_REFUSALS: Mapping[int, tuple[type[FocusError], str]] = {
    401: (KeyRefusedError, "the key was refused"),
    402: (OutOfQuotaError, "out of quota"),
    403: (ForbiddenError, "forbidden"),
    404: (NotFoundError, "not found"),
    429: (SlowDownError, "too many requests"),
}


def _refusal(status: int, asked: Request) -> tuple[type[FocusError], str]:
    if status in _REFUSALS:
        return _REFUSALS[status]
    if status == 408 or status >= 500:  # 408: the server gave up, at an unknown point
        return (UnclearError if asked.writes else UnavailableError), f"failed with {status}"
    if status >= 400:
        return RejectedError, f"rejected with {status}"
    # A redirect, "accepted" (202), partial content (206): the API page mentions no such answer.
    return misunderstood(asked), f"answered {status}"


def _said(value: Any, body: bytes, *, unreadable: str) -> tuple[str, str, str]:
    """The ``error``, ``error_description`` and ``trace_id`` in an error's body, which may have any form."""
    if isinstance(value, dict):
        code, description, trace_id = (
            one_line(value.get(name)) for name in ("error", "error_description", "trace_id")
        )
        return code, description or one_line(value.get("message")), trace_id
    if unreadable == "no JSON":  # plain text, as gateways send it
        return "", one_line(body[: 4 * LONGEST_LINE].decode(errors="replace")), ""
    return "", one_line(value) or unreadable, ""


# Raised for bad JSON, bad UTF-8 or too long an integer; for an exponent beyond Decimal's; for deep nesting.
_UNREADABLE = (ValueError, ArithmeticError, RecursionError)


def _parse(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
