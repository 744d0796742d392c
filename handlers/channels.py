"""Check that a channel is fit for a reminder's repeated posts, or for a board."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from handlers.asked import Channel
from handlers.desk import Desk
from handlers.rosters import roster
from handlers.slack_errors import code_of
from handlers.views.boards import GUESTS_READ, NOT_IN_CHANNELS
from handlers.views.reminders import shown as views

__all__ = ["ChannelUnfitError", "require_postable", "unfit_for_boards"]

_UNSEEN = {"channel_not_found", "not_in_channel"}
"""Slack's codes for a private channel without the bot, or one that does not exist (indistinguishable)."""


class ChannelUnfitError(Exception):
    """A channel is not fit for a reminder; ``sentence`` is mrkdwn with the reason and the remedy."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


async def require_postable(desk: Desk, channel: str, *, asker: str) -> None:
    """Accept only a channel the bot is in, the asker may see, and no other organization shares.

    Raises:
        ChannelUnfitError: the channel is not of this kind.
        SlackApiError: Slack does not return the channel's facts.
    """
    try:
        facts: Mapping[str, Any] = (await desk.slack.conversations_info(channel=channel))["channel"]
    except SlackApiError as error:
        if code_of(error) not in _UNSEEN:
            raise
        raise ChannelUnfitError(views.invite(channel, desk.bot_name)) from error
    if facts.get("is_im") or facts.get("is_mpim"):
        raise ChannelUnfitError(
            "A reminder is posted in a channel, not in a direct message. Name a #channel."
        )
    if any(facts.get(flag) for flag in ("is_ext_shared", "is_org_shared", "is_pending_ext_shared")):
        raise ChannelUnfitError(views.shared_channel())
    if facts.get("is_archived"):
        raise ChannelUnfitError(
            f"<#{channel}> is archived, so nothing can be posted there. Choose another channel."
        )
    if not facts.get("is_member"):
        raise ChannelUnfitError(views.invite(channel, desk.bot_name))
    if facts.get("is_private") and asker not in await roster(desk, Channel(channel)):
        raise ChannelUnfitError("You are not in that channel, so I don’t post there for you.")


async def unfit_for_boards(desk: Desk, channel: str) -> str:
    """Why not everybody in the channel may see the weeks on a board, as a sentence; empty if they may.

    Raises:
        Problem: the bot may not see who is in the channel.
        SlackApiError: Slack does not return the channel's members.
    """
    if not desk.store.access.may_share_boards:
        return NOT_IN_CHANNELS
    readers = await desk.people.actors(await roster(desk, Channel(channel)))
    return GUESTS_READ if any(reader.guest for reader in readers.values()) else ""
