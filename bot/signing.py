"""Verification of Slack's signatures on HTTP requests, and protection against replays.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web

from store.database import DatabaseUnusableError
from store.signatures import Signatures

__all__ = ["RefusedError", "Signature", "Signing"]

log = logging.getLogger(__name__)

T = TypeVar("T")

VALID = timedelta(minutes=5)
"""How far a signature's timestamp may be from this machine's clock, before or after."""

WRITE_WITHIN = 0.3
"""Seconds for which an acknowledgement waits for the database at most."""


class RefusedError(Exception):
    """The request has no valid signature, or is a replay; the text says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A verified signature, which is too old to be accepted after ``until``."""

    text: str
    until: datetime


class Signing:
    """Refuses requests that Slack did not sign, and replays of requests that it did."""

    def __init__(self, secret: str, signatures: Signatures) -> None:
        self._secret = secret.encode()
        self._signatures = signatures
        self._taken: dict[str, datetime] = {}
        """Signatures taken by this process -> their ``until``; the only record if the database is slow."""

    async def verified(self, request: web.Request) -> Signature:
        """Verify the signature of a request's timestamp and raw body, and return it.

        Raises:
            RefusedError: it is not Slack's, or its timestamp is too far from now.
        """
        at, text = _the_one(request, "X-Slack-Request-Timestamp"), _the_one(request, "X-Slack-Signature")
        if not re.fullmatch(r"[0-9]{1,11}", at):
            raise RefusedError("it does not say when it was signed")
        signed_at = datetime.fromtimestamp(int(at), UTC)
        if abs(off := signed_at - _now()) > VALID:
            raise RefusedError(f"it was signed {off.total_seconds():+.0f} s from this machine's time")
        signed = b"v0:%b:%b" % (at.encode(), await request.read())
        mine = "v0=" + hmac.digest(self._secret, signed, "sha256").hex()
        if not hmac.compare_digest(mine.encode(), text.encode(errors="replace")):
            raise RefusedError("it was not signed with SLACK_SIGNING_SECRET")
        return Signature(text, signed_at + VALID)

    async def take(self, signature: Signature) -> None:
        """Record a signature, so that its request is accepted only once.

        Raises:
            RefusedError: the signature was taken before.
        """
        now = _now()
        while self._taken and next(iter(self._taken.values())) < now:
            del self._taken[next(iter(self._taken))]
        if signature.text in self._taken:
            raise RefusedError("it was taken before")
        self._taken[signature.text] = signature.until
        taking = self._signatures.take(signature.text, until=signature.until, now=now)
        if await _on_disk(taking) is False:
            raise RefusedError("it was taken before")

    async def give_back(self, signature: Signature) -> None:
        """Forget a signature whose request was not accepted, so that Slack may retry it.

        A retry has a new signature, except within the same second.
        """
        self._taken.pop(signature.text, None)
        await _on_disk(self._signatures.give_back(signature.text))


async def _on_disk(write: Coroutine[Any, Any, T]) -> T | None:
    """The result of a database write; ``None`` if it fails, or takes longer than :data:`WRITE_WITHIN`."""
    writing = asyncio.create_task(write)
    try:
        return await asyncio.wait_for(asyncio.shield(writing), WRITE_WITHIN)
    except TimeoutError:
        log.warning("a signature is not on disk before its request is acknowledged")
        writing.add_done_callback(_look_at_error)
    except DatabaseUnusableError as error:
        log.warning("a signature is not on disk: %s", error)
    return None


def _look_at_error(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("a signature is not on disk: %s", error)


def _now() -> datetime:
    """Real time, and never the sandbox's clock, because Slack's timestamps are real."""
    return datetime.now(UTC)


def _the_one(request: web.Request, name: str) -> str:
    """A header that must occur once: of two, one parser may take the first and another the last."""
    given = request.headers.getall(name, [])
    if len(given) != 1:
        raise RefusedError(f"it has {len(given) or 'no'} {name}")
    return given[0]
