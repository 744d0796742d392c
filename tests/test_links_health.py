"""Links stay right by themselves: aliases, the daily look, people who leave and come back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from bot.sandbox.slack import Message
from handlers import checkups
from store import Store
from store.access import Action
from store.act import State
from store.checkups import News, What
from store.links import SlackPerson
from store.week import Subject
from tests.asking import ANA, BEN, MON, SAT, TUE, Asker
from tests.conftest import OpenOffice, OpenStore
from tests.office import PATIENCE, STUDIO, Office

# ------------------------------------------------------------------ aliases


def person(id_: str, email: str, *, confirmed: bool = True, deleted: bool = False) -> SlackPerson:
    return SlackPerson(
        id_, id_.title(), email, email_confirmed=confirmed, can_link=not deleted, deleted=deleted
    )


@pytest.mark.parametrize(
    ("aliases", "email", "linked"),
    [
        ({"studio.example": "example.com"}, "Ana@Studio.Example", 501),
        ({"a.l@studio.example": "ana@example.com"}, "A.L@studio.example", 501),
        (
            {"studio.example": "example.com", "ana@studio.example": "ben@example.com"},
            "ana@studio.example",
            503,
        ),
        ({"ana@example.com": "ana.petrova@example.com"}, "ana@example.com", 502),
        ({"example.com": "focus-mail.example"}, "ana@example.com", 501),
        ({"studio.example": "example.com"}, "nobody@studio.example", None),
        ({"studio.example": "example.com"}, "ana@sub.studio.example", None),
    ],
    ids=[
        "a domain",
        "an address",
        "an address before its domain",
        "an alias before the address itself",
        "where Focus lacks the alias, the address itself",
        "Focus has no such address",
        "another domain below it",
    ],
)
async def test_an_alias_joins(
    open_store: OpenStore, clock: Clock, aliases: dict[str, str], email: str, linked: int | None
) -> None:
    store = await open_store(email_aliases=aliases)
    await store.directory.refresh_people(clock.now())
    new = await store.links.match([person("U1", email)], now=clock.now())
    assert [link.focus_user_id for link in new] == ([linked] if linked else [])


async def test_an_alias_joins_only_the_confirmed_and_the_only_one(
    open_store: OpenStore, clock: Clock
) -> None:
    """Two Slack users for one address, one of them by alias: neither."""
    store = await open_store(email_aliases={"studio.example": "example.com"})
    await store.directory.refresh_people(clock.now())
    unconfirmed = person("U1", "ana@studio.example", confirmed=False)
    assert await store.links.match([unconfirmed], now=clock.now()) == ()
    both = [person("U1", "ana@studio.example"), person("U2", "ana@example.com")]
    assert await store.links.match(both, now=clock.now()) == ()


async def test_the_setting_is_the_one_that_counts(an_office: OpenOffice) -> None:
    async with an_office(
        settings={"HOURS_EMAIL_ALIASES": "Tom@Example.com=tom.weber@focus-mail.example"}
    ) as office:
        entry = await office.bot.desk.store.directory.linked("U0TOM")
        assert entry is not None
        assert entry.subject == Subject("person", 506)


# ------------------------------------------------------------------ the daily look, in the store

SLACK_ANA, SLACK_BEN = person("U0ANA", "ana@example.com"), person("U0BEN", "ben@example.com")


@pytest.fixture
async def olivia(store: Store, clock: Clock) -> Asker:
    """An admin of a team in which Ana and Ben are linked, and were looked at once."""
    asker = Asker(store, clock)
    await look(asker, SLACK_ANA, SLACK_BEN)
    return asker


async def look(asker: Asker, *people: SlackPerson) -> list[tuple[What, str, str]]:
    """A day later: what is news."""
    asker.clock.move(seconds=timedelta(days=1).total_seconds())
    now = asker.clock.now()
    await asker.store.directory.refresh_people(now)
    await asker.store.directory.refresh_placeholders(now)
    await asker.store.links.match(people, now=now)
    news = await asker.store.checkups.check(people, tell=("U0OLIVIA",), now=now)
    return [(each.what, each.slack_user_id, each.detail) for each in news]


async def test_the_first_look_only_remembers(olivia: Asker) -> None:
    assert await olivia.told() == set()
    assert await look(olivia, SLACK_ANA, SLACK_BEN) == []
    mia = person("U0MIA", "mia@example.com")
    assert await look(olivia, SLACK_ANA, SLACK_BEN, mia) == [(What.LINKED, "U0MIA", "")]
    assert await look(olivia, SLACK_ANA, SLACK_BEN, mia) == []
    assert await olivia.told() == {("alert", "U0OLIVIA")}


async def test_another_e_mail_on_either_side_keeps_the_link(olivia: Asker, focus: Focus) -> None:
    """By id: also when somebody else has the old address now."""
    focus.change_person(501, email="al@studio.example", name="Ana Newname")
    married = person("U0ANA", "ana.newname@example.com")
    successor = person("U0NEW", "ana@example.com")
    assert await look(olivia, married, SLACK_BEN, successor) == [
        (What.SLACK_EMAIL, "U0ANA", "ana.newname@example.com"),
        (What.FOCUS_EMAIL, "U0ANA", "al@studio.example"),
    ]
    link = await olivia.store.links.of(ANA)
    assert link is not None
    assert link.slack_user_id == "U0ANA"
    assert await look(olivia, married, SLACK_BEN, successor) == []


async def test_who_leaves_on_either_side_is_noticed_and_stays_linked(olivia: Asker, focus: Focus) -> None:
    gone = person("U0BEN", "ben@example.com", deleted=True)
    focus.change_person(501, active=False)
    assert await look(olivia, SLACK_ANA, gone) == [
        (What.FOCUS_OFF, "U0ANA", ""),
        (What.SLACK_GONE, "U0BEN", ""),
    ]
    focus.remove_person(501)
    assert await look(olivia, SLACK_ANA, gone) == [(What.FOCUS_GONE, "U0ANA", "")]
    assert await look(olivia, SLACK_ANA, gone) == []
    assert await look(olivia, SLACK_ANA, SLACK_BEN) == [(What.SLACK_BACK, "U0BEN", "")]
    assert await olivia.store.links.of(ANA) is not None
    assert await olivia.store.links.of(BEN) is not None


async def test_two_processes_tell_once(olivia: Asker, open_store: OpenStore) -> None:
    other = Asker(await open_store(), olivia.clock)
    gone = person("U0BEN", "ben@example.com", deleted=True)
    now = olivia.clock.now()
    first = await olivia.store.checkups.check([gone], tell=("U0OLIVIA",), now=now)
    second = await other.store.checkups.check([gone], tell=("U0OLIVIA",), now=now)
    assert [each.what for each in first] == [What.SLACK_GONE]
    assert second == ()


# ------------------------------------------------------------------ leavers, in the store


async def granted(olivia: Asker, manager: str, *scopes: str) -> None:
    permit = await olivia.permit(Action.ADMINISTER)
    for scope in scopes:
        await olivia.store.access.grant(permit, manager=manager, scope=scope, now=olivia.clock.now())


async def who_can(olivia: Asker) -> tuple[str, ...]:
    return await olivia.store.access.who_can(Action.CHANGE, BEN)


async def leave(olivia: Asker, user_id: str = "U0MIA") -> bool:
    return await olivia.store.leavers.left(user_id, name="Mia", tell=("U0OLIVIA",), now=olivia.clock.now())


async def test_grants_rest_and_are_as_before_when_somebody_is_back(olivia: Asker) -> None:
    await granted(olivia, "U0MIA", BEN.key)
    assert await who_can(olivia) == ("U0MIA", "U0OLIVIA")
    assert await leave(olivia)
    assert await leave(olivia)
    assert await who_can(olivia) == ("U0OLIVIA",)
    assert len(await olivia.store.access.grants()) == 1
    assert await olivia.told() == {("alert", "U0OLIVIA")}
    assert len(await olivia.rows("SELECT * FROM outbox")) == 1
    assert await olivia.store.leavers.came_back("U0MIA", now=olivia.clock.now())
    assert not await olivia.store.leavers.came_back("U0MIA", now=olivia.clock.now())
    assert await who_can(olivia) == ("U0MIA", "U0OLIVIA")


async def test_who_leaves_nothing_behind_is_no_news(olivia: Asker) -> None:
    assert not await leave(olivia, "U0BEN")
    assert await olivia.store.leavers.resting() == frozenset()
    assert await olivia.told() == set()


async def test_rights_are_taken_over_once(olivia: Asker) -> None:
    """Those held and those given; what the admin has anyway is not doubled."""
    await granted(olivia, "U0MIA", BEN.key, ANA.key)
    await granted(olivia, "U0OLIVIA", ANA.key)
    await leave(olivia)
    permit, now = await olivia.permit(Action.ADMINISTER), olivia.clock.now()
    assert await olivia.store.leavers.take_over(permit, "U0MIA", now=now)
    assert not await olivia.store.leavers.take_over(permit, "U0MIA", now=now)
    assert not await olivia.store.leavers.delete(permit, "U0MIA", now=now)
    held = {(grant.manager, grant.scope) for grant in await olivia.store.access.grants()}
    assert held == {("U0OLIVIA", BEN.key), ("U0OLIVIA", ANA.key)}


async def test_only_an_admin_decides(olivia: Asker) -> None:
    await granted(olivia, "U0MIA", BEN.key)
    await leave(olivia)
    permit = await Asker(olivia.store, olivia.clock, "U0ANA").permit(Action.SEE, ANA)
    with pytest.raises(TypeError):
        await olivia.store.leavers.delete(permit, "U0MIA", now=olivia.clock.now())


async def waiting_change(olivia: Asker, focus: Focus) -> Asker:
    """Mia has asked for Ben's Monday and Tuesday, and the quota is used up."""
    await granted(olivia, "U0MIA", BEN.key)
    mia = Asker(olivia.store, olivia.clock, "U0MIA")
    focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "GET *workinghours*"))
    change = await mia.sets(BEN, {MON: 3, TUE: 3})
    assert change.state is State.WAITING
    focus.faults.clear()
    olivia.clock.move(seconds=7200)
    assert [each.id for each in await mia.due()] == [change.id]
    return mia


