"""Messages to a reminder's owner and the admins about runs that failed, were late or are unclear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from handlers.views.blocks import Reply, actions, button, escape, mention, when
from handlers.views.words import counted
from store.reminders import Reminder, ReminderKind, ReminderState, Run, RunState

__all__ = ["failing", "going_on", "late", "leave_unknown", "settled_before", "unclear", "what_mends"]

_KINDS = {ReminderKind.CHECK: "check", ReminderKind.BOARD: "board"}

_FIXES = {
    "not_in_channel": "I am not in {channel}. Type `/invite @{bot}` there.",
    "channel_not_found": (
        "I can’t see {channel}: it is private and I am not in it, or it was deleted."
        " Type `/invite @{bot}` there, or choose another channel."
    ),
    "is_archived": "{channel} is archived. Unarchive it, or choose another channel.",
    "missing_scope": "My app lacks a scope for {channel}: an admin has to add it and install me again.",
    "restricted_action": "Only some people may post in {channel}: let me, or choose another channel.",
    "owner_gone": "{owner}, who made it, has left Slack. An admin can *Take over*.",
    "owner_may_not": "{owner}, who made it, may not make reminders any more. An admin can *Take over*.",
}
_OF_OWNER = {"owner_gone", "owner_may_not"}


def failing(reminder: Reminder, *, bot: str, reader: str) -> Reply:
    """The message about a failing reminder with the remedy; once it works again, it says so."""
    what = _what(reminder)
    if reminder.state is ReminderState.DELETED:
        return Reply.saying(f"{what} was deleted, so it is not posted any more.")
    if not reminder.failures:
        return Reply.saying(_goes_on(reminder))
    text = f"{what} was not posted{_times(reminder)}. {what_mends(reminder, bot)}"
    if reminder.state is ReminderState.PAUSED:
        text += " I have paused it; press *Resume* when that is done."
    elif reminder.next_at:
        text += f" I’ll try again {when(reminder.next_at)}."
    of_owner, paused = reminder.reason in _OF_OWNER, reminder.state is ReminderState.PAUSED
    return Reply.saying(
        text,
        *actions(
            button("Take over", "run_take_over", value=reminder.id, style="primary")
            if of_owner and reader != reminder.owner
            else None,
            button("Resume", "run_resume", value=reminder.id) if paused and not of_owner else None,
            button("Post now", f"reminder_post:{reminder.id}", value=reminder.id) if not of_owner else None,
            button("Change…", f"reminder_change:{reminder.id}", value=reminder.id) if not of_owner else None,
        ),
    )


def late(missed: Sequence[Run], reminder: Reminder, *, grace: timedelta) -> Reply:
    """The message about runs that were skipped because the bot could not post them in time."""
    run, before = missed[-1], len(missed) - 1
    minutes = counted(int(grace.total_seconds() // 60), "minute")
    often = f" (and {counted(before, 'time')} before that)" if before else ""
    then = f" It is due again {when(reminder.next_at)}." if reminder.next_at else ""
    return Reply.saying(
        f"{_what(reminder)} was due {when(run.due_at)}{often}, and I could not post it then. More than"
        f" {minutes} late it would only confuse, so I skipped it.{then}"
    )


def leave_unknown(run: Run, reminder: Reminder) -> Reply:
    """The message about a run posted without knowing who is on leave."""
    return Reply.saying(
        f"{_what(reminder)}, due {when(run.due_at)}, may name people who are on leave, or ask on a public"
        " holiday: Toggl Focus did not tell me who is away. If that lasts, I’ll mention it once a month."
    )


def unclear(run: Run, reminder: Reminder) -> Reply:
    """The question whether a post has arrived, which Slack did not confirm; once settled, the outcome."""
    what = f"{_what(reminder)}, due {when(run.due_at)},"
    match run.state:
        case RunState.UNCLEAR:
            return Reply.saying(
                f"Slack did not confirm that it got this: {what} may be in the channel or not."
                " I won’t post it twice: please look there.",
                *actions(
                    button("It is there", "run_is_there", value=run.id, style="primary"),
                    button("Post it again", "run_post_again", value=run.id),
                ),
            )
        case RunState.READY:
            return Reply.saying(f"{what} is being posted again.")
        case RunState.POSTED | RunState.CLOSED:
            return Reply.saying(f"{what} is in the channel.")
        case _:
            return Reply.saying(f"{what} is not in the channel.")


def settled_before(run: Run) -> Reply:
    """The answer to a press after the question was settled."""
    there = run.state in {RunState.POSTED, RunState.CLOSED}
    return Reply.saying(
        "This is settled: it is in the channel." if there else "This is settled, so I did nothing more."
    )


def going_on(reminder: Reminder) -> Reply:
    """The answer after a reminder was resumed or taken over."""
    return Reply.saying(_goes_on(reminder))


def _goes_on(reminder: Reminder) -> str:
    whose = f" It is {mention(reminder.owner)}’s."
    due = f" It is due {when(reminder.next_at)}." if reminder.next_at else " It is paused."
    return f"{_what(reminder)} works again.{whose}{due}"


def _what(reminder: Reminder) -> str:
    return f"The {_KINDS[reminder.kind]} in {_channel(reminder)}"


def _channel(reminder: Reminder) -> str:
    return f"<#{reminder.channel}>"


def _times(reminder: Reminder) -> str:
    return "" if reminder.failures == 1 else f", {reminder.failures} times in a row"


def what_mends(reminder: Reminder, bot: str) -> str:
    """Why the reminder could not be posted, and the remedy."""
    known = _FIXES.get(reminder.reason)
    if known:
        return known.format(channel=_channel(reminder), bot=escape(bot), owner=mention(reminder.owner))
    if " " in reminder.reason:
        return escape(reminder.reason)
    return f"Slack refuses it there (`{escape(reminder.reason)}`)."
