"""Parse the commands that change something: set, clear, edit, link, unlink, undo.

Here names need quotes or an ``@``, and no word is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from handlers.asked import (
    Asked,
    Me,
    Mention,
    Problem,
    Quoted,
    SubjectRef,
    UnescapedMention,
    Unquoted,
    Verb,
)
from handlers.grammar.dates import Period
from handlers.grammar.days_and_hours import read_days, read_pattern, readings
from handlers.grammar.named import Line, asked_back, named, problem, split_name, text_of
from handlers.grammar.periods import dated_line, which_date
from handlers.grammar.spelled import suggest
from handlers.grammar.typed import Word, scan
from handlers.grammar.unclear import Unclear
from store.week import ALL_DAYS, Clause, Pattern

__all__ = ["read_clear", "read_edit", "read_link", "read_redo", "read_set", "read_undo", "read_unlink"]

_PEOPLE: Final = (Me, Mention, UnescapedMention)


_CROWDS: Final = frozenset(
    ("all", "all of us", "everybody", "everyone", "team", "the team", "the whole team", "us", "whole team")
)
"""Words for many people, which may be a placeholder's name as well."""


def read_set(text: str) -> Asked:
    """Parse ``set [only] [subject …] mon-thu 8, fri off [from <date>] [until <date>]``."""
    line = dated_line(text, Verb.SET)

    def make(
        pattern: Pattern, subjects: tuple[SubjectRef, ...] = line.owners, period: Period = line.period
    ) -> Asked:
        whole = replace(pattern, only=pattern.only or line.only)
        return Asked(Verb.SET, subjects, whole, first=period.first, last=period.last)

    if line.late:
        raise _late(Verb.SET, line, lambda owners: make(read_pattern(_before_late(line)), owners))
    if not line.words:
        whole = (Asked(Verb.EDIT, line.owners),) if len(line.owners) == 1 else ()
        raise problem("Say which days, and how many hours.", Verb.SET, *whole)
    try:
        return make(read_pattern(text_of(line.words)))
    except Unclear as unclear:
        if line.period.first and line.period.first == line.period.last:
            with suppress(Unclear):  # "off from tomorrow until tomorrow": there is one day it can be about
                return make(read_pattern(f"every day {text_of(line.words)}"))
        if unclear.undated is not None:
            raise which_date(
                Verb.SET, unclear, line, lambda days, period: make(read_pattern(days), period=period)
            ) from None
        if unclear.foreign and not line.subjects:
            raise _unquoted(Verb.SET, line, lambda days: make(read_pattern(days))) from None
        names = unclear.typo and not line.subjects and split_name(line.words)[1]
        others = _unquoted(Verb.SET, line, lambda days: make(read_pattern(days))).suggestions if names else ()
        raise asked_back(unclear, make, *others) from None


def read_clear(text: str) -> Asked:
    """Parse ``clear [subject …] fri [from <date>] [until <date>]``."""
    line = dated_line(text, Verb.CLEAR)

    def make(days: str, owners: tuple[SubjectRef, ...] = line.owners, period: Period = line.period) -> Asked:
        return _clear(owners, read_days(days), period)

    if line.late:
        raise _late(Verb.CLEAR, line, lambda owners: make(_before_late(line), owners))
    if not text_of(line.words).strip(" ,"):
        each = (_clear(line.owners, (Clause((day,), None),), line.period) for day in ALL_DAYS)
        raise problem("Which day? Clearing removes it from the week: it is then not set.", Verb.CLEAR, *each)
    try:
        return make(text_of(line.words))
    except Unclear as unclear:
        if unclear.undated is not None:
            raise which_date(
                Verb.CLEAR, unclear, line, lambda days, period: make(days, period=period)
            ) from None
        if unclear.foreign and not line.subjects:
            raise _unquoted(Verb.CLEAR, line, make) from None
        raise _not_cleared(unclear, line) from None


def read_edit(text: str) -> Asked:
    """Parse ``edit [subject] [from <date>] [until <date>]``."""
    line = dated_line(text, Verb.EDIT)
    everybody = (*line.subjects, *line.late)

    def make(words: str = "", period: Period = line.period) -> Asked:
        edit = Asked(Verb.EDIT, everybody or line.owners, first=period.first, last=period.last)
        return replace(edit, verb=Verb.SET, pattern=read_pattern(words)) if words else edit

    if line.rest and not line.late:
        try:
            pattern = read_pattern(text_of(line.words))
        except Unclear as unclear:
            if unclear.undated is not None:
                raise which_date(Verb.EDIT, unclear, line, make) from None
            if line.subjects:
                raise _junk(Verb.EDIT, line, make()) from None
            if unclear.foreign:
                raise _unquoted(Verb.EDIT, line, lambda _: make()) from None
            raise asked_back(
                unclear, lambda pattern: replace(make(), verb=Verb.SET, pattern=pattern)
            ) from None
        at_once = replace(make(), verb=Verb.SET, pattern=pattern)
        raise problem("Edit opens the whole week; set changes it at once.", Verb.EDIT, at_once, make())
    if len(everybody) > 1:
        each = (replace(make(), subjects=(subject,)) for subject in everybody)
        raise problem("Edit opens one week at a time. Whose?", Verb.EDIT, *each)
    if line.rest:
        raise _junk(Verb.EDIT, line, make())
    return make()


