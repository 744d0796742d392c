"""The log: a line an event, as JSON where a machine reads it and readable where a person does.

Everything logs through the standard library; what stands in ``extra`` and what was bound for the work
under way become fields of the line. No line has a token, an e-mail address or what somebody typed: code
logs none of them, and :func:`_masked` covers what a library or an exception's text might bring along.
"""

from __future__ import annotations

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["set_up_logs"]

_SECRETS = re.compile(
    r"xox[a-z]-[\w.-]+|xapp-[\w-]+|toggl_sk_[\w-]+"  # tokens and keys
    r"|(?P<before>(?:Bearer|Basic)(?:[ +]|%20)|token=|token%3D"
    # addresses that are a right by themselves
    r"|wss?(?::\\?/\\?/|%3A(?:%5C)?%2F(?:%5C)?%2F)|hooks\.slack(?:-gov)?\.com(?:\\?/|(?:%5C)?%2F))[^\s\"']+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=%3A%2F%2F)[^/\s]+?%3A[^/\s]+?(?=%40)"  # user, password of a proxy
    r"|[\w.+%-]{1,64}(?:@|%40)[\w-]+(?:\.[\w-]+)+",  # e-mail
    re.IGNORECASE,
)
"""As they stand, or percent-encoded, as in what Slack sends and in the query of an address."""

_QUIET = ("httpx", "httpcore", "aiohttp.access", "asyncio")
"""They tell each request at INFO, with its address."""


_EXPECTED = "As you gave `client`"
"""Bolt finds the token in the environment, too, and warns that it does not use it: so it is meant."""


def set_up_logs(stream: TextIO | None = None) -> None:
    """Send every logger's lines to ``stream`` (default: standard error)."""
    to = stream or sys.stderr
    handler = logging.StreamHandler(to)
    handler.setFormatter(_formatter(readable=to.isatty()))
    handler.addFilter(lambda record: not record.getMessage().startswith(_EXPECTED))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(*, readable: bool) -> logging.Formatter:
    into_a_line: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if readable
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.ExtraAdder(),
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if readable else "iso", utc=not readable),
        ],
        processors=[_without_meta, structlog.processors.format_exc_info, _covered, into_a_line],
    )


def _without_meta(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)


def _covered(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """What must not be in a log is covered value by value: done to a finished line, it might break it."""
    return {_masked(key): _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    """The same, with secrets covered; what no line can hold becomes the text it would be there."""
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {_masked(key): _masked(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(each) for each in value]
        case _:
            return _SECRETS.sub(r"\g<before>***", value if isinstance(value, str) else repr(value))
