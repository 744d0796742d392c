"""Saving what the doctor has found out in the database, where the bot looks for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.doctor.findings import Finding, note
from bot.settings import Settings
from store.database import Database, DatabaseUnusableError
from store.facts import Facts
from store.sheets import Sheets

__all__ = ["NOT_REMEMBERED", "remembered"]

NOT_REMEMBERED: Finding = note(
    "that is not remembered: the bot has not used this database", fix="run it once, then try again"
)


async def remembered(
    settings: Settings, learn: Callable[[Facts], Awaitable[None]], *, team_id: str = ""
) -> bool:
    """Call ``learn`` with the facts of one Slack team, or of each in the file; return whether that worked.

    ``False`` if no bot of this version has used the file, because the doctor makes no tables.
    """
    try:
        await (await Database.look(settings.database_path)).close()
        database = await Database.open(settings.database_path)
    except DatabaseUnusableError:
        return False
    try:
        for each in [team_id] if team_id else await Sheets.teams(database):
            facts = Facts(database, team_id=each)
            await facts.load()
            await learn(facts)
    finally:
        await database.close()
    return True
