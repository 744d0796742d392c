"""A queue from Apply to Undo: progress, stop, finish, quota, restart; each week is changed at most once."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message
from store import claims
from store.week import Subject
from store.weekdays import Lock
from tests.conftest import Crowded, OpenOffice
from tests.inside import database
from tests.office import STUDIO, Office

AUDIT = "G0ADMIN"
EVERYONE = "<!subteam^S0EVERYONE|@everyone-team>"
FIRST = 1501
"""The first of the crowd in Focus; U0CROWD0001 in Slack."""


async def dry_run(office: Office, line: str) -> Message:
    before = len(office.olivia.messages(STUDIO))
    await office.olivia.types(STUDIO, line)
    shown = await office.olivia.sees("would change", channel=STUDIO, after=before)
    await office.bot.desk.work.idle()
    return shown


async def apply(office: Office, line: str) -> Message:
    """The dry run's *Apply*; what stands there then."""
    shown = await dry_run(office, line)
    await office.olivia.click(shown, "apply")
    return await office.olivia.sees("weeks now", channel=STUDIO)


async def told(office: Office, text: str, *, human: Human | None = None, bots: int = 1) -> Message:
    """The message that shows the queue, once it says this; progress is told every three seconds."""
    reader = human or office.olivia
    for _ in range(40):
        await office.at_rest(bots=bots)
        found = [each for each in reader.messages(reader.dm) if text in each.plain]
        if found:
            return found[-1]
        office.clock.move(seconds=3)
    return await reader.sees(text, channel=reader.dm, timeout=0)  # which tells what was seen instead


async def used_up(office: Office) -> Message:
    """The message once the quota's reserve is reached."""
    message = await told(office, "quota for Toggl Focus is used up")
    await office.bot.desk.work.idle()
    return message


def fridays(office: Office, crowd: int) -> list[str]:
    return [office.focus_week(number).split()[4] for number in range(FIRST, FIRST + crowd)]


async def test_from_the_dry_run_to_everybodys_result(crowded: Crowded) -> None:
    async with crowded(30, HOURS_AUDIT_CHANNEL=AUDIT) as office:
        shown = await dry_run(office, f"/hours set {EVERYONE} fri 4")
        assert "30 of 30 weeks would change" in shown.plain
        assert "Never read yet" in shown.plain
        assert office.focus_calls() == []
        await office.olivia.click(shown, "apply")
        begun = await office.olivia.sees("Changing 30 weeks now", channel=STUDIO)
        assert "Others can still use me meanwhile." in begun.text
        result = await told(office, "You changed")
        assert set(fridays(office, 30)) == {"4"}
        calls = office.focus_calls()
        assert calls.count("GET") == 30
        assert "of 30 weeks (Fri 4 h)." in result.text
        assert "Already like that" in result.plain
        assert "<@U0CROWD0001>" in result.plain
        assert len(office.slack.posts[office.olivia.dm]) == 1, "one message, edited in place"
        await office.slack.human("U0CROWD0001").sees("<@U0OLIVIA> changed your working hours")
        line = await office.olivia.sees("<@U0OLIVIA> changed", channel=AUDIT)
        assert "weeks (Fri 4 h): " in line.text
        assert len(office.slack.posts[AUDIT]) == 1


async def test_undo_puts_every_week_back_but_those_changed_since(crowded: Crowded) -> None:
    async with crowded(12) as office:
        before = [office.focus_week(number) for number in range(FIRST, FIRST + 12)]
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        result = await told(office, "You changed 12 of 12")
        office.focus.put_rows("user", FIRST, {5: Decimal(3)})
        await office.olivia.click(result, "undo")
        undone = await told(office, "You put back 11 of 12 weeks")
        assert "1 skipped." in undone.text.lower()
        assert "<@U0CROWD0001>: The same days have been changed since." in undone.text
        after = [office.focus_week(number) for number in range(FIRST, FIRST + 12)]
        assert after[1:] == before[1:]
        assert after[0].split()[4] == "3"
        assert "You changed 12 of 12" in (await told(office, "Undone by you")).plain
        await office.olivia.click(undone, "undo")
        await told(office, "You redid the change to 11 of 11 weeks")
        assert fridays(office, 12) == ["3"] + ["1.5"] * 11


