"""What is stored about a person: handed out to them, deleted by an admin, nothing overlooked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.clock import Clock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.focus import Focus
from bot.sandbox.slack import Human
from handlers.views.personal import summary
from store.access import Action
from store.act import State
from store.focus import Numbering
from store.held import DECIDED, DECISIONS, HELD, NOT_PERSONAL
from store.links import SlackPerson
from store.personal import UnsettledError
from store.plans import PlanState
from store.week import Subject
from tests import inside
from tests.asking import ANA, BEN, TUE, Asker
from tests.conftest import OpenStore
from tests.office import STUDIO, Office, app_with, open_office
from tests.test_plans_come_true import on, revoke, until


def _file(human: Human) -> dict[str, Any]:
    """The file of the latest message with one."""
    (file,) = next(message.files for message in reversed(human.messages(human.dm)) if message.files)
    assert file.content is not None
    told: dict[str, Any] = json.loads(file.content)
    return told


async def _asks(human: Human, typed: str = "my-data") -> str:
    await human.types(STUDIO, f"/hours {typed}")
    await human.sees("in our direct messages now, as a file", channel=STUDIO)
    return (await human.sees("What I keep about", channel=human.dm)).plain


async def test_a_person_gets_everything_about_them_and_nothing_about_others(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees("You changed your week", channel=office.ana.dm)
    await office.ben.types(STUDIO, "/hours set fri 3")
    await office.ben.sees("You changed your week", channel=office.ben.dm)
    said = await _asks(office.ana)
    told = _file(office.ana)
    assert told["slack_user_id"] == "U0ANA"
    assert "• 1 change to your week or made by you\n" in said
    assert "• 1 link to Toggl Focus\n" in said
    (link,) = told["link to Toggl Focus"]
    assert link["focus_user_id"] == ANA.id
    assert [act["request"]["text"] for act in told["request made in Slack"]] == ["set fri 4"]
    assert "set fri 3" not in json.dumps(told)
    assert "U0BEN" not in json.dumps(told)


async def test_what_others_asked_about_a_person_is_theirs_too_and_nothing_beside_it(office: Office) -> None:
    ana, ben, mia = office.ana, office.ben, office.mia
    await office.make_manager("<@U0ANA> <@U0BEN>")
    await mia.types(STUDIO, "/hours set <@U0ANA|ana.lindqvist> mon 6")
    await mia.sees("You changed", channel=STUDIO)
    await ben.types(STUDIO, "/hours set <@U0ANA|ana.lindqvist> fri 3")
    await ben.click(await ben.sees("You can’t change", channel=STUDIO), "petition")
    await mia.types(STUDIO, "/hours set <@U0ANA|ana.lindqvist> <@U0BEN|ben.okafor> fri 5")
    await mia.sees("Nothing is written yet", channel=STUDIO)
    await office.at_rest()
    await _asks(ana)
    told = _file(ana)
    (act,) = told["request made in Slack"]
    assert (act["actor"], act["request"]["text"]) == ("U0MIA", "set <@U0ANA> mon 6")
    petition, preview = (draft["body"] for draft in told["preview or request to somebody else"])
    assert [wanted["before"] for wanted in petition["wanted"]] == [["6", "8", "8", "8", "8", None, None]]
    assert [key for key, _ in preview["weeks"]] == [ANA.key]
    (granted,) = [row for row in told["message sent by the bot"] if row["about"].startswith("grant:U0MIA")]
    assert "Ana Lindqvist" in granted["detail"]["text"]
    assert not re.search("Okafor|ben@|okafor", json.dumps(told))


async def test_what_a_person_asked_about_others_is_theirs_without_the_weeks_of_those(office: Office) -> None:
    """Only the person who decides is shown these."""
    ana, ben = office.ana, office.ben
    await office.make_manager("<@U0ANA> <@U0BEN>")
    await ana.types(STUDIO, "/hours me")
    await ana.sees("Your week", channel=STUDIO)
    await ben.types(STUDIO, "/hours set <@U0ANA> fri 3")
    await ben.click(await ben.sees("You can’t change", channel=STUDIO), "petition")
    await office.mia.sees("Fri 8 h → 3 h", channel=office.mia.dm)
    await office.at_rest()
    await _asks(ben)
    (petition,) = _file(ben)["preview or request to somebody else"]
    (wanted,) = petition["body"]["wanted"]
    assert (wanted["subject"], wanted["before"]) == (ANA.key, None)
    await _asks(office.mia)
    assert "message sent by the bot" in _file(office.mia)


async def test_of_a_deleted_person_others_petitions_and_previews_keep_no_week(office: Office) -> None:
    ben, mia, olivia = office.ben, office.mia, office.olivia
    await office.make_manager("<@U0ANA> <@U0BEN>")
    await ben.types(STUDIO, "/hours set <@U0ANA> fri 3")
    await ben.click(await ben.sees("You can’t change", channel=STUDIO), "petition")
    question = await mia.sees("asks you to change", channel=mia.dm)
    await mia.types(STUDIO, "/hours set <@U0ANA> <@U0BEN> fri 5")
    preview = await mia.sees("Nothing is written yet", channel=STUDIO)
    await _asks(olivia, "my-data <@U0ANA>")
    await olivia.click(await olivia.sees("What I keep about", channel=olivia.dm), "forget")
    await olivia.sees("Deleted what I kept about", channel=olivia.dm)
    await office.at_rest()
    assert "drafts.body" not in await _left(office, r"person:501\b")
    await mia.click(question, "petition_apply")
    await mia.sees("too old, so I did nothing", channel=mia.dm)
    await mia.click(preview, "apply")  # Ben is still in it
    await ben.sees("Fri not set → 5 h", channel=ben.dm)
    assert office.focus_week(501) == "8 8 8 8 8 - -"


@pytest.mark.parametrize("how", ["shared e-mail", "unlinked"])
async def test_whoever_is_not_linked_reads_what_is_listed_with_their_address(
    tmp_path: Path, clock: Clock, how: str
) -> None:
    async with Sandbox(clock=clock, manifest=app_with()) as sandbox:
        if how == "shared e-mail":
            sandbox.focus.add_person("Ana Twin", email="Ana@example.com")
        async with open_office(tmp_path, sandbox=sandbox) as office:
            await office.at_rest()
            if how == "unlinked":
                await office.ana.types(STUDIO, "/hours me")
                await office.ana.sees("8 h", channel=STUDIO)
                await office.olivia.types(STUDIO, "/hours unlink <@U0ANA>")
                await office.olivia.sees("will not join the two again", channel=STUDIO)
            await _asks(office.ana)
            told = _file(office.ana)
            found = [row["email"] for row in told["entry in Toggl Focus’s list of users"]]
            if how == "unlinked":
                assert found == ["ana@example.com"]
                assert told["week as last read"]
            else:
                assert sorted(found) == ["Ana@example.com", "ana@example.com"]
                assert [row["detail"]["code"] for row in told["message sent by the bot"]] == ["ambiguous"]
                assert not told["week as last read"], "nothing tells which of the two is theirs"
            await _asks(office.olivia, "my-data <@U0ANA>")
            question = await office.olivia.sees("What I keep about", channel=office.olivia.dm)
            await office.olivia.click(question, "forget")
            await office.olivia.sees("Deleted what I kept about", channel=office.olivia.dm)
            await office.at_rest()
            assert await _left(office, "Lindqvist", "[Aa]na@") == set()


async def test_who_is_deleted_and_listed_again_reads_it(office: Office) -> None:
    await _asks(office.olivia, "my-data <@U0ANA>")
    question = await office.olivia.sees("What I keep about", channel=office.olivia.dm)
    await office.olivia.click(question, "forget")
    await office.olivia.sees("Deleted what I kept about", channel=office.olivia.dm)
    await office.later(seconds=86_400 + 10)
    await office.at_rest()
    await _asks(office.ana)
    (entry,) = _file(office.ana)["entry in Toggl Focus’s list of users"]
    assert entry["name"] == "Ana Lindqvist"


async def test_an_address_is_nobodys_who_is_linked_or_has_not_confirmed_it(office: Office) -> None:
    links = office.bot.desk.store.links
    ana = SlackPerson("U0ANA", "Ana", "ANA@example.com", email_confirmed=True)
    assert await links.listed_as(ana) == (501,)
    assert await links.listed_as(replace(ana, email_confirmed=False)) == ()
    assert await links.listed_as(replace(ana, id="U0BEN")) == ()


async def test_only_admins_read_or_delete_what_is_kept_about_somebody_else(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours my-data <@U0BEN>")
    await office.ana.sees("Only a bot admin can do that", channel=STUDIO)
    assert not [message for message in office.slack.posts.get(office.ana.dm, []) if message.files]


async def test_an_admin_deletes_a_person_and_the_journal_keeps_ids_only(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours set fri 4")
    await office.ana.sees("You changed your week", channel=office.ana.dm)
    await _asks(office.olivia, "my-data <@U0ANA>")
    question = await office.olivia.sees("What I keep about", channel=office.olivia.dm)
    await office.olivia.click(question, "forget")
    told = await office.olivia.sees("Deleted what I kept about", channel=office.olivia.dm)
    assert "The change log keeps ids and hours, without names, for 365 days." in told.plain
    left = await Asker(office.bot.desk.store, office.clock).rows(
        "SELECT request FROM acts WHERE actor = 'U0ANA'"
    )
    assert [row["request"] for row in left] == ["{}"]
    assert await office.bot.desk.store.links.of(ANA) is None
    await office.ana.types(STUDIO, "/hours me")
    await office.ana.sees("who you are in Toggl Focus", channel=STUDIO)  # e-mail does not join them again


async def test_what_still_waits_is_not_forgotten(open_store: OpenStore, focus: Focus, clock: Clock) -> None:
    asker = Asker(await open_store(), clock)
    focus.faults.add(Fault(FaultKind.OUT_OF_QUOTA))
    assert (await asker.sets(ANA, {TUE: 4})).state is State.WAITING
    permit = await asker.permit(Action.ADMINISTER)
    for about in ("U0OLIVIA", "U0ANA"):  # who asked, and whose week it is
        await asker.store.links.link(permit, slack_user_id="U0ANA", focus_user_id=ANA.id, now=clock.now())
        with pytest.raises(UnsettledError):
            await asker.store.personal.erase(permit, about, now=clock.now())
    assert (await asker.rows("SELECT request FROM acts"))[0]["request"] != "{}"


async def test_without_the_scope_for_files_the_person_hears_who_can_help(
    tmp_path: Path, clock: Clock
) -> None:
    async with open_office(tmp_path, clock=clock) as office:
        app = office.slack.world.app
        office.slack.world.app = replace(app, scopes=(app.scopes or frozenset()) - {"files:write"})
        await office.ana.types(STUDIO, "/hours my-data")
        told = await office.ana.sees("files:write", channel=STUDIO)
        assert "an admin has to add the scope" in told.text
        assert office.slack.world.files == {}


async def test_no_table_is_overlooked(open_store: OpenStore) -> None:
    store = await open_store()
    named = await inside.rows(store, "SELECT name FROM sqlite_master WHERE type = 'table'")
    tables = {row["name"] for row in named if not row["name"].startswith(("sqlite_", "_sqlite_"))}
    assert tables == set(HELD) | set(NOT_PERSONAL)
    assert not set(HELD) & set(NOT_PERSONAL)
    titles = [*(held.title for held in HELD.values()), DECISIONS]
    told = summary("U0ANA", dict.fromkeys(titles, "12"), own=True, keep=timedelta(1))
    assert len(re.findall(r"\b2 \w+", told.text)) == len(titles), "each is counted in words of its own"
    assert all(bool(held.erase) is not bool(held.stays) for held in HELD.values())


async def test_every_table_about_people_is_read_and_emptied(open_store: OpenStore, clock: Clock) -> None:
    """Each statement runs; what is not meant to stay is gone."""
    asker = Asker(await open_store(), clock)
    await asker.sets(ANA, {TUE: 4})
    permit = await asker.permit(Action.ADMINISTER)
    await asker.store.personal.erase(permit, "U0OLIVIA", now=clock.now())
    after = await asker.store.personal.about(permit, "U0OLIVIA")
    stays = {held.title for held in HELD.values() if held.stays} | {HELD["acts"].title, DECISIONS}
    assert {title for title, found in after.items() if found} <= stays


async def test_what_somebody_decided_about_others_is_told_and_stays(
    open_store: OpenStore, clock: Clock
) -> None:
    """Links, rights and the weekdays by the face of the store, the rest as its rows are."""
    asker = Asker(await open_store(), clock)
    store, permit, now = asker.store, await asker.permit(Action.ADMINISTER), clock.now()
    await store.links.link(permit, slack_user_id="U0TOM", focus_user_id=506, now=now)
    await store.links.unlink(await asker.permit(Action.UNLINK, Subject("person", 506)), now=now)
    await store.links.link(permit, slack_user_id="U0TOM", focus_user_id=507, now=now)
    await store.access.grant(permit, manager="U0MIA", scope=ANA.key, now=now)
    await store.weekdays.confirm(Numbering.SUNDAY0, by="U0OLIVIA", now=now)
    decided = (
        "INSERT INTO drafts VALUES ('d', :team, 'petition', 'U0ANA', '{}', 'done', '', '', 'U0OLIVIA')",
        "INSERT INTO drafts VALUES ('e', :team, 'preview', 'U0OLIVIA', '{}', 'done', '', '', 'U0OLIVIA')",
        "INSERT INTO leavers VALUES (:team, 'U0BEN', '', 'taken', 'U0OLIVIA')",
        """
        INSERT INTO plans (plan_id, batch_id, team_id, planner, subject, pattern, expected, first, zone, at,
          state, decided_by)
        VALUES ('p', 'b', :team, 'U0MIA', 'person:501', '{}', '{}', '', '', '', 'cancelled', 'U0OLIVIA')
        """,
    )
    of = {"team": store.team_id}
    await inside.database(store).write(lambda sql: [sql.execute(statement, of) for statement in decided])
    told = (await store.personal.about(permit, "U0OLIVIA"))[DECISIONS]
    assert [row["table"] for row in told] == list(DECIDED)
    await store.personal.erase(permit, "U0OLIVIA", now=now)
    assert (await store.personal.about(permit, "U0OLIVIA"))[DECISIONS] == told
    columns = await inside.rows(
        store,
        "SELECT tables.name AS name, columns.name AS 'column' FROM sqlite_master AS tables"
        " JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'"
        " AND columns.name LIKE '%\\_by' ESCAPE '\\' AND columns.name <> 'undone_by'",
    )
    deciders = {(table, column) for table, (column, _, _) in DECIDED.items()} - {("facts", "value")}
    assert {(each["name"], each["column"]) for each in columns} == deciders


STAYS = {
    "links.linked_by": "who linked others",
    "unlinked.slack_user_id": "the pair that is not joined again",
    "unlinked.unlinked_by": "who took others apart",
    "acts.actor": "the journal keeps ids",
    "acts.request": "whom others named, by id",
    "grants.granted_by": "who gave others a right",
    "drafts.body": "whom others asked about, by id",
    "drafts.decided_by": "who decided for others",
    "plans.planner": "one that has begun is still put back",
    "plans.decided_by": "who called off what others had planned",
    "leavers.decided_by": "who decided about another",
    "facts.value": "who confirmed the weekdays",
}
"""Columns in which a deleted person's Slack id may be left, and why; their name and e-mail in none."""


