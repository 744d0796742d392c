"""Announcements about plans: one begins or ends tomorrow, or could not be carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views.blocks import Reply, actions, button, mention, section, sentence_list
from handlers.views.receipts import ask_about
from handlers.views.spans import in_full
from handlers.views.week import Who, capital, wanted
from store.plans import Plan, PlanState
from store.trouble import TroubleCode
from store.week import Pattern

__all__ = ["Reader", "Told", "is_missed", "message", "too_late"]

NAMED = 10
"""The most people named in a sentence, and sentences in a message; the rest are counted."""

_WHOSE = "\0"
"""A placeholder in sentences for whose week it is."""


@dataclass(frozen=True, slots=True)
class Told:
    """A plan, and the subject whose week it changes."""

    plan: Plan
    who: Who


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader, what the message announces (``begin:…``, ``end:…`` or ``asked:…``), and the time."""

    user_id: str
    tells: str
    now: datetime
    team_id: str

    def name(self, user_id: str | None) -> str:
        """``you`` for the reader, else a mention."""
        return "you" if user_id == self.user_id else mention(user_id or "")


def message(told: Sequence[Told], reader: Reader) -> Reply:
    """The announcement: subjects with the same sentence are grouped; buttons while a decision is possible."""
    if not told:
        return Reply.saying("What I announced here was moved to another day.")
    what, *_ = reader.tells.split(":")
    words, offers = {"begin": (_begins, _cancel), "end": (_ends, _leave), "asked": (_asked, _decide)}[what]
    alike: dict[str, list[Who]] = {}
    for each in told:
        alike.setdefault(words(each.plan, _WHOSE, reader), []).append(each.who)
    lines = [capital(line.replace(_WHOSE, _weeks(who))) for line, who in alike.items()][:NAMED]
    if len(alike) > NAMED:
        lines.append(f"And {len(alike) - NAMED} more like these.")
    blocks: list[Block] = [section("\n".join(lines))]
    return Reply(" ".join(lines), (*blocks, *actions(*offers([each.plan for each in told], reader))))


def _weeks(who: Sequence[Who]) -> str:
    if len(who) == 1:
        return who[0].whose
    names = ["you" if each.you else each.label for each in who[:NAMED]]
    more = [f"{len(who) - NAMED} more"] if len(who) > NAMED else []
    return f"the weeks of {sentence_list([*names, *more])}"


def too_late() -> Reply:
    """The answer to a press after everything was decided."""
    return Reply.saying("This has been settled in the meantime, so I changed nothing.")


def is_missed(plan: Plan) -> bool:
    """Whether the plan's days passed without it having begun."""
    return plan.state is PlanState.OVER and plan.begin_act is None


def _begins(plan: Plan, whose: str, reader: Reader) -> str:
    by, day = reader.name(plan.planner), in_full(plan.first)
    until = f", until {in_full(plan.last)}" if plan.last else ""
    change = f"{wanted(plan.pattern)}{until}"
    match plan.state:
        case PlanState.PLANNED:
            when = _on(plan.first, plan, reader)
            return f"{when} I’ll change {whose} in Toggl Focus as {by} planned: {change}."
        case PlanState.CANCELLED:
            return f"{_by(plan, reader)} cancelled what was planned for {whose} on {day}: {change}."
        case PlanState.ASKED:
            return f"what {by} planned for {whose} on {day} has not begun: {by} may not change it any more."
        case PlanState.BEGUN | PlanState.OVER if plan.undone:
            return f"the change to {whose} that {by} planned for {day} was undone: {change}."
        case PlanState.BEGUN | PlanState.OVER if plan.unwritten:
            return f"the change to {whose} that {by} planned for {day} is not done: {change}."
        case _ if is_missed(plan):
            return _missed(plan, whose, reader)
        case _:
            return f"on {day} the change to {whose} that {by} planned has begun: {change}."


def _ends(plan: Plan, whose: str, reader: Reader) -> str:
    last = plan.last or plan.first
    day = last + timedelta(days=1)
    by = reader.name(plan.planner)
    match plan.state:
        case PlanState.BEGUN | PlanState.OVER if plan.undone:
            return f"what {by} planned for {whose} was undone, so nothing is put back on {in_full(day)}."
        case PlanState.BEGUN if plan.unwritten:
            return f"what {by} planned for {whose} is not done, so nothing is put back on {in_full(day)}."
        case PlanState.BEGUN:
            restored = f": {wanted(Pattern.exactly(plan.restores))}" if plan.restores else ""
            when = _on(day, plan, reader)
            return f"{when} I’ll put back {whose} in Toggl Focus, as {by} planned{restored}."
        case PlanState.CANCELLED:
            return f"{_by(plan, reader)} decided that nothing is put back in {whose} after {in_full(last)}."
        case PlanState.ASKED:
            return f"on {in_full(day)} I did not put back {whose}: {by} may not change it any more."
        case _:
            return f"what {by} planned for {whose} ended on {in_full(last)}."


def _asked(plan: Plan, whose: str, reader: Reader) -> str:
    by = reader.name(plan.planner)
    what = f"the change to {whose} planned for {in_full(plan.first)} ({wanted(plan.pattern)})"
    if reader.tells.endswith(":end"):
        what = f"putting back {whose} after {in_full(plan.last or plan.first)}"
    match plan.state:
        case PlanState.ASKED:
            if plan.planner == reader.user_id:
                may_not = "you may no longer change this week. A bot admin can take it over."
            else:
                may_not = f"{by}, who planned it, may no longer change this week."
            return f"{what} was not done: {may_not}"
        case PlanState.CANCELLED:
            return f"{_by(plan, reader)} cancelled {what}."
        case _ if is_missed(plan):
            return _missed(plan, whose, reader)
        case _:
            return f"{_by(plan, reader)} took over {what}."


def _missed(plan: Plan, whose: str, reader: Reader) -> str:
    span = f"from {in_full(plan.first)} until {in_full(plan.last or plan.first)}"
    by = reader.name(plan.planner)
    why = (
        "nobody decided in time"
        if plan.trouble and plan.trouble.code is TroubleCode.NOT_ALLOWED
        else "I was not running then"
    )
    return f"what {by} planned for {whose} {span} was never done: {why}. Nothing was changed."


def _cancel(plans: Sequence[Plan], reader: Reader) -> tuple[ButtonElement | None, ...]:
    still = [plan for plan in plans if plan.state is PlanState.PLANNED]
    return _settle(still, reader, "Cancel" if len(still) == 1 else f"Cancel all {len(still)}")


def _leave(plans: Sequence[Plan], reader: Reader) -> tuple[ButtonElement | None, ...]:
    still = [plan for plan in plans if plan.state is PlanState.BEGUN and not plan.undone]
    return _settle(still, reader, "Leave as it is" if len(still) == 1 else f"Leave all {len(still)}")


def _settle(still: Sequence[Plan], reader: Reader, name: str) -> tuple[ButtonElement | None, ...]:
    """A button to stop the plans for their planner, else a button to ask the planner about them."""
    if not still:
        return ()
    if any(plan.planner == reader.user_id for plan in still):
        return (button(name, "plan_drop", value=reader.tells),)
    return (ask_about(still[0].planner, team_id=reader.team_id),)


def _decide(plans: Sequence[Plan], reader: Reader) -> tuple[ButtonElement | None, ...]:
    open_ = [plan for plan in plans if plan.state is PlanState.ASKED]
    still = [plan for plan in open_ if plan.planner != reader.user_id]
    if not still:
        own = any(plan.begin_act is None for plan in open_)
        return (button("Cancel", "plan_drop", value=reader.tells),) if own else ()
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
