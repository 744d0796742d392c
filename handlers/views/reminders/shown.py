"""Answers to a reminder's manager after it was created, changed, posted, previewed or deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from handlers.views.blocks import Reply, actions, context, escape, literal, section, sections, sentence_list
from handlers.views.reminders.card import Known, buttons, card, every, what, when
from handlers.views.spans import in_full
from handlers.views.words import counted
from store.reminders import Reminder, ReminderKind

__all__ = [
    "CREATED",
    "THERE_ALREADY",
    "deleted",
    "gone",
    "invite",
    "one",
    "posting",
    "preview",
    "shared_channel",
]

CREATED = "Created. *Preview* shows whom it would name."
THERE_ALREADY = "This reminder exists already, so I did not make a second one."


def one(reminder: Reminder, known: Known, *, note: str) -> Reply:
    """One reminder's card below a note about what was done."""
    said, blocks = card(reminder, known, note=note)
    return Reply(f"{note} {said}", (*blocks, *buttons(reminder, every())))


def deleted(reminder: Reminder, known: Known) -> Reply:
    """The answer after a reminder was deleted."""
    return Reply.saying(f"Deleted: {what(reminder, known)}, {when(reminder.schedule)}.", *actions(every()))


def gone() -> Reply:
    """The answer to a button of a reminder that was deleted or taken over meanwhile."""
    return Reply.saying(
        "This reminder was deleted, or somebody else has taken it over, so I did nothing.", *actions(every())
    )


def posting(reminder: Reminder, *, people: int, leave_awaited: bool) -> str:
    """The note after *Post now*; the clock posts the reminder in a moment."""
    if leave_awaited:
        return f"I’ll post it in <#{reminder.channel}> in a few minutes, once I know who is away."
    does = "It shows" if reminder.kind is ReminderKind.BOARD else "It names"
    return f"I’ll post it in <#{reminder.channel}> now. {does} {_people(people)}."


def preview(
    reminder: Reminder,
    known: Known,
    *,
    day: date,
    people: Sequence[str],
    left_out: Mapping[str, int],
    leave_known: bool,
) -> Reply:
    """The preview: whom the reminder would name on its next day, and how many are left out, by reason."""
    counted = {why: count for why, count in left_out.items() if count}
    if reminder.kind is ReminderKind.BOARD:
        first = f"On {in_full(day)} it would show {_people(len(people))}: {_listed(people)}."
    else:
        first = f"On {in_full(day)} it would name {_people(len(people))}: {_listed(people)}."
    if not people:
        first = f"On {in_full(day)} there would be nobody to name, so it would post nothing."
    rest = "Nobody is left out." if people else ""
    if counted:
        rest = f"Left out: {sentence_list(f'{count} {why}' for why, count in counted.items())}."
    if not leave_known:
        rest += " Toggl Focus does not tell me who is away then, so nobody is left out for that."
    where = f"{what(reminder, known)}, {when(reminder.schedule)}"
    foot = "As of now. Nothing was posted, and nobody was told."
    blocks = (section(f"*Preview:* {where}"), *sections(" ".join(filter(None, (first, rest)))), context(foot))
    said = f"Preview: {where}. {first} {rest} {foot}"
    return Reply(said, (*blocks, *buttons(reminder, every(), previewed=True)))


def shared_channel() -> str:
    """The refusal of a channel shared with other organizations."""
    return "People from other organizations read this channel, so I post no reminders there."


def invite(channel: str, bot: str) -> str:
    """The refusal of a channel without the bot, with how to invite it."""
    return f"I am not in <#{channel}>, so I can’t post there. Type `/invite @{escape(bot)}` in it first."


def _people(count: int) -> str:
    return counted(count, "person", several="people")


def _listed(people: Sequence[str]) -> str:
    """At most forty names: a channel may have hundreds."""
    shown = [literal(name) for name in people[:40]]
    more = [f"{len(people) - 40} more"] if len(people) > 40 else []
    return sentence_list([*shown, *more])
