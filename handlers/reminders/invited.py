"""Choose whom a reminder names: the people in its channel or group whom it concerns on that day.

A check names those who work that day by their own week, are not away, and have neither confirmed nor
changed their week lately. A board shows everybody who is linked. No single week is read from Focus for
this: weeks come from the cache, and leave, holidays and missing weeks from requests for everybody at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from handlers.asked import Channel, Group, Problem
from handlers.channels import unfit_for_boards
from handlers.desk import Desk
from handlers.reminders.nudges import AHEAD, next_nudge
from handlers.rosters import roster
from handlers.views.reminders.shown import shared_channel
from store.absences import Leave
from store.access import Action
from store.reminders import COUNTS_FOR, Invited, Reminder, ReminderKind, Run
from store.week import WORKWEEK, Hours, Subject, Week, Weekday

__all__ = ["LeftOut", "Roll", "age_of_weeks", "call_roll"]

A_WEEK = timedelta(days=7)
_UNREAD = Week.of(dict.fromkeys(WORKWEEK, Hours(8)))
"""Assumed for a week that is unknown, so that the person is asked and the week gets read."""


class LeftOut(Enum):
    """Why a person in the channel or group is not named; the values are shown to users."""

    NOT_LINKED = "not linked to Toggl Focus"
    NOT_ADMITTED = "may not use me"
    OFF = "not working that day"
    AWAY = "away"
    ANSWERED = "confirmed or changed it lately"
    SNOOZED = "asked to be left alone for now"


@dataclass(frozen=True, slots=True)
class Roll:
    """The people a reminder names on a day, and how many are left out for which reason."""

    people: tuple[Invited, ...]
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    leave: Leave = field(default_factory=Leave)


async def call_roll(desk: Desk, reminder: Reminder, *, day: date, at: datetime) -> Roll:
    """Determine whom a reminder names on that day, if posted at that moment; if nobody, it is not posted.

    Raises:
        Problem: the channel or group cannot be read, or may no longer be shown this content.
        SlackApiError: Slack refuses for another reason.
    """
    await _require_may_show(desk, reminder)
    await desk.people.listed()
    leave = await desk.store.absences.with_holidays(day - timedelta(days=6), day + AHEAD)
    left_out: Counter[LeftOut] = Counter()
    members = await _members(desk, reminder, leave, left_out, day=day)
    if reminder.kind is ReminderKind.BOARD:
        shown = tuple(_worked(each, each.week, _monday(day)) for each in members if each.week)
        return Roll(shown, left_out, leave)
    people = await _concerned(desk, members, left_out, day=day, at=at)
    return Roll(people, left_out, leave)


async def age_of_weeks(desk: Desk, run: Run) -> timedelta | None:
    """The age of the oldest cached week that a run shows; ``None`` if none was ever read.

    Raises:
        SlackApiError: Slack does not return a user who is not cached.
    """
    actors = await desk.people.actors([each.slack_user_id for each in run.people])
    people = {each.subject: actors[each.slack_user_id] for each in run.people if each.slack_user_id in actors}
    permits = await desk.store.access.each_allowed(Action.SEE, people.items())
    read = await desk.store.hours.board(permits.values())
    return desk.clock.now() - min(each.as_of for each in read.values()) if read else None


# ------------------------------------------------------------------ inside


async def _require_may_show(desk: Desk, reminder: Reminder) -> None:
    if await desk.people.audiences.is_shared(reminder.channel):
        raise Problem(shared_channel())
    board = reminder.kind is ReminderKind.BOARD
    if board and (why := await unfit_for_boards(desk, reminder.channel)):
        raise Problem(why)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class _Member:
    """A linked person in the channel or group, with their week and absences."""

    user_id: str
    zone: ZoneInfo
    subject: Subject
    week: Week | None
    was_read: bool
    """Whether the week was read as working hours, rather than derived from Focus's planned capacity."""
    away: frozenset[date]


async def _members(
    desk: Desk, reminder: Reminder, leave: Leave, left_out: Counter[LeftOut], *, day: date
) -> list[_Member]:
    """The linked members who may see their own week; the others are counted in ``left_out``."""
    users = await roster(desk, Group(reminder.group) if reminder.group else Channel(reminder.channel))
    actors = await desk.people.actors(users)
    everybody = await desk.store.directory.people()
    linked = {
        each.subject: actors[each.slack_user_id or ""]
        for each in everybody
        if each.active and each.slack_user_id in actors
    }
    left_out[LeftOut.NOT_LINKED] = len(actors) - len(linked)
    permits = await desk.store.access.each_allowed(Action.SEE, linked.items())
    left_out[LeftOut.NOT_ADMITTED] = len(linked) - len(permits)
    read = await desk.store.hours.board(permits.values())
    never = [permit for subject, permit in permits.items() if subject not in read]
    weeks = {subject: each.week for subject, each in read.items()}
    weeks |= await desk.store.capacities.worked(never, _monday(day))
    return [
        _Member(
            user_id=permit.actor.user_id,
            zone=ZoneInfo(permit.actor.timezone),
            subject=subject,
            week=weeks.get(subject),
            was_read=subject in read,
            away=leave.days(subject, _monday(day), day + AHEAD),
        )
        for subject, permit in permits.items()
    ]


def _worked(member: _Member, week: Week, monday: date) -> Invited:
    """The week as worked in this calendar week: days away are not set, so that no reason is shown."""
    away = {Weekday(day.isoweekday()): None for day in member.away if monday <= day < monday + A_WEEK}
    return Invited(member.user_id, member.subject, week.replace(away))


async def _concerned(
    desk: Desk, members: list[_Member], left_out: Counter[LeftOut], *, day: date, at: datetime
) -> tuple[Invited, ...]:
    """The members a check asks, each with the time of their nudge; the others are counted."""
    read = {each.subject: each.week for each in members if each.was_read and each.week}
    confirmed = await desk.store.confirmations.holding(read)
    answered = {subject for subject, each in confirmed.items() if each.at > at - COUNTS_FOR}
    answered |= await desk.store.confirmations.changed_since(at - COUNTS_FOR)
    snoozed = await desk.store.confirmations.snoozed(day)
    people = []
    for each in members:
        week = each.week or _UNREAD
        if reason := _left_out(each, week, day, answered=answered, snoozed=snoozed):
            left_out[reason] += 1
            continue
        after = max(day, at.astimezone(each.zone).date())
        nudge = next_nudge(week, each.zone, after=after, away=each.away)
        people.append(Invited(each.user_id, each.subject, week, nudge_at=nudge))
    return tuple(people)


def _left_out(
    member: _Member, week: Week, day: date, *, answered: Container[Subject], snoozed: Container[str]
) -> LeftOut | None:
    if not week[Weekday(day.isoweekday())]:
        return LeftOut.OFF
    if day in member.away:
        return LeftOut.AWAY
    if member.subject in answered:
        return LeftOut.ANSWERED
    return LeftOut.SNOOZED if member.user_id in snoozed else None
