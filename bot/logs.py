"""The log: a line an event, as JSON where a machine reads it and readable where a person does.

Everything logs through the standard library; what stands in ``extra`` and what was bound for the work
under way become fields of the line. No line has a token, an e-mail address or what somebody typed: code
logs none of them, and :func:`_masked` covers what a library or an exception's text might bring along.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["set_up_logs"]

_SECRETS = re.compile(
    r"xox[a-z]-[\w.-]+|xapp-[\w-]+|toggl_sk_[\w-]+"  # tokens and keys
    r"|(?<=Bearer )\S+|(?<=Basic )\S+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password of a proxy
    r"|(?<=wss://)\S+|(?<=ws://)\S+|(?<=hooks\.slack\.com/)\S+"  # addresses that are a right by themselves
    r"|[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail
)

_QUIET = ("httpx", "httpcore", "aiohttp.access", "asyncio")
"""They tell each request at INFO, with its address."""


_EXPECTED = "As you gave `client`"
"""Bolt finds the token in the environment, too, and warns that it does not use it: so it is meant."""


def set_up_logs(stream: TextIO | None = None, *, level: int = logging.INFO) -> None:
    """Send every logger's lines to ``stream`` (default: standard error)."""
    to = stream or sys.stderr
    handler = logging.StreamHandler(to)
    handler.setFormatter(_formatter(readable=to.isatty()))
    handler.addFilter(lambda record: not record.getMessage().startswith(_EXPECTED))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(*, readable: bool) -> logging.Formatter:
    into_a_line: list[Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    return _Masking(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ExtraAdder(),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if readable else "iso", utc=not readable),
        ],
        processors=[_without_meta, *into_a_line],
    )


class _Masking(structlog.stdlib.ProcessorFormatter):
    """Covers what must not be in a log after the whole line is there, traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, masked."""
        return _SECRETS.sub("***", super().format(record))


def _without_meta(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)
