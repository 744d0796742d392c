"""Messages about planned changes: the plans of one request, lists, and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views.blocks import Reply, actions, button, context, disarmed, mention, section, sentence_list
from handlers.views.lists import grouped, listed, sentences
from handlers.views.outcomes import difference
from handlers.views.plans.told import is_missed
from handlers.views.spans import in_full, span
from handlers.views.week import Who, capital, day_list, kept, wanted, week_table
from store.plans import Plan, PlanState
from store.week import DayNamedTwiceError, Pattern, Subject, Week

__all__ = [
    "already",
    "batch",
    "coming",
    "days_over",
    "in_the_way",
    "listing",
    "no_change",
    "over",
    "overlap",
    "period",
]

SHOWN = 20
"""The most plans shown in a list, to stay below a message's 50 blocks."""

LONGEST_WHOSE = 1900
"""The most characters of the list's subjects that fit into a button's value beside the plan's id."""

ONE_DAY = timedelta(days=1)
Names = Mapping[Subject, Who]


def period(plan: Plan) -> str:
    """Format a plan's dates: ``from Fri 1 Jan 2027 until Wed 31 Mar 2027``."""
    return span(plan.first, plan.last)


def batch(plans: Sequence[Plan], who: Names, *, reader: str) -> Reply:
    """The plans of one request with their current state, for the planner."""
    if len(plans) > 1:
        return _many(plans, who, reader)
    (plan,) = plans
    whom, weeks = who[plan.subject], _weeks(plan)
    stands = _stands(plan)
    first = f"{period(plan)}: {whom.whose}, {_difference(plan)}."
    blocks: list[Block] = [section(f"*{stands}* {first}")]
    if weeks:
        before, after = weeks
        blocks.append(week_table([("Before", before), ("Then", after)], changed=True))
    told = list(filter(None, (_back(plan, weeks), _standing(plan, reader))))
    blocks += [section(line) for line in told]
    foot = _foot((plan,), reader)
    rest = kept(*weeks) if weeks else ""
    return Reply(
        " ".join(filter(None, (stands, first, rest, *told, foot))),
        (*blocks, context(foot), *actions(*(() if _at_once(plan) else _offers(plan, value=plan.id)))),
    )


def listing(
    plans: Sequence[Plan], who: Names, *, changeable: Iterable[Subject], reader: str, whose: str, command: str
) -> Reply:
    """The list of ``/hours plan``; each button's value holds ``whose``, to show the same list again.

    Where ``whose`` is too long for that, the reader's own list is shown instead.
    """
    hint = f"Plan a change: `{command} set mon-thu 8 from next mon` · `… from 2027-01-31 until 2027-03-31`"
    if not plans:
        return Reply(f"Nothing is planned. {hint}", (section("Nothing is planned."), context(hint)))
    may, blocks, lines = set(changeable), [], []
    for plan in plans[:SHOWN]:
        line = f"{capital(who[plan.subject].whose)} {period(plan)}: {wanted(plan.pattern)}"
        by = f"planned by {_name(plan.planner, reader)}"
        begun = "begun" if plan.state is PlanState.BEGUN else ""
        standing = " · ".join(filter(None, (begun, _standing(plan, reader).rstrip("."), by, plan.zone)))
        lines.append(f"{line}. {standing}.")
        blocks.append(section(f"{line}\n_{standing}_"))
        value = f"{plan.id} {whose if len(whose) <= LONGEST_WHOSE else '-'}"
        if plan.subject in may:
            blocks += actions(*_offers(plan, value=value))
        elif plan.planner == reader:
            blocks += actions(_cancel(plan, value=value))
    if len(plans) > SHOWN:
        blocks.append(context(f"and {len(plans) - SHOWN} more: name the people, as `{command} plan @ana`"))
    return Reply(sentences([*lines, hint]), (*blocks, context(hint)))


def coming(plans: Sequence[Plan], *, command: str) -> str:
    """Lines about the next plans for a week that is shown; empty if there are none."""
    lines = [_holds(plan) or f"Planned {period(plan)}: {wanted(plan.pattern)}" for plan in plans[:3]]
    lines += [f"and {len(plans) - 3} more: `{command} plan`"] if len(plans) > 3 else []
    return "\n".join(f"{line}." for line in lines)


