"""Being written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.desk import Ask
from handlers.views.blocks import Reply


async def answered(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def unlock(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def ask_admins(desk: object) -> None:
    """Being written."""
