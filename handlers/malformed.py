"""What is not as Slack documents it is acknowledged, noted in the log, and otherwise left alone."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.response import BoltResponse

__all__ = ["MALFORMED", "forgiving", "unread"]

log = logging.getLogger(__name__)

MALFORMED = (LookupError, TypeError, ValueError, AttributeError)
"""What reading such a payload raises: a field is missing, or of another kind."""

Listener = Callable[..., Awaitable[None]]
"""What Bolt calls, with the arguments it names."""


def forgiving(listener: Listener) -> Listener:
    """The listener, or an acknowledgement of what it cannot read: Slack would only send it again."""

    @functools.wraps(listener)
    async def forgiven(**given: Any) -> None:
        try:
            await listener(**given)
        except MALFORMED:
            log.warning("Slack sent what cannot be read", exc_info=True)
            if ack := given.get("ack"):
                await ack()

    return forgiven


async def unread(error: Exception) -> BoltResponse:
    """What Bolt itself could not read is acknowledged, too."""
    malformed = isinstance(error, MALFORMED)
    log.log(
        logging.WARNING if malformed else logging.ERROR, "Bolt could not pass on a request", exc_info=error
    )
    return BoltResponse(status=200 if malformed else 500)
