"""Take the dates of a change, ``… from 2027-01-01 until 2027-03-31``, out of its line.

A weekday after *from* or *until* is a date only at the end of a line that is complete without it: in
``from mon to thu 8`` it is a day of every week. Unclear dates stay in the line, which is then refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from handlers.asked import Asked, DayDated, Problem, SubjectRef, Verb
from handlers.grammar.dates import UNDATED, Period, is_bare_weekday, near_dates, read_date
from handlers.grammar.days_and_hours import read_days, read_pattern
from handlers.grammar.named import EXAMPLES, Line, named, problem, text_of
from handlers.grammar.typed import Word, normalised, scan
from handlers.grammar.unclear import Unclear
from handlers.grammar.when import first_date

__all__ = ["dated_line", "which_date"]

_FROM: Final = (
    *("from", "starting from", "starting on", "starting", "beginning", "as of", "as from", "since"),
    *("effective from", "effective", "with effect from"),
)
_UNTIL: Final = ("until", "till", "til", "up to", "through", "thru")
_JOINED: Final = ("to", "-")
"""Words that mean *until* only if a begin date precedes them."""
_OPENINGS: Final = sorted(
    [(words.split(), "first") for words in _FROM]
    + [(words.split(), "last") for words in (*_UNTIL, *_JOINED)],
    key=lambda opening: -len(opening[0]),
)
_LONGEST: Final = 6
"""The most words in a date: ``Fri the 1st of January 2027``."""
_GLUED: Final = re.compile(r"(?<=[,;])(?=(?:from|until|till|starting)$)", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"(?P<first>(?:starting(?:\s(?:from|on))?|from|since|as\sof|effective|after)\s)?"
    r"(?P<last>(?:until|till?|before|by|through|to)\s)?(?:(?:on|in)\s)?(?P<date>.*)"
)

Token = Word | SubjectRef


def dated_line(text: str, verb: Verb) -> Line:
    """Parse the text after a verb that changes weeks, with its dates separated from its words.

    Raises:
        Problem: there are two begin or two end dates, or a quotation mark is not closed.
    """
    tokens = [piece for token in scan(text) for piece in _unglued(token)]
    found: dict[str, str] = {}
    at = 0
    while at < len(tokens):
        phrase = _phrase(tokens, at, verb, begun="first" in found)
        if phrase is None:
            at += 1
            continue
        edge, word, length = phrase
        if edge in found:
            opening = "from" if edge == "first" else "until"
            raise problem(f"There are two dates with “{opening}”. One is enough.", verb)
        found[edge] = word
        del tokens[at : at + length]
    return replace(named(tokens, only=verb is Verb.SET), period=Period(**found))


def which_date(verb: Verb, unclear: Unclear, line: Line, make: Callable[[str, Period], Asked]) -> Problem:
    """Build the problem for a date that cannot be parsed, suggesting its possible meanings.

    The change without the date is never suggested. ``make`` builds the command from words and a period.
    """
    meant: list[Asked] = []
    for period, words in _readings(line):
        with suppress(Unclear):
            meant.append(make(words, period))
    if not meant and (day := _as_a_day(line, make)):
        return Problem(unclear.sentence, examples=EXAMPLES[verb], day=day)
    return problem(unclear.sentence, verb, *meant)


def _as_a_day(line: Line, make: Callable[[str, Period], Asked]) -> DayDated | None:
    """``tomorrow off``: the date stands where a weekday belongs, and all else is clear."""
    phrase, rest = first_date(normalised(text_of(line.words))) or ("", "")
    lead = _LEAD.fullmatch(phrase)
    word = lead and not (lead["first"] or lead["last"]) and read_date(lead["date"])
    if not word or line.period != UNDATED:
        return None
    with suppress(Unclear):
        asked = make(f"monday {rest}".strip(), UNDATED)
        if asked.pattern and len(asked.pattern.clauses) == 1:
            return DayDated(word, asked)
    return None


def _readings(line: Line) -> Iterator[tuple[Period, str]]:
    """Yield the possible readings of the unparsed date in a line: the period, and the words without it."""
    if (found := first_date(normalised(text_of(line.words)))) is None:
        return
    phrase, rest = found
    lead = _LEAD.fullmatch(phrase)
    if lead is None:
        return
    ends = near_dates(lead["date"], last=True)
    if lead["last"]:
        yield from ((replace(line.period, last=end), rest) for end in ends)
        return
    for first, last in zip(near_dates(lead["date"], last=False), ends, strict=True):
        yield replace(line.period, first=first), rest
        if not lead["first"]:  # on that day, in that week: from then on, or only then
            yield Period(first, last), rest


def _phrase(tokens: Sequence[Token], at: int, verb: Verb, *, begun: bool) -> tuple[str, str, int] | None:
    """The dated phrase at this index: ``first`` or ``last``, the date, and its length in tokens."""
    for words, edge in _OPENINGS:
        if _plain(tokens[at : at + len(words)]) != words or (words[0] in _JOINED and not begun):
            continue
        start = at + len(words)
        for end in range(min(start + _LONGEST, len(tokens)), start, -1):
            date = _plain(tokens[start:end])
            text = " ".join(date)
            word = read_date(text) if len(date) == end - start else None
            if word and (not is_bare_weekday(text) or _ends_here(tokens, at, end, verb)):
                return edge, word, end - at
    return None


def _ends_here(tokens: Sequence[Token], at: int, end: int, verb: Verb) -> bool:
    """Whether a weekday's name can only be a date: the line is complete before it and only dates follow."""
    before = text_of(named(tokens[:at], only=verb is Verb.SET).words)
    without = [*tokens[:at], *tokens[end:]]
    with suppress(Unclear):
        if verb is not Verb.EDIT or before:  # an edit is complete with its subject alone
            read_days(before) if verb is Verb.CLEAR else read_pattern(before)
        return len(without) == at or _phrase(without, at, verb, begun=True) is not None
    return False


def _plain(tokens: Sequence[Token]) -> list[str]:
    return [token.plain.strip(",;") for token in tokens if isinstance(token, Word)]


def _unglued(token: Token) -> Iterator[Token]:
    """Split ``8,from`` into two words."""
    if isinstance(token, Word):
        yield from map(Word, _GLUED.split(token.typed))
    else:
        yield token
