"""``python -m bot doctor`` says what is wrong and how to mend it, one line each."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.doctor import doctor
from bot.manifest import SCOPES, manifest
from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Numbering
from bot.settings import Settings
from store.focus import Numbering as StoredNumbering
from tests.office import STUDIO, open_office

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)

Examine = Callable[..., Awaitable[tuple[int, list[str]]]]
"""Run the doctor with these settings beside the sandbox's; its exit status and its lines."""


@pytest.fixture
def scopes() -> dict[str, Any]:
    return manifest("/hours", socket_mode=True)


@pytest.fixture
def numbering() -> Numbering:
    return "sunday0"


@pytest.fixture
async def sandbox(scopes: dict[str, Any], numbering: Numbering) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=Clock(frozen_at=NOW), manifest=scopes, numbering=numbering) as running:
        yield running


@pytest.fixture
def examine(sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Examine:
    async def run(*, try_repeats: bool = False, write_check: str = "", **extra: str) -> tuple[int, list[str]]:
        well = {
            "DATABASE_PATH": str(tmp_path / "hours.db"),
            "HOURS_AUDIT_CHANNEL": "G0ADMIN",
            "FOCUS_API_KEY_EXPIRES": "2027-03-31",
        }
        given = {name: value for name, value in (sandbox.environment() | well | extra).items() if value}
        status = await doctor(
            Settings.load(given, env_file=None),
            env_file=tmp_path / ".env",
            clock=sandbox.clock,
            try_repeats=try_repeats,
            write_check=write_check,
        )
        return status, capsys.readouterr().out.splitlines()

    return run


def wrong(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("not  ")]


def line_with(lines: list[str], words: str) -> str:
    [line] = [line for line in lines if words in line]
    return line


async def test_all_is_well(examine: Examine, sandbox: Sandbox) -> None:
    status, lines = await examine()
    assert (status, wrong(lines)) == (0, [])
    for scope, feature in SCOPES.items():
        assert f"ok   scope {scope}: {feature}" in lines
    assert "ok   Slack: team Sandbox (T0SANDBOX), the bot is @hours (U0HOURS)" in lines
    assert "ok   admin Olivia Grant (U0OLIVIA)" in lines
    assert "ok   audit channel #hours-audit: private, and the bot is in it" in lines
    assert "ok   the Focus key ends on 2027-03-31, in 135 days" in lines
    assert "8 of 8 weeks read" in line_with(lines, "ok   weekday numbers: FOCUS_WEEKDAYS=sunday0")
    assert f"ok   Focus quota: {sandbox.focus.quota.remaining} requests" in line_with(lines, "Focus quota")
    assert lines[-1] == "All is well."


async def test_it_changes_nothing_and_says_no_secret(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    _, lines = await examine()
    asked = {call.name.split(" ")[0] for call in sandbox.log.calls if call.service == "focus"}
    assert asked == {"GET"}
    assert not sandbox.slack.posts
    assert not (tmp_path / "hours.db").exists()
    for secret in (sandbox.slack.bot_token, sandbox.slack.app_token, sandbox.focus.key):
        assert not [line for line in lines if secret in line]


async def test_a_missing_scope_is_named_with_what_stops(examine: Examine, sandbox: Sandbox) -> None:
    app = sandbox.slack.world.app
    sandbox.slack.world.app = replace(app, scopes=frozenset(SCOPES) - {"usergroups:read"})
    status, lines = await examine()
    assert status == 1
    [line] = wrong(lines)
    assert "scope usergroups:read is missing; what stops without it: user groups" in line
    assert "install the app again" in line


async def test_without_the_scope_for_people_admins_cannot_be_checked(
    examine: Examine, sandbox: Sandbox
) -> None:
    app = sandbox.slack.world.app
    sandbox.slack.world.app = replace(app, scopes=frozenset(SCOPES) - {"users:read"})
    _, lines = await examine()
    assert "missing_scope: needs users:read" in line_with(lines, "admin U0OLIVIA cannot be looked up")


@pytest.mark.parametrize(
    ("settings", "says", "fix"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-other"}, "SLACK_BOT_TOKEN (invalid_auth)", "OAuth & Permissions"),
        ({"SLACK_APP_TOKEN": "xapp-other"}, "Socket Mode is refused (invalid_auth)", "connections:write"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "Slack cannot be reached", "network"),
        ({"HOURS_ADMINS": "U0GUEST"}, "Gus Guest (U0GUEST) is a guest", "Copy member ID"),
        ({"HOURS_ADMINS": "U0OLIVIA,U0GONE"}, "(U0GONE) has left Slack", "Copy member ID"),
        ({"HOURS_ADMINS": "U0STRANGER"}, "(U0STRANGER) belongs to another organization", "Copy member ID"),
        ({"HOURS_ADMINS": "U0HOURS"}, "(U0HOURS) is a bot", "Copy member ID"),
        ({"HOURS_ADMINS": "U0NOBODY"}, "U0NOBODY cannot be looked up (user_not_found)", "Copy member ID"),
        ({"HOURS_AUDIT_CHANNEL": "C0GENERAL"}, "#general is public", "make it private"),
        ({"HOURS_AUDIT_CHANNEL": "C0NOWHERE"}, "C0NOWHERE cannot be seen (channel_not_found)", "/invite"),
        ({"FOCUS_API_KEY_EXPIRES": "2026-11-15"}, "key ended on 2026-11-15", "make a new key"),
        ({"FOCUS_API_KEY": "toggl_sk_other"}, "the key was refused", "FOCUS_API_KEY"),
        ({"FOCUS_ORGANIZATION_ID": "9"}, "/organizations/9/users", "FOCUS_ORGANIZATION_ID"),
        ({"FOCUS_WORKSPACE_ID": "9"}, "/workspaces/9/ghosts", "FOCUS_WORKSPACE_ID"),
        ({"FOCUS_WEEKDAYS": "monday0"}, "contradict FOCUS_WEEKDAYS=monday0", "set FOCUS_WEEKDAYS=sunday0"),
        ({"FOCUS_WEEKDAYS": "iso"}, "IMPOSSIBLE under FOCUS_WEEKDAYS=iso", "set FOCUS_WEEKDAYS=sunday0"),
        ({"DATABASE_PATH": "/nowhere/hours.db"}, "cannot be kept at /nowhere/hours.db", "DATABASE_PATH"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
async def test_what_is_wrong_has_one_line_with_its_fix(
    examine: Examine, settings: dict[str, str], says: str, fix: str
) -> None:
    status, lines = await examine(**settings)
    assert status == 1
    [line] = wrong(lines)
    assert says in line
    assert fix in line.partition(" — ")[2]
    assert lines[-1] == "1 to mend."


async def test_settings_that_others_can_read_are_a_note(examine: Examine, tmp_path: Path) -> None:
    _, lines = await examine()
    assert not [line for line in lines if ".env" in line]
    env_file = tmp_path / ".env"
    env_file.touch(mode=0o600)
    _, lines = await examine()
    assert f"ok   only its owner can read {env_file}" in lines
    env_file.chmod(0o640)
    status, lines = await examine()
    assert (status, wrong(lines)) == (0, [])
    line = line_with(lines, "note others on this machine can read")
    assert f"{env_file} (mode 640)" in line
    assert line.endswith(f"chmod 600 {env_file}")


async def test_a_private_channel_without_the_bot(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.slack.channels["G0ADMIN"].members.remove("U0HOURS")
    _, lines = await examine()
    assert "/invite" in line_with(lines, "audit channel G0ADMIN cannot be seen")


async def test_a_key_of_somebody_who_is_no_admin(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.focus.options.key_role = "member"
    status, lines = await examine()
    assert status == 1
    assert "Organization Admin" in line_with(lines, "the key may not see everybody's hours")


@pytest.mark.parametrize("numbering", ["monday0", "iso"])
async def test_another_numbering_is_found(examine: Examine, numbering: Numbering, sandbox: Sandbox) -> None:
    sandbox.focus.put_rows("user", 502, {6: 0, 7: 0})  # somebody's Sunday tells the last two apart
    status, lines = await examine(FOCUS_WEEKDAYS=numbering)
    assert (status, wrong(lines)) == (0, [])
    status, lines = await examine(FOCUS_WEEKDAYS="sunday0")
    assert status == 1
    assert f"set FOCUS_WEEKDAYS={numbering}" in line_with(lines, "not  WEEKDAY NUMBERS")


async def test_an_unset_numbering_is_a_note(examine: Examine) -> None:
    status, lines = await examine(FOCUS_WEEKDAYS="")
    assert status == 0
    assert line_with(lines, "note FOCUS_WEEKDAYS is not set").endswith("set FOCUS_WEEKDAYS=sunday0")


async def test_a_live_404_for_placeholders_names_the_line(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.focus.faults.add(Fault(FaultKind.REFUSE, match="GET *workinghours/ghosts*", status=404))
    status, lines = await examine()
    assert status == 1
    line = line_with(lines, "hours of placeholder Designer 1")
    assert "PLACEHOLDER in store/focus/requests.py" in line


async def test_a_week_that_is_not_understood_is_named_although_others_are(
    examine: Examine, sandbox: Sandbox
) -> None:
    odd = Fault(FaultKind.REFUSE, "GET *users/501", status=200, body="[{}]", content_type="application/json")
    sandbox.focus.faults.add(odd)
    status, lines = await examine()
    assert status == 1
    [line] = wrong(lines)
    assert "workinghours/users/501: row 1: working_hour_id is missing" in line
    assert "7 of 8 weeks read" in line_with(lines, "ok   weekday numbers")


async def test_the_reserve_of_the_quota_is_left(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.focus.quota.limit = 12
    status, lines = await examine(FOCUS_QUOTA="30", FOCUS_QUOTA_RESERVE="20 %")
    assert status == 0
    assert "3 of 8 weeks read" in line_with(lines, "weekday numbers")
    assert sandbox.focus.quota.remaining == 6
    _, lines = await examine(FOCUS_QUOTA="30", FOCUS_QUOTA_RESERVE="20 %")
    assert "cannot be compared now" in line_with(lines, "note weekday numbers")


async def test_one_of_anything_is_told_in_the_singular(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    book = sandbox.focus.book
    for number in list(book.people)[1:]:
        book.remove("user", number)
    for number in list(book.ghosts)[1:]:
        book.remove("ghost", number)
    async with open_office(tmp_path, sandbox=sandbox) as office:
        await office.until_waiting(0)
        await office.olivia.types(STUDIO, "/hours <@U0ANA>")
        await office.olivia.sees("40 h", channel=STUDIO)
    _, lines = await examine()
    assert "1 week known, 1 of 1 person linked" in line_with(lines, "ok   database:")
    assert line_with(lines, "Focus organization").endswith(": 1 person, 1 active")
    assert line_with(lines, "Focus workspace").endswith(": 1 placeholder")
    assert "1 of 1 week read" in line_with(lines, "weekday numbers")


async def test_over_http_the_address_is_a_note(examine: Examine) -> None:
    status, lines = await examine(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET="secret", PORT="3000")
    assert status == 0
    assert "/slack/events and reach port 3000" in line_with(lines, "Slack comes over HTTP")


async def test_a_key_that_ends_soon_is_a_note(examine: Examine) -> None:
    status, lines = await examine(FOCUS_API_KEY_EXPIRES="2026-11-17")
    assert status == 0
    assert "in 1 day " in line_with(lines, "note the Focus key ends on 2026-11-17")


# ------------------------------------------------------------------ capacities


async def test_capacities_agree_with_single_reads(examine: Examine, sandbox: Sandbox) -> None:
    """One call for three people, those whose days differ most."""
    _, lines = await examine()
    line = line_with(lines, "this week's capacities")
    assert line.startswith("ok   this week's capacities agree with the weeks read one by one (")
    assert line.count(",") == 2
    assert [call.name for call in sandbox.log.calls if "capacities" in call.name] == [
        "GET /organizations/1001/workspaces/2002/capacities/user"
    ]


async def test_capacities_that_differ_are_a_note(examine: Examine, sandbox: Sandbox) -> None:
    """Here because the days are read under another numbering than Focus's."""
    status, lines = await examine(FOCUS_WEEKDAYS="monday0")
    assert status == 1
    line = line_with(lines, "this week's capacities")
    assert line.startswith("note this week's capacities differ from what was read: ")
    assert " h, read " in line
    assert sandbox.focus.quota.remaining


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault(FaultKind.REFUSE, "GET *capacities*", status=404), "Focus has no capacities here"),
        (Fault(FaultKind.REFUSE, "GET *capacities*", status=403), "capacities cannot be compared: "),
    ],
    ids=["no such endpoint", "not allowed"],
)
async def test_without_capacities_nothing_is_missing(
    examine: Examine, sandbox: Sandbox, fault: Fault, says: str
) -> None:
    sandbox.focus.faults.add(fault)
    status, lines = await examine()
    assert (status, wrong(lines)) == (0, [])
    assert line_with(lines, says).startswith("note ")


async def test_capacities_leave_the_reserve(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.focus.quota.limit = 12
    _, lines = await examine(FOCUS_QUOTA="30", FOCUS_QUOTA_RESERVE="20 %")
    assert line_with(lines, "capacities were not compared").startswith("note ")


async def test_nobody_works(examine: Examine, sandbox: Sandbox) -> None:
    for number in range(501, 509):
        sandbox.focus.put_rows("user", number, dict.fromkeys(range(1, 8)))
    _, lines = await examine()
    assert line_with(lines, "capacities cannot be compared: no week was read").startswith("note ")


# ------------------------------------------------------------------ what the bot has in hand


async def test_what_waits_and_fails_is_read_from_a_database_that_stays_as_it_is(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox) as office:
        await office.until_waiting(0)
        sandbox.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, "PUT *"))
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.ana.sees("quota", channel=office.ana.dm)
        sandbox.slack.faults.add(Fault(FaultKind.REFUSE, "chat.postMessage", error="user_not_found", times=1))
        await office.ben.types(STUDIO, "/hours set fri 4")
        await office.at_rest()
        sandbox.focus.faults.clear()
    before = (tmp_path / "hours.db").read_bytes()
    status, lines = await examine()
    assert (status, wrong(lines)) == (0, [])
    assert "nobody to take them: U0BEN: user_not_found" in line_with(lines, "note messages")
    assert "1 waiting, the next one at" in line_with(lines, "ok   changes:")
    assert "6 of 8 people linked" in line_with(lines, "ok   database:")
    assert line_with(lines, "ok   reminders:") == "ok   reminders: 0"
    assert (tmp_path / "hours.db").read_bytes() == before


async def test_a_reminder_that_fails_is_named_with_the_command_that_mends_it(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox, settings={"HOURS_COMMAND": "/week"}) as office:
        await office.olivia.types(office.olivia.dm, "remind <#C0STUDIO> weekdays 9:00")
        await office.olivia.sees("Created", channel=office.olivia.dm)
        office.slack.channels[STUDIO].is_archived = True
        await office.later(seconds=86_400)
        await office.olivia.sees("is archived", channel=office.olivia.dm)
    _, lines = await examine(HOURS_COMMAND="/week")
    assert line_with(wrong(lines), "reminders that fail: C0STUDIO: is_archived").endswith(
        "`/week reminders` in Slack says for each what mends it"
    )


async def test_what_was_last_done_about_plans_is_told(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox) as office:
        await office.until_waiting(0)
        await office.ana.types(STUDIO, "/hours set sat 3 from tomorrow")
        await office.ana.sees("Planned from Tue 17 Nov 2026", channel=STUDIO)
        await office.later(seconds=86_400)
        await sandbox.log.wait_for(lambda call: call.name.startswith("POST") and call.service == "focus")
        await office.bot.desk.work.idle()
    _, lines = await examine()
    assert "planned changes: 0, the last one begun at 2026-11-17" in line_with(lines, "ok   planned changes:")


async def test_a_database_that_others_can_read_is_a_note(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox) as office:
        await office.at_rest()
        _, lines = await examine()
        assert f"ok   only its owner can read {tmp_path / 'hours.db'}" in lines
        beside = tmp_path / "hours.db-wal"
        beside.chmod(0o644)
        _, lines = await examine()
        assert line_with(lines, "note others").endswith(f"{beside} (mode 644) — chmod 600 {beside}")


async def test_a_database_of_another_version_is_not_read(examine: Examine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "hours.db")) as other:
        other.execute("CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT)")
        other.execute("INSERT INTO _sqlite_migrations VALUES ('working-hours', 'of_tomorrow', '2030-01-01')")
        other.commit()
    _, lines = await examine()
    assert "its tables are of another version" in line_with(lines, "the database is not read")


# ------------------------------------------------------------------ whether Slack recognizes a repeat


async def test_a_repeat_that_slack_recognizes_is_remembered_and_leaves_no_message(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox) as office:
        olivia, repeats = office.olivia, office.bot.desk.store.repeats
        before = list(olivia.messages(olivia.dm))
        assert not await repeats.are_recognized()
        status, lines = await examine(try_repeats=True)
        assert status == 0
        assert line_with(lines, "repeated message").startswith("ok   Slack recognizes")
        assert await repeats.are_recognized(), "a bot that runs already knows it at once"
        assert olivia.messages(olivia.dm) == before


async def test_a_repeat_that_slack_takes_twice_is_a_note_and_forgotten(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox) as office:
        olivia = office.olivia
        await office.bot.desk.store.repeats.learn(recognized=True, now=NOW)
        before = list(olivia.messages(olivia.dm))
        sandbox.slack.world.knows_repeats = False
        _, lines = await examine(try_repeats=True)
        assert "channels:history" in line_with(lines, "note Slack takes a repeated message twice")
        assert olivia.messages(olivia.dm) == before
    async with open_office(tmp_path, sandbox=sandbox) as again:
        assert not await again.bot.desk.store.repeats.are_recognized()


async def test_without_a_database_it_is_not_remembered(examine: Examine, tmp_path: Path) -> None:
    _, lines = await examine(try_repeats=True)
    assert line_with(lines, "not remembered").startswith("note ")
    assert not (tmp_path / "hours.db").exists()


ANA = 501


async def test_a_write_is_tried_put_back_and_said_of_the_past(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox) as office:
        rows = sandbox.focus.book.rows("user", ANA)
        before = [(row.id, row.weekday, row.hours) for row in rows]
        status, lines = await examine(write_check="ANA@example.com")
        assert (status, wrong(lines)) == (0, [])
        assert line_with(lines, "its day alone").startswith("ok   ")
        assert line_with(lines, "past weeks").startswith(
            "note a change moves the capacity of past weeks, too"
        )
        after = [(row.id, row.weekday, row.hours) for row in sandbox.focus.book.rows("user", ANA)]
        assert after == before
        calls = office.focus_calls()
        assert calls.count("PUT") == 2, "there and back"
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.ana.sees("counts the new hours for past weeks, too", channel=STUDIO)


async def test_what_an_admin_has_confirmed_in_slack_counts(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with open_office(tmp_path, sandbox=sandbox, settings={"FOCUS_WEEKDAYS": ""}) as office:
        question = await office.olivia.sees("Read as `sunday0`", channel=office.olivia.dm)
        await office.olivia.click(question, "weekdays:yes")
        await office.olivia.sees("Changes are on", channel=office.olivia.dm)
        status, lines = await examine(write_check=str(ANA), FOCUS_WEEKDAYS="")
        assert (status, wrong(lines)) == (0, [])
        assert line_with(lines, "an admin confirmed").startswith("ok   weekday numbers: sunday0")
        assert line_with(lines, "its day alone").startswith("ok   ")
        await office.bot.desk.store.weekdays.confirm(StoredNumbering.MONDAY0, by="U0OLIVIA", now=NOW)
        status, lines = await examine(FOCUS_WEEKDAYS="")
        assert (status, wrong(lines)) == (0, [])
        assert line_with(lines, "an admin compared").startswith("note more weeks fit other weekday numbers")


async def test_receipts_stay_silent_where_the_past_stays(
    examine: Examine, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.focus.options.past_minutes = 480
    async with open_office(tmp_path, sandbox=sandbox) as office:
        await office.bot.desk.store.past.learn(moves=True, now=NOW)
        _, lines = await examine(write_check=str(ANA))
        assert line_with(lines, "past weeks").startswith("ok   ")
        await office.ana.types(STUDIO, "/hours set fri 4")
        await office.ana.sees("You changed", channel=STUDIO)
        assert "past weeks" not in office.answer_to(office.ana).text


async def test_a_write_that_moves_other_days_is_put_back_and_told(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.focus.options.put_replaces = True
    before = sandbox.focus.week("user", ANA)
    status, lines = await examine(write_check=str(ANA))
    assert status == 1
    assert "Mon 8 h → 8.25 h" in line_with(lines, "moved others")
    assert "Tue, Wed, Thu, Fri" in line_with(lines, "moved others")
    assert sandbox.focus.week("user", ANA) == before


async def test_a_write_that_fails_is_told_and_what_it_left_is_put_back(
    examine: Examine, sandbox: Sandbox
) -> None:
    before = sandbox.focus.week("user", ANA)
    sandbox.focus.faults.add(Fault(FaultKind.FAIL_AFTER, "PUT *", times=1))
    status, lines = await examine(write_check=str(ANA))
    assert status == 1
    assert "the week is as before" in line_with(lines, "was tried")
    assert sandbox.focus.week("user", ANA) == before


async def test_what_cannot_be_put_back_says_how_to_do_it_by_hand(examine: Examine, sandbox: Sandbox) -> None:
    sandbox.focus.faults.add(Fault(FaultKind.CUT_AFTER, "PUT *"))
    _, lines = await examine(write_check=str(ANA))
    assert "set Mon of Ana" in line_with(lines, "may not be put back")


@pytest.mark.parametrize(
    ("whom", "numbering_set", "said"),
    [
        ("nobody@example.com", "sunday0", "nobody in Focus is nobody@example.com"),
        (str(ANA), "", "weekday numbers are not settled"),
    ],
)
async def test_a_write_is_tried_on_nobody_who_is_not_surely_meant(
    examine: Examine, sandbox: Sandbox, whom: str, numbering_set: str, said: str
) -> None:
    _, lines = await examine(write_check=whom, FOCUS_WEEKDAYS=numbering_set)
    assert line_with(lines, "a write cannot be tried").startswith("not  ")
    assert said in line_with(lines, "a write cannot be tried")
    assert not [call for call in sandbox.log.since(0) if call.name.startswith("PUT")]
