"""The HTTP API of the local Focus: paths, refusals, quota headers. The rules of rows are in ``book``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from aiohttp import web

from bot.sandbox.calls import CallLog, Service
from bot.sandbox.clock import Clock
from bot.sandbox.faults import SUMMARY, Fault, FaultKind, Faults, Handler, faulty
from bot.sandbox.focus import wire
from bot.sandbox.focus.book import Book, Kind, Refused, Row, UnknownSubject
from bot.sandbox.focus.calendar import Calendar
from bot.sandbox.focus.calendar_api import CalendarApi
from bot.sandbox.focus.door import Forbidden, Keys, Quota
from bot.sandbox.focus.options import Options

__all__ = ["Api"]

Operation = Callable[[web.Request], Awaitable[object]]
"""Returns the value to send as JSON; ``None`` becomes 204 No Content."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ERRORS = {
    400: "validation",
    401: "invalid_session",
    402: "quota_exceeded",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    429: "too_many_requests",
}


class _Error(Exception):
    """An error answer with this status and description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Voice:
    """How Focus names calls, and words the faults that are switched on."""

    prefix: str
    quota: Quota
    service: Service = "focus"

    def name(self, request: web.Request) -> str:
        """The call's name, such as ``GET /organizations/1001/users``."""
        return f"{request.method} {request.path.removeprefix(self.prefix)}"

    def refusal(self, fault: Fault, request: web.Request) -> web.Response:
        """Focus's error answer for such a fault: status, body and headers."""
        del request
        match fault.kind:
            case FaultKind.REFUSE:
                status, headers = fault.status or 401, {}
            case FaultKind.OUT_OF_QUOTA:
                status, headers = 402, self.quota.headers()
                if headers:
                    headers |= {"X-Toggl-Quota-Remaining": "0"}
            case FaultKind.RATE_LIMITED:
                status, headers = 429, {"Retry-After": f"{fault.seconds or 1:.0f}"}
            case _:
                status, headers = fault.status or 503, {}
        return _error(status, "This went wrong on request.", error=fault.error, headers=headers)


