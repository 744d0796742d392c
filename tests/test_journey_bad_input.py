"""Whatever a person types gets one helpful answer; a text that is not surely a change writes nothing."""

from __future__ import annotations

import pytest

from tests.office import STUDIO, Office

TEXTS = """\
fri 4
mon 8
set
set me
set mon
set 8
set mon eight
set mon 25
set mon -1
set mon 8 h 90
set mon 7.30
set mon 7,30
set mon 9-17
set mon 9am-5pm
set mon 8, mon 7
set mon-fri 8, wed 4, wed 5
set fri-mon
set funday 8
set mon 8 please from june
set mon 8 tue
set mon  -  thu
set only
set only me
set ben mon 4
set Designer 1 mon 4
set "Nobody" mon 4
set "Designer" mon 4
set "Designer 1 mon 4
set ghost:999 mon 4
set ghost:abc mon 4
set @nobody mon 4
set @here mon 4
set <@U0NOBODY> mon 4
set <@U0HOURS> mon 4
set <@USLACKBOT> mon 4
set @designers mon 4
set #studio mon 4
set @tom mon 4
set @ben mon 4
set everyone mon 4
clear
clear me
clear all
clear funday
clear @ben fri
delete everything
undo 7
undo @ben
redo
redo @ben
edit @nobody
history @nobody
link
link @ben
link @ben 501
link @ben abc
unlink @ben
links
managers grant @ana everyone
managers grant
managers revoke
managers dance
bulk
plan
remind
reminders
status
my-data
who
help nonsense
help set
stuff
hello
???
🙂
'; DROP TABLE links; --
<!channel>
<!here|here> set mon 4
&lt;!channel&gt;
*bold* _it_ `code`
\\x00\\n
{{7*7}}
me me me
mon
8
today
/hours me
set /hours mon 8""".splitlines()


async def test_every_text_gets_an_answer_and_none_of_these_writes(office: Office) -> None:
    """One by one; the office is also searched for incidents and for calls that Slack refused."""
    silent = []
    for text in TEXTS:
        before = len(office.ana.messages(STUDIO))
        await office.ana.types(STUDIO, f"/hours {text}")
        await office.bot.desk.work.idle()
        if office.ana.modal:
            await office.ana.close(all=True)
        elif len(office.ana.messages(STUDIO)) == before:
            silent.append(text)
        answers = office.ana.messages(STUDIO)[before:]
        assert all(each.user == "U0HOURS" and len(each.text) > 20 for each in answers), text
        assert len(answers) <= 1, text
    assert silent == []
    assert set(office.focus_calls()) <= {"GET"}


@pytest.mark.parametrize(
    "text", ["x" * 2001, "set " + "mon 8, " * 400, "@ana " * 300, '"' * 300, "set mon 8\n" * 50]
)
async def test_pasted_walls_of_text_get_an_answer(office: Office, text: str) -> None:
    await office.ana.types(STUDIO, f"/hours {text}")
    await office.ana.sees("", channel=STUDIO)
    await office.bot.desk.work.idle()
    assert set(office.focus_calls()) <= {"GET"}


async def test_what_is_suggested_leads_on(office: Office) -> None:
    """The first button of every answer leads to another answer, or to a form."""
    office.slack.rate_limits = False  # forty receipts in a row are not what this is about
    for text in TEXTS:
        await office.ana.types(STUDIO, f"/hours {text}")
        await office.bot.desk.work.idle()
        if office.ana.modal:
            await office.ana.close(all=True)
        answer = office.answer_to(office.ana)
        before = answer.text
        if "run:0" in str(answer.blocks):
            await office.ana.click(answer, "run:0")
            await office.bot.desk.work.idle()
            assert office.ana.modal or answer.text != before, text
            if office.ana.modal:
                await office.ana.close(all=True)


@pytest.mark.parametrize(
    "text", ["sick", "I am on holiday next week", "vacation next week", "set fri vacation"]
)
async def test_time_off_is_said_to_be_kept_elsewhere(office: Office, text: str) -> None:
    await office.ana.types(STUDIO, f"/hours {text}")
    said = await office.ana.sees("is kept in Toggl Focus, not here", channel=STUDIO)
    assert "Did you mean" not in said.text


ECHOING = """\
{}
"{}"
@{}
set {} mon 8
set "{}" mon 8
set mon 8 {}
set mon {}
{} mon 8
clear {}
edit {}
undo {}
help {}
who {}
placeholders {}
history {}
plan {}
bulk {}
link {}
remind {}
managers {}
managers grant {}
my-data {}""".splitlines()


@pytest.mark.parametrize("wall", ["x" * 1500, "x1 yz " * 200, "9" * 1500, "9." + "3" * 1500])
async def test_of_a_wall_of_text_only_the_beginning_is_said_back(office: Office, wall: str) -> None:
    for text in ECHOING:
        before = len(office.olivia.messages(STUDIO))
        await office.olivia.types(STUDIO, f"/hours {text.format(wall.strip())}")
        await office.bot.desk.work.idle()
        if office.olivia.modal:
            await office.olivia.close(all=True)
            continue
        (said,) = office.olivia.messages(STUDIO)[before:]
        for much in ("x" * 41, "x1 yz " * 8, "9" * 41, "3" * 41):
            assert much not in said.text, text


async def test_everybody_at_once_is_said_to_be_a_channel_a_group_or_a_form(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours set @here fri off")
    said = await office.ana.sees("name a @group or a #channel", channel=STUDIO)
    assert "`/hours bulk`" in said.text
    await office.ana.types(STUDIO, "/hours @here")
    board = await office.ana.sees("on a board of who works when", channel=STUDIO)
    await office.ana.click(board, "run:who")
    await office.ana.sees("Who works", channel=STUDIO)
    assert office.focus_calls().count("PUT") == 0
