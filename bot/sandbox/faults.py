"""Faults on request, and the gate through which every call to a sandbox service passes.

The gate names the call, plays the faults that match the name, lets the handler act, and adds the call
to the call log. Each service has a :class:`Voice`: how it names calls and words a refusal.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from time import perf_counter
from typing import Protocol

from aiohttp import web

from bot.sandbox.calls import Call, CallLog, Service
from bot.sandbox.clock import Clock

__all__ = ["SUMMARY", "Fault", "FaultKind", "Faults", "Handler", "Voice", "faulty"]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SUMMARY = web.RequestKey("summary", str)
"""Where a handler may leave its line for the call log."""


class FaultKind(StrEnum):
    """Kinds of faults. BEFORE: the service has not acted when it fails. AFTER: it has."""

    SLOW = "slow"
    REFUSE = "refuse"
    FAIL_BEFORE = "fail_before"
    FAIL_AFTER = "fail_after"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    OUT_OF_QUOTA = "out_of_quota"
    RATE_LIMITED = "rate_limited"

    @property
    def acts(self) -> bool:
        """Whether the service does what it was asked, whatever the answer."""
        return self in {FaultKind.SLOW, FaultKind.FAIL_AFTER, FaultKind.CUT_AFTER}

    @property
    def told(self) -> str:
        """The kind in words, such as ``fail after``."""
        return self.value.replace("_", " ")

    @property
    def cuts(self) -> bool:
        """Whether the connection breaks without an answer."""
        return self in {FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER}


@dataclass(slots=True, eq=False)
class Fault:
    """A fault of the calls whose name matches; it happens ``times`` times, or until it is removed.

    ``match`` is a pattern over :attr:`Call.name`: ``POST *workinghours*``, ``chat.postMessage``.
    ``seconds`` of a SLOW fault are real seconds, and ``math.inf`` holds calls until the fault is
    removed; of a RATE_LIMITED fault they are the ``Retry-After``. ``status``, ``error`` and ``body``
    override the service's answer (``body=""`` is an empty one, of ``content_type``).
    """

    kind: FaultKind
    match: str = "*"
    seconds: float = 0
    status: int | None = None
    times: int | None = None
    error: str | None = None
    body: str | None = None
    content_type: str = "text/html"
    reached: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set as soon as a call has met the fault."""
    removed: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set when the fault is removed: the calls it holds continue at once."""

    async def hold(self) -> None:
        """Wait as long as a SLOW fault lasts, in real time."""
        try:
            async with asyncio.timeout(self.seconds if self.seconds < 1e9 else None):
                await self.removed.wait()
        except TimeoutError:
            return


class Faults:
    """The faults of one service that are switched on."""

    def __init__(self) -> None:
        self._active: list[Fault] = []

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults that are switched on, oldest first."""
        return tuple(self._active)

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on."""
        self._active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Switch a fault off; nothing happens if it has already run out."""
        fault.removed.set()
        self._active = [other for other in self._active if other is not fault]

    def clear(self) -> None:
        """Switch all faults off."""
        for fault in self.active:
            self.remove(fault)

    def take(self, name: str) -> Fault | None:
        """The first fault for this call that is not SLOW; this uses up one of its times."""
        return self._take(name, slow=False)

    def take_slow(self, name: str) -> Fault | None:
        """The first SLOW fault for this call, which may come together with one of another kind."""
        return self._take(name, slow=True)

    def _take(self, name: str, *, slow: bool) -> Fault | None:
        for fault in self._active:
            if (fault.kind is FaultKind.SLOW) is slow and fnmatchcase(name, fault.match):
                fault.reached.set()
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._active.remove(fault)
                return fault
        return None


class Voice(Protocol):
    """How one service names its calls and says that something went wrong."""

    @property
    def service(self) -> Service:
        """The service's name in the call log."""

    def name(self, request: web.Request) -> str:
        """The call's name in the call log, which faults are matched against."""

    def refusal(self, fault: Fault, request: web.Request) -> web.Response:
        """The service's answer to a fault that neither cuts nor only slows."""


def faulty(voice: Voice, *, log: CallLog, faults: Faults, clock: Clock) -> Callable[[Handler], Handler]:
    """A decorator for a service's handlers, which plays the faults and fills the call log.

    A handler continues when its caller has hung up, as in a real service: a call that timed out may
    still take effect.
    """

    def gate(handler: Handler) -> Handler:
        async def gated(request: web.Request) -> web.StreamResponse:
            name, asked = voice.name(request), await _asked(request)
            at, started = clock.now(), perf_counter()
            slow = faults.take_slow(name)
            if slow:
                await slow.hold()
            fault = faults.take(name)
            answer: web.StreamResponse | None = None
            if fault is None or fault.kind.acts:
                answer = await handler(request)
            if fault:
                answer = None if fault.kind.cuts else _worded(fault, voice.refusal(fault, request))
            status = None if answer is None else answer.status
            summary = request.get(SUMMARY) or f"{name}: {status or 'no answer'}"
            played = fault or slow
            log.add(
                Call(
                    at=at,
                    service=voice.service,
                    direction="in",
                    name=name,
                    status=status,
                    ms=(perf_counter() - started) * 1000,
                    summary=f"{summary} (fault: {played.kind.told})" if played else summary,
                    request=asked,
                    response=_answered(answer),
                    fault=played.kind if played else None,
                )
            )
            return _cut(request) if answer is None else answer

        return gated

    return gate


def _worded(fault: Fault, answer: web.Response) -> web.Response:
    if fault.body is None:
        return answer
    headers = {key: value for key, value in answer.headers.items() if not key.startswith("Content-")}
    status = fault.status or answer.status
    return web.Response(status=status, text=fault.body, content_type=fault.content_type, headers=headers)


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport:
        request.transport.abort()
    return web.Response()  # goes nowhere; aiohttp wants a handler to return one


async def _asked(request: web.Request) -> object:
    """The data of a request: the query, together with the JSON or form in the body."""
    query = _query(request)
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return query | {key: str(value) for key, value in (await request.post()).items()}
    body = _json((await request.read()).decode(errors="replace"))
    if body is None or not query:
        return body if body is not None else query
    return query | (dict(body) if isinstance(body, Mapping) else {"body": body})


def _query(request: web.Request) -> dict[str, object]:
    """The query by name; a name with brackets (``user_id[]``) has the list of all its values."""
    return {
        name: request.query.getall(name) if name.endswith("[]") else value
        for name, value in request.query.items()
    }


def _answered(answer: web.StreamResponse | None) -> object:
    return _json(answer.text or "") if isinstance(answer, web.Response) else None


def _json(text: str) -> object:
    """The parsed JSON, or the text itself if it is not JSON; ``None`` if it is empty."""
    try:
        parsed: object = json.loads(text) if text else None
    except ValueError:
        return text
    return parsed
