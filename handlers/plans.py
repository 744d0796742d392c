"""Changes planned for a date: made here, listed, changed and cancelled; the clock brings them about.

Whatever was asked, typed or in a form, comes here once its days are known. Nothing is written to Focus: the
plan is kept, and a message of the planner's own shows it from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.asked import Problem
from handlers.desk import Ask, Desk
from handlers.spans import Span, span_of
from handlers.views import planform as form
from handlers.views import plans as views
from handlers.views.blocks import Reply
from handlers.views.modals import loading
from handlers.views.week import Who
from store.access import Action, Permit
from store.act import Days
from store.directory import Entry
from store.outbox import Message
from store.plans import Plan, PlannedWish, PlanState, projected
from store.week import DayNamedTwiceError, Pattern, Subject, Week

__all__ = [
    "cancel",
    "cancel_all",
    "edit",
    "foreseen",
    "names",
    "plan_many",
    "plan_one",
    "plans",
    "said",
    "save_again",
    "saved",
    "saving",
    "span_asked",
    "today_of",
    "validate",
    "worded",
]


# ------------------------------------------------------------------ planning


async def span_asked(ask: Ask) -> Span:
    """From when until when the typed line is about, by the calendar of whoever typed it.

    Raises:
        Problem: it can't be.
    """
    return span_of(ask.asked.first, ask.asked.last, today=await today_of(ask))


async def today_of(ask: Ask) -> date:
    """The day it is for whoever asks."""
    actor = await ask.actor()
    return _day_in(actor.timezone, ask.desk.clock.now())


async def plan_one(ask: Ask, entry: Entry, pattern: Pattern, span: Span) -> None:
    """Plan it for one subject, and show what the week will be."""
    actor = await ask.actor()
    permit = await ask.store.access.may(actor, Action.CHANGE, entry.subject)
    look = await ask.store.hours.look(await ask.store.access.may(actor, Action.SEE, entry.subject))
    zone = await ask.desk.people.zone_of(entry.slack_user_id)
    first = span.first or _day_in(zone, ask.desk.clock.now())
    week = projected(look.snapshot.week, await ask.store.plans.of([entry.subject]), first)
    if _on(pattern, week) == week:
        await ask.answer(views.no_change(Who.of(entry, reader=ask.user_id), span.first))
        return
    wish = PlannedWish(permit, pattern, dict(week), zone)
    made = await ask.store.plans.add(
        ask.request(), [wish], first=first, last=span.last, now=ask.desk.clock.now()
    )
    await _say(ask, made)


async def plan_many(
    ask: Ask,
    permits: Iterable[Permit],
    pattern: Pattern,
    span: Span,
    *,
    expected: Mapping[Subject, Days | None],
    draft: str,
) -> None:
    """Plan it for everybody of a dry run: all of it or nothing, and once."""
    wishes = []
    for permit in permits:
        subject = permit.require(Action.CHANGE)
        zone = await ask.desk.people.zone_of((await ask.store.directory.entry_or_id(subject)).slack_user_id)
        wishes.append(PlannedWish(permit, pattern, expected[subject], zone))
    now = ask.desk.clock.now()
    first = span.first or min(_day_in(wish.zone, now) for wish in wishes)
    made = await ask.store.plans.add(ask.request(), wishes, first=first, last=span.last, now=now, draft=draft)
    await _say(ask, made)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What is planned already for those whom a new plan (``new``, of nobody in particular) would be about."""

    plans: Mapping[Subject, Sequence[Plan]]
    new: Plan

    def in_the_way(self, subject: Subject) -> Plan | None:
        """The plan of theirs that the new one would overlap."""
        new = replace(self.new, subject=subject)
        return next((plan for plan in self.plans.get(subject, ()) if plan.overlaps(new)), None)

    def week(self, subject: Subject, week: Week) -> Week:
        """Their week when the new one begins."""
        return projected(week, self.plans.get(subject, ()), self.new.first)


async def foreseen(ask: Ask, subjects: Iterable[Subject], pattern: Pattern, span: Span) -> Foreseen:
    """What is planned already for these, one look into the database."""
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


async def _say(ask: Ask, made: Sequence[Plan]) -> None:
    """Where it was asked; in a conversation with the bot the message that the outbox brings is the answer."""
    if ask.place.kind not in {"dm", "home"}:
        await ask.answer(
            views.batch(made, await names(ask.desk, made, reader=ask.user_id), reader=ask.user_id)
        )


def _on(pattern: Pattern, week: Week) -> Week:
    try:
        return pattern.on(week)
    except DayNamedTwiceError as twice:
        raise Problem(f"{twice.day.name.title()} is named twice. Nothing was planned.") from None


