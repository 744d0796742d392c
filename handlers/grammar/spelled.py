"""Format values as text: the label and command of a button, and days and hours everywhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from handlers.asked import (
    Asked,
    Channel,
    Ghost,
    Group,
    Here,
    Me,
    Mention,
    Quoted,
    Reminding,
    SubjectRef,
    Suggestion,
    UnescapedMention,
    Unquoted,
    Verb,
)
from handlers.grammar.dates import format_date_word
from handlers.grammar.schedules import format_days, typed_reminding
from handlers.grammar.typed import escaped, quoted
from store.week import Clause, Hours, Pattern

__all__ = [
    "command",
    "format_days",
    "format_hours",
    "format_pattern",
    "owner",
    "plain_hours",
    "suggest",
    "typed_hours",
]

_EXACT_ENOUGH: Final = Decimal("0.0001")
"""The tolerance in hours for showing whole minutes: 7.3333 is shown as 7:20, as it was typed."""


def plain_hours(hours: Hours) -> str:
    """Format hours without a unit: ``8``; ``7:20`` if they are whole minutes; else the decimal ``7.33``."""
    minutes = (hours * 60).to_integral_value()
    if abs(minutes / 60 - hours) > _EXACT_ENOUGH:
        return f"{hours.normalize():f}"
    whole, rest = divmod(int(minutes), 60)
    return f"{whole}:{rest:02}" if rest else f"{whole}"


def format_hours(hours: Hours) -> str:
    """Format hours for display, ``8 h``, ``7:20 h`` or ``0 h``; the grammar also parses this."""
    return f"{plain_hours(hours)} h"


def typed_hours(hours: Hours) -> str:
    """Format hours as typed: ``8``, ``7:20``, ``7.33``, ``off``."""
    return plain_hours(hours) if hours else "off"


def format_pattern(pattern: Pattern) -> str:
    """Format a pattern as typed, ``only mon-thu 8, fri off``; a removed day is ``fri not set``."""
    return ("only " if pattern.only else "") + _clauses(pattern)


def command(asked: Asked) -> str:
    """The command text that parses to exactly this value."""
    bare = asked.verb is Verb.LOOK and not any(isinstance(subject, Unquoted) for subject in asked.subjects)
    words: list[str] = [] if bare else [asked.verb]
    only = asked.verb is Verb.SET and asked.pattern is not None and asked.pattern.only
    words += ["only"] if only else []
    words += [asked.action] if asked.action else []
    words += map(_typed, asked.subjects)
    if asked.verb is Verb.CLEAR and asked.pattern:
        words += [_days(clause) for clause in asked.pattern.clauses]
    elif asked.pattern:
        words.append(_clauses(asked.pattern))
    words += [str(asked.focus_id)] if asked.focus_id is not None else []
    words += [escaped(asked.rest)] if asked.rest else []
    words += ["until", asked.until] if asked.until else []
    words += [_period(asked)] if asked.first or asked.last else []
    words += [typed_reminding(asked.reminding)] if asked.reminding else []
    return " ".join(filter(None, words))


def owner(subjects: tuple[SubjectRef, ...]) -> str:
    """The possessive for these subjects: ``your``, ``@ana’s``, ``3 people’s``."""
    match subjects:
        case () | (Me(),):
            return "your"
        case (subject,):
            return f"{_shown(subject)}’s"
        case _:
            return f"{len(subjects)} people’s"


def suggest(asked: Asked, *, whose: str = "", bare: bool = False) -> Suggestion:
    """A button that runs this command; its label says ``whose`` week if the command names it differently."""
    label = _label(asked, whose or owner(asked.subjects))
    return Suggestion(label, command(asked), dated=bool(asked.first or asked.last), bare=bare)


def _label(asked: Asked, whose: str) -> str:
    return " ".join(filter(None, (_deed(asked, whose), _period(asked))))


def _period(asked: Asked) -> str:
    """Format the dates of a command: ``from 2027-01-01 until next friday``."""
    first = asked.first and f"from {format_date_word(asked.first)}"
    last = asked.last and f"until {format_date_word(asked.last)}"
    return " ".join(filter(None, (first, last)))


def _deed(asked: Asked, whose: str) -> str:
    match asked:
        case Asked(verb=Verb.SET, pattern=Pattern(clauses=(clause,), only=False)):
            return f"Set {whose} {_days_read(clause)} {_to(clause)}"
        case Asked(verb=Verb.SET, pattern=Pattern() as pattern):
            only = "only " if pattern.only else ""
            clauses = (f"{format_days(clause.days)} {_hours_read(clause)}" for clause in pattern.clauses)
            return f"Set {whose} week to {only}{', '.join(clauses)}"
        case Asked(verb=Verb.CLEAR, pattern=Pattern() as pattern):
            return f"Clear {whose} {', '.join(map(_days_read, pattern.clauses))}"
        case Asked(verb=Verb.LOOK, subjects=(Unquoted(name),)):
            return f"Look up “{name}”"
        case Asked(verb=Verb.LOOK):
            return f"Show {whose} week"
        case Asked(verb=Verb.EDIT):
            return f"Edit {whose} week"
        case Asked(verb=Verb.HISTORY):
            return f"Show {whose} history"
        case Asked(verb=Verb.REMIND, action=action, reminding=Reminding() as reminding):
            places = map(_shown, asked.subjects)
            line = " ".join(filter(None, (*places, typed_reminding(reminding))))
            return f"Open the form: {line}".rstrip(": ") if action else f"Remind {line}"
        case Asked(verb=Verb.MANAGERS):
            return "Managers: " + " ".join(
                filter(
                    None,
                    [
                        asked.action,
                        *map(_shown, asked.subjects),
                        asked.rest,
                        asked.until and f"until {asked.until}",
                    ],
                )
            )
        case _:
            shown = (*map(_shown, asked.subjects), str(asked.focus_id or ""), asked.rest)
            return " ".join(filter(None, (asked.verb.title().replace("-D", " d"), *shown)))


def _typed(subject: SubjectRef) -> str:
    """Format a subject as in a command's text."""
    match subject:
        case Me():
            return "me"
        case Mention(user_id, label):
            return f"<@{user_id}{_labelled(label)}>"
        case Group(group_id, label):
            return f"<!subteam^{group_id}{_labelled(label)}>"
        case Channel(channel_id, label):
            return f"<#{channel_id}{_labelled(label)}>"
        case Here(word):
            return f"<!{word}>"
        case Quoted(name):
            return quoted(name)
        case Ghost(number):
            return f"ghost:{number}"
        case UnescapedMention(name):
            return f"@{escaped(name)}"
        case Unquoted(name):
            return escaped(name)