async def test_whoever_differs_from_the_dry_run_is_skipped_and_named(crowded: Crowded) -> None:
    async with crowded(8) as office:
        await apply(office, f"/hours set {EVERYONE} fri 1")
        await told(office, "You changed 8 of 8")
        shown = await dry_run(office, f"/hours set {EVERYONE} fri 2")
        assert "<@U0CROWD0001>: Fri 1 h → 2 h; " in shown.plain
        office.focus.put_rows("user", FIRST, {5: Decimal(7)})
        await office.olivia.click(shown, "apply")
        result = await told(office, "You changed 7 of 8 weeks")
        assert "Skipped*\n• <@U0CROWD0001>: The same days have been changed since." in result.plain
        assert fridays(office, 8) == ["7"] + ["2"] * 7


async def test_the_quota_runs_out_half_way_and_returns(crowded: Crowded, clock: Clock) -> None:
    """The reserve is left for people; the message says when it goes on."""
    async with crowded(30, quota=40) as office:
        shown = await dry_run(office, f"/hours set {EVERYONE} fri 1.5")
        assert "takes about 1 h with your quota" in shown.plain
        await office.olivia.click(shown, "apply")
        waiting = await used_up(office)
        assert "of 30 done" in waiting.plain
        assert 2 <= office.focus.quota.remaining <= 8
        done = fridays(office, 30).count("1.5")
        assert 5 <= done < 30
        await office.ana.types(STUDIO, "/hours me")
        await office.ana.sees("Your week: ", channel=STUDIO)
        clock.move(seconds=3601)
        await told(office, "You changed 30 of 30 weeks")
        assert fridays(office, 30) == ["1.5"] * 30
        writes = [call for call in office.focus_calls() if call != "GET"]
        assert len(writes) == 30


async def test_stop_leaves_the_rest_and_finish_does_it(crowded: Crowded, clock: Clock) -> None:
    async with crowded(30, quota=40) as office:
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        waiting = await used_up(office)
        done = fridays(office, 30).count("1.5")
        await office.olivia.click(waiting, "stop")
        stopped = await told(office, f"You changed {done} of 30 weeks")
        assert f"{30 - done} stopped" in stopped.plain
        assert "Stopped before their turn" in stopped.plain
        assert f"Finish {30 - done}" in stopped.plain
        office.focus.quota.limit = 600
        clock.move(seconds=3601)
        await office.olivia.click(stopped, "finish_all")
        await told(office, "You changed 30 of 30 weeks")
        assert fridays(office, 30) == ["1.5"] * 30


async def test_stop_tells_those_whose_week_was_partly_changed(crowded: Crowded) -> None:
    """Their Saturday is in Focus and stays there, so that they and the audit channel have to know."""
    async with crowded(8, HOURS_AUDIT_CHANNEL=AUDIT) as office:
        office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "PUT *workinghours*"))
        await apply(office, f"/hours set {EVERYONE} fri 1.5, sat 2")
        await office.olivia.click(await used_up(office), "stop")
        stopped = await told(office, "stopped")
        partly = [n for n in range(8) if office.focus_week(FIRST + n).split()[5] == "2"]
        assert 1 < len(partly) < 8
        assert f"{len(partly)} failed, {8 - len(partly)} stopped" in stopped.plain.lower()
        for n in partly:
            human = office.slack.human(f"U0CROWD{n + 1:04d}")
            await human.sees("<@U0OLIVIA> changed your working hours")
        await office.olivia.sees(f"<@U0OLIVIA> changed {len(partly)} weeks", channel=AUDIT)
        assert len(office.slack.posts[AUDIT]) == 1


