"""Talking to the bot in a direct message or by mention; what Slack sends twice acts once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.slack import Message, messages
from bot.sandbox.slack.delivery import Parcel
from bot.sandbox.slack.payloads import message_json
from handlers import links
from handlers.asked import Verb
from handlers.desk import Ask
from tests.conftest import OpenOffice
from tests.inside import database
from tests.office import STUDIO, Office, routes_with


async def said(office: Office, text: str) -> Message:
    """What the bot answers Ana's direct message with."""
    before = len(office.ana.messages(office.ana.dm))
    await office.ana.types(office.ana.dm, text)
    return await office.ana.sees("", channel=office.ana.dm, after=before + 1)


@pytest.mark.parametrize("text", ["me", "hours", "hours me", "Me.", "show me"])
async def test_a_message_is_read_like_a_command(office: Office, text: str) -> None:
    answer = await said(office, text)
    assert "Your week: Mon–Fri 8 h" in answer.text
    assert answer.ephemeral_to is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("@ben", "<@U0BEN>’s week"),
        ('"Designer 1"', "*Designer 1*’s week"),
        ("set fri off", "You changed your week: Fri 8 h → off"),
        ("`/hours set fri off`", "You changed your week: Fri 8 h → off"),
        ("help", "I show and change weekly working hours in Toggl Focus."),
        ("history", "I have not changed your week yet."),
        ("fri 4", "begin with set"),
        ("undo", "You have changed nothing in the last 24 hours"),
        ("edit", "Here is the form for your week."),
        ("placeholders", "3 placeholders"),
        ("lunch?", "called “lunch”"),
        ("<@U0HOURS> me", "Your week: Mon–Fri 8 h"),
        (" <@U0HOURS>  /hours <@U0BEN>", "<@U0BEN>’s week"),
    ],
)
async def test_every_verb_works_in_a_message(office: Office, text: str, answer: str) -> None:
    await office.ana.types(office.ana.dm, text)
    await office.ana.sees(answer, channel=office.ana.dm)


LINES = (
    "me", "<@U0BEN>", "<@U0ANA> <@U0BEN>", '"Designer 1"', "ghost:701", "placeholders", "who", "who week",
    "history", "set fri 4", "set only mon-thu 7", "clear fri", "edit", "set <@U0BEN> mon 7",
    'set "Designer 1" mon 7', "set <@U0ANA> <@U0BEN> tue 6", "bulk", "undo", "redo",
    "set fri off from 2026-04-01", "set thu 4 until 2026-03-10", "set <@U0BEN> fri off from 2026-05-01",
    "plan", "remind", "remind #studio mon 9:00 Europe/Berlin check", "reminders", "link", "link <@U0TOM>",
    "link <@U0TOM> 506", "unlink <@U0TOM>", "links", "managers", "managers grant <@U0MIA> <@U0ANA>",
    "managers grant <@U0MIA> everyone", "managers revoke <@U0MIA>", "help", "my-data", "status", "nonsense",
)  # fmt: skip


async def test_whatever_is_said_twice_is_answered_twice(office: Office) -> None:
    office.slack.rate_limits = False
    olivia, silent = office.olivia, []
    for line in (line for line in LINES for _ in range(2)):
        seen = {each.ts for each in olivia.messages(olivia.dm)}
        await olivia.types(olivia.dm, line)
        await office.bot.desk.work.idle()
        await office.at_rest()
        told = {each.ts for each in olivia.messages(olivia.dm) if each.user == "U0HOURS"}
        if not told - seen:
            silent.append(line)
    assert not silent


async def test_the_command_in_the_direct_message_is_answered_there(office: Office) -> None:
    await office.ana.types(office.ana.dm, "/hours")
    await office.ana.sees("Your week: Mon–Fri 8 h", channel=office.ana.dm)


async def test_a_mention_in_a_channel_gets_help_that_only_the_person_sees(office: Office) -> None:
    await office.ana.types(STUDIO, "<@U0HOURS> what can you do?")
    help_ = await office.ana.sees("I show and change weekly working hours", channel=STUDIO)
    assert help_.ephemeral_to == "U0ANA"


async def test_edits_and_other_peoples_talk_are_none_of_its_business(office: Office) -> None:
    sent = await office.ana.types(office.ana.dm, "me")
    answer = await office.ana.sees("Your week", channel=office.ana.dm)
    assert sent.message is not None
    messages.edit(office.slack.world, sent.message, text="set fri off", blocks=[])
    messages.delete(office.slack.world, sent.message)
    await office.ana.types(STUDIO, "set fri off")
    await said(office, "me")
    assert office.focus_calls() == ["GET"]
    assert answer in office.ana.messages(office.ana.dm)
    assert [each for each in office.ana.messages(STUDIO) if each.user == "U0HOURS"] == []


@pytest.mark.parametrize("subtype", ["file_share", "me_message", "thread_broadcast"])
async def test_words_beside_a_file_or_written_in_another_way_are_read(office: Office, subtype: str) -> None:
    world, place = office.slack.world, office.slack.channels[office.ana.dm]
    message = world.post(place, user="U0ANA", text="set fri off")
    event = {**message_json(message), "subtype": subtype, "channel": place.id, "channel_type": "im"}
    sent = world.emit({**event, "event_ts": message.ts})
    assert sent
    assert (await sent).error is None
    await office.ana.sees("You changed your week: Fri 8 h → off", channel=office.ana.dm)