def _shown(subject: SubjectRef) -> str:
    """Format a subject for display."""
    match subject:
        case Me():
            return "you"
        case Mention(_, label):
            return f"@{label}" if label else "this person"
        case Group(_, label):
            return f"@{label}" if label else "this group"
        case Channel(_, label):
            return f"#{label}" if label else "this channel"
        case Here(name) | UnescapedMention(name):
            return f"@{name}"
        case Quoted(name) | Unquoted(name):
            return f"“{name}”"
        case Ghost(number):
            return f"ghost:{number}"


def _labelled(label: str) -> str:
    return f"|{escaped(label)}" if label else ""


def _clauses(pattern: Pattern) -> str:
    return ", ".join(
        f"{_days(clause)} {'not set' if clause.hours is None else typed_hours(clause.hours)}"
        for clause in pattern.clauses
    )


def _days(clause: Clause) -> str:
    return format_days(clause.days, dash="-", comma=",").lower()


def _days_read(clause: Clause) -> str:
    if clause.days is not None and len(clause.days) == 1:
        return clause.days[0].name.title()
    return format_days(clause.days)


def _hours_read(clause: Clause) -> str:
    if clause.hours is None:
        return "not set"
    return format_hours(clause.hours) if clause.hours else "off"


def _to(clause: Clause) -> str:
    return _hours_read(clause) if not clause.hours else f"to {_hours_read(clause)}"
