"""The clock's work on plans: announce them the day before, begin them, and put weeks back at their end.

When a plan is due, its planner's permission is checked again. If it was lost, people are asked to decide;
otherwise the plan becomes an act, which is carried out, reported and recovered like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from handlers import leavers
from handlers.desk import Ask, Desk
from handlers.malformed import held
from handlers.plans.making import permits_to_cancel
from handlers.slack_errors import SLACK_TROUBLE
from handlers.views.blocks import Reply
from handlers.views.plans import told as views
from handlers.views.week import Who
from store.access import Action, Permit
from store.messages import Message
from store.plans import Plan, PlanOverError, PlanState, PlanUnderWayError
from store.week import Subject

__all__ = ["bring_about", "drop", "take_over", "worded"]

log = logging.getLogger(__name__)

_ABOUT = {"begin": PlanState.PLANNED, "end": PlanState.BEGUN, "asked": PlanState.ASKED}
"""What a message announces -> the plan state in which a decision is still possible."""


async def bring_about(desk: Desk) -> None:
    """Do everything that is due: announce tomorrow's plans, put weeks back, begin plans."""
    beginnings, now = desk.store.beginnings, desk.clock.now()
    await beginnings.tell(now)
    for plans in await beginnings.due(now):
        planner, state = plans[0].planner, plans[0].state
        if state is PlanState.ASKED:
            await beginnings.end(plans, now=now)
            continue
        try:
            permits = await _permits(desk, planner, plans)
            if len(permits) < len({plan.subject for plan in plans}) and await leavers.rests(desk, planner):
                continue
        except SLACK_TROUBLE as error:
            log.info("the plans of %s wait until Slack returns their profile: %s", planner, error)
            continue
        done = beginnings.begin if state is PlanState.PLANNED else beginnings.put_back
        await done(plans, permits, now=now)


async def worded(desk: Desk, message: Message) -> Reply | None:
    """A message about plans in their current state; ``None`` if there is nothing to tell any more."""
    plans = await desk.store.plans.told_in(message.about)
    told = [
        views.Told(plan, Who.of(entry, reader=message.recipient))
        for plan in plans
        for entry in [await desk.store.directory.entry_or_id(plan.subject)]
    ]
    own = [each for each in told if each.who.you]
    if own and all(plan.planner != message.recipient for plan in plans):
        told = own  # of another person's batch, each recipient sees only their own plan
    what, *_ = message.about.split(":")
    if message.ts is None and not any(_is_news(each.plan, what) for each in told):
        return None
    reader = views.Reader(
        message.recipient, tells=message.about, now=desk.clock.now(), team_id=desk.store.team_id
    )
    return views.message(told, reader)


async def drop(ask: Ask) -> None:
    """*Cancel* and *Leave as it is*: cancel the plans that the message is about."""
    by, now = ask.user_id, ask.desk.clock.now()
    permits = await permits_to_cancel(ask, await _still_open(ask))
    await _settle(
        ask, permits, lambda permit, plan_id: ask.store.plans.cancel(permit, plan_id, by=by, now=now)
    )


async def take_over(ask: Ask) -> None:
    """*Take over*: do now, in the presser's name, what the planner is no longer permitted to do."""
    still, now = await _still_open(ask), ask.desk.clock.now()
    allowed = await ask.may_some(Action.CHANGE, [plan.subject for plan in still])
    permits = {plan.id: allowed[plan.subject] for plan in still if plan.subject in allowed}
    await _settle(ask, permits, lambda permit, plan_id: ask.store.plans.take_over(permit, plan_id, now=now))


async def _settle(
    ask: Ask, permits: Mapping[str, Permit], decide: Callable[[Permit, str], Awaitable[Plan]]
) -> None:
    """Apply a decision to the message's plans that the presser may decide about.

    Everybody's message is edited as a result; the presser gets an answer only if it was too late.

    Raises:
        PlanUnderWayError: one is being written; it is still open, the others are decided.
    """
    settled = 0
    under_way: PlanUnderWayError | None = None
    for plan_id, permit in permits.items():
        try:
            await decide(permit, plan_id)
            settled += 1
        except PlanOverError:
            continue
        except PlanUnderWayError as error:
            under_way = error
    if under_way:
        raise under_way
    if not settled:
        await ask.answer(views.too_late())


async def _still_open(ask: Ask) -> list[Plan]:
    """The plans that the message is about and that can still be decided about."""
    with held():
        what, _, _ = ask.value.split(":")
        open_state = _ABOUT[what]
    return [plan for plan in await ask.store.plans.told_in(ask.value) if plan.state is open_state]


async def _permits(desk: Desk, planner: str, plans: Sequence[Plan]) -> dict[Subject, Permit]:
    actor = await desk.people.actor(planner, team_id=desk.store.team_id)
    return await desk.store.access.allowed(actor, Action.CHANGE, {plan.subject for plan in plans})


def _is_news(plan: Plan, what: str) -> bool:
    return plan.state is _ABOUT[what] or views.is_missed(plan)
