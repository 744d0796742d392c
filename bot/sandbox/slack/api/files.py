"""``files.getUploadURLExternal`` and ``files.completeUploadExternal``: a file in three steps.

https://docs.slack.dev/messaging/working-with-files#uploading_files
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.sandbox.faults import SUMMARY
from bot.sandbox.slack.api.method import Asked, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.limits import TIER
from bot.sandbox.slack.messages import announce
from bot.sandbox.slack.payloads import file_json
from bot.sandbox.slack.seed import BOT
from bot.sandbox.slack.workspace import File, Json
from bot.sandbox.slack.world import World

__all__ = ["METHODS", "Uploads"]


class Uploads:
    """Handles the addresses that ``files.getUploadURLExternal`` gives; each takes one upload."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, request: web.Request) -> web.Response:
        """Take the bytes of one file."""
        file = self._world.files.get(request.match_info["file"])
        content = await request.read()
        request[SUMMARY] = f"upload of {len(content)} bytes"
        if file is None or file.content is not None or len(content) != file.size:
            return web.Response(status=400, text="not expected")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """Serve a shared file to somebody who sees its message."""
        file = self._world.files.get(request.match_info["file"])
        if file is None or not file.shared:
            raise web.HTTPNotFound
        said = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return web.Response(body=file.content, headers=said)


def _upload_url(asked: Asked) -> Json:
    name, size = asked.args.required("filename"), asked.args.number("length", 0)
    if size < 1:
        raise SlackError("invalid_arguments", reason="[ERROR] length must be positive")
    file = File(id=asked.world.id("F"), name=name, size=size)
    asked.world.files[file.id] = file
    return {"upload_url": f"{asked.world.url}/upload/{file.id}", "file_id": file.id}


def _complete(asked: Asked) -> Json:
    world, args = asked.world, asked.args
    named: Any = args.json("files", otherwise="invalid_arguments")
    channel_id = args.text("channel_id")
    files = [world.files.get(str(each.get("id"))) for each in named or ()]
    uploaded = [file for file in files if file is not None and file.content is not None and not file.shared]
    if not files or len(uploaded) != len(files):
        raise SlackError("file_not_found")
    if channel_id:
        channel = world.channels.get(channel_id)
        if channel is None:  # unlike chat.postMessage it takes no user's id
            raise SlackError("channel_not_found")
        if BOT not in channel.members:
            raise SlackError("not_in_channel")
        asked.limits.channel(channel.id)
        for file in uploaded:
            file.shared = True
        announce(
            world, world.post(channel, user=BOT, text=args.text("initial_comment"), files=tuple(uploaded))
        )
    return {"files": [file_json(file) for file in uploaded]}


METHODS = {
    "files.getUploadURLExternal": Method(_upload_url, ("files:write",), TIER[4]),
    "files.completeUploadExternal": Method(_complete, ("files:write",), TIER[4]),
}