async def test_of_a_deleted_person_no_column_has_a_name_and_only_named_ones_the_id(office: Office) -> None:
    ana, mia, olivia = office.ana, office.mia, office.olivia
    await office.make_manager("<@U0ANA>")
    await olivia.types(STUDIO, "/hours managers grant <@U0ANA|ana> <@U0BEN>")
    await olivia.sees("may now change", channel=STUDIO)
    for human, typed, told in (
        (ana, "set fri 4", "You changed your week"),
        (ana, "set thu 4 from 2026-04-01", "Planned"),
        (ana, "remind <#C0STUDIO> mon 9:30", "Created"),
        (ana, "set <@U0ZOE|zoe> fri 4", "You can’t change"),
        (mia, "set <@U0ANA|ana.lindqvist> mon 6", "You changed"),
        (mia, '"Ana Lindqvist"', "week"),
        (mia, "set <@U0ANA|ana> tue 6 from 2026-05-01", "Planned"),
        (mia, "set <@U0ANA|ana> <@U0BEN|ben> fri 5", "Nothing is written yet"),
    ):
        await human.types(STUDIO, f"/hours {typed}")
        await human.sees(told, channel=STUDIO)
    await ana.click(await ana.sees("You can’t change", channel=STUDIO), "petition")
    await office.change_user("U0ANA", email="ana.new@example.com")
    await office.at_rest()
    assert await _left(office) >= {"acts.actor", "grants.manager", "outbox.recipient", "links.slack_user_id"}
    await _asks(olivia, "my-data <@U0ANA>")
    await olivia.click(await olivia.sees("What I keep about", channel=olivia.dm), "forget")
    await olivia.sees("Deleted what I kept about", channel=olivia.dm)
    await office.at_rest()
    assert await _left(office) <= set(STAYS)
    assert await _left(office, "Lindqvist", r"ana\.l", r"\|ana", "ana@", r"ana\.new") == set()


