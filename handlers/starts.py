"""What begins once a request is acknowledged; what can change anything is on disk before that.

A process may die between the acknowledgement and the work: the record is how the next one knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable
from dataclasses import replace

from handlers.attempts import attempt, in_lane
from handlers.desk import Ask, Handler
from handlers.effects import Effect, recorded
from handlers.replies import SLACK_TROUBLE
from handlers.work import Lane
from store.act import Kind, Place

__all__ = ["Start", "nothing", "start_of", "starting"]

log = logging.getLogger(__name__)

Start = Callable[[], None]
"""Begins the work of a request that is acknowledged."""

RECORD_WITHIN = 0.3
"""Seconds that a durable record may hold up an acknowledgement."""


async def start_of(ask: Ask, handler: Handler, effect: Effect) -> Start:
    """What to start for a route, by what it may change; what is done again has a record to be ended."""
    if effect is Effect.NONE and not ask.again:
        return starting(ask, handler)
    return await _recorded(ask, handler, effect)


def starting(ask: Ask, handler: Handler) -> Start:
    """What to start for what changes nothing; once, however often Slack sends an event."""
    if not ask.event_id:
        return lambda: in_lane(Lane.QUICK, ask, handler)

    @functools.wraps(handler)
    async def once(ask: Ask) -> None:
        now = ask.desk.clock.now()
        if await ask.store.journal.seen_event(ask.event_id, now):
            return
        await handler(ask)

    return lambda: in_lane(Lane.QUICK, ask, once)


def nothing() -> None:
    """A button of somebody else's, or of a version before: acknowledged, nothing to do."""


async def _recorded(ask: Ask, handler: Handler, effect: Effect) -> Start:
    """What to start for what can change something; it is on disk first, or 300 ms have passed.

    The work itself waits for the record however long that takes: only then it is known to be new.
    """
    record = asyncio.create_task(
        ask.store.journal.receive(
            ask.act_id,
            actor=ask.user_id,
            kind=Kind.SET,
            request=recorded(ask.said, effect),
            place=ask.place,
            now=ask.desk.clock.now(),
            event_id=ask.event_id,
        )
    )
    record.add_done_callback(_look_at_error)
    await asyncio.wait({record}, timeout=RECORD_WITHIN)
    if not record.done():
        log.warning("act %s is acknowledged before it is on disk", ask.act_id)

    @functools.wraps(handler)
    async def work(ask: Ask) -> None:
        if not await record:
            return  # Slack has sent this very event before
        if await attempt(ask, _in_its_place(handler)):
            await ask.store.journal.drop(ask.act_id)
        else:
            await ask.store.journal.tell_unanswered(ask.act_id, now=ask.desk.clock.now())

    return lambda: in_lane(effect.lane, ask, work)


def _in_its_place(handler: Handler) -> Handler:
    """The handler, told when a command was typed in the conversation with the bot: its receipt answers.

    Slack names only the conversation, and asking whose it is must not hold up the acknowledgement.
    """

    @functools.wraps(handler)
    async def placed(ask: Ask) -> None:
        typed_in = ask.place
        if typed_in.kind == "channel" and typed_in.channel.startswith("D") and not ask.replaces:
            with contextlib.suppress(*SLACK_TROUBLE):
                if await ask.desk.people.dm(ask.user_id) == typed_in.channel:
                    ask = replace(ask, place=Place("dm", typed_in.channel))
        await handler(ask)

    return placed


def _look_at_error(task: asyncio.Task[bool]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("a request was not recorded: %s", error)
