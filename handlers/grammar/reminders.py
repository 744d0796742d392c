"""Parse ``remind [#channel] [@group] <when> [9:00] [Europe/Berlin] [check | board [day | week]]``.

The parts may come in any order and may be omitted, but no word is ignored. Parts recognised by their form
are taken out of the text one kind after the other; the remaining text must be days of the week.
"""

from __future__ import annotations

import re
from dataclasses import replace
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
from handlers.grammar.day_words import begins_with_days, parts_of
from handlers.grammar.named import MYSELF, problem
from handlers.grammar.pieces import FORM, ReminderLine, read_city, read_kind, read_time, read_zone
from handlers.grammar.typed import Word, normalised, scan
from handlers.grammar.unclear import Unclear
from handlers.grammar.when import first_date
from store.reminders import MonthlyWeekday, MonthlyWorkday, Rule, Weekly
from store.week import ALL_DAYS, WORKWEEK

__all__ = ["read_remind", "read_reminders", "read_rule"]

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
_FORM: Final = re.compile(r"(?<![\w-])form(?![\w-])")
_FILLING: Final = re.compile(
    r"(?<![\w-])(?:every(?!\s?day)|each|on|at|in|of|the|a|for|with|post|please|channel|time|zone|timezone"
    r"|(?<!\w\s)to)(?![\w-])"
)
_JOINTS: Final = frozenset({"and", "between", "from", "through", "thru", "till", "to", "until"})


def read_remind(text: str) -> Asked:
    """Parse a reminder line; it may be incomplete, then the form asks for the rest.

    Raises:
        Problem: a word is not understood, or something is given twice.
    """
    tokens = scan(text)
    line = ReminderLine(
        normalised(" ".join(token.typed for token in tokens if isinstance(token, Word))), _read
    )
    line.subjects = _places(line, [token for token in tokens if not isinstance(token, Word)])
    return _read(line)


def read_rule(text: str) -> Rule:
    """Parse the form's field for days: ``weekdays``, ``first workday``, ``2nd tue``.

    Raises:
        Problem: it cannot be understood; the sentence is shown beside the field.
    """
    found = _read(ReminderLine(normalised(text), _read)).reminding
    if found is None or found.rule is None:
        raise Problem("On which days? Write mon, or weekdays, first workday, 2nd tue.")
    if found != Reminding(found.rule):
        raise Problem("Only the days go here: the rest has its own fields.")
    return found.rule


def read_reminders(text: str) -> Asked:
    """Parse ``reminders [#channel]``.

    Raises:
        Problem: anything but one channel follows.
    """
    tokens = scan(text)
    channels = tuple(token for token in tokens if isinstance(token, Channel))
    if len(channels) > 1 or len(channels) < len(tokens):
        raise problem(
            "Reminders are listed for one #channel, or all of them.", Verb.REMINDERS, Asked(Verb.REMINDERS)
        )
    return Asked(Verb.REMINDERS, channels)


# ------------------------------------------------------------------ piece by piece


def _read(line: ReminderLine) -> Asked:
    line.left = line.whole
    form = line.take(_FORM)
    read_zone(line)
    read_kind(line)
    monthly = _read_monthly(line)
    read_time(line)
    line.left = _FILLING.sub(" ", line.left)
    read_city(line)
    _read_days(line, monthly)
    return replace(line.asked(), action=FORM) if form else line.asked()


def _places(line: ReminderLine, named: list[SubjectRef]) -> tuple[SubjectRef, ...]:
    """The channel and the user group, at most one of each, channel first.

    Raises:
        Problem: there are more, or other subjects, or a name that Slack did not resolve.
    """
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
                    f"{FORM} {line.whole}",
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
            "A reminder is posted in a #channel, for everybody in it or for a @group, not to one person.",
            f"{FORM} {alone}",
        )
    return line.subjects


def _read_monthly(line: ReminderLine) -> Rule | None:
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


def _rare(line: ReminderLine, typed: str) -> Problem:
    days = ("mon", "fri", "weekdays") if "week" in typed else ("first workday", "last workday")
    nth = re.search(rf"{_ORDINAL}\s\w+$", typed)
    offered = [f"{nth[0]} of the month"] if nth else []
    return line.problem(
        f"I can’t do “{typed}”. I know days of the week, such as mon or weekdays, and one of a month, such as"
        " first workday, 2nd tue or last fri.",
        *(line.without(typed, each) for each in (*offered, *days)),
    )


def _read_days(line: ReminderLine, monthly: Rule | None) -> None:
    """Parse the remaining text, which must be days of the week or empty."""
    text = " ".join(line.left.split()).strip(" ,;.!?")
    line.found = replace(line.found, rule=monthly)
    if first_date(text):
        raise line.problem("A reminder is repeated, so it takes no single date. Name its days.")
    try:
        parts = parts_of(text)
    except Unclear as unclear:
        if (word := _stranger(text)) and not unclear.typo:
            raise line.problem(
                f"I don’t understand “{word}” in a reminder. A channel is picked with #, a group with @."
            ) from None
        repairs = (line.without(text, repair) for repair in unclear.repairs)
        raise line.problem(unclear.sentence, *repairs) from None
    if strange := next((part for part in parts if not part.is_days), None):
        raise line.problem(
            f"I can’t tell what “{strange.text}” means in a reminder. A time is written as 9:00."
        )
    named = {day for part in parts for day in (WORKWEEK if part.days is None else part.days)}
    if not named:
        return
    if monthly:
        raise line.problem("Every week, or once a month? Make one reminder for each.")
    line.found = replace(line.found, rule=Weekly(tuple(sorted(named))))


def _stranger(text: str) -> str:
    """The first word that is neither a day nor joins days; empty if there is none.

    Such a word is refused rather than dropped, since it may be a channel's name without its ``#``.
    """
    words = re.findall(r"[^\W\d_][\w'-]*", text)
    return next((word for word in words if word not in _JOINTS and not begins_with_days(word)), "")
