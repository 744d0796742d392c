"""Recognise times of day and dates in a typed pattern, so that they are refused with a reason.

Focus stores hours per weekday, not times such as 9 to 17, so their length is suggested instead. A date
that is still in a pattern could not be parsed; the change is never made without it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["first_date", "lacks_year", "last_opening", "without_times"]

_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_DATE_GOES_ON: Final = rf"st\b|nd\b|rd\b|th\b|\.?\s?(?:of\s)?{_MONTH}"
"""What makes a date of the number before it: ``until 31 aug``."""

_TIME: Final = (
    r"(?P<{0}_hour>[0-9]{{1,2}})(?:[:.](?P<{0}_minute>[0-9]{{2}}))?\s?(?P<{0}_half>am|pm)?(?:\s?(?:h|uhr)\b)?"
)
_RANGE: Final = re.compile(
    r"(?<![0-9.,:/-])(?:\b(?:from|between)\s)?"
    + _TIME.format("start")
    + r"\s?(?:-|\bto\b|\buntil\b|\btill?\b|\band\b|\.\.+)\s?"
    + _TIME.format("end")
    + rf"(?![0-9/:-]|\.[0-9]|{_DATE_GOES_ON})"
)
_DAY: Final = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_SINCE: Final = (
    r"\b(?:starting(?:\s(?:from|on))?|from|until|till?|since|as\sof|by|before|after|effective|through)\s"
)
_CLOCK: Final = re.compile(
    rf"""
      (?<![0-9.,:])[0-9]{{1,2}}(?::[0-9]{{2}})?\s?(?:am|pm|uhr)\b
    | \b(?:(?:from|until|till?|through|thru)\s[0-9]{{1,2}}(?::[0-9]{{2}})? | at\s[0-9]{{1,2}}:[0-9]{{2}})
      (?![0-9:./-]|\s?h|{_DATE_GOES_ON})
    """,
    re.VERBOSE,
)
_DATE: Final = re.compile(
    rf"""
    (?:{_SINCE}|\b(?:on|to|in)\s)?(?:the\s)?(?:
        [0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}
      | \b[0-9]{{1,2}}(?P<mark>[./-])[0-9]{{1,2}}(?P=mark)[0-9]{{2,4}}\b
      | \b[0-9]{{1,2}}(?:st|nd|rd|th|\.)?\s(?:of\s)?{_MONTH}(?:,?\s[0-9]{{4}}\b)?
      | \b{_MONTH}(?:\s[0-9]{{1,2}}(?:st|nd|rd|th)?\b)?(?:,?\s[0-9]{{4}}\b)?
      | \b(?:next|this|last|coming)\s(?:weeks?|months?|years?|{_DAY})
      | \b(?:today|tomorrow|yesterday|tonight|temporarily)\b
      | (?<!\ba\s)\b(?:week|kw)\s[0-9]{{1,2}}\b
      | \b(?:for|in)\s(?:[0-9]+|an?|one|two|three|four)\s(?:days?|weeks?|months?|years?)\b
    )
    | {_SINCE}[0-9]{{1,2}}[./][0-9]{{1,2}}\b\.?
    | \b(?:until|till?|since|before|after|by)\s{_DAY}
    """,
    re.VERBOSE,
)


_NAMES_MONTH: Final = re.compile(rf"\b{_MONTH}")
_YEAR: Final = re.compile(r"[0-9]{4}")
_OPENING_AT_THE_END: Final = re.compile(_SINCE.removesuffix(r"\s") + r"$")


def last_opening(text: str) -> str:
    """The ``from`` or ``until`` at the end of a text; empty if there is none."""
    found = _OPENING_AT_THE_END.search(text)
    return found[0] if found else ""


def lacks_year(phrase: str) -> bool:
    """Whether a date phrase names a month, but no year: ``from 1 aug``."""
    return bool(_NAMES_MONTH.search(phrase)) and not _YEAR.search(phrase)


def without_times(text: str) -> str | None:
    """The text with ``9-17`` replaced by its length, ``8:00``; ``None`` if it has no time of day."""
    if _RANGE.search(text):
        return _RANGE.sub(_length, text)
    return _CLOCK.sub("", text).strip() if _CLOCK.search(text) else None


def first_date(text: str) -> tuple[str, str] | None:
    """The first date phrase, such as ``from 2027-01-01`` or ``next week``, and the text without it."""
    found = _DATE.search(text)
    if found is None:
        return None
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    return found[0].strip(), " ".join(rest.split()).strip(" ,")


def _length(match: re.Match[str]) -> str:
    start, end = (_minutes(match, side) for side in ("start", "end"))
    if end <= start:  # 9-5 is until five in the afternoon, 22-6 until the next morning
        end += 12 * 60 if end + 12 * 60 > start else 24 * 60
    length = end - start
    return f"{length // 60}:{length % 60:02}" if 0 < length <= 24 * 60 else ""


def _minutes(match: re.Match[str], side: str) -> int:
    """Minutes since midnight."""
    hour, minute = int(match[f"{side}_hour"]), int(match[f"{side}_minute"] or 0)
    if half := match[f"{side}_half"]:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour * 60 + minute
