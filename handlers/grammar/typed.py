"""Split typed text into words and named subjects: the first step of the grammar.

Slack sends mentions as ``<@U123|ana>`` and escapes ``&``, ``<`` and ``>``
(https://docs.slack.dev/messaging/formatting-message-text); phones and word processors turn quotes and
dashes into typographic ones. The other modules compare words in plain lower case, and get names as typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from handlers.asked import Channel, Ghost, Group, Here, Mention, Quoted, SubjectRef, UnescapedMention

__all__ = [
    "TIME_OFF",
    "Word",
    "escaped",
    "normalised",
    "polite",
    "quoted",
    "scan",
    "speaks_of_time_off",
    "unescaped",
    "unmarked",
]

_QUOTES: Final = '"“”„‟«»＂'
_INVISIBLE: Final = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff\ufe0f"
)
_PLAIN: Final = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
    | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
    | dict.fromkeys("‘’‚‛′", "'")
    | dict.fromkeys(_INVISIBLE, "")
)

_COURTESY: Final = re.compile(
    r"(?<![\s.!…])(?:[\s.!…]|\b(?:please|pls|thanks|thank you|ok|okay)\b)+$", re.IGNORECASE
)
_REQUEST: Final = re.compile(r"^\s*(?:please\b[\s,]*)+", re.IGNORECASE)

_QUOTED: Final = rf"[{_QUOTES}](?P<quoted>[^{_QUOTES}]*)[{_QUOTES}]"
_SINGLE: Final = r"(?<![^\s,(])['‘‚](?P<single>[^'‘’]+)['’‘](?!\w)"
_MARKS: Final = re.compile(
    rf"(?P<kept><[^<>]*>|{_QUOTED}|{_SINGLE})|[`*]+|(?<!\w)_+|_+(?!\w)|^(?:\s|>|&gt;|•)+"
)

_TOKEN: Final = re.compile(
    rf"""
      <@(?P<user>[UW][A-Z0-9]+)(?:\|(?P<user_label>[^<>]*))?>
    | <!subteam\^(?P<group>S[A-Z0-9]+)(?:\|(?P<group_label>[^<>]*))?>
    | <\#(?P<channel>[CDG][A-Z0-9]+)(?:\|(?P<channel_label>[^<>]*))?>
    | <!(?P<here>here|channel|everyone)(?:\|[^<>]*)?>
    | <(?P<link>[^<>|]+)(?:\|(?P<link_label>[^<>]*))?>         # Slack links what looks like an address
    | {_QUOTED}
    | {_SINGLE}
    | @(?P<plain_here>(?i:here|channel|everyone))\b
    | @(?P<plain>[^\s,;:!?<>@{_QUOTES}]+)
    | (?i:ghost)\s*:\s*(?P<ghost>[0-9]{{1,18}})\b
    | (?P<word>[^\s<>`*{_QUOTES}]+)
    | (?P<stray>[<>{_QUOTES}])
    """,
    re.VERBOSE,
)


_TIME_OFF: Final = frozenset(
    {"vacation", "vacations", "holiday", "holidays", "sick", "ill", "leave", "pto", "absent", "absence"}
    | {"urlaub", "ferien", "krank", "vacances", "vacaciones", "ferie"}
)
TIME_OFF: Final = (
    "Time off, such as vacation or sick leave, is kept in Toggl Focus, not here."
    " Here you change working hours, for good or for a while: set fri off until next fri."
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word without spaces, as typed and in the normalised form that the grammar compares."""

    typed: str

    @property
    def plain(self) -> str:
        """The word in lower case with plain apostrophes and dashes."""
        return normalised(self.typed)

    @property
    def is_open_quote(self) -> bool:
        """Whether this is a quotation mark without its partner, or nothing but apostrophes."""
        return self.typed in _QUOTES or set(self.plain) == {"'"}


def normalised(text: str) -> str:
    """Convert to lower case, plain dashes and apostrophes, and single spaces; drop invisible characters."""
    return " ".join(text.translate(_PLAIN).lower().split())


def speaks_of_time_off(text: str) -> bool:
    """Whether one of the words is about vacation or illness."""
    return not _TIME_OFF.isdisjoint(re.findall(r"[a-z]+", normalised(text)))


def unescaped(text: str) -> str:
    """Undo Slack's escaping and collapse spaces."""
    plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return " ".join(plain.split())


def escaped(text: str) -> str:
    """Escape as Slack does; the inverse of :func:`unescaped`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(name: str) -> str:
    """The name in quotes, as :func:`scan` understands it; one with quotes in it was typed in apostrophes."""
    mark = '"' if set(_QUOTES).isdisjoint(name) else "'"
    return f"{mark}{escaped(name)}{mark}"


def polite(text: str) -> str:
    """Remove *please*, *thanks* and *ok*, and a full stop or exclamation mark at the end."""
    return _REQUEST.sub("", _COURTESY.sub("", text)).strip()


def unmarked(text: str) -> str:
    """Remove the markup of code, bold, italics, block quotes and bullets, except inside quoted names.

    Strikethrough is kept, so that a line that was struck out is not carried out.
    """
    return _MARKS.sub(lambda found: found["kept"] or " ", text).strip()


def scan(text: str) -> tuple[Word | SubjectRef, ...]:
    """The words and subjects of a text, in order; only spaces, back-ticks and asterisks are dropped."""
    return tuple(token for match in _TOKEN.finditer(text) for token in _tokens(match))


def _tokens(match: re.Match[str]) -> tuple[Word | SubjectRef, ...]:
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    match match.lastgroup and next(iter(found.items())):
        case "user", user_id:
            return (Mention(user_id, _label(found)),)
        case "group", group_id:
            return (Group(group_id, _label(found)),)
        case "channel", channel_id:
            return (Channel(channel_id, _label(found)),)
        case "here" | "plain_here", word:
            return (Here(word.lower()),)
        case "quoted" | "single", name:
            return (Quoted(unescaped(name)),)
        case "ghost", number:
            return (Ghost(int(number)),)
        case "plain", name:
            return (UnescapedMention(re.sub(r"['’]s$", "", unescaped(name)).rstrip(".")),)
        case "link", target:
            return tuple(map(Word, unescaped(found.get("link_label") or target).split()))
        case _:
            return tuple(map(Word, unescaped(match[0]).split()))


def _label(found: dict[str, str]) -> str:
    """The label of ``<@U123|ana>``, without a leading ``@`` or ``#``."""
    return next((unescaped(value).lstrip("@#") for name, value in found.items() if "label" in name), "")
