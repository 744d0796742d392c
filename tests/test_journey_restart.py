"""The bot's process is killed, and the next one finishes what it left: nothing lost, nothing done twice."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.manifest import manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human
from store.act import Kind, Place
from tests.inside import decided
from tests.office import STUDIO, Office, open_office

DEAD_AFTER = 31
"""Seconds without a word after which a process counts as dead."""


@dataclass(slots=True)
class Doomed:
    """A real process with the bot in it, on the sandbox and the database that the next one takes over."""

    sandbox: Sandbox
    folder: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def ana(self) -> Human:
        return self.sandbox.slack.human("U0ANA")

    @property
    def olivia(self) -> Human:
        return self.sandbox.slack.human("U0OLIVIA")

    async def start(self) -> None:
        """``python -m bot run``, until it is connected and has begun to look who there is."""
        keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        settings = self.sandbox.environment() | {"DATABASE_PATH": str(self.folder / "hours.db")}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run",
            env=keep | settings, cwd=Path(__file__).parent.parent,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await self.sandbox.slack.connected()
        await self.sandbox.log.wait_for(lambda call: call.name.endswith("/users"))

    async def kill(self) -> None:
        """As a power failure does: nothing is finished, nothing is said."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self.sandbox.slack.faults.clear()
        self.sandbox.focus.faults.clear()

    @asynccontextmanager
    async def successor(self) -> AsyncIterator[Office]:
        """The next process, once the first one counts as dead."""
        self.sandbox.clock.move(seconds=DEAD_AFTER)
        async with open_office(self.folder, sandbox=self.sandbox) as office:
            yield office

    def holds(self, service: Literal["focus", "slack"], match: str) -> Fault:
        """From now on these calls hang."""
        faults = self.sandbox.focus.faults if service == "focus" else self.sandbox.slack.faults
        return faults.add(Fault(FaultKind.SLOW, match=match, seconds=math.inf))


@pytest.fixture
async def doomed(tmp_path: Path) -> AsyncIterator[Doomed]:
    """A bot that is not started yet, in time that goes on."""
    async with Sandbox(clock=Clock(), manifest=manifest("/hours", socket_mode=True)) as sandbox:
        doomed = Doomed(sandbox, tmp_path)
        yield doomed
        await doomed.kill()


async def test_what_was_received_and_not_begun_is_told_and_done_on_a_press(doomed: Doomed) -> None:
    doomed.holds("slack", "users.list")
    asked_who = doomed.holds("slack", "users.info")
    await doomed.start()
    await doomed.ana.types(STUDIO, "/hours set fri 4")
    await asked_who.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await office.ana.sees("I was restarted when you asked for `/hours set fri 4`")
        assert "nothing was changed" in told.text
        assert office.focus_calls() == []
        await office.ana.click(told, "do_it_now")
        await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
        await office.bot.desk.work.idle()
        assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_what_a_restart_came_between_is_done_once_however_often_it_is_pressed(doomed: Doomed) -> None:
    doomed.holds("slack", "users.list")
    asked_who = doomed.holds("slack", "users.info")
    await doomed.start()
    await doomed.ana.types(STUDIO, "/hours set fri 4")
    await asked_who.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        ana = office.ana
        told = await ana.sees("I was restarted when you asked for `/hours set fri 4`")
        await asyncio.gather(ana.click(told, "do_it_now"), ana.click(told, "do_it_now"))
        await ana.sees("You changed your week: Fri 8 h → 4 h", channel=ana.dm)
        await ana.sees("I have already started on this", channel=ana.dm)
        await ana.sees("You had it done afterwards.", channel=ana.dm)
        assert "Do it now" not in told.plain
        await office.bot.desk.work.idle()
        assert office.focus_calls().count("PUT") == 1


