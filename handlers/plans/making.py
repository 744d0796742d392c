"""Store changes with dates as plans; nothing is written to Focus until the clock begins them.

All ways of planning, typed or in a form, end here once their dates are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from handlers.asked import Problem
from handlers.desk import Ask, Desk
from handlers.spans import Span, first_in, none_of
from handlers.views.blocks import Reply
from handlers.views.plans import shown as views
from handlers.views.week import Who
from handlers.views.words import day_title
from store.access import Action, Permit
from store.act import Days
from store.directory import Entry
from store.messages import Message
from store.plans import OverlapError, Plan, PlannedWish, projected
from store.week import DayNamedTwiceError, Pattern, Subject, Week

__all__ = [
    "Foreseen",
    "foreseen",
    "names",
    "permits_to_cancel",
    "plan_many",
    "plan_one",
    "say_planned",
    "week_on",
    "worded",
]


OUTBOX_ANSWERS = {"dm", "home"}
"""Places where the outbox's message about the plans is the answer."""


async def plan_one(ask: Ask, entry: Entry, pattern: Pattern, span: Span) -> None:
    """Plan the change for one subject and show what the week will be."""
    permit = await ask.may(Action.CHANGE, entry.subject)
    zone, who = await ask.desk.people.zone_of(entry.slack_user_id), Who.of(entry, reader=ask.user_id)
    first = first_in(zone, span, who, now=ask.desk.clock.now())
    known = await ask.store.plans.of([entry.subject])
    if again := next((plan for plan in known if plan.is_for(pattern, first, span.last)), None):
        await _say_already(ask, again, entry)
        return
    week = await week_on(ask, entry.subject, first, planned=known)
    if _on(pattern, week) == week:
        if elsewhere := week.differing(_on(replace(pattern, within=None), week)):
            raise none_of(elsewhere, span, asked=ask.asked)
        await ask.answer(views.no_change(who, span.first))
        return
    wish, now = PlannedWish(permit, pattern, dict(week), zone), ask.desk.clock.now()
    try:
        made = await ask.store.plans.add(ask.request(), [wish], first=first, last=span.last, now=now)
    except OverlapError as error:
        if not error.plan.is_for(pattern, first, span.last):
            raise
        await _say_already(ask, error.plan, entry)  # a simultaneous request has planned exactly this
    else:
        await say_planned(ask, made)


async def week_on(ask: Ask, subject: Subject, day: date, *, planned: Iterable[Plan]) -> Week:
    """The week with the plans up to that day applied; read from Focus if the cache is not fresh."""
    look = await ask.store.hours.look(await ask.may(Action.SEE, subject))
    return projected(look.snapshot.week, planned, day)


async def plan_many(
    ask: Ask,
    permits: Iterable[Permit],
    pattern: Pattern,
    span: Span,
    *,
    expected: Mapping[Subject, Days | None],
    draft: str,
    asked_by: str | None = None,
) -> None:
    """Plan the change for all subjects of a dry run or petition, all or none, and only once per draft."""
    wishes, begins, now = [], [], ask.desk.clock.now()
    for permit in permits:
        subject = permit.require(Action.CHANGE)
        entry = await ask.store.directory.entry_or_id(subject)
        zone = await ask.desk.people.zone_of(entry.slack_user_id)
        wishes.append(PlannedWish(permit, pattern, expected[subject], zone))
        begins.append(first_in(zone, span, Who.of(entry, reader=ask.user_id), now=now))
    made = await ask.store.plans.add(
        ask.request(), wishes, first=min(begins), last=span.last, now=now, draft=draft, asked_by=asked_by
    )
    await say_planned(ask, made)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The existing plans of several subjects, compared with a new plan.

    ``new`` stands for the new plan of every subject; its own subject is a dummy.
    """

    plans: Mapping[Subject, Sequence[Plan]]
    new: Plan

    def in_the_way(self, subject: Subject) -> Plan | None:
        """The subject's existing plan that the new one would overlap, if any."""
        new = replace(self.new, subject=subject)
        return next((plan for plan in self.plans.get(subject, ()) if plan.overlaps(new)), None)

    def week(self, subject: Subject, week: Week) -> Week:
        """The subject's week when the new plan begins."""
        return projected(week, self.plans.get(subject, ()), self.new.first)


