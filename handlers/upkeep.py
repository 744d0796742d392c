"""Daily upkeep: links, the weekday question, the Focus key's expiry, and retention."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial

from handlers import checkups, links, weekdays
from handlers.desk import Desk
from handlers.slack_errors import SLACK_TROUBLE
from store.database import DatabaseUnusableError
from store.focus import FocusError

__all__ = ["look_after"]

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=5)
NEXT_HOUR = timedelta(hours=1)
"""The longest pause after an error, and that after an unexpected one.

Pauses grow to it: listing everybody every five minutes, for an error that stays, would use up the quota.
"""

WARN_DAYS = (14, 3, 1)
"""Days before the Focus key's expiry on which the admins are warned."""

Step = Callable[[], Awaitable[timedelta | None]]
"""Returns how long to wait before its next run; ``None`` is a day."""


async def look_after(desk: Desk, *, key_expires: date | None) -> None:
    """Run each step at the start and then once a day, for ever; what is left undone is tried again sooner."""
    steps: tuple[Step, ...] = (
        partial(_forget_what_is_old, desk),
        partial(_warn_of_expiry, desk, key_expires),
        partial(_look_at_both_sides, desk),
        partial(_ask_about_weekdays, desk),
    )
    due = dict.fromkeys(steps, desk.clock.now())
    pauses: dict[Step, timedelta] = {}
    while True:
        for step in steps:
            if due[step] <= desk.clock.now():
                due[step] = desk.clock.now() + await _tried(step, pauses)
        await desk.clock.sleep((min(due.values()) - desk.clock.now()).total_seconds())


async def _tried(step: Step, pauses: dict[Step, timedelta]) -> timedelta:
    """Run a step and return how long to wait before its next run; ``pauses`` are those of failing steps."""
    try:
        wait = await step() or EVERY
    except (FocusError, *SLACK_TROUBLE, DatabaseUnusableError) as error:
        pause = pauses.get(step, AGAIN_AFTER)
        pauses[step] = min(2 * pause, NEXT_HOUR)
        log.warning("could not look after everything, trying again in %s: %s", pause, error)
        return pause
    except Exception:  # a bug: the other steps must still run until it is fixed
        log.exception("could not look after everything, trying again in an hour")
        return NEXT_HOUR
    pauses.pop(step, None)
    return wait


async def _forget_what_is_old(desk: Desk) -> None:
    if removed := await desk.store.retention.forget(desk.clock.now()):
        log.info("removed what is older than the retention", extra={"acts": removed})


async def _look_at_both_sides(desk: Desk) -> None:
    """Link everybody and check the links, which needs everybody linked."""
    members = await desk.people.link_everybody()
    await links.tell_ambiguous(desk)
    await checkups.check(desk, members)


async def _ask_about_weekdays(desk: Desk) -> timedelta | None:
    """Ask the admins about weekdays; until a week with hours is known to ask about, try again soon."""
    return None if await weekdays.ask_admins(desk) else AGAIN_AFTER


async def _warn_of_expiry(desk: Desk, key_expires: date | None) -> None:
    """Warn the admins once for each warning day, even if the bot was not running on that day."""
    if key_expires is None:
        return
    now = desk.clock.now()
    left = (key_expires - now.date()).days
    reached = min((days for days in WARN_DAYS if left <= days), default=None)
    await desk.store.alarms.key_ends(key_expires, within=reached, now=now)
