"""Signed HTTP delivery to a Request URL.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.delivery import ACK_SECONDS, Outcome, Parcel
from bot.sandbox.slack.payloads import TOKEN
from bot.sandbox.slack.workspace import Json

__all__ = ["HttpDelivery", "UrlVerificationError"]

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


class UrlVerificationError(Exception):
    """The Request URL did not answer the challenge, so Slack would not save it."""


class HttpDelivery:
    """Posts to one URL as Slack does: forms for commands and interactions, JSON for events."""

    def __init__(self, url: str, *, secret: str) -> None:
        self.url = url
        self._secret = secret
        self._session: aiohttp.ClientSession | None = None

    async def verify(self) -> None:
        """Send the challenge that Slack sends before it saves a Request URL.

        Raises:
            UrlVerificationError: the app cannot be reached, or did not return the challenge.
        """
        challenge = {"type": "url_verification", "challenge": secrets.token_hex(26), "token": TOKEN}
        try:
            status, _, text = await self._post(json.dumps(challenge), _JSON, {})
        except (TimeoutError, aiohttp.ClientError) as error:
            raise UrlVerificationError(f"{self.url} cannot be reached") from error
        if status != 200 or challenge["challenge"] not in text:
            raise UrlVerificationError(f"{self.url} answered {status}: {text[:200]}")

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Post a payload and read the answer; anything but 2xx within three seconds is a failure."""
        headers: dict[str, str] = {}
        if parcel.attempt:
            headers = {
                "X-Slack-Retry-Num": str(parcel.attempt),
                "X-Slack-Retry-Reason": parcel.reason or "unknown_error",
            }
        try:
            status, answer_headers, text = await self._post(*_written(parcel), headers)
        except TimeoutError:
            return Outcome(error="operation_timeout", reason="http_timeout")
        except aiohttp.ClientError:
            return Outcome(error="dispatch_failed", reason="connection_failed")
        if not 200 <= status < 300:
            final = answer_headers.get("X-Slack-No-Retry") == "1"
            return Outcome(error="dispatch_failed", status=status, reason="http_error", final=final)
        return Outcome(status=status, answer=_answer(parcel, answer_headers.get("Content-Type", ""), text))

    async def _post(
        self, body: str, kind: str, headers: dict[str, str]
    ) -> tuple[int, Mapping[str, str], str]:
        # The signature's time is real: the app compares it with its own machine's.
        at = str(int(time.time()))
        signed = hmac.new(self._secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ACK_SECONDS))
        async with self._session.post(
            self.url,
            data=body.encode(),
            allow_redirects=False,
            headers={
                "Content-Type": kind,
                "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                "X-Slack-Request-Timestamp": at,
                "X-Slack-Signature": f"v0={signed}",
                **headers,
            },
        ) as answer:
            return answer.status, answer.headers, await answer.text()

    async def stop(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            await asyncio.sleep(0)  # lets the transports close


def _written(parcel: Parcel) -> tuple[str, str]:
    if parcel.kind == "events_api":
        return json.dumps(parcel.payload), _JSON
    if parcel.kind == "slash_commands":
        return urlencode(parcel.payload), _FORM
    return urlencode({"payload": json.dumps(parcel.payload)}), _FORM


def _answer(parcel: Parcel, kind: str, text: str) -> Json | None:
    if not parcel.answerable or not text:
        return None
    if not kind.startswith(_JSON):
        return {"text": text}
    with suppress(ValueError):  # an answer that is not JSON counts as none
        parsed = json.loads(text)
        if isinstance(parsed, dict):
            return parsed
    return None
