"""What is not as Slack documents it is acknowledged, noted in the log, and otherwise left alone."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slack_bolt.response import BoltResponse

__all__ = ["MALFORMED", "UnreadableError", "forgiving", "held", "unread"]

log = logging.getLogger(__name__)

MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What reading such a payload raises: a field is missing, of another kind, or no number."""

Listener = Callable[..., Awaitable[None]]
"""What Bolt calls, with the arguments it names."""


class UnreadableError(Exception):
    """A button or a form holds what this version never wrote: it is forged, or of a version before."""


@contextmanager
def held() -> Iterator[None]:
    """Reading what a button or a form holds, and nothing else: an error of ours is not theirs.

    Raises:
        UnreadableError: it cannot be read.
    """
    try:
        yield
    except MALFORMED as error:
        raise UnreadableError from error


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
