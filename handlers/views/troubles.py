"""Why a change is not in Focus, in one sentence: the journal's codes worded."""

from __future__ import annotations

from handlers.views.blocks import escape, when
from handlers.views.words import days_of
from store.act import Change, State, Trouble

__all__ = ["trouble_sentence"]

_SENTENCES = {
    "out_of_quota": "Toggl Focus’s hourly quota for me is used up.",
    "key_refused": "Toggl Focus does not accept my API key: an admin has to renew `FOCUS_API_KEY`.",
    "slow_down": "Toggl Focus asked me to slow down.",
    "busy": "Somebody else is changing this week at this moment.",
    "forbidden": "Toggl Focus does not let my key change this week: its owner must be an Organization Admin.",
    "not_found": "Toggl Focus does not know this person or placeholder any more.",
    "rejected": "Toggl Focus did not accept the change.",
    "unavailable": "Toggl Focus does not answer at the moment.",
    "impossible": "Toggl Focus sent a weekday number that cannot be, so I stopped all changes.",
    "not_understood": "Toggl Focus answered something that I don’t understand.",
    "not_taken": "Toggl Focus did not answer clearly; I looked twice, half a minute apart.",
    "interrupted": "I was restarted before I could do it.",
    "locked": "All changes are stopped until an admin has looked.",
    "moved": "Toggl Focus moved days that nobody asked for, so I put them back and stopped all changes.",
    "moved_stuck": "Toggl Focus moved days that nobody asked for, and I could not put them back.",
    "not_allowed": "Whoever asked for it may not change this week any more.",
    "expired": "It waited too long.",
    "plan_over": "The days it was planned for are over.",
}

_SPEAK_FOR_THEMSELVES = {"out_of_quota", "key_refused", "slow_down"}
"""What Focus says of these tells nobody more."""


def trouble_sentence(change: Change) -> str:
    """What stands between this change and Focus; empty where nothing does."""
    trouble = change.trouble
    if trouble is None:
        return ""
    match trouble.code:
        case "conflict":
            text = "The same days have been changed since."
        case "doubled":
            text = (
                f"Focus has two entries for one day ({escape(days_of(trouble.description))})."
                " Look at the week and choose which to keep, then try again."
            )
        case "entry_gone":
            text = (
                f"{escape(days_of(trouble.description))} has been changed in Focus since you looked, and what"
                " you wanted to keep is not there any more. Look at the week again."
            )
        case "day_twice":
            text = f"{escape(days_of(trouble.description))} is named twice."
        case "unclear":
            text = "Toggl Focus did not say whether it worked."
        case code:
            text = _SENTENCES.get(code, "Toggl Focus did not take the change.")
    return " ".join(filter(None, (text, _said(trouble), _until(change, trouble))))


def _said(trouble: Trouble) -> str:
    if trouble.code in _SPEAK_FOR_THEMSELVES:
        return ""
    if trouble.code in {"conflict", "doubled", "entry_gone", "day_twice", "moved", "moved_stuck"}:
        return f"Days: {escape(days_of(trouble.description))}." if trouble.code.startswith("moved") else ""
    said = f"It said: “{escape(trouble.description.rstrip('.'))}”." if trouble.description else ""
    trace = f"Toggl’s trace id: `{escape(trouble.trace_id)}`." if trouble.trace_id else ""
    return " ".join(filter(None, (said, trace)))


def _until(change: Change, trouble: Trouble) -> str:
    if trouble.until is None or change.state.settled:
        return ""
    if change.state is State.UNCLEAR:
        return f"I look again {when(trouble.until)}, and my direct message tells you."
    return f"I try again {when(trouble.until)}."
