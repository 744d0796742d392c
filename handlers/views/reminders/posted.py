"""The post of a reminder's run: a check, open or closed, or a board.

A check names the people it asks and counts the answers; the channel does not see who has not answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views import words
from handlers.views.blocks import Reply, actions, button, context, mention, section, sentence_list
from handlers.views.lists import flowing
from handlers.views.reminders import boards
from handlers.views.reminders.boards import named
from handlers.views.week import DAYS_UNSURE, Who
from store.reminders import Reminder, ReminderKind, Run, RunState
from store.week import Subject

__all__ = ["answered_of", "day_name", "message", "offers"]


def message(
    run: Run,
    reminder: Reminder,
    names: Mapping[Subject, Who],
    *,
    late: bool,
    age: timedelta | None = None,
    days_unsure: bool = False,
) -> Reply:
    """The post of a run with its current state.

    Args:
        run: the run that is posted.
        reminder: the reminder the run belongs to.
        names: the run's subjects as shown.
        late: whether to note that it is late.
        age: the age of the oldest week on a board.
        days_unsure: whether a board's weeks may be shown with their days shifted.
    """
    notes = [_late(run, reminder)] if late else []
    if reminder.kind is ReminderKind.BOARD:
        notes += [DAYS_UNSURE] if days_unsure else []
        return boards.board(run, names, span=reminder.span, notes=notes, age=age)
    if run.state is RunState.CLOSED or _answered(run) == len(run.people):
        return Reply(_over(run), (context(_over(run)),))
    return _check(run, notes)


def offers(run: Run) -> tuple[Block, ...]:
    """The buttons with the three answers, below a check and a nudge."""
    return actions(*_answers(run.id))


def answered_of(run: Run) -> str:
    """How many have answered, as ``9 of 12``."""
    return f"{_answered(run)} of {len(run.people)}"


def day_name(day: date) -> str:
    """Format a day as ``Wed 1 July``."""
    return f"{words.day_name(day)} {day.day} {day:%B}"


# ------------------------------------------------------------------ checks


def _check(run: Run, notes: Sequence[str]) -> Reply:
    title = "Are your working hours in Toggl Focus still right?"
    asked = named([mention(each.slack_user_id) for each in run.people])
    foot = " · ".join([f"{answered_of(run)} answered", day_name(run.day), *notes])
    lines = [section(line.text) for line in flowing(asked, between=" ")]
    blocks = [section(f"*{title}*"), *lines, context(foot), *offers(run)]
    whom = sentence_list(each.text for each in asked)
    return Reply(f"{whom}: {title[0].lower()}{title[1:]} {foot}.", tuple(blocks))


def _over(run: Run) -> str:
    if _answered(run) == len(run.people):
        all_of = "the only one asked" if len(run.people) == 1 else f"all {len(run.people)}"
        return f"Working hours checked on {day_name(run.day)}: {all_of} answered."
    return f"Working hours checked on {day_name(run.day)}: {answered_of(run)} answered."


def _answers(run_id: str) -> Iterable[ButtonElement]:
    yield button("Still right", "check_right", value=run_id, style="primary")
    yield button("Not right, change", "check_change", value=run_id)
    yield button("Not now", "check_later", value=run_id)


def _answered(run: Run) -> int:
    return sum(bool(each.answer) for each in run.people)


# ------------------------------------------------------------------ inside


def _late(run: Run, reminder: Reminder) -> str:
    schedule = reminder.schedule
    return f"late: it was due at {schedule.local(run.due_at):%H:%M} ({schedule.zone})"
