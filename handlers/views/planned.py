"""What people read about plans: tomorrow it begins, tomorrow it ends, or it could not be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views.batches import wanted
from handlers.views.blocks import Reply, actions, button, mention, section
from handlers.views.receipts import ask_about
from handlers.views.spans import in_full
from handlers.views.week import Who, capital
from store.planned import Plan, PlanState
from store.week import Pattern

__all__ = ["Reader", "Told", "is_missed", "message", "too_late"]

NAMED = 10
"""Weeks told one by one; of more only the number is."""


@dataclass(frozen=True, slots=True)
class Told:
    """A plan, and whose week it is for."""

    plan: Plan
    who: Who


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it, what the message tells (``begin:…``, ``end:…`` or ``asked:…``), and when."""

    user_id: str
    tells: str
    now: datetime
    team_id: str

    def name(self, user_id: str | None) -> str:
        """*you*, or a mention."""
        return "you" if user_id == self.user_id else mention(user_id or "")


def message(told: Sequence[Told], reader: Reader) -> Reply:
    """One sentence a week, and what can be done about them while it can."""
    if not told:
        return Reply.saying("What I had told you here was moved to another day.")
    what, *_ = reader.tells.split(":")
    words, offers = {"begin": (_begins, _cancel), "end": (_ends, _leave), "asked": (_asked, _decide)}[what]
    lines = [capital(words(each.plan, each.who, reader)) for each in told[:NAMED]]
    if len(told) > NAMED:
        lines.append(f"And {len(told) - NAMED} more weeks.")
    blocks: list[Block] = [section("\n".join(lines))]
    return Reply(" ".join(lines), (*blocks, *actions(*offers([each.plan for each in told], reader))))


def too_late() -> Reply:
    """There is nothing to decide any more."""
    return Reply.saying("This has been settled in the meantime, so I changed nothing.")


def is_missed(plan: Plan) -> bool:
    """Whether its days went by without it."""
    return plan.state is PlanState.OVER and plan.begin_act is None


def _begins(plan: Plan, who: Who, reader: Reader) -> str:
    by, day = reader.name(plan.planner), in_full(plan.first)
    until = f", until {in_full(plan.last)}" if plan.last else ""
    change = f"{wanted(plan.pattern)}{until}"
    match plan.state:
        case PlanState.PLANNED:
            when = _on(plan.first, plan, reader)
            return f"{when} I change {who.whose} in Toggl Focus as {by} planned: {change}."
        case PlanState.CANCELLED:
            return f"{_by(plan, reader)} cancelled what was planned for {who.whose} on {day}: {change}."
        case PlanState.ASKED:
            return (
                f"what {by} planned for {who.whose} on {day} has not begun: {by} may not change it any more."
            )
        case _ if is_missed(plan):
            return _missed(plan, who, reader)
        case _:
            return f"on {day} the change to {who.whose} that {by} planned has begun: {change}."


def _ends(plan: Plan, who: Who, reader: Reader) -> str:
    last = plan.last or plan.first
    day = last + timedelta(days=1)
    by = reader.name(plan.planner)
    match plan.state:
        case PlanState.BEGUN:
            restored = f": {wanted(Pattern.exactly(plan.restores))}" if plan.restores else ""
            when = _on(day, plan, reader)
            return f"{when} I put {who.whose} in Toggl Focus back as it was, as {by} planned{restored}."
        case PlanState.CANCELLED:
            return f"{_by(plan, reader)} decided that {who.whose} stays as it is after {in_full(last)}."
        case PlanState.ASKED:
            return f"{who.whose} was not put back on {in_full(day)}: {by} may not change it any more."
        case _:
            return f"what {by} planned for {who.whose} ended on {in_full(last)}."


def _asked(plan: Plan, who: Who, reader: Reader) -> str:
    by = reader.name(plan.planner)
    what = f"the change to {who.whose} planned for {in_full(plan.first)} ({wanted(plan.pattern)})"
    if reader.tells.endswith(":end"):
        what = f"putting back {who.whose} after {in_full(plan.last or plan.first)}"
    match plan.state:
        case PlanState.ASKED:
            can = "An admin of mine can take it over." if plan.planner == reader.user_id else ""
            text = f"{what} was not done: {by}, who planned it, may not change this week any more. {can}"
            return text.strip()
        case PlanState.CANCELLED:
            return f"{_by(plan, reader)} cancelled {what}."
        case _ if is_missed(plan):
            return _missed(plan, who, reader)
        case _:
            return f"{_by(plan, reader)} took over {what}."


def _missed(plan: Plan, who: Who, reader: Reader) -> str:
    span = f"from {in_full(plan.first)} until {in_full(plan.last or plan.first)}"
    by = reader.name(plan.planner)
    why = (
        "nobody decided in time" if plan.trouble and plan.trouble.code == "not_allowed" else "I was not there"
    )
    return f"what {by} planned for {who.whose} {span} was never done: {why}. Nothing was changed."


def _cancel(plans: Sequence[Plan], reader: Reader) -> tuple[ButtonElement | None, ...]:
    return _settle(plans, reader, PlanState.PLANNED, "Cancel")


def _leave(plans: Sequence[Plan], reader: Reader) -> tuple[ButtonElement | None, ...]:
    return _settle(plans, reader, PlanState.BEGUN, "Leave as it is")


def _settle(
    plans: Sequence[Plan], reader: Reader, state: PlanState, name: str
) -> tuple[ButtonElement | None, ...]:
    """For the planner a way to stop it, for the person somebody to turn to."""
    still = [plan for plan in plans if plan.state is state]
    if not still:
        return ()
    if any(plan.planner == reader.user_id for plan in still):
        return (
            button(name if len(still) == 1 else f"{name} ({len(still)})", "plan_drop", value=reader.tells),
        )
    return (ask_about(still[0].planner, team_id=reader.team_id),)


def _decide(plans: Sequence[Plan], reader: Reader) -> tuple[ButtonElement | None, ...]:
    still = [plan for plan in plans if plan.state is PlanState.ASKED and plan.planner != reader.user_id]
    if not still:
        return ()
    return (
        button("Take over and do it now", "plan_take", value=reader.tells, style="primary"),
        button("Cancel", "plan_drop", value=reader.tells),
    )


def _by(plan: Plan, reader: Reader) -> str:
    return reader.name(plan.decided_by)


def _on(day: date, plan: Plan, reader: Reader) -> str:
    today = reader.now.astimezone(ZoneInfo(plan.zone)).date()
    near = {0: "today, ", 1: "tomorrow, "}.get((day - today).days, "on ")
    return f"{near}{in_full(day)}," if near != "on " else f"on {in_full(day)}"