def _day_in(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


async def worded(desk: Desk, message: Message) -> Reply | None:
    """The planner's message: what was planned by one request, as it stands now."""
    made = await desk.store.plans.batch(message.about.partition(":")[2])
    if not made:
        return None
    return views.batch(made, await names(desk, made, reader=message.recipient), reader=message.recipient)


async def names(desk: Desk, found: Iterable[Plan], *, reader: str) -> dict[Subject, Who]:
    """Everybody whose week these plans are about, as the reader should see them."""
    subjects = dict.fromkeys(plan.subject for plan in found)
    entries = [await desk.store.directory.entry_or_id(subject) for subject in subjects]
    return {entry.subject: Who.of(entry, reader=reader) for entry in entries}


# ------------------------------------------------------------------ the list


async def plans(ask: Ask) -> None:
    """``/hours plan [subject …]``: one's own week and what one has planned, or somebody's."""
    refs = ask.asked.subjects
    entries = [await ask.subject(ref) for ref in refs]
    await ask.answer(await _list(ask, [entry.subject for entry in entries]))


async def _list(ask: Ask, subjects: Sequence[Subject]) -> Reply:
    actor = await ask.actor()
    for subject in subjects:
        await ask.store.access.may(actor, Action.SEE, subject)
    if subjects:
        found = await ask.store.plans.of(subjects)
    else:
        own = await ask.store.directory.linked(ask.user_id)
        of_mine = await ask.store.plans.of([own.subject]) if own else ()
        found = tuple({plan.id: plan for plan in (*of_mine, *await ask.store.plans.by(ask.user_id))}.values())
        found = tuple(sorted(found, key=lambda plan: plan.first))
    return views.listing(
        found,
        await names(ask.desk, found, reader=ask.user_id),
        changeable=await ask.store.access.allowed(actor, Action.CHANGE, {plan.subject for plan in found}),
        reader=ask.user_id,
        whose=",".join(subject.key for subject in subjects) or "-",
        command=ask.desk.command,
    )


# ------------------------------------------------------------------ cancelling


async def cancel(ask: Ask) -> None:
    """*Cancel*, or *Leave as it is*: below a plan, or in a list, which is shown anew."""
    plan_id, _, listed = ask.value.partition(" ")
    plan = await _plan(ask, plan_id)
    permit = await ask.store.access.may(await ask.actor(), Action.CHANGE, plan.subject)
    plan = await ask.store.plans.cancel(permit, plan.id, by=ask.user_id, now=ask.desk.clock.now())
    if listed:
        subjects = [] if listed == "-" else [Subject.parse(key) for key in listed.split(",")]
        await replace(ask, replaces=True).answer(await _list(ask, subjects))
    else:
        await _say(ask, await ask.store.plans.batch(plan.batch))


async def cancel_all(ask: Ask) -> None:
    """*Cancel all*: of one request, what has not begun and may still be changed."""
    actor = await ask.actor()
    made = await ask.store.plans.batch(ask.value)
    open_ = [plan for plan in made if plan.state is PlanState.PLANNED]
    permits = await ask.store.access.allowed(actor, Action.CHANGE, [plan.subject for plan in open_])
    if open_ and not permits:
        await ask.store.access.may(actor, Action.CHANGE, open_[0].subject)
    now = ask.desk.clock.now()
    for plan in open_:
        if plan.subject in permits:
            await ask.store.plans.cancel(permits[plan.subject], plan.id, by=ask.user_id, now=now)
    await _say(ask, await ask.store.plans.batch(ask.value))


# ------------------------------------------------------------------ changing


async def edit(ask: Ask) -> None:
    """*Change…*: the plan in a form."""
    plan = await _plan(ask, ask.value.partition(" ")[0])
    await ask.store.access.may(await ask.actor(), Action.CHANGE, plan.subject)
    entry = await ask.store.directory.entry_or_id(plan.subject)
    view = form.build(plan, Who.of(entry, reader=ask.user_id), today=await today_of(ask))
    await ask.desk.slack.views_open(trigger_id=ask.trigger_id, view=view)


def validate(view: Mapping[str, Any]) -> dict[str, str]:
    """Errors beside the fields, from memory only."""
    try:
        form.read(view)
    except form.FieldError as error:
        return error.errors
    return {}


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a submitted form asks for, as it survives a restart."""
    return {"plan": form.said(view)}


def saving(external_id: str) -> dict[str, Any]:
    """The view that goes with the acknowledgement."""
    view: dict[str, Any] = loading(form.TITLE, "Saving …", external_id=external_id).to_dict()
    return view


async def saved(ask: Ask) -> None:
    """*Save*: another change, or other days, in the place of what was planned."""
    wanted = form.restored(ask.said["plan"])
    plan = await _plan(ask, wanted.plan_id)
    actor = await ask.actor()
    permit = await ask.store.access.may(actor, Action.CHANGE, plan.subject)
    span = span_of(wanted.first, wanted.last, today=await today_of(ask))
    look = await ask.store.hours.look(await ask.store.access.may(actor, Action.SEE, plan.subject))
    now = ask.desk.clock.now()
    first = span.first or _day_in(plan.zone, now)
    others = [each for each in await ask.store.plans.of([plan.subject]) if each.id != plan.id]
    week = projected(look.snapshot.week, others, first)
    changed = await ask.store.plans.change(
        permit, plan.id, pattern=wanted.pattern or plan.pattern, expected=dict(week), first=first,
        last=span.last, now=now,
    )  # fmt: skip
    await _say(ask, [changed])


async def save_again(ask: Ask) -> None:
    """*Do it now* after a restart: what :func:`said` has kept."""
    await saved(ask)


async def _plan(ask: Ask, plan_id: str) -> Plan:
    plan = await ask.store.plans.get(plan_id)
    if plan is None:
        raise LookupError(f"no plan {plan_id}")
    return plan
