"""Slack's signature on an HTTP request: whether it is Slack's, and whether it was taken before.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from time import time

from aiohttp import web

__all__ = ["RefusedError", "Signature", "Signing"]

VALID_SECONDS = 300
"""So far from this machine's clock a signature's own time may be, before and after."""


class RefusedError(Exception):
    """Slack did not send this, or not now; the text says why, and nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One that is Slack's; ``until`` is when nobody takes it any more, as ``time.time()`` has it."""

    text: str
    until: float


class Signing:
    """Turns away what Slack did not sign, and what somebody who has listened to Slack sends again."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._taken: dict[str, float] = {}

    async def verified(self, request: web.Request) -> Signature:
        """The signature of a request, by its headers and its body as it came.

        Raises:
            RefusedError: it is not Slack's, or not of now.
        """
        at, text = _the_one(request, "X-Slack-Request-Timestamp"), _the_one(request, "X-Slack-Signature")
        if not re.fullmatch(r"[0-9]{1,12}", at):
            raise RefusedError("it does not say when it was signed")
        if abs(off := int(at) - time()) > VALID_SECONDS:
            raise RefusedError(f"it was signed {off:+.0f} s from this machine's time")
        signed = b"v0:%b:%b" % (at.encode(), await request.read())
        mine = "v0=" + hmac.digest(self._secret, signed, "sha256").hex()
        if not hmac.compare_digest(mine.encode(), text.encode(errors="replace")):
            raise RefusedError("it was not signed with SLACK_SIGNING_SECRET")
        return Signature(text, int(at) + VALID_SECONDS)

    def take(self, signature: Signature) -> None:
        """Take a request by its signature, and no other with the same.

        Raises:
            RefusedError: one was taken.
        """
        now = time()
        while self._taken and next(iter(self._taken.values())) < now:
            del self._taken[next(iter(self._taken))]
        if signature.text in self._taken:
            raise RefusedError("it was taken before")
        self._taken[signature.text] = signature.until

    def give_back(self, signature: Signature) -> None:
        """It was not taken after all.

        Slack signs anew whenever it repeats something, but not within the same second.
        """
        self._taken.pop(signature.text, None)


def _the_one(request: web.Request, name: str) -> str:
    """A header that is there once: of two, one reader takes the first and another the last."""
    given = request.headers.getall(name, [])
    if len(given) != 1:
        raise RefusedError(f"it has {len(given) or 'no'} {name}")
    return given[0]
