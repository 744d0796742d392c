"""The page's side of its wire, without a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession

from tests.office import PATIENCE

__all__ = ["PageClient", "until"]


class PageClient:
    """What one person's page sends and hears."""

    def __init__(self, url: str, session: ClientSession, me: str) -> None:
        self.url, self.session, self.me = url, session, me

    async def act(self, act: str, **details: Any) -> Any:
        asked = {"as": self.me, "act": act, **details}
        async with self.session.post(f"{self.url}/page/act", json=asked) as answer:
            return await answer.json()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
        async with self.session.get(f"{self.url}/page/events", params={"as": self.me}) as stream:

            async def events() -> AsyncIterator[tuple[str, Any]]:
                while line := (await stream.content.readuntil(b"\n\n")).decode():
                    name, _, data = line.strip().partition("\ndata: ")
                    yield name.removeprefix("event: "), json.loads(data)

            yield events()

    async def state(self) -> Any:
        async with self.listening() as events:
            return await until(events, "state")


async def until(events: AsyncIterator[tuple[str, Any]], name: str) -> Any:
    async with asyncio.timeout(PATIENCE):
        async for event, data in events:
            if event == name:
                return data
    raise AssertionError(f"no {name} came")
