"""Parse the parts of a reminder line that are recognised by their form: zone, kind, time of day, city."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Final, Literal

from handlers.asked import Asked, Problem, Reminding, SubjectRef, Verb
from handlers.grammar.day_words import begins_with_days
from handlers.grammar.named import problem
from handlers.grammar.zones import is_abbreviation, zones_like, zones_named
from store.reminders import ReminderKind, Span

__all__ = [
    "DAY",
    "FORM",
    "WEEK",
    "ReminderLine",
    "read_city",
    "read_kind",
    "read_time",
    "read_zone",
]

DAY: Final = "day"
WEEK: Final = "week"
FORM: Final = "form"
"""The word that opens the form, whatever else is typed."""

_CLOCK: Final = re.compile(
    r"(?<![\w:./+-])(?:(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2}))?"
    r"(?:\s?(?P<half>am|pm|a\.m|p\.m)\b\.?)?(?:\s?(?:h|uhr|o'clock)(?!\w))?|noon)(?![\w:/]|[.-]\w)"
)
_FROM_TO: Final = re.compile(
    r"(?<![\w.,:/-])[0-9]{1,2}(?:[:.][0-9]{2})?\s?(?:am|pm)?\s?(?:-|to|until|till)\s?[0-9]{1,2}(?![0-9]*-)"
)
_KIND: Final = re.compile(
    r"\b(?:check(?:s|-?up|-?in)?|(?P<board>boards?)(?:\s(?:(?:of|for|the|this)\s)*(?P<span>day|today|week))?)"
    r"(?![\w-])"
)
_ZONE: Final = re.compile(r"(?<![\w/])(?:[a-z][a-z_+-]*(?:/[a-z0-9_+-]+)+|utc)(?![\w/+-])")


@dataclass(slots=True)
class ReminderLine:
    """A reminder line being parsed: the remaining text, and what has been found so far."""

    whole: str
    read: Callable[[ReminderLine], Asked]
    """Parses a whole line; a repair is only suggested if this understands it."""
    subjects: tuple[SubjectRef, ...] = ()
    left: str = ""
    found: Reminding = field(default_factory=Reminding)
    is_repair: bool = False

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Remove all matches from the remaining text and return them."""
        matches = list(pattern.finditer(self.left))
        self.left = pattern.sub(" ", self.left)
        return matches

    def without(self, word: str, instead: str = "") -> str:
        """The whole text with the first occurrence of a word replaced."""
        return " ".join(self.whole.replace(word, instead, 1).split())

    def says(self, word: str, others: Iterable[str]) -> str:
        """The whole text with only one of several alternative pieces left in it."""
        text = self.whole
        for other in others:
            if other != word:
                text = text.replace(other, " ", 1)
        return " ".join(text.split())

    def asked(self) -> Asked:
        """The parsed command; it opens the form if a board's line does not say on which days."""
        whole = self.found.rule is not None or self.found.kind is ReminderKind.CHECK
        return Asked(Verb.REMIND, self.subjects, action="" if whole else FORM, reminding=self.found)

    def problem(self, sentence: str, *repairs: str) -> Problem:
        """Build a problem with a button for each repair that can be parsed, else one that opens the form."""
        meant: list[Asked] = []
        for repair in () if self.is_repair else repairs:
            with suppress(Problem):
                meant.append(self.read(ReminderLine(repair, self.read, self.subjects, is_repair=True)))
        form = Asked(Verb.REMIND, self.subjects, action=FORM, reminding=replace(self.found))
        return problem(sentence, Verb.REMIND, *(meant or [form]))


def read_zone(line: ReminderLine) -> None:
    """Take a time zone's full name, such as ``Europe/Berlin``, out of the line."""
    zones: dict[str, str] = {}
    for match in _ZONE.finditer(line.whole):
        word = match[0]
        if all(begins_with_days(part) for part in word.split("/")):
            continue  # days, such as mon/wed
        line.left = line.left.replace(word, " ", 1)
        if not (known := zones_named(word)):
            near = (line.without(word, zone.lower()) for zone in zones_like(word))
            raise line.problem(f"I don’t know the time zone “{word}”.", *near)
        zones[known[0]] = word
    if len(zones) > 1:
        each = (line.says(word, zones.values()) for word in zones.values())
        raise line.problem("A reminder has one time zone. Which?", *each)
    line.found = replace(line.found, zone=next(iter(zones), ""))


def read_kind(line: ReminderLine) -> None:
    """Take the kind out of the line: a check, or a board and the span it shows."""
    kinds: dict[tuple[ReminderKind, Span | Literal[""]], str] = {}
    for match in line.take(_KIND):
        span: Span = WEEK if match["span"] == WEEK else DAY
        kinds[(ReminderKind.BOARD, span) if match["board"] else (ReminderKind.CHECK, "")] = match[0]
    if len(kinds) > 1:
        each = (line.says(word, kinds.values()) for word in kinds.values())
        raise line.problem("One reminder does one thing. Which?", *each)
    for kind, shows in kinds:
        line.found = replace(line.found, kind=kind, span=shows)


def read_time(line: ReminderLine) -> None:
    """Take the one time of day out of the line."""
    if both := _FROM_TO.search(line.left):
        raise line.problem(f"A reminder has one time, not “{both[0]}”.")
    times: dict[time, str] = {}
    for match in line.take(_CLOCK):
        at = _time(match)
        if at is None:
            raise line.problem(f"“{match[0]}” is not a time of day. Write it as 9:00, 17:30 or 5 pm.")
        times[at] = match[0]
    if len(times) > 1:
        each = (line.says(word, times.values()) for word in times.values())
        raise line.problem("A reminder has one time. Which?", *each)
    line.found = replace(line.found, at=next(iter(times), None))


def _time(match: re.Match[str]) -> time | None:
    if match["hour"] is None:
        return time(12)
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "")[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_city(line: ReminderLine) -> None:
    """Take a city, such as ``berlin`` or ``new york``, out of the line and use its zone."""
    words = line.left.split()
    spans = ((start, start + size) for size in (3, 2, 1) for start in range(len(words) - size + 1))
    for start, end in spans:
        place = " ".join(words[start:end]).strip(",.;")
        if begins_with_days(place):
            continue
        if is_abbreviation(place):
            raise line.problem(
                f"“{place.upper()}” is not a place, so I can’t tell its daylight saving time. Name the"
                " zone, such as Europe/Berlin, or by a city.",
                f"{FORM} {line.without(place)}",
            )
        zones = dict.fromkeys((*filter(None, [line.found.zone]), *zones_named(place)))
        if not zones_named(place):
            continue
        if len(zones) > 1:
            rest = line.without(line.found.zone.lower()).replace(place, " ", 1)
            raise line.problem("Which time zone?", *(f"{rest} {zone.lower()}" for zone in zones))
        line.left = " ".join(words[:start] + words[end:])
        line.found = replace(line.found, zone=next(iter(zones)))
        return
