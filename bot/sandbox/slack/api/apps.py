"""``api.test``, ``auth.test`` and ``apps.connections.open``: test a connection, or open one."""

from __future__ import annotations

from bot.sandbox.slack.api.method import Asked, Method
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.payloads import BOT_ID, DOMAIN
from bot.sandbox.slack.seed import BOT
from bot.sandbox.slack.workspace import TEAM, Json

__all__ = ["METHODS"]


def _api_test(asked: Asked) -> Json:
    if asked.args.text("error"):
        raise SlackError(asked.args.text("error"))
    return {"args": {key: value for key, value in asked.args.raw.items() if key != "token"}}


def _auth_test(asked: Asked) -> Json:
    return {
        "url": f"https://{DOMAIN}.slack.com/",
        "team": "Sandbox",
        "user": asked.world.people[BOT].handle,
        "team_id": TEAM,
        "user_id": BOT,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def _connections_open(asked: Asked) -> Json:
    address = asked.world.url.replace("http", "ws", 1)
    return {"url": f"{address}/socket/{asked.sockets.issue_ticket()}"}


METHODS = {
    "api.test": Method(_api_test, calls_a_minute=600),
    "auth.test": Method(_auth_test, calls_a_minute=600),
    "apps.connections.open": Method(_connections_open, app_token=True),
}
