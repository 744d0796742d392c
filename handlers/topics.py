"""``/hours help``, an @mention of the bot, and the *Cancel* of a preview."""

from __future__ import annotations

from dataclasses import replace

from slack_sdk.errors import SlackApiError

from handlers.desk import Ask
from handlers.views import topics as views
from handlers.views.blocks import Reply
from store.access import Actor

__all__ = ["dismiss", "help_", "mentioned"]


async def help_(ask: Ask) -> None:
    """Answer ``/hours help [topic]``."""
    await ask.answer(await _help(ask))


async def mentioned(ask: Ask) -> None:
    """Answer ``@Working Hours …`` in a channel, visible to the asker only."""
    reply = await _help(ask)
    try:
        await ask.desk.slack.chat_postEphemeral(
            channel=str(ask.view["channel"]),
            user=ask.user_id,
            text=reply.text,
            blocks=reply.blocks,
            thread_ts=ask.view.get("thread_ts"),
        )
    except SlackApiError:
        await ask.message(reply)


async def dismiss(ask: Ask) -> None:
    """*Cancel*: replace the preview by a note that nothing was changed."""
    await replace(ask, replaces=True).answer(Reply.saying("Cancelled. Nothing was changed."))


async def _help(ask: Ask) -> Reply:
    actor = await ask.actor()
    role = await _role(ask, actor)
    command = ask.desk.command
    name = ask.asked.rest.strip().lower().removeprefix(command).strip()
    if not name:
        admins = ask.store.access.admins
        resources = await _may_change_placeholders(ask, actor, role)
        return views.help_for(role, command=command, admins=admins, placeholders=resources)
    if name in {"topic", "topics"}:
        return views.overview(role, command=command)
    return views.topic(name, command=command, role=role) or views.unknown(name, command=command, role=role)


async def _may_change_placeholders(ask: Ask, actor: Actor, role: views.Role) -> bool:
    """Whether the actor may change at least some placeholders; a grant for everyone covers people only."""
    scopes = {grant.scope for grant in await ask.store.access.managed_by(actor)}
    return role is views.Role.ADMIN or any(scope.startswith("placeholder") for scope in scopes)


async def _role(ask: Ask, actor: Actor) -> views.Role:
    """The role that decides which help topics the actor sees."""
    access = ask.store.access
    if actor.guest:
        return views.Role.GUEST
    if access.is_admin(actor):
        return views.Role.ADMIN
    return views.Role.MANAGER if await access.managed_by(actor) else views.Role.MEMBER
