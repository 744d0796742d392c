"""Deliver the outbox: each message is posted once and edited when what it shows changes.

The store decides which messages are due; here their content is read again, worded and sent.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
from slack_sdk.errors import SlackApiError, SlackObjectFormationError

from handlers import checkups, leavers, marks, petitions, plans, reminders, results, weekdays
from handlers.desk import Desk
from handlers.local import ENGLISH, reading
from handlers.marks import Mark
from handlers.results import WithheldError
from handlers.slack_errors import BLOCKS_REFUSED, code_of, rest_of
from handlers.views import alarms, alerts
from handlers.views.blocks import Reply
from store.alarms import channel_alarm
from store.messages import Message, MessageKind

__all__ = ["deliver", "not_delivered"]

log = logging.getLogger(__name__)

Worded = Callable[[Desk, Message], Awaitable[Reply | None]]
"""Words a message from the current state; ``None`` if there is nothing to show any more."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=2)
LONGEST_AFTER = 12
"""Tries after which the pause between them stops growing."""

TAKES_AT_MOST = timedelta(seconds=10)
"""The longest a post takes, until Slack answers or the request times out."""

_FINAL = {
    "account_inactive",
    "cannot_dm_bot",
    "channel_not_found",
    "is_archived",
    "is_inactive",
    "is_public",
    "is_shared",
    "messages_tab_disabled",
    "message_not_found",
    "not_in_channel",
    "user_disabled",
    "user_not_found",
}
"""Slack's error codes, and two of our own (``is_public``, ``is_shared``), that a retry cannot fix."""


async def deliver(desk: Desk, message: Message) -> None:
    """Post or edit one leased message; after a failure that a retry may fix it is due again later."""
    person = _is_person(message.recipient)
    reading(desk.people.local(message.recipient) if person else ENGLISH)
    try:
        kind = _KINDS[message.kind]
        reply = await kind.worded(desk, message)
        if reply is None:
            await desk.store.outbox.sent(message, channel=None, ts=None)
            return
        if kind.post and message.ts is None:
            await kind.post(desk, message, reply)
            return
        if not await _sent(desk, message, reply):
            return
        if person:
            desk.changed(message.recipient, *await kind.concerned(desk, message))
        else:
            await desk.store.alarms.ended(channel_alarm(message.recipient), now=desk.clock.now())
    except SlackApiError as error:
        code = code_of(error)
        if code == "ratelimited":
            until = desk.clock.now() + rest_of(error)
            await desk.store.outbox.postponed(message, reason=code, until=until, counts=False)
        else:
            await _not_sent(desk, message, reason=code)
    except WithheldError as error:
        await _not_sent(desk, message, reason=str(error))
    except (aiohttp.ClientError, TimeoutError) as error:
        await _not_sent(desk, message, reason=type(error).__name__)


async def not_delivered(desk: Desk, message: Message, error: Exception, _: str) -> None:
    """Count an unexpected error, such as one while the message is worded, as a failed try.

    So the message is tried less and less often, and in the end given up.
    """
    await _not_sent(desk, message, reason=type(error).__name__)


async def _sent(desk: Desk, message: Message, reply: Reply) -> bool:
    """Send the message, without its blocks if Slack or its library rejects them; result as :func:`_send`."""
    try:
        return await _send(desk, message, reply)
    except SlackObjectFormationError as error:
        why = str(error)
    except SlackApiError as error:
        why = code_of(error)
        if why not in BLOCKS_REFUSED:
            raise
    log.warning("the text of %s %s is sent without its blocks: %s", message.kind, message.id, why)
    return await _send(desk, message, Reply(reply.text))


async def _send(desk: Desk, message: Message, reply: Reply) -> bool:
    """Post or edit the message; ``False`` if too little of the lease is left to post safely.

    ``slack_once`` never waits out a rate limit, since the lease would not last that long.
    """
    if message.ts and message.channel:
        await _edit(desk, message, reply, channel=message.channel, ts=message.ts)
        return True
    if message.repeated and await _brought_up_to_date(desk, message, reply):
        return True
    if desk.clock.now() + TAKES_AT_MOST > message.leased_until:
        log.info("%s for %s is left to the next lease: too little time", message.kind, message.recipient)
        return False
    try:
        answer = await marks.post(desk, message.recipient, reply, _mark(message))
    except SlackApiError as error:
        if code_of(error) != "duplicate_message":
            raise
        await desk.store.repeats.learn(recognized=True, now=desk.clock.now())
        if not await _brought_up_to_date(desk, message, reply):
            # Slack has some version of it. Record the first one as shown, so that a later version is
            # sent as a new message.
            await desk.store.outbox.sent(replace(message, version=message.shown + 1), channel=None, ts=None)
        return True
    if _is_person(message.recipient):
        desk.people.learn_dm(message.recipient, answer["channel"])
    await desk.store.outbox.sent(message, channel=answer["channel"], ts=answer["ts"])
    return True


