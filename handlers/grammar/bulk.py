"""Parse ``bulk [@designers "Designer 1"]``, and the form's field for added and removed days."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from handlers.asked import Asked, Problem, Verb
from handlers.grammar.days_and_hours import read_days, read_pattern
from handlers.grammar.named import named, problem, text_of
from handlers.grammar.typed import normalised, polite, scan
from handlers.grammar.unclear import Unclear
from store.week import ALL_DAYS, OFF, Clause, DayNamedTwiceError, Pattern, Week

__all__ = ["read_bulk", "read_day_changes"]

_SIGN: Final = re.compile(r"(?:^|[\s,;]+)(\+|-|(?:add|plus|remove|drop|minus)\b)\s*")
_ADDS: Final = ("+", "add", "plus")
_SIGNS: Final = ("+fri 8", "-fri", "+fri 8, -mon")
_EVERY_DAY: Final = Week((OFF,) * len(ALL_DAYS))


def read_bulk(text: str) -> Asked:
    """Parse ``bulk [subject …]``; the subjects are those the form opens with.

    Raises:
        Problem: other words follow; if they are days and hours, *set* is suggested.
    """
    line = named(scan(text), only=True)
    whom = Asked(Verb.BULK, (*line.subjects, *line.late))
    if not line.words:
        return whom
    try:
        pattern = read_pattern(text_of(line.words))
    except Unclear:
        raise problem(
            f"I don’t know what to do with “{text_of(line.words)}” after bulk.", Verb.BULK, whom
        ) from None
    meant = Asked(Verb.SET, line.owners, replace(pattern, only=pattern.only or line.only))
    raise problem("Bulk opens a form; set says it in one line.", Verb.SET, meant, whom)


def read_day_changes(text: str) -> Pattern:
    """Parse ``+fri 8, -mon``: Friday gets 8 h, and Monday becomes a day off in weeks where it is set.

    Raises:
        Problem: it cannot be understood; the sentence is shown beside the field.
    """
    before, *pieces = _SIGN.split(normalised(polite(text)))
    if before or not pieces:
        raise Problem("Begin each day with + or -: +fri 8 adds a Friday of 8 hours, -fri makes it a day off.")
    clauses: list[Clause] = []
    try:
        for sign, piece in zip(pieces[::2], pieces[1::2], strict=True):
            if sign in _ADDS:
                clauses += read_pattern(piece.removeprefix("only")).clauses
            else:
                clauses += (replace(clause, hours=OFF, if_set=True) for clause in read_days(piece))
        pattern = Pattern(tuple(clauses))
        pattern.on(_EVERY_DAY)
    except Unclear as unclear:
        raise Problem(unclear.sentence, examples=_SIGNS[:2]) from None
    except DayNamedTwiceError as twice:
        raise Problem(f"{twice.day.name.title()} is named twice.", examples=_SIGNS[:2]) from None
    return pattern