async def test_a_plan_that_was_not_made_yet_is_made_on_a_press(doomed: Doomed) -> None:
    await doomed.start()
    slow = doomed.holds("focus", "GET *workinghours*")
    await doomed.ana.types(STUDIO, "/hours set fri 4 from tomorrow")
    await slow.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await office.ana.sees("I was restarted when you asked for `/hours set fri 4 from tomorrow`")
        assert await office.bot.desk.store.plans.every() == ()
        await office.ana.click(told, "do_it_now")
        await office.ana.sees("your week, Fri 8 h → 4 h", channel=office.ana.dm)
        assert len(await office.bot.desk.store.plans.every()) == 1


async def test_a_plan_that_was_made_and_not_told_is_told_once(doomed: Doomed) -> None:
    await doomed.start()
    ana = doomed.ana
    silent = doomed.holds("slack", "chat.postMessage")
    await ana.types(STUDIO, "/hours set fri 4 from next mon")
    await silent.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        await ana.sees("your week, Fri 8 h → 4 h", channel=ana.dm)
        await office.bot.desk.work.idle()
        assert len(await office.bot.desk.store.plans.every()) == 1
        assert not [each for each in ana.messages(ana.dm) if "restarted" in each.text]
        assert len(office.slack.posts[ana.dm]) == 1


async def test_a_write_under_way_is_found_out_and_told_once(doomed: Doomed) -> None:
    await doomed.start()
    ana = doomed.ana
    slow = doomed.holds("focus", "PUT *")
    await ana.types(STUDIO, "/hours set fri 4")
    await slow.reached.wait()
    await doomed.kill()
    await doomed.sandbox.log.wait_for(lambda call: call.name.startswith("PUT"))  # it lands after all
    async with doomed.successor() as office:
        await ana.sees("You changed your week: Fri 8 h → 4 h", channel=ana.dm)
        await office.bot.desk.work.idle()
        assert office.focus_week(501) == "8 8 8 8 4 - -"
        assert office.focus_calls().count("PUT") == 1
        assert len(office.slack.posts[ana.dm]) == 1


async def test_what_waits_for_the_quota_is_done_by_the_next(doomed: Doomed) -> None:
    await doomed.start()
    doomed.sandbox.focus.quota.exhaust()
    await doomed.ana.types(STUDIO, "/hours set fri 4")
    await doomed.ana.sees("I’ll try again", channel=doomed.ana.dm)
    await doomed.kill()
    async with doomed.successor() as office:
        await office.later(seconds=3600)
        await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
        assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_a_conflict_that_the_form_did_not_live_to_show_is_told(doomed: Doomed) -> None:
    await doomed.start()
    ana = doomed.ana
    await ana.types(STUDIO, "/hours edit")
    view = await ana.sees_modal("Working days")
    ana.fill(view, "Hours a day", "6")
    doomed.sandbox.focus.put_rows("user", 501, {5: 4})
    showing = doomed.holds("slack", "views.update")
    await ana.submit()
    await showing.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await ana.sees("Nothing was written to your week: theirs, or yours?", channel=ana.dm)
        assert office.focus_week(501) == "8 8 8 8 4 - -"
        await ana.click(told, f"overwrite:{told.blocks[-1]['elements'][0]['value']}")
        await ana.sees("You changed your week: Mon–Thu 8 h → 6 h, Fri 4 h → 6 h", channel=ana.dm)
        assert office.focus_week(501) == "6 6 6 6 6 - -"


async def test_a_change_that_had_only_read_is_not_done_unasked(doomed: Doomed) -> None:
    await doomed.start()
    ana = doomed.ana
    slow = doomed.holds("focus", "GET *workinghours*")
    await ana.types(STUDIO, "/hours set fri 4")
    await slow.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await ana.sees("Nothing was changed in your week.", channel=ana.dm)
        assert "I was restarted before I could do it." in told.text
        assert office.focus_week(501) == "8 8 8 8 8 - -"
        await ana.click(told, f"finish:{told.blocks[-1]['elements'][0]['value']}")
        await ana.sees("You changed your week: Fri 8 h → 4 h", channel=ana.dm)
        assert office.focus_week(501) == "8 8 8 8 4 - -"