async def test_what_failed_is_named_with_its_reason_and_finished(crowded: Crowded) -> None:
    async with crowded(8) as office:
        office.focus.faults.add(Fault(FaultKind.REFUSE, f"* *workinghours/users/{FIRST}", status=403))
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        result = await told(office, "You changed 7 of 8 weeks")
        assert "1 failed" in result.plain
        assert "<@U0CROWD0001>: Toggl Focus does not let my key change this week" in result.plain
        office.focus.faults.clear()
        await office.olivia.click(result, "finish_all")
        await told(office, "You changed 8 of 8 weeks")
        assert fridays(office, 8) == ["1.5"] * 8


async def test_what_failed_is_finished_after_more_than_a_week(crowded: Crowded, clock: Clock) -> None:
    async with crowded(8) as office:
        office.focus.faults.add(Fault(FaultKind.REFUSE, "PUT *workinghours*", status=403))
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        result = await told(office, "failed")
        office.focus.faults.clear()
        clock.move(seconds=8 * 24 * 3600)
        await office.at_rest()
        await office.olivia.click(result, "finish_all")
        await told(office, "You changed 8 of 8 weeks")
        assert fridays(office, 8) == ["1.5"] * 8


async def test_an_undo_that_failed_is_not_finished_once_another_did_it(crowded: Crowded) -> None:
    """Whoever presses Finish reads so at once, and nothing waits for its turn in vain."""
    async with crowded(8) as office:
        before = fridays(office, 8)
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        changed = await told(office, "You changed 8 of 8 weeks")
        office.focus.faults.add(Fault(FaultKind.REFUSE, "* *workinghours/users*", status=403))
        await office.olivia.click(changed, "undo")
        failed = await told(office, "8 failed")
        office.focus.faults.clear()
        await office.olivia.click(await told(office, "You changed 8 of 8 weeks"), "undo")
        await told(office, "You put back 8 of 8 weeks")
        await office.olivia.click(failed, "finish_all")
        await office.olivia.sees("Already undone by you. Nothing more was changed.")
        await office.until_waiting(0)
        assert fridays(office, 8) == before


async def test_when_focus_is_away_the_queue_waits(crowded: Crowded, clock: Clock) -> None:
    """Only those whose turn it was have failed."""
    async with crowded(20) as office:
        office.focus.faults.add(Fault(FaultKind.FAIL_BEFORE, "GET *workinghours*"))
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        waiting = await told(office, "Toggl Focus does not answer at the moment")
        await office.bot.desk.work.idle()
        assert "I’ll try again" in waiting.text
        office.focus.faults.clear()
        clock.move(seconds=61)
        result = await told(office, "You changed 16 of 20 weeks")
        assert "4 failed" in result.plain
        await office.olivia.click(result, "finish_all")
        await told(office, "You changed 20 of 20 weeks")


async def test_while_changes_are_stopped_the_queue_waits_and_says_so_once(
    crowded: Crowded, clock: Clock
) -> None:
    """It is tried once a minute, and goes on by itself when an admin has looked."""
    async with crowded(30, quota=40) as office:
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        await used_up(office)
        await office.bot.desk.store.weekdays.lock_writes(Lock("moved", "Mon"), now=clock.now())
        alert = await office.olivia.sees("I stopped all changes", channel=office.olivia.dm)
        office.focus.quota.limit = 600
        clock.move(seconds=3601)
        await told(office, "All changes are stopped until an admin has looked.")
        shown, calls = office.sandbox.log.count("slack", "chat.update"), office.focus_calls()
        clock.move(seconds=61)
        await office.at_rest()
        assert office.sandbox.log.count("slack", "chat.update") == shown
        assert office.focus_calls() == calls
        await office.olivia.click(alert, "unlock")
        await told(office, "You changed 30 of 30 weeks")
        assert fridays(office, 30) == ["1.5"] * 30


