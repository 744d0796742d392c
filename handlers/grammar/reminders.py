"""``remind [#channel] [@group] <when> [9:00] [Europe/Berlin] [check | board [day | week]]``.

The pieces may stand in any order and be left out; no word is passed over. Whatever can be told by its form
is taken out of the text, one kind after the other; what remains must be days of the week.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Final

from handlers.asked import (
    Asked,
    Channel,
    Group,
    Here,
    Problem,
    Reminding,
    SubjectRef,
    UnescapedMention,
    Verb,
)
from handlers.grammar.day_words import Unclear, begins_with_days, parts_of
from handlers.grammar.named import MYSELF, problem
from handlers.grammar.typed import Word, normalised, scan
from handlers.grammar.when import first_date
from handlers.grammar.zones import is_abbreviation, zones_like, zones_named
from store.rules import MonthlyWeekday, MonthlyWorkday, Rule, Weekly
from store.week import ALL_DAYS, WORKWEEK

__all__ = ["BOARD", "CHECK", "DAY", "FORM", "WEEK", "read_remind", "read_reminders", "read_rule"]

CHECK: Final = "check"
BOARD: Final = "board"
DAY: Final = "day"
WEEK: Final = "week"
FORM: Final = "form"
"""The word that asks for the form, whatever else is said."""

_NTH: Final = {
    name: nth
    for nth, names in {
        1: "first 1st", 2: "second 2nd", 3: "third 3rd", 4: "fourth 4th", 5: "fifth 5th", -1: "last",
    }.items()
    for name in names.split()
}  # fmt: skip
_DAY_NAMES: Final = {
    name: day
    for day in ALL_DAYS
    for full in (day.name.lower(),)
    for name in (f"{full}s", full, full[:3], full[:2])
}
_ORDINAL: Final = rf"(?:{'|'.join(_NTH)}|[0-9]+(?:st|nd|rd|th))"
_MONTHLY: Final = re.compile(
    rf"\b(?P<nth>{_ORDINAL})\b(?P<more>(?:\s?(?:,|&|/|\band\b)\s?(?:the\s)?{_ORDINAL}\b)+)?"
    r"(?:\s(?P<workday>(?:work(?:ing)?|business|week)[\s-]?days?)\b"
    rf"|\s(?P<day>{'|'.join(_DAY_NAMES)})\b|\s(?:days?|weeks?)\b)?"
    r"(?:\s(?:of|in)\s(?:(?:the|each|every|a)\s)?months?\b)?"
)
_RARE: Final = re.compile(
    r"\b(?:(?:bi-?weekly|fortnightly|(?:bi-?)?monthly|quarterly|yearly|annually|hourly|weekly)\b"
    r"|(?<!of\s)(?<!in\s)(?:every|each|once an?)\s"
    rf"(?:(?:other|two|three|four|[0-9]+|{_ORDINAL})\s)?(?:months?|weeks?|hours?)\b"
    rf"|every\s(?:other|two|three|four|[0-9]+|(?!first|1st|last){_ORDINAL})\s\w+\b(?!\s(?:of|in)\b))"
)
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
_FORM: Final = re.compile(r"(?<![\w-])form(?![\w-])")
_ZONE: Final = re.compile(r"(?<![\w/])(?:[a-z][a-z_+-]*(?:/[a-z0-9_+-]+)+|utc)(?![\w/+-])")
_FILLING: Final = re.compile(
    r"(?<![\w-])(?:every(?!\s?day)|each|on|at|in|of|the|a|for|with|post|please|channel|time|zone|timezone"
    r"|(?<!\w\s)to)(?![\w-])"
)


@dataclass(slots=True)
class _Line:
    """The text still to be read, and what has been found in it."""

    whole: str
    subjects: tuple[SubjectRef, ...] = ()
    left: str = ""
    found: Reminding = field(default_factory=Reminding)
    is_repair: bool = False

    def take(self, pattern: re.Pattern[str]) -> list[re.Match[str]]:
        """Every match, once the text is without them."""
        matches = list(pattern.finditer(self.left))
        self.left = pattern.sub(" ", self.left)
        return matches

    def without(self, word: str, instead: str = "") -> str:
        """The whole text with something else in the place of a word."""
        return " ".join(self.whole.replace(word, instead, 1).split())

    def says(self, word: str, others: Iterable[str]) -> str:
        """The whole text with one of several pieces left in it."""
        text = self.whole
        for other in others:
            if other != word:
                text = text.replace(other, " ", 1)
        return " ".join(text.split())

    def asked(self) -> Asked:
        """The command, with the form where the line does not say when."""
        whole = self.found.rule is not None or self.found.kind == CHECK
        return Asked(Verb.REMIND, self.subjects, action="" if whole else FORM, reminding=self.found)

    def problem(self, sentence: str, *repairs: str) -> Problem:
        """The problem, with a button for each text that would be understood."""
        meant: list[Asked] = []
        for repair in () if self.is_repair else repairs:
            with suppress(Problem):
                meant.append(_read(_Line(repair, self.subjects, is_repair=True)))
        form = Asked(Verb.REMIND, self.subjects, action=FORM, reminding=replace(self.found))
        return problem(sentence, Verb.REMIND, *(meant or [form]))


def read_remind(text: str) -> Asked:
    """A reminder in one line, or as far as the line says it: the form asks for the rest.

    Raises:
        Problem: a word means nothing here, or something is said twice.
    """
    tokens = scan(text)
    line = _Line(normalised(" ".join(token.typed for token in tokens if isinstance(token, Word))))
    line.subjects = _places(line, [token for token in tokens if not isinstance(token, Word)])
    return _read(line)


def read_rule(text: str) -> Rule:
    """What the form's field says: ``weekdays``, ``first workday``, ``2nd tue``.

    Raises:
        Problem: its sentence stands beside the field.
    """
    found = _read(_Line(normalised(text))).reminding
    if found is None or found.rule is None:
        raise Problem("On which days? Write mon, or weekdays, first workday, 2nd tue.")
    if found != Reminding(found.rule):
        raise Problem("Only the days stand here: the rest has fields of its own.")
    return found.rule


def read_reminders(text: str) -> Asked:
    """``reminders [#channel]``.

    Raises:
        Problem: there is more in it.
    """
    tokens = scan(text)
    channels = tuple(token for token in tokens if isinstance(token, Channel))
    if len(channels) > 1 or len(channels) < len(tokens):
        raise problem(
            "Reminders are listed for one #channel, or all of them.", Verb.REMINDERS, Asked(Verb.REMINDERS)
        )
    return Asked(Verb.REMINDERS, channels)


# ------------------------------------------------------------------ piece by piece


def _read(line: _Line) -> Asked:
    line.left = line.whole
    form = line.take(_FORM)
    _read_zone(line)
    _read_kind(line)
    monthly = _read_monthly(line)
    _read_time(line)
    line.left = _FILLING.sub(" ", line.left)
    _read_city(line)
    _read_days(line, monthly)
    return replace(line.asked(), action=FORM) if form else line.asked()


def _places(line: _Line, named: list[SubjectRef]) -> tuple[SubjectRef, ...]:
    """The channel and the group, at most one of each, the channel first."""
    places = tuple(dict.fromkeys(each for each in named if isinstance(each, Channel | Group)))
    kinds = {type(place) for place in places}
    if len(kinds) < len(places):
        raise line.problem("One #channel and one @group at most: make a reminder for each.")
    line.subjects = tuple(sorted(places, key=lambda place: isinstance(place, Group)))
    if hashed := re.search(r"(?<!\w)#[\w-]+", line.whole):
        raise line.problem(
            f"Slack did not tell me which channel “{hashed[0]}” is. Pick it from Slack’s list, or in"
            " the form."
        )
    for strange in named:
        match strange:
            case Here():
                raise line.problem(
                    "A reminder names only the people concerned, never @here. Name a #channel, or a @group.",
                    line.whole,
                )
            case UnescapedMention(name=name):
                raise line.problem(
                    f"Slack did not tell me who “@{name}” is. Pick the group from Slack’s list, or in"
                    " the form."
                )
    words = set(re.findall(r"[\w']+", line.whole))
    if len(set(named)) > len(places) or MYSELF & words:
        alone = " ".join(word for word in line.whole.split() if word not in MYSELF)
        raise line.problem(
            "A reminder is posted in a #channel, for whoever is in it or for a @group: not to one person.",
            alone,
        )
    return line.subjects


def _read_zone(line: _Line) -> None:
    zones: dict[str, str] = {}
    for match in _ZONE.finditer(line.whole):
        word = match[0]
        if all(begins_with_days(part) for part in word.split("/")):
            continue  # mon/wed
        line.left = line.left.replace(word, " ", 1)
        if not (known := zones_named(word)):
            near = (line.without(word, zone.lower()) for zone in zones_like(word))
            raise line.problem(f"I don't know the time zone “{word}”.", *near)
        zones[known[0]] = word
    if len(zones) > 1:
        each = (line.says(word, zones.values()) for word in zones.values())
        raise line.problem("A reminder has one time zone. Which?", *each)
    line.found = replace(line.found, zone=next(iter(zones), ""))


def _read_kind(line: _Line) -> None:
    kinds: dict[tuple[str, str], str] = {}
    for match in line.take(_KIND):
        span = WEEK if match["span"] == WEEK else DAY
        kinds[(BOARD, span) if match["board"] else (CHECK, "")] = match[0]
    if len(kinds) > 1:
        each = (line.says(word, kinds.values()) for word in kinds.values())
        raise line.problem("One reminder does one thing. Which?", *each)
    for kind, span in kinds:
        line.found = replace(line.found, kind=kind, span=span)


def _read_monthly(line: _Line) -> Rule | None:
    if rare := _RARE.search(line.left):
        raise _rare(line, rare[0])
    rules: dict[Rule, str] = {}
    for match in line.take(_MONTHLY):
        nth, typed = _NTH.get(match["nth"]), match[0].strip()
        if match["more"]:
            raise line.problem(f"“{typed}” makes two reminders: one for each.")
        if match["day"] and nth:
            rules[MonthlyWeekday(nth, _DAY_NAMES[match["day"]])] = typed
        elif match["workday"] and nth in (1, -1):
            rules[MonthlyWorkday(last=nth == -1)] = typed
        else:
            ways = (line.without(typed, f"{way} workday") for way in ("first", "last"))
            raise line.problem(
                f"Which day is “{typed}”? Of a month I know the first and the last working day, and weekdays"
                " such as 2nd tue or last fri.",
                *ways,
            )
    if len(rules) > 1:
        each = (line.says(word, rules.values()) for word in rules.values())
        raise line.problem("One day of the month for one reminder. Which?", *each)
    return next(iter(rules), None)


def _rare(line: _Line, typed: str) -> Problem:
    days = ("mon", "fri", "weekdays") if "week" in typed else ("first workday", "last workday")
    nth = re.search(rf"{_ORDINAL}\s\w+$", typed)
    offered = [f"{nth[0]} of the month"] if nth else []
    return line.problem(
        f"I can't do “{typed}”. I know days of the week, such as mon or weekdays, and one of a month, such as"
        " first workday, 2nd tue or last fri.",
        *(line.without(typed, each) for each in (*offered, *days)),
    )


def _read_time(line: _Line) -> None:
    if both := _FROM_TO.search(line.left):
        raise line.problem(f"A reminder has one time, not “{both[0]}”.")
    times: dict[time, str] = {}
    for match in line.take(_CLOCK):
        at = _time(match)
        if at is None:
            raise line.problem(f"“{match[0]}” is no time of day. Write it as 9:00, 17:30 or 5 pm.")
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


def _read_city(line: _Line) -> None:
    """``berlin`` or ``new york``, for the zone of that place."""
    words = line.left.split()
    spans = ((start, start + size) for size in (3, 2, 1) for start in range(len(words) - size + 1))
    for start, end in spans:
        place = " ".join(words[start:end]).strip(",.;")
        if begins_with_days(place):
            continue
        if is_abbreviation(place):
            raise line.problem(
                f"“{place.upper()}” is no place, so I could not follow its clock changes. Name the zone as"
                " Europe/Berlin, or by a city.",
                line.without(place),
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


def _read_days(line: _Line, monthly: Rule | None) -> None:
    """What remains: days of the week, or nothing."""
    text = " ".join(line.left.split()).strip(" ,;.!?")
    line.found = replace(line.found, rule=monthly)
    if first_date(text):
        raise line.problem("A reminder comes again and again, so it takes no single date. Name its days.")
    try:
        parts = parts_of(text)
    except Unclear as unclear:
        repairs = (line.without(text, repair) for repair in unclear.repairs)
        raise line.problem(unclear.sentence, *repairs) from None
    if strange := next((part for part in parts if not part.is_days), None):
        raise line.problem(
            f"I can't tell what “{strange.text}” means in a reminder. A time is written as 9:00."
        )
    named = {day for part in parts for day in (WORKWEEK if part.days is None else part.days)}
    if not named:
        return
    if monthly:
        raise line.problem("Every week, or once a month? Make one reminder for each.")
    line.found = replace(line.found, rule=Weekly(tuple(sorted(named))))
