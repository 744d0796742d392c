"""Reminders when their time comes: who is named is found out, and the channel sees each run once.

Slack may take a post and not say so. A run whose fate is not known is looked for in the channel, where
the bot may read it; repeated under the same id, where Slack is known to recognize that; and otherwise
its owner is asked. It is never posted again blindly.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import aiohttp
from slack_sdk.errors import SlackApiError

from handlers import invited, leavers
from handlers.asked import Problem
from handlers.desk import Ask, Desk
from handlers.views import checks
from handlers.views import runs as views
from handlers.views.blocks import Reply
from handlers.views.week import Who
from handlers.work import Lane
from store.access import Action, NotAllowedError
from store.focus import FocusError
from store.outbox import Message
from store.posting import Attempt
from store.reminders import Reminder, ReminderKind
from store.run import Run
from store.week import Subject

__all__ = ["is_there", "post", "post_again", "resume", "start_due", "take_over", "told", "worded"]

log = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=5)
"""What comes later says so."""

LANDS_WITHIN = timedelta(seconds=30)
"""A post whose answer was lost may still arrive; after this it does not."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""Slack's clock and ours, at most."""

AGAIN_AFTER = timedelta(seconds=5)
SEARCHED = 200
"""Messages in a channel since the post that is looked for was tried."""

OWNER_GONE, OWNER_MAY_NOT = "owner_gone", "owner_may_not"

_UNCLEAR = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
"""Slack's words for having failed half-way."""

_PASSING = {
    "account_inactive",
    "invalid_auth",
    "not_authed",
    "org_login_required",
    "team_added_to_org",
    "token_expired",
    "token_revoked",
}
"""Nothing about the channel: whoever runs the bot mends it, and within the grace the post still comes."""

_OF_THE_CHANNEL = {"channel_not_found", "is_archived", "missing_scope", "not_in_channel"}


# ------------------------------------------------------------------ what the clock starts


async def start_due(desk: Desk, now: datetime) -> None:
    """Claim what is due, and find out whom it names."""
    for run in await desk.store.runs.claim_due(now):
        desk.work.start(partial(_compose, desk, run), lane=Lane.FOCUS, name="compose", failed=_only_logged)


