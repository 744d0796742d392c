"""Reminders as the tests make them: a check every day at ten in the studio's channel."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from bot.sandbox.slack import Message
from store import Store
from store.access import Action, Actor, Permit
from store.reminders import Reminder, ReminderKind, Schedule, Weekly
from store.week import ALL_DAYS
from tests.office import STUDIO, Office

AT_TEN = Schedule(Weekly(ALL_DAYS), time(10), "UTC")
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
AN_HOUR, A_DAY = 3600, 86400


def actor(user_id: str) -> Actor:
    return Actor("T0SANDBOX", user_id, as_of=TEN)


async def remind(store: Store, *, now: datetime, owner: str = "U0OLIVIA", **fields: Any) -> Reminder:
    """A reminder of ``owner``'s; all that is not given is as above."""
    wanted: dict[str, Any] = {
        "kind": ReminderKind.CHECK, "channel": STUDIO, "group": None, "schedule": AT_TEN, "span": "day",
    }  # fmt: skip
    permit = await store.access.may(actor(owner), Action.REMIND)
    return await store.reminders.add(permit, **wanted | fields, now=now)


async def managing(store: Store, owner: str = "U0OLIVIA") -> Permit:
    """The permit to manage the reminders of ``owner``, as themselves."""
    return await store.access.may_manage(actor(owner), owner=owner)


def posts(office: Office, channel: str = STUDIO) -> list[Message]:
    """What the bot has posted for everybody there, once and for all: edits change no count."""
    return [each for each in office.slack.posts.get(channel, []) if not each.ephemeral_to]
