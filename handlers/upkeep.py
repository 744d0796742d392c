"""What is looked after once a day: links, the question about weekdays, a key that ends, what is too old."""

from __future__ import annotations

import logging
from datetime import date, timedelta

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
WARN_DAYS = (14, 3, 1)
"""How many days before the Focus key ends the admins are told."""


async def look_after(desk: Desk, *, key_expires: date | None) -> None:
    """At the start and once a day, for ever; sooner again when a service does not answer."""
    while True:
        try:
            if removed := await desk.store.retention.forget(desk.clock.now()):
                log.info("removed what is older than the retention", extra={"acts": removed})
            await _warn_of_expiry(desk, key_expires)
            members = await desk.people.link_everybody()
            await links.tell_ambiguous(desk)
            await checkups.check(desk, members)
            await weekdays.ask_admins(desk)
            pause = EVERY
        except (
            FocusError,
            SlackApiError,
            aiohttp.ClientError,
            TimeoutError,
            DatabaseUnusableError,
        ) as error:
            log.warning("could not look after everything, trying again in five minutes: %s", error)
            pause = AGAIN_AFTER
        await desk.clock.sleep(pause.total_seconds())


async def _warn_of_expiry(desk: Desk, key_expires: date | None) -> None:
    """One message for each of the warning days, also when the bot was not running on it."""
    if key_expires is None:
        return
    now = desk.clock.now()
    left = (key_expires - now.date()).days
    reached = min((days for days in WARN_DAYS if left <= days), default=None)
    await desk.store.alarms.key_ends(key_expires, within=reached, now=now)
