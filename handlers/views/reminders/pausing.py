"""Pausing a reminder: the form that asks until when, and the answer."""

from __future__ import annotations

from datetime import date

from slack_sdk.models.blocks import DatePickerElement, InputBlock, PlainTextObject
from slack_sdk.models.views import View

from handlers.views.blocks import section
from handlers.views.modals import modal
from handlers.views.reminders.card import Known, what, when
from handlers.views.spans import in_full
from store.reminders import Reminder

__all__ = ["PAUSE", "TITLE", "pause_form", "paused_until"]

PAUSE = "reminder_pause"
TITLE = "Pause a reminder"


def pause_form(reminder: Reminder, known: Known, *, tomorrow: date) -> View:
    """The form that asks until when; without a day the pause lasts until the reminder is resumed."""
    return modal(
        TITLE,
        [
            section(f"{what(reminder, known)}, {when(reminder.schedule)}"),
            InputBlock(
                block_id="until",
                label="Pause until",
                hint="From this day on it is posted again. Without a day it waits for Resume",
                optional=True,
                element=DatePickerElement(action_id="until", placeholder=PlainTextObject(text="No end")),
            ),
        ],
        callback_id=PAUSE,
        submit="Pause",
        close="Cancel",
        private_metadata=f"{reminder.id} {tomorrow.isoformat()}",
    )


def paused_until(reminder: Reminder) -> str:
    """The note after a reminder was paused."""
    if reminder.paused_until is None:
        return "Paused."
    return f"Paused: it is posted again from {in_full(reminder.paused_until)} on."