async def acknowledged_again(office: Office, name: str) -> None:
    """Slack did not hear the acknowledgement of the last such event."""
    sent = [
        call.request for call in office.sandbox.log.calls if call.direction == "out" and call.name == name
    ]
    *_, last = (each for each in sent if isinstance(each, dict) and each["event"]["user"] == "U0ANA")
    parcel = Parcel(kind="events_api", payload=last, name=name, summary="again", attempt=1)
    assert (await office.slack.deliver(parcel)).error is None


async def delivered_again(office: Office, name: str) -> None:
    await acknowledged_again(office, name)
    await office.bot.desk.work.idle()


async def test_an_event_that_comes_twice_acts_once(office: Office) -> None:
    await said(office, "me")
    await said(office, "set fri 4")
    await delivered_again(office, "message")
    await said(office, "fri 3")
    await delivered_again(office, "message")
    await office.ana.types(STUDIO, "<@U0HOURS>")
    await office.ana.sees("I show and change", channel=STUDIO)
    await delivered_again(office, "app_mention")
    assert office.focus_calls().count("PUT") == 1
    posted = [each for each in office.ana.messages(office.ana.dm) if each.user == "U0HOURS"]
    assert len(posted) == 3
    assert len([each for each in office.ana.messages(STUDIO) if each.user == "U0HOURS"]) == 1


async def test_nobody_waits_for_the_same_answer_twice_when_both_deliveries_run_at_once(
    office: Office,
) -> None:
    await said(office, "set fri 4")
    for _ in range(5):
        await delivered_again(office, "message")
    assert office.focus_calls().count("PUT") == 1


async def test_an_event_that_comes_twice_acts_once_though_the_database_is_busy(office: Office) -> None:
    """It is acknowledged before it can be told whether it is new."""
    for text in ("set fri 4", "set thu 5", "undo"):
        await said(office, text)
        await office.bot.desk.work.idle()
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    with closing(sqlite3.connect(office.settings.database_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await acknowledged_again(office, "message")
        other.execute("ROLLBACK")
    await office.bot.desk.work.idle()
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    assert office.focus_calls().count("PUT") == 3


async def test_a_message_is_on_disk_before_its_acknowledgement_though_a_command_has_had_its_own(
    office: Office,
) -> None:
    """Slack sends a message again until it is acknowledged; a command it does not."""
    with closing(sqlite3.connect(office.settings.database_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        saying = asyncio.create_task(office.ana.types(office.ana.dm, "set fri 4"))
        for friday in (5, 6):
            await office.ben.types(STUDIO, f"/hours set fri {friday}")
        assert not saying.done()
        other.execute("ROLLBACK")
    assert (await saying).error is None
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)


async def test_while_the_database_takes_nothing_a_change_is_refused_once(office: Office) -> None:
    kept_in = database(office.bot.desk.store)
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = ON"))
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.bot.desk.work.idle()
    await kept_in.read(lambda sql: sql.conn.execute("PRAGMA query_only = OFF"))
    (told,) = [each.plain for each in office.ana.messages(STUDIO) if each.user == "U0HOURS"]
    assert "I can’t save anything in my database right now, so nothing was changed" in told
    assert office.focus_calls() == []


async def test_a_database_that_fails_once_all_is_done_makes_nobody_say_that_nothing_was(
    an_office: OpenOffice,
) -> None:
    async def and_then_no_more(ask: Ask) -> None:
        await links.link(ask)
        await database(ask.store).read(lambda sql: sql.conn.execute("PRAGMA query_only = ON"))

    async with an_office(routes=routes_with(and_then_no_more, verbs={Verb.LINK})) as office:
        await office.olivia.types(STUDIO, "/hours link <@U0TOM> 506")
        await office.bot.desk.work.idle()
        told = [each.plain for each in office.olivia.messages(STUDIO) if each.user == "U0HOURS"]
        await database(office.bot.desk.store).read(lambda sql: sql.conn.execute("PRAGMA query_only = OFF"))
        assert len(told) == 1
        assert "<@U0TOM>" in told[0]


async def test_a_new_address_links_somebody_at_once(office: Office) -> None:
    await office.change_user("U0TOM", email="tom.weber@focus-mail.example")
    await office.tom.types(STUDIO, "/hours")
    await office.tom.sees("Your week: Mon not set, Tue–Thu 6 h", channel=STUDIO)


async def test_after_a_restart_a_change_in_the_direct_message_is_answered_by_its_receipt_alone(
    office: Office,
) -> None:
    """The bot has heard and said nothing there in this life."""
    seen = office.sandbox.log.total
    await office.ana.types(office.ana.dm, "/hours set fri 4")
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    await office.ana.types(office.ana.dm, "/hours set fri 5")
    await office.ana.sees("You changed your week: Fri 4 h → 5 h", channel=office.ana.dm)
    await office.bot.desk.work.idle()
    assert len([each for each in office.ana.messages(office.ana.dm) if "You changed" in each.text]) == 2
    assert office.sandbox.log.count("slack", "conversations.open", after=seen) == 1


async def test_a_slack_that_does_not_tell_whose_conversation_it_is_answers_twice_at_worst(
    office: Office,
) -> None:
    office.slack.faults.add(Fault(FaultKind.CUT_BEFORE, match="conversations.open"))
    await office.ana.types(office.ana.dm, "/hours set fri 4")
    await office.ana.sees("You changed your week: Fri 8 h → 4 h", channel=office.ana.dm)
    assert office.focus_week(501) == "8 8 8 8 4 - -"
