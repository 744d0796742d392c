"""Dry runs: what a change to many weeks would do, computed without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.errors import SlackApiError

from handlers import asking
from handlers.crowds import Crowd
from handlers.desk import Ask
from handlers.plans import making
from handlers.results import CALLS_A_CHANGE
from handlers.spans import Span
from handlers.views import dryruns
from handlers.views.asking import Askable
from handlers.views.blocks import disarmed, escape, mention
from handlers.views.plans import shown as plan_views
from handlers.views.week import Who
from handlers.views.words import day_title
from store.access import Action, Actor
from store.act import FEW
from store.hours import Look
from store.week import DayNamedTwiceError, Pattern, Snapshot, Subject, Week

__all__ = ["dry_run"]


async def dry_run(ask: Ask, actor: Actor, found: Crowd, pattern: Pattern, span: Span) -> dryruns.DryRun:
    """Compute everybody's week after the change, and list the people to whom it cannot be applied.

    Cached weeks are used; :func:`_weeks` says which are read from Focus.
    """
    subjects = list(found.entries)
    may = await ask.store.access.allowed(actor, Action.CHANGE, subjects)
    refused = [subject for subject in subjects if subject not in may]
    weeks = await _weeks(ask, actor, may)
    lines, calls, problems = [], 0, list(found.problems)
    foreseen = await making.foreseen(ask, may, pattern, span) if span.is_dated else None
    for subject in sorted(may, key=lambda each: (each.kind, found.entries[each].name.casefold())):
        who, known = Who.of(found.entries[subject], reader=ask.user_id), weeks.get(subject)
        if foreseen and (other := foreseen.in_the_way(subject)):
            problems.append(plan_views.in_the_way(other, who))
            continue
        if known is None:
            lines.append(dryruns.Line(who))
            calls += CALLS_A_CHANGE
            continue
        week = foreseen.week(subject, known.week) if foreseen else known.week
        try:
            after = pattern.on(week)
        except DayNamedTwiceError as twice:
            problems.append(f"{disarmed(who.plain)}: {day_title(twice.day)} is named twice.")
            continue
        lines.append(dryruns.Line(who, week, after))
        calls += _calls(known, after)
    oldest = min((known.as_of for known in weeks.values()), default=None)
    return dryruns.DryRun(
        pattern=pattern,
        first=span.first,
        last=span.last,
        lines=tuple(lines),
        oldest=ask.desk.clock.now() - oldest if oldest else None,
        takes=ask.store.hours.time_for(calls),
        refused=tuple(Who.of(found.entries[subject], reader=ask.user_id) for subject in refused),
        askable=await _askable(ask, refused, pattern, span),
        who_can=await ask.store.access.who_can(Action.CHANGE, refused[0]) if refused else (),
        unlinked=tuple(map(mention, found.unlinked)),
        gone=tuple(map(mention, found.gone)),
        elsewhere=tuple(map(mention, found.elsewhere)),
        problems=tuple(map(escape, problems)),
    )


async def _askable(ask: Ask, refused: Sequence[Subject], pattern: Pattern, span: Span) -> tuple[Askable, ...]:
    """Buttons for asking others to change the refused weeks; none if Slack does not return their profiles."""
    try:
        return await asking.offer_weeks(ask, refused, pattern, span) if refused else ()
    except SlackApiError:
        return ()


async def _weeks(ask: Ask, actor: Actor, subjects: Iterable[Subject]) -> dict[Subject, Snapshot]:
    """The cached weeks, however old; if the subjects are few, weeks never read before are read from Focus.

    Those that cannot be read are missing: they are read again before they are changed.
    """
    permits = await ask.store.access.allowed(actor, Action.SEE, subjects)
    known = await ask.store.hours.board(permits.values())
    if len(permits) <= FEW:
        never = [permits[subject] for subject in permits.keys() - known.keys()]
        looks = await ask.store.hours.look_at(never)
        known |= {subject: look.snapshot for subject, look in looks.items() if isinstance(look, Look)}
    return known


def _calls(known: Snapshot, after: Week) -> int:
    """Calls to Focus that a change takes: one to read the week, and one for each kind of write step."""
    steps = known.steps_to(after)
    return 1 + bool(steps.create) + bool(steps.update) + bool(steps.delete) if steps else 0
