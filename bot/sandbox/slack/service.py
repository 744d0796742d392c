"""The local Slack as tests, the page and the sandbox use it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import Clock
from bot.sandbox.crowd import Member
from bot.sandbox.faults import Faults, faulty
from bot.sandbox.slack.api.files import Uploads
from bot.sandbox.slack.delivery import Delivery, Outcome, Parcel
from bot.sandbox.slack.http_delivery import HttpDelivery
from bot.sandbox.slack.human import Human
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.manifest import App
from bot.sandbox.slack.payloads import event_json, user_json
from bot.sandbox.slack.respond import Responses
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.web_api import APP_TOKEN, BOT_TOKEN, SlackVoice, WebApi
from bot.sandbox.slack.workspace import TEAM, Channel, Json, Message, Person
from bot.sandbox.slack.world import World

__all__ = ["Slack"]


class Slack:
    """A workspace with one app installed, on this machine."""

    bot_token = BOT_TOKEN
    app_token = APP_TOKEN
    signing_secret = "sandbox-signing-secret"  # noqa: S105 - of a service that lives on this machine
    team_id = TEAM

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        log: CallLog | None = None,
        faults: Faults | None = None,
        manifest: Mapping[str, Any] | None = None,
        crowd: Sequence[Member] = (),
    ) -> None:
        self.clock = clock or Clock()
        self.log = log or CallLog()
        self.faults = faults or Faults()
        self.world = World(clock=self.clock, app=App.read(manifest), crowd=crowd)
        self.world.emit = self._emit
        self.changed = self.world.changed
        """``subscribe(callback)``: called whenever anything visible changes."""
        self.sockets = Sockets()
        self.limits = Limits(moment=self.world.moment, age=self.world.age)
        self._delivery = Delivery(self.sockets, clock=self.clock, log=self.log)
        self._http: HttpDelivery | None = None
        self._humans: dict[str, Human] = {}

    # ---------------------------------------------------------------- doors
    def add_routes(self, app: web.Application) -> None:
        """Serve the Web API, Socket Mode and ``response_url``."""
        gate = faulty(SlackVoice(), log=self.log, faults=self.faults, clock=self.clock)
        api = gate(WebApi(self.world, limits=self.limits, sockets=self.sockets).handle)
        uploads = Uploads(self.world)
        app.router.add_post("/api/{method}", api)
        app.router.add_get("/api/{method}", api)
        app.router.add_post("/respond/{token}", gate(Responses(self.world).handle))
        app.router.add_post("/upload/{file}", gate(uploads.handle))
        app.router.add_get("/files/{file}", uploads.download)
        app.router.add_get("/socket/{ticket}", self.sockets.connect)

    @property
    def url(self) -> str:
        """The base address, without a slash at the end; the server sets it when it starts."""
        return self.world.url

    @url.setter
    def url(self, url: str) -> None:
        self.world.url = url

    @property
    def api_url(self) -> str:
        """The value of ``SLACK_API_URL``."""
        return f"{self.world.url}/api/"

    async def deliver_to(self, url: str | None) -> None:
        """Deliver by signed HTTP to this Request URL from now on; ``None``: over Socket Mode again.

        Raises:
            UrlVerificationError: the app did not answer the challenge.
        """
        if self._http:
            await self._http.stop()
            self._http = None
        self._delivery.transport = self.sockets
        if url is not None:
            self._http = HttpDelivery(url, secret=self.signing_secret)  # kept, so that it is closed
            await self._http.verify()
            self._delivery.transport = self._http

    async def deliver(self, parcel: Parcel) -> Outcome:
        """Bring the app something that nobody here has done: forged, or sent before."""
        return await self._delivery.send(parcel)

    async def connected(self, *, seconds: float = 60.0) -> None:
        """Wait for the app's first Socket Mode connection.

        Raises:
            TimeoutError: none came.
        """
        async with asyncio.timeout(seconds):
            await self.sockets.connected.wait()

    async def stop(self) -> None:
        """End connections and deliveries."""
        await self._delivery.stop()
        await self.sockets.stop()
        if self._http:
            await self._http.stop()

    def reset(self) -> None:
        """Seed the workspace again; the app stays connected."""
        self.faults.clear()
        self.limits.reset()
        self._humans.clear()
        self.world.reset()

    # ---------------------------------------------------------------- people
    def human(self, user: str) -> Human:
        """The person with this id, to act as and to look as.

        Raises:
            KeyError: nobody has this id.
        """
        if user not in self._humans:
            self._humans[user] = Human(user, world=self.world, delivery=self._delivery)
        return self._humans[user]

    async def change_user(self, user: str, **fields: Any) -> Outcome:
        """Change fields of a :class:`Person`, and tell the app (``user_change``)."""
        person = self.world.people[user]
        for name, value in fields.items():
            if not hasattr(person, name):
                raise AttributeError(f"a person has no {name!r}")
            setattr(person, name, value)
        now = self.clock.now()
        person.updated = int(now.timestamp())
        self.changed.fire()
        said = user_json(person, now=now, email=self.world.app.allows("users:read.email"))
        event = {"type": "user_change", "user": said, "cache_ts": person.updated, "event_ts": self.world.ts()}
        told = self._emit(event) if "user_change" in self.world.app.events else None
        return await told if told else Outcome()

    @property
    def people(self) -> dict[str, Person]:
        """Everybody by id."""
        return self.world.people

    @property
    def channels(self) -> dict[str, Channel]:
        """Every channel and direct message by id."""
        return self.world.channels

    # ---------------------------------------------------------------- switches and counts
    @property
    def rate_limits(self) -> bool:
        """Whether calls and messages are counted; off for benchmarks."""
        return self.limits.enabled

    @rate_limits.setter
    def rate_limits(self, enabled: bool) -> None:
        self.limits.enabled = enabled

    @property
    def paid(self) -> bool:
        """Whether the plan has user groups."""
        return self.world.paid

    @paid.setter
    def paid(self, paid: bool) -> None:
        self.world.paid = paid

    @property
    def knows_repeats(self) -> bool:
        """Whether messages are deduplicated by ``client_msg_id``."""
        return self.world.knows_repeats

    @knows_repeats.setter
    def knows_repeats(self, knows: bool) -> None:
        self.world.knows_repeats = knows

    @property
    def posts(self) -> dict[str, list[Message]]:
        """Every message the bot ever posted, by channel; ephemeral and deleted ones too."""
        return self.world.posts

    def _emit(self, event: Json) -> asyncio.Task[Outcome]:
        kind = f"{event['type']}.{event['subtype']}" if "subtype" in event else event["type"]
        parcel = Parcel(
            kind="events_api",
            payload=event_json(self.world, event),
            name=kind,
            summary=f"event {kind}: {_gist(self.world, event)}",
        )
        return self._delivery.spawn(self._delivery.send_event(parcel))


def _gist(world: World, event: Json) -> str:
    """The person and the text of an event, for the call log."""
    user = event.get("user")
    person = world.people.get(user if isinstance(user, str) else "")
    parts = (person.real_name if person else "", event.get("text") or event.get("tab") or "")
    return " ".join(part for part in parts if part)
