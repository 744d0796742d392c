"""``/hours status``: the bot's health, for its admins."""

from __future__ import annotations

from handlers.desk import Ask
from handlers.views import status as views
from store.access import Action

__all__ = ["status"]


async def status(ask: Ask) -> None:
    """``/hours status`` and the button in Home: show the report."""
    permit = await ask.may(Action.ADMINISTER)
    now = ask.desk.clock.now()
    report = await ask.store.health.report(permit, now=now)
    await ask.answer(views.status(report, ask.desk.vitals(), now=now))
