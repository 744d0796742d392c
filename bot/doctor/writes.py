"""Check of what else a write to Focus changes; done only when asked for, and put back.

Focus's documentation does not say whether a PUT of one day leaves the other days alone, nor whether
changing a week changes the person's *past* capacity, too. Changing one day of one person answers both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.doctor.findings import Finding, note, ok, wrong
from bot.doctor.remembering import NOT_REMEMBERED, remembered
from bot.settings import Settings
from store.focus import FocusClient, FocusError, FocusPerson, ImpossibleWeekdayError, Numbering
from store.past import Past
from store.week import Hours, Row, Snapshot, Subject, Week

__all__ = ["check_writes"]

STEP = Hours("0.25")
"""Hours added to the day for a moment (or taken away, where it would have more than 24)."""

Learn = Callable[[bool], Awaitable[bool]]
"""Saves for the bot whether a change moves past capacity; ``False`` if that was not possible."""


@dataclass(frozen=True, slots=True)
class _Trial:
    """The person whose week is changed, with the Focus client and its weekday numbers."""

    focus: FocusClient
    person: FocusPerson
    numbering: Numbering

    @property
    def subject(self) -> Subject:
        return Subject("person", self.person.id)

    async def look(self) -> Snapshot:
        return (await self.focus.read(self.subject, shared=False)).snapshot(self.numbering)

    async def capacity(self, week: date) -> Mapping[date, Hours] | None:
        """The person's capacity in the week of this Monday, by date; ``None`` if Focus gives none."""
        try:
            told = await self.focus.capacities([self.person.id], week, week + timedelta(days=6))
        except FocusError:
            return None
        return told.get(self.person.id)

    async def put_back(self, week: Week) -> Snapshot:
        """Make this the person's week again, whatever it is now, and return what Focus then has."""
        steps = (await self.look()).steps_to(week)
        if steps.update:
            await self.focus.update(self.subject, steps.update, numbering=self.numbering)
        if steps.create:
            await self.focus.create(self.subject, steps.create, numbering=self.numbering)
        if steps.delete:
            await self.focus.delete(self.subject, [row.id for row in steps.delete])
        return await self.look()


async def check_writes(
    settings: Settings, focus: FocusClient, whom: str, *, confirmed: Numbering | None, now: datetime
) -> AsyncIterator[Finding]:
    """Change a day of ``whom`` (an e-mail or a ``user_account_id``) by a quarter of an hour, and back.

    ``confirmed`` is the weekday numbering that an admin has confirmed; ``FOCUS_WEEKDAYS`` goes before it.
    """
    numbering = Numbering(settings.focus_weekdays) if settings.focus_weekdays else confirmed
    if numbering is None:
        fix = "answer the bot's question in Slack, or set FOCUS_WEEKDAYS: this doctor says which value fits"
        yield wrong("a write cannot be tried while the weekday numbers are not settled", fix=fix)
        return
    try:
        person = _chosen(await focus.people(), whom)
        if person is None:
            fix = "name an active person by e-mail or by user_account_id"
            yield wrong(f"a write cannot be tried: nobody in Focus is {whom}", fix=fix)
            return
        trial = _Trial(focus, person, numbering)
        before = await trial.look()
    except (FocusError, ImpossibleWeekdayError) as error:
        yield wrong(f"a write cannot be tried: {error}", fix="mend what stands above first")
        return
    if not before.rows or before.doubled:
        reason = "has one day twice" if before.doubled else "has no day that is set"
        yield wrong(f"a write cannot be tried on {person.name}, who {reason}", fix="name somebody else")
        return

    async def learn(moves: bool) -> bool:  # noqa: FBT001 - its one argument is what was seen
        return await remembered(settings, lambda facts: Past(facts).learn(moves=moves, now=now))

    async for found in _tried(trial, before, last_week=_last_monday(settings, now), learn=learn):
        yield found


async def _tried(trial: _Trial, before: Snapshot, *, last_week: date, learn: Learn) -> AsyncIterator[Finding]:
    row = before.rows[0]
    changed = _changed(row)
    name, day = trial.person.name, f"{row.day.short} {row.hours:.4g} h → {changed.hours:.4g} h"
    past = await trial.capacity(last_week)
    seen, after, trouble = None, None, ""
    try:
        await trial.focus.update(trial.subject, [changed], numbering=trial.numbering)
        seen = await trial.look()
        after = await trial.capacity(last_week)
    except (FocusError, ImpossibleWeekdayError) as error:
        trouble = str(error)
    try:
        left = (await trial.put_back(before.week)).week.differing(before.week)
    except (FocusError, ImpossibleWeekdayError) as error:
        by_hand = f"set {row.day.short} of {name} to {row.hours:.4g} h in Focus, Settings > Availability"
        yield wrong(f"{day} of {name} may not be put back: {error}", fix=by_hand)
        return
    if left:
        names = ", ".join(each.short for each in left)
        fix = "mend them in Focus, Settings > Availability, and report this line"
        yield wrong(f"after putting back, {names} of {name} are not as before", fix=fix)
    elif seen is None:
        yield wrong(f"{day} of {name} was tried: {trouble}", fix="the week is as before; try again")
    elif moved := seen.week.differing(before.week.replace({changed.day: changed.hours})):
        names = ", ".join(each.short for each in moved)
        fix = "report this line: the bot would put such days back and stop all changes"
        yield wrong(f"a write of one day moved others: {day} of {name} moved {names}", fix=fix)
    else:
        yield ok(f"a write changes its day alone (tried: {day} of {name}, and back)")
    if past is None or after is None:
        yield note("whether a change moves past weeks cannot be told: Focus gave no capacities")
        return
    moves = past != after
    if moves:
        yield note("a change moves the capacity of past weeks, too: receipts say so from now on")
    else:
        yield ok("a change leaves the capacity of past weeks as it was")
    if not await learn(moves):
        yield NOT_REMEMBERED


def _chosen(people: Sequence[FocusPerson], whom: str) -> FocusPerson | None:
    wanted = whom.casefold()
    named = [each for each in people if each.active and wanted in {str(each.id), each.email.casefold()}]
    return named[0] if len(named) == 1 else None


def _changed(row: Row) -> Row:
    return replace(row, hours=row.hours + STEP if row.hours + STEP <= 24 else row.hours - STEP)


def _last_monday(settings: Settings, now: datetime) -> date:
    """The Monday of last week, in the deployment's time zone."""
    today = now.astimezone(settings.hours_timezone).date()
    return today - timedelta(days=today.weekday() + 7)
