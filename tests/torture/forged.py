"""Requests over HTTP that Slack has not signed, or not so, or not now, or not twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from bot.manifest import HTTP_PATH
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.slack import Slack
from tests.office import STUDIO, Office, open_office
from tests.torture.offices import MONDAY, over_http
from tests.torture.payloads import pressed
from tests.torture.scores import Score
from tests.torture.stolen import Kept

__all__ = ["forge"]

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
Headers = Sequence[tuple[str, str]]


def _signed(body: str, *, age: float = 0, secret: str = Slack.signing_secret) -> dict[str, str]:
    at = str(int(time.time() - age))
    signature = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={signature}"}


def _bodies(office: Office) -> Mapping[str, tuple[str, str]]:
    """A command, a press and a message, as Slack writes them: each would change a week."""
    command = {
        "command": "/hours", "text": "set fri 1", "user_id": "U0OLIVIA", "team_id": "T0SANDBOX",
        "channel_id": STUDIO, "response_url": f"{office.sandbox.url}/respond/x", "trigger_id": "1.2",
    }  # fmt: skip
    press = pressed(office.olivia, "run", "set thu 1").payload
    event = {
        "type": "event_callback", "team_id": "T0SANDBOX", "event_id": "Ev1",
        "event": {
            "type": "message", "channel_type": "im", "channel": office.olivia.dm, "user": "U0OLIVIA",
            "text": "set wed 1", "ts": "1.2",
        },
    }  # fmt: skip
    return {
        "command": (urlencode(command), FORM),
        "press": (urlencode({"payload": json.dumps(press)}), FORM),
        "message": (json.dumps(event), JSON),
    }


async def forge(score: Score) -> None:
    """Whatever is not Slack's word is refused and changes nothing; what is acts once, and never again."""
    settings = over_http()
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(clock=Clock(frozen_at=MONDAY)) as sandbox, aiohttp.ClientSession() as session:
            async with open_office(Path(folder), sandbox=sandbox, settings=settings) as office:
                office.focus.quota.limit = 10**9
                await office.at_rest()
                sender = _Sender(office, session, score)
                taken = [await _forged(sender, *each) for each in _bodies(office).items()]
            async with open_office(Path(folder), sandbox=sandbox, settings=settings) as office:
                await office.at_rest()
                sender = _Sender(office, session, score)
                for (what, (body, kind)), headers in zip(_bodies(office).items(), taken, strict=True):
                    await sender.refused(f"{what}, replayed after a restart", body, kind, headers)


@dataclass(frozen=True, slots=True)
class _Sender:
    """Somebody who can reach the bot's address."""

    office: Office
    session: aiohttp.ClientSession
    score: Score

    async def status(self, body: str, kind: str, headers: Headers) -> int:
        every, url = [("Content-Type", kind), *headers], self.office.page(HTTP_PATH)
        async with self.session.post(url, data=body.encode(), headers=every) as answer:
            return answer.status

    async def over(self) -> None:
        """Until all that it led to has happened."""
        await self.office.bot.desk.work.idle()
        await self.office.at_rest()

    async def refused(self, what: str, body: str, kind: str, headers: Headers) -> None:
        before = Kept.of(self.office)
        self.score.tried += 1
        if (code := await self.status(body, kind, headers)) not in {400, 401}:
            self.score.wrong.append(f"{what}: {code}")
        await self.over()
        self.score.wrong += [f"{what}: {each}" for each in before.changed(Kept.of(self.office), own=())]


async def _forged(sender: _Sender, what: str, request: tuple[str, str]) -> Headers:
    """All forgeries of one request, then itself, then its repeats; with which headers it was taken."""
    body, kind = request
    for name, sent, headers in _forgeries(body):
        await sender.refused(f"{what}, {name}", sent, kind, headers)
    before, genuine = Kept.of(sender.office), list(_signed(body).items())
    if (code := await sender.status(body, kind, genuine)) != 200:
        sender.score.wrong.append(f"a genuine {what}: {code}")
    await sender.over()
    if not any(True for _ in before.changed(Kept.of(sender.office), own=())):
        sender.score.wrong.append(f"a genuine {what} does nothing, so nothing was tried")
    for name, headers in _replays(genuine):
        await sender.refused(f"{what}, {name}", body, kind, headers)
    return genuine


def _forgeries(body: str) -> Sequence[tuple[str, str, Headers]]:
    signed = _signed(body)
    at, signature = signed["X-Slack-Request-Timestamp"], signed["X-Slack-Signature"]
    other = _signed(body, secret="of somebody else")
    time_at, sign = ("X-Slack-Request-Timestamp", at), ("X-Slack-Signature", signature)
    return [
        ("forged", body, list(other.items())),
        ("stale", body, list(_signed(body, age=600).items())),
        ("of the future", body, list(_signed(body, age=-600).items())),
        ("another body", body.replace("1", "2"), [time_at, sign]),
        ("another time", body, [(time_at[0], str(int(at) - 1)), sign]),
        ("no signature", body, [time_at]),
        ("no time", body, [sign]),
        ("an empty signature", body, [time_at, (sign[0], "")]),
        ("no time that is one", body, [(time_at[0], "now"), sign]),
        ("another version", body, [time_at, (sign[0], "v1" + signature[2:])]),
        ("forged twice", body, [*other.items(), *other.items()]),
    ]


def _replays(genuine: Headers) -> Sequence[tuple[str, Headers]]:
    (_, at), (_, signature) = genuine
    junk = ("X-Slack-Signature", "v0=junk")
    return [
        ("replayed", genuine),
        ("replayed with another signature before", [junk, *genuine]),
        ("replayed with another signature behind", [*genuine, junk]),
        ("replayed with its signature twice", [*genuine, ("X-Slack-Signature", signature)]),
        ("replayed with its time twice", [*genuine, ("X-Slack-Request-Timestamp", at)]),
        ("replayed as a repeat", [*genuine, ("X-Slack-Retry-Num", "1")]),
    ]