async def test_a_week_that_another_process_is_changing_waits_for_its_turn(
    crowded: Crowded, clock: Clock
) -> None:
    """The others do not wait for it."""
    async with crowded(8) as office:
        kept_in, team = database(office.bot.desk.store), office.bot.desk.store.team_id
        await claims.Claims(kept_in, owner="another").heartbeat(clock.now())
        take = partial(claims.take, team_id=team, subject=Subject("person", FIRST), now=clock.now())
        assert await kept_in.write(partial(take, owner="another", change_id="its own"))
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        waiting = await told(office, "7 of 8 done")
        assert "Somebody else is changing this week right now." in waiting.plain
        await kept_in.write(partial(claims.release, change_id="its own"))
        await told(office, "You changed 8 of 8 weeks")
        assert fridays(office, 8) == ["1.5"] * 8


async def test_a_restart_half_way_resumes_and_does_nothing_twice(
    crowded: Crowded, an_office: OpenOffice, clock: Clock
) -> None:
    """Another bot takes over the database, and with it the queue and its message."""
    async with crowded(30, quota=40) as office:
        await apply(office, f"/hours set {EVERYONE} fri 1.5")
        await used_up(office)
        sandbox = office.sandbox
        await office.bot.connection.close()
        async with an_office(sandbox=sandbox) as heir:
            await heir.until_waiting(0, bots=2)  # both have said that they are alive, before an hour passes
            sandbox.focus.quota.limit = 600
            clock.move(seconds=3601)
            result = await told(heir, "You changed 30 of 30 weeks", bots=2)
            assert fridays(heir, 30) == ["1.5"] * 30
            assert len([call for call in heir.focus_calls() if call != "GET"]) == 30
            assert len(heir.slack.posts[heir.olivia.dm]) == 1
            await heir.olivia.click(result, "undo")
            await told(heir, "You put back 30 of 30 weeks", bots=2)


async def test_two_hundred(crowded: Crowded) -> None:
    """One read each and the needed writes, there and back; the result fits Slack."""
    async with crowded(200, quota=2000) as office:
        office.slack.rate_limits = False  # a notice for each takes its minutes, and nobody waits for them
        before = [office.focus_week(number) for number in range(FIRST, FIRST + 200)]
        await apply(office, f"/hours set {EVERYONE} fri 4")
        result = await told(office, "You changed ")
        assert set(fridays(office, 200)) == {"4"}
        calls = office.focus_calls()
        assert calls.count("GET") == 200
        changed = sum(week.split()[4] != "4" for week in before)
        assert len(calls) == 200 + changed
        assert f"You changed {changed} of 200 weeks (Fri 4 h)." in result.text
        assert len(result.blocks) <= 50
        assert sum(f"<@U0CROWD{number:04d}>" in result.plain for number in range(1, 201)) == 200
        await office.olivia.click(result, "undo")
        await told(office, "You put back ")
        assert [office.focus_week(number) for number in range(FIRST, FIRST + 200)] == before


async def test_who_is_no_manager_any_more_stops_changing(crowded: Crowded, clock: Clock) -> None:
    """What waits is judged again when its turn comes."""
    async with crowded(30, quota=40) as office:
        await office.make_manager()
        mia = office.mia
        await mia.types(STUDIO, f"/hours set {EVERYONE} fri 1.5")
        await mia.click(await mia.sees("would change", channel=STUDIO), "apply")
        await told(office, "quota for Toggl Focus is used up", human=mia)
        await office.bot.desk.work.idle()
        done = fridays(office, 30).count("1.5")
        await office.olivia.types(STUDIO, "/hours managers revoke <@U0MIA>")
        await office.olivia.sees("no longer", channel=STUDIO)
        await office.bot.desk.work.idle()
        clock.move(seconds=3601)
        result = await told(office, f"You changed {done} of 30 weeks", human=mia)
        assert "may no longer change this week" in result.plain
        assert fridays(office, 30).count("1.5") == done
