"""The sandbox's web page: a chat in which to try the bot without an account.

It uses the people of the local Slack and the weeks of the local Focus, and knows nothing of the bot.
``snapshot`` describes what one person sees, ``acts`` performs what a person does, and ``server``
connects both to the browser.
"""

from __future__ import annotations

from bot.sandbox.page.server import add_page
from bot.sandbox.page.stage import Ahead

__all__ = ["Ahead", "add_page"]
