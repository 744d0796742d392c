"""Who is linked to whom: by a confirmed e-mail or by an admin, one to one, and not against anybody's will."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.focus import Focus
from store import Store
from store.access import Action
from store.directory import Entry
from store.links import AlreadyLinkedError, Link, SlackPerson
from store.week import Subject
from tests.asking import ANA, BEN, DESIGNER, Asker


@pytest.fixture
async def olivia(store: Store, clock: Clock) -> Asker:
    """An admin of a team whose Focus has been listed."""
    await store.directory.refresh_people(clock.now())
    await store.directory.refresh_placeholders(clock.now())
    return Asker(store, clock)


def person(email: str, *, id_: str = "U0X", confirmed: bool = True, can_link: bool = True) -> SlackPerson:
    return SlackPerson(id_, id_.title(), email, email_confirmed=confirmed, can_link=can_link)


async def match(olivia: Asker, *people: SlackPerson) -> list[tuple[str, int]]:
    new = await olivia.store.links.match(people, now=olivia.clock.now())
    return [(link.slack_user_id, link.focus_user_id) for link in new]


async def link(olivia: Asker, slack_user_id: str, focus_user_id: int) -> Link:
    return await olivia.store.links.link(
        await olivia.permit(Action.ADMINISTER),
        slack_user_id=slack_user_id,
        focus_user_id=focus_user_id,
        now=olivia.clock.now(),
    )


async def test_a_confirmed_email_links_in_any_case(olivia: Asker) -> None:
    """By ``user_account_id``, once; and the mapping says how."""
    assert await match(olivia, person("ANA@Example.COM", id_="U0ANA")) == [("U0ANA", 501)]
    assert await match(olivia, person("ana@example.com", id_="U0ANA")) == []
    found = await olivia.store.links.of(ANA)
    assert found == Link("U0ANA", 501, "bot", "email", olivia.clock.now())


@pytest.mark.parametrize(
    "nobody",
    [
        person("ana@example.com", confirmed=False),
        person("ana@example.com", can_link=False),
        person("tom@example.com"),
        person(""),
    ],
    ids=["not confirmed", "a bot or gone", "another address", "no address"],
)
async def test_who_is_not_linked_by_email(olivia: Asker, focus: Focus, nobody: SlackPerson) -> None:
    focus.add_person("No Address", email="")
    await olivia.store.directory.refresh_people(olivia.clock.now())
    assert await match(olivia, nobody) == []


async def test_a_shared_email_links_nobody(olivia: Asker, focus: Focus) -> None:
    """Whichever side shares it; admins see whom it concerns."""
    twin = focus.add_person("Ana Twin", email="Ana@example.com")
    await olivia.store.directory.refresh_people(olivia.clock.now())
    assert await match(olivia, person("ana@example.com")) == []
    assert await match(olivia, person("ben@example.com", id_="U1"), person("BEN@example.com", id_="U2")) == []
    overview = await olivia.store.links.overview([])
    assert [entry.subject.id for entry in overview.ambiguous] == [501, twin.user_account_id]


async def test_a_pair_taken_apart_stays_apart(olivia: Asker) -> None:
    """E-mail does not join it again, an admin does; and then unlinking works as before."""
    ana = person("ana@example.com", id_="U0ANA")
    await match(olivia, ana)
    herself = Asker(olivia.store, olivia.clock, "U0ANA")
    taken = await olivia.store.links.unlink(await herself.permit(Action.UNLINK, ANA), now=olivia.clock.now())
    assert taken is not None
    assert taken.slack_user_id == "U0ANA"
    assert await match(olivia, ana) == []
    assert await match(olivia, person("ana@example.com", id_="U0NEW")) == [("U0NEW", 501)]
    admin = await olivia.permit(Action.UNLINK, ANA)
    await olivia.store.links.unlink(admin, now=olivia.clock.now())
    assert (await link(olivia, "U0ANA", 501)).method == "admin"
    await olivia.store.links.unlink(admin, now=olivia.clock.now())
    assert await olivia.store.links.unlink(admin, now=olivia.clock.now()) is None


async def test_a_placeholder_is_nobodys_link(olivia: Asker) -> None:
    """Its id may be a person's, too."""
    await link(olivia, "U0ANA", DESIGNER.id)
    permit = await olivia.permit(Action.UNLINK, DESIGNER)
    assert await olivia.store.links.unlink(permit, now=olivia.clock.now()) is None
    assert await olivia.store.links.of(DESIGNER) is None
    assert await olivia.store.links.of(Subject("person", DESIGNER.id)) is not None


