"""The page in the browser: a chat to try the bot in, without an account.

Built on the people of the local Slack and the weeks of the local Focus; it knows nothing of the
bot. ``snapshot`` says what one person sees, ``acts`` does what a person does, ``server`` joins
both to the browser.
"""

from __future__ import annotations

from bot.sandbox.page.server import add_page
from bot.sandbox.page.stage import Ahead

__all__ = ["Ahead", "add_page"]
