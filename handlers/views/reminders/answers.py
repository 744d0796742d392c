"""Private answers to a check's buttons, the nudge, and the report to the owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from slack_sdk.models.blocks import ActionsBlock, ButtonElement, DatePickerElement

from handlers.views.blocks import Reply, actions, button, context, mention, on, section, sentence_list
from handlers.views.reminders.posted import answered_of, day_name, offers
from handlers.views.week import ago, day_list, total
from store.reminders import Answer, Invited, Reminder, Run
from store.week import Snapshot, Week

__all__ = [
    "ask_when",
    "awake",
    "confirmed",
    "confirmed_already",
    "left_alone",
    "not_answered",
    "nudge",
    "too_soon",
]

NAMED = 100
"""The most people named in the owner's report; the rest are counted."""


COUNTS = "This counts until your week changes"


def confirmed(snapshot: Snapshot, run_id: str, *, asked: bool, now: datetime, trouble: str = "") -> Reply:
    """The answer after a confirmation, with the week that was confirmed."""
    said = f"Confirmed: {_week(snapshot.week)}."
    more = "" if asked else " You were not asked today, but it counts."
    notes = [f"Read from Toggl Focus {ago(now - snapshot.as_of)}", COUNTS]
    if trouble:
        notes.append(f"not fresh: {trouble}")
    return _with_way_back(f"{said}{more}", " · ".join(notes), run_id)


def confirmed_already(week: Week, at: datetime, run_id: str) -> Reply:
    """The answer to a second confirmation of the same week."""
    return _with_way_back(
        f"You confirmed this already, on {on(at)}: {_week(week)}.",
        COUNTS,
        run_id,
    )


def ask_when(*, today: date) -> Reply:
    """The question after *Not now*: until which day to snooze."""
    monday = today + timedelta(days=7 - today.weekday())
    month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    choices: list[ButtonElement | DatePickerElement] = [
        button(f"Until {day_name(day)}", f"check_snooze:{day}", value=day.isoformat())
        for day in sorted({monday, monday + timedelta(days=7), month})
    ]
    choices.append(DatePickerElement(action_id="check_snooze_date", placeholder="Another date"))
    text = "Pause my questions about your working hours until when?"
    return Reply(text, (section(text), ActionsBlock(elements=choices)))


def left_alone(until: date) -> Reply:
    """The answer after a snooze was set."""
    return Reply.saying(
        f"I won’t ask you about your working hours before {day_name(until)} {until.year}. Whoever set up"
        " the reminder can see that you asked for this.",
        *actions(button("Ask me anyway", "check_wake")),
    )


def awake() -> Reply:
    """The answer after a snooze was ended."""
    return Reply.saying("I will ask you about your working hours again when it is time.")


def too_soon(*, today: date) -> Reply:
    """The answer for a day that is not in the future, with the question again."""
    again = ask_when(today=today)
    text = "That day is not in the future."
    return Reply(f"{text} {again.text}", (section(text), *again.blocks))


def nudge(run: Run, reminder: Reminder, invited: Invited, *, week: Week | None) -> Reply:
    """The nudge to one person; after they have answered, what they answered."""
    where = f"<#{reminder.channel}>"
    if invited.answer is Answer.CONFIRMED:
        return Reply.saying(f"You confirmed your working hours, as asked in {where} on {day_name(run.day)}.")
    if invited.answer is Answer.CHANGED:
        return Reply.saying(f"You changed your working hours, as asked in {where} on {day_name(run.day)}.")
    text = f"Is your week still right? {_week(week)}." if week else "Is your week in Toggl Focus still right?"
    note = f"Asked in {where} on {day_name(run.day)} · I’ll remind you only once"
    return Reply(f"{text} {note}.", (section(text), context(note), *offers(run)))


def not_answered(run: Run, reminder: Reminder, *, snoozed: Sequence[str] = ()) -> Reply:
    """The report to the owner when the day is over: who has not answered, and what happens next."""
    missing = [each for each in run.people if not each.answer and each.slack_user_id not in snoozed]
    left = [each for each in run.people if not each.answer and each.slack_user_id in snoozed]
    text = (
        f"Working hours checked in <#{reminder.channel}> on {day_name(run.day)}: {answered_of(run)} answered."
    )
    lines = []
    if not missing and not left:
        lines.append("By now everybody has answered.")
    if missing:
        lines.append(f"No answer: {_people(missing)}.")
    if left:
        lines.append(f"Asked to be left alone for now: {_people(left)}.")
    note = "Those who didn’t answer are reminded once, on their next working day. The channel sees no names."
    return Reply(" ".join([text, *lines, note]), (section(text), *map(section, lines), context(note)))


def _with_way_back(text: str, note: str, run_id: str) -> Reply:
    change = button("Not right, change", "check_change", value=run_id)
    return Reply(f"{text} {note}.", (section(text), context(note), *actions(change)))


def _week(week: Week) -> str:
    return f"{day_list(week)}; {total(week)} in all"


def _people(people: Sequence[Invited]) -> str:
    named = [mention(each.slack_user_id) for each in people[:NAMED]]
    return sentence_list([*named, *([f"{len(people) - NAMED} more"] if len(people) > NAMED else [])])
