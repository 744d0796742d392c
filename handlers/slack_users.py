"""Read Slack's user objects: https://docs.slack.dev/reference/objects/user-object."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.web.async_client import AsyncWebClient

from store.access import Actor
from store.links import SlackPerson

__all__ = [
    "Standing",
    "actor_in",
    "everybody",
    "person_in",
    "standing_of",
    "zone_in",
]

PAGE = 200


class Standing(Enum):
    """The relation of a Slack user to this workspace."""

    MEMBER = "member"
    BOT = "bot"
    GONE = "gone"  # deactivated, or unknown to Slack
    ELSEWHERE = "elsewhere"  # another organization's


async def everybody(slack: AsyncWebClient) -> AsyncIterator[Mapping[str, Any]]:
    """Yield the workspace's users, page by page, including deactivated users and bots."""
    cursor = ""
    while True:
        page = await slack.users_list(limit=PAGE, cursor=cursor, include_locale=True)
        for user in page["members"]:
            yield user
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return


def standing_of(user: Mapping[str, Any], *, team_id: str) -> Standing:
    """The user's standing in the workspace with this id."""
    if user.get("deleted"):
        return Standing.GONE
    teams = {user.get("team_id"), *user.get("enterprise_user", {}).get("teams", ())}
    if user.get("is_stranger") or team_id not in teams:
        return Standing.ELSEWHERE
    return Standing.MEMBER if _is_living_member(user) else Standing.BOT


def zone_in(user: Mapping[str, Any], *, default: str) -> str:
    """The user's IANA zone; the default if Slack gives none or one unknown to this machine."""
    try:
        return ZoneInfo(str(user.get("tz"))).key
    except (KeyError, ValueError):
        return default


def actor_in(user: Mapping[str, Any], *, as_of: datetime, own_team: str, team_id: str, zone: str) -> Actor:
    """The facts about a user that decide their permissions.

    Args:
        user: Slack's user object.
        as_of: when Slack returned it.
        own_team: this workspace's id.
        team_id: the team that Slack's payload says they belong to.
        zone: the default if Slack gives none.
    """
    teams = {user.get("team_id"), *user.get("enterprise_user", {}).get("teams", ())}
    elsewhere = own_team not in teams or team_id not in {own_team, *teams}
    return Actor(
        team_id=own_team,
        user_id=str(user["id"]),
        as_of=as_of,
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        outsider=elsewhere or not _is_living_member(user),
        name=_name_in(user),
        timezone=zone_in(user, default=zone),
    )


def person_in(user: Mapping[str, Any]) -> SlackPerson:
    """The facts about a user that linking needs."""
    profile = user.get("profile") or {}
    return SlackPerson(
        id=str(user["id"]),
        name=str(profile.get("real_name") or _name_in(user)),  # the full name, to compare with Focus's
        email=profile.get("email") or "",
        email_confirmed=bool(user.get("is_email_confirmed")),
        can_link=_is_living_member(user),
        deleted=bool(user.get("deleted")),
    )


def _is_living_member(user: Mapping[str, Any]) -> bool:
    """Whether the user is a person with an active account."""
    gone = user.get("deleted") or user.get("is_bot") or user.get("is_stranger")
    return not gone and user["id"] != "USLACKBOT"


def _name_in(user: Mapping[str, Any]) -> str:
    """The name that Slack shows for the user."""
    profile = user.get("profile") or {}
    return str(profile.get("display_name") or user.get("real_name") or user.get("name") or user["id"])
