"""Parsers of single settings: each returns the value, or raises ``ValueError`` saying what is wrong.

The messages continue the setting's name ("HOURS_ADMINS must be …") and never repeat the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = [
    "YES",
    "app_token",
    "bot_token",
    "channel_id",
    "command",
    "email_aliases",
    "focus_key",
    "member_ids",
    "percent",
    "signing_secret",
    "slack_url",
    "url",
]

YES = frozenset({"yes", "true", "on", "1", "y", "t"})
"""The words that pydantic reads as true."""

_KINDS = (  # longer prefixes first
    ("xoxe.xoxb-", "a bot token with rotation, which ends after 12 hours: turn token rotation off"),
    ("xoxb-", "the bot token: it belongs in SLACK_BOT_TOKEN"),
    ("xapp-", "the app-level token: it belongs in SLACK_APP_TOKEN"),
    ("xoxp-", "a user token: the bot needs its own"),
    ("xox", "a Slack token of another kind"),
    ("toggl_sk_", "the Focus key: it belongs in FOCUS_API_KEY"),
)


def _token(*, prefix: str | None = None) -> Callable[[str], str]:
    """A check that a token has this prefix, or without one, that it is none of the other known kinds."""

    def check(value: str) -> str:
        if prefix and value.startswith(prefix):
            return value
        for beginning, kind in _KINDS:
            if value.startswith(beginning) and beginning != prefix:
                raise ValueError(f"holds {kind}")
        if prefix:
            raise ValueError(f"must begin with {prefix}")
        return value

    return check


bot_token = _token(prefix="xoxb-")
app_token = _token(prefix="xapp-")
signing_secret = _token()


def focus_key(value: str) -> str:
    """A Focus key, which may have any prefix but those of Slack's tokens."""
    return value if value.startswith("toggl_sk_") else signing_secret(value)


def url(value: str) -> str:
    """An address without a slash at its end."""
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
        raise ValueError("must be an address that begins with https://")
    return value.rstrip("/")


def slack_url(value: str) -> str:
    """An address with a slash at its end: Slack's clients append the method's name to it."""
    return f"{url(value)}/"


def _items(value: str) -> list[str]:
    return [item for item in re.split(r"[,;\s]+", value) if item]


def _ordinal(number: int) -> str:
    return {1: "1st", 2: "2nd", 3: "3rd"}.get(number, f"{number}th")


def member_ids(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """``U02ABC, W03DEF`` -> the ids, each once."""
    ids = _items(value) if isinstance(value, str) else list(value)
    if not ids:
        raise ValueError("must name at least one person")
    for number, item in enumerate(ids, start=1):
        if not re.fullmatch(r"[UW][A-Z0-9]{2,}", item):
            kind = "a name or an e-mail" if re.search(r"[@a-z]", item) else "no member id"
            raise ValueError(
                f"must list member ids like U012AB3CD, and the {_ordinal(number)} entry is {kind}"
            )
    return tuple(dict.fromkeys(ids))


def channel_id(value: str) -> str:
    """``C02ABC``, or ``G02ABC`` for older private channels."""
    if not re.fullmatch(r"[CG][A-Z0-9]{2,}", value):
        raise ValueError("must be a channel's id like C012AB3CD, not its name")
    return value


SLACKS_OWN = re.compile(
    "/(active|apps|archive|away|call|collapse|dm|dnd|expand|feed|feedback|invite|invite_people|join|kick|leave"
    "|me|msg|mute|open|part|pro|remind|remove|rename|search|shortcuts|shrug|star|status|topic|who)"
)
"""Slack's built-in commands; an app's command of the same name is never called."""


def command(value: str) -> str:
    """A slash command's name by Slack's rules."""
    if not value.startswith("/"):
        raise ValueError("must begin with a slash, like /hours")
    if len(value) > 32:
        raise ValueError("must have 32 characters at most, the slash included")
    if not re.fullmatch(r"/[a-z0-9_-]+", value):
        raise ValueError("may have only small letters, digits, hyphens and underscores after the slash")
    if SLACKS_OWN.fullmatch(value):
        raise ValueError("is a command of Slack's own: choose another, like /hours")
    return value


def percent(value: str | int) -> int:
    """``20 %``, ``20%`` or ``20``: whole percent."""
    match = re.fullmatch(r"(\d{1,3})\s*%?", str(value))
    if not match:
        raise ValueError("must be a percentage")
    return int(match[1])


def email_aliases(value: str | dict[str, str]) -> dict[str, str]:
    """``ana@a.com=al@b.com, a.com=b.com``: Slack's address or domain -> Focus's, in small letters."""
    if isinstance(value, dict):
        return value
    aliases: dict[str, str] = {}
    for number, item in enumerate(_items(re.sub(r"\s*=\s*", "=", value.lower())), start=1):
        sides = [side.removeprefix("@") for side in item.split("=")]
        if len(sides) != 2 or not all(re.fullmatch(r"([^@]+@)?[^@.]+(\.[^@.]+)+", side) for side in sides):
            raise ValueError(
                f"must look like a.com=b.com or ana@a.com=al@b.com; the {_ordinal(number)} entry does not"
            )
        slack, focus = sides
        if ("@" in slack) != ("@" in focus):
            raise ValueError(
                f"joins an address with a domain in the {_ordinal(number)} entry: use two of a kind"
            )
        if slack in aliases:
            raise ValueError(f"names one address twice: see the {_ordinal(number)} entry")
        aliases[slack] = focus
    return aliases
