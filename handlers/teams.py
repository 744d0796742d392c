"""The people and placeholders that an actor manages, and their day at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from handlers.desk import Ask
from handlers.views.home import Team
from handlers.views.week import Who
from store.access import EVERYONE, GROUP, PLACEHOLDERS, Action, Actor
from store.directory import Entry
from store.reminders import COUNTS_FOR
from store.week import OFF, Weekday

__all__ = ["by_name", "managed", "today"]


async def managed(ask: Ask, actor: Actor) -> tuple[Entry, ...]:
    """The entries whose weeks the actor may change as a manager or admin, people first, by name."""
    people = await ask.store.directory.people()
    resources = await ask.store.directory.placeholders()
    if ask.store.access.is_admin(actor):
        return by_name((*people, *resources))
    scopes = {grant.scope for grant in await ask.store.access.managed_by(actor)}
    if not scopes:
        return ()
    candidates: list[Entry] = []
    if EVERYONE in scopes or any(scope.startswith((GROUP, "person:")) for scope in scopes):
        candidates += people
    if PLACEHOLDERS in scopes or any(scope.startswith("placeholder:") for scope in scopes):
        candidates += resources
    allowed = await ask.store.access.allowed(actor, Action.CHANGE, [each.subject for each in candidates])
    return by_name(each for each in candidates if each.subject in allowed)


async def today(ask: Ask, actor: Actor, *, may_ask: bool) -> Team | None:
    """Today for everybody the actor manages, from cached weeks; ``None`` if they manage nobody.

    With ``may_ask``, Focus is asked once who is on leave.
    """
    entries = await managed(ask, actor)
    if not entries:
        return None
    permits = await ask.store.access.allowed(actor, Action.SEE, [entry.subject for entry in entries])
    known = await ask.store.hours.board(permits.values())
    now = ask.desk.clock.now()
    day = now.astimezone(ZoneInfo(actor.timezone)).date()
    leave = await ask.store.absences.between(day, day, may_ask=may_ask and ask.store.hours.can_spare())
    confirmed = await ask.store.confirmations.holding({subject: each.week for subject, each in known.items()})
    recent = {subject for subject, each in confirmed.items() if now - each.at < COUNTS_FOR}
    recent |= await ask.store.confirmations.changed_since(now - COUNTS_FOR)
    who = {entry.subject: Who.of(entry, reader=ask.user_id) for entry in entries}
    away = {subject for subject in who if leave.days(subject, day, day)}
    here = {
        subject: each.week[Weekday(day.isoweekday())]
        for subject, each in known.items()
        if subject not in away
    }
    return Team(
        working=tuple((who[each], here[each]) for each in who if here.get(each)),
        off=tuple(who[each] for each in who if here.get(each) == OFF),
        unset=tuple(who[each] for each in who if each in here and here[each] is None),
        away=tuple(who[each] for each in who if each in away),
        unread=tuple(who[each] for each in who if each not in known and each not in away),
        unconfirmed=tuple(who[each] for each in who if who[each].linked and each not in recent),
        linked=sum(each.linked for each in who.values()),
        leave_known=leave.known,
    )


def by_name(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The active entries, people before placeholders, each by name."""
    active = (entry for entry in entries if entry.active)
    return tuple(sorted(active, key=lambda entry: (entry.subject.kind, entry.name.casefold())))
