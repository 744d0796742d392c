"""However many people, and whatever becomes of them: what is shown fits Slack and names everybody it can."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.sandbox.slack.blockkit import check_blocks
from handlers.asked import Asked, Mention, Problem, Verb
from handlers.grammar import parse, parse_day_changes
from handlers.views import batches, dryruns
from handlers.views.lists import about
from handlers.views.receipts import Reader
from handlers.views.week import Who
from store.act import Act, Change, Kind, Place, State
from store.trouble import Trouble, TroubleCode
from store.week import ALL_DAYS, OFF, WORKWEEK, Clause, Pattern, Subject, Week, Weekday

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FRI = Weekday.FRIDAY
MANY = range(300)
PATTERN = Pattern((Clause((FRI,), OFF),))
READER = Reader("U0OLIVIA", NOW)


def who(number: int) -> Who:
    label = f"<@U0CROWD{number:04d}>" if number % 2 else f"*{'Very Long Name &amp; Co ' * 3}{number}*"
    return Who(Subject("person", number), label, f"Person {number}", linked=bool(number % 2))


def week(number: int) -> Week:
    """No two are the same."""
    return Week.of({**dict.fromkeys(WORKWEEK, Decimal(8)), FRI: Decimal(number + 1) / 100})


def act(*states: State, kind: Kind = Kind.BULK, trouble: Trouble | None = None) -> Act:
    changes = tuple(
        Change(
            id=f"c{number}",
            act_id="a",
            team_id="T",
            subject=Subject("person", number),
            pattern=PATTERN,
            state=states[number % len(states)],
            at=NOW,
            before=week(number),
            wanted=week(number).replace({FRI: OFF}),
            found=None if states[number % len(states)] is State.APPLIED else week(number),
            trouble=trouble,
        )
        for number in MANY
    )
    return Act("a", "T", "U0OLIVIA", kind, NOW, Place("dm"), {}, changes)


NAMES = {Subject("person", number): who(number) for number in MANY}


@pytest.mark.parametrize("kind", [Kind.BULK, Kind.UNDO, Kind.REDO])
@pytest.mark.parametrize(
    "states",
    [
        (State.APPLIED,),
        (State.FAILED,),
        (State.CONFLICT,),
        (State.APPLIED, State.UNCHANGED, State.FAILED, State.CONFLICT, State.CANCELLED, State.PARTIAL),
        (State.WAITING,),
        (State.APPLIED, State.CONFLICT, State.FAILED, State.STARTED, State.UNCLEAR),
    ],
)
def test_the_message_of_a_queue_fits_slack(kind: Kind, states: tuple[State, ...]) -> None:
    trouble = Trouble(TroubleCode.REJECTED, description="x" * 300)
    for each in (act(*states, kind=kind), act(*states, kind=kind, trouble=trouble)):
        reply = batches.receipt(each, NAMES, READER, takes=timedelta(minutes=20))
        assert check_blocks([block.to_dict() for block in reply.blocks], surface="message") is None
        assert len(reply.text) < 4000
        line = batches.audit(replace(each, undone_by="u", undone_by_actor="U0MIA"), NAMES)
        assert check_blocks([block.to_dict() for block in line.blocks], surface="message") is None


@pytest.mark.parametrize("unread", [False, True])
def test_a_dry_run_of_three_hundred_fits_slack(*, unread: bool) -> None:
    lines = [
        dryruns.Line(who(number)) if unread else dryruns.Line(who(number), week(number), Week())
        for number in MANY
    ]
    everybody = tuple(f"<@U{number:08d}>" for number in MANY)
    dry = dryruns.DryRun(
        pattern=PATTERN,
        lines=tuple(lines),
        oldest=timedelta(days=9),
        takes=timedelta(hours=2),
        refused=tuple(map(who, MANY)),
        who_can=("U0OLIVIA",),
        unlinked=everybody,
        gone=everybody,
        elsewhere=everybody,
        problems=("x" * 200,) * 50,
    )
    reply = dryruns.message(dry, "draft")
    assert check_blocks([block.to_dict() for block in reply.blocks], surface="message") is None
    assert len(reply.text) < 4000
    view = dryruns.view(dry, "draft", title="Many weeks", external_id=None).to_dict()
    assert check_blocks(view["blocks"], surface="modal") is None
    assert view["submit"]["text"] == "Apply to 300"


def test_what_a_draft_keeps_comes_back_exactly() -> None:
    exact = week(1).replace({FRI: Decimal("7.3333"), Weekday.MONDAY: None})
    lines = (dryruns.Line(who(1), exact, Week()), dryruns.Line(who(2)), dryruns.Line(who(3), exact, exact))
    pattern = Pattern((Clause((FRI,), Decimal("7.50")), Clause(None, None), Clause((FRI,), OFF, if_set=True)))
    kept = dryruns.kept(dryruns.DryRun(pattern=pattern, lines=lines))
    back, weeks = dryruns.restored(kept)
    assert str(back) == str(pattern)
    assert weeks == {Subject("person", 1): dict(exact), Subject("person", 2): None}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0.2, "under a minute"),
        (1, "about 1 min"),
        (59, "about 59 min"),
        (60, "about 1 h"),
        (112, "about 1 h 50"),
        (118, "about 2 h"),
        (600, "about 10 h"),
    ],
)
def test_a_time_is_said_no_more_exactly_than_it_is_known(minutes: float, words: str) -> None:
    assert about(timedelta(minutes=minutes)) == words


# ------------------------------------------------------------------ the grammar of it


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("+fri 8", Pattern((Clause((FRI,), Decimal(8)),))),
        ("-fri", Pattern((Clause((FRI,), OFF, if_set=True),))),
        ("– Fri", Pattern((Clause((FRI,), OFF, if_set=True),))),
        ("remove friday", Pattern((Clause((FRI,), OFF, if_set=True),))),
        ("Add Friday 7h30.", Pattern((Clause((FRI,), Decimal("7.5")),))),
        (
            "+sat, sun 4 -mon-wed",
            Pattern((Clause(ALL_DAYS[5:], Decimal(4)), Clause(ALL_DAYS[:3], OFF, if_set=True))),
        ),
    ],
)
def test_days_are_added_and_removed(text: str, pattern: Pattern) -> None:
    assert parse_day_changes(text) == pattern


@pytest.mark.parametrize(
    "text",
    ["", "fri 8", "+", "-", "+8", "-8", "+fri", "-fri 8", "+fri 8 +fri 4", "+9-17", "+fri 25", "x -fri"],
)
def test_what_is_no_change_of_days_is_asked_back(text: str) -> None:
    with pytest.raises(Problem) as raised:
        parse_day_changes(text)
    assert raised.value.sentence


def test_a_day_that_is_not_set_is_left_alone() -> None:
    assert parse_day_changes("-mon, -tue").on(Week.of({FRI: Decimal(8)})) == Week.of({FRI: Decimal(8)})


def test_bulk_takes_names_and_leads_to_set_with_more() -> None:
    ana = Mention("U0ANA")
    assert parse("bulk <@U0ANA|ana>") == Asked(Verb.BULK, (ana,))
    with pytest.raises(Problem) as raised:
        parse("bulk <@U0ANA|ana> fri 4")
    assert raised.value.suggestions[0].command == "set <@U0ANA|ana> fri 4"
    with pytest.raises(Problem):
        parse("bulk everybody")
