"""Confirmations: a week said to be right, until it is another one; and people left alone for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.sandbox.clock import Clock
from store import Store
from store.access import Action, Actor, Permit
from store.confirmations import Confirmation
from store.hours import Request
from store.week import ALL_DAYS, Hours, Subject, Week
from tests.asking import ANA, BEN, FRI, MON, Asker, pattern
from tests.office import STUDIO, Office

WEEK = Week.of({day: Hours(8) for day in ALL_DAYS[:5]})


@pytest.fixture
async def olivia(store: Store, clock: Clock) -> Asker:
    """Both sides are listed; Ana and Ben are linked."""
    asker = Asker(store, clock)
    await store.directory.refresh_people(clock.now())
    administer = await asker.permit(Action.ADMINISTER)
    for slack, focus in (("U0ANA", ANA.id), ("U0BEN", BEN.id)):
        await store.links.link(administer, slack_user_id=slack, focus_user_id=focus, now=clock.now())
    return asker


async def own(asker: Asker, user_id: str = "U0ANA", subject: Subject = ANA) -> Permit:
    return await replace(asker, user_id=user_id).permit(Action.SEE, subject)


async def confirms(asker: Asker, week: Week = WEEK) -> Confirmation:
    return await asker.store.confirmations.confirm(await own(asker), week, now=asker.clock.now())


async def latest(asker: Asker, week: Week = WEEK) -> Confirmation | None:
    return await asker.store.confirmations.latest(await asker.permit(Action.SEE, ANA), week)


async def test_a_confirmed_week_is_known_to_be(olivia: Asker, clock: Clock) -> None:
    assert await latest(olivia) is None
    await confirms(olivia)
    found = await latest(olivia)
    assert found is not None
    assert (found.by, found.at) == ("U0ANA", clock.now())


async def test_the_latest_confirmation_counts(olivia: Asker, clock: Clock) -> None:
    await confirms(olivia)
    clock.move(seconds=86_400)
    await confirms(olivia)
    found = await latest(olivia)
    assert found is not None
    assert found.at == clock.now()


async def test_a_week_is_confirmed_exactly(olivia: Asker) -> None:
    """Not set is not off, and 7:20 h stays what Focus keeps."""
    week = Week.of({MON: Hours("7.3333"), FRI: Hours(0)})
    await confirms(olivia, week)
    assert await latest(olivia, week) is not None
    assert await latest(olivia, week.replace({FRI: None})) is None
    assert await latest(olivia, week.replace({MON: Hours("7.33")})) is None


async def test_another_week_in_focus_lapses_it(olivia: Asker) -> None:
    await confirms(olivia)
    assert await latest(olivia, WEEK.replace({FRI: Hours(0)})) is None
    assert await latest(olivia, WEEK.replace({ALL_DAYS[5]: Hours(0)})) is None


async def test_a_change_made_here_lapses_it_though_it_is_put_back(olivia: Asker, clock: Clock) -> None:
    await confirms(olivia)
    clock.move(seconds=60)
    act = await olivia.act(ANA, {FRI: 4})
    clock.move(seconds=60)
    await olivia.undo(act.id)
    assert await latest(olivia) is None
    await confirms(olivia)
    assert await latest(olivia) is not None


async def test_a_change_that_wrote_nothing_leaves_it(olivia: Asker, clock: Clock) -> None:
    await confirms(olivia)
    clock.move(seconds=60)
    await olivia.sets(ANA, {FRI: 8})
    assert await latest(olivia) is not None


async def test_only_whose_week_it_is_can_confirm_it(olivia: Asker, clock: Clock) -> None:
    with pytest.raises(TypeError):
        await olivia.store.confirmations.confirm(await olivia.permit(Action.SEE, ANA), WEEK, now=clock.now())
    assert await latest(olivia) is None


async def test_many_weeks_are_looked_up_together(olivia: Asker) -> None:
    await confirms(olivia)
    found = await olivia.store.confirmations.holding({ANA: WEEK, BEN: WEEK})
    assert set(found) == {ANA}
    assert await olivia.store.confirmations.holding({ANA: Week()}) == {}


async def test_who_changed_their_own_week_has_looked_at_it(olivia: Asker, clock: Clock) -> None:
    """A change by a manager is none by the person, unless they had asked for it."""
    began = clock.now()
    changed = olivia.store.confirmations.changed_since
    await olivia.sets(ANA, {FRI: 4})
    assert await changed(began) == frozenset()
    await replace(olivia, user_id="U0ANA").sets(ANA, {FRI: 5})
    assert await changed(began) == {ANA}
    wish = await olivia.wish(BEN, pattern({MON: 4}))
    request = Request("asked", "U0OLIVIA", olivia.place, {"asked_by": "U0BEN"})
    await olivia.store.hours.change(request, wish)
    assert await changed(began) == {ANA, BEN}
    assert await changed(clock.now() + timedelta(seconds=1)) == frozenset()


async def test_a_snooze_ends_on_its_day(olivia: Asker) -> None:
    book = olivia.store.confirmations
    await book.snooze("U0ANA", until=date(2026, 3, 9))
    await book.snooze("U0ANA", until=date(2026, 3, 16))
    assert await book.snoozed(date(2026, 3, 15)) == {"U0ANA": date(2026, 3, 16)}
    assert await book.snoozed(date(2026, 3, 16)) == {}


# ------------------------------------------------------------------ where it is shown


async def test_my_week_says_since_when_it_is_confirmed(office: Office) -> None:
    desk = office.bot.desk
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("40 h", channel=STUDIO)
    assert "Confirmed" not in office.answer_to(office.ana).text
    await desk.store.confirmations.confirm(await _own(office), WEEK, now=desk.clock.now())
    await office.olivia.types(STUDIO, "/hours <@U0ANA>")
    seen = await office.olivia.sees("Confirmed on", channel=STUDIO)
    assert "<!date^" in seen.text


async def test_a_board_says_who_has_confirmed(office: Office) -> None:
    desk = office.bot.desk
    await office.ana.types(STUDIO, "/hours")
    await office.ana.sees("40 h", channel=STUDIO)
    await office.ana.types(STUDIO, "/hours who week <@U0ANA> <@U0BEN>")
    board = await office.ana.sees("Who works when", channel=STUDIO)
    assert "onfirmed" not in board.text
    await desk.store.confirmations.confirm(await _own(office), WEEK, now=desk.clock.now())
    await office.ana.types(STUDIO, "/hours who week <@U0ANA> <@U0BEN>")
    board = await office.ana.sees("1 of 2 confirmed", channel=STUDIO)
    assert "Confirmed 2 Mar" in board.text
    assert "Confirmed –" in board.text


async def _own(office: Office) -> Permit:
    actor = Actor(office.bot.desk.store.team_id, "U0ANA", office.clock.now())
    return await office.bot.desk.store.access.may(actor, Action.SEE, ANA)
