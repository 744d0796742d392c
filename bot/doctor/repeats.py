"""Check whether Slack deduplicates messages by ``client_msg_id``; done only when asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.findings import Finding, note, ok
from bot.doctor.remembering import NOT_REMEMBERED, remembered
from bot.settings import Settings
from handlers.slack_errors import SLACK_TROUBLE, code_of
from store.facts import Facts
from store.repeats import Repeats

__all__ = ["check_repeats"]

_TEXT = "The doctor tries how Slack treats a message that is sent twice. This one disappears by itself."


async def check_repeats(
    settings: Settings, slack: AsyncWebClient, *, now: datetime
) -> AsyncIterator[Finding]:
    """Send the first admin a message twice, delete it, and save for the bot what Slack did."""
    try:
        team_id = str((await slack.auth_test())["team_id"])
        recognized = await _is_recognized(slack, settings.hours_admins[0])
    except SLACK_TROUBLE as error:
        yield note(f"whether Slack recognizes a repeated message could not be tried ({error})")
        return
    if recognized:
        yield ok("Slack recognizes a repeated message: after an unclear answer a reminder is sent once more")
    else:
        yield note(
            "Slack takes a repeated message twice: after an unclear answer a reminder's owner is asked",
            fix="give the app channels:history and groups:history, and the bot looks itself",
        )

    async def learn(facts: Facts) -> None:
        await Repeats(facts).learn(recognized=recognized, now=now)

    if not await remembered(settings, learn, team_id=team_id):
        yield NOT_REMEMBERED


async def _is_recognized(slack: AsyncWebClient, admin: str) -> bool:
    """Whether Slack refuses the second of two equal messages as a duplicate; what was sent is deleted."""
    same = str(uuid4())
    sent = [await slack.chat_postMessage(channel=admin, text=_TEXT, client_msg_id=same)]
    try:
        sent.append(await slack.chat_postMessage(channel=admin, text=_TEXT, client_msg_id=same))
    except SlackApiError as error:
        if code_of(error) != "duplicate_message":
            raise
        return True
    else:
        return False
    finally:
        for each in sent:
            with suppress(*SLACK_TROUBLE):  # a message that stays explains itself
                await slack.chat_delete(channel=each["channel"], ts=each["ts"])
