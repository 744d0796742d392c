"""Being written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.desk import Ask
from handlers.views.blocks import Reply


async def link(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def unlink(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def overview(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def open_picker(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def picked(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def user_changed(ask: Ask) -> None:
    """Being written."""
    await ask.answer(Reply.saying("This comes later."))


async def choices(ask: Ask) -> list[tuple[str, str]]:
    """Being written."""
    return []


def validate(view: Mapping[str, Any]) -> dict[str, str]:
    """Being written."""
    return {}


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """Being written."""
    return {}


def saving(external_id: str) -> dict[str, Any]:
    """Being written."""
    return {}