async def test_each_side_has_one_partner(olivia: Asker) -> None:
    made = await link(olivia, "U0ANA", 501)
    assert await link(olivia, "U0ANA", 501) == made, "the same again is no error"
    for slack_user_id, focus_user_id in (("U0ANA", 503), ("U0BEN", 501)):
        with pytest.raises(AlreadyLinkedError) as caught:
            await link(olivia, slack_user_id, focus_user_id)
        assert caught.value.link == made
    assert await match(olivia, person("ben@example.com", id_="U0ANA")) == []
    assert await match(olivia, person("ana@example.com", id_="U0BEN")) == []
    assert await olivia.store.links.of(BEN) is None


async def test_one_hears_of_ones_link_once(olivia: Asker) -> None:
    await match(olivia, person("ana@example.com", id_="U0ANA"))
    now = olivia.clock.now()
    heard = await asyncio.gather(*(olivia.store.links.first_use("U0ANA", now=now) for _ in range(3)))
    assert [each.focus_user_id for each in heard if each] == [501]
    assert await olivia.store.links.first_use("U0ANA", now=now) is None
    assert await olivia.store.links.first_use("U0STRANGER", now=now) is None


async def test_both_sides_are_shown(olivia: Asker, focus: Focus) -> None:
    focus.change_person(508, active=False)
    await olivia.store.directory.refresh_people(olivia.clock.now())
    people = [person("ana@example.com", id_="U0ANA"), person("tom@example.com", id_="U0TOM")]
    people.append(person("bot@example.com", id_="U0BOT", can_link=False))
    await match(olivia, *people)
    overview = await olivia.store.links.overview(people)
    assert [each.focus_user_id for each in overview.links] == [501]
    assert [each.id for each in overview.unmatched_slack] == ["U0TOM"]
    assert {each.subject.id for each in overview.unmatched_focus} == {502, 503, 504, 505, 506, 507}


async def test_a_link_outlives_the_listing(olivia: Asker, focus: Focus) -> None:
    """Somebody whom Focus does not list any more is still linked, and known by the id."""
    await link(olivia, "U0ANA", 501)
    assert await olivia.store.directory.linked("U0ANA") == Entry(
        ANA, "Ana Lindqvist", "ana@example.com", slack_user_id="U0ANA"
    )
    focus.remove_person(501)
    await olivia.store.directory.refresh_people(olivia.clock.now())
    known = await olivia.store.directory.linked("U0ANA")
    assert known is not None
    assert (known.subject, known.active) == (ANA, False)


async def test_names_are_found_as_people_type_them(olivia: Asker, focus: Focus) -> None:
    """Without case and accents; a whole name before a part of one, and deleted placeholders not at all."""
    directory = olivia.store.directory
    assert [entry.name for entry in await directory.named("LIND")] == ["Ana Lindqvist"]
    assert [entry.name for entry in await directory.named("  ZOE ")] == ["Zoë <!channel> *Bold* & Co"]
    assert [entry.subject for entry in await directory.named("designer 1")] == [DESIGNER]
    assert [entry.name for entry in await directory.placeholders("design")] == ["Designer 1", "Designer 2"]
    focus.remove_ghost(701)
    focus.embody(702, user_id=503)
    await directory.refresh_placeholders(olivia.clock.now())
    assert await directory.placeholders("design") == ()
