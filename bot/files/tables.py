"""Opening the database for the commands on files, which work on one Slack team."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.files.cells import FileProblemsError
from store.database import Database, DatabaseUnusableError
from store.sheets import Sheets

__all__ = ["open_tables"]


@asynccontextmanager
async def open_tables(path: Path, *, team_id: str | None = None) -> AsyncIterator[Sheets]:
    """Open the database, which a running bot may be using meanwhile.

    Args:
        path: the file, which must exist.
        team_id: the Slack team; by default the only one in the file.

    Raises:
        FileProblemsError: there is no usable database, it does not know the team, or it knows
            several and ``team_id`` is not given.
    """
    _require(path)
    try:
        database = await Database.open(path)
    except DatabaseUnusableError as error:
        raise FileProblemsError([f"DATABASE_PATH: {error}"]) from error
    try:
        teams = await Sheets.teams(database)
        if team_id is None and len(teams) > 1:
            raise FileProblemsError([f"{path} knows several Slack teams: {', '.join(teams)}."])
        if not teams or team_id not in {None, *teams}:
            raise FileProblemsError(
                [f"{path} knows nobody of your team yet. Start the bot once: it lists Toggl Focus’s users."]
            )
        yield Sheets(database, team_id=team_id or teams[0])
    finally:
        await database.close()


def _require(path: Path) -> None:
    if not path.exists():
        raise FileProblemsError([f"DATABASE_PATH: there is no database at {path} yet. Start the bot first."])
