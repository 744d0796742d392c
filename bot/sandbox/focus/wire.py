"""Focus's JSON: strict parsing of request bodies, and building of rows and lists. Pure.

Hours are JSON numbers and stay exact: they are never a float, neither when read nor when written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from bot.sandbox.focus.book import Ghost, Kind, Person, Refused, Row
from bot.sandbox.focus.options import Numbering, Options

__all__ = [
    "dumps",
    "ghost_json",
    "integer",
    "page",
    "paging",
    "person_json",
    "read_created",
    "read_deleted",
    "read_updated",
    "row_json",
]

_NUMBERS: Mapping[Numbering, tuple[int, ...]] = {
    "sunday0": (1, 2, 3, 4, 5, 6, 0),
    "monday0": (0, 1, 2, 3, 4, 5, 6),
    "iso": (1, 2, 3, 4, 5, 6, 7),
}
"""Each day's number in JSON, Monday first."""

Item = TypeVar("Item")


def dumps(value: object) -> str:
    """JSON in which a ``Decimal`` is the number it was written as (``7.3333``, ``8.50``)."""
    match value:
        case Decimal():
            return str(value)
        case dict():
            return "{" + ",".join(f"{json.dumps(key)}:{dumps(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(dumps, value)) + "]"
        case datetime():
            return json.dumps(value.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    return json.dumps(value, ensure_ascii=False)


def read_created(body: bytes, *, numbering: Numbering) -> list[tuple[int, Decimal]]:
    """The ISO weekdays and hours of a POST's body.

    Raises:
        Refused: it is not as the API page shows.
    """
    items = [_fields(item, ("weekday", "working_hours")) for item in _array(body)]
    return [(_weekday(item, numbering), _hours(item)) for item in items]


def read_updated(body: bytes, *, numbering: Numbering) -> list[tuple[int, int, Decimal]]:
    """The row ids, ISO weekdays and hours of a PUT's body.

    Raises:
        Refused: it is not as the API page shows.
    """
    items = [_fields(item, ("weekday", "working_hour_id", "working_hours")) for item in _array(body)]
    return [
        (_integer(item["working_hour_id"], "working_hour_id"), _weekday(item, numbering), _hours(item))
        for item in items
    ]


def read_deleted(body: bytes) -> list[int]:
    """The row ids of a DELETE's body.

    Raises:
        Refused: it is not an array of integers.
    """
    return [_integer(item, "item") for item in _array(body)]


def row_json(row: Row, *, kind: Kind, number: int, options: Options) -> dict[str, object]:
    """One working hour as every GET, POST and PUT gives it."""
    return {
        "created_at": row.created_at,
        "external_entity_id": 0,
        "external_entity_type": "",
        "organization_id": options.organization_id,
        "starting_hours": 9,
        "updated_at": row.updated_at,
        "user_id": number if kind == "user" else 0,
        "weekday": _NUMBERS[options.numbering][row.weekday - 1],
        "working_hour_id": row.id,
        "working_hours": row.hours,
    }


def person_json(person: Person, *, options: Options) -> dict[str, object]:
    """One entry of the organization's user list."""
    workspace = {
        "id": options.workspace_id,
        "name": "Studio",
        "workspace_user_id": person.user_account_id + 70_000,
    }
    return {
        "id": person.id,
        "user_account_id": person.user_account_id,
        "name": person.name,
        "email": person.email,
        "active": person.active,
        "owner": person.owner,
        "workspaces": [workspace],
    }


def ghost_json(ghost: Ghost) -> dict[str, object]:
    """One entry of the workspace's ghost list."""
    return {
        "id": ghost.id,
        "name": ghost.name,
        "description": ghost.description,
        "user_id": ghost.user_id,
        "embodied_at": ghost.embodied_at,
        "created_at": ghost.created_at,
        "updated_at": ghost.embodied_at or ghost.created_at,
        "deleted_at": None,
        "assigned": False,
    }


def integer(text: str, name: str) -> int:
    """A number of the path or the query.

    Raises:
        Refused: it is not an integer.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Refused(f"{name} must be an integer, not {text!r}")
    return int(text)


def paging(query: Mapping[str, str], *, size: str, known: frozenset[str]) -> tuple[int, int]:
    """The page (from 1) and the page size (1 to 100, by default 50) that a query asks for.

    Raises:
        Refused: a number is out of range, or a parameter unknown.
    """
    if unknown := sorted(set(query) - known - {"page", size}):
        raise Refused(f"unknown query parameter {unknown[0]!r}")
    number, length = integer(query.get("page", "1"), "page"), integer(query.get(size, "50"), size)
    if number < 1:
        raise Refused("page must be 1 or more")
    if not 1 <= length <= 100:
        raise Refused(f"{size} must be between 1 and 100, not {length}")
    return number, length


def page(items: Sequence[Item], *, number: int, size: int) -> list[Item]:
    """The items of one page; none past the end."""
    return list(items[(number - 1) * size : number * size])


def _array(body: bytes) -> list[Any]:
    try:
        items = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refused("the body is not valid JSON") from error
    if not isinstance(items, list):
        raise Refused("the body must be an array")
    if not items:
        raise Refused("the body must name at least one item")
    return items


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _fields(item: object, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise Refused("each item must be an object")
    for name in names:
        if name not in item:
            raise Refused(f"{name} is required")
    if unknown := sorted(set(item) - set(names)):
        raise Refused(f"unknown field {unknown[0]!r}")
    return item


def _integer(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"{name} must be an integer")
    return value


def _weekday(item: Mapping[str, object], numbering: Numbering) -> int:
    number = _integer(item["weekday"], "weekday")
    if number not in _NUMBERS[numbering]:
        raise Refused(f"there is no weekday {number}")
    return _NUMBERS[numbering].index(number) + 1


def _hours(item: Mapping[str, object]) -> Decimal:
    value = item["working_hours"]
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refused("working_hours must be a number")
    return Decimal(value)
