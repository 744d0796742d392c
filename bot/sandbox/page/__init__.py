"""The page in the browser: a chat to try the bot in, without an account.

Built on the people of the local Slack; it knows nothing of the bot.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

__all__ = ["add_page"]


def add_page(app: web.Application, sandbox: Any) -> None:
    """Serve the page of this sandbox at ``/``."""
    del app, sandbox