def overlap(plan: Plan, who: Who, *, reader: str) -> Reply:
    """The refusal of a plan that overlaps another one, with buttons to change that one."""
    return _with_offers(
        plan,
        f"{_there_is(plan, who, reader)}"
        " Only one can apply at a time: change or cancel that one first. Nothing new was planned.",
    )


def already(plan: Plan, who: Who, *, reader: str) -> Reply:
    """The answer to a request for a plan that exists, with buttons to change it."""
    return _with_offers(plan, f"{_there_is(plan, who, reader)} Nothing new was planned.")


def _there_is(plan: Plan, who: Who, reader: str) -> str:
    by = f", planned by {_name(plan.planner, reader)}"
    return f"{capital(who.whose)} has a planned change already {period(plan)}: {wanted(plan.pattern)}{by}."


def _with_offers(plan: Plan, text: str) -> Reply:
    offers = _offers(plan, value=f"{plan.id} {plan.subject.key}", which=" that one")
    return Reply.saying(text, *actions(*offers))


def in_the_way(plan: Plan, who: Who) -> str:
    """The same, where others are planned for: why this one is left out."""
    return f"{disarmed(who.plain)} has a planned change already {period(plan)}: {wanted(plan.pattern)}."


def over(plan: Plan, *, reader: str) -> Reply:
    """The answer to a button of a plan that was decided or has begun meanwhile."""
    states = {
        PlanState.CANCELLED: f"was cancelled{_by(plan, reader)}",
        PlanState.OVER: "is over",
        PlanState.BEGUN: "has begun",
        PlanState.ASKED: "could not begin and waits for a decision",
    }
    return Reply.saying(
        f"This planned change {states.get(plan.state, 'is as it was')} in the meantime, so I did nothing."
    )


def days_over(plan: Plan) -> Reply:
    """The refusal to begin a plan, or to redo it, after its last day."""
    return Reply.saying(
        f"This was planned {period(plan)}, and that is over: done now, it would stay for good. I changed"
        " nothing. If that is what you want, change the week itself."
    )


def no_change(who: Who, first: date | None) -> Reply:
    """The answer if the plan would change nothing."""
    when = f"on {in_full(first)}" if first else "now"
    return Reply.saying(f"{capital(who.whose)} is already like that {when}, so nothing was planned.")


# ------------------------------------------------------------------ inside


def _holds(plan: Plan) -> str:
    """The line about a begun plan: until when it holds, and what follows; empty for other plans."""
    if plan.state is not PlanState.BEGUN or plan.last is None:
        return ""
    then = f", then again {wanted(Pattern.exactly(plan.restores))}" if plan.restores else ""
    return f"Until {in_full(plan.last)}: {wanted(plan.pattern)}{then}"


_STANDS = {
    PlanState.PLANNED: "Planned",
    PlanState.BEGUN: "Begun",
    PlanState.ASKED: "Not begun",
    PlanState.OVER: "Done",
    PlanState.CANCELLED: "Cancelled",
}


_UNDONE, _MISSED, _UNWRITTEN = "Undone", "Missed", "Not done"


def _stands(plan: Plan) -> str:
    """A plan's state as a word for the reader."""
    if plan.undone:
        return _UNDONE
    if plan.unwritten:
        return _UNWRITTEN
    return _MISSED if is_missed(plan) else _STANDS[plan.state]


def _many(plans: Sequence[Plan], who: Names, reader: str) -> Reply:
    head = f"{period(plans[0])}: {wanted(plans[0].pattern)}, {len(plans)} weeks"
    all_alike = len({_stands(plan) for plan in plans}) == 1
    stands = _stands(plans[0]) if all_alike else _STANDS[PlanState.PLANNED]
    blocks: list[Block] = [section(f"*{stands}* {head}.")]
    told = [f"{stands} {head}."]
    for name in (*_STANDS.values(), _UNDONE, _MISSED, _UNWRITTEN):
        items = grouped(
            (who[plan.subject].label, _difference(plan)) for plan in plans if _stands(plan) == name
        )
        title = "Weeks" if all_alike else name
        blocks += listed(title, items)
        told += [f"{title}: {', '.join(item.text for item in items)}."] if items else []
    if all_alike and (standing := _standing(plans[0], reader)):
        blocks.append(section(standing))
        told.append(standing)
    foot = _foot(plans, reader)
    planned = [plan for plan in plans if plan.state is PlanState.PLANNED]
    cancel = button(f"Cancel all {len(planned)}", "plan_cancel_all", value=plans[0].batch, style="danger")
    return Reply(sentences([*told, foot]), (*blocks, context(foot), *actions(cancel if planned else None)))


