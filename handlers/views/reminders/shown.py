"""Reminders as the people read them who look after them: what, where, when next, and what can be done.

What a reminder posts in its channel is in ``checks``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ConfirmObject,
    DatePickerElement,
    InputBlock,
    MarkdownTextObject,
    PlainTextObject,
)
from slack_sdk.models.views import View

from handlers.grammar import format_time
from handlers.views.blocks import Reply, actions, button, context, escape, mention, section, sentence_list
from handlers.views.modals import modal
from handlers.views.reminders.failed import what_mends
from handlers.views.spans import in_full
from handlers.views.words import format_rule
from store.reminders import Reminder, ReminderKind, ReminderState, Schedule

__all__ = [
    "CREATED",
    "PAUSE",
    "THERE_ALREADY",
    "Known",
    "Page",
    "deleted",
    "gone",
    "invite",
    "listed",
    "one",
    "paged",
    "pause_form",
    "paused_until",
    "posting",
    "preview",
    "shared_channel",
]

PAUSE = "reminder_pause"
CREATED = "Created. *Preview* shows whom it would name."
THERE_ALREADY = "There is exactly this reminder already, so I made no second one."
SHOWN = 10
"""Reminders shown one by one: four blocks each at most, below the 50 of a message."""
OTHERS = 20
"""Of others, a line each, in one block."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the words of a reminder need beside it."""

    groups: Mapping[str, str]
    """User group -> its name; groups that Slack does not tell of are missing."""
    bot: str
    """What ``/invite`` calls the bot."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: those somebody may change, and those of others in this channel."""

    mine: Sequence[Reminder]
    others: Sequence[Reminder]
    number: int
    pages: int
    only: str
    """The one channel that the list is of; empty for every."""


def paged(mine: Sequence[Reminder], others: Sequence[Reminder], *, number: int, only: str) -> Page:
    """Page ``number`` from 0; of a list that has become shorter the last."""
    own = [mine[at : at + SHOWN] for at in range(0, len(mine), SHOWN)] or [()]
    theirs = [others[at : at + OTHERS] for at in range(0, len(others), OTHERS)] or [()]
    parts = [*((part, ()) for part in own[:-1]), (own[-1], theirs[0]), *(((), part) for part in theirs[1:])]
    number = min(number, len(parts) - 1)
    return Page(*parts[number], number, len(parts), only)


def one(reminder: Reminder, known: Known, *, note: str) -> Reply:
    """A reminder by itself, after something was done to it."""
    said, blocks = _card(reminder, known, note=note)
    return Reply(f"{note} {said}", (*blocks, *_buttons(reminder, _every())))


def listed(page: Page, known: Known, *, command: str, may_make: bool) -> Reply:
    """The reminders somebody may change, with their buttons, then those of others in this channel."""
    new = button("New reminder …", "remind_form", value="remind form") if may_make else None
    hint = f"`{command} remind #channel mon 9:00 Europe/Berlin check` makes one in a line" if may_make else ""
    how = (*actions(new), *([context(hint)] if hint else []))
    if not page.mine and not page.others:
        text = "There are no reminders yet that you look after."
        return Reply(" ".join(filter(None, (text, hint))), (section(text), *how))
    said: list[str] = []
    blocks: list[Block] = []
    for reminder in page.mine:
        words, card = _card(reminder, known)
        said.append(words)
        blocks += [*card, *_buttons(reminder)]
    if page.others:
        lines = [f"• {_sentence(each, known)} ({mention(each.owner)} looks after it)" for each in page.others]
        blocks.append(section("\n".join(["*Others in this channel*", *lines])))
        said += [line.removeprefix("• ") for line in lines]
    if page.pages > 1:
        which = f"Page {page.number + 1} of {page.pages}."
        said.append(which)
        blocks += [context(which), *actions(*_turn(page))]
    return Reply(" ".join(filter(None, [*said, hint])), (*blocks, *how))


def _turn(page: Page) -> Iterable[ButtonElement | None]:
    for name, to in (("Previous", page.number - 1), ("More", page.number + 1)):
        if 0 <= to < page.pages:
            yield button(name, f"reminders_page:{name.lower()}", value=f"{to} {page.only}")


def deleted(reminder: Reminder, known: Known) -> Reply:
    """It is gone."""
    return Reply.saying(f"Deleted: {_what(reminder, known)}, {_when(reminder.schedule)}.", *actions(_every()))


def gone() -> Reply:
    """A button of a reminder that was deleted meanwhile, or is somebody else's now."""
    return Reply.saying(
        "This reminder was deleted, or somebody else has taken it over, so I did nothing.", *actions(_every())
    )


def posting(reminder: Reminder, *, people: int, leave_awaited: bool) -> str:
    """*Post now*: the clock posts it in a moment."""
    if leave_awaited:
        return f"I post it in <#{reminder.channel}> in some minutes: Toggl Focus has to tell me who is away."
    does = "It shows" if reminder.kind is ReminderKind.BOARD else "It names"
    return f"I post it in <#{reminder.channel}> now. {does} {_people(people)}."


