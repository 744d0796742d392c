"""Run handlers: expected errors are answered with a sentence, all others become incidents."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter

from structlog.contextvars import bind_contextvars, get_contextvars, unbind_contextvars

from handlers.desk import Ask, Handler, ModalClosedError
from handlers.malformed import UnreadableError
from handlers.refusing import refuse
from handlers.replies import EXPECTED, MENDABLE, explain, unexpected, unreadable
from handlers.slack_errors import SLACK_TROUBLE
from handlers.views.blocks import Reply
from handlers.work import Lane

__all__ = ["attempt", "in_lane"]

log = logging.getLogger(__name__)

SAY_SO_AFTER = 3.0
"""Seconds until the person is told that Focus is slow."""


async def attempt(ask: Ask, handler: Handler) -> bool:
    """Run a handler and answer its expected errors; ``False`` if Slack did not accept the answer.

    Expected errors of ``quiet`` asks are only logged: nobody is waiting for an answer, and the clock would
    repeat it with each try.
    """
    try:
        await handler(ask)
    except EXPECTED as error:
        bind_contextvars(outcome=type(error).__name__)
        if ask.quiet:
            log.warning("%s was not done: %s", _name(handler), error)
            return True
        say = refuse if isinstance(error, MENDABLE) else Ask.say
        return await _told(ask, await explain(error, ask), say=say)
    except (UnreadableError, ModalClosedError):
        bind_contextvars(outcome="unreadable")
        log.warning("the button or form that %s used cannot be read", ask.user_id, exc_info=True)
        return await _told(ask, unreadable(ask.desk.command))
    return True


async def _told(ask: Ask, reply: Reply, *, say: Callable[[Ask, Reply], Awaitable[None]] = Ask.say) -> bool:
    try:
        await say(ask, reply)
    except SLACK_TROUBLE as silence:
        log.warning("%s was not told: %s", ask.user_id, type(silence).__name__)
        return False
    return True


def in_lane(lane: Lane, ask: Ask, handler: Handler, *, announced: bool = False) -> None:
    """Run the handler, beginning in this lane; if it waits for Focus for long, the person is told.

    With ``announced`` they are not: they know already how long it takes.
    """
    name, patience = _name(handler), _Patience(ask, announced=announced)

    async def work() -> None:
        # Bound to this task's context, so that each of its log lines, tracebacks included, has both ids.
        bind_contextvars(act=ask.act_id, actor=ask.user_id)
        unbind_contextvars("outcome")
        began = perf_counter()
        try:
            await attempt(ask, handler)
        finally:
            await patience.end()
        took = round((perf_counter() - began) * 1000)
        outcome = get_contextvars().get("outcome", "done")
        told = {"what": name, "place": ask.place.kind, "ms": took, "outcome": outcome}
        log.info("answered", extra=told)

    async def failed(_: Exception, incident: str) -> None:
        if not ask.quiet:
            await ask.say(unexpected(incident))
        await ask.store.journal.drop(ask.act_id)  # else the next start would tell of it, too

    ask.desk.work.start(work, lane=lane, name=name, failed=failed, entered=patience.entered)


def _name(handler: Handler) -> str:
    """The handler's name for the log, for example ``hours.change`` or ``plans.listed.cancel``."""
    module, name = (getattr(handler, part, "") for part in ("__module__", "__name__"))
    return f"{module.removeprefix('handlers.')}.{name}"


class _Patience:
    """Tells the person that Focus is slow, unless the work ends soon after it entered Focus's lane."""

    def __init__(self, ask: Ask, *, announced: bool) -> None:
        self._ask = ask
        self._announced = announced
        self._saying: asyncio.Task[None] | None = None

    def entered(self, lane: Lane) -> None:
        """Begin to count the seconds in Focus's lane, if somebody is waiting for a message."""
        silent = self._ask.quiet or self._announced
        waited_for = self._ask.place.kind in {"channel", "dm"} and not silent
        if lane is Lane.FOCUS and waited_for and self._saying is None:
            self._saying = asyncio.create_task(self._say())

    async def end(self) -> None:
        """Stop counting: the work is over."""
        if self._saying:
            self._saying.cancel()
            await asyncio.gather(self._saying, return_exceptions=True)

    async def _say(self) -> None:
        await self._ask.desk.clock.sleep(SAY_SO_AFTER)
        try:
            await self._ask.say(Reply.saying("Toggl Focus is slow right now; I’m still working on it."))
        except SLACK_TROUBLE as error:
            log.info("could not say that Focus is slow: %s", error)
