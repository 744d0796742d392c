"""The buttons of a problem, once it is known who asks: by their calendar, and by the names there are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import date

from handlers.asked import Asked, DayDated, Ghost, Me, Mention, Problem, Quoted, Suggestion, Unquoted, Verb
from handlers.desk import Ask
from handlers.grammar import command, parse, suggest
from handlers.grammar.dates import date_of
from handlers.spans import narrowed, span_of, today_of
from handlers.views.spans import once_or_weekly
from store.access import Action
from store.week import Pattern, Weekday

__all__ = ["offered"]

NAMED = 5
"""More who are called like that are no offer."""


async def offered(found: Problem, ask: Ask) -> Problem:
    """The problem as it is for whoever asks.

    Raises:
        NotAllowedError: somebody who may nothing here.
        SlackApiError: Slack does not tell who they are.
        Problem: what was meant cannot be, whichever way it is read.
    """
    if any(each.bare for each in found.suggestions):
        found = found.offering([each async for each in _named(found, ask)])
    if any("workdays" in each.command for each in found.suggestions):
        found = found.offering(await _with_days(found, ask))
    if found.day:
        return _dated(found.day, today=await today_of(ask))
    if any(each.dated for each in found.suggestions):
        today = await today_of(ask)
        can_be = [each for each in found.suggestions if _can_be(parse(each.command), today=today)]
        return found.offering(can_be)
    return found


async def _named(found: Problem, ask: Ask) -> AsyncIterator[Suggestion]:
    """Those who have the bare name in theirs, by their whole name; without any, the person to be picked."""
    guest = (await ask.actor()).guest
    known = False
    for each in found.suggestions:
        asked = parse(each.command)
        match asked.subjects:
            case (Quoted(name),) if each.bare and not guest:
                for meant in await _called(name, asked, ask):
                    known = True
                    yield meant
            case _ if not (each.bare and known):
                yield each


async def _called(name: str, asked: Asked, ask: Ask) -> list[Suggestion]:
    """The same for whoever is called like that; whom no line can name has *Edit* below their week."""
    entries = [entry for entry in await ask.store.directory.named(name) if entry.has_word(name)]
    meant = []
    for entry in entries if len(entries) <= NAMED else ():
        if entry.subject.kind == "placeholder":
            ghost = replace(asked, subjects=(Ghost(entry.subject.id),))
            meant.append(suggest(ghost, whose=f"“{entry.name}”’s"))
        elif entry.slack_user_id:
            person = replace(asked, subjects=(Mention(entry.slack_user_id, entry.name),))
            meant.append(suggest(person, whose=f"{entry.name}’s"))
        else:
            meant.append(suggest(Asked(Verb.LOOK, (Unquoted(entry.name),))))
    return meant


async def _with_days(found: Problem, ask: Ask) -> list[Suggestion]:
    """One's own workdays by name, as far as the week is known; what says the same twice, once."""
    entry = await ask.store.directory.linked(ask.user_id)
    known = entry and await ask.store.hours.last_known(await ask.may(Action.SEE, entry.subject))
    if not known or not known.week.worked_days:
        return list(found.suggestions)
    days, named = known.week.worked_days, dict[str, Suggestion]()
    for each in found.suggestions:
        asked, meant = parse(each.command), each
        if asked.pattern and asked.subjects == (Me(),):
            clauses = tuple(replace(one, days=one.days or days) for one in asked.pattern.clauses)
            with suppress(Problem):
                parse(command(again := replace(asked, pattern=replace(asked.pattern, clauses=clauses))))
                meant = suggest(again)
        named.setdefault(meant.command, meant)
    return list(named.values())


def _dated(meant: DayDated, *, today: date) -> Problem:
    """Only that day, or each such weekday from then on?

    Raises:
        Problem: that day is past, or too far away.
    """
    day = date_of(meant.word, today=today)
    iso = day.isoformat()
    span_of(iso, iso, today=today)
    (clause,) = meant.asked.pattern.clauses if meant.asked.pattern else ()
    pattern = Pattern((replace(clause, days=(Weekday(day.isoweekday()),)),))
    weekly = replace(meant.asked, pattern=pattern, first=iso)
    return once_or_weekly(day, clause.hours, once=replace(weekly, last=iso), weekly=weekly)


def _can_be(asked: Asked, *, today: date) -> bool:
    """Whether its dates are not past, and have a day of those that it names."""
    with suppress(Problem):
        span = span_of(asked.first, asked.last, today=today)
        return asked.pattern is None or bool(narrowed(asked.pattern, span))
    return False