async def test_a_receipt_that_was_not_sent_is_sent_by_the_next(doomed: Doomed) -> None:
    await doomed.start()
    ana = doomed.ana
    slow = doomed.holds("slack", "chat.postMessage")
    await ana.types(STUDIO, "/hours set fri 4")
    await slow.reached.wait()
    assert ana.messages(ana.dm) == []
    await doomed.kill()
    async with doomed.successor() as office:
        await ana.sees("You changed your week: Fri 8 h → 4 h", channel=ana.dm)
        await office.bot.desk.work.idle()
        assert len(office.slack.posts[ana.dm]) == 1


async def test_a_question_to_a_manager_is_not_forgotten_and_not_asked_twice(doomed: Doomed) -> None:
    await doomed.start()
    ana, olivia = doomed.ana, doomed.sandbox.slack.human("U0OLIVIA")
    await ana.types(STUDIO, "/hours set <@U0BEN> fri 4")
    refused = await ana.sees("Ask Olivia Grant", channel=STUDIO)
    doomed.holds("slack", "chat.postMessage")
    unanswered = doomed.holds("slack", "response_url")
    await ana.click(refused, "petition")
    await unanswered.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await ana.sees("I was restarted when you asked", channel=ana.dm)
        await ana.click(told, "do_it_now")
        await ana.sees("I’ve already asked for this", channel=ana.dm)
        await olivia.sees("<@U0ANA> asks you to change <@U0BEN>’s week", channel=olivia.dm)
        await office.bot.desk.work.idle()
        assert len(olivia.messages(olivia.dm)) == 1


async def test_a_reminder_from_the_form_that_was_not_made_yet_is_made_on_a_press(doomed: Doomed) -> None:
    await doomed.start()
    olivia = doomed.sandbox.slack.human("U0OLIVIA")
    await olivia.types(STUDIO, "/hours remind")
    view = await olivia.sees_modal("Only for a user group")
    olivia.fill(view, "when", "2nd tue")
    asked_where = doomed.holds("slack", "conversations.info")
    await olivia.submit()
    await asked_where.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await office.olivia.sees("when you asked for `/hours remind", channel=olivia.dm)
        assert await office.bot.desk.store.reminders.every() == ()
        await office.olivia.click(told, "do_it_now")
        made = await office.olivia.sees("Created.", channel=olivia.dm)
        assert "the second Tuesday of each month, 9:00 Europe/London" in made.plain
        assert len(await office.bot.desk.store.reminders.every()) == 1


async def test_a_reminder_that_was_not_changed_yet_is_changed_on_a_press(doomed: Doomed) -> None:
    await doomed.start()
    olivia = doomed.sandbox.slack.human("U0OLIVIA")
    await olivia.types(STUDIO, "/hours remind <!subteam^S0DESIGN|@designers> mon 9:00 board week")
    made = await olivia.sees("Created.", channel=STUDIO)
    reminder_id = made.blocks[-1]["elements"][0]["value"]
    await olivia.click(made, f"reminder_change:{reminder_id}")
    view = await olivia.sees_modal("Only for a user group")
    olivia.fill(view, "when", "last fri")
    asked_where = doomed.holds("slack", "conversations.info")
    await olivia.submit()
    await asked_where.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await office.olivia.sees("I was restarted when you asked for your change", channel=olivia.dm)
        await office.olivia.click(told, "do_it_now")
        changed = await office.olivia.sees("Changed.", channel=olivia.dm)
        assert "who works this week* in <#C0STUDIO> for @designers" in changed.plain
        assert "the last Friday of each month, 9:00 Europe/London" in changed.plain
        assert [each.id for each in await office.bot.desk.store.reminders.every()] == [reminder_id]