async def _edit(desk: Desk, message: Message, reply: Reply, *, channel: str, ts: str) -> None:
    await desk.slack_once.chat_update(channel=channel, ts=ts, text=reply.text, blocks=reply.blocks)
    await desk.store.outbox.sent(message, channel=channel, ts=ts)


async def _brought_up_to_date(desk: Desk, message: Message, reply: Reply) -> bool:
    """Edit the message if an earlier try has arrived although its answer was lost; whether it was found."""
    channel = message.recipient
    try:
        if _is_person(channel):
            channel = await desk.people.dm(channel)
        ts = await marks.find(desk, channel, _mark(message), since=message.at)
    except marks.UnsearchableError:
        return False
    except SlackApiError as error:
        if code_of(error) not in _FINAL:
            raise
        return False
    if ts:
        await _edit(desk, message, reply, channel=channel, ts=ts)
    return ts is not None


def _mark(message: Message) -> Mark:
    return Mark(message.client_msg_id, "hours_message", {"id": message.client_msg_id})


def _is_person(recipient: str) -> bool:
    """Whether the recipient is a user id, as opposed to a channel id."""
    return recipient[0] in "UW"


async def _not_sent(desk: Desk, message: Message, *, reason: str) -> None:
    log.warning("%s for %s was not sent: %s", message.kind, message.recipient, reason)
    pause = min(FIRST_PAUSE * 2 ** min(message.tries - 1, LONGEST_AFTER), LONGEST_PAUSE)
    retry_at = None if reason in _FINAL else desk.clock.now() + pause
    await desk.store.outbox.failed(message, reason=reason, retry_at=retry_at)
    if retry_at is None and not _is_person(message.recipient):
        alarm = channel_alarm(message.recipient)
        await desk.store.alarms.began(alarm, now=desk.clock.now(), channel=message.recipient, reason=reason)


async def _alarm(desk: Desk, message: Message) -> Reply | None:
    return alarms.alarm(message.detail, command=desk.command)


async def _mended(desk: Desk, message: Message) -> Reply | None:
    del desk
    return alarms.mended(message.detail)


async def _alert(desk: Desk, message: Message) -> Reply | None:
    worded = _ALERTS.get(str(message.detail.get("code")))
    return await worded(desk, message) if worded else alerts.alert(message.detail, command=desk.command)


_ALERTS: Mapping[str, Worded] = {
    "weekdays": weekdays.question,
    "leaver": leavers.worded,
    "failing": reminders.due.told,
    "run_late": reminders.due.told,
    "leave_unknown": reminders.due.told,
    "run_unclear": reminders.due.told,
    "links": checkups.worded,
    "embodied": checkups.embodied_worded,
    "unsaved": reminders.making.unsaved,
    "alarm": _alarm,
    "mended": _mended,
}
"""Alerts worded from the current state, by code; all others were worded when they were queued."""


async def _nobody(desk: Desk, message: Message) -> tuple[str, ...]:
    del desk, message
    return ()


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of message is delivered."""

    worded: Worded
    post: Callable[[Desk, Message, Reply], Awaitable[None]] | None = None
    """Makes the first post, if that takes more than a plain ``chat.postMessage``."""
    concerned: Callable[[Desk, Message], Awaitable[tuple[str, ...]]] = _nobody
    """The users, besides the recipient, whose Home changes with this message."""


_KINDS: Mapping[MessageKind, _Kind] = {
    MessageKind.RECEIPT: _Kind(results.receipt_worded),
    MessageKind.EARLIER: _Kind(results.earlier_worded),
    MessageKind.NOTICE: _Kind(results.notice_worded),
    MessageKind.AUDIT: _Kind(results.audit_worded),
    MessageKind.RESTARTED: _Kind(results.restart_worded),
    MessageKind.ALERT: _Kind(_alert),
    MessageKind.PETITION: _Kind(petitions.worded),
    MessageKind.ANSWER: _Kind(petitions.answered),
    MessageKind.PLAN: _Kind(plans.due.worded),
    MessageKind.PLANNED: _Kind(plans.making.worded, concerned=plans.making.concerned),
    MessageKind.REMINDER: _Kind(reminders.posting.worded, post=reminders.posting.post),
    MessageKind.NUDGE: _Kind(reminders.checks.nudged),
    MessageKind.REPORT: _Kind(reminders.checks.reported),
}