async def _compose(desk: Desk, run: Run) -> None:
    """Whom the run names; what Slack or Focus does not tell now is asked again within the grace."""
    reminder = await desk.store.reminders.of_run(run)
    try:
        owner = await desk.people.actor(reminder.owner, team_id=desk.store.team_id)
        await desk.store.access.may(owner, Action.REMIND)
        people = await invited.compose(desk, reminder, run)
    except NotAllowedError:
        gone = await leavers.rests(desk, reminder.owner)
        await _fail(desk, run, OWNER_GONE if gone else OWNER_MAY_NOT)
    except Problem as error:
        cause = error.__cause__
        await _fail(desk, run, _code(cause) if isinstance(cause, SlackApiError) else error.sentence)
    except SlackApiError as error:
        if _code(error) in _OF_THE_CHANNEL:
            await _fail(desk, run, _code(error))
        else:
            log.warning("run %s is not known yet: Slack says %s", run.id, _code(error))
    except (FocusError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("run %s is not known yet: %s", run.id, error)
    else:
        now = desk.clock.now()
        if people:
            await desk.store.runs.ready(run.id, people, now=now)
        else:
            await desk.store.runs.empty(run.id, now=now)


async def _fail(desk: Desk, run: Run, reason: str) -> None:
    log.warning("run %s failed: %s", run.id, reason)
    # Of somebody who left the admins are told once, with all that rests.
    tell = reason != OWNER_GONE
    await desk.store.posting.fail(run.id, reason=reason, tell=tell, now=desk.clock.now())


async def _only_logged(_: Exception, incident: str) -> None:
    """Nobody asked for it, so there is nobody to tell."""
    del incident


# ------------------------------------------------------------------ posting


async def worded(desk: Desk, message: Message) -> Reply | None:
    """A run's message as it is now."""
    run = await desk.store.runs.get(message.about)
    if run is None:
        return None
    reminder = await desk.store.reminders.of_run(run)
    late = (run.posted_at or desk.clock.now()) - run.due_at > LATE_AFTER
    age = await invited.age_of_weeks(desk, run) if reminder.kind is ReminderKind.BOARD else None
    return checks.message(run, reminder, await _names(desk, run), late=late, age=age)


async def post(desk: Desk, message: Message, reply: Reply) -> None:
    """Send a run's first message, unless it may be there already."""
    store = desk.store
    attempt = await store.posting.begin(message.about, now=desk.clock.now())
    if attempt is None:
        await store.outbox.sent(message, channel=None, ts=None)
    elif attempt.tried_at is None or await _may_repeat(desk, message, attempt, attempt.tried_at):
        await _send(desk, message, attempt.run, reply)


async def _may_repeat(desk: Desk, message: Message, attempt: Attempt, tried_at: datetime) -> bool:
    """What became of the earlier try, as far as anybody can know."""
    posting, run, now = desk.store.posting, attempt.run, desk.clock.now()
    if _may_read(desk, run.channel):
        ts = await _find(desk, run, since=tried_at)
        if ts:
            await posting.posted(message, channel=run.channel, ts=ts, now=now)
            return False
        if now < tried_at + LANDS_WITHIN:
            await _later(desk, message, reason="unclear", at=tried_at + LANDS_WITHIN)
            return False
        if attempt.too_late:
            await posting.skip(run.id, now=now)
            await desk.store.outbox.sent(message, channel=None, ts=None)
            return False
    elif attempt.too_late or not posting.repeats_are_recognized:
        await posting.unclear(run.id, now=now)
        await desk.store.outbox.sent(message, channel=None, ts=None)
        return False
    await posting.again(run.id, now=now)
    return True


async def _send(desk: Desk, message: Message, run: Run, reply: Reply) -> None:
    now = desk.clock.now()
    try:
        answer = await desk.slack_once.chat_postMessage(
            channel=run.channel,
            text=reply.text,
            blocks=reply.blocks,
            unfurl_links=False,
            client_msg_id=run.client_msg_id,
            metadata={"event_type": "hours_run", "event_payload": {"run": run.id}},
        )
    except SlackApiError as error:
        await _refused(desk, message, run, error, tried_at=now)
    except aiohttp.ClientConnectorError as error:  # no byte has left
        await desk.store.posting.not_taken(run.id)
        await _later(desk, message, reason=type(error).__name__, at=now + AGAIN_AFTER)
    except (aiohttp.ClientError, TimeoutError) as error:
        await _later(desk, message, reason=type(error).__name__, at=now + LANDS_WITHIN)
    else:
        await desk.store.posting.posted(message, channel=answer["channel"], ts=answer["ts"], now=now)


async def _refused(
    desk: Desk, message: Message, run: Run, error: SlackApiError, *, tried_at: datetime
) -> None:
    posting, code, now = desk.store.posting, _code(error), desk.clock.now()
    if code == "duplicate_message":
        await posting.learn_that_repeats_are_recognized(now=now)
        ts = await _find(desk, run, since=run.due_at) if _may_read(desk, run.channel) else None
        await posting.posted(message, channel=run.channel, ts=ts, now=now)
    elif code == "ratelimited":
        await posting.not_taken(run.id)
        rest = now + timedelta(seconds=int(error.response.headers.get("Retry-After", 1)))
        desk.store.outbox.rest_reminders(until=rest)
        await _later(desk, message, reason=code, at=rest)
    elif error.response.status_code >= 500 or code in _UNCLEAR:
        await _later(desk, message, reason=code, at=tried_at + LANDS_WITHIN)
    elif code in _PASSING:
        await posting.not_taken(run.id)
        await _later(desk, message, reason=code, at=now + AGAIN_AFTER * 2 ** min(message.tries, 6))
    else:
        await _fail(desk, run, code)
        await desk.store.outbox.sent(message, channel=None, ts=None)


async def _later(desk: Desk, message: Message, *, reason: str, at: datetime) -> None:
    log.info("run %s is posted later: %s", message.about, reason)
    await desk.store.outbox.postponed(message, reason=reason, until=at)


async def _find(desk: Desk, run: Run, *, since: datetime) -> str | None:
    """The ``ts`` of a run's message, if it has arrived."""
    history = await desk.slack.conversations_history(
        channel=run.channel,
        oldest=str((since - CLOCKS_DIFFER).timestamp()),
        include_all_metadata=True,
        limit=SEARCHED,
    )
    for each in history["messages"]:
        metadata: Mapping[str, Mapping[str, str]] = each.get("metadata") or {}
        if metadata.get("event_payload", {}).get("run") == run.id:
            return str(each["ts"])
    return None


def _may_read(desk: Desk, channel: str) -> bool:
    """Whether the bot has been given the scope for messages in channels of this kind."""
    return f"{'groups' if channel.startswith('G') else 'channels'}:history" in desk.scopes


async def _names(desk: Desk, run: Run) -> dict[Subject, Who]:
    named = {each.subject for each in run.people}
    entries = await desk.store.directory.people()
    return {entry.subject: Who.of(entry) for entry in entries if entry.subject in named}


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error") or error.response.status_code)


# ------------------------------------------------------------------ what owners and admins are told


async def told(desk: Desk, message: Message) -> Reply | None:
    """A message about a run that failed, came too late, or may be there: as things stand now."""
    run = await desk.store.runs.get(str(message.detail["run"]))
    if run is None:
        return None
    reminder = await desk.store.reminders.of_run(run)
    match message.detail["code"]:
        case "run_late":
            return views.late(run, reminder, grace=desk.store.runs.grace)
        case "run_unclear":
            return views.unclear(run, reminder)
        case _:
            return views.failing(reminder, bot=desk.bot_name, reader=message.recipient)


async def is_there(ask: Ask) -> None:
    """*It is there*: the owner has found it in the channel."""
    await _settle(ask, there=True)


async def post_again(ask: Ask) -> None:
    """*Post it again*: the owner has not found it in the channel."""
    await _settle(ask, there=False)


async def _settle(ask: Ask, *, there: bool) -> None:
    run = await ask.store.runs.get(ask.value)
    if run is None:
        return
    reminder = await ask.store.reminders.of_run(run)
    permit = await ask.store.access.may_manage(await ask.actor(), owner=reminder.owner)
    if not await ask.store.posting.settle(permit, run.id, there=there, now=ask.desk.clock.now()):
        await ask.answer(views.settled_before(run))


async def take_over(ask: Ask) -> None:
    """*Take over*: the reminder goes on in this admin's name."""
    reminder, actor = await _pressed(ask), await ask.actor()
    permit = await ask.store.access.may_manage(actor, owner=reminder.owner)
    await ask.store.access.may(actor, Action.REMIND)
    now = ask.desk.clock.now()
    taken = await ask.store.reminders.take_over(permit, reminder.id, owner=ask.user_id, now=now)
    await ask.answer(views.going_on(taken))


async def resume(ask: Ask) -> None:
    """*Resume*: what stood in its way is mended."""
    reminder = await _pressed(ask)
    permit = await ask.store.access.may_manage(await ask.actor(), owner=reminder.owner)
    resumed = await ask.store.reminders.resume(permit, reminder.id, now=ask.desk.clock.now())
    await ask.answer(views.going_on(resumed))


async def _pressed(ask: Ask) -> Reminder:
    """The reminder whose button was pressed.

    Raises:
        ReminderGoneError: it was deleted meanwhile.
    """
    return await ask.store.reminders.must(ask.value)