@dataclass(slots=True, kw_only=True)
class Api:
    """The routes of the local Focus."""

    book: Book
    calendar: Calendar
    keys: Keys
    quota: Quota
    options: Options
    clock: Clock
    log: CallLog
    faults: Faults
    me: int
    """``user_account_id`` of the key's owner."""

    def add_routes(self, app: web.Application, *, prefix: str) -> None:
        """Serve the API below ``prefix``; an unknown path is 404, a wrong method 405."""
        voice = _Voice(prefix, self.quota)
        gate = faulty(voice, log=self.log, faults=self.faults, clock=self.clock)
        hours = {"GET": self._list, "POST": self._create, "PUT": self._update, "DELETE": self._delete}
        calendar = CalendarApi(
            book=self.book, calendar=self.calendar, options=self.options, clock=self.clock, me=self.me
        )
        routes: dict[str, Mapping[str, Operation]] = {
            "/organizations/{organization_id}/workinghours/users/{user_id}": hours,
            "/organizations/{organization_id}/{workspace_id}/workinghours/ghosts/{ghost_id}": hours,
            "/organizations/{organization_id}/users": {"GET": self._users},
            "/organizations/{organization_id}/workspaces/{workspace_id}/ghosts": {"GET": self._ghosts},
            "/organizations/{organization_id}/timeoff": {"GET": calendar.time_off},
            "/organizations/{organization_id}/public-holidays": {"GET": calendar.holidays},
            "/organizations/{organization_id}/workspaces/{workspace_id}/capacities/{group}": {
                "GET": calendar.capacities
            },
            "/users/me/settings": {"GET": self._settings},
            "/accounts/me": {"GET": self._account},
        }
        for path, operations in routes.items():
            resource = app.router.add_resource(prefix + path)
            for method, operation in operations.items():
                resource.add_route(method, gate(self._door(operation)))
            resource.add_route("*", gate(self._door(_no_method)))
        app.router.add_route("*", prefix + "/{path:.*}", gate(self._door(_nowhere)))

    def _door(self, operation: Operation) -> Handler:
        """Make a handler that checks the key and the quota, runs the operation, and words its errors."""

        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                self._enter(request)
                found = await operation(request)
            except _Error as error:
                return self._refused(request, error.status, error)
            except Forbidden as error:
                return self._refused(request, 403, error)
            except UnknownSubject as error:
                return self._refused(request, 404, error)
            except Refused as error:
                return self._refused(request, 400, error)
            headers = self._quota_headers(request)
            if found is None:
                return web.Response(status=204, headers=headers)
            return _json(found, headers=headers)

        return answered

    def _enter(self, request: web.Request) -> None:
        if not self.keys.admit(request.headers.get("Authorization", "")):
            raise _Error(401, "The session is invalid or has expired.")
        if "organization_id" in request.match_info:  # the quota is the organization's
            if not self.quota.take():
                raise _Error(402, "The hourly limit of API requests is reached.")
            self._place(request)

    def _place(self, request: web.Request) -> None:
        """Refuse any other organization and workspace."""
        organization = wire.integer(request.match_info["organization_id"], "organization_id")
        if organization != self.options.organization_id:
            raise Forbidden("You are not a member of this organization.")
        if "workspace_id" in request.match_info:
            workspace = wire.integer(request.match_info["workspace_id"], "workspace_id")
            if workspace != self.options.workspace_id:
                raise _Error(404, f"workspace {workspace} not found")

    def _quota_headers(self, request: web.Request) -> dict[str, str]:
        return self.quota.headers() if "organization_id" in request.match_info else {}

    def _refused(self, request: web.Request, status: int, error: Exception) -> web.Response:
        request[SUMMARY] = f"refused with {status}: {error}"
        return _error(status, str(error), headers={} if status == 401 else self._quota_headers(request))

    # -------------------------------------------------------- working hours

    async def _list(self, request: web.Request) -> object:
        kind, number = self._subject(request)
        rows = self.book.rows(kind, number)
        request[SUMMARY] = f"read the week of {self.book.name(kind, number)}: {_told(rows)}"
        return self._rows(kind, number, rows)

    async def _create(self, request: web.Request) -> object:
        kind, number = self._subject(request)
        days = wire.read_created(await _body(request), numbering=self.options.numbering)
        hours = [(day, self._rounded(value)) for day, value in days]
        rows = self.book.create(kind, number, hours, now=self.clock.now())
        request[SUMMARY] = f"set new days of {self.book.name(kind, number)}: {_told(rows)}"
        return self._written(kind, number, rows)

    async def _update(self, request: web.Request) -> object:
        kind, number = self._subject(request)
        put = wire.read_updated(await _body(request), numbering=self.options.numbering)
        changes = [(row_id, day, self._rounded(value)) for row_id, day, value in put]
        rows = self.book.update(
            kind, number, changes, now=self.clock.now(), drop_others=self.options.put_replaces
        )
        request[SUMMARY] = f"changed days of {self.book.name(kind, number)}: {_told(rows)}"
        return self._written(kind, number, rows)

    async def _delete(self, request: web.Request) -> object:
        kind, number = self._subject(request)
        rows = self.book.delete(kind, number, wire.read_deleted(await _body(request)))
        request[SUMMARY] = f"removed days of {self.book.name(kind, number)}: {_told(rows)}"
        return None

    def _rounded(self, hours: Decimal) -> Decimal:
        rounded = hours if self.options.decimals is None else round(hours, self.options.decimals)
        return hours if rounded == hours else rounded  # 8 stays 8, not 8.00

    def _subject(self, request: web.Request) -> tuple[Kind, int]:
        kind: Kind = "user" if "user_id" in request.match_info else "ghost"
        number = wire.integer(request.match_info[f"{kind}_id"], f"{kind}_id")
        if self.options.key_role == "member" and (kind, number) != ("user", self.me):
            raise Forbidden("Only an organization admin may see or change these working hours.")
        self.book.name(kind, number)
        return kind, number

    def _written(self, kind: Kind, number: int, rows: Sequence[Row]) -> object:
        whole = self.options.answers_with == "all"
        return self._rows(kind, number, self.book.rows(kind, number) if whole else rows)

    def _rows(self, kind: Kind, number: int, rows: Sequence[Row]) -> object:
        return [wire.row_json(row, kind=kind, number=number, options=self.options) for row in rows]

    # ---------------------------------------------------- people and ghosts

    async def _users(self, request: web.Request) -> object:
        number, size = wire.paging(request.query, size="per_page", known=frozenset({"filter"}))
        part = request.query.get("filter", "").casefold()
        found = [
            person
            for person in self.book.people.values()
            if part in person.name.casefold() or part in person.email.casefold()
        ]
        listed = [
            wire.person_json(each, options=self.options)
            for each in wire.page(found, number=number, size=size)
        ]
        request[SUMMARY] = f"listed people, page {number}: {len(listed)} of {len(found)}"
        return {"data": listed} if self.options.wraps_users else listed

    async def _ghosts(self, request: web.Request) -> object:
        known = frozenset({"search", "include_embodied"})
        number, size = wire.paging(request.query, size="rows", known=known)
        embodied = request.query.get("include_embodied", "false")
        if embodied not in {"true", "false"}:
            raise Refused("include_embodied must be true or false")
        part = request.query.get("search", "").casefold()
        found = [
            ghost
            for ghost in self.book.ghosts.values()
            if part in ghost.name.casefold() and (embodied == "true" or ghost.embodied_at is None)
        ]
        listed = [wire.ghost_json(each) for each in wire.page(found, number=number, size=size)]
        request[SUMMARY] = f"listed ghosts, page {number}: {len(listed)} of {len(found)}"
        return {"data": listed, "page": number, "rows": size, "total": len(found)}

    async def _settings(self, request: web.Request) -> object:
        request[SUMMARY] = "read the settings of the key's owner"
        return {
            "start_week_on": 1,
            "timezone": "Europe/Stockholm",
            "current_workspace_id": self.options.workspace_id,
        }

    async def _account(self, request: web.Request) -> object:
        request[SUMMARY] = "asked whose key it is"
        return {"id": self.me + 9_000, "user_account_id": self.me}


async def _nowhere(request: web.Request) -> object:
    raise _Error(404, f"there is no {request.path}")


async def _no_method(request: web.Request) -> object:
    raise _Error(405, f"{request.method} is not allowed here")


async def _body(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise Refused("Content-Type must be application/json")
    return await request.read()


def _told(rows: Sequence[Row]) -> str:
    ordered = sorted(rows, key=lambda row: (row.weekday, row.id))
    return ", ".join(f"{_DAYS[row.weekday - 1]} {row.hours}" for row in ordered) or "nothing set"


def _error(
    status: int, description: str, *, error: str | None = None, headers: dict[str, str]
) -> web.Response:
    body = {
        "error": error or _ERRORS.get(status, "internal"),
        "error_description": description,
        "trace_id": uuid4().hex,
    }
    return _json(body, status=status, headers=headers)


def _json(value: Any, *, status: int = 200, headers: dict[str, str]) -> web.Response:
    return web.Response(
        status=status, text=wire.dumps(value), content_type="application/json", headers=headers
    )
