"""``python -m bot doctor``: checks every prerequisite, prints a line for each, and explains each fix.

It changes nothing in Slack, in Focus or on disk, unless it is told to try repeats or a write. The hours
it reads count against Focus's quota, but it leaves the reserve.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from bot.clients import focus_auth, focus_http, slack_client, slack_client_once, slack_session
from bot.clock import SystemClock
from bot.doctor.disk import check_disk, check_privacy
from bot.doctor.findings import Finding, ok
from bot.doctor.focus import check_focus
from bot.doctor.remembering import confirmed_numbering
from bot.doctor.repeats import check_repeats
from bot.doctor.slack import check_slack
from bot.doctor.work import check_work
from bot.doctor.writes import check_writes
from bot.settings import Settings
from bot.vitals import VERSION
from store.clock import Clock
from store.database import files_of
from store.focus import FocusClient

__all__ = ["doctor"]

AT_ONCE = 8
"""Concurrent requests to Focus: not more, because a running bot has the same Focus user."""


async def doctor(
    settings: Settings,
    *,
    env_file: Path = Path(".env"),
    clock: Clock | None = None,
    try_repeats: bool = False,
    write_check: str = "",
) -> int:
    """Print all findings, and return the exit status: 1 if anything is wrong, else 0.

    With ``try_repeats`` the first admin gets a message, which is deleted again. With ``write_check`` (an
    e-mail or a ``user_account_id``) one day of this person is changed in Focus for a moment.
    """
    wrong = 0
    clock = clock or SystemClock()
    found = _findings(settings, env_file, clock, try_repeats=try_repeats, write_check=write_check)
    async for finding in found:
        print(finding, flush=True)
        wrong += finding.mark == "not"
    print(f"\n{wrong} to mend." if wrong else "\nAll is well.")
    return 1 if wrong else 0


async def _findings(
    settings: Settings, env_file: Path, clock: Clock, *, try_repeats: bool, write_check: str
) -> AsyncIterator[Finding]:
    transport = "Socket Mode" if settings.socket_mode else f"HTTP on port {settings.port}"
    yield ok(f"version {VERSION}, {settings.hours_command} over {transport}")
    database = settings.database_path
    for finding in (*check_privacy(env_file), *check_disk(settings), *check_privacy(*files_of(database))):
        yield finding
    if database.exists():
        async for finding in check_work(database, command=settings.hours_command, now=clock.now()):
            yield finding
    async with slack_session() as session:
        async for finding in check_slack(settings, slack_client(settings, session)):
            yield finding
        if try_repeats:
            once = slack_client_once(settings, session)
            async for finding in check_repeats(settings, once, now=clock.now()):
                yield finding
    async with focus_http() as http:
        focus = FocusClient(
            http,
            url=settings.focus_api_url,
            organization_id=settings.focus_organization_id,
            workspace_id=settings.focus_workspace_id,
            auth=focus_auth(settings),
            clock=clock,
            concurrency=AT_ONCE,
        )
        confirmed = await confirmed_numbering(settings)
        async for finding in check_focus(settings, focus, confirmed=confirmed, now=clock.now()):
            yield finding
        if write_check:
            writes = check_writes(settings, focus, write_check, confirmed=confirmed, now=clock.now())
            async for finding in writes:
                yield finding
