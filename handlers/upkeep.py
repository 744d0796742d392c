"""What is looked after once a day: links, the question about weekdays, a key that ends, what is too old."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial

import aiohttp
from slack_sdk.errors import SlackApiError

from handlers import checkups, links, weekdays
from handlers.desk import Desk
from store.database import DatabaseUnusableError
from store.focus import FocusError

__all__ = ["look_after"]

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=5)
NEXT_HOUR = timedelta(hours=1)
"""After an error that nobody foresaw: to list everybody each five minutes would use up Focus's quota."""

WARN_DAYS = (14, 3, 1)
"""How many days before the Focus key ends the admins are told."""

Step = Callable[[], Awaitable[None]]


async def look_after(desk: Desk, *, key_expires: date | None) -> None:
    """At the start and once a day, for ever; what could not be done is tried again sooner, by itself."""
    steps: tuple[Step, ...] = (
        partial(_forget_what_is_old, desk),
        partial(_warn_of_expiry, desk, key_expires),
        partial(_look_at_both_sides, desk),
    )
    due = dict.fromkeys(steps, desk.clock.now())
    while True:
        for step in steps:
            if due[step] <= desk.clock.now():
                due[step] = desk.clock.now() + await _tried(step)
        await desk.clock.sleep((min(due.values()) - desk.clock.now()).total_seconds())


async def _tried(step: Step) -> timedelta:
    """How long to wait before the next time."""
    try:
        await step()
    except (FocusError, SlackApiError, aiohttp.ClientError, TimeoutError, DatabaseUnusableError) as error:
        log.warning("could not look after everything, trying again in five minutes: %s", error)
        return AGAIN_AFTER
    except Exception:  # it stays so until somebody mends it, and the other steps must not wait for that
        log.exception("could not look after everything, trying again in an hour")
        return NEXT_HOUR
    return EVERY


async def _forget_what_is_old(desk: Desk) -> None:
    if removed := await desk.store.retention.forget(desk.clock.now()):
        log.info("removed what is older than the retention", extra={"acts": removed})


async def _look_at_both_sides(desk: Desk) -> None:
    """Who is who, what has become of the links, and which weekdays Focus means: each needs those before."""
    members = await desk.people.link_everybody()
    await links.tell_ambiguous(desk)
    await checkups.check(desk, members)
    await weekdays.ask_admins(desk)


async def _warn_of_expiry(desk: Desk, key_expires: date | None) -> None:
    """One message for each of the warning days, also when the bot was not running on it."""
    if key_expires is None:
        return
    now = desk.clock.now()
    left = (key_expires - now.date()).days
    reached = min((days for days in WARN_DAYS if left <= days), default=None)
    await desk.store.alarms.key_ends(key_expires, within=reached, now=now)