async def test_what_waits_rests_and_goes_on_when_somebody_is_back(olivia: Asker, focus: Focus) -> None:
    await waiting_change(olivia, focus)
    await leave(olivia)
    assert await olivia.due() == ()
    await olivia.store.leavers.came_back("U0MIA", now=olivia.clock.now())
    assert len(await olivia.due()) == 1


async def test_what_waits_is_taken_over(olivia: Asker, focus: Focus) -> None:
    """As an act of the admin's; what the leaver has done before stays the leaver's."""
    await waiting_change(olivia, focus)
    await leave(olivia)
    permit = await olivia.permit(Action.ADMINISTER)
    assert await olivia.store.leavers.take_over(permit, "U0MIA", now=olivia.clock.now())
    (change,) = await olivia.due()
    act = await olivia.get(change.act_id)
    assert (act.actor, act.at) == ("U0OLIVIA", olivia.clock.now())
    assert ("receipt", "U0OLIVIA") in await olivia.told()
    assert (await olivia.resume(change)).state is State.APPLIED
    assert focus.week("user", 503)[1] == 3


async def test_what_waits_is_deleted(olivia: Asker, focus: Focus) -> None:
    mia = await waiting_change(olivia, focus)
    (change,) = await mia.due()
    await leave(olivia)
    permit = await olivia.permit(Action.ADMINISTER)
    assert await olivia.store.leavers.delete(permit, "U0MIA", now=olivia.clock.now())
    (change,) = (await olivia.get(change.act_id)).changes
    assert change.state is State.CANCELLED
    assert await olivia.due() == ()
    assert await olivia.store.access.grants() == ()
    assert focus.week("user", 503)[1] != 3


