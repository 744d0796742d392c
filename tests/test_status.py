"""``/hours status``: what is well, what is not and how to mend it; for admins only."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack.blockkit import check_blocks
from bot.vitals import VERSION
from handlers.views.status import status
from handlers.vitals import Vitals
from store.access import Action
from store.alarms import KEY, Alarm
from store.census import Census, LastPlan, LastRun, Unsent
from store.focus import (
    Contact,
    FocusError,
    ForbiddenError,
    KeyRefusedError,
    NotFoundError,
    Numbering,
    OutOfQuotaError,
    Quota,
    UnavailableError,
)
from store.health import Report
from store.reminders import LEAVE_UNKNOWN
from store.weekdays import Lock
from tests.asking import Asker
from tests.conftest import OpenOffice, OpenStore
from tests.inside import database
from tests.office import STUDIO, Office, app_with

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VITALS = Vitals(
    version="1.2.3",
    started_at=NOW,
    transport="Socket Mode",
    connected_at=NOW,
    connections=1,
    missing_scopes={},
)
HELD = Census(
    waiting=0,
    unclear=0,
    next_due=None,
    to_send=0,
    unsent=(),
    last_run=None,
    reminders=0,
    reminders_failing=(),
    next_reminder=None,
    plans=0,
    plans_asked=0,
    last_plan=None,
    next_plan=None,
    linked=7,
    people=8,
    weeks=5,
    placeholders=3,
    placeholder_weeks=1,
    listed_at=NOW,
    database_bytes=1_234_567,
)
WELL = Report(
    contact=Contact(answered_at=NOW),
    quota=Quota(remaining=212, resets_at=NOW + timedelta(minutes=18), as_of=NOW),
    left=212,
    reserve=48,
    alarms=(),
    numbering=Numbering.SUNDAY0,
    proven=True,
    lock=None,
    checked=("POST", "PUT"),
    has_placeholders=True,
    held=HELD,
)


async def test_an_admin_sees_that_all_is_well(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours status")
    told = await office.olivia.sees("All is well", channel=STUDIO)
    for part in (
        "Socket Mode, connected since",
        "Scopes: all there",
        "Toggl Focus: last answered",
        "Focus key: accepted",
        "requests left",
        VERSION,
    ):
        assert part in told.plain
    assert office.focus_calls() == []  # a look at the state costs nothing of the quota


def test_the_version_is_the_projects() -> None:
    with (Path(__file__).parent.parent / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["version"] == VERSION


async def test_others_hear_who_can(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours status")
    told = await office.ana.sees("Only a bot admin can do that", channel=STUDIO)
    assert "<@U0OLIVIA>" in told.text
    assert "Focus key" not in told.plain


async def test_a_dead_key_stands_first_with_the_fix(office: Office) -> None:
    office.focus.faults.add(Fault(FaultKind.REFUSE, "* *workinghours*", status=401))
    await office.ana.types(STUDIO, "/hours @ben")
    await office.ana.sees("does not accept my API key", channel=STUDIO)
    await office.later(seconds=1)
    await office.olivia.sees("refuses my API key", channel=office.olivia.dm)
    await office.olivia.types(STUDIO, "/hours status")
    told = await office.olivia.sees("1 thing needs attention", channel=STUDIO)
    assert "Not well: Focus key: refused since" in told.text
    assert told.text.index("Focus key") < told.text.index("Slack:")


async def test_a_focus_that_has_never_answered_is_no_accepted_key(
    an_office: OpenOffice, clock: Clock
) -> None:
    async with Sandbox(clock=clock, manifest=app_with()) as sandbox:
        down = sandbox.focus.faults.add(Fault(FaultKind.FAIL_BEFORE))
        async with an_office(sandbox=sandbox) as office:
            await office.sandbox.log.wait_for(lambda call: call.service == "focus")
            await office.olivia.types(STUDIO, "/hours status")
            told = await office.olivia.sees("1 thing needs attention", channel=STUDIO)
            assert "Not well: Toggl Focus: has not answered since I started; last error" in told.text
            (trace,) = re.findall("trace id `([^`]+)`", told.text)
            failed = [call.response for call in office.sandbox.log.calls if call.service == "focus"]
            assert trace in {each["trace_id"] for each in failed if isinstance(each, dict)}
            assert "accepted" not in told.text
            sandbox.focus.faults.remove(down)
            office.clock.move(seconds=5)  # whoever was refused asks again
            await office.ana.types(STUDIO, "/hours")
            await office.ana.sees("Your week", channel=STUDIO)
            before = len(office.olivia.messages(STUDIO))
            await office.olivia.types(STUDIO, "/hours status")
            told = await office.olivia.sees("All is well", channel=STUDIO, after=before)
            assert "Toggl Focus: last answered" in told.text
            assert f"Toggl’s trace id `{trace}`" in told.text
            assert "Focus key: accepted" in told.text


async def test_who_cannot_be_told_any_more_needs_no_attention(office: Office) -> None:
    gone = Fault(FaultKind.REFUSE, "chat.postMessage", error="user_not_found", times=1)
    office.slack.faults.add(gone)
    await office.ana.types(STUDIO, "/hours set fri 4")
    await gone.reached.wait()
    await office.at_rest()
    await office.olivia.types(STUDIO, "/hours status")
    told = await office.olivia.sees("All is well", channel=STUDIO)
    assert "Slack did not take some: <@U0ANA> `user_not_found`, given up." in told.text
    assert "try again" not in told.text


def _met(error: FocusError, contact: Contact = WELL.contact) -> dict[str, object]:
    return {"contact": contact.failed(error, NOW)}


@pytest.mark.parametrize(
    ("report", "vitals", "told"),
    [
        (
            {},
            {"trouble": "Slack has been silent for 20 s"},
            "Not well: Slack: Slack has been silent for 20 s.",
        ),
        (
            {},
            {"missing_scopes": {"im:history": "reading messages"}},
            "missing: `im:history` (reading messages)",
        ),
        (
            {},
            {"key_expires": date(2026, 3, 9)},
            "Not well: Focus key: accepted, until Mon 9 Mar 2026 (7 days)",
        ),
        ({}, {"key_expires": date(2026, 3, 1)}, "Not well: Focus key: ended on Sun 1 Mar 2026."),
        ({"alarms": (Alarm(KEY, NOW, {}),)}, {}, "Not well: Focus key: refused since"),
        (
            _met(KeyRefusedError("the key was refused")),
            {},
            "1 thing needs attention. Not well: Focus key: refused",
        ),
        (_met(ForbiddenError("forbidden")), {}, "`python -m bot doctor` says what to mend"),
        (_met(NotFoundError("not found")), {}, "All is well. Slack"),
        (_met(NotFoundError("not found"), Contact()), {}, "Not well: Toggl Focus: has not answered"),
        (_met(OutOfQuotaError("out of quota")), {}, "Until the quota is back weeks are shown as last read"),
        (_met(UnavailableError("no answer")), {}, "if that lasts, check this machine’s network"),
        ({"contact": Contact()}, {}, "Not well: Toggl Focus: has not answered since I started."),
        ({"contact": Contact()}, {}, "Focus key: not confirmed"),
        (
            {"quota": Quota(remaining=0, resets_at=NOW, as_of=NOW), "left": 0},
            {},
            "Not well: Focus quota: 0 requests left",
        ),
        (
            {"quota": Quota(as_of=NOW), "left": 12},
            {},
            "Focus quota: by my own count 12 requests left; 48 an hour reserved",
        ),
        (
            {"lock": Lock("impossible", "7")},
            {},
            "Not well: Changes: locked: Toggl Focus sent the weekday number 7",
        ),
        ({"held": replace(HELD, waiting=2, next_due=NOW, unclear=1)}, {}, "Changes: 2 waiting, the next one"),
        ({"has_placeholders": False}, {}, "`FOCUS_WORKSPACE_ID` is not set"),
        (
            {"held": replace(HELD, unsent=(Unsent("C0STUDIO", "is_archived", NOW, given_up=True),))},
            {},
            "Messages: Slack did not take some: <#C0STUDIO> `is_archived`, given up. It is archived:",
        ),
        (
            {"held": replace(HELD, unsent=(Unsent("U0ANA", "TimeoutError", NOW, given_up=False),))},
            {},
            "Slack did not take some: <@U0ANA> `TimeoutError`. I’ll try again.",
        ),
        (
            {"held": replace(HELD, unsent=(Unsent("U0ANA", "messages_tab_disabled", NOW, given_up=True),))},
            {},
            "`messages_tab_disabled`, given up. Turn on my Messages Tab",
        ),
        (
            {"held": replace(HELD, unsent=(Unsent("U0ANA", "missing_scope", NOW, given_up=True),))},
            {},
            "`missing_scope`, given up. `python -m bot doctor` says what to mend.",
        ),
        (
            {
                "held": replace(
                    HELD,
                    reminders=2,
                    reminders_failing=(LastRun("C0STUDIO", "failed", "not_in_channel", NOW),),
                )
            },
            {},
            "Failing: failed in <#C0STUDIO>",
        ),
        (
            {"held": replace(HELD, last_run=LastRun("C0STUDIO", "posted", LEAVE_UNKNOWN, NOW), reminders=1)},
            {},
            "(who is away was not known)",
        ),
        (
            {
                "held": replace(
                    HELD, last_plan=LastPlan(what="begun", at=NOW, weeks=3, waiting=1, unwritten=1)
                )
            },
            {},
            "2026-03-02 09:00 UTC> of 3 weeks (1 not done yet, 1 not written as planned).",
        ),
        ({"held": replace(HELD, plans=3, plans_asked=1)}, {}, "1 could not begin, waiting for a decision"),
    ],
)
def test_what_is_not_well_says_what_to_do(
    report: dict[str, object], vitals: dict[str, object], told: str
) -> None:
    reply = status(replace(WELL, **report), replace(VITALS, **vitals), now=NOW)  # type: ignore[arg-type]  # fields by name
    assert told in reply.text
    assert check_blocks([block.to_dict() for block in reply.blocks], surface="message") is None


def test_one_of_anything_is_told_in_the_singular() -> None:
    held = replace(HELD, linked=1, people=1, weeks=1, placeholders=1, waiting=1, plans=1, plans_asked=1)
    report = replace(WELL, held=held, left=1, reserve=1)
    told = status(report, replace(VITALS, connections=2, key_expires=date(2026, 3, 3)), now=NOW).text
    for one in ("reconnected 1 time since", "(1 day)", "1 request left", "1 week read", "1 week known"):
        assert one in told
    assert "Links: 1 of 1 person in Toggl Focus" in told
    assert not re.search(r"(?<!\d)1 (?:\w+s|are|have|wait)\b", told)


async def test_the_page_reads_no_long_table_from_end_to_end(open_store: OpenStore, clock: Clock) -> None:
    """After years there are a hundred thousand acts, and all else waits while the database is read."""
    asker = Asker(await open_store(), clock)
    statements: list[str] = []
    await database(asker.store).read(lambda sql: sql.conn.set_trace_callback(statements.append))
    await asker.store.health.report(await asker.permit(Action.ADMINISTER), now=clock.now())
    await database(asker.store).read(lambda sql: sql.conn.set_trace_callback(None))
    asked = [each for each in statements if each.lstrip().startswith("SELECT")]
    assert len(asked) >= 4
    for statement in asked:
        plan = [row["detail"] for row in await asker.rows(f"EXPLAIN QUERY PLAN {statement}")]
        assert not [step for step in plan if LONG_TABLE.match(step)], statement


_LONG = r"(?:acts|changes|steps|outbox|runs|run_people|events)\b"
_SHORT_INDEXES = r"outbox_failed|outbox_due|runs_by_time|changes_unsettled"
LONG_TABLE = re.compile(rf"SCAN {_LONG}|SEARCH {_LONG}.* INDEX (?!{_SHORT_INDEXES})\w+ \(team_id=\?\)")
"""Everything of one team is everything."""
