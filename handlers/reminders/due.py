"""Start due reminder runs: find out whom each names, and report failures to owners and admins."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

import aiohttp
from slack_sdk.errors import SlackApiError

from handlers import leavers
from handlers.asked import Problem
from handlers.desk import Ask, Desk
from handlers.reminders import invited
from handlers.reminders.posting import OWNER_GONE, OWNER_MAY_NOT, fail
from handlers.slack_errors import code_of
from handlers.views.blocks import Reply
from handlers.views.reminders import failed as views
from handlers.work import Lane, only_logged
from store.access import Action, NotAllowedError
from store.focus import FocusError
from store.messages import Message
from store.reminders import Reminder, Run

__all__ = ["is_there", "post_again", "resume", "start_due", "take_over", "told"]

log = logging.getLogger(__name__)

WAITS_FOR_LEAVE = timedelta(minutes=4)
"""How long a run waits for Focus to say who is away; then it is posted anyway and the owner is told."""

_OF_THE_CHANNEL = {"channel_not_found", "is_archived", "missing_scope", "not_in_channel"}


async def start_due(desk: Desk, now: datetime) -> None:
    """Claim the due runs and start finding out whom they name."""
    for run in await desk.store.runs.claim_due(now):
        desk.work.start(partial(_compose, desk, run), lane=Lane.FOCUS, name="compose", failed=only_logged)


async def _compose(desk: Desk, run: Run) -> None:
    """Store whom the run names, or why it fails; temporary errors are retried within the grace."""
    reminder = await desk.store.reminders.of_run(run)
    try:
        owner = await desk.people.actor(reminder.owner, team_id=desk.store.team_id)
        await desk.store.access.may(owner, Action.REMIND)
        roll = await invited.call_roll(desk, reminder, day=run.day, at=run.due_at)
    except NotAllowedError:
        gone = await leavers.rests(desk, reminder.owner)
        await fail(desk, run, OWNER_GONE if gone else OWNER_MAY_NOT)
    except Problem as error:
        cause = error.__cause__
        await fail(desk, run, code_of(cause) if isinstance(cause, SlackApiError) else error.sentence)
    except SlackApiError as error:
        if code_of(error) in _OF_THE_CHANNEL:
            await fail(desk, run, code_of(error))
        else:
            log.warning("run %s is not composed yet: Slack answered %s", run.id, code_of(error))
    except (FocusError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("run %s is not composed yet: %s", run.id, error)
    else:
        now = desk.clock.now()
        if roll.leave.awaited and now - run.due_at < WAITS_FOR_LEAVE:
            log.warning("run %s waits: Focus has not said who is away", run.id)
        elif roll.people:
            await desk.store.runs.ready(run.id, roll.people, leave_known=roll.leave.known, now=now)
        else:
            await desk.store.runs.empty(run.id, now=now)


# ------------------------------------------------------------------ what owners and admins are told


async def told(desk: Desk, message: Message) -> Reply | None:
    """The message about a run that failed, was late, or may have been posted, with its current state."""
    run = await desk.store.runs.get(str(message.detail["run"]))
    if run is None:
        return None
    reminder = await desk.store.reminders.of_run(run)
    match message.detail["code"]:
        case "run_late":
            missed = await desk.store.runs.missed_since(run)
            return views.late(missed, reminder, grace=desk.store.runs.grace)
        case "leave_unknown":
            return views.leave_unknown(run, reminder)
        case "run_unclear":
            return views.unclear(run, reminder)
        case _:
            return views.failing(reminder, bot=desk.bot_name, reader=message.recipient)


async def is_there(ask: Ask) -> None:
    """*It is there*: the owner found the post in the channel."""
    await _settle(ask, there=True)


async def post_again(ask: Ask) -> None:
    """*Post it again*: the owner did not find the post in the channel."""
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
    """*Take over*: make the presser the reminder's owner, so that it continues."""
    reminder, actor = await _pressed(ask), await ask.actor()
    permit = await ask.store.access.may_manage(actor, owner=reminder.owner)
    await ask.store.access.may(actor, Action.REMIND)
    now = ask.desk.clock.now()
    taken = await ask.store.reminders.take_over(permit, reminder.id, owner=ask.user_id, now=now)
    await ask.answer(views.going_on(taken))


async def resume(ask: Ask) -> None:
    """*Resume*: let the reminder post again after its cause of failure was fixed."""
    reminder = await _pressed(ask)
    permit = await ask.store.access.may_manage(await ask.actor(), owner=reminder.owner)
    resumed = await ask.store.reminders.resume(permit, reminder.id, now=ask.desk.clock.now())
    await ask.answer(views.going_on(resumed))


async def _pressed(ask: Ask) -> Reminder:
    """The reminder whose button was pressed.

    Raises:
        ReminderGoneError: the reminder was deleted meanwhile.
    """
    return await ask.store.reminders.must(ask.value)
