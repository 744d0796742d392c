"""Logging: one line per event, as JSON, or in a readable form if the stream is a terminal.

Everything logs through the standard library; ``extra`` and structlog's context variables become fields
of the line. No line has a token, an e-mail address or text that somebody typed: our code logs none of
them, and :func:`_masked` masks tokens and addresses in what a library or an exception says.
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
    # addresses that grant access by themselves
    r"|wss?(?::\\?/\\?/|%3A(?:%5C)?%2F(?:%5C)?%2F)|hooks\.slack(?:-gov)?\.com(?:\\?/|(?:%5C)?%2F))[^\s\"']+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=%3A%2F%2F)[^/\s]+?%3A[^/\s]+?(?=%40)"  # user, password of a proxy
    r"|[\w.+%-]{1,64}(?:@|%40)[\w-]+(?:\.[\w-]+)+",  # e-mail
    re.IGNORECASE,
)
"""Secrets and e-mail addresses, plain or percent-encoded (as in Slack's form bodies and in URL queries)."""

_QUIET = ("httpx", "httpcore", "aiohttp.access", "asyncio")
"""Loggers that log every request at INFO, with its address."""


_EXPECTED = "As you gave `client`"
"""Start of Bolt's warning that it ignores the token in the environment, which is intended."""


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
    """Mask secrets in each key and value; masking the finished line could break its JSON."""
    return {_masked(key): _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    """A copy of a value with secrets masked; objects that JSON does not know become their ``repr``."""
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {_masked(key): _masked(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(each) for each in value]
        case _:
            return _SECRETS.sub(r"\g<before>***", value if isinstance(value, str) else repr(value))