async def _left(office: Office, *words: str) -> set[str]:
    """The columns of the whole database that have one of these words; without any, Ana's Slack id."""
    asker = Asker(office.bot.desk.store, office.clock)
    tables = await asker.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        f"{table['name']}.{column}"
        for table in tables
        for row in await asker.rows(f"SELECT * FROM {table['name']}")  # noqa: S608 - of the schema
        for column, value in row.items()
        if re.search("|".join(words) or r"\bU0ANA\b", str(value))
    }


async def test_strangers_to_focus_guests_and_leavers_have_data_too(office: Office) -> None:
    for human in (office.tom, office.joined("U0GUEST")):
        await human.types(STUDIO, "/hours my-data")
        await human.sees("I keep", channel=STUDIO)
    await office.make_manager("<@U0ANA>")
    await office.change_user("U0MIA", deleted=True)
    await office.at_rest()
    assert "right to change weeks" in await _asks(office.olivia, "my-data <@U0MIA>")
    await office.olivia.click(await office.olivia.sees("What I keep", channel=office.olivia.dm), "forget")
    await office.olivia.sees("Deleted what I kept about", channel=office.olivia.dm)
    assert not await office.bot.desk.store.access.grants()


async def test_what_a_deleted_person_looked_after_goes_on_and_what_they_asked_does_not(
    office: Office,
) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours remind <#C0STUDIO> mon 9:30")
    await office.mia.sees("Created", channel=STUDIO)
    await office.mia.types(STUDIO, "/hours set <@U0ANA> fri 4 until 2026-03-20")
    await office.mia.sees("You changed", channel=office.mia.dm)
    await office.at_rest()
    await office.ben.types(STUDIO, "/hours set <@U0ANA> fri 3")
    await office.ben.click(await office.ben.sees("You can’t change", channel=STUDIO), "petition")
    question = await office.mia.sees("asks you to change", channel=office.mia.dm)
    for gone in ("U0BEN", "U0MIA"):
        await _asks(office.olivia, f"my-data <@{gone}>")
        asked = await office.olivia.sees(f"about <@{gone}>", channel=office.olivia.dm)
        await office.olivia.click(asked, "forget")
        await office.olivia.sees(f"Deleted what I kept about <@{gone}>", channel=office.olivia.dm)
        if gone == "U0BEN":
            await office.mia.click(question, "petition_apply")
            await office.mia.sees("too old, so I did nothing", channel=office.mia.dm)
    (reminder,) = await office.bot.desk.store.reminders.every()
    assert reminder.owner == "U0OLIVIA"
    told = await office.olivia.sees("Deleted what I kept about <@U0MIA>", channel=office.olivia.dm)
    assert "Yours now: 1 reminder and 1 change that they had planned for others." in told.plain
    assert "reminder managed by them" not in told.plain


