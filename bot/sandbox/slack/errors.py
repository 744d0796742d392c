"""Errors of Slack's Web API, with Slack's codes."""

from __future__ import annotations

from typing import Any

__all__ = ["RateLimitedError", "SlackError"]


class SlackError(Exception):
    """An error that is answered as ``{"ok": false, "error": code}``, with Slack's further fields."""

    def __init__(self, code: str, *, reason: str | None = None, **more: Any) -> None:
        super().__init__(code if reason is None else f"{code}: {reason}")
        self.code = code
        self.reason = reason
        """A line such as ``[ERROR] no more than 50 items allowed [json-pointer:/blocks]``."""
        self.more = more

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        said = {"ok": False, "error": self.code, **self.more}
        if self.reason is not None:
            said |= {"errors": [self.reason], "response_metadata": {"messages": [self.reason]}}
        return said


class RateLimitedError(SlackError):
    """HTTP 429; ``seconds`` is the ``Retry-After``."""

    def __init__(self, seconds: int) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds
