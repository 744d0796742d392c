"""Checks of Toggl Focus: the key and its role, both ids, the path of placeholders, weekday numbers, quota."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from bot.doctor.capacities import check_capacities
from bot.doctor.findings import Finding, note, ok, wrong
from bot.settings import Settings
from handlers.views.words import counted
from store.focus import (
    FocusClient,
    FocusError,
    FocusPerson,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    NotUnderstoodError,
    Numbering,
    OutOfQuotaError,
    Reading,
    UnavailableError,
    vote,
)
from store.week import Subject

__all__ = ["check_focus"]

_ADMIN = "make the key as an Organization Admin of this organization, best a user of the bot's own"
_GHOST_PATH = (
    "Focus has moved this path, which is one line, PLACEHOLDER in store/focus/requests.py:"
    " try it with `workspaces/` before the workspace"
)
WARN_DAYS = 14


async def check_focus(
    settings: Settings, focus: FocusClient, *, confirmed: Numbering | None, now: datetime
) -> AsyncIterator[Finding]:
    """Check Focus step by step; an error ends the checks that depend on the failed one.

    ``confirmed`` is the weekday numbering that an admin has confirmed in Slack.
    """
    yield _expiry(settings, now=now)
    try:
        await focus.settings()
        yield ok(f"Focus accepts the {'key' if settings.focus_api_key else 'e-mail and password'}")
        people = await focus.people()
    except FocusError as error:
        yield wrong(f"Focus: {error}", fix=_fix(error, missing="check FOCUS_ORGANIZATION_ID"))
        return
    everybody = counted(len(people), "person", several="people")
    active = sum(person.active for person in people)
    yield ok(f"Focus organization {settings.focus_organization_id}: {everybody}, {active} active")
    async for finding in _placeholders(settings, focus):
        yield finding
    async for finding in _weeks(settings, focus, people, confirmed=confirmed, now=now):
        yield finding
    yield _quota(settings, focus, now=now)


def _expiry(settings: Settings, *, now: datetime) -> Finding:
    if settings.focus_api_key is None:
        return note("Focus is opened with an e-mail and a password", fix="a key can be revoked by itself")
    ends = settings.focus_api_key_expires
    if ends is None:
        return note(
            "FOCUS_API_KEY_EXPIRES is not set", fix="set it, and admins are warned before the key ends"
        )
    days = (ends - now.astimezone(settings.hours_timezone).date()).days
    fix = "make a new key in Focus, which ends the old one, and set FOCUS_API_KEY and FOCUS_API_KEY_EXPIRES"
    if days < 0:
        return wrong(f"the Focus key ended on {ends}", fix=fix)
    left = "ends today" if days == 0 else f"ends on {ends}, in {counted(days, 'day')}"
    return note(f"the Focus key {left}", fix=fix) if days <= WARN_DAYS else ok(f"the Focus key {left}")


async def _placeholders(settings: Settings, focus: FocusClient) -> AsyncIterator[Finding]:
    """List placeholders, to check the workspace, and read one's hours, to check their unusual path."""
    try:
        found = await focus.placeholders()
    except FocusError as error:
        yield wrong(f"Focus: {error}", fix=_fix(error, missing="check FOCUS_WORKSPACE_ID"))
        return
    yield ok(f"Focus workspace {settings.focus_workspace_id}: {counted(len(found), 'placeholder')}")
    if not found:
        yield note("the hours of placeholders cannot be tried: there is none", fix="make one in Focus")
        return
    first = found[0]
    try:
        await focus.read(Subject("placeholder", first.id))
    except FocusError as error:
        yield wrong(f"hours of placeholder {first.name}: {error}", fix=_fix(error, missing=_GHOST_PATH))
    else:
        yield ok(f"hours of placeholders are answered (asked for {first.name})")


