"""A reminder as a card with buttons, and as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.grammar import format_time
from handlers.views.blocks import actions, button, confirmed, context, literal, mention, section
from handlers.views.reminders.failed import what_mends
from handlers.views.spans import in_full
from handlers.views.words import format_rule
from store.reminders import Reminder, ReminderKind, ReminderState, Schedule

__all__ = ["Known", "buttons", "card", "every", "sentence", "what", "when"]


@dataclass(frozen=True, slots=True)
class Known:
    """The names needed to describe a reminder."""

    groups: Mapping[str, str]
    """User group id -> name; groups that Slack does not list are missing."""
    bot: str
    """The bot's name as typed after ``/invite @``."""


def card(reminder: Reminder, known: Known, *, note: str = "") -> tuple[str, list[Block]]:
    """The text and the blocks that describe a reminder."""
    text = f"*{_title(reminder)}* {_places(reminder, known)}\n{when(reminder.schedule)}"
    foot = f"{_state(reminder)} · managed by {mention(reminder.owner)}"
    lead = [section(note)] if note else []
    trouble = _trouble(reminder, known)
    warning = [context(f":warning: {trouble}")] if trouble else []
    full = f"{sentence(reminder, known)}, managed by {mention(reminder.owner)}."
    said = " ".join(filter(None, (full, trouble)))
    return said, [*lead, section(text), context(foot), *warning]


def sentence(reminder: Reminder, known: Known) -> str:
    """The reminder in one sentence, without a full stop."""
    return f"{what(reminder, known)}, {when(reminder.schedule)}; {_state(reminder)}"


def what(reminder: Reminder, known: Known) -> str:
    """What the reminder posts, and where."""
    return f"{_title(reminder)} {_places(reminder, known)}"


def when(schedule: Schedule) -> str:
    """On which days and at what time the reminder posts."""
    return f"{format_rule(schedule.rule)}, {format_time(schedule.at)} {schedule.zone}"


def buttons(reminder: Reminder, *more: ButtonElement, previewed: bool = False) -> tuple[Block, ...]:
    """The reminder's buttons."""
    paused = reminder.state is ReminderState.PAUSED
    number = reminder.id
    return actions(
        button("Preview", f"reminder_preview:{number}", value=number) if not previewed else None,
        button("Post now", f"reminder_post:{number}", value=number),
        button("Resume", f"reminder_resume:{number}", value=number)
        if paused
        else button("Pause…", f"reminder_pause:{number}", value=number),
        button("Change…", f"reminder_change:{number}", value=number),
        _delete(reminder),
        *more,
    )


def every() -> ButtonElement:
    """A button that lists all reminders."""
    return button("All reminders", "run:reminders", value="reminders")


# ------------------------------------------------------------------ inside


def _title(reminder: Reminder) -> str:
    if reminder.kind is ReminderKind.CHECK:
        return "Check: is your week still right?"
    return f"Board: who works {'this week' if reminder.span == 'week' else 'today'}"


def _places(reminder: Reminder, known: Known) -> str:
    """The channel and the group; the group as plain text, since a mention would notify everybody in it."""
    whom = ""
    if reminder.group:
        name = known.groups.get(reminder.group)
        whom = f" for @{literal(name)}" if name else f" for user group `{reminder.group}`"
    return f"in <#{reminder.channel}>{whom}"


def _state(reminder: Reminder) -> str:
    if reminder.state is ReminderState.PAUSED and reminder.next_at is None:
        return "paused until somebody presses Resume"
    paused = "paused · " if reminder.state is ReminderState.PAUSED else ""
    return f"{paused}next: {_moment(reminder.schedule, reminder.next_at)}"


def _trouble(reminder: Reminder, known: Known) -> str:
    """Why the last post failed, and the remedy; empty if it did not fail."""
    if not reminder.failures:
        return ""
    times = "the last time" if reminder.failures == 1 else f"the last {reminder.failures} times"
    return f"Not posted {times}. {what_mends(reminder, known.bot)}"


def _moment(schedule: Schedule, at: datetime | None) -> str:
    """Format a moment in the reminder's zone: ``Fri 1 Jan 2027, 9:00 Europe/Berlin``."""
    if at is None:
        return "never"
    local = schedule.local(at)
    return f"{in_full(local.date())}, {format_time(local.time())} {schedule.zone}"


def _delete(reminder: Reminder) -> ButtonElement:
    press = button("Delete", f"reminder_delete:{reminder.id}", value=reminder.id, style="danger")
    gone = f"{_title(reminder)} in <#{reminder.channel}> is not posted any more."
    return confirmed(press, "Delete this reminder?", gone)
