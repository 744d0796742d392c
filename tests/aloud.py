"""What a screen reader says of a message: its ``text`` alone. What only the blocks show is not said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any

__all__ = ["unsaid"]

_WORD = re.compile(r"<[@#!][^>]*>|[^\W_]+(?:[.,:’'-][^\W_]+)*")
_EMOJI = re.compile(r":[a-z_]+:")
NOT_SET = "–"
_HEADING = re.compile(r"^\*[^*]*\*$|^\*[^*]*\*(?=[ :])|\b[0-9]+ people\b", re.MULTILINE)
_CUT = re.compile(r"\bAnd [0-9]+ more\.")
_UNSAID = {"act", "toggl", "focus"}
_HOURS = r"\d[\d:.,]* h|off|not set"


def unsaid(text: str, blocks: Sequence[dict[str, Any]], *, reader: str) -> list[str]:
    """What the blocks show, on buttons and in menus apart, and ``text`` does not say.

    Of a table of weeks each day's hours are looked for, however days are put together in a sentence; a
    day that is not set goes without saying. So do headings, and how many there are in a list of people;
    a text that was too long says that more are named, or that there is more.
    """
    if text.endswith("And more."):
        return []
    said = {*_words(text), *_UNSAID, f"<@{reader}>".casefold()}
    if _CUT.search(text):
        said |= {word for shown in _shown(list(blocks)) for word in _words(shown) if word.startswith("<@")}
    missing: list[str] = []
    for block in blocks:
        if block["type"] == "header":
            continue
        if block["type"] == "table" and (days := _days(block)):
            missing += _unsaid_hours(text, days, block["rows"][1:])
        else:
            missing += [
                word
                for shown in _shown(block)
                for word in _words(_HEADING.sub("", shown))
                if word not in said
            ]
    return missing


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(_EMOJI.sub(" ", unescape(text))):
        yield word.casefold()


def _shown(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _shown(each)
    elif isinstance(value, dict):
        if value.get("type") in {"actions", "button", "static_select", "users_select", "datepicker"}:
            return
        if isinstance(value.get("text"), str):
            yield value["text"]
        yield from _shown([each for each in value.values() if isinstance(each, dict | list)])


# ------------------------------------------------------------------ tables of weeks


def _days(table: dict[str, Any]) -> list[str]:
    """The names of the seven days above a table of weeks; none above another table."""
    head = ["".join(_shown(cell)) for cell in table["rows"][0]]
    return head[1:8] if len(head) == 9 and all(name.isalpha() for name in head[1:]) else []


def _unsaid_hours(text: str, days: list[str], rows: Sequence[Any]) -> list[str]:
    said = _said_hours(text, days)
    missing = []
    for row in rows:
        name, *hours, total = ("".join(_shown(cell)) for cell in row)
        missing += [
            f"{name}: {day} {shown}"
            for day, shown in zip(days, hours, strict=True)
            if shown != NOT_SET and (day, f"{shown} h".replace("off h", "off")) not in said
        ]
        missing += [] if total in text else [f"{name}: {total} in all"]
    return missing


def _said_hours(text: str, days: list[str]) -> set[tuple[str, str]]:
    """``Mon–Tue 8 h → off`` is each of both days with 8 h and with off; ``Fri 8 h and 4 h → 4 h`` also."""
    day = "|".join(map(re.escape, days))
    group = rf"(?:{day})(?:–(?:{day}))?"
    said = set()
    told = rf"((?:{group})(?:, {group})*) ({_HOURS})(?: and ({_HOURS}))?(?: → ({_HOURS}))?"
    for found in re.finditer(told, text):
        for first, last in re.findall(rf"({day})(?:–({day}))?", found[1]):
            every = _range(days, first, last or first)
            said |= {(each, hours) for each in every for hours in found.groups()[1:]}
    return said


def _range(days: list[str], first: str, last: str) -> list[str]:
    begin = days.index(first)
    return [days[(begin + step) % 7] for step in range((days.index(last) - begin) % 7 + 1)]