def _weeks(plan: Plan) -> tuple[Week, Week] | None:
    """The weeks before and after the change, as expected when it was planned; ``None`` if unknown."""
    if plan.expected is None:
        return None
    before = Week.of(plan.expected)
    try:
        return before, plan.pattern.on(before)
    except DayNamedTwiceError:
        return None


def _difference(plan: Plan) -> str:
    weeks = _weeks(plan)
    return difference(*weeks) if weeks else wanted(plan.pattern)


def _back(plan: Plan, weeks: tuple[Week, Week] | None) -> str:
    """The sentence about putting the week back, if that is still to come."""
    comes = plan.state is PlanState.PLANNED or (
        plan.state is PlanState.BEGUN and not plan.undone and not plan.unwritten
    )
    if plan.last is None or weeks is None or not comes:
        return ""
    before, after = weeks
    return f"On {in_full(plan.last + ONE_DAY)} it is put back: {day_list(before, before.differing(after))}."


def _standing(plan: Plan, reader: str) -> str:
    match plan.state:
        case PlanState.BEGUN if plan.undone:
            return "The change was undone, so nothing is put back."
        case PlanState.OVER if plan.undone:
            return "The change was undone."
        case PlanState.BEGUN | PlanState.OVER if plan.unwritten:
            return "Its day came, but nothing was written: another message says why."
        case PlanState.CANCELLED if plan.begin_act:
            return f"Cancelled{_by(plan, reader)} after it had begun: the week stays as it was then."
        case PlanState.CANCELLED:
            return f"Cancelled{_by(plan, reader)}: nothing will be changed."
        case PlanState.OVER if is_missed(plan):
            return "It was never done, so nothing was changed."
        case PlanState.ASKED:
            return "Its day came, but it was no longer allowed: somebody has to decide."
        case _:
            return ""


def _by(plan: Plan, reader: str) -> str:
    return f" by {_name(plan.decided_by, reader)}" if plan.decided_by else ""


def _name(user_id: str, reader: str) -> str:
    return "you" if user_id == reader else mention(user_id)


def _at_once(plan: Plan) -> bool:
    """Whether the plan begins immediately, so that buttons would come too late."""
    return plan.state is PlanState.PLANNED and plan.begins_at <= plan.at


def _foot(plans: Sequence[Plan], reader: str) -> str:
    zones = sorted({plan.zone for plan in plans})
    where = zones[0] if len(zones) == 1 else f"each person’s own zone ({sentence_list(zones[:4])})"
    by = f"planned by {_name(plans[0].planner, reader)}"
    still = any(plan.state is PlanState.PLANNED for plan in plans)
    if all(map(_at_once, plans)):
        return f"It begins at once · {by}"
    return f"{'Nothing changes before its first day · ' * still}Days begin at 0:00, {where} · {by}"


def _offers(plan: Plan, *, value: str, which: str = "") -> Iterable[ButtonElement | None]:
    if plan.state is PlanState.PLANNED:
        yield button(f"Change{which}…", f"plan_edit:{plan.id}", value=value)
        yield _cancel(plan, value=value, which=which)
    elif plan.state is PlanState.ASKED:
        yield _cancel(plan, value=value)
    elif plan.state is PlanState.BEGUN and plan.last and not plan.undone:
        yield button("Leave as it is", f"plan_cancel:{plan.id}", value=value)


def _cancel(plan: Plan, *, value: str, which: str = "") -> ButtonElement | None:
    """A *Cancel* button for a plan that has not begun; also for planners who may not change the week."""
    if plan.begin_act or not plan.state.is_open:
        return None
    says = f"Cancel {wanted(plan.pattern)}"
    return button(f"Cancel{which}", f"plan_cancel:{plan.id}", value=value, says=says)
