"""``/api/{method}``: tokens, scopes and rate limits in front of the methods."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.sandbox.calls import Service
from bot.sandbox.faults import SUMMARY, Fault, FaultKind
from bot.sandbox.slack.api import apps, chat, conversations, files, users, views
from bot.sandbox.slack.api.method import Args, Asked, Method
from bot.sandbox.slack.errors import RateLimitedError, SlackError
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.workspace import Json
from bot.sandbox.slack.world import World

__all__ = ["APP_TOKEN", "BOT_TOKEN", "METHODS", "SlackVoice", "WebApi"]

BOT_TOKEN, APP_TOKEN = "xoxb-sandbox", "xapp-sandbox"

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **users.METHODS,
    **views.METHODS,
}


class SlackVoice:
    """How Slack names calls, and words the faults that are switched on."""

    service: Service = "slack"

    def name(self, request: web.Request) -> str:
        """The call's name: the method, ``response_url``, or ``upload`` for a file's bytes."""
        return request.match_info.get("method", "upload" if "file" in request.match_info else "response_url")

    def refusal(self, fault: Fault, request: web.Request) -> web.Response:
        """Slack's answer to such a fault: 200 with an error code, 429 for rate limits, else 5xx."""
        del request
        if fault.kind is FaultKind.REFUSE:
            return web.json_response({"ok": False, "error": fault.error or "invalid_auth"})
        if fault.kind in {FaultKind.RATE_LIMITED, FaultKind.OUT_OF_QUOTA}:
            return _too_many(max(1, round(fault.seconds)))
        return web.json_response(
            {"ok": False, "error": fault.error or "internal_error"}, status=fault.status or 503
        )


class WebApi:
    """Handles ``/api/{method}``."""

    def __init__(self, world: World, *, limits: Limits, sockets: Sockets) -> None:
        self._world = world
        self._limits = limits
        self._sockets = sockets

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle one call."""
        name = request.match_info["method"]
        scopes = sorted(self._world.app.scopes or ())
        try:
            said = {"ok": True, **self._run(name, await _arguments(request), _bearer(request))}
        except RateLimitedError as error:
            request[SUMMARY] = f"{name}: ratelimited, {error.seconds} s"
            return _too_many(error.seconds)
        except SlackError as error:
            said = error.body
            request[SUMMARY] = f"{name}: {error}"
        else:
            request[SUMMARY] = name
        return web.json_response(
            said, headers={"X-OAuth-Scopes": ",".join(scopes), "X-Slack-Req-Id": self._world.id("R")}
        )

    def _run(self, name: str, arguments: Json, bearer: str | None) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if name != "api.test":
            _authenticate(bearer or str(arguments.get("token") or ""), app_token=method.app_token)
        app = self._world.app
        if method.scopes and not any(map(app.allows, method.scopes)):
            provided = ",".join(sorted(app.scopes or ()))
            raise SlackError("missing_scope", needed=method.scopes[0], provided=provided)
        self._limits.method(name, method.calls_a_minute)
        return method.run(Asked(self._world, Args(arguments), self._limits, self._sockets))


def _authenticate(token: str, *, app_token: bool) -> None:
    if not token:
        raise SlackError("not_authed")
    if token not in {BOT_TOKEN, APP_TOKEN}:
        raise SlackError("invalid_auth")
    if (token == APP_TOKEN) is not app_token:
        raise SlackError("not_allowed_token_type")


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _arguments(request: web.Request) -> Json:
    """The arguments of a call, from its query and its form or JSON body."""
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body: Any = json.loads(await request.text() or "{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        return arguments | body
    return arguments | dict(await request.post())


def _too_many(seconds: int) -> web.Response:
    return web.json_response(
        {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)}
    )
