"""Post a run in its channel no more than once, whatever Slack answers.

Slack may accept a post without confirming it. If the outcome is unknown, the post is searched for in the
channel if the bot may read it; else repeated with the same id if Slack is known to deduplicate it; else
its owner is asked. It is never posted again blindly.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import aiohttp
from slack_sdk.errors import SlackApiError

from handlers import marks
from handlers.desk import Desk
from handlers.marks import Mark
from handlers.reminders import invited
from handlers.slack_errors import SLACK_TROUBLE, UNCLEAR, code_of, rest_of
from handlers.views.blocks import Reply
from handlers.views.reminders import posted
from handlers.views.week import Who
from store.messages import Message
from store.reminders import Attempt, ReminderKind, Run
from store.week import Subject

__all__ = ["OWNER_GONE", "OWNER_MAY_NOT", "fail", "post", "worded"]

log = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=5)
"""A post later than this after its due time says that it is late."""

LANDS_WITHIN = timedelta(seconds=30)
"""How long a post whose answer was lost may still arrive in the channel."""

AGAIN_AFTER = timedelta(seconds=5)
OWNER_GONE, OWNER_MAY_NOT = "owner_gone", "owner_may_not"

_PASSING = {
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "org_login_required",
    "team_added_to_org",
    "token_expired",
    "token_revoked",
}
"""Slack's error codes about the bot's token, which its operator fixes; retried within the grace."""


async def worded(desk: Desk, message: Message) -> Reply | None:
    """The run's post with its current state."""
    run = await desk.store.runs.get(message.about)
    if run is None:
        return None
    reminder = await desk.store.reminders.of_run(run)
    late = (run.posted_at or desk.clock.now()) - run.due_at > LATE_AFTER
    age = await invited.age_of_weeks(desk, run) if reminder.kind is ReminderKind.BOARD else None
    unsure = desk.store.weekdays.uncertain
    return posted.message(run, reminder, await _names(desk, run), late=late, age=age, days_unsure=unsure)


async def post(desk: Desk, message: Message, reply: Reply) -> None:
    """Post a run for the first time, unless an earlier try may have arrived."""
    store = desk.store
    attempt = await store.posting.begin(message.about, now=desk.clock.now())
    if attempt is None:
        await store.outbox.sent(message, channel=None, ts=None)
    elif attempt.tried_at is None or await _may_repeat(desk, message, attempt, attempt.tried_at):
        await _send(desk, message, attempt.run, reply)


async def _may_repeat(desk: Desk, message: Message, attempt: Attempt, tried_at: datetime) -> bool:
    """Find out what became of an earlier try; ``True`` if it is safe to post again.

    Otherwise the run is marked as posted, unclear or skipped, or put off.
    """
    posting, run, now = desk.store.posting, attempt.run, desk.clock.now()
    landed_by = tried_at + LANDS_WITHIN
    try:
        ts = await marks.find(desk, run.channel, _mark(run), since=tried_at, until=landed_by)
    except marks.UnsearchableError:
        if attempt.too_late or not await desk.store.repeats.are_recognized():
            await posting.unclear(run.id, now=now)
            await desk.store.outbox.sent(message, channel=None, ts=None)
            return False
    except SLACK_TROUBLE as error:
        await _later(desk, message, reason=type(error).__name__, at=now + LANDS_WITHIN)
        return False
    else:
        if ts:
            await posting.posted(message, channel=run.channel, ts=ts, now=now)
            return False
        if now < landed_by:
            await _later(desk, message, reason="unclear", at=landed_by)
            return False
        if attempt.too_late:
            await posting.skip(run.id, now=now)
            await desk.store.outbox.sent(message, channel=None, ts=None)
            return False
    await posting.again(run.id, now=now)
    return True


async def _send(desk: Desk, message: Message, run: Run, reply: Reply) -> None:
    now = desk.clock.now()
    try:
        answer = await marks.post(desk, run.channel, reply, _mark(run))
    except SlackApiError as error:
        await _refused(desk, message, run, error, tried_at=now)
    except aiohttp.ClientConnectorError as error:  # no connection: nothing was sent
        await desk.store.posting.not_taken(run.id)
        await _later(desk, message, reason=type(error).__name__, at=now + AGAIN_AFTER)
    except (aiohttp.ClientError, TimeoutError) as error:
        await _later(desk, message, reason=type(error).__name__, at=now + LANDS_WITHIN)
    else:
        await desk.store.posting.posted(message, channel=answer["channel"], ts=answer["ts"], now=now)


async def _refused(
    desk: Desk, message: Message, run: Run, error: SlackApiError, *, tried_at: datetime
) -> None:
    posting, code, now = desk.store.posting, code_of(error), desk.clock.now()
    if code == "duplicate_message":
        await desk.store.repeats.learn(recognized=True, now=now)
        await posting.posted(message, channel=run.channel, ts=await _arrived(desk, run, now), now=now)
    elif code == "ratelimited":
        await posting.not_taken(run.id)
        rest = now + rest_of(error)
        desk.store.outbox.rest_reminders(until=rest)
        await _later(desk, message, reason=code, at=rest)
    elif error.response.status_code >= 500 or code in UNCLEAR:
        await _later(desk, message, reason=code, at=tried_at + LANDS_WITHIN)
    elif code in _PASSING:
        await posting.not_taken(run.id)
        await _later(desk, message, reason=code, at=now + AGAIN_AFTER * 2 ** min(message.tries, 6))
    else:
        await fail(desk, run, code)
        await desk.store.outbox.sent(message, channel=None, ts=None)


async def _arrived(desk: Desk, run: Run, now: datetime) -> str | None:
    """The ``ts`` of a post known to have arrived; ``None`` if it is not found, so it is never edited."""
    try:
        return await marks.find(desk, run.channel, _mark(run), since=run.due_at, until=now)
    except (marks.UnsearchableError, *SLACK_TROUBLE):
        return None


async def _later(desk: Desk, message: Message, *, reason: str, at: datetime) -> None:
    log.info("run %s is posted later: %s", message.about, reason)
    await desk.store.outbox.postponed(message, reason=reason, until=at)


async def fail(desk: Desk, run: Run, reason: str) -> None:
    """Mark the run as failed for a reason that a retry cannot fix."""
    log.warning("run %s failed: %s", run.id, reason)
    # If the owner left Slack, the admins get one message about all their suspended work instead.
    tell = reason != OWNER_GONE
    await desk.store.posting.fail(run.id, reason=reason, tell=tell, now=desk.clock.now())


def _mark(run: Run) -> Mark:
    return Mark(run.client_msg_id, "hours_run", {"run": run.id})


async def _names(desk: Desk, run: Run) -> dict[Subject, Who]:
    named = {each.subject for each in run.people}
    entries = await desk.store.directory.people()
    return {entry.subject: Who.of(entry) for entry in entries if entry.subject in named}
