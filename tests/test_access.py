"""Who may do what: the whole table, and that nobody gets past it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.sandbox.clock import Clock
from store import Store
from store.access import (
    EVERYONE,
    PLACEHOLDERS,
    Action,
    Actor,
    NotAllowedError,
    Permit,
    Policy,
    Refusal,
)
from store.act import State
from store.week import Subject
from tests.asking import ANA, BEN, DESIGNER, MIA, Asker, pattern
from tests.conftest import OpenStore

SEE, CHANGE, HISTORY, UNLINK, ADMINISTER = (
    Action.SEE,
    Action.CHANGE,
    Action.SEE_HISTORY,
    Action.UNLINK,
    Action.ADMINISTER,
)
OWN = "own"
LINKS = {"U0ANA": 501, "U0BEN": 503, "U0MIA": 504, "U0GUEST": 507, "U0OLIVIA": 505}
GRANTS = {"U0MIA": BEN.key, "U0WIDE": EVERYONE, "U0GHOSTS": PLACEHOLDERS, "U0GUEST": EVERYONE}

ACTORS: Mapping[str, dict[str, object]] = {
    "admin": {"user_id": "U0OLIVIA"},
    "manager of Ben": {"user_id": "U0MIA"},
    "manager of everyone": {"user_id": "U0WIDE"},
    "manager of placeholders": {"user_id": "U0GHOSTS"},
    "member": {"user_id": "U0ANA"},
    "unlinked member": {"user_id": "U0NEW"},
    "guest with a grant": {"user_id": "U0GUEST", "guest": True},
    "guest admin": {"user_id": "U0OLIVIA", "guest": True},
    "outsider": {"user_id": "U0OLIVIA", "outsider": True},
    "member of another team": {"user_id": "U0OLIVIA", "team_id": "T0OTHER"},
}
SUBJECTS: Mapping[str, Subject | None] = {
    OWN: None,
    "Ben": BEN,
    "Ana": ANA,
    "placeholder": DESIGNER,
}
PERSONAL = {SEE, CHANGE, HISTORY, UNLINK}
EVERYTHING = {(action, subject) for action in PERSONAL for subject in SUBJECTS}
CHANGES = {CHANGE, HISTORY}


def over(subjects: set[str], actions: set[Action]) -> set[tuple[Action, str]]:
    return {(action, subject) for action in actions for subject in subjects}


SEES = over(set(SUBJECTS), {SEE})
"""Members see everybody's week, unless the setting says otherwise."""
ALLOWED: Mapping[str, set[tuple[Action, str]]] = {
    "admin": EVERYTHING,
    "manager of Ben": SEES | over({OWN}, PERSONAL) | over({"Ben"}, CHANGES),
    "manager of everyone": SEES | over({"Ben", "Ana"}, CHANGES),
    "manager of placeholders": SEES | over({"placeholder"}, CHANGES),
    "member": SEES | over({OWN, "Ana"}, PERSONAL),
    "unlinked member": SEES,
    "guest with a grant": over({OWN}, PERSONAL),
    "guest admin": over({OWN}, PERSONAL),
    "outsider": set(),
    "member of another team": set(),
}


@pytest.fixture
async def team(store: Store, clock: Clock) -> Store:
    """Links and grants as the table needs them."""
    admin, now = await Asker(store, clock).permit(ADMINISTER), clock.now()
    for slack, focus in LINKS.items():
        await store.links.link(admin, slack_user_id=slack, focus_user_id=focus, now=now)
    for manager, scope in GRANTS.items():
        assert await store.access.grant(admin, manager=manager, scope=scope, now=now)
    return store


def actor(name: str, clock: Clock) -> Actor:
    facts = {"team_id": "T0SANDBOX", "as_of": clock.now(), **ACTORS[name]}
    return Actor(**facts)  # type: ignore[arg-type]  # a table of keywords