async def test_what_was_partly_written_before_it_was_deleted_is_told(
    open_store: OpenStore, clock: Clock, focus: Focus
) -> None:
    """Ben's Saturday is in Focus: he and the audit channel read who did it."""
    olivia = Asker(await open_store(audit_channel="G0ADMIN"), clock)
    await olivia.store.directory.refresh_people(clock.now())
    await olivia.store.links.match([person("U0BEN", "ben@example.com")], now=clock.now())
    await granted(olivia, "U0MIA", BEN.key)
    focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "PUT *workinghours*"))
    waiting = await Asker(olivia.store, clock, "U0MIA").sets(BEN, {MON: 3, SAT: 2})
    assert (waiting.state, waiting.written) == (State.WAITING, (SAT,))
    await leave(olivia)
    await olivia.store.leavers.delete(await olivia.permit(Action.ADMINISTER), "U0MIA", now=clock.now())
    (change,) = (await olivia.get(waiting.act_id)).changes
    assert change.state is State.PARTIAL
    assert {("notice", "U0BEN"), ("audit", "G0ADMIN")} <= await olivia.told()


async def test_a_waiting_undo_is_taken_over(olivia: Asker, focus: Focus) -> None:
    """The act it undoes is undone by the admin's act then, and by no other."""
    await granted(olivia, "U0MIA", BEN.key)
    mia = Asker(olivia.store, olivia.clock, "U0MIA")
    done = await mia.sets(BEN, {MON: 3})
    focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "GET *workinghours*"))
    await mia.undo(done.act_id)
    focus.faults.clear()
    olivia.clock.move(seconds=7200)
    await leave(olivia)
    await olivia.store.leavers.take_over(
        await olivia.permit(Action.ADMINISTER), "U0MIA", now=olivia.clock.now()
    )
    (change,) = await olivia.due()
    assert (await olivia.resume(change)).state is State.APPLIED
    undone = await olivia.get(done.act_id)
    assert (undone.actor, undone.undone_by_actor) == ("U0MIA", "U0OLIVIA")