async def foreseen(ask: Ask, subjects: Iterable[Subject], pattern: Pattern, span: Span) -> Foreseen:
    """Load the existing plans of these subjects with one query."""
    wanted = tuple(subjects)
    found: dict[Subject, list[Plan]] = {}
    for plan in await ask.store.plans.of(wanted):
        found.setdefault(plan.subject, []).append(plan)
    new = Plan(
        id="", batch="", team_id=ask.store.team_id, planner=ask.user_id, subject=Subject("person", 0),
        pattern=pattern, expected=None, first=span.begins, last=span.last,
        zone=str(ask.store.access.zone), at=ask.desk.clock.now(),
    )  # fmt: skip
    return Foreseen(found, new)


async def permits_to_cancel(ask: Ask, plans: Sequence[Plan]) -> dict[str, Permit]:
    """Plan id -> permit, for the plans that the asker may cancel.

    A planner may cancel their own plan until it begins, even if they may not change the week.

    Raises:
        NotAllowedError: they may cancel none of them.
    """
    actor, permits = await ask.actor(), dict[str, Permit]()
    changeable = await ask.store.access.allowed(actor, Action.CHANGE, {plan.subject for plan in plans})
    for plan in plans:
        if plan.subject in changeable:
            permits[plan.id] = changeable[plan.subject]
        elif plan.begin_act is None and plan.planner == ask.user_id:
            permits[plan.id] = await ask.store.access.may_call_off(actor, plan.subject, planner=plan.planner)
    if plans and not permits:
        await ask.store.access.refuse(actor, Action.CHANGE, plans[0].subject)
    return permits


async def say_planned(ask: Ask, made: Sequence[Plan]) -> None:
    """Answer with the plans where they were asked for; elsewhere the outbox's message is the answer."""
    if ask.place.kind not in OUTBOX_ANSWERS:
        await ask.answer(
            views.batch(made, await names(ask.desk, made, reader=ask.user_id), reader=ask.user_id)
        )
    else:
        await ask.introduce()


async def _say_already(ask: Ask, plan: Plan, entry: Entry) -> None:
    """Answer a second request for the same plan, about which the outbox has nothing new to say."""
    if ask.place.kind in OUTBOX_ANSWERS:
        await ask.answer(views.already(plan, Who.of(entry, reader=ask.user_id), reader=ask.user_id))
    else:
        await say_planned(ask, [plan])


def _on(pattern: Pattern, week: Week) -> Week:
    try:
        return pattern.on(week)
    except DayNamedTwiceError as twice:
        raise Problem(f"{day_title(twice.day)} is named twice. Nothing was planned.") from None


async def worded(desk: Desk, message: Message) -> Reply | None:
    """The planner's message about the plans of one request, with their current state."""
    made = await desk.store.plans.batch(message.about.partition(":")[2])
    if not made:
        return None
    return views.batch(made, await names(desk, made, reader=message.recipient), reader=message.recipient)


async def concerned(desk: Desk, message: Message) -> tuple[str, ...]:
    """The Slack users whose weeks these plans change, since their Home shows them."""
    made = await desk.store.plans.batch(message.about.partition(":")[2])
    entries = [await desk.store.directory.entry_or_id(plan.subject) for plan in made]
    return tuple(entry.slack_user_id for entry in entries if entry.slack_user_id)


async def names(desk: Desk, found: Iterable[Plan], *, reader: str) -> dict[Subject, Who]:
    """The plans' subjects -> their names as the reader should see them."""
    subjects = dict.fromkeys(plan.subject for plan in found)
    entries = [await desk.store.directory.entry_or_id(subject) for subject in subjects]
    return {entry.subject: Who.of(entry, reader=reader) for entry in entries}
