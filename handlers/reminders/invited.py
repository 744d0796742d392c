"""Whom a reminder is for: those in its channel or group whom it concerns on that day, and nobody else.

A check asks who works that day by their own week, is not away, and has neither confirmed nor changed
their week lately. A board shows everybody who is linked. Nobody's week is read for it: last-known weeks,
leave and public holidays come in one request each for everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from handlers.asked import Channel, Group, Problem
from handlers.desk import Desk
from handlers.reminders.nudges import AHEAD, next_nudge
from handlers.rosters import roster
from handlers.views.boards import NOT_IN_CHANNELS
from handlers.views.reminders.shown import shared_channel
from store.absences import Leave
from store.access import Action
from store.reminders import COUNTS_FOR, Invited, Reminder, ReminderKind, Run
from store.week import WORKWEEK, Hours, Subject, Week, Weekday

__all__ = ["LeftOut", "Roll", "age_of_weeks", "call_roll"]

A_WEEK = timedelta(days=7)
_UNREAD = Week.of(dict.fromkeys(WORKWEEK, Hours(8)))
"""Stands for a week that was never read and that Focus tells nothing of: being asked is how it gets read."""


class LeftOut(Enum):
    """Why somebody in the channel or group is not asked."""

    NOT_LINKED = "not linked to Toggl Focus"
    NOT_ADMITTED = "may not use me"
    OFF = "not working that day"
    AWAY = "away"
    ANSWERED = "confirmed or changed it lately"
    SNOOZED = "asked to be left alone for now"


@dataclass(frozen=True, slots=True)
class Roll:
    """Whom a reminder names on a day, and who is left out why."""

    people: tuple[Invited, ...]
    left_out: Counter[LeftOut] = field(default_factory=Counter)
    leave: Leave = field(default_factory=Leave)


async def call_roll(desk: Desk, reminder: Reminder, *, day: date, at: datetime) -> Roll:
    """Whom a reminder names on that day, if it comes at that moment; nobody: there is nothing to post.

    Raises:
        Problem: the channel or group cannot be seen, or may not be shown this any more.
        SlackApiError: Slack does not answer.
    """
    await _require_may_show(desk, reminder)
    await desk.people.first_listing.wait()
    leave = await desk.store.absences.with_holidays(day - timedelta(days=6), day + AHEAD)
    left_out: Counter[LeftOut] = Counter()
    members = await _members(desk, reminder, leave, left_out, day=day)
    if reminder.kind is ReminderKind.BOARD:
        shown = tuple(_worked(each, each.week, _monday(day)) for each in members if each.week)
        return Roll(shown, left_out, leave)
    people = await _concerned(desk, members, left_out, day=day, at=at)
    return Roll(people, left_out, leave)


async def age_of_weeks(desk: Desk, run: Run) -> timedelta | None:
    """How long ago the oldest of the weeks that a run shows was read; ``None`` if none was.

    Raises:
        SlackApiError: Slack does not tell of somebody new.
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
    if reminder.kind is ReminderKind.BOARD and not desk.store.access.may_share_boards:
        raise Problem(NOT_IN_CHANNELS)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class _Member:
    """Somebody in the channel or group who is linked, and what is known of their days."""

    user_id: str
    zone: ZoneInfo
    subject: Subject
    week: Week | None
    was_read: bool
    """Whether the week is as somebody has read it, and not what Focus plans with."""
    away: frozenset[date]


async def _members(
    desk: Desk, reminder: Reminder, leave: Leave, left_out: Counter[LeftOut], *, day: date
) -> list[_Member]:
    """By name. Each looks at their own week: a guest who may not is not asked about it."""
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
    """The week as it is worked these days: who is away does not work, and why is not told."""
    away = {Weekday(day.isoweekday()): None for day in member.away if monday <= day < monday + A_WEEK}
    return Invited(member.user_id, member.subject, week.replace(away))


async def _concerned(
    desk: Desk, members: list[_Member], left_out: Counter[LeftOut], *, day: date, at: datetime
) -> tuple[Invited, ...]:
    """Those whom a check asks."""
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
