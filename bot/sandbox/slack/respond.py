"""``/respond/{token}``: the addresses that the app gets as ``response_url``.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox.faults import SUMMARY
from bot.sandbox.slack.blockkit import check_blocks
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.messages import announce, delete, edit
from bot.sandbox.slack.seed import BOT
from bot.sandbox.slack.workspace import Blocks, Json, Message
from bot.sandbox.slack.world import ResponseUrl, World

__all__ = ["Responses", "show"]


class Responses:
    """Handles what the app posts to a ``response_url``."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle one request to a ``response_url``."""
        try:
            body = _object(await request.text())
            url = self._world.redeem_response_url(request.match_info["token"])
            done = self._answer(url, body)
        except SlackError as error:
            request[SUMMARY] = f"response_url: {error}"
            status = 404 if error.code in {"expired_url", "used_url", "message_not_found"} else 400
            return web.json_response(error.body, status=status)
        request[SUMMARY] = f"response_url: {done}, use {url.uses}"
        return web.Response(text="ok")

    def _answer(self, url: ResponseUrl, body: Json) -> str:
        origin = url.origin
        if origin and origin.deleted:
            origin = None
        if _flag(body, "delete_original"):
            if origin is None:
                raise SlackError("message_not_found")  # a slash command's own answer cannot be reached
            delete(self._world, origin)
            return "message deleted"
        text, blocks = _content(body)
        if origin and _flag(body, "replace_original"):
            edit(self._world, origin, text=text, blocks=blocks, metadata=origin.metadata)
            return "message replaced"
        message = show(self._world, body, user=url.user, channel=url.channel, content=(text, blocks))
        return "only to one person" if message.ephemeral_to else "to the channel"


def show(
    world: World, body: Json, *, user: str, channel: str, content: tuple[str, Blocks] | None = None
) -> Message:
    """Post the message in an acknowledgement or ``response_url`` request, ephemeral unless it says otherwise.

    Raises:
        SlackError: no_text, invalid_blocks.
    """
    text, blocks = content or _content(body)
    public = body.get("response_type") == "in_channel"
    message = world.post(
        world.channels[channel],
        user=BOT,
        text=text,
        blocks=blocks,
        ephemeral_to=None if public else user,
        thread_ts=body.get("thread_ts"),
    )
    if public:
        announce(world, message)
    return message


def _object(text: str) -> Json:
    try:
        body: Any = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body


def _content(body: Json) -> tuple[str, Blocks]:
    text, blocks = str(body.get("text") or ""), body.get("blocks") or []
    reason = check_blocks(blocks, surface="message") if blocks else None
    if reason:
        raise SlackError("invalid_blocks", reason=reason)
    if not text and not blocks:
        raise SlackError("no_text")
    return text, blocks


def _flag(body: Json, name: str) -> bool:
    return str(body.get(name, "")).lower() == "true"
