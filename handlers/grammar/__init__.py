"""The grammar of ``/hours``: text -> :class:`Asked`, or a :class:`Problem` with suggestions.

Verb first, then subjects, then days and hours. Pure: no look-up, no clock, no Slack. This module is the
public face. Below it, each layer imports only lower ones: a module for each verb or family of verbs
(``writes``, ``looks``, ``bulk`` …) > ``periods`` (a line's dates), ``pieces`` (a reminder line's parts) >
``named`` (subjects) > ``days_and_hours`` > ``day_words`` > ``spelled`` and ``schedules`` (values to text),
``unclear`` (questions back), ``dates``, ``when``, ``zones`` > ``typed`` (words).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from handlers.asked import Asked, Me, Problem, Suggestion, Verb
from handlers.grammar.boards import read_who
from handlers.grammar.bulk import read_bulk, read_day_changes
from handlers.grammar.days_and_hours import read_hours, read_pattern
from handlers.grammar.grants import read_managers
from handlers.grammar.looks import read_bare, read_history, read_look
from handlers.grammar.named import asked_back, problem
from handlers.grammar.near import near
from handlers.grammar.personal import read_my_data
from handlers.grammar.plans import read_plan
from handlers.grammar.reminders import read_remind, read_reminders, read_rule
from handlers.grammar.schedules import format_rule, format_time, typed_rule
from handlers.grammar.spelled import (
    command,
    format_days,
    format_hours,
    format_pattern,
    owner,
    suggest,
    typed_hours,
)
from handlers.grammar.typed import (
    TIME_OFF,
    normalised,
    polite,
    speaks_of_time_off,
    unescaped,
    unmarked,
)
from handlers.grammar.unclear import Unclear
from handlers.grammar.writes import (
    read_clear,
    read_edit,
    read_link,
    read_redo,
    read_set,
    read_undo,
    read_unlink,
)
from store.week import Hours, Pattern

__all__ = [
    "TIME_OFF",
    "Asked",
    "Problem",
    "Suggestion",
    "Verb",
    "command",
    "format_days",
    "format_hours",
    "format_pattern",
    "format_rule",
    "format_time",
    "near",
    "owner",
    "parse",
    "parse_day_changes",
    "parse_hours",
    "parse_pattern",
    "parse_rule",
    "speaks_of_time_off",
    "suggest",
    "typed_hours",
    "typed_rule",
]

_LINE_LIMIT: Final = 2000
"""The longest command in characters; a longer text was probably pasted by mistake."""

_COMMAND_NAME: Final = re.compile(r"^(?:/[\w-]+|hours)(?:\s+|$)", re.IGNORECASE)
_VERB: Final = re.compile(r"(my[\s_-]?data\b|[^\s:,?!]+)[\s:,]*", re.IGNORECASE)

_LINES: Final[dict[str, Callable[[str], Asked]]] = {
    Verb.LOOK: read_look,
    Verb.SET: read_set,
    Verb.CLEAR: read_clear,
    Verb.EDIT: read_edit,
    Verb.UNDO: read_undo,
    Verb.REDO: read_redo,
    Verb.HISTORY: read_history,
    Verb.LINK: read_link,
    Verb.UNLINK: read_unlink,
    Verb.MANAGERS: read_managers,
    Verb.WHO: read_who,
    Verb.BULK: read_bulk,
    Verb.MY_DATA: read_my_data,
    Verb.PLAN: partial(read_plan, read_set=read_set),
    Verb.REMIND: read_remind,
    Verb.REMINDERS: read_reminders,
}
_ALIASES: Final = {
    "manager": Verb.MANAGERS,
    "placeholder": Verb.PLACEHOLDERS,
    "ghosts": Verb.PLACEHOLDERS,
    "reminder": Verb.REMIND,
    "?": Verb.HELP,
    "commands": Verb.HELP,
    "plans": Verb.PLAN,
    "planned": Verb.PLAN,
    "mydata": Verb.MY_DATA,
    "my data": Verb.MY_DATA,
    "my_data": Verb.MY_DATA,
}
_ABOUT_THE_BOT: Final = re.compile(
    r"(?:hi|hello|hey)\W*|what (?:can|do) you do\W*|how (?:do you|does (?:this|it)) work\W*", re.IGNORECASE
)
"""What people say to a bot that they meet for the first time."""
_SHOW: Final = re.compile(r"^(?:show|tell|give)(?:\s+me\b(?!\s*(?:,|&|and\b)))?", re.IGNORECASE)


@lru_cache(maxsize=512)  # people repeat the same few lines, and parsing delays the acknowledgement
def parse(text: str) -> Asked:
    """Parse a typed line.

    Raises:
        Problem: the line cannot be understood, or is only nearly right.
    """
    if len(text) > _LINE_LIMIT:
        raise problem(f"That is too long for one command: {_LINE_LIMIT} characters at most.", Verb.SET)
    line = _COMMAND_NAME.sub("", polite(unmarked(text)))
    if not line:
        return Asked(Verb.LOOK, (Me(),))
    if found := _VERB.match(line):
        word = normalised(found[1])
        verb = _ALIASES.get(word) or (Verb(word) if word in list(Verb) else None)
        rest = line[found.end() :].strip()
        if verb in _LINES:
            return _LINES[verb](rest)
        if verb:
            return Asked(verb, rest=unescaped(rest).strip('"“”?'))
    elif line == "?":
        return Asked(Verb.HELP)
    if _ABOUT_THE_BOT.fullmatch(line):
        return Asked(Verb.HELP)
    if shown := _SHOW.match(line):
        return read_look(line[shown.end() :], chat=True)
    return read_bare(line, parse=parse)


def parse_pattern(text: str) -> Pattern:
    """Parse days and hours such as ``mon-thu 8, fri off``.

    Raises:
        Problem: they cannot be understood; the buttons offered set the asker's own week.
    """
    try:
        return read_pattern(text)
    except Unclear as unclear:
        if unclear.undated is not None:
            raise Problem("Only days and hours here: dates go into the fields From and Until.") from None
        raise asked_back(unclear, partial(Asked, Verb.SET, (Me(),))) from None


parse_day_changes = read_day_changes
parse_rule = read_rule


def parse_hours(text: str) -> Hours:
    """Parse the hours of one day, as typed into a field: ``8``, ``7.5``, ``7,5``, ``7h30``, ``off``.

    Minutes become hours with four decimals: ``7h20`` is 7.3333.

    Raises:
        Problem: they cannot be understood; its sentence is shown beside the field, without buttons.
    """
    try:
        return read_hours(text)
    except Unclear as unclear:
        raise Problem(unclear.sentence, examples=("8", "7:30")) from None
