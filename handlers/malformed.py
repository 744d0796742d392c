"""Payloads that are not as Slack documents them: acknowledged, logged and otherwise ignored."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from slack_bolt.response import BoltResponse

__all__ = ["MALFORMED", "UnreadableError", "held", "unread"]

log = logging.getLogger(__name__)

MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""The errors that reading a malformed payload raises: a missing field, a wrong type, not a number."""


class UnreadableError(Exception):
    """A button or form holds a value this version never writes: forged, or from an older version."""


@contextmanager
def held() -> Iterator[None]:
    """Turn errors while decoding a button's or form's value into :class:`UnreadableError`.

    Wrap nothing but the decoding, so that bugs elsewhere are not mistaken for bad values.

    Raises:
        UnreadableError: the value cannot be decoded.
    """
    try:
        yield
    except MALFORMED as error:
        raise UnreadableError from error


async def unread(error: Exception) -> BoltResponse:
    """Bolt's global error handler: answers 200 for malformed payloads, 500 for other errors."""
    malformed = isinstance(error, MALFORMED)
    log.log(
        logging.WARNING if malformed else logging.ERROR, "Bolt could not pass on a request", exc_info=error
    )
    return BoltResponse(status=200 if malformed else 500)
