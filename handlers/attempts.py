"""A handler tried: what everybody may expect to go wrong becomes a sentence, the rest an incident."""

from __future__ import annotations

from handlers.desk import Ask, Handler
from handlers.replies import EXPECTED, explain, unexpected
from handlers.work import Lane

__all__ = ["attempt", "in_lane"]


async def attempt(ask: Ask, handler: Handler) -> None:
    """Run a handler and answer for it if it cannot."""
    try:
        await handler(ask)
    except EXPECTED as error:
        await ask.answer(await explain(error, ask))


def in_lane(lane: Lane, ask: Ask, handler: Handler) -> None:
    """Do it when the lane has a place: what waits for Focus must not hold up what does not."""

    async def failed(_: Exception, incident: str) -> None:
        await ask.answer(unexpected(incident))

    name = getattr(handler, "__qualname__", type(handler).__name__)
    ask.desk.work.start(lambda: attempt(ask, handler), lane=lane, name=name, failed=failed)
