"""What the doctor and the bot learn from each other, through the bot's database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.doctor.findings import Finding, note
from bot.settings import Settings
from store.database import Database, DatabaseUnusableError
from store.facts import Facts
from store.focus import Numbering
from store.sheets import Sheets
from store.weekdays import Weekdays

__all__ = ["NOT_REMEMBERED", "confirmed_numbering", "remembered"]

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


async def confirmed_numbering(settings: Settings) -> Numbering | None:
    """The weekday numbering that an admin has confirmed in Slack; ``None`` if the teams in the file differ.

    The file is only read; without one that this version can read, nothing is confirmed.
    """
    try:
        database = await Database.look(settings.database_path)
    except DatabaseUnusableError:
        return None
    confirmed = set()
    try:
        for each in await Sheets.teams(database):
            facts = Facts(database, team_id=each)
            await facts.load()
            confirmed.add(Weekdays(facts, setting=None).confirmed)
    finally:
        await database.close()
    return confirmed.pop() if len(confirmed) == 1 else None
