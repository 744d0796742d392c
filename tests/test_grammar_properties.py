"""What holds for every text anybody can type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.asked import (
    Asked,
    Channel,
    Ghost,
    Group,
    Here,
    Me,
    Mention,
    Problem,
    Quoted,
    SubjectRef,
    UnescapedMention,
    Verb,
)
from handlers.grammar import (
    command,
    format_hours,
    format_pattern,
    parse,
    parse_hours,
    parse_pattern,
    typed_hours,
)
from handlers.grammar.typed import normalised
from store.week import ALL_DAYS, Clause, Pattern, Weekday

VOCABULARY = """
set only clear edit look link managers grant everyone history undo me my please
mon mon-thu fri-mon tue, workdays weekend 8 7.30 7,5 7h30 9-17 -8 25 off none ½
not and to from until starting on 2027-01-01 1.2.2027 jan 2027 tomorrow today
next week , - : ; . ? ! … " “ ” '
<@U1|ana> <@U2> <!here> <!subteam^S1|@d> <#C1|studio> <@ > &amp; &lt; @ana @here ghost:7 designer foo’s 🙂 ß İ
"""
PIECES = st.sampled_from(VOCABULARY.split())
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=9).map(" ".join))

HOURS = st.one_of(
    st.integers(0, 24).map(Decimal),
    st.integers(0, 2400).map(lambda hundredths: Decimal(hundredths) / 100),
    st.integers(0, 24 * 60).map(lambda minutes: (Decimal(minutes) / 60).quantize(Decimal("0.0001"))),
)
"""Whatever can be typed: whole hours, two decimals, minutes."""


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """A pattern that names no day twice."""
    left = draw(st.permutations(ALL_DAYS))
    clauses: list[Clause] = []
    while left and (not clauses or draw(st.booleans())):
        count = draw(st.integers(1, len(left)))
        days: tuple[Weekday, ...] = tuple(sorted(left[:count]))
        clauses.append(Clause(days, draw(HOURS)))
        left = left[count:]
    if draw(st.booleans()):
        clauses.insert(draw(st.integers(0, len(clauses))), Clause(None, draw(HOURS)))
    return Pattern(tuple(clauses), only=draw(st.booleans()))


NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='"“”„‟«»＂'), min_size=1)
SUBJECTS: st.SearchStrategy[SubjectRef] = st.one_of(
    st.just(Me()),
    st.builds(Mention, st.from_regex(r"[UW][A-Z0-9]{1,10}", fullmatch=True), NAMES),
    st.builds(Group, st.from_regex(r"S[A-Z0-9]{1,10}", fullmatch=True)),
    st.builds(Channel, st.from_regex(r"C[A-Z0-9]{1,10}", fullmatch=True)),
    st.builds(Here, st.sampled_from(["here", "channel", "everyone"])),
    st.builds(Ghost, st.integers(0, 10**18 - 1)),
    st.builds(Quoted, st.lists(NAMES, min_size=1, max_size=3).map(" ".join)),
    st.builds(
        UnescapedMention,
        st.from_regex(r"[a-z]{2,}[0-9]?", fullmatch=True).filter(
            lambda name: name not in ("here", "channel", "everyone")
        ),
    ),
)
DATES = st.one_of(
    st.sampled_from(["", "today", "tomorrow", *(day.name.lower() for day in ALL_DAYS)]),
    st.dates().map(date.isoformat),
)
OWNERS = st.lists(SUBJECTS, min_size=1, max_size=3, unique=True).map(tuple)


def refused(read: Callable[[str], object], text: str) -> Problem | None:
    """The problem that reading the text meets, if any."""
    try:
        read(text)
    except Problem as problem:
        return problem
    return None


@example("+MN")
@example("CLEAR!PLEASE ME")
@example("SET '")
@example("'' MON 8")
@example("'24\" SCREEN' MON 8")
@given(TEXTS)
def test_any_text_is_understood_or_answered(text: str) -> None:
    """Nothing but a problem is raised, and each of its buttons is a command that is understood."""
    for read in (parse, parse_pattern, parse_hours):
        problem = refused(read, text)
        assert problem is None or problem.sentence
        for suggestion in problem.suggestions if problem else ():
            assert 0 < len(suggestion.label) <= 75
            parse(suggestion.command)


@given(TEXTS)
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(TEXTS)
def test_what_is_understood_can_be_said_again(text: str) -> None:
    try:
        asked = parse(text)
    except Problem:
        return
    if asked.verb in (Verb.SET, Verb.CLEAR, Verb.EDIT, Verb.LINK, Verb.UNLINK, Verb.UNDO, Verb.MANAGERS):
        assert parse(command(asked)) == asked


@given(patterns())
def test_a_pattern_survives_being_written(pattern: Pattern) -> None:
    assert parse_pattern(format_pattern(pattern)) == pattern


@given(OWNERS, patterns())
def test_a_command_survives_being_written(owners: tuple[SubjectRef, ...], pattern: Pattern) -> None:
    asked = Asked(Verb.SET, owners, pattern)
    assert parse(command(asked)) == asked


@given(OWNERS, patterns(), DATES, DATES)
def test_dates_survive_being_written(
    owners: tuple[SubjectRef, ...], pattern: Pattern, first: str, last: str
) -> None:
    asked = Asked(Verb.SET, owners, pattern, first=first, last=last)
    assert parse(command(asked)) == asked


@given(TEXTS)
def test_a_date_is_never_dropped(text: str) -> None:
    """What can be understood with a date behind it is dated, and so is every button of what can't."""
    try:
        asked = parse(f"set me {text} from 2027-01-01")
    except Problem as problem:
        offered = (parse(suggestion.command) for suggestion in problem.suggestions)
        assert all(each.first or each.verb not in (Verb.SET, Verb.CLEAR) for each in offered)
    else:
        assert asked.first == "2027-01-01"


@given(HOURS)
def test_hours_survive_being_written(hours: Decimal) -> None:
    assert parse_hours(typed_hours(hours)) == hours
    assert parse_hours(format_hours(hours)) == hours


@given(patterns(), st.from_regex(r"[qx][a-z]{3,8}", fullmatch=True), st.data())
def test_no_word_is_dropped(pattern: Pattern, stranger: str, data: st.DataObject) -> None:
    """A word that means nothing, anywhere among days and hours, is refused and never passed over."""
    words = format_pattern(pattern).split()
    words.insert(data.draw(st.integers(0, len(words))), stranger)
    with pytest.raises(Problem):
        parse("set me " + " ".join(words))


@given(st.from_regex(r"[A-Za-z]{3,10}( [A-Za-z0-9]{1,8}){0,2}", fullmatch=True), patterns())
def test_a_bare_name_never_writes(name: str, pattern: Pattern) -> None:
    text = f"{name} {format_pattern(pattern)}"
    try:
        asked = parse(text)
    except Problem:
        return
    assert asked.verb not in (Verb.SET, Verb.CLEAR) or name.lower().startswith(("set", "clear"))
