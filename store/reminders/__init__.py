"""Reminders, and their runs: each time one is due is claimed once, posted once, and answered.

A reminder has a schedule (:mod:`store.reminders.rules`) and an owner, who manages it; each time that it is
due is a run, which names people and goes through the outbox into a channel.
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
