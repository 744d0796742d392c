"""Undo, Redo and history: what was done is put back once, and everybody can read what happened."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Human, Message
from tests.office import STUDIO, Office

DAY = 86_400


async def changed(office: Office, text: str = "set fri off", *, by: Human | None = None) -> Message:
    """The private answer to a change, once its receipt is in the actor's direct messages too."""
    human = by or office.ana
    before, told = len(human.messages(STUDIO)), len(human.messages(human.dm))
    await human.types(STUDIO, f"/hours {text}")
    answer = await human.sees("You ", channel=STUDIO, after=before)
    await human.sees("You ", channel=human.dm, after=told)
    await office.bot.desk.work.idle()
    return answer


async def test_undo_says_what_it_takes_back_and_can_be_repeated(office: Office) -> None:
    await changed(office, "set fri off")
    await changed(office, "set mon-thu 7")
    said = await changed(office, "undo")
    assert "You put back your week: Mon–Thu 7 h → 8 h; 28 h → 32 h in all. Kept: Fri off." in said.text
    said = await changed(office, "undo")
    assert "You put back your week: Fri off → 8 h" in said.text
    assert office.focus_week(501) == "8 8 8 8 8 - -"
    await office.ana.types(STUDIO, "/hours undo")
    await office.ana.sees("You have changed nothing in the last 24 hours that could be undone.")


async def test_redo_brings_back_what_was_undone_last_and_can_be_repeated(office: Office) -> None:
    await changed(office, "set fri off")
    await changed(office, "set mon-thu 7")
    await changed(office, "undo")
    await changed(office, "undo")
    said = await changed(office, "redo")
    assert "You redid the change to your week: Fri 8 h → off" in said.text
    await changed(office, "redo")
    assert office.focus_week(501) == "7 7 7 7 0 - -"
    await office.ana.types(STUDIO, "/hours redo")
    await office.ana.sees("There is nothing to redo")


async def test_a_change_made_since_is_not_redone_over(office: Office) -> None:
    await changed(office, "set fri off")
    await changed(office, "undo")
    await changed(office, "set mon 7")
    await office.ana.types(STUDIO, "/hours redo")
    await office.ana.sees("There is nothing to redo: redo brings back what you undid last")
    await changed(office, "undo")
    await changed(office, "redo")
    assert office.focus_week(501) == "7 8 8 8 8 - -"


async def test_redo_passes_over_no_change_that_waits(office: Office) -> None:
    await changed(office, "set fri off")
    await changed(office, "undo")
    office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, match="PUT *"))
    await office.ana.types(STUDIO, "/hours set tue 6")
    await office.ana.sees("The change to your week waits: Tue 6 h.", channel=office.ana.dm)
    await office.ana.types(STUDIO, "/hours redo")
    await office.ana.sees("Your latest change is not finished yet, so I redid nothing.")
    assert office.focus_week(501) == "8 8 8 8 8 - -"


@pytest.mark.parametrize(
    ("kind", "times", "told"),
    [
        (FaultKind.OUT_OF_QUOTA, None, "The change to your week waits: Tue 6 h."),
        (FaultKind.FAIL_BEFORE, 1, "The change to your week is not certain yet: Tue 6 h."),
    ],
)
async def test_undo_passes_over_no_later_change_that_is_not_at_its_end(
    office: Office, kind: FaultKind, times: int | None, told: str
) -> None:
    await changed(office, "set mon 6")
    trouble = office.focus.faults.add(Fault(kind, match="PUT *", times=times))
    await office.ana.types(STUDIO, "/hours set tue 6")
    await office.ana.sees(told, channel=office.ana.dm)
    await office.bot.desk.work.idle()
    office.focus.faults.remove(trouble)
    await office.ana.types(STUDIO, "/hours undo")
    said = await office.ana.sees("Your latest change is not finished yet, so I undid nothing.")
    assert told in said.text
    assert office.focus_week(501) == "6 8 8 8 8 - -"
    if kind is FaultKind.OUT_OF_QUOTA:
        await office.ana.click(said, f"cancel:{said.blocks[-1]['elements'][0]['value']}")
        await office.ana.sees("Cancelled: your week stays as it is.", channel=STUDIO)
        await changed(office, "undo")
        assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_undo_passes_over_no_repair(office: Office) -> None:
    await changed(office, "set mon 6")
    (older,) = office.ana.messages(office.ana.dm)
    office.focus.double("user", 501, 5, hours=Decimal(4))
    await office.later(seconds=901)
    await office.ana.types(STUDIO, "/hours")
    look = await office.ana.sees("Choose which one to keep: that can’t be undone.", channel=STUDIO)
    await office.ana.click(look, "repair:5:8")
    await office.ana.sees("You repaired your week", channel=office.ana.dm)
    await office.ana.types(STUDIO, "/hours undo")
    said = await office.ana.sees("a repair, which can’t be undone, so I undid nothing.", channel=STUDIO)
    assert "You repaired your week: Fri 8 h and 4 h → 8 h" in said.text
    assert office.focus_week(501) == "6 8 8 8 8 - -"
    await office.ana.click(older, "undo")
    await office.ana.sees("You put back your week: Mon 6 h → 8 h", channel=office.ana.dm)


