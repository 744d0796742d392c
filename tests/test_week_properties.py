"""Weeks, patterns and steps, whatever they are: the diff leads exactly to what was wanted, and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.act import Act, Change, Days, Kind, Place, State
from store.changing.decision import Obstacle, Proceed, decide
from store.codec import (
    days_from_json,
    days_to_json,
    pattern_from_json,
    pattern_to_json,
    week_from_json,
    week_to_json,
)
from store.trouble import Trouble, TroubleCode
from store.week import (
    ALL_DAYS,
    OFF,
    Clause,
    DayNamedTwiceError,
    Pattern,
    Row,
    Snapshot,
    Steps,
    Subject,
    Week,
    Weekday,
    kept,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

digits = st.decimals(min_value=0, max_value=24, allow_nan=False, allow_infinity=False) | st.decimals(
    min_value=0, max_value=24, places=4
)
hours = st.none() | st.just(OFF) | digits
weeks = st.builds(Week, st.tuples(*[hours] * 7))
some_days = st.lists(st.sampled_from(ALL_DAYS), unique=True).map(tuple)
clauses = st.builds(Clause, st.none() | some_days, hours)
patterns = st.builds(Pattern, st.lists(clauses, max_size=4).map(tuple), only=st.booleans())
days = st.dictionaries(st.sampled_from(ALL_DAYS), hours)


@st.composite
def snapshots(draw: st.DrawFn, *, doubled: bool = False) -> Snapshot:
    """Rows in any order, with ids that tell nothing; days may have two."""
    named = draw(st.lists(st.sampled_from(ALL_DAYS), unique=not doubled, max_size=10))
    ids = draw(st.lists(st.integers(1, 10**12), unique=True, min_size=len(named), max_size=len(named)))
    return Snapshot(tuple(Row(id_, day, draw(digits)) for id_, day in zip(ids, named, strict=True)), NOW)


def performed(seen: Snapshot, steps: Steps) -> Snapshot:
    """What Focus has after these calls, if it takes them; a second row for a day would be refused."""
    taken = [row.day for row in seen.rows]
    assert not set(steps.create) & set(taken)
    rows = {row.id: row for row in seen.rows}
    assert {row.id for row in (*steps.update, *steps.delete)} <= set(rows)
    new = [Row(-day, day, amount) for day, amount in steps.create.items()]
    rows |= {row.id: row for row in steps.update}
    gone = {row.id for row in steps.delete}
    return replace(seen, rows=(*(row for row in rows.values() if row.id not in gone), *new))


def exact(week: Week) -> list[str]:
    """With every digit: ``8.0`` is not ``8`` here."""
    return [str(amount) for amount in week.days]


@given(snapshots(), weeks)
def test_steps_lead_exactly_to_what_was_wanted(seen: Snapshot, wanted: Week) -> None:
    """They touch no day that is so already, and there are none when nothing differs."""
    steps = seen.steps_to(wanted)
    done = performed(seen, steps)
    assert done.week == wanted
    touched = {*steps.create, *(row.day for row in (*steps.update, *steps.delete))}
    assert touched == set(seen.week.differing(wanted))
    assert bool(steps) == (seen.week != wanted)
    assert not done.doubled


@given(snapshots(doubled=True), weeks, some_days)
def test_of_doubled_days_only_those_named_are_mended(
    seen: Snapshot, wanted: Week, named: tuple[Weekday, ...]
) -> None:
    done = performed(seen, seen.steps_to(wanted, repair=named))
    assert done.week == wanted
    untouched = set(seen.doubled) - set(named) - set(seen.week.differing(wanted))
    assert set(done.doubled) == untouched


@given(patterns, weeks)
def test_a_pattern_changes_what_it_names(pattern: Pattern, week: Week) -> None:
    """Other days stay to the digit; with *only*, the set ones are off. Naming a day twice is refused."""
    spoken = [
        day
        for clause in pattern.clauses
        for day in (week.worked_days if clause.days is None else clause.days)
    ]
    if len(spoken) > len(set(spoken)):
        with pytest.raises(DayNamedTwiceError) as caught:
            pattern.on(week)
        assert spoken.count(caught.value.day) > 1
        return
    named = pattern.named(week)
    assert set(named) == set(spoken)
    done = pattern.on(week)
    for day, amount in week:
        if day in named:
            assert done[day] == named[day]
        elif pattern.only and amount is not None:
            assert done[day] == OFF
        else:
            assert str(done[day]) == str(amount)
    assert Pattern.exactly(named).on(week) == replace(pattern, only=False).on(week)


@given(weeks, patterns, days)
def test_what_the_journal_keeps_is_exact(week: Week, pattern: Pattern, some: dict[Weekday, Decimal]) -> None:
    """Through JSON text and back, with every digit of every hour."""

    def kept(value: object) -> Any:
        return json.loads(json.dumps(value))

    again = week_from_json(kept(week_to_json(week)))
    assert again is not None
    assert exact(again) == exact(week)
    assert str(pattern_from_json(kept(pattern_to_json(pattern)))) == str(pattern)
    assert str(days_from_json(kept(days_to_json(some)))) == str(some)
    trouble = Trouble(TroubleCode.BUSY, "Fri", "abc", NOW)
    assert Trouble.from_json(kept(trouble.to_json())) == trouble


@given(snapshots(), patterns)
def test_undo_restores_every_digit(seen: Snapshot, pattern: Pattern) -> None:
    """Plan, perform, plan back, perform: days not touched never move, touched ones are as they were."""
    first = decide(change_to(pattern), seen, repair=False)
    if isinstance(first, Obstacle):
        assert first.trouble.code == "day_twice"
        return
    after = performed(seen, first.steps)
    done = replace(first.change, state=State.APPLIED)
    assert done.before is not None
    assert done.wanted is not None
    back = change_to(Pattern.exactly(done.before.only(done.written)), expected=done.wanted.only(done.written))
    second = decide(back, after, repair=False)
    assert isinstance(second, Proceed)
    assert exact(performed(after, second.steps).week) == exact(seen.week)


@given(snapshots(), days, days)
def test_a_conflict_is_a_day_that_is_neither_as_seen_nor_as_wanted(
    seen: Snapshot, wanted: dict[Weekday, Decimal], expected: dict[Weekday, Decimal]
) -> None:
    """Only days that the change touches count, and no difference that rounding may have made."""
    decision = decide(change_to(Pattern.exactly(wanted), expected=expected), seen, repair=False)
    week = seen.week
    theirs = [
        day
        for day in wanted
        if day in expected and not any(kept(hours[day], week[day]) for hours in (expected, wanted))
    ]
    if isinstance(decision, Proceed):
        assert not theirs
        assert performed(seen, decision.steps).week == week.replace(wanted)
    else:
        assert decision.trouble.description == " ".join(day.short for day in sorted(theirs))


@given(snapshots(), st.dictionaries(st.sampled_from(ALL_DAYS), digits, min_size=1))
def test_a_second_try_does_what_is_missing(seen: Snapshot, wanted: dict[Weekday, Decimal]) -> None:
    """Whatever part of the first one was written; the change keeps its first *before*."""
    first = decide(change_to(Pattern.exactly(wanted)), seen, repair=False)
    assert isinstance(first, Proceed)
    part = replace(first.steps, delete=(), update=())
    halfway = performed(seen, part)
    second = decide(first.change, halfway, repair=False)
    assert isinstance(second, Proceed)
    assert performed(halfway, second.steps).week == first.target
    assert second.change.before == seen.week
    assert not set(second.steps.create) & set(part.create)


@given(st.integers(0, 10**9), st.sampled_from(["person", "placeholder"]))
def test_a_subject_is_its_key(number: int, kind: str) -> None:
    subject = Subject(kind, number)  # type: ignore[arg-type]  # one of the two
    assert Subject.parse(subject.key) == subject


def test_an_act_can_be_undone_for_a_day() -> None:
    """If it wrote, is settled, was not undone, and repaired nothing."""
    week = Week.of({Weekday.MONDAY: Decimal(8)})
    applied = replace(change_to(Pattern(())), state=State.APPLIED, before=Week(), wanted=week)
    act = Act("a", "T", "U", Kind.SET, NOW, Place("dm"), {}, (applied,))
    assert act.undoable(NOW)
    for spoiled in (
        replace(act, kind=Kind.REPAIR),
        replace(act, undone_by="b"),
        replace(act, at=NOW.replace(day=1)),
        replace(act, changes=(applied, replace(applied, state=State.WAITING))),
        replace(act, changes=(replace(applied, state=State.FAILED, found=Week()),)),
        replace(act, changes=()),
    ):
        assert not spoiled.undoable(NOW)


def change_to(pattern: Pattern, *, expected: Days | None = None) -> Change:
    """A change that has been claimed and nothing more."""
    ana = Subject("person", 501)
    return Change("c", "a", "T", ana, pattern, State.STARTED, NOW, expected=expected)
