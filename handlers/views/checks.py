"""What a reminder posts in its channel."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.views.blocks import Reply, mention, sentence_list
from handlers.views.week import Who
from store.reminder import Reminder
from store.run import Run
from store.week import Subject

__all__ = ["message"]


def message(run: Run, reminder: Reminder, names: Mapping[Subject, Who], *, late: bool) -> Reply:
    """The post of a run as it is now; whether it came late is said."""
    del names
    asked = sentence_list(mention(each.slack_user_id) for each in run.people)
    due = reminder.schedule.local(run.due_at)
    note = f" (late: it was due at {due:%H:%M})" if late else ""
    return Reply.saying(f"{asked}: are your working hours in Toggl Focus still right?{note}")
