"""Reminders: messages posted in a channel on a schedule, and their runs.

A reminder has a schedule (:mod:`store.reminders.rules`) and an owner, who manages it. Each time it is due is
a *run*: it is claimed by one process, names people, is posted once through the outbox, and collects answers.
"""

from store.reminders.answers import COUNTS_FOR
from store.reminders.managing import ReminderGoneError, Reminders, SameReminderError
from store.reminders.posting import Attempt, Posting
from store.reminders.reminder import Reminder, ReminderKind, ReminderState, Span
from store.reminders.rules import Due, MonthlyWeekday, MonthlyWorkday, Rule, Schedule, Weekly
from store.reminders.run import LEAVE_UNKNOWN, Answer, Invited, Run, RunState
from store.reminders.running import Runs

__all__ = [
    "COUNTS_FOR",
    "LEAVE_UNKNOWN",
    "Answer",
    "Attempt",
    "Due",
    "Invited",
    "MonthlyWeekday",
    "MonthlyWorkday",
    "Posting",
    "Reminder",
    "ReminderGoneError",
    "ReminderKind",
    "ReminderState",
    "Reminders",
    "Rule",
    "Run",
    "RunState",
    "Runs",
    "SameReminderError",
    "Schedule",
    "Span",
    "Weekly",
]
