"""Prepare the work that starts once a request is acknowledged, and record requests that can write.

A process may die between the acknowledgement and the work; the record tells the next process about it.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from handlers.attempts import attempt, in_lane
from handlers.desk import Ask, Handler
from handlers.effects import Effect, recorded
from handlers.slack_errors import SLACK_TROUBLE
from handlers.work import Lane
from store.act import Kind, Place
from store.database import DatabaseUnusableError

__all__ = ["NOTHING", "Prepared", "prepare", "unrecorded"]

log = logging.getLogger(__name__)

RECORD_WITHIN = 0.3
"""Seconds an acknowledgement waits for the record to be on disk."""

RECORD_EVENT_WITHIN = 1.5
"""The same for an event: nobody sees its acknowledgement, and until then Slack would send it again."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to follow a payload: the acknowledgement, then the work."""

    start: Callable[[], None] = lambda: None
    """Starts the work; called once the acknowledgement has left."""
    says: Mapping[str, Any] = field(default_factory=dict)
    """What the acknowledgement says in Slack's JSON; empty for all but forms and lists."""


NOTHING = Prepared()
"""For what needs no work, or is not known: a closed form, a button from an older version."""


async def prepare(ask: Ask, handler: Handler, effect: Effect) -> Prepared:
    """Prepare the work of a route, which is recorded first if it may change something.

    A repeated request (``again``) is recorded already, whatever its effect, and its record has to be ended.
    """
    if effect is Effect.NONE and not ask.again:
        return unrecorded(ask, handler)
    return await _recorded(ask, handler, effect)


def unrecorded(ask: Ask, handler: Handler, *, once: bool = True) -> Prepared:
    """Prepare work that changes nothing; an event that Slack retries runs ``once``."""
    if not (ask.event_id and once):
        return Prepared(lambda: in_lane(Lane.QUICK, ask, handler))

    @functools.wraps(handler)
    async def unless_seen(ask: Ask) -> None:
        now = ask.desk.clock.now()
        if await ask.store.journal.seen_event(ask.event_id, now):
            return
        await handler(ask)

    return Prepared(lambda: in_lane(Lane.QUICK, ask, unless_seen))


async def _recorded(ask: Ask, handler: Handler, effect: Effect) -> Prepared:
    """Record the request, waiting a limited time, and prepare the work.

    The work itself waits for the record without limit, since only then is it known not to be a retry.
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
    await asyncio.wait({record}, timeout=RECORD_EVENT_WITHIN if ask.event_id else RECORD_WITHIN)
    if not record.done():
        log.warning("act %s is acknowledged before it is on disk", ask.act_id)

    @functools.wraps(handler)
    async def work(ask: Ask) -> None:
        if not await record:
            return  # a retry of an event that was recorded before
        answered = await attempt(ask, _in_its_place(handler))
        try:
            await _end(ask, answered=answered)
        except DatabaseUnusableError as error:  # nothing to say about it: the answer is the handler's
            log.warning("the record of act %s is left: %s", ask.act_id, error)

    return Prepared(lambda: in_lane(effect.lane, ask, work))


async def _end(ask: Ask, *, answered: bool) -> None:
    """End the record of a request whose handler has finished."""
    if answered:
        await ask.store.journal.drop(ask.act_id)
    else:
        await ask.store.journal.tell_unanswered(ask.act_id, now=ask.desk.clock.now())


def _in_its_place(handler: Handler) -> Handler:
    """Wrap a handler so that a command typed in the bot's own conversation has the place ``dm``.

    There the receipt is the answer. Slack's payload has only the channel's id; asking whose conversation
    it is must not delay the acknowledgement, so it happens here.
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
