"""From Bolt to an entrance: the middleware that takes each of Slack's payloads to the listener for its type.

It stands in place of Bolt's own listeners, which build some thirty arguments for each request, twice, to
pass on two of them; that would be a quarter of the time of an acknowledgement.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from handlers.entrances import Entrances
from handlers.malformed import MALFORMED
from handlers.starts import NOTHING, Prepared

__all__ = ["Dispatcher"]

log = logging.getLogger(__name__)

Listener = Callable[[Mapping[str, Any]], Awaitable[Prepared]]


class Dispatcher(AsyncMiddleware):
    """Dispatches payloads by type, and acknowledges those that cannot be read, which Slack would send again.

    Bolt reports other commands than ``command`` and other events than ``events`` as unhandled.
    """

    def __init__(self, entrances: Entrances, *, command: str, events: Collection[str]) -> None:
        self._command = command
        self._events = events
        self._entrances = entrances
        self._by_type: Mapping[str, Listener] = {
            "block_actions": entrances.press,
            "view_submission": entrances.submit,
            "view_closed": entrances.closed,
            "block_suggestion": entrances.options,
            "shortcut": entrances.shortcut,
            "message_action": entrances.shortcut,
        }

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - the signature is Bolt's
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - named by Bolt
    ) -> BoltResponse | None:
        """Let the listener prepare the work; the response, which leaves first, is the acknowledgement."""
        try:
            listener = self._listener_for(req.body)
            prepared = await listener(req.body) if listener else None
        except MALFORMED:
            log.warning("Slack sent a payload that cannot be read", exc_info=True)
            prepared = NOTHING
        if prepared is None:
            return await next()
        asyncio.get_running_loop().call_soon(prepared.start)
        return BoltResponse(status=200, body=dict(prepared.says) or "")

    def _listener_for(self, body: Mapping[str, Any]) -> Listener | None:
        if "command" in body:
            return self._entrances.command if body["command"] == self._command else None
        if body.get("type") != "event_callback":
            return self._by_type.get(str(body.get("type")))
        event_type = body["event"]["type"]
        if event_type == "message":
            return self._entrances.message
        return self._entrances.event if event_type in self._events else None
