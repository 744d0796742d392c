"""Facts about the running process (version, connection, token scopes), for the status page and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from bot.connection import Connection
from bot.manifest import SCOPES
from bot.settings import Settings
from bot.socket_mode import SocketConnection
from handlers.vitals import Vitals

__all__ = ["VERSION", "missing_scopes", "scopes_of", "vitals"]

VERSION: Final = "0.1.0"
"""The version in pyproject.toml, which is not in the container."""


def missing_scopes(headers: Mapping[str, str]) -> dict[str, str] | None:
    """Scopes that the manifest asks for and the token lacks -> the features that stop without them.

    ``None`` if the headers of Slack's answer do not list the token's scopes.
    """
    given = scopes_of(headers)
    if given is None:
        return None
    return {scope: stops for scope, stops in SCOPES.items() if scope not in given}


def scopes_of(headers: Mapping[str, str]) -> frozenset[str] | None:
    """The token's scopes; ``None`` if the headers of Slack's answer do not list them."""
    told = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
    return None if told is None else frozenset(scope.strip() for scope in told.split(","))


def vitals(
    settings: Settings, connection: Connection, *, started_at: datetime, missing: Mapping[str, str]
) -> Vitals:
    """Describe this process at this moment."""
    socket = connection if isinstance(connection, SocketConnection) else None
    since = socket.connected_at if socket else None
    return Vitals(
        version=VERSION,
        started_at=started_at,
        transport="Socket Mode" if socket else "HTTP",
        connected_at=None if since is None else datetime.fromtimestamp(since, UTC),
        connections=socket.connections if socket else 0,
        trouble=connection.trouble,
        key_expires=settings.focus_api_key_expires,
        missing_scopes=missing,
    )
