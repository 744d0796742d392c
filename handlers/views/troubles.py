"""Word what is wrong: why a change is not in Focus, and why Focus cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from handlers.views.blocks import escape, sentence_list, when
from handlers.views.week import Who
from handlers.views.words import days_of
from store.act import Change, State
from store.focus import (
    FocusError,
    ForbiddenError,
    ImpossibleWeekdayError,
    KeyRefusedError,
    NotFoundError,
    NotUnderstoodError,
    OutOfQuotaError,
    SlowDownError,
    UnavailableError,
    WorkspaceMissingError,
)
from store.trouble import Trouble, TroubleCode

__all__ = ["focus_trouble", "not_read", "trouble_sentence"]

_SENTENCES: Mapping[TroubleCode, str] = {
    TroubleCode.OUT_OF_QUOTA: "My hourly quota for Toggl Focus is used up.",
    TroubleCode.KEY_REFUSED: "Toggl Focus does not accept my API key: an admin has to renew `FOCUS_API_KEY`.",
    TroubleCode.SLOW_DOWN: "Toggl Focus asked me to slow down.",
    TroubleCode.BUSY: "Somebody else is changing this week right now.",
    TroubleCode.AFTER_UNCLEAR: "I do not know yet what became of an earlier change to the same day.",
    TroubleCode.FORBIDDEN: (
        "Toggl Focus does not let my key change this week: its owner must be an Organization Admin."
    ),
    TroubleCode.NOT_FOUND: "Toggl Focus does not know this person or placeholder any more.",
    TroubleCode.REJECTED: "Toggl Focus did not accept the change.",
    TroubleCode.UNAVAILABLE: "Toggl Focus does not answer at the moment.",
    TroubleCode.IMPOSSIBLE: "Toggl Focus sent an impossible weekday number, so I stopped all changes.",
    TroubleCode.NOT_UNDERSTOOD: (
        "Toggl Focus sent an answer that I don’t understand: whoever runs me has to check with"
        " `python -m bot doctor`."
    ),
    TroubleCode.NOT_TAKEN: "Toggl Focus did not answer clearly; I looked twice, half a minute apart.",
    TroubleCode.INTERRUPTED: "I was restarted before I could do it.",
    TroubleCode.LOCKED: "All changes are stopped until an admin has looked.",
    TroubleCode.MOVED: (
        "Toggl Focus moved days that nobody asked for, so I put them back and stopped all changes."
    ),
    TroubleCode.MOVED_STUCK: "Toggl Focus moved days that nobody asked for, and I could not put them back.",
    TroubleCode.NOT_ALLOWED: "The person who asked for it may no longer change this week.",
    TroubleCode.EXPIRED: "It waited too long.",
    TroubleCode.PLAN_OVER: "The days it was planned for are over.",
    TroubleCode.PLAN_CANCELLED: "The planned change was cancelled.",
    TroubleCode.MISSED: "Its days were over before it could begin.",
    TroubleCode.UNCLEAR: "Toggl Focus did not say whether it worked.",
    TroubleCode.CONFLICT: "The same days have been changed since.",
    TroubleCode.DOUBLED: (
        "Focus has two entries for one day ({days}). Look at the week and choose which to keep, then try"
        " again."
    ),
    TroubleCode.ENTRY_GONE: (
        "{days} has been changed in Focus since you looked, and what you wanted to keep is not there any"
        " more. Look at the week again."
    ),
    TroubleCode.DAY_TWICE: "{days} is named twice.",
}

_SPEAK_FOR_THEMSELVES = {
    TroubleCode.OUT_OF_QUOTA,
    TroubleCode.KEY_REFUSED,
    TroubleCode.SLOW_DOWN,
    TroubleCode.LOCKED,
    TroubleCode.PLAN_OVER,
}
"""Codes whose description adds nothing to the sentence."""


def trouble_sentence(change: Change) -> str:
    """Why this change is not in Focus, and when it is tried again; empty if there is no trouble."""
    trouble = change.trouble
    if trouble is None:
        return ""
    text = _SENTENCES[trouble.code].format(days=_days(trouble))
    why = _why_until_then(trouble.before) if trouble.before else ""
    return " ".join(filter(None, (text, why, _said(trouble), _until(change, trouble))))


def _why_until_then(trouble: Trouble) -> str:
    if trouble.code is TroubleCode.CONFLICT:
        return f"{_days(trouble)} had been changed in the meantime, and nobody decided which hours count."
    return f"Until then: {_SENTENCES[trouble.code].format(days=_days(trouble))}"


def _days(trouble: Trouble) -> str:
    return escape(days_of(trouble.description)) if trouble.code.names_days else ""


def _said(trouble: Trouble) -> str:
    if trouble.code in _SPEAK_FOR_THEMSELVES:
        return ""
    if trouble.code in {TroubleCode.MOVED, TroubleCode.MOVED_STUCK}:
        return f"Days: {_days(trouble)}."
    if trouble.code.names_days:
        return ""
    said = f"It said: “{escape(trouble.description.rstrip('.'))}”." if trouble.description else ""
    trace = f"Toggl’s trace id: `{escape(trouble.trace_id)}`." if trouble.trace_id else ""
    return " ".join(filter(None, (said, trace)))


def _until(change: Change, trouble: Trouble) -> str:
    if trouble.until is None or change.state.settled:
        return ""
    if change.state is State.UNCLEAR:
        return f"I’ll check again {when(trouble.until)} and tell you in a direct message."
    return f"I’ll try again {when(trouble.until)}."


def focus_trouble(error: FocusError) -> str:
    """One sentence with what is wrong with Toggl Focus and who can fix it."""
    trace = f" (Toggl’s trace id: `{escape(error.trace_id)}`)" if error.trace_id else ""
    said = f" It said: “{escape(error.description.rstrip('.'))}”." if error.description else ""
    match error:
        case OutOfQuotaError():
            resets_at = error.quota and error.quota.resets_at
            back = f" It resets {when(resets_at)}." if resets_at else ""
            return f"My hourly quota for Toggl Focus is used up{trace}.{back}"
        case KeyRefusedError():
            return (
                f"Toggl Focus does not accept my API key any more{trace}: an admin has to renew"
                " `FOCUS_API_KEY`."
            )
        case ForbiddenError():
            return (
                f"Toggl Focus does not let my key do this{trace}: its owner must be an Organization Admin."
                f"{said}"
            )
        case WorkspaceMissingError():
            return "I don’t know Focus’s workspace: an admin has to set `FOCUS_WORKSPACE_ID`."
        case NotFoundError():
            return _not_found(error, trace)
        case ImpossibleWeekdayError():
            return (
                "Toggl Focus sent a weekday number that doesn’t fit `FOCUS_WEEKDAYS`: an admin has to"
                " check that setting."
            )
        case SlowDownError():
            return f"Toggl Focus asks me to slow down{trace}; try again in a minute."
        case UnavailableError():
            return f"Toggl Focus does not answer at the moment{trace}; try again in a minute."
        case NotUnderstoodError():
            return (
                f"Toggl Focus sent an answer that I don’t understand{trace}: whoever runs me has to check"
                f" with `python -m bot doctor`.{said}"
            )
        case _:
            return f"Toggl Focus did not accept this{trace}.{said}"


def _not_found(error: NotFoundError, trace: str) -> str:
    if error.of_subject:
        return f"Toggl Focus does not know this person or placeholder any more{trace}."
    return (
        f"Toggl Focus does not know its ids in my settings{trace}: whoever runs me has to check them with"
        " `python -m bot doctor`."
    )


def not_read(failed: Iterable[tuple[Who, FocusError]]) -> tuple[str, ...]:
    """Whose weeks could not be read and why, a line for each reason: ``Not read: Ben Okafor. …``."""
    named: dict[str, list[str]] = {}
    for who, error in failed:
        named.setdefault(focus_trouble(error), []).append(who.label)
    return tuple(f"Not read: {sentence_list(labels)}. {why}" for why, labels in named.items())
