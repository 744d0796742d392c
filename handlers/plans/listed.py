"""``/hours plan``: list plans with *Change* and *Cancel*, and edit one in a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from slack_sdk.models.views import View

from handlers.desk import Ask
from handlers.malformed import UnreadableError, held
from handlers.opening import open_form
from handlers.payloads import subject_in
from handlers.plans.making import names, permits_to_cancel, say_planned
from handlers.spans import first_in, narrowed, span_of, today_of
from handlers.views.blocks import Reply
from handlers.views.plans import form
from handlers.views.plans import shown as views
from handlers.views.week import Who
from store.access import Action
from store.plans import Plan, PlanOverError, PlanState, projected
from store.week import Subject

__all__ = ["cancel", "cancel_all", "edit", "overview", "said", "saved"]

# ------------------------------------------------------------------ the list


async def overview(ask: Ask) -> None:
    """``/hours plan [subject …]``: list the plans for these subjects.

    Without subjects: the plans for the asker's own week and those the asker made.
    """
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
    """*Cancel* or *Leave as it is*, below a plan or in a list; a list is shown again without it."""
    plan_id, _, listed = ask.value.partition(" ")
    subjects = [] if listed in {"", "-"} else [subject_in(key) for key in listed.split(",")]
    plan = await _plan(ask, plan_id)
    permits = await permits_to_cancel(ask, [plan])
    plan = await ask.store.plans.cancel(permits[plan.id], plan.id, by=ask.user_id, now=ask.desk.clock.now())
    if listed:
        await replace(ask, replaces=True).answer(await _list(ask, subjects))
    else:
        await say_planned(ask, await ask.store.plans.batch(plan.batch))


async def cancel_all(ask: Ask) -> None:
    """*Cancel all*: cancel the plans of one request that have not begun and that the asker may cancel."""
    made = await ask.store.plans.batch(ask.value)
    if not made:
        raise UnreadableError(f"no plans {ask.value}")
    permits = await permits_to_cancel(ask, made)  # of all: the answer shows also what is over
    now = ask.desk.clock.now()
    for plan in made:
        if plan.state is PlanState.PLANNED and plan.id in permits:
            await ask.store.plans.cancel(permits[plan.id], plan.id, by=ask.user_id, now=now)
    await say_planned(ask, await ask.store.plans.batch(ask.value))


# ------------------------------------------------------------------ changing


async def edit(ask: Ask) -> None:
    """*Change…*: open the plan in a form."""
    await open_form(ask, _fill, title=form.TITLE)


async def _fill(ask: Ask) -> View:
    plan = await _plan(ask, ask.value.partition(" ")[0])
    await ask.may(Action.CHANGE, plan.subject)
    if plan.state is not PlanState.PLANNED:
        raise PlanOverError(plan)
    entry = await ask.store.directory.entry_or_id(plan.subject)
    return form.build(plan, Who.of(entry, reader=ask.user_id), today=await today_of(ask))


def said(view: Mapping[str, Any]) -> dict[str, Any]:
    """The submitted form's fields, validated, in the form that is recorded.

    Raises:
        FieldError: a field is not valid.
    """
    form.read(view)
    return {"plan": form.said(view)}


async def saved(ask: Ask) -> None:
    """*Save*: replace the plan's hours or dates."""
    with held():
        wanted = form.restored(ask.said["plan"])
    plan = await _plan(ask, wanted.plan_id)
    permit = await ask.may(Action.CHANGE, plan.subject)
    span = span_of(wanted.first, wanted.last, today=await today_of(ask))
    look = await ask.store.hours.look(await ask.may(Action.SEE, plan.subject))
    now = ask.desk.clock.now()
    who = Who.of(await ask.store.directory.entry_or_id(plan.subject), reader=ask.user_id)
    first = first_in(plan.zone, span, who, now=now)
    others = [each for each in await ask.store.plans.of([plan.subject]) if each.id != plan.id]
    week = projected(look.snapshot.week, others, first)
    pattern = narrowed(wanted.pattern or plan.pattern, span)
    changed = await ask.store.plans.change(
        permit,
        plan.id,
        pattern=pattern,
        expected=dict(week),
        first=first,
        last=span.last,
        now=now,
        request_id=ask.act_id,
    )
    await say_planned(ask, [changed])


async def _plan(ask: Ask, plan_id: str) -> Plan:
    plan = await ask.store.plans.get(plan_id)
    if plan is None:
        raise UnreadableError(f"no plan {plan_id}")
    return plan
