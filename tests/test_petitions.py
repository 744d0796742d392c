"""*Ask Mia*: who may not, asks who may; the question, the answer, and what becomes of both."""

from __future__ import annotations

import pytest

from bot.sandbox.slack import Human, Message
from tests.conftest import OpenOffice
from tests.office import STUDIO, Office

DAY = 24 * 3600
NO_SELF_EDIT = {"HOURS_SELF_EDIT": "no"}


async def asks(office: Office, human: Human, line: str, *, name: str = "Mia Tanaka") -> None:
    """Type what one may not, and press *Ask Mia*."""
    await human.types(STUDIO, line)
    refused = await human.sees(f"Ask {name}", channel=STUDIO)
    await human.click(refused, "petition")
    await human.sees("tell you what becomes of it", channel=STUDIO)


async def question(human: Human, text: str = "asks you to change") -> Message:
    return await human.sees(text, channel=human.dm)


async def test_apply_is_done_by_the_presser_and_told_to_everybody(office: Office) -> None:
    await office.make_manager()
    await asks(office, office.ana, "/hours set <@U0BEN> fri 4")
    asked = await question(office.mia)
    assert "<@U0ANA> asks you to change <@U0BEN>’s week in Toggl Focus" in asked.plain
    await office.mia.click(asked, "petition_apply")
    receipt = await office.mia.sees("You changed <@U0BEN>’s week", channel=office.mia.dm)
    assert "by you" in receipt.plain
    assert "asked by <@U0ANA>" in receipt.plain
    told = await office.ana.sees("<@U0MIA> said yes to what you asked for", channel=office.ana.dm)
    assert "<@U0MIA> changed <@U0BEN>’s week" in told.plain
    assert "asked by you" in told.plain
    assert "Undo" not in told.plain
    notice = await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)
    assert "as you asked" not in notice.plain
    assert office.focus.week("user", 503)[5] == 4
    assert "You said yes" in (await office.mia.sees("You said yes", channel=office.mia.dm)).plain
