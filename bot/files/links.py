"""Export and import of links as CSV. An import reports every wrong line, and writes all links or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clients import slack_client, slack_session
from bot.files.cells import FileProblemsError, Line, read, write
from bot.files.settings import FileSettings, SlackFileSettings
from bot.files.tables import open_tables
from handlers.slack_users import everybody, person_in
from handlers.views.words import counted
from store.links import SlackPerson
from store.sheets import Joined, Sheets, TakenError

__all__ = ["export_links", "import_links"]

SLACK, FOCUS = "slack_user_id", "focus_user_id"
COLUMNS = (SLACK, FOCUS, "focus_name", "focus_email", "linked_by", "method", "linked_at")


async def export_links(settings: FileSettings, path: Path) -> str:
    """Write every link to a CSV file, and return what was done as text.

    Raises:
        FileProblemsError: there is no database, or the file cannot be written.
    """
    async with open_tables(settings.database_path) as tables:
        links = await tables.links()
    write(
        path,
        COLUMNS,
        (
            (
                link.slack_user_id,
                link.focus_user_id,
                link.focus_name,
                link.focus_email,
                link.linked_by,
                link.method,
                link.linked_at.isoformat(timespec="seconds"),
            )
            for link in links
        ),
    )
    return f"{counted(len(links), 'link')} written to {path}."


async def import_links(
    settings: SlackFileSettings, path: Path, *, apply: bool, now: datetime | None = None
) -> str:
    """Write the file's links, or without ``apply`` only say what would change; other links stay as they are.

    Raises:
        FileProblemsError: with a line for each thing that is wrong; nothing was written.
    """
    lines = read(path, required=(SLACK, FOCUS))
    try:
        async with slack_session() as session:
            slack = slack_client(settings, session)
            team_id = str((await slack.auth_test())["team_id"])
            people = await _people(slack)
    except SlackApiError as error:
        raise FileProblemsError([f"Slack refuses: {error.response['error']}. See `doctor`."]) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise FileProblemsError([f"Slack cannot be reached at {settings.slack_api_url}: {error}"]) from error
    async with open_tables(settings.database_path, team_id=team_id) as tables:
        pairs = await _checked(tables, lines, people)
        try:
            joined = await tables.join(pairs, now=now or datetime.now(UTC), apply=apply)
        except TakenError as error:
            raise FileProblemsError(_taken(lines, error)) from error
    return _told(joined, apply=apply)


async def _people(slack: AsyncWebClient) -> dict[str, SlackPerson]:
    return {str(user["id"]): person_in(user) async for user in everybody(slack)}


async def _checked(tables: Sheets, lines: list[Line], people: Mapping[str, SlackPerson]) -> dict[str, int]:
    """Check all lines, and return Slack user id -> Focus user id.

    Raises:
        FileProblemsError: lines are wrong; it has all their problems.
    """
    focus_users = await tables.focus_users()
    known = {(link.slack_user_id, link.focus_user_id) for link in await tables.links()}
    pairs: dict[str, int] = {}
    seen: dict[str, int] = {}
    problems: list[str] = []
    for line in lines:
        slack, focus = line.cells.get(SLACK, ""), line.cells.get(FOCUS, "")
        wrong = [] if _pair(slack, focus) in known else _unknown(slack, focus, people, focus_users)
        for column, cell in ((SLACK, slack), (FOCUS, focus)):
            first = seen.setdefault(f"{column} {cell}", line.number)
            if cell and first != line.number:
                wrong.append(f"{column} {cell} stands in line {first} already.")
        problems += [f"line {line.number}: {each}" for each in wrong]
        if not wrong:
            pairs[slack] = int(focus)
    if problems:
        raise FileProblemsError(problems)
    return pairs


def _pair(slack: str, focus: str) -> tuple[str, int] | None:
    return (slack, int(focus)) if focus.isascii() and focus.isdecimal() else None


def _unknown(
    slack: str, focus: str, people: Mapping[str, SlackPerson], focus_users: Collection[int]
) -> list[str]:
    """Why these two ids cannot be linked, regardless of other lines."""
    wrong = []
    if not slack:
        wrong.append(f"{SLACK} is empty.")
    elif slack not in people:
        wrong.append(f"{SLACK} {slack} is nobody in this Slack workspace.")
    elif not people[slack].can_link:
        wrong.append(f"{SLACK} {slack} cannot be linked: it left, is a bot, or is another organization’s.")
    pair = _pair(slack, focus)
    if not focus:
        wrong.append(f"{FOCUS} is empty.")
    elif pair is None:
        wrong.append(f"{FOCUS} {focus} is no number.")
    elif pair[1] not in focus_users:
        wrong.append(f"{FOCUS} {focus} is nobody in Toggl Focus, as last listed.")
    return wrong


def _taken(lines: list[Line], error: TakenError) -> list[str]:
    return [
        f"line {line.number}: {FOCUS} {focus} is linked to {error.taken[focus]}, who is not in this file."
        f" Give {error.taken[focus]} a line of their own, or unlink them in Slack first."
        for line in lines
        if (focus := int(line.cells[FOCUS])) in error.taken
    ]


def _told(joined: Joined, *, apply: bool) -> str:
    count = joined.new + joined.moved + joined.same
    what = (
        f"{counted(count, 'link')}: {joined.new} new, {joined.moved} moved to another Focus user,"
        f" {joined.same} as before."
    )
    if apply:
        return f"{what} Written."
    return f"{what} Nothing was written: `--apply` does it."