# ------------------------------------------------------------------ in Slack


async def check(office: Office) -> None:
    """What happens once a day, now."""
    desk = office.bot.desk
    await checkups.check(desk, await desk.people.link_everybody())


async def test_admins_read_once_what_changed(office: Office) -> None:
    office.focus.change_person(503, email="ben@new.example")
    office.focus.remove_person(507)
    office.slack.people["U0ANA"].deleted = True
    await check(office)
    told = await office.olivia.sees("What changed about links", channel=office.olivia.dm)
    assert "has another e-mail address in Toggl Focus (ben@new.example) and stays linked" in told.plain
    assert "is not in Toggl Focus any more" in told.plain
    assert "was deactivated in Slack" in told.plain
    await check(office)
    await office.bot.desk.work.idle()
    mine = office.olivia.messages(office.olivia.dm)
    assert len([each for each in mine if "What changed" in each.plain]) == 1


async def test_the_overview_shows_who_is_not_active_any_more(office: Office) -> None:
    office.focus.change_person(503, active=False)
    office.slack.people["U0ANA"].deleted = True
    await check(office)
    await office.olivia.types(STUDIO, "/hours links")
    page = await office.olivia.sees("Linked, and not active any more: 2", channel=STUDIO)
    assert "Ben Okafor" in page.plain
    await office.olivia.click(page, "unlink_one:1")
    page = await office.olivia.sees("not active any more: 1", channel=STUDIO)
    assert "5 people are linked" in page.plain


async def test_a_placeholder_that_became_a_person_is_offered_once(office: Office) -> None:
    office.slack.people["U0TOM"].email = "nobody@example.com"
    office.focus.embody(701, user_id=506)
    await check(office)
    told = await office.olivia.sees("became a person in Toggl Focus", channel=office.olivia.dm)
    assert "tom.weber@focus-mail.example" in told.plain
    await office.olivia.click(told, "link_one")
    await office.olivia.sees("is now linked to", channel=office.olivia.dm)
    await office.olivia.sees("is linked to them and can change the week", channel=office.olivia.dm)
    await check(office)
    await office.bot.desk.work.idle()
    mine = office.olivia.messages(office.olivia.dm)
    assert len([each for each in mine if "became a person" in each.plain]) == 1
    assert [entry.name for entry in await office.bot.desk.store.directory.placeholders()] == [
        "Designer 2",
        "Set Builder",
    ]


