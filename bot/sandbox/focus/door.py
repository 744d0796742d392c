"""Access to the local Focus: the key, the password, and the hourly quota."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from secrets import compare_digest

from aiohttp import BasicAuth

from bot.sandbox.clock import Clock

__all__ = ["Forbidden", "Keys", "Quota"]

WINDOW = timedelta(hours=1)


class Forbidden(PermissionError):  # noqa: N818 - reads well where it is caught: it is forbidden
    """The key is valid, but its owner may not do this."""


class Keys:
    """The password and the one key of the bot's account; a new key revokes the old one."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._number = 0
        self.email = "hours-bot@example.com"
        self.password = "sandbox password"  # noqa: S105 - of a service that lives on this machine
        self.key = ""
        self.expires_at: datetime | None = None
        self.renew()

    def renew(self) -> str:
        """Make a new key, valid until ``expires_at``, which :meth:`expire` sets."""
        self._number += 1
        self.key = f"toggl_sk_sandbox{self._number}"
        self.expires_at = None
        return self.key

    def expire(self, *, after: timedelta = timedelta()) -> None:
        """Let the key expire now, or later by the sandbox's clock."""
        self.expires_at = self._clock.now() + after

    def admit(self, authorization: str) -> bool:
        """Whether an ``Authorization`` header, Bearer or Basic, has valid credentials."""
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() == "bearer":
            fresh = self.expires_at is None or self._clock.now() < self.expires_at
            return fresh and compare_digest(secret.encode(), self.key.encode())
        try:
            basic = BasicAuth.decode(authorization, encoding="utf-8")
        except ValueError:
            return False
        return (basic.login, basic.password) == (self.email, self.password)


class Quota:
    """A number of requests an hour; each hour begins with the first request after the previous hour."""

    def __init__(self, limit: int, *, clock: Clock) -> None:
        self.limit = limit
        self.in_headers = True
        """Whether answers have quota headers, which are optional in Focus."""
        self._clock = clock
        self._used = 0
        self._resets_at: datetime | None = None

    @property
    def remaining(self) -> int:
        """Requests left in this hour."""
        self._turn()
        return max(0, self.limit - self._used)

    @property
    def resets_in(self) -> int:
        """Whole seconds until the hour is over, rounded up."""
        self._turn()
        until = self._resets_at or self._clock.now() + WINDOW
        return math.ceil((until - self._clock.now()).total_seconds())

    def take(self) -> bool:
        """Use one request; ``False`` when there is none."""
        if not self.remaining:
            return False
        self._resets_at = self._resets_at or self._clock.now() + WINDOW
        self._used += 1
        return True

    def exhaust(self) -> None:
        """Use up what is left of this hour."""
        while self.take():
            pass

    def reset(self) -> None:
        """Forget the requests of this hour."""
        self._used, self._resets_at = 0, None

    def headers(self) -> dict[str, str]:
        """The quota headers of an answer."""
        if not self.in_headers:
            return {}
        return {
            "X-Toggl-Quota-Remaining": str(self.remaining),
            "X-Toggl-Quota-Resets-In": str(self.resets_in),
        }

    def _turn(self) -> None:
        if self._resets_at and self._clock.now() >= self._resets_at:
            self.reset()
