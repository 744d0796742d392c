"""A minimal Bolt app that only acknowledges the slash command; the bot is compared with it."""

from __future__ import annotations

import asyncio
import os

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

TOKEN, ADDRESS = os.environ["SLACK_BOT_TOKEN"], os.environ["SLACK_API_URL"]


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0SANDBOX", bot_user_id="U0HOURS", bot_token=TOKEN)


async def _acknowledge(ack: AsyncAck) -> None:
    await ack()


async def _main() -> None:
    client = AsyncWebClient(TOKEN, base_url=ADDRESS)
    app = AsyncApp(client=client, authorize=_authorize, process_before_response=True)
    app.command("/hours")(_acknowledge)
    handler = AsyncSocketModeHandler(
        app, os.environ["SLACK_APP_TOKEN"], web_client=AsyncWebClient(TOKEN, base_url=ADDRESS)
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
