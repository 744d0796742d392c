"""The members of a channel or a user group."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError

from handlers.asked import Channel, Group, Problem
from handlers.desk import Desk
from handlers.slack_errors import code_of

__all__ = ["roster"]

_REASONS = {
    "channel_not_found": "I can’t see that channel: invite me to it first.",
    "not_in_channel": "I can’t see who is in that channel: invite me to it first.",
    "missing_scope": "I am not allowed to see who is in it: an admin has to add the scope and reinstall me.",
    "plan_upgrade_required": "User groups are a paid feature of Slack that this workspace does not have.",
    "no_such_subteam": "Slack does not know this user group any more.",
    "subteam_not_found": "Slack does not know this user group any more.",
}


async def roster(desk: Desk, ref: Channel | Group) -> tuple[str, ...]:
    """The people in a channel or a user group, without apps (and the bot itself), which have no week.

    Raises:
        Problem: the bot may not see the channel or group, or it does not exist.
    """
    try:
        if isinstance(ref, Group):
            members = await desk.people.groups.members(ref.id)
        else:
            members = await desk.people.audiences.members(ref.id)
    except SlackApiError as error:
        reason = _REASONS.get(code_of(error))
        if reason is None:
            raise
        raise Problem(reason) from error
    return tuple(member for member in members if not desk.people.is_app(member))