def read_undo(text: str) -> Asked:
    """Parse ``undo``, which takes no arguments."""
    if text.strip(" ?"):
        raise problem(
            "Undo takes back your own latest change, and nothing else.", Verb.UNDO, Asked(Verb.UNDO)
        )
    return Asked(Verb.UNDO)


def read_redo(text: str) -> Asked:
    """``redo``."""
    if text.strip(" ?"):
        raise problem("Redo brings back what you undid last, and nothing else.", Verb.REDO, Asked(Verb.REDO))
    return Asked(Verb.REDO)


def read_link(text: str) -> Asked:
    """Parse ``link [@ana [501]]``."""
    line = named(scan(text))
    asked = Asked(Verb.LINK, _one_person(Verb.LINK, line))
    match line.words:
        case ():
            return asked
        case (word,) if re.fullmatch(r"#?[0-9]{1,18}", word.plain):
            return replace(asked, focus_id=int(word.plain.lstrip("#")))
    if not line.subjects:
        raise problem("Name the person with an @, then the number of the Focus user.", Verb.LINK)
    raise _junk(Verb.LINK, line, asked)


def read_unlink(text: str) -> Asked:
    """Parse ``unlink [@ana]``."""
    line = named(scan(text))
    asked = Asked(Verb.UNLINK, _one_person(Verb.UNLINK, line))
    if line.words and not line.subjects:
        raise problem("Name the person with an @.", Verb.UNLINK)
    if line.words:
        raise _junk(Verb.UNLINK, line, asked)
    return asked


def _one_person(verb: Verb, line: Line) -> tuple[SubjectRef, ...]:
    """The one person that a link or unlink names; the asker by default."""
    everybody = (*line.subjects, *line.late)
    if any(not isinstance(subject, _PEOPLE) for subject in everybody):
        raise problem("Only a person can be linked: name one with an @.", verb)
    if len(everybody) > 1:
        raise problem("One person at a time.", verb, *(Asked(verb, (subject,)) for subject in everybody))
    return everybody or (Me(),)


def _clear(owners: tuple[SubjectRef, ...], clauses: tuple[Clause, ...], period: Period) -> Asked:
    return Asked(Verb.CLEAR, owners, Pattern(clauses), first=period.first, last=period.last)


def _not_cleared(unclear: Unclear, line: Line) -> Problem:
    """Build the problem for a clear that is not understood; if it has hours, *set* is suggested as well."""
    meant: list[Asked] = []
    for repair in unclear.repairs:
        with suppress(Unclear):
            meant.append(_clear(line.owners, read_days(repair), line.period))
    with suppress(Unclear):
        pattern = read_pattern(text_of(line.words))
        meant.append(Asked(Verb.SET, line.owners, pattern, first=line.period.first, last=line.period.last))
    return problem(unclear.sentence, Verb.CLEAR, *meant)


def _unquoted(verb: Verb, line: Line, make: Callable[[str], Asked]) -> Problem:
    """Build the problem for a bare name in a command that writes, suggesting it quoted and as a mention."""
    name, days = split_name(line.words)
    shown = f"“{name}”"
    first, last = line.period.first, line.period.last
    crowd = name.lower() in _CROWDS
    owners: list[SubjectRef] = [Quoted(name.strip("'"))]
    if re.fullmatch(r"[\w-]+", name) and not crowd:
        owners.append(UnescapedMention(name))
    try:
        meant = [
            replace(make(days), subjects=(owner,))
            if days
            else Asked(Verb.EDIT, (owner,), first=first, last=last)
            for owner in owners
        ]
    except Unclear as unclear:
        pattern = next(iter(readings(unclear)), None)
        meant = [
            Asked(verb, (owner,), pattern, first=first, last=last)
            for owner in owners
            if pattern and verb is Verb.SET
        ]
    look = () if days else (Asked(Verb.LOOK, (Unquoted(f"{verb} {name}"),)),)
    sentence = (
        f"Is {shown} a name? To change a week, put a placeholder’s name in quotes and an @ before a person."
    )
    if crowd:
        sentence = (
            f"For many weeks at once, name a @group or a #channel, or open the form. If {shown} is a"
            " placeholder, put its name in quotes."
        )
        look = (Asked(Verb.BULK),)
    return problem(sentence, verb, *(suggest(each, bare=True) for each in meant), *look)


def _before_late(line: Line) -> str:
    """The words of the line, without a *for* or similar word before a name."""
    tokens = zip(line.rest, (*line.rest[1:], None), strict=True)
    return text_of(
        token
        for token, following in tokens
        if isinstance(token, Word)
        and (isinstance(following, Word | None) or token.plain not in ("for", "to", "of", "and", "&", ","))
    )


def _late(verb: Verb, line: Line, make: Callable[[tuple[SubjectRef, ...]], Asked]) -> Problem:
    """Build the problem for names after the days, suggesting names first unless some are there already."""
    if line.subjects:
        return problem("Put all names first. One line sets the same hours for everybody in it.", verb)
    try:
        return problem("Put the name first, then the days.", verb, make(line.late))
    except Unclear:
        return problem("Put the name first, then the days.", verb)


def _junk(verb: Verb, line: Line, understood: Asked) -> Problem:
    """Build the problem for superfluous words after an understood command."""
    return problem(f"I don’t know what to do with “{text_of(line.words)}” after {verb}.", verb, understood)
