"""Check of the bot's work, read from its database: what waits, what failed, what is due next."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from pathlib import Path

from bot.doctor.findings import Finding, note, ok, wrong
from handlers.views.words import counted
from store.census import Census, LastPlan, Unsent, census
from store.database import Database, DatabaseUnusableError
from store.sheets import Sheets

__all__ = ["check_work"]


async def check_work(path: Path, *, command: str, now: datetime) -> AsyncIterator[Finding]:
    """Report on each team in the file without changing it."""
    try:
        database = await Database.look(path)
    except DatabaseUnusableError as error:
        yield note(f"the database is not read: {error}")
        return
    try:
        for team_id in await Sheets.teams(database):
            for finding in _findings(await census(database, team_id=team_id, now=now), command=command):
                yield finding
    finally:
        await database.close()


def _findings(held: Census, *, command: str) -> list[Finding]:
    size = f"{held.database_bytes / 1_000_000:.1f} MB"
    people = counted(held.people, "person", several="people")
    known = f"{counted(held.weeks, 'week')} known, {held.linked} of {people} linked"
    found = [ok(f"database: {size}, {known}")]
    due = f", the next one at {_at(held.next_due)}" if held.next_due else ""
    found.append(ok(f"changes: {held.waiting} waiting{due}; finding out the outcome of {held.unclear}"))
    if lost := [each for each in held.unsent if not each.mendable]:
        found.append(note(f"messages that were given up, with nobody to take them: {_told(lost)}"))
    if refused := [each for each in held.unsent if each.mendable]:
        fix = "`/invite` the bot to these channels, or unarchive them; others are sent again by themselves"
        found.append(wrong(f"messages that Slack does not take: {_told(refused)}", fix=fix))
    if held.reminders_failing:
        told = "; ".join(f"{each.channel}: {each.reason or each.state}" for each in held.reminders_failing)
        fix = f"`{command} reminders` in Slack says for each what mends it"
        found.append(wrong(f"reminders that fail: {told}", fix=fix))
    last = held.last_run and f", the last one {held.last_run.state} at {_at(held.last_run.due_at)}"
    coming = f", the next one at {_at(held.next_reminder)}" if held.next_reminder else ""
    found.append(ok(f"reminders: {held.reminders}{last or ''}{coming}"))
    done = f", the last one {_plan(held.last_plan)}" if held.last_plan else ""
    begins = f", the next one due at {_at(held.next_plan)}" if held.next_plan else ""
    asked = f"; {held.plans_asked} waiting for whoever planned that" if held.plans_asked else ""
    found.append(ok(f"planned changes: {held.plans}{done}{begins}{asked}"))
    return found


def _told(messages: Iterable[Unsent]) -> str:
    return "; ".join(f"{each.recipient}: {each.reason}" for each in messages)


def _plan(plan: LastPlan) -> str:
    left = f" ({plan.unwritten} of {plan.weeks} not written as planned)" if plan.unwritten else ""
    return f"{plan.what} at {_at(plan.at)}{left}"


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