def preview(
    reminder: Reminder,
    known: Known,
    *,
    day: date,
    people: Sequence[str],
    left_out: Mapping[str, int],
    leave_known: bool,
) -> Reply:
    """Whom it would name on its next day, and how many it would not, by reason."""
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
    where = f"{_what(reminder, known)}, {_when(reminder.schedule)}"
    foot = "As of now. Nothing was posted, and nobody was told."
    blocks = (section(f"*Preview:* {where}"), section(" ".join(filter(None, (first, rest)))), context(foot))
    buttons = _buttons(reminder, _every(), previewed=True)
    return Reply(f"Preview: {where}. {first} {rest} {foot}", (*blocks, *buttons))


def shared_channel() -> str:
    """Why not there."""
    return "People from other organizations read this channel, so I post no reminders there."


def invite(channel: str, bot: str) -> str:
    """How to let the bot in."""
    return f"I am not in <#{channel}>, so I can’t post there. Type `/invite @{escape(bot)}` in it first."


# ------------------------------------------------------------------ pausing


def pause_form(reminder: Reminder, known: Known, *, tomorrow: date) -> View:
    """Until when; without a day until somebody resumes it."""
    return modal(
        "Pause a reminder",
        [
            section(f"{_what(reminder, known)}, {_when(reminder.schedule)}"),
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
    """What a pause comes to."""
    if reminder.paused_until is None:
        return "Paused."
    return f"Paused: it is posted again from {in_full(reminder.paused_until)} on."


# ------------------------------------------------------------------ inside


def _card(reminder: Reminder, known: Known, *, note: str = "") -> tuple[str, list[Block]]:
    """The sentence of a reminder, and the blocks that show it."""
    text = f"*{_title(reminder)}* {_places(reminder, known)}\n{_when(reminder.schedule)}"
    foot = f"{_state(reminder)} · looked after by {mention(reminder.owner)}"
    lead = [section(note)] if note else []
    trouble = _trouble(reminder, known)
    warning = [context(f":warning: {trouble}")] if trouble else []
    said = " ".join(filter(None, (f"{_sentence(reminder, known)}.", trouble)))
    return said, [*lead, section(text), context(foot), *warning]


def _sentence(reminder: Reminder, known: Known) -> str:
    return f"{_what(reminder, known)}, {_when(reminder.schedule)}; {_state(reminder)}"


def _title(reminder: Reminder) -> str:
    if reminder.kind is ReminderKind.CHECK:
        return "Check: is your week still right?"
    return f"Board: who works {'this week' if reminder.span == 'week' else 'today'}"


def _what(reminder: Reminder, known: Known) -> str:
    return f"{_title(reminder)} {_places(reminder, known)}"


def _places(reminder: Reminder, known: Known) -> str:
    """In plain letters: naming a group in Slack's own way would ring for everybody in it."""
    whom = ""
    if reminder.group:
        name = known.groups.get(reminder.group)
        whom = f" for @{escape(name)}" if name else f" for user group `{reminder.group}`"
    return f"in <#{reminder.channel}>{whom}"


def _when(schedule: Schedule) -> str:
    return f"{format_rule(schedule.rule)}, {format_time(schedule.at)} {schedule.zone}"


def _state(reminder: Reminder) -> str:
    if reminder.state is ReminderState.PAUSED and reminder.next_at is None:
        return "paused until somebody presses Resume"
    paused = "paused · " if reminder.state is ReminderState.PAUSED else ""
    return f"{paused}next: {_moment(reminder.schedule, reminder.next_at)}"


def _trouble(reminder: Reminder, known: Known) -> str:
    """Why it was not posted the last time, and what mends that."""
    if not reminder.failures:
        return ""
    times = "the last time" if reminder.failures == 1 else f"the last {reminder.failures} times"
    return f"Not posted {times}. {what_mends(reminder, known.bot)}"


def _moment(schedule: Schedule, at: datetime | None) -> str:
    """``Fri 1 Jan 2027, 9:00 Europe/Berlin``."""
    if at is None:
        return "never"
    local = schedule.local(at)
    return f"{in_full(local.date())}, {format_time(local.time())} {schedule.zone}"


def _every() -> ButtonElement:
    return button("All reminders", "run:reminders", value="reminders")


def _buttons(reminder: Reminder, *more: ButtonElement, previewed: bool = False) -> tuple[Block, ...]:
    paused = reminder.state is ReminderState.PAUSED
    number = reminder.id
    return actions(
        button("Preview", f"reminder_preview:{number}", value=number) if not previewed else None,
        button("Post now", f"reminder_post:{number}", value=number),
        button("Resume", f"reminder_resume:{number}", value=number)
        if paused
        else button("Pause …", f"reminder_pause:{number}", value=number),
        button("Change …", f"reminder_change:{number}", value=number),
        _delete(reminder),
        *more,
    )


def _delete(reminder: Reminder) -> ButtonElement:
    press = button("Delete", f"reminder_delete:{reminder.id}", value=reminder.id, style="danger")
    press.confirm = ConfirmObject(
        title=PlainTextObject(text="Delete this reminder?"),
        text=MarkdownTextObject(text=f"{_title(reminder)} in <#{reminder.channel}> is not posted any more."),
        confirm=PlainTextObject(text="Delete"),
        deny=PlainTextObject(text="Keep"),
        style="danger",
    )
    return press


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _listed(people: Sequence[str]) -> str:
    """At most forty names: a channel may have hundreds."""
    shown = [escape(name) for name in people[:40]]
    more = [f"{len(people) - 40} more"] if len(people) > 40 else []
    return sentence_list([*shown, *more])