async def allowed(store: Store, who: Actor, action: Action, subject: Subject | None) -> bool:
    """Whether a permit is given, and is what was asked for."""
    try:
        permit = await store.access.may(who, action, subject)
    except NotAllowedError:
        return False
    assert (permit.actor, permit.action, permit.subject) == (who, action, subject)
    return True


@pytest.mark.parametrize("name", ACTORS)
async def test_the_table(team: Store, clock: Clock, name: str) -> None:
    """Actor × action × subject; whoever is not linked has nothing of their own."""
    who = actor(name, clock)
    subjects = {title: subject for title, subject in SUBJECTS.items() if subject}
    if who.user_id in LINKS:
        subjects[OWN] = Subject("person", LINKS[who.user_id])
    found = {
        (action, title)
        for title, subject in subjects.items()
        for action in PERSONAL
        if await allowed(team, who, action, subject)
    }
    assert found == {(action, title) for action, title in ALLOWED[name] if title in subjects}
    for title, subject in subjects.items():
        for action in PERSONAL:
            assert await team.access.can(who, action, subject) == ((action, title) in found)
    assert await allowed(team, who, ADMINISTER, None) == (name == "admin")


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        ({"self_edit": False}, {("member", CHANGE, "Ana"): Refusal.SELF_EDIT_OFF}),
        ({"self_edit": False}, {("guest with a grant", CHANGE, OWN): Refusal.SELF_EDIT_OFF}),
        ({"members_see": False}, {("member", SEE, "Ben"): Refusal.VIEW_RESTRICTED}),
        ({"guests_see_own": False}, {("guest with a grant", SEE, OWN): Refusal.GUEST}),
    ],
)
async def test_settings_take_away_exactly_one_right(
    open_store: OpenStore,
    team: Store,
    clock: Clock,
    policy: dict[str, bool],
    refused: dict[tuple[str, Action, str], Refusal],
) -> None:
    strict = await open_store(policy=Policy(admins=frozenset({"U0OLIVIA"}), **policy))
    for (name, action, title), refusal in refused.items():
        who = actor(name, clock)
        subject = SUBJECTS[title] or Subject("person", LINKS[who.user_id])
        assert await allowed(team, who, action, subject)
        with pytest.raises(NotAllowedError) as caught:
            await strict.access.may(who, action, subject)
        assert caught.value.refusal is refusal
    assert await allowed(strict, actor("admin", clock), CHANGE, Subject("person", 505))
    assert await allowed(strict, actor("manager of Ben", clock), SEE, BEN)
    assert await allowed(strict, actor("manager of Ben", clock), CHANGE, BEN)
    assert await allowed(strict, actor("member", clock), SEE, ANA)


async def test_a_grant_never_covers_oneself(open_store: OpenStore, team: Store, clock: Clock) -> None:
    """Not by name and not as one of everyone; and who could do it does not name oneself."""
    strict = await open_store(policy=Policy(admins=frozenset({"U0OLIVIA"}), self_edit=False))
    admin = await Asker(team, clock).permit(ADMINISTER)
    for scope in (MIA.key, EVERYONE):
        await team.access.grant(admin, manager="U0MIA", scope=scope, now=clock.now())
    with pytest.raises(NotAllowedError) as caught:
        await strict.access.may(actor("manager of Ben", clock), CHANGE, MIA)
    assert caught.value.refusal is Refusal.SELF_EDIT_OFF
    assert caught.value.who_can == ("U0GUEST", "U0WIDE", "U0OLIVIA")


async def test_a_refusal_says_who_could(team: Store, clock: Clock) -> None:
    for action, subject, who_can in (
        (CHANGE, BEN, ("U0GUEST", "U0MIA", "U0WIDE", "U0OLIVIA")),
        (CHANGE, DESIGNER, ("U0GHOSTS", "U0OLIVIA")),
        (UNLINK, BEN, ("U0OLIVIA",)),
        (ADMINISTER, None, ("U0OLIVIA",)),
    ):
        with pytest.raises(NotAllowedError) as caught:
            await team.access.may(actor("member", clock), action, subject)
        assert caught.value.who_can == who_can


