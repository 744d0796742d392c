"""App Home: one's own week, the latest change with Undo, and always true while it is open."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human
from handlers.open_homes import OpenHomes
from store.access import Action
from store.week import Subject
from tests.conftest import OpenOffice
from tests.inside import database
from tests.office import STUDIO, Office
from tests.reminding import remind


async def _home_without(human: Human, text: str, office: Office) -> None:
    """Wait until Home does not tell something any more."""

    def gone() -> bool:
        return human.home is not None and text not in human.home.plain

    await office.slack.world.changed.until(gone, seconds=5)


async def test_home_shows_my_week(office: Office) -> None:
    await office.ana.open_home()
    view = await office.ana.sees_home("40 h")
    assert "Ana Lindqvist" in view.plain
    assert "Monday: 8 h" in view.plain.replace("*", "")
    assert "Saturday: not set" in view.plain.replace("*", "")
    assert "/hours help" in view.plain
    assert "Latest changes" not in view.plain
    assert "Who works today" not in view.plain
    assert "For admins" not in view.plain


async def test_home_shows_a_week_that_was_read_while_the_database_takes_no_writes(office: Office) -> None:
    kept_in = database(office.bot.desk.store)
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = ON"))
    await office.ana.open_home()
    await office.ana.sees_home("40 h")
    await office.ana.types(STUDIO, "/hours me")
    await office.ana.sees("40 h", channel=STUDIO)
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = OFF"))


async def test_who_begins_with_home_reads_there_once_whom_they_are_taken_for(office: Office) -> None:
    told = "In Toggl Focus you are *Ana Lindqvist*, linked by your e-mail address. Wrong? `/hours unlink`"
    await office.ana.open_home()
    await office.ana.sees_home(told)
    await office.ana.types(STUDIO, "/hours set fri 4")
    view = await office.ana.sees_home("Fri 8 h → 4 h")
    assert told in view.plain  # as long as it is looked at
    assert told not in (await office.ana.sees("You changed", channel=STUDIO)).plain
    await office.ana.open_home()
    await _home_without(office.ana, told, office)


async def test_a_managers_home_tells_it_too_and_a_second_reading_keeps_it(office: Office) -> None:
    await office.make_manager()
    await office.mia.open_home()
    view = await office.mia.sees_home("*Away (1):* <@U0ZOE>")
    assert "In Toggl Focus you are *Mia Tanaka*" in view.plain


async def test_a_home_that_follows_by_itself_is_no_first_use(office: Office) -> None:
    await office.tom.open_home()
    await office.tom.sees_home("I don’t know yet who you are in Toggl Focus")
    await office.olivia.types(STUDIO, "/hours link <@U0TOM> 506")
    view = await office.tom.sees_home("Your working hours")
    assert "linked by" not in view.plain
    await office.tom.open_home()
    await office.tom.sees_home("you are *Tom Weber*, linked by <@U0OLIVIA>")


async def test_a_second_opening_costs_no_call(office: Office) -> None:
    await office.ana.open_home()
    await office.ana.sees_home("40 h")
    before = len(office.focus_calls())
    await office.ana.open_home()
    await office.bot.desk.work.idle()
    assert len(office.focus_calls()) == before


async def test_the_other_tab_publishes_nothing(office: Office) -> None:
    await office.ana.open_messages()
    await office.bot.desk.work.idle()
    assert office.ana.home is None


async def test_edit_in_home_opens_the_editor(office: Office) -> None:
    await office.ana.open_home()
    await office.ana.click(await office.ana.sees_home("40 h"), "edit")
    await office.ana.sees_modal("Working days")


async def test_home_follows_my_own_change_and_undoes_and_redoes_it(office: Office) -> None:
    await office.ana.open_home()
    await office.ana.sees_home("40 h")
    await office.ana.types(STUDIO, "/hours set fri 4")
    view = await office.ana.sees_home("Fri 8 h → 4 h")
    assert "Fri 8 h → 4 h; 40 h → 36 h in all · by you" in view.plain
    await office.ana.click(view, "undo")
    view = await office.ana.sees_home("Fri 4 h → 8 h")
    assert "40 h" in view.plain
    assert "Redo" in view.plain
    assert "Undone by you." in view.plain
    await office.ana.click(view, "undo")
    await office.ana.sees_home("*36 h* a week")
    assert office.focus.week("user", 501)[5] == Decimal(4)


async def test_a_press_in_home_is_answered_by_the_receipt_alone(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.open_home()
    view = await office.ana.sees_home("Fri 8 h → 4 h")
    await office.ana.sees("Fri 8 h → 4 h", channel=office.ana.dm)
    before = len(office.ana.messages(office.ana.dm))
    await office.ana.click(view, "undo")
    await office.ana.sees("put back", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert len(office.ana.messages(office.ana.dm)) == before + 1


async def test_home_follows_what_a_manager_changes_without_undo(office: Office) -> None:
    await office.make_manager()
    await office.ben.open_home()
    await office.ben.sees_home("Ben Okafor")
    await office.mia.types(STUDIO, "/hours set <@U0BEN> fri 4")
    view = await office.ben.sees_home("Fri not set → 4 h")
    assert "U0MIA" in view.plain
    assert "Undo" not in view.plain


async def test_a_managers_home_shows_what_they_changed_of_others_and_undoes_it(office: Office) -> None:
    await office.make_manager()
    await office.mia.open_home()
    view = await office.mia.sees_home("Who works today")
    assert "Your latest changes to others" not in view.plain
    await office.mia.types(STUDIO, "/hours set <@U0BEN> fri 4")
    view = await office.mia.sees_home("*Your latest changes to others*")
    assert "<@U0BEN>: Fri not set → 4 h; 21 h → 25 h in all · by you" in view.plain
    await office.mia.click(view, "undo")
    view = await office.mia.sees_home("Undone by you.")
    assert office.focus_week(503) == "8.5 8.5 4 - - - -"
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await _home_without(office.mia, "Your latest changes to others", office)


async def test_of_many_changes_at_once_home_tells_the_number(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours set <@U0ANA> <@U0BEN> <@U0MIA> <@U0OLIVIA> <@U0ZOE> fri 4")
    dry = await office.olivia.sees("Nothing is written yet", channel=STUDIO)
    await office.olivia.click(dry, "apply")
    await office.olivia.sees("You changed <@U0ANA>’s week", channel=office.olivia.dm)
    await office.olivia.open_home()
    await office.olivia.sees_home("4 weeks of others · by you")


async def test_who_is_not_linked_reads_who_can_help(office: Office) -> None:
    await office.tom.open_home()
    view = await office.tom.sees_home("I don’t know yet who you are in Toggl Focus")
    assert "U0OLIVIA" in view.plain


async def test_guests_who_may_nothing_read_so(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_GUESTS": "nothing"}) as office:
        guest = office.slack.human("U0GUEST")
        await guest.open_home()
        view = await guest.sees_home("Guests can’t use me")
        assert "Your working hours" not in view.plain
        assert [block["type"] for block in view.blocks if block["type"] == "actions"] == []
        assert office.focus_calls() == []


async def test_without_self_edit_there_is_no_edit(an_office: OpenOffice) -> None:
    async with an_office(settings={"HOURS_SELF_EDIT": "no"}) as office:
        await office.ana.open_home()
        view = await office.ana.sees_home("40 h")
        assert "Edit" not in view.plain


async def test_when_focus_has_nothing_to_give_home_says_so(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "GET *workinghours*"))
    await office.ana.open_home()
    await office.ana.sees_home("hourly quota for Toggl Focus is used up")
    office.focus.faults.clear()
    await office.ana.open_home()
    await office.ana.sees_home("40 h")


async def test_a_name_with_markup_is_read_not_obeyed(office: Office) -> None:
    zoe = office.slack.human("U0ZOE")
    await zoe.open_home()
    view = await zoe.sees_home("Zoë")
    assert "<!channel>" not in str(view.blocks)


async def test_home_tells_what_is_planned_and_confirmed(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours set fri 4 from 2026-04-01")
    await office.ana.sees("Planned", channel=STUDIO)
    store = office.bot.desk.store
    actor = await office.bot.desk.people.actor("U0ANA", team_id=store.team_id)
    permit = await store.access.may(actor, Action.SEE, Subject("person", 501))
    week = (await store.hours.look(permit)).snapshot.week
    await store.confirmations.confirm(permit, week, now=office.clock.now())
    await office.ana.open_home()
    view = await office.ana.sees_home("Confirmed on")
    assert "from Wed 1 Apr 2026: Fri 4 h" in view.plain


# ------------------------------------------------------------------ managers and admins


async def test_a_manager_sees_who_works_today_and_who_has_not_confirmed(office: Office) -> None:
    await office.make_manager()
    await office.ana.types(STUDIO, "/hours me <@U0BEN> <@U0ZOE>")
    await office.ana.sees("Zoë", channel=STUDIO)
    await office.mia.open_home()
    view = await office.mia.sees_home("*Away (1):* <@U0ZOE>")
    assert "<@U0ANA> 8 h" in view.plain
    assert "<@U0BEN> 8:30 h" in view.plain
    assert "For admins" not in view.plain
    assert "have confirmed or changed their week" in view.plain
    assert "*Not read yet (4):* <@U0ANAP> · *Lars Nyberg* · <@U0OLIVIA> · *Tom Weber*" in view.plain
    await office.mia.click(view, "run:who_week")
    await office.mia.sees("Who works when", channel=office.mia.dm)


async def test_a_slow_focus_keeps_no_manager_waiting_for_what_is_known(office: Office) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours me")
    await office.mia.sees("Your week", channel=STUDIO)
    held = office.focus.faults.add(Fault(FaultKind.SLOW, "GET */timeoff*", seconds=math.inf))
    await office.mia.open_home()
    await office.mia.sees_home("Who works today")
    office.focus.faults.remove(held)


async def test_an_admin_is_led_through_the_first_steps_until_they_are_done(office: Office) -> None:
    await office.olivia.open_home()
    view = await office.olivia.sees_home("First steps: 1 of 4 done")
    assert "Somebody besides the admins may change weeks" in view.plain
    assert "run:status" in str(view.blocks)
    await office.make_manager()
    await office.olivia.open_home()
    view = await office.olivia.sees_home("First steps: 2 of 4 done")
    await office.olivia.click(view, "first_steps_hide")
    await office.bot.desk.work.idle()
    assert "First steps" not in (await office.olivia.sees_home("Your working hours")).plain


async def test_only_admins_hide_the_first_steps(office: Office) -> None:
    await office.olivia.open_home()
    view = await office.olivia.sees_home("First steps")
    access = office.bot.desk.store.access
    access.policy = replace(access.policy, admins=frozenset({"U0MIA"}))
    await office.olivia.click(view, "first_steps_hide")
    await office.olivia.sees("Only a bot admin can do that", channel=office.olivia.dm)
    assert not office.bot.desk.store.health.first_run_is_over


# ------------------------------------------------------------------ kept true


async def test_home_follows_a_confirmation_ones_own_and_the_managers(office: Office) -> None:
    await office.make_manager("<@U0ANA>")
    await office.ana.open_home()
    await office.ana.sees_home("40 h")
    await office.mia.open_home()
    await office.mia.sees_home("0 of 2 have confirmed or changed")
    await remind(office.bot.desk.store, now=office.clock.now())
    await office.later(seconds=3600)
    check = await office.ana.sees("still right?", channel=STUDIO)
    await office.ana.click(check, "check_right")
    await office.ana.sees_home("Confirmed on")
    await office.mia.sees_home("1 of 2 has confirmed or changed")


async def test_a_managers_home_follows_the_weeks_of_the_team(office: Office) -> None:
    await office.make_manager("<@U0ANA>")
    await office.ana.types(STUDIO, "/hours me")
    await office.ana.sees("Your week", channel=STUDIO)
    await office.mia.open_home()
    await office.mia.sees_home("<@U0ANA> 8 h")
    await office.ana.types(STUDIO, "/hours set mon 6")
    await office.mia.sees_home("<@U0ANA> 6 h")


async def test_a_managers_home_tells_a_day_that_is_not_set_from_a_day_off(office: Office) -> None:
    await office.make_manager("<@U0ANA> <@U0BEN>")
    await office.ana.types(STUDIO, "/hours set mon off")
    await office.ana.sees("8 h → off", channel=STUDIO)
    await office.ben.types(STUDIO, "/hours clear mon")
    await office.ben.sees("8:30 h → not set", channel=STUDIO)
    await office.mia.open_home()
    page = await office.mia.sees_home("*Off (1):* <@U0ANA>")
    assert "*Not set (1):* <@U0BEN>" in page.plain


async def test_home_follows_what_somebody_else_plans_and_calls_off(office: Office) -> None:
    await office.make_manager()
    await office.ana.open_home()
    await office.ana.sees_home("40 h")
    await office.mia.types(STUDIO, "/hours set <@U0ANA> fri 4 from 2026-04-01")
    planned = await office.mia.sees("Planned", channel=STUDIO)
    await office.ana.sees_home("from Wed 1 Apr 2026: Fri 4 h")
    (plan,) = await office.bot.desk.store.plans.by("U0MIA")
    await office.mia.click(planned, f"plan_cancel:{plan.id}")
    await _home_without(office.ana, "from Wed 1 Apr 2026", office)


async def test_home_follows_a_link_and_its_end(office: Office) -> None:
    await office.tom.open_home()
    await office.tom.sees_home("I don’t know yet who you are in Toggl Focus")
    await office.olivia.types(STUDIO, "/hours link <@U0TOM> 506")
    await office.tom.sees_home("Your working hours")
    await office.olivia.types(STUDIO, "/hours unlink <@U0TOM>")
    await office.tom.sees_home("I don’t know any more who you are in Toggl Focus")


async def test_home_follows_a_right_and_its_end(office: Office) -> None:
    await office.mia.open_home()
    await office.mia.sees_home("Your working hours")
    await office.make_manager()
    await office.mia.sees_home("Who works today")
    await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
    await _home_without(office.mia, "Who works today", office)


def test_of_a_change_all_it_is_about_hear_at_once_and_managers_one_a_second() -> None:
    homes, now = OpenHomes(), datetime(2026, 3, 2, 9, tzinfo=UTC)
    for user in ("ana", "ben", "mia", "olivia"):
        homes.opened(user)
        homes.shown(user, others=user in {"mia", "olivia"})
    assert homes.changed("ana", "ben", "nobody")
    assert homes.take(now) == ("ana", "ben", "mia")
    assert homes.changed("ana")
    assert homes.take(now) == ("ana",)
    assert homes.take(now + timedelta(seconds=1)) == ("olivia",)
    assert homes.take(now + timedelta(seconds=2)) == ("mia",)
    assert homes.take(now + timedelta(seconds=3)) == ()


def test_a_change_that_no_open_home_shows_is_nothing_to_do() -> None:
    assert not OpenHomes().changed("ana")
