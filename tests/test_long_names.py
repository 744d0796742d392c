"""However long or odd the names and hours are: Slack and its library take every message and form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.sandbox.slack.api.chat import LONGEST_BLOCKS, LONGEST_EDIT
from bot.sandbox.slack.blockkit import check_blocks, check_view, length
from handlers.asked import Asked, Problem, Quoted, Suggestion, Verb
from handlers.views import (
    asking,
    batches,
    boards,
    checkups,
    dryruns,
    editor,
    home,
    leavers,
    links,
    managers,
    petitions,
    previews,
    problems,
    receipts,
    waiting,
    week,
)
from handlers.views.blocks import Reply
from handlers.views.plans import form
from handlers.views.plans import shown as plans
from handlers.views.reminders import boards as reminder_boards
from handlers.views.reminders import shown as reminders
from handlers.views.reminders.card import Known
from handlers.views.week import Who
from store.access import Grant
from store.act import Act, Change, Kind, Place, State
from store.checkups import News, What
from store.directory import Entry
from store.links import Overview, SlackPerson
from store.petitions import Petition, Wanted
from store.plans import Plan
from store.reminders import (
    Invited,
    Reminder,
    ReminderKind,
    ReminderState,
    Run,
    RunState,
    Schedule,
    Weekly,
)
from store.trouble import Trouble, TroubleCode
from store.week import ALL_DAYS, Hours, Pattern, Row, Snapshot, Subject, Week

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ZONE = "America/Argentina/ComodRivadavia"
MANY = 60
BUSY = Week(tuple(Hours(f"1{number}.3167") for number in range(7)))
"""No two days are alike, and none is a whole number of hours: no week has more words."""
PATTERN = Pattern.exactly(dict(BUSY))
SNAPSHOT = Snapshot(tuple(Row(int(day), day, hours or Hours(0)) for day, hours in BUSY), NOW)

ODD = ("", " ", "x" * 80, "&" * 255, "👩‍👩‍👧‍👦" * 40, "*_~`:tada:" * 20, "<!channel>" * 20, "one two " * 100)
names = st.lists(st.text(max_size=300) | st.sampled_from(ODD), min_size=1, max_size=8)


def entries(called: Sequence[str]) -> list[Entry]:
    """So many that every list is full."""
    every = (called[number % len(called)] for number in range(MANY))
    return [
        Entry(Subject("person", number), name, f"{name}@studio.test") for number, name in enumerate(every)
    ]


def who(called: Sequence[str]) -> list[Who]:
    return [Who.of(each) for each in entries(called)]


def plan(number: int) -> Plan:
    return Plan(
        id=f"p{number}", batch="b", team_id="T", planner="U0OLIVIA", subject=Subject("person", number),
        pattern=PATTERN, expected=dict(Week()), first=TODAY, last=TODAY, zone=ZONE, at=NOW,
    )  # fmt: skip


def all_plans() -> list[Plan]:
    return [plan(number) for number in range(MANY)]


def act(state: State, *, many: int = 1) -> Act:
    changes = tuple(
        Change(
            id=f"c{number}", act_id="a", team_id="T", subject=Subject("person", number), pattern=PATTERN,
            state=state, at=NOW, before=Week(), wanted=BUSY,
            found=BUSY if state is State.APPLIED else Week(),
            trouble=Trouble(TroubleCode.CONFLICT, description=" ".join(day.short for day in ALL_DAYS)),
        )
        for number in range(many)
    )  # fmt: skip
    return Act("a", "T", "U0OLIVIA", Kind.BULK if many > 1 else Kind.SET, NOW, Place("dm"), {}, changes)


def petition(*wanted: Wanted) -> Petition:
    return Petition(
        id="p", asker="U0ANA", asked=("U0OLIVIA",), wanted=wanted, undoes=None, first=TODAY, last=TODAY,
        text="", state="open", at=NOW, ends_at=NOW, decided_by=None,
    )  # fmt: skip


def reminder() -> Reminder:
    return Reminder(
        id="r", team_id="T", owner="U0MIA", kind=ReminderKind.BOARD, channel="C0STUDIO", group="S1",
        schedule=Schedule(Weekly(ALL_DAYS), time(9), ZONE), span="week", state=ReminderState.ACTIVE,
        paused_until=None, failures=0, reason="", failing_since="", next_at=NOW, at=NOW,
    )  # fmt: skip


def run() -> Run:
    people = tuple(Invited(f"U{number}", Subject("person", number), BUSY) for number in range(MANY))
    return Run("r:2", "T", "r", TODAY, NOW, RunState.POSTED, "C0STUDIO", people=people)


def board(called: Sequence[str]) -> boards.Board:
    return boards.Board(tuple(boards.Line(each, SNAPSHOT) for each in who(called)), TODAY, "who", NOW)


def people(called: Sequence[str]) -> tuple[SlackPerson, ...]:
    return tuple(
        SlackPerson(f"U{number}", each.name, each.email) for number, each in enumerate(entries(called))
    )


def by_subject(called: Sequence[str]) -> dict[Subject, Who]:
    return {each.subject: each for each in who(called)}


def overview(called: Sequence[str], *, free: bool) -> Reply:
    every = tuple(entries(called))
    found = Overview((), people(called), every[:3] if free else (), every, every)
    return links.overview(found, note="", command="/hours")


def several(called: Sequence[str]) -> Reply:
    asked = Asked(Verb.SET, (Quoted(called[0]),), PATTERN)
    return problems.several(called[0], entries(called), asked=asked)


def dry_run(called: Sequence[str]) -> Reply:
    lines = tuple(dryruns.Line(each, Week(), BUSY) for each in who(called))
    same = tuple(dryruns.Line(each, BUSY, BUSY) for each in who(called))
    askable = tuple(asking.Askable("d", f"U{number}", name, 3) for number, name in enumerate(called[:3]))
    refused = tuple(who(called))
    dry = dryruns.DryRun(pattern=PATTERN, lines=lines + same, refused=refused, askable=askable)
    return dryruns.message(dry, "draft")


def plan_list(called: Sequence[str]) -> Reply:
    found = all_plans()
    subjects = [each.subject for each in found]
    whose = ",".join(each.key for each in subjects * 5)
    return plans.listing(
        found, by_subject(called), changeable=subjects, reader="U0ANA", whose=whose, command="/hours"
    )


def left(called: Sequence[str]) -> Reply:
    some = entries(called)[:10]
    scopes = {each.subject.key: each for each in some}
    return leavers.left(leavers.Left("U0TOM", called[0], some, some, some, [*scopes], scopes), None)


def grants(called: Sequence[str]) -> Reply:
    scopes = {each.subject.key: each for each in entries(called)}
    found = [Grant("U0MIA", scope, "U0OLIVIA", NOW) for scope in scopes]
    return managers.grants(found, scopes, admins=["U0OLIVIA"], command="/hours")


def waits(_: Sequence[str]) -> Reply:
    found = act(State.WAITING)
    return waiting.waiting([(found, found.changes[0], True)], reader="U0ANA")


def preview(called: Sequence[str]) -> Reply:
    known = Known({"S1": called[0]}, "hours")
    everybody = [each.name for each in entries(called)]
    return reminders.preview(
        reminder(), known, day=TODAY, people=everybody, left_out={"away": 1}, leave_known=True
    )


def embodied(called: Sequence[str]) -> Reply:
    found = [checkups.Successor(f"U{number}", name, "x") for number, name in enumerate(called)]
    return checkups.embodied(called[0], entries(called)[0], likely="U1", managers=found, command="/hours")


def look(called: Sequence[str]) -> Reply:
    return week.look(
        who(called)[0], SNAPSHOT, note="Read", may_change=True, may_see_history=True, waiting=waits(called)
    )


def looks(called: Sequence[str]) -> Reply:
    return week.looks([(each, SNAPSHOT) for each in who(called)[:10]], note="Read")


def posted(called: Sequence[str], *, span: str, asked: Run | None = None) -> Reply:
    return reminder_boards.board(
        asked or run(), by_subject(called), span=span, notes=(), age=timedelta(hours=1)
    )


def placeholders(called: Sequence[str]) -> Reply:
    lines = [(each, SNAPSHOT) for each in who(called)]
    mine = [each.subject for each, _ in lines[:5]]
    return previews.placeholders(lines, part=called[0], changeable=mine, command="/hours")


def asked_link(called: Sequence[str]) -> Reply:
    return petitions.link(petition(), entries(called)[:3], None, unconfirmed=True, reader="U0OLIVIA")


def asked_many(called: Sequence[str]) -> Reply:
    found = petition(*(Wanted(each.subject, PATTERN, Week(), NOW) for each in who(called)))
    return petitions.change(found, by_subject(called), reader="U0OLIVIA", now=NOW)


def news(called: Sequence[str]) -> Reply:
    found = [News(What.FOCUS_EMAIL, "U1", 1, each.name, each.email) for each in entries(called)]
    return checkups.news(found, command="/hours")


def receipt(called: Sequence[str], state: State, *, many: int = 1) -> Reply:
    return receipts.receipt(act(state, many=many), by_subject(called), receipts.Reader("U0OLIVIA", NOW))


def queue(called: Sequence[str], state: State) -> Reply:
    found, reader = act(state, many=MANY), receipts.Reader("U0OLIVIA", NOW)
    return batches.receipt(found, by_subject(called), reader, takes=timedelta(hours=1))


MESSAGES: dict[str, Callable[[Sequence[str]], Reply]] = {
    "a look": look,
    "a table of weeks": lambda called: week.looks(
        [(each, SNAPSHOT) for each in who(called)[:10]], note="Read"
    ),
    "a board of a day": lambda called: boards.day_board(board(called)),
    "a board of a week": lambda called: boards.week_board(board(called)),
    "a shared board of a day": lambda called: boards.shared(board(called), by="x", week=False),
    "a shared board of a week": lambda called: boards.shared(board(called), by="x", week=True),
    "a posted board of a day": lambda called: posted(called, span="day"),
    "a posted board of a week": lambda called: posted(called, span="week"),
    "a reminder's preview": preview,
    "links": lambda called: overview(called, free=True),
    "links without a match": lambda called: overview(called, free=False),
    "several of that name": several,
    "nobody of that name": lambda called: problems.no_such(called[0], command="/hours"),
    "a dry run": dry_run,
    "a plan": lambda called: plans.batch([plan(1)], by_subject(called), reader="U0OLIVIA"),
    "many plans": lambda called: plans.batch(
        [*map(plan, range(MANY))], by_subject(called), reader="U0OLIVIA"
    ),
    "all plans": plan_list,
    "an overlap": lambda called: plans.overlap(plan(1), who(called)[1], reader="U0OLIVIA"),
    "what waits": waits,
    "a leaver": left,
    "grants": grants,
    "the check of the links": news,
    "a placeholder that became a person": embodied,
    "placeholders": placeholders,
    "a question for a link": asked_link,
    "a question for weeks": asked_many,
    "a receipt": lambda called: receipt(called, State.APPLIED, many=10),
    "a conflict": lambda called: receipt(called, State.CONFLICT),
    "a queue": lambda called: queue(called, State.WAITING),
    "a queue's end": lambda called: queue(called, State.APPLIED),
    "an audit": lambda called: batches.audit(act(State.APPLIED, many=MANY), by_subject(called)),
}


@pytest.mark.parametrize("what", MESSAGES)
@settings(max_examples=15)
@given(called=names)
@example(called=["one two " * 100])
def test_a_message_fits_slack_whatever_the_names(what: str, called: list[str]) -> None:
    reply = MESSAGES[what](called)
    assert check_blocks([block.to_dict() for block in reply.blocks], surface="message") is None
    assert len(reply.text.encode()) <= LONGEST_EDIT


def test_a_text_is_cut_between_words_and_not_within_a_mention() -> None:
    assert Reply("two words " * 500).text.endswith("two words two words And more.")
    for number in range(20):
        said = Reply(f"{'x' * number} {'<@U0ANA>, ' * 500}").text
        assert said.strip("x ").replace("<@U0ANA>, ", "") == "<@U0ANA> And more."
    assert len(Reply("山" * 4000).text.encode()) <= LONGEST_EDIT


def each_on_other_days(called: Sequence[str]) -> Reply:
    """More groups than a message has room for paragraphs."""
    weeks = [Week(tuple(Hours(number >> day & 1) for day in range(7))) for number in range(MANY)]
    some = tuple(replace(each, week=week) for each, week in zip(run().people, weeks, strict=True))
    return posted(called, span="week", asked=replace(run(), people=some))


def many_changed(_: Sequence[str]) -> Reply:
    """Hundreds of weeks, no two of them alike."""
    found = act(State.APPLIED, many=300)
    weeks = [Week(tuple(Hours(f"{day}.{number:03}") for day in range(7))) for number in range(300)]
    changes = [replace(each, found=week) for each, week in zip(found.changes, weeks, strict=True)]
    whose = {
        each.subject: Who.of(Entry(each.subject, f"Person {number}", "x@studio.test"))
        for number, each in enumerate(changes)
    }
    return batches.receipt(
        replace(found, changes=tuple(changes)), whose, receipts.Reader("U0OLIVIA", NOW), takes=timedelta()
    )


def many_on_a_board(called: Sequence[str]) -> Reply:
    at_work = run().people * 20
    at_home = tuple(replace(each, week=Week()) for each in at_work)
    return posted(called, span="day", asked=replace(run(), people=at_work + at_home))


@pytest.mark.parametrize("made", [many_changed, many_on_a_board])
def test_all_blocks_together_fit_slack_however_many_people(made: Callable[[Sequence[str]], Reply]) -> None:
    blocks = [block.to_dict() for block in made(["Person with a Name"]).blocks]
    assert LONGEST_BLOCKS / 2 < length(blocks) <= LONGEST_BLOCKS


LISTS = {
    what: MESSAGES[what]
    for what in (
        "a board of a day",
        "a shared board of a day",
        "a shared board of a week",
        "a posted board of a day",
        "a posted board of a week",
        "a reminder's preview",
        "placeholders",
        "an audit",
        "many plans",
    )
} | {"a posted board of many groups": each_on_other_days}


@pytest.mark.parametrize("letters", ["", "x" * 60, "&" * 60], ids=["short", "long", "escaped"])
@pytest.mark.parametrize("what", LISTS)
def test_whoever_is_not_named_is_counted(what: str, letters: str) -> None:
    called = [f"Person {number:03} {letters}" for number in range(MANY)]
    shown = json.dumps([block.to_dict() for block in LISTS[what](called).blocks], ensure_ascii=False)
    more = sum(map(int, re.findall(r"\b([0-9]+) more\b", shown)))
    expected = boards.PAGE if what == "a board of a day" else MANY
    assert len(set(re.findall(r"Person [0-9]{3}", shown))) + more == expected


def page(called: Sequence[str]) -> View:
    every = who(called)
    working = [(each, Hours("7.3167")) for each in every]
    team = home.Team(
        working=working,
        off=every,
        unset=every,
        away=every,
        unread=every,
        unconfirmed=every,
        linked=99,
        leave_known=True,
    )
    mine = home.Mine(
        entry=entries(called)[0], snapshot=SNAPSHOT, confirmed=NOW, acts=[act(State.APPLIED)] * 3,
        planned=plans.coming(all_plans(), command="/hours"), waiting=waits(called).blocks,
        may_change=True,
    )  # fmt: skip
    deeds = [home.Deed(act(State.APPLIED, many=MANY), by_subject(called))] * 3
    return home.page(mine, deeds=deeds, team=team, todos=(), reader="U0ANA", now=NOW, command="/hours")


def edit(called: Sequence[str]) -> View:
    started = editor.start(Subject("person", 1), SNAPSHOT, today=TODAY)
    return editor.build(started, who(called)[1], command="/hours", note="Read", waiting=waits(called).blocks)


FORMS: dict[str, Callable[[Sequence[str]], View]] = {
    "Home": page,
    "the editor": edit,
    "the form of a plan": lambda called: form.build(plan(1), who(called)[1], today=TODAY),
    "the picker of a link": lambda called: links.build(people(called)[0], chosen=entries(called)[0]),
}


@pytest.mark.parametrize("what", FORMS)
@settings(max_examples=15)
@given(called=names)
@example(called=["one two " * 100])
def test_a_form_fits_slack_whatever_the_names(what: str, called: list[str]) -> None:
    assert check_view(FORMS[what](called).to_dict()) is None


def test_a_command_too_long_for_a_button_is_not_offered_by_its_beginning() -> None:
    long, short = f"set {'<@U0ANA> ' * 300}fri 12", "set fri 12"
    found = Problem("?", suggestions=(Suggestion("All of them", long), Suggestion("Yours", short)))
    offered = [block.to_dict() for block in problems.problem(found, command="/hours").blocks]
    assert [button["value"] for button in offered[1]["elements"]] == [short]
    for typed in (long, short):
        (asked,) = asking.ask_for_link("p", typed=typed, name="Olivia")
        (button,) = asked.to_dict()["elements"]
        assert button["value"] == f"p {'' if typed == long else typed}"