@pytest.mark.parametrize(
    ("line", "held", "done", "what"),
    [
        ("remind mon 9:00", "conversations.info", "in <#C0STUDIO>", "reminders"),
        ("managers grant <@U0MIA> everyone", "users.info", "<@U0MIA> may now change", "rights"),
        ("unlink <@U0BEN>", "users.info", "<@U0BEN> is not linked", "links"),
    ],
)
async def test_a_line_that_changes_no_week_is_not_forgotten_either(
    doomed: Doomed, line: str, held: str, done: str, what: str
) -> None:
    """Acknowledged, and the process died before it could do it."""
    if held == "users.info":
        doomed.holds("slack", "users.list")
    reached = doomed.holds("slack", held)
    await doomed.start()
    await doomed.olivia.types(STUDIO, f"/hours {line}")
    await reached.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        asked = f"when you asked for `/hours {line.partition(' <')[0]}"
        told = await office.olivia.sees(asked, channel=office.olivia.dm)
        await office.bot.desk.people.first_listing.wait()  # everybody is linked
        before = await decided(office.bot.desk.store)
        await office.olivia.click(told, "do_it_now")
        await office.olivia.sees(done, channel=office.olivia.dm)
        after = await decided(office.bot.desk.store)
        assert [each for each in before if after[each] != before[each]] == [what]


async def test_a_form_that_was_not_worked_on_yet_is_worked_on_on_a_press(doomed: Doomed) -> None:
    doomed.holds("slack", "users.list")
    asked_who = doomed.holds("slack", "users.info")
    await doomed.start()
    await doomed.olivia.types(STUDIO, "/hours bulk")
    view = await doomed.olivia.sees_modal("Nothing is written yet")
    doomed.olivia.fill(view, "people", ["U0ANA", "U0BEN"])
    doomed.olivia.fill(view, "text", "fri 4")
    await doomed.olivia.submit()
    await asked_who.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await office.olivia.sees("I was restarted when you asked", channel=office.olivia.dm)
        assert "nothing was changed" in told.text
        await office.olivia.click(told, "do_it_now")
        await office.olivia.sees("Apply to 2", channel=office.olivia.dm)


@pytest.mark.parametrize(
    ("record", "sure", "done"),
    [
        ({"text": "set <@U0ANA> fri 4"}, "nothing was changed", "Fri 8 h → 4 h"),
        (
            {"edit": "person:501", "first": "", "last": "", "days": {"5": "4"}, "shown": {"5": "8"}},
            "nothing was changed",
            "Fri 8 h → 4 h",
        ),
        (
            {"text": "managers grant <@U0MIA> everyone", "keeps": True},
            "it may not have been done",
            "<@U0MIA> may now change",
        ),
        ({"press": "forget", "value": "U0TOM", "keeps": True}, "it may not have been done", "<@U0TOM>"),
    ],
)
async def test_what_a_version_before_has_recorded_is_understood(
    office: Office, record: dict[str, Any], sure: str, done: str
) -> None:
    journal, now = office.bot.desk.store.journal, office.clock.now()
    await journal.receive(
        "old", actor="U0OLIVIA", kind=Kind.SET, request=record, place=Place("channel", STUDIO), now=now
    )
    await journal.tell_unanswered("old", now=now)
    await office.later(seconds=1)
    told = await office.olivia.sees("Slack did not take my answer", channel=office.olivia.dm)
    assert sure in told.text
    await office.olivia.click(told, "do_it_now")
    await office.olivia.sees(done, channel=office.olivia.dm, after=1)


async def test_what_was_done_and_not_told_is_not_done_twice(doomed: Doomed) -> None:
    await doomed.start()
    unanswered = doomed.holds("slack", "response_url")
    await doomed.olivia.types(STUDIO, "/hours remind mon 9:00")
    await unanswered.reached.wait()
    await doomed.kill()
    async with doomed.successor() as office:
        told = await office.olivia.sees("it may not have been done", channel=office.olivia.dm)
        assert "nothing was changed" not in told.text
        await office.olivia.click(told, "do_it_now")
        await office.olivia.sees("This reminder exists already", channel=office.olivia.dm)
        assert len(await office.bot.desk.store.reminders.every()) == 1
