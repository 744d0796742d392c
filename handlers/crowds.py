"""Resolve people, user groups, channels and placeholders to subjects, and report those without a week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from handlers.asked import Channel, Group, Me, Mention, Problem, SubjectRef, echoed
from handlers.desk import Ask
from handlers.rosters import roster
from handlers.slack_users import Standing
from handlers.subjects import NoSuchSubjectError, SeveralSubjectsError
from handlers.views.blocks import disarmed
from store.access import NotAllowedError
from store.directory import Entry
from store.week import Subject

__all__ = ["AT_MOST", "Crowd", "crowd"]

AT_MOST = 300
"""The most weeks that one change may cover."""


@dataclass(slots=True)
class Crowd:
    """The resolved subjects, and the people who were named but have no week that can be changed."""

    entries: dict[Subject, Entry] = field(default_factory=dict)
    unlinked: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Slack user ids of other organizations' people; ``unlinked`` and ``gone`` hold ids as well."""
    problems: list[str] = field(default_factory=list)
    """Sentences about names and groups that could not be resolved."""


async def crowd(ask: Ask, refs: Iterable[SubjectRef]) -> Crowd:
    """Resolve everybody who is named, each once, without calling Focus.

    Raises:
            NotAllowedError: a guest names nobody but others.
            Problem: there are too many people.
            NeedsPickerError: Slack did not resolve a name.
    """
    await ask.desk.people.listed()
    found = Crowd()
    users: dict[str, None] = {}
    for ref in await _nameable(ask, refs, found):
        match ref:
            case Me():
                users[ask.user_id] = None
            case Mention(user_id=user_id):
                users[user_id] = None
            case Group() | Channel():
                users |= dict.fromkeys(await _members(ask, ref, found))
            case _:
                await _add_named(ask, ref, found)
    if (many := len(users) + len(found.entries)) > AT_MOST:
        raise Problem(
            f"That would be {many} people; {AT_MOST} at once is the most."
            " Name a smaller group, or do it in parts. Nothing was changed."
        )
    await _add_users(ask, list(users), found)
    return found


async def _nameable(ask: Ask, refs: Iterable[SubjectRef], found: Crowd) -> list[SubjectRef]:
    """The references the asker may name; a guest's other names become one problem that reveals nothing."""
    nameable: list[SubjectRef] = []
    refused: NotAllowedError | None = None
    for ref in refs:
        try:
            await ask.may_name(ref)
        except NotAllowedError as error:
            refused = error
        else:
            nameable.append(ref)
    if refused and not nameable:
        raise refused
    if refused:
        found.problems.append("Everybody else: as a guest you can use me for your own week only.")
    return nameable


async def _members(ask: Ask, ref: Group | Channel, found: Crowd) -> tuple[str, ...]:
    sign = "@" if isinstance(ref, Group) else "#"
    name = f"{sign}{ref.label}" if ref.label else "This group" if sign == "@" else "This channel"
    try:
        members = await roster(ask.desk, ref)
    except Problem as problem:
        found.problems.append(f"{name}: {problem.sentence}")
        return ()
    if not members:
        found.problems.append(f"{name}: nobody is in it.")
    return members


async def _add_named(ask: Ask, ref: SubjectRef, found: Crowd) -> None:
    """Resolve a placeholder by its name or number."""
    try:
        entry = await ask.subject(ref, whole=True)
    except NoSuchSubjectError as error:
        found.problems.append(f"No placeholder is called “{disarmed(echoed(error.name))}”.")
    except SeveralSubjectsError as error:
        found.problems.append(_not_one(error))
    else:
        found.entries[entry.subject] = entry


def _not_one(error: SeveralSubjectsError) -> str:
    match error.entries:
        case (only,):
            called = disarmed(echoed(error.name))
            return f"No placeholder is called “{called}”. Did you mean “{disarmed(only.name)}”?"
        case several:
            return f"{len(several)} placeholders are called something like “{disarmed(echoed(error.name))}”."


async def _add_users(ask: Ask, users: list[str], found: Crowd) -> None:
    standing = await ask.desk.people.standings(users)
    linked = {entry.slack_user_id: entry for entry in await ask.store.directory.people()}
    if unknown := [user for user in users if user not in linked and standing[user] is Standing.MEMBER]:
        persons = [await ask.desk.people.slack_person(user) for user in unknown]
        if await ask.store.links.match(persons, now=ask.desk.clock.now()):
            linked = {entry.slack_user_id: entry for entry in await ask.store.directory.people()}
    for user in users:
        entry = linked.get(user)
        if standing[user] is Standing.ELSEWHERE:
            found.elsewhere.append(user)
        elif standing[user] is Standing.GONE or (entry and not entry.active):
            found.gone.append(user)
        elif entry is None or standing[user] is Standing.BOT:
            found.unlinked.append(user)
        else:
            found.entries[entry.subject] = entry