async def test_an_undo_that_waits_is_not_passed_over_either(office: Office) -> None:
    await changed(office, "set mon 6")
    await changed(office, "set tue 6")
    trouble = office.focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA, match="PUT *"))
    await office.ana.types(STUDIO, "/hours undo")
    await office.ana.sees("The change to your week waits: Tue 8 h.", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    office.focus.faults.remove(trouble)
    await office.ana.types(STUDIO, "/hours undo")
    await office.ana.sees("Your latest change is not finished yet, so I undid nothing.")
    assert office.focus_week(501) == "6 6 8 8 8 - -"


async def test_undo_puts_back_exactly_what_focus_had(office: Office) -> None:
    await changed(office, "clear sat", by=office.mia)
    await changed(office, "set only fri 7h10", by=office.mia)
    await changed(office, "undo", by=office.mia)
    await changed(office, "undo", by=office.mia)
    assert office.focus_week(504) == "7.3333 7.3333 7.3333 7.3333 7.3333 0 0"


async def test_the_pressed_answer_is_replaced_and_the_receipt_says_undone(office: Office) -> None:
    answer = await changed(office)
    (receipt,) = office.ana.messages(office.ana.dm)
    await office.ana.click(answer, "undo")
    await office.ana.sees("You put back your week: Fri off → 8 h", channel=STUDIO)
    assert answer.text.startswith("You put back your week")
    assert "Redo" in answer.plain
    await office.ana.sees("Undone by you", channel=office.ana.dm)
    assert "Undone by you" in receipt.text, "screen readers read nothing else"
    assert "Undo\n" not in receipt.plain


async def test_an_undo_in_the_direct_message_is_answered_by_its_receipt_alone(office: Office) -> None:
    await changed(office)
    (receipt,) = office.ana.messages(office.ana.dm)
    await office.ana.click(receipt, "undo")
    redo = await office.ana.sees("You put back your week", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert office.ana.messages(office.ana.dm) == [receipt, redo]
    await office.ana.click(redo, "undo")
    await office.ana.sees("You redid the change to your week: Fri 8 h → off", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 0 - -"


async def test_of_two_presses_at_once_one_undoes_and_the_other_reads_so(office: Office) -> None:
    answer = await changed(office)
    (receipt,) = office.ana.messages(office.ana.dm)
    await asyncio.gather(office.ana.click(answer, "undo"), office.ana.click(receipt, "undo"))
    await office.ana.sees("Already undone by you. Nothing more was changed.")
    await office.ana.sees("You put back your week", channel=office.ana.dm)
    assert office.focus_calls().count("PUT") == 2
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_after_a_day_there_is_no_redo(office: Office) -> None:
    await changed(office)
    undone = await changed(office, "undo")
    await office.later(seconds=DAY + 1)
    await office.ana.click(undone, "undo")
    await office.ana.sees("This can’t be redone any more: a day has passed", channel=STUDIO)


async def test_after_a_day_there_is_no_undo(office: Office) -> None:
    answer = await changed(office)
    await office.later(seconds=DAY + 1)
    await office.ana.click(answer, "undo")
    await office.ana.sees("This can’t be undone any more: a day has passed", channel=STUDIO)
    await office.ana.types(STUDIO, "/hours history")
    history = await office.ana.sees("The latest changes to your week", channel=STUDIO)
    assert "Undo\n" not in history.plain
    await office.ana.types(STUDIO, "/hours undo")
    await office.ana.sees("You have changed nothing in the last 24 hours", channel=STUDIO)
    assert office.focus_calls().count("PUT") == 1


async def test_an_undo_never_overwrites_what_somebody_did_since(office: Office) -> None:
    answer = await changed(office)
    office.focus.put_rows("user", 501, {5: 3})
    await office.ana.click(answer, "undo")
    asked = await office.ana.sees("theirs, or yours?", channel=STUDIO)
    assert office.focus_week(501) == "8 8 8 8 3 - -"
    await office.ana.click(asked, f"keep:{asked.blocks[-1]['elements'][1]['value']}")
    await office.ana.sees("Cancelled: your week stays as it is.", channel=STUDIO)
    await office.ana.types(STUDIO, "/hours undo")
    asked = await office.ana.sees("theirs, or yours?", channel=STUDIO)
    await office.ana.click(asked, f"overwrite:{asked.blocks[-1]['elements'][0]['value']}")
    await office.ana.sees("You put back your week: Fri 3 h → 8 h", channel=STUDIO)
    assert office.focus_week(501) == "8 8 8 8 8 - -"


async def test_undo_is_about_what_i_did_and_not_what_was_done_to_me(office: Office) -> None:
    await office.make_manager()
    await changed(office, "set @ben mon 4", by=office.mia)
    await office.ben.types(STUDIO, "/hours undo")
    await office.ben.sees("You have changed nothing in the last 24 hours", channel=STUDIO)
    assert office.focus_week(503) == "4 8.5 4 - - - -"


async def test_an_undo_needs_the_right_to_change_as_it_is_now(office: Office) -> None:
    await office.make_manager()
    answer = await changed(office, "set @ben mon 4", by=office.mia)
    await office.olivia.types(STUDIO, "/hours managers revoke @mia")
    await office.olivia.sees("may no longer change", channel=STUDIO)
    await office.mia.click(answer, "undo")
    await office.mia.sees("You can’t change <@U0BEN>’s week.", channel=STUDIO)
    assert office.focus_week(503) == "4 8.5 4 - - - -"


async def test_the_person_reads_that_a_change_to_their_week_was_put_back(office: Office) -> None:
    await office.make_manager()
    await changed(office, "set @ben mon 4", by=office.mia)
    notice = await office.ben.sees("<@U0MIA> changed your working hours", channel=office.ben.dm)
    await changed(office, "undo", by=office.mia)
    await office.ben.sees("<@U0MIA> put back your working hours", channel=office.ben.dm)
    await office.ben.sees("Put back by <@U0MIA>.", channel=office.ben.dm)
    assert "Put back by <@U0MIA>." in notice.text


async def test_an_act_on_several_is_undone_as_a_whole(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours set @ana @ben mon 4")
    await office.olivia.click(await office.olivia.sees("Nothing is written yet.", channel=STUDIO), "apply")
    answer = await office.olivia.sees("You changed <@U0ANA>’s week", channel=STUDIO)
    await office.olivia.click(answer, "undo")
    await office.olivia.sees("You put back <@U0BEN>’s week: Mon 4 h → 8:30 h", channel=STUDIO)
    assert (office.focus_week(501), office.focus_week(503)) == ("8 8 8 8 8 - -", "8.5 8.5 4 - - - -")


async def test_history_tells_the_latest_changes_with_undo_for_ones_own(office: Office) -> None:
    await office.make_manager()
    await changed(office, "set @ben mon 4", by=office.mia)
    await changed(office, "set tue 7", by=office.ben)
    await office.ben.types(STUDIO, "/hours history")
    said = await office.ben.sees("The latest changes to your week", channel=STUDIO)
    mine, theirs = said.blocks[1:3]
    glued = "\N{NO-BREAK SPACE}".join  # no line ends within it, on however narrow a phone
    assert f"you: Tue {glued(['8:30', 'h', '→', '7', 'h'])};" in mine["text"]["text"]
    assert f"<@U0MIA>: Mon {glued(['8:30', 'h', '→', '4', 'h'])};" in theirs["text"]["text"]
    assert "accessory" not in theirs
    await office.ben.click(said, "undo")
    await office.ben.sees("You put back your week: Tue 7 h → 8:30 h", channel=STUDIO)


async def test_history_is_for_oneself_ones_managers_and_admins(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours history @ben")
    await office.ana.sees("<@U0OLIVIA> can.", channel=STUDIO)
    assert "You can’t read the history of <@U0BEN>’s week." in office.answer_to(office.ana).text
    for human in (office.olivia, office.ben):
        await human.types(STUDIO, "/hours history @ben")
        await human.sees("I have not changed", channel=STUDIO)
