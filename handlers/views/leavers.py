"""Messages to admins about the pending work of people who left Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import ButtonElement

from handlers.views.blocks import Reply, actions, button, confirmed, literal, mention, sentence_list
from handlers.views.managers import whose
from store.directory import Entry
from store.leavers import Decision

__all__ = ["Left", "left", "too_late"]

NAMED = 10
"""The most people named; more are only counted."""


@dataclass(frozen=True, slots=True)
class Left:
    """A person who left, with their waiting changes, plans, petitions, grants and reminders."""

    user_id: str
    name: str
    waiting: Sequence[Entry]
    planned: Sequence[Entry]
    asked: Sequence[Entry]
    scopes: Sequence[str]
    names: Mapping[str, Entry]
    reminders: Sequence[str] = ()
    """The channel of each of their reminders."""


def left(found: Left, decision: Decision | None) -> Reply:
    """The question, and once it is settled what became of it."""
    who = f"{mention(found.user_id)} ({literal(found.name)})"
    behind = sentence_list(_behind(found))
    if decision is None:
        return Reply.saying(f"{who} is back in Slack, so {behind} is as it was.")
    if decision.what == "taken":
        return Reply.saying(f"{who} has left Slack. {_by(decision)} has taken over {behind}.")
    if decision.what == "deleted":
        return Reply.saying(f"{who} has left Slack. {_by(decision)} has deleted {behind}.")
    return Reply.saying(
        f"{who} has left Slack. Until one of you decides, this is on hold: {behind}. *Take over* makes it"
        " yours; *Delete* ends it and changes nothing in Toggl Focus.",
        *actions(
            button("Take over", "leaver_take", value=found.user_id, style="primary"),
            _delete(found),
        ),
    )


def too_late(user_id: str, decision: Decision | None) -> Reply:
    """The answer to an admin if another decided first, or there is nothing left to decide."""
    if decision is None or decision.by is None:
        return Reply.saying(f"Nothing of {mention(user_id)} is on hold any more, so I changed nothing.")
    what = "taken it over" if decision.what == "taken" else "deleted it"
    return Reply.saying(f"{_by(decision)} was first and has {what}; I changed nothing.")


def _delete(found: Left) -> ButtonElement:
    press = button("Delete", "leaver_delete", value=found.user_id, style="danger")
    kinds = {
        "waiting changes": found.waiting,
        "planned changes": found.planned,
        "requests to others": found.asked,
        "rights": found.scopes,
        "reminders": found.reminders,
    }
    what = sentence_list(kind for kind, some in kinds.items() if some)
    gone = f"The {what} of {mention(found.user_id)} end for good, even if they come back to Slack."
    return confirmed(press, "Delete what they left behind?", f"{gone} This cannot be undone.")


def _by(decision: Decision) -> str:
    return mention(decision.by) if decision.by else "An admin"


def _behind(found: Left) -> list[str]:
    """Phrases for the leaver's pending work, grants and reminders."""
    parts = []
    if found.waiting:
        parts.append(f"what waits to be changed in {_weeks(found.waiting)}")
    if found.planned:
        parts.append(f"what is planned for {_weeks(found.planned)}")
    if found.asked:
        parts.append(f"what they have asked somebody to change in {_weeks(found.asked)}")
    if found.scopes:
        scopes = (
            sentence_list(whose(scope, found.names) for scope in found.scopes)
            if len(found.scopes) <= NAMED
            else f"{len(found.scopes)} people’s weeks"
        )
        parts.append(f"the right to change {scopes}")
    if count := len(found.reminders):
        channels = sentence_list(f"<#{channel}>" for channel in dict.fromkeys(found.reminders))
        parts.append(
            f"the reminder{'s' * (count > 1)} in {channels}" if count <= NAMED else f"{count} reminders"
        )
    return parts


def _weeks(entries: Sequence[Entry]) -> str:
    if len(entries) > NAMED:
        return f"{len(entries)} weeks"
    return sentence_list(f"{_name(entry)}’s week" for entry in entries)


def _name(entry: Entry) -> str:
    return mention(entry.slack_user_id) if entry.slack_user_id else f"*{literal(entry.name)}*"