async def test_what_a_deleted_person_planned_for_others_goes_on_in_the_admins_name(office: Office) -> None:
    """Not what they planned for themselves; what waits for a decision can still be decided."""
    mia, olivia, plans = office.mia, office.olivia, office.bot.desk.store.plans
    await office.make_manager()
    for whom, line in (
        ("<@U0ANA>", "fri 4 from 2026-03-06 until 2026-03-08"),
        ("<@U0BEN>", "fri 4 from 2026-03-06 until 2026-03-20"),
        ("<@U0BEN>", "mon 4 from 2026-04-01"),
        ("me", "mon 4 from 2026-04-01"),
    ):
        seen = len(mia.messages(STUDIO))
        await mia.types(STUDIO, f"/hours set {whom} {line}")
        await mia.sees("Planned", channel=STUDIO, after=seen)
    await until(office, on(6, 9))
    assert office.focus_week(501) == "8 8 8 8 4 - -"
    await revoke(office, "everyone")
    await until(office, on(9, 9))
    asked = await olivia.sees(
        "Putting back <@U0ANA>’s week after Sun 8 Mar 2026 was not done", channel=olivia.dm
    )
    await _asks(olivia, "my-data <@U0MIA>")
    await olivia.click(await olivia.sees("about <@U0MIA>", channel=olivia.dm), "forget")
    told = await olivia.sees("Yours now: 2 changes that they had planned for others.", channel=olivia.dm)
    assert "1 planned change to their week or by them" in told.plain
    await olivia.sees("Planned from Wed 1 Apr 2026: <@U0BEN>’s week", channel=olivia.dm)
    await olivia.sees("Begun from Fri 6 Mar 2026 until Fri 20 Mar 2026: <@U0BEN>’s week", channel=olivia.dm)
    kept = [(plan.subject, plan.state, plan.planner) for plan in await plans.every()]
    assert kept == [
        (ANA, PlanState.ASKED, "U0MIA"),
        (BEN, PlanState.BEGUN, "U0OLIVIA"),
        (BEN, PlanState.PLANNED, "U0OLIVIA"),
    ]
    await olivia.click(asked, "plan_take")
    await olivia.sees("You put back <@U0ANA>’s week, as planned", channel=olivia.dm)
    assert office.focus_week(501) == "8 8 8 8 8 - -"
