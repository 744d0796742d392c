"""A manager's story: who works Friday, a whole team to new hours, a restart half-way, and all of it back."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.clock import Clock
from tests.conftest import Crowded, OpenOffice
from tests.office import STUDIO
from tests.test_bulk_queue import EVERYONE, FIRST, told

CROWD = 40
QUOTA = 60
"""An hour's calls: less than the batch needs, so that it is under way when the bot stops."""


async def test_from_the_board_over_bulk_and_a_restart_to_undo(
    crowded: Crowded, an_office: OpenOffice, clock: Clock
) -> None:
    async with crowded(CROWD, quota=QUOTA, FOCUS_QUOTA=str(QUOTA)) as office:
        before = [office.focus_week(number) for number in range(FIRST, FIRST + CROWD)]
        await office.make_manager(EVERYONE)
        mia, mine = office.mia, office.mia.dm

        # Who works on Friday? One press fills the board, with a handful of calls.
        await mia.types(STUDIO, f"/hours who friday {EVERYONE}")
        board = await mia.sees("No week has been read yet", channel=STUDIO)
        await mia.click(board, "who_refresh")
        board = await mia.sees("These dates’ hours from Toggl Focus, just now", channel=STUDIO)
        assert "Who works on Friday" in board.text
        assert len(office.focus_calls()) <= 3

        # What would it do? Nothing is written, and it says how long it takes.
        await mia.types(STUDIO, f"/hours set {EVERYONE} fri 1.5")
        dry_run = await mia.sees(f"{CROWD} of {CROWD} weeks would change", channel=STUDIO)
        assert "it takes about 1 h" in dry_run.plain
        assert {*office.focus_calls()} <= {"GET"}

        # Apply; the quota ends half-way, and then the bot does.
        await mia.click(dry_run, "apply")
        await mia.sees(f"Changing {CROWD} weeks now", channel=STUDIO)
        await told(office, "quota for Toggl Focus is used up", human=mia)
        await office.bot.desk.work.idle()
        done = [office.focus_week(number).split()[4] for number in range(FIRST, FIRST + CROWD)].count("1.5")
        assert 0 < done < CROWD
        await office.bot.connection.close()

        async with an_office(sandbox=office.sandbox, settings={"FOCUS_QUOTA": str(QUOTA)}) as heir:
            await heir.until_waiting(0, bots=2)  # both have said that they are alive, before an hour passes
            clock.move(seconds=timedelta(hours=1, seconds=1).total_seconds())
            heir.focus.quota.limit = 1000
            result = await told(heir, f"You changed {CROWD} of {CROWD} weeks", human=mia, bots=2)
            changed = [heir.focus_week(number) for number in range(FIRST, FIRST + CROWD)]
            assert {week.split()[4] for week in changed} == {"1.5"}
            writes = [call for call in heir.focus_calls() if call != "GET"]
            assert len(writes) == CROWD
            receipts = [each for each in mia.messages(mine) if f"{CROWD} weeks" in each.plain]
            assert len(receipts) == 1

            # One of them is changed by somebody else since: Undo leaves that week alone, and names it.
            heir.focus.put_rows("user", FIRST + 3, {5: 7})
            await mia.click(result, "undo")
            back = await told(heir, f"You put back {CROWD - 1} of {CROWD} weeks", human=mia, bots=2)
            assert "<@U0CROWD0004>" in back.plain.split("Skipped")[1]
            after = [heir.focus_week(number) for number in range(FIRST, FIRST + CROWD)]
            assert [week for at, week in enumerate(after) if at != 3] == [
                week for at, week in enumerate(before) if at != 3
            ]