async def test_a_right_over_a_placeholder_moves_to_the_person_with_a_press(office: Office) -> None:
    """It lasts as long for the person as it does for the placeholders."""
    await office.olivia.types(STUDIO, "/hours managers grant <@U0MIA> placeholders until 2026-12-31")
    await office.olivia.sees("may now change", channel=STUDIO)
    office.focus.embody(701, user_id=503)
    await check(office)
    told = await office.olivia.sees("became a person in Toggl Focus", channel=office.olivia.dm)
    assert "<@U0MIA> could change the placeholder’s week and can’t change the person’s" in told.plain
    await office.olivia.click(told, "embodied_grant:U0MIA")

    def settled() -> Message | None:
        told = office.answer_to(office.olivia, office.olivia.dm)
        return None if "could change the placeholder" in told.plain else told

    await office.slack.changed.until(settled, seconds=PATIENCE)
    moved = [grant for grant in await office.bot.desk.store.access.grants() if grant.scope == "person:503"]
    assert [(grant.manager, str(grant.until)) for grant in moved] == [("U0MIA", "2026-12-31")]
    await office.mia.types(STUDIO, "/hours set <@U0BEN> mon 4")
    await office.mia.sees("You changed <@U0BEN>’s week", channel=STUDIO)


async def mia_leaves(office: Office) -> Message:
    """Mia is a manager, Ben's new Monday waits for the quota, and then she is deactivated."""
    await office.make_manager()
    office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "GET *workinghours*"))
    await office.mia.types(STUDIO, "/hours set <@U0BEN> mon 3")
    await office.mia.sees("Cancel", channel=office.mia.dm)
    await office.change_user("U0MIA", deleted=True)
    told = await office.olivia.sees("has left Slack. Until one of you decides", channel=office.olivia.dm)
    office.focus.faults.clear()
    office.clock.move(seconds=7200)
    await office.until_waiting(0)
    assert office.focus_week(503).startswith("8")
    return told


async def test_a_leavers_work_rests_until_an_admin_takes_it_over(office: Office) -> None:
    told = await mia_leaves(office)
    assert "what waits to be changed in" in told.plain
    assert "the right to change everybody’s week" in told.plain
    await office.later(seconds=8 * 24 * 3600)  # what rests does not expire meanwhile
    await office.olivia.click(told, "leaver_take")
    await office.olivia.sees("has taken over what waits", channel=office.olivia.dm)
    await office.olivia.sees("You changed <@U0BEN>", channel=office.olivia.dm)
    assert office.focus_week(503).startswith("3")


async def test_a_leavers_work_is_deleted(office: Office) -> None:
    told = await mia_leaves(office)
    dialog = told.blocks[-1]["elements"][1]["confirm"]
    gone = "The waiting changes and rights of <@U0MIA> end for good, even if they come back to Slack."
    assert dialog["text"]["text"] == f"{gone} This cannot be undone."
    await office.olivia.click(told, "leaver_delete")
    await office.olivia.sees("has deleted what waits", channel=office.olivia.dm)
    office.clock.move(seconds=60)
    await office.until_waiting(0)
    assert office.focus_week(503).startswith("8")
    assert await office.bot.desk.store.access.grants() == ()


async def test_the_second_admin_reads_who_was_first(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_ADMINS": "U0OLIVIA,U0ANA"}) as office:
        await office.make_manager()
        await office.change_user("U0MIA", deleted=True)
        hers = await office.olivia.sees("has left Slack", channel=office.olivia.dm)
        anas = await office.ana.sees("has left Slack", channel=office.ana.dm)
        await asyncio.gather(
            office.olivia.click(hers, "leaver_take"), office.ana.click(anas, "leaver_delete")
        )
        await office.bot.desk.work.idle()
        read = [each.plain for human in (office.olivia, office.ana) for each in human.messages(human.dm)]
        assert len([each for each in read if "was first and has" in each]) == 1


async def test_who_comes_back_goes_on(office: Office) -> None:
    await mia_leaves(office)
    await office.change_user("U0MIA", deleted=False)
    await office.olivia.sees("is back in Slack", channel=office.olivia.dm)
    office.clock.move(seconds=60)
    await office.until_waiting(0)
    await office.bot.desk.work.idle()
    assert office.focus_week(503).startswith("3")


def test_news_survives_the_outbox() -> None:
    each = News(What.SLACK_EMAIL, "U1", 501, "Ana", "a@b.example")
    kept = {
        "what": "slack_email",
        "slack_user_id": "U1",
        "focus_user_id": 501,
        "name": "Ana",
        "detail": "a@b.example",
    }
    assert News.from_json(kept) == each
