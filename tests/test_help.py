"""Help: by role, by topic, for what comes later; a mention; and examples that all work as they stand."""

from __future__ import annotations

from itertools import chain

import pytest

from bot.sandbox.slack.blockkit import check_blocks
from handlers import ROUTES
from handlers.asked import Problem, Verb
from handlers.grammar import parse
from handlers.routes import Command
from handlers.views import topics
from handlers.views.topics import SHORT, TOPICS, Role
from tests.office import STUDIO, Office

EXAMPLES = sorted(
    {
        example.typed
        for example in chain(
            *SHORT.values(),
            *(topic.examples for topic in TOPICS.values()),
        )
    }
)
ROUTED = {route.verb for route in ROUTES if isinstance(route, Command)}


# ------------------------------------------------------------------ what it says


@pytest.mark.parametrize("typed", EXAMPLES)
def test_every_example_works_as_it_stands(typed: str) -> None:
    try:
        asked = parse(typed)
    except Problem as problem:
        pytest.fail(f"{typed!r}: {problem.sentence}")
    assert asked.verb in ROUTED, "an example must not lead to a feature that is not there"


def test_every_verb_has_a_feature() -> None:
    assert set(Verb) == ROUTED


@pytest.mark.parametrize("role", Role)
def test_the_short_page_fits_slack_and_needs_no_blocks(role: Role) -> None:
    reply = topics.help_for(role, command="/hours", admins=("U0OLIVIA",))
    assert check_blocks([block.to_dict() for block in reply.blocks], surface="message") is None
    for example in SHORT[role]:
        assert f"`{f'/hours {example.typed}'.rstrip()}`" in reply.text


@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_fits_slack(name: str) -> None:
    reply = topics.topic(name, command="/hours")
    assert reply
    assert check_blocks([block.to_dict() for block in reply.blocks], surface="message") is None


def test_the_command_may_have_another_name() -> None:
    reply = topics.help_for(Role.ADMIN, command="/arbeitszeit", admins=())
    assert "`/arbeitszeit edit`" in reply.text
    assert "/hours" not in reply.text


def test_a_misspelt_topic_leads_to_the_nearest() -> None:
    assert "Did you mean `/hours help undo`?" in topics.unknown("undoo", command="/hours").text
    assert "&lt;!channel&gt;" in topics.unknown("<!channel>", command="/hours").text


def test_examples_are_not_said_twice_in_one_page() -> None:
    for page in (*SHORT.values(), *(topic.examples for topic in TOPICS.values())):
        assert len({each.typed for each in page}) == len(page)


# ------------------------------------------------------------------ in Slack


async def test_a_member_reads_what_members_can_do(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours help")
    told = await office.ana.sees("I show and change weekly working hours", channel=STUDIO)
    assert told.ephemeral_to == "U0ANA"
    assert "/hours set mon-thu 8, fri off" in told.plain
    assert "/hours links" not in told.plain


async def test_an_admin_and_a_manager_read_more(office: Office) -> None:
    await office.olivia.types(STUDIO, "/hours help")
    assert "/hours links" in (await office.olivia.sees("I show and change", channel=STUDIO)).plain
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours help")
    told = await office.mia.sees("I show and change", channel=STUDIO)
    assert "/hours set @ana fri 4" in told.plain
    assert "/hours links" not in told.plain


async def test_a_guest_reads_only_what_guests_can_do(office: Office) -> None:
    guest = office.joined("U0GUEST")
    await guest.types(STUDIO, "/hours help")
    told = await guest.sees("I show and change", channel=STUDIO)
    assert "@ana" not in told.plain
    assert "/hours undo" in told.plain
    assert "As a guest you can use me for your own week only." in told.plain
    assert "Who" not in told.plain


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("set", "Change a week in one line"),
        ("plan", "Change a week from a date, or until one"),
        ("look", "Look up a week"),
        ("links", "Who is who in Toggl Focus"),
        ("my-data", "What I keep about you"),
        ("who", "I have no help on “who”. Topics are look"),
        ("managers", "I have no help on “managers”. Topics are look"),
        ("reminder", "I have no help on “reminder”. Topics are look"),
    ],
)
async def test_a_guests_topics_are_about_their_own_week(office: Office, typed: str, told: str) -> None:
    guest = office.joined("U0GUEST")
    await guest.types(STUDIO, f"/hours help {typed}")
    page = (await guest.sees(told, channel=STUDIO)).plain
    assert not any(sign in page for sign in ("@", "Designer", "ghost:", "/hours links", "Reminders"))


async def test_the_topics_are_listed_for_whoever_asks_for_them(office: Office) -> None:
    for human, managers in ((office.olivia, True), (office.joined("U0GUEST"), False)):
        await human.types(STUDIO, "/hours help topics")
        told = await human.sees("Press a topic", channel=STUDIO)
        assert "set, plan, edit" in told.plain
        assert ("managers" in told.plain) is managers


async def test_somebody_from_elsewhere_reads_nothing(office: Office) -> None:
    stranger = office.slack.human("U0STRANGER")
    await stranger.types("C0SHARED", "/hours help")
    told = await stranger.sees("Only members of this workspace can use me", channel="C0SHARED")
    assert "/hours" not in told.plain


async def test_a_topic_by_its_button(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours help")
    page = await office.ana.sees("I show and change", channel=STUDIO)
    await office.ana.click(page, "run:help:undo")
    await office.ana.sees("Take a change back", channel=STUDIO)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("help failures", "nothing is written twice"),
        ("help hours", "7h30"),
        ("help Days", "How to write days and hours"),
        ("help frobnicate", "I have no help on “frobnicate”"),
        ("help remind", "Reminders in channels"),
        ("help who", "Who works when"),
        ("plan", "Nothing is planned."),
        ("help from", "Change a week from a date, or until one"),
        ("help my-data", "What I keep about you"),
    ],
)
async def test_what_people_ask_for(office: Office, typed: str, told: str) -> None:
    await office.ana.types(STUDIO, f"/hours {typed}")
    await office.ana.sees(told, channel=STUDIO)


async def test_a_mention_is_answered_with_help_that_nobody_else_reads(office: Office) -> None:
    await office.ana.types(STUDIO, "<@U0HOURS> hello")
    told = await office.ana.sees("I show and change weekly working hours", channel=STUDIO)
    assert told.ephemeral_to == "U0ANA"
    assert told not in office.ben.messages(STUDIO)


async def test_a_preview_that_is_cancelled_is_gone(office: Office) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours set <@U0ANA> <@U0BEN> fri off")
    preview = await office.mia.sees("Nothing is written yet", channel=STUDIO)
    await office.mia.click(preview, "dismiss")
    await office.mia.sees("Cancelled. Nothing was changed.", channel=STUDIO)
    assert not [each for each in office.mia.messages(STUDIO) if "written yet" in each.plain]
    assert set(office.focus_calls()) <= {"GET"}


async def test_a_manager_of_people_is_not_offered_placeholders(office: Office) -> None:
    await office.make_manager()
    await office.mia.types(STUDIO, "/hours help")
    assert "Designer 1" not in (await office.mia.sees("I show and change", channel=STUDIO)).text
    await office.make_manager("placeholders")
    await office.bot.desk.work.idle()
    await office.mia.types(STUDIO, "/hours help")
    await office.mia.sees("changes a placeholder’s week", channel=STUDIO)
