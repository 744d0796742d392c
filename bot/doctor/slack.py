"""Checks of Slack: the tokens, each scope with the features that need it, the admins, the audit channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.findings import Finding, note, ok, wrong
from bot.manifest import HTTP_PATH, SCOPES
from bot.settings import Settings
from bot.vitals import missing_scopes
from handlers.audiences import exposed
from handlers.slack_errors import SLACK_TROUBLE, code_of

__all__ = ["check_slack"]

_PAGE = "your app's page at api.slack.com/apps"


async def check_slack(settings: Settings, slack: AsyncWebClient) -> AsyncIterator[Finding]:
    """Check the bot's token, and if Slack accepts it, everything else."""
    try:
        me = await slack.auth_test()
    except SlackApiError as error:
        yield wrong(
            f"Slack does not accept SLACK_BOT_TOKEN ({_said(error)})",
            fix=f"copy the Bot User OAuth Token again: {_PAGE}, OAuth & Permissions",
        )
        return
    except (aiohttp.ClientError, TimeoutError) as error:
        yield wrong(
            f"Slack cannot be reached at {settings.slack_api_url} ({_said(error)})",
            fix="check this machine's network, proxy and SLACK_API_URL",
        )
        return
    yield ok(f"Slack: team {me['team']} ({me['team_id']}), the bot is @{me['user']} ({me['user_id']})")
    for finding in _scopes(me.headers):
        yield finding
    yield await _transport(settings, slack)
    for admin in settings.hours_admins:
        yield await _admin(admin, slack, team_id=str(me["team_id"]))
    yield await _audit_channel(settings.hours_audit_channel, slack)


def _scopes(headers: Mapping[str, str]) -> list[Finding]:
    """Compare the scopes that the manifest asks for with those the token has."""
    missing = missing_scopes(headers)
    if missing is None:
        return [note("Slack did not say which scopes the token has, so none is checked")]
    fix = f"add it on {_PAGE}, OAuth & Permissions, and install the app again"
    return [
        ok(f"scope {scope}: {feature}")
        if scope not in missing
        else wrong(f"scope {scope} is missing; what stops without it: {feature}", fix=fix)
        for scope, feature in SCOPES.items()
    ]


async def _transport(settings: Settings, slack: AsyncWebClient) -> Finding:
    if settings.slack_app_token is None:
        return note(
            "Slack comes over HTTP, which cannot be tried from here",
            fix=f"the Request URL must be https://<your host>{HTTP_PATH} and reach port {settings.port};"
            " `python -m bot manifest --url https://<your host>` puts it everywhere",
        )
    try:
        # An address for one connection, left unused: a second connection would take envelopes
        # away from a bot that is running.
        await slack.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SLACK_TROUBLE as error:
        return wrong(
            f"Socket Mode is refused ({_said(error)})",
            fix=f"on {_PAGE} turn Socket Mode on, and make an app-level token with the scope"
            " connections:write for SLACK_APP_TOKEN",
        )
    return ok("Socket Mode: the app-level token opens connections")


async def _admin(user_id: str, slack: AsyncWebClient, *, team_id: str) -> Finding:
    fix = f"put a full member's id into HOURS_ADMINS instead of {user_id}: their profile, ⋮, Copy member ID"
    try:
        answer = await slack.users_info(user=user_id)
    except SLACK_TROUBLE as error:
        return wrong(f"admin {user_id} cannot be looked up ({_said(error)})", fix=fix)
    user: dict[str, Any] = answer["user"]
    name = user.get("real_name") or user.get("name") or user_id
    if reason := _not_a_full_member(user, team_id=team_id):
        return wrong(f"admin {name} ({user_id}) {reason}", fix=fix)
    return ok(f"admin {name} ({user_id})")


def _not_a_full_member(user: Mapping[str, Any], *, team_id: str) -> str:
    if user.get("deleted"):
        return "has left Slack"
    if user.get("is_bot") or user.get("id") == "USLACKBOT":
        return "is a bot"
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "is a guest"
    # On Enterprise Grid a member's own team may be another workspace of the same organization.
    if user.get("is_stranger") or (user.get("team_id") != team_id and "enterprise_user" not in user):
        return "belongs to another organization"
    return ""


async def _audit_channel(channel_id: str | None, slack: AsyncWebClient) -> Finding:
    if channel_id is None:
        return note("no audit channel: HOURS_AUDIT_CHANNEL is not set, so no channel gets a line a change")
    invite = "in that channel type /invite and the bot's name; HOURS_AUDIT_CHANNEL is its id"
    try:
        answer = await slack.conversations_info(channel=channel_id)
    except SLACK_TROUBLE as error:
        return wrong(f"audit channel {channel_id} cannot be seen ({_said(error)})", fix=invite)
    channel: dict[str, Any] = answer["channel"]
    name = f"#{channel.get('name', channel_id)}"
    reason = exposed(channel)
    if reason == "is_public":
        return wrong(f"audit channel {name} is public", fix="make it private, or choose a private one")
    if reason or channel.get("is_archived"):
        state = "archived" if channel.get("is_archived") else "shared with another organization"
        return wrong(f"audit channel {name} is {state}", fix="choose another private channel")
    if not channel.get("is_member"):
        return wrong(f"the bot is not in the audit channel {name}", fix=invite)
    return ok(f"audit channel {name}: private, and the bot is in it")


def _said(error: Exception) -> str:
    """Slack's error code, or the network error that prevented an answer."""
    if isinstance(error, SlackApiError):
        needed = error.response.get("needed")
        code = code_of(error)
        return f"{code}: needs {needed}" if needed else code
    return f"{type(error).__name__} {error}".strip()