async def test_who_is_refused_is_never_let_through(open_store: OpenStore, team: Store, clock: Clock) -> None:
    """With the reason that stands; one who has come to the right in between is turned away all the same."""
    strict = await open_store(policy=Policy(admins=frozenset({"U0OLIVIA"}), self_edit=False))
    for access, name, action, subject, refusal in (
        (team.access, "outsider", SEE, None, Refusal.OUTSIDER),
        (team.access, "guest with a grant", SEE, None, Refusal.GUEST),
        (team.access, "member", ADMINISTER, None, Refusal.NOT_ADMIN),
        (team.access, "member", CHANGE, BEN, Refusal.NOT_MANAGER),
        (strict.access, "member", CHANGE, ANA, Refusal.SELF_EDIT_OFF),
        (team.access, "member", CHANGE, ANA, Refusal.NOT_MANAGER),
        (team.access, "admin", CHANGE, BEN, Refusal.NOT_MANAGER),
    ):
        with pytest.raises(NotAllowedError) as caught:
            await access.refuse(actor(name, clock), action, subject)
        assert (caught.value.refusal, caught.value.subject) == (refusal, subject)
        assert "U0OLIVIA" in caught.value.who_can


async def test_grants_end_when_they_are_revoked(team: Store, clock: Clock) -> None:
    admin, access = await Asker(team, clock).permit(ADMINISTER), team.access
    assert not await access.grant(admin, manager="U0MIA", scope=BEN.key, now=clock.now())
    await access.grant(admin, manager="U0MIA", scope=ANA.key, now=clock.now())
    assert [grant.scope for grant in await access.managed_by(actor("manager of Ben", clock))] == [
        BEN.key,
        ANA.key,
    ]
    assert await access.revoke(admin, manager="U0MIA", scope=BEN.key)
    assert not await access.revoke(admin, manager="U0MIA", scope=BEN.key)
    assert not await allowed(team, actor("manager of Ben", clock), CHANGE, BEN)
    assert await allowed(team, actor("manager of Ben", clock), CHANGE, ANA)
    assert await access.revoke(admin, manager="U0MIA", scope=None)
    assert not await allowed(team, actor("manager of Ben", clock), CHANGE, ANA)


async def test_permits_come_from_access_alone(team: Store, clock: Clock) -> None:
    """Neither made, nor copied for somebody else, nor used for something else."""
    asker = Asker(team, clock, "U0ANA")
    permit = await asker.permit(CHANGE, ANA)
    who = actor("member", clock)
    with pytest.raises(TypeError):
        Permit(who, CHANGE, BEN, own=False)
    with pytest.raises(TypeError):
        Permit(who, CHANGE, BEN, own=False, seal=object())
    with pytest.raises((TypeError, ValueError)):
        replace(permit, subject=BEN)
    assert copy.copy(permit) == permit
    with pytest.raises(TypeError):
        permit.require(SEE)
    see = await asker.permit(SEE, BEN)
    hours, day = team.hours, pattern({})
    with pytest.raises(TypeError):
        await hours.look(permit)
    with pytest.raises(TypeError):
        await hours.change(asker.request(), replace(await asker.wish(ANA, day), permit=see))
    with pytest.raises(TypeError):
        await team.access.grant(permit, manager="U0ANA", scope=EVERYONE, now=clock.now())
    with pytest.raises(TypeError):
        await team.links.link(permit, slack_user_id="U0X", focus_user_id=508, now=clock.now())


async def test_a_permit_for_one_week_resumes_no_other(team: Store, clock: Clock) -> None:
    asker = Asker(team, clock)
    change = replace(await asker.sets(ANA, {}), state=State.WAITING)
    with pytest.raises(TypeError):
        await team.hours.resume(await asker.permit(CHANGE, BEN), change)
