"""Find the people who may do what the asker may not, and who are still active in Slack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.desk import Ask
from store.access import Action, Actor
from store.week import Subject

__all__ = ["admins", "real_name", "who_could", "who_could_each"]

ASKED_IN_TURN = 5
"""The most candidates that are checked."""

ASKED_AT_ONCE = 3
"""The most people among whom a request about many weeks is divided."""


async def who_could(ask: Ask, subject: Subject) -> Actor | None:
    """The first person who may change this week now, managers before admins; never the asker."""
    for person in await _living(ask, await ask.store.access.who_can(Action.CHANGE, subject)):
        if await ask.store.access.can(person, Action.CHANGE, subject):
            return person
    return None


async def who_could_each(ask: Ask, subjects: Sequence[Subject]) -> list[tuple[Actor, list[Subject]]]:
    """People who together may change these weeks, each with their share, managers before admins.

    Those who may change most weeks come first, so that few people are asked.
    """
    named: dict[str, int] = {}
    for subject in subjects:
        for user_id in await ask.store.access.who_can(Action.CHANGE, subject):
            named[user_id] = named.get(user_id, 0) + 1
    every_admin = ask.store.access.admins
    in_turn = sorted(named, key=lambda user_id: (user_id in every_admin, -named[user_id]))
    left, found = list(subjects), list[tuple[Actor, list[Subject]]]()
    for person in await _living(ask, in_turn):
        may = await ask.store.access.allowed(person, Action.CHANGE, left)
        if may and len(found) < ASKED_AT_ONCE:
            found.append((person, [*may]))
            left = [subject for subject in left if subject not in may]
    return found


async def admins(ask: Ask) -> list[Actor]:
    """The admins who are active members of the workspace, without the asker."""
    found = await _living(ask, ask.store.access.admins)
    return [person for person in found if ask.store.access.is_admin(person)]


async def _living(ask: Ask, user_ids: Iterable[str]) -> list[Actor]:
    others = [user_id for user_id in user_ids if user_id != ask.user_id][:ASKED_IN_TURN]
    every = [await ask.desk.people.actor(user_id, team_id=ask.team_id) for user_id in others]
    return [person for person in every if not person.outsider]


async def real_name(ask: Ask, person: Actor) -> str:
    """The person's full name from their Slack profile."""
    return (await ask.desk.people.slack_person(person.user_id)).name