async def _weeks(
    settings: Settings,
    focus: FocusClient,
    people: Sequence[FocusPerson],
    *,
    confirmed: Numbering | None,
    now: datetime,
) -> AsyncIterator[Finding]:
    """Read everybody's week as far as the quota allows, to check the key's role and the weekday numbers."""
    left = settings.focus_quota if focus.quota.remaining is None else focus.quota.remaining
    spare = max(0, left - settings.focus_quota * settings.focus_quota_reserve // 100)
    asked = sorted(people, key=lambda person: not person.active)[:spare]
    answers = await asyncio.gather(*(_week(focus, person) for person in asked))
    read = [
        (person, answer) for person, answer in zip(asked, answers, strict=True) if isinstance(answer, Reading)
    ]
    readings = [reading for _, reading in read]
    errors = [answer for answer in answers if isinstance(answer, FocusError)]
    forbidden = next((error for error in errors if isinstance(error, ForbiddenError)), None)
    if forbidden:
        yield wrong(f"the key may not see everybody's hours: {forbidden}", fix=_ADMIN)
    elif readings:
        yield ok("the key sees other people's hours (whether it may change them, only a first change shows)")
    # One answer of another form counts, although others are understood: the bot sends people here for it.
    strange = [error for error in errors if isinstance(error, NotUnderstoodError)]
    for error in strange[:1] or ([] if forbidden or readings else errors[:1]):
        yield wrong(f"Focus: {error}", fix=_fix(error, missing="report this: listed people have no hours"))
    setting = Numbering(settings.focus_weekdays) if settings.focus_weekdays else None
    told = f"{len(readings)} of {counted(len(people), 'week')} read"
    yield _numbering(setting, confirmed, readings, read=told)
    yield await check_capacities(settings, focus, read, numbering=setting or confirmed, now=now)


async def _week(focus: FocusClient, person: FocusPerson) -> Reading | FocusError:
    try:
        return await focus.read(Subject("person", person.id))
    except FocusError as error:
        return error


def _numbering(
    setting: Numbering | None, confirmed: Numbering | None, readings: Sequence[Reading], *, read: str
) -> Finding:
    """Compare FOCUS_WEEKDAYS, or what an admin confirmed, with the numbering that fits everybody's rows."""
    if not readings:
        return note(f"weekday numbers cannot be compared now: {read}", fix="run the doctor again in an hour")
    result = vote([(row.weekday, row.hours) for row in reading.rows] for reading in readings)
    told = f"{read}. {result.sentence}"
    fix = (
        f"set FOCUS_WEEKDAYS={result.best}"
        if result.best
        else "compare with somebody's uneven week in Focus, Settings > Availability, and set FOCUS_WEEKDAYS"
    )
    settled = setting or confirmed
    if settled is None:
        return note(
            f"FOCUS_WEEKDAYS is not set, so changes wait until an admin confirms in Slack: {told}", fix=fix
        )
    named = f"FOCUS_WEEKDAYS={setting}" if setting else f"{confirmed}, which an admin confirmed in Slack"
    if settled in result.proven_impossible:
        return wrong(
            f"WEEKDAY NUMBERS ARE IMPOSSIBLE under {named}, no change is safe: {told}",
            fix=fix,
        )
    if result.allows(settled):
        return ok(f"weekday numbers: {named}, and {told}")
    if settled is confirmed:
        return note(f"more weeks fit other weekday numbers than {settled}, but an admin compared one: {told}")
    return wrong(f"WEEKDAY NUMBERS contradict {named}: {told}", fix=fix)


def _quota(settings: Settings, focus: FocusClient, *, now: datetime) -> Finding:
    quota = focus.quota
    if quota.remaining is None:
        return note(
            f"Focus does not tell its quota: FOCUS_QUOTA={settings.focus_quota} an hour is counted on"
        )
    minutes = round((quota.resets_at - now).total_seconds() / 60) if quota.resets_at else None
    again = f", full again in {counted(minutes, 'minute')}" if minutes is not None else ""
    told = f"Focus quota: {counted(quota.remaining, 'request')} left{again}"
    if quota.remaining == 0:
        return wrong(told, fix="wait, and share the key with nothing else")
    return ok(told)


def _fix(error: FocusError, *, missing: str) -> str:
    """What the operator can do about an error; ``missing`` is the answer for a 404."""
    match error:
        case KeyRefusedError():
            return (
                "make a new API key in Focus (it may have expired, or a newer one replaced it): FOCUS_API_KEY"
            )
        case ForbiddenError():
            return f"{_ADMIN}; and check FOCUS_ORGANIZATION_ID"
        case NotFoundError():
            return missing
        case OutOfQuotaError():
            return "the hour's requests are used up: ask again later"
        case UnavailableError():
            return "check FOCUS_API_URL and this machine's network, then try again"
        case _:
            return "run the doctor again; if it stays, report it with this line"
