"""What came of one kind of abuse; and what the bot itself says meanwhile, in its log."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from structlog.contextvars import get_contextvars

__all__ = ["Heard", "Score", "heard"]

UNREAD = ("cannot be read", "was not ours", "could not pass on")
"""What the log says of a payload that is not as Slack sends it, or a button that is not ours."""


@dataclass(slots=True)
class Score:
    """One kind of abuse."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)


class Heard(logging.Handler):
    """What nobody caught, what could not be read, and how each piece of work ended."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.unhandled: list[str] = []
        self.unread: list[str] = []
        self.outcomes: list[tuple[str, str]] = []
        """Whose work, and its outcome: ``done``, or the error that it was answered with."""

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if record.levelno >= logging.ERROR:
            self.unhandled.append(_where(record))
        elif record.levelno == logging.WARNING and any(each in said for each in UNREAD):
            self.unread.append(_where(record))
        elif said == "answered":
            self.outcomes.append((str(get_contextvars().get("actor")), str(record.__dict__["outcome"])))


@asynccontextmanager
async def heard() -> AsyncIterator[Heard]:
    """Listen to everything that is logged meanwhile."""
    handler, answers = Heard(), logging.getLogger("handlers.attempts")
    logging.getLogger().addHandler(handler)
    before = answers.level
    answers.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        answers.setLevel(before)
        logging.getLogger().removeHandler(handler)


def _where(record: logging.LogRecord) -> str:
    if not record.exc_info or not record.exc_info[1]:
        return f"{record.name}: {record.getMessage()[:200]}"
    error, trace = record.exc_info[1], record.exc_info[2]
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} in {where}: {str(error)[:80]}"
