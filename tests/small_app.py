"""A small real Bolt app in a sandbox of its own: what the tests of the local Slack talk to it with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import Sandbox
from bot.sandbox.slack import Human, Slack, View
from tests.office import PATIENCE

Json = dict[str, Any]

STUDIO = "C0STUDIO"


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None,
        team_id="T0SANDBOX",
        bot_user_id="U0HOURS",
        bot_id="B0HOURS",
        bot_token="xoxb-sandbox",
    )


@dataclass(frozen=True, slots=True)
class SmallApp:
    """An app without listeners, and the Slack it is installed in."""

    sandbox: Sandbox
    bolt: AsyncApp
    client: AsyncWebClient

    @property
    def slack(self) -> Slack:
        return self.sandbox.slack

    @property
    def ana(self) -> Human:
        return self.slack.human("U0ANA")

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[AsyncSocketModeHandler]:
        """Over Socket Mode, as the bot connects."""
        web = AsyncWebClient(base_url=self.slack.api_url)
        handler = AsyncSocketModeHandler(self.bolt, self.slack.app_token, web_client=web)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        await self.slack.connected()
        try:
            yield handler
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # likewise

    async def refused(self, method: str, arguments: Mapping[str, Any]) -> str:
        """The code with which Slack refuses a call."""
        with pytest.raises(SlackApiError) as error:
            await self.client.api_call(method, json=dict(arguments))
        return str(error.value.response["error"])


@asynccontextmanager
async def installed(manifest: Json | None = None, *, people: int = 8) -> AsyncIterator[SmallApp]:
    """The app in a sandbox of its own; without a manifest it may do everything."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    sandbox = Sandbox(manifest=manifest, people=people)
    async with sandbox, aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(
            sandbox.slack.bot_token, base_url=sandbox.slack.api_url, session=session, retry_handlers=[]
        )
        bolt = AsyncApp(
            client=client,
            authorize=_authorize,
            process_before_response=True,
            signing_secret=sandbox.slack.signing_secret,
        )
        yield SmallApp(sandbox, bolt, client)


# ---------------------------------------------------------------- blocks
def words(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": words(value.title()), "value": value}


def field(block_id: str, element: Json, **more: object) -> Json:
    label = words(block_id.title())
    return {
        "type": "input",
        "block_id": block_id,
        "label": label,
        "element": {"action_id": "it", **element},
        **more,
    }


def typed(block_id: str, initial: str | None = None, **more: object) -> Json:
    element: Json = {"type": "plain_text_input"}
    return field(block_id, element | ({"initial_value": initial} if initial else {}), **more)


def modal(*blocks: Json, title: str = "Week", **more: object) -> Json:
    return {
        "type": "modal",
        "callback_id": "week",
        "title": words(title),
        "submit": words("Save"),
        "blocks": [*blocks],
        **more,
    }


BUTTON = {
    "type": "actions",
    "block_id": "bar",
    "elements": [{"type": "button", "action_id": "go", "value": "1", "text": words("Go")}],
}


async def opened(small: SmallApp, view: Json) -> View:
    """The modal in front of Ana."""
    await small.client.views_open(trigger_id=small.slack.world.issue_trigger("U0ANA"), view=view)
    return await small.ana.sees_modal(view["title"]["text"])
