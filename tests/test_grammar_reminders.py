"""``remind …``: every piece by example, every schedule said again, and no word passed over."""

from __future__ import annotations

from datetime import time
from typing import Literal
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.asked import Asked, Channel, Group, Problem, Reminding, SubjectRef, Suggestion, Verb
from handlers.grammar import command, parse, parse_rule, typed_rule
from store.reminders import MonthlyWeekday, MonthlyWorkday, ReminderKind, Rule, Span, Weekly
from store.week import ALL_DAYS, WORKWEEK, Weekday

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
TEAM, DESIGNERS = Channel("C1"), Group("S1")
FIRST, LAST = MonthlyWorkday(last=False), MonthlyWorkday(last=True)
NINE = time(9)


def said(text: str) -> Reminding:
    """What a line says of a reminder."""
    reminding = parse(f"remind {text}").reminding
    assert reminding
    return reminding


def refused(text: str) -> Problem:
    with pytest.raises(Problem) as caught:
        parse(f"remind {text}")
    return caught.value


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("mon", Weekly((MON,))),
        ("Mondays", Weekly((MON,))),
        ("every monday", Weekly((MON,))),
        ("on Mon, Wed and Fri", Weekly((MON, WED, FRI))),
        ("mon/wed", Weekly((MON, WED))),
        ("mon-wed, fri", Weekly((MON, TUE, WED, FRI))),
        ("mon to fri", Weekly(WORKWEEK)),
        ("weekdays", Weekly(WORKWEEK)),
        ("workdays", Weekly(WORKWEEK)),
        ("every weekday", Weekly(WORKWEEK)),
        ("weekends", Weekly((SAT, SUN))),
        ("every day", Weekly(ALL_DAYS)),
        ("daily", Weekly(ALL_DAYS)),
        ("first workday", FIRST),
        ("the 1st working day of the month", FIRST),
        ("first business day of each month", FIRST),
        ("first weekday", FIRST),
        ("last workday", LAST),
        ("2nd tue", MonthlyWeekday(2, TUE)),
        ("the second Tuesday of every month", MonthlyWeekday(2, TUE)),
        ("every second tuesday of the month", MonthlyWeekday(2, TUE)),
        ("5th fri", MonthlyWeekday(5, FRI)),
        ("last fri", MonthlyWeekday(-1, FRI)),
    ],
)
def test_when(text: str, rule: Rule) -> None:
    assert said(text).rule == rule
    assert parse_rule(text) == rule
    assert parse(f"remind {text}").action == ""


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("mon", None),
        ("mon 9", NINE),
        ("mon at 9", NINE),
        ("mon 9:00", NINE),
        ("mon 09:00", NINE),
        ("mon 9.00", NINE),
        ("mon 9h00", NINE),
        ("mon 9 am", NINE),
        ("mon 9 Uhr", NINE),
        ("9:00 mon", NINE),
        ("2nd tue 8:45", time(8, 45)),
        ("mon 5pm", time(17)),
        ("mon 12 am", time(0)),
        ("mon 12 pm", time(12)),
        ("mon noon", time(12)),
        ("mon 23:59", time(23, 59)),
    ],
)
def test_the_time(text: str, at: time | None) -> None:
    assert said(text).at == at


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("mon 9:00", ""),
        ("mon 9:00 Europe/Berlin", "Europe/Berlin"),
        ("mon 9:00 europe/BERLIN", "Europe/Berlin"),
        ("mon 9:00 America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("mon 9:00 Berlin", "Europe/Berlin"),
        ("mon 9:00 New York", "America/New_York"),
        ("mon 9:00 in new_york", "America/New_York"),
        ("mon 9:00 UTC", "UTC"),
    ],
)
def test_the_zone(text: str, zone: str) -> None:
    assert said(text).zone == zone


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("mon", "", ""),
        ("mon check", "check", ""),
        ("check-in mon", "check", ""),
        ("board mon", "board", "day"),
        ("mon board today", "board", "day"),
        ("mon board week", "board", "week"),
        ("board of the week mon", "board", "week"),
    ],
)
def test_what_it_does(text: str, kind: str, span: str) -> None:
    assert (said(text).kind, said(text).span) == (kind, span)


def test_a_channel_and_a_group() -> None:
    asked = parse("remind <!subteam^S1|@designers> in <#C1|team> weekdays 8:45 Berlin board week, please.")
    reminding = Reminding(Weekly(WORKWEEK), time(8, 45), "Europe/Berlin", ReminderKind.BOARD, "week")
    assert asked == Asked(Verb.REMIND, (TEAM, DESIGNERS), reminding=reminding)


@pytest.mark.parametrize("text", ["", "<#C1|team>", "board", "9:00", "Europe/Berlin", "form mon 9:00 check"])
def test_what_is_not_whole_asks_for_the_form(text: str) -> None:
    assert parse(f"remind {text}").action == "form"


def test_the_usual_check_needs_no_day() -> None:
    assert parse("remind check").action == ""


@pytest.mark.parametrize(
    ("text", "sentence", "buttons"),
    [
        ("modnay 9:00", "Is it Monday?", ["remind mon 9:00"]),
        ("mon 9:00 Europe/Berln", "don’t know the time zone", ["remind mon 9:00 Europe/Berlin"]),
        ("mon 9:00 CET", "“CET” is not a place", ["remind form mon 9:00"]),
        ("mon 9:00 utc+1", "“UTC+1” is not a place", ["remind form mon 9:00"]),
        (
            "mon Louisville",
            "Which time zone?",
            ["remind mon America/Kentucky/Louisville", "remind mon America/Louisville"],
        ),
        ("mon UTC Asia/Tokyo", "one time zone", ["remind mon UTC", "remind mon Asia/Tokyo"]),
        ("mon UTC tokyo", "Which time zone?", ["remind mon UTC", "remind mon Asia/Tokyo"]),
        ("mon 9:00 10:00", "one time. Which?", ["remind mon 9:00", "remind mon 10:00"]),
        ("mon 9-17", "one time, not “9-17”", ["remind form"]),
        ("mon 25:00", "not a time of day", ["remind form"]),
        ("mon 13 pm", "not a time of day", ["remind form"]),
        ("every second monday", "I can’t do “every second monday”", ["remind 2nd mon"]),
        ("every other week 9:00", "I can’t do “every other week”", ["remind mon 9:00", "remind fri 9:00"]),
        ("monthly", "I can’t do “monthly”", ["remind first workday", "remind last workday"]),
        ("15th", "Which day is “15th”?", ["remind first workday", "remind last workday"]),
        ("last day of the month", "Which day is", ["remind first workday", "remind last workday"]),
        ("2nd and 4th tue", "makes two reminders", ["remind form"]),
        ("first mon last fri", "One day of the month", ["remind 1st mon", "remind last fri"]),
        ("mon first workday", "Every week, or once a month?", ["remind form first workday"]),
        ("check board mon", "does one thing", ["remind mon check", "remind mon board day"]),
        ("tomorrow", "takes no single date", ["remind form"]),
        ("mon 2027-01-01", "takes no single date", ["remind form"]),
        ("me mon", "not to one person", ["remind form mon"]),
        ("<@U1|ana> mon", "not to one person", ["remind form mon"]),
        ('"Designer 1" mon', "not to one person", ["remind form mon"]),
        ("<!here> mon", "never @here", ["remind form mon"]),
        ("#team mon", "which channel “#team” is", ["remind form"]),
        ("@designers mon", "who “@designers” is", ["remind form"]),
        ("<#C1|a> <#C2|b> mon", "One #channel", ["remind form"]),
        ("general mon 9:00", "“general” in a reminder. A channel is picked with #", ["remind form 9:00"]),
        ("mon frobnicate", "“frobnicate” in a reminder", ["remind form"]),
        ("mon, not fri", "“not” in a reminder", ["remind form"]),
        ("mon 9:5", "two digits", ["remind mon 9:05", "remind mon 9:50"]),
    ],
)
def test_what_is_asked_back(text: str, sentence: str, buttons: list[str]) -> None:
    problem = refused(text)
    assert sentence in problem.sentence
    offered = [suggestion.command for suggestion in problem.suggestions]
    assert offered[: len(buttons)] == buttons
    for each in offered:
        assert parse(each).verb is Verb.REMIND


@pytest.mark.parametrize("text", ["", "9:00", "mon 9:00", "tuesdayish", "mon Europe/Berlin", "mon check"])
def test_the_forms_field_takes_days_only(text: str) -> None:
    with pytest.raises(Problem):
        parse_rule(text)


def test_reminders_are_listed_for_one_channel_or_all() -> None:
    assert parse("reminders") == Asked(Verb.REMINDERS)
    assert parse("reminders <#C1|team>") == Asked(Verb.REMINDERS, (TEAM,))
    for text in ("reminders foo", "reminders <@U1>", "reminders <#C1> <#C2>"):
        with pytest.raises(Problem):
            parse(text)


# ------------------------------------------------------------------ what holds for every schedule

RULES: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Weekly, st.sets(st.sampled_from(ALL_DAYS), min_size=1).map(sorted).map(tuple)),
    st.builds(MonthlyWorkday, last=st.booleans()),
    st.builds(MonthlyWeekday, st.sampled_from([1, 2, 3, 4, 5, -1]), st.sampled_from(ALL_DAYS)),
)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
ZONES = st.sampled_from(sorted(each for each in available_timezones() if "/" in each or each == "UTC"))
KINDS: st.SearchStrategy[tuple[ReminderKind | Literal[""], Span | Literal[""]]] = st.sampled_from(
    [("", ""), (ReminderKind.CHECK, ""), (ReminderKind.BOARD, "day"), (ReminderKind.BOARD, "week")]
)
PLACES: st.SearchStrategy[tuple[SubjectRef, ...]] = st.sampled_from(
    [(), (TEAM,), (DESIGNERS,), (TEAM, DESIGNERS)]
)
VOCABULARY = """
first last 2nd 5th workday mon mon-fri tue, every other week monthly of month to and - / :
9 9:00 5pm 9-17 25:00 at Europe/Berlin berlin CET utc check board week today
form me tomorrow <#C1|a> <#C2> <!here> @x #y foo
"""
LINES = st.lists(st.sampled_from(VOCABULARY.split()), max_size=8).map(" ".join)


@st.composite
def reminders(draw: st.DrawFn) -> Asked:
    """A reminder that says when, and as much of the rest as it likes."""
    kind, span = draw(KINDS)
    at, zone = draw(st.none() | TIMES), draw(st.just("") | ZONES)
    reminding = Reminding(draw(RULES), at, zone, kind, span)
    return Asked(Verb.REMIND, draw(PLACES), action=draw(st.sampled_from(["", "form"])), reminding=reminding)


@given(reminders())
def test_a_reminder_survives_being_written(asked: Asked) -> None:
    assert parse(command(asked)) == asked


@given(RULES)
def test_a_rule_survives_being_written(rule: Rule) -> None:
    assert parse_rule(typed_rule(rule)) == rule


@given(reminders(), st.data())
def test_the_order_of_its_pieces_does_not_matter(asked: Asked, data: st.DataObject) -> None:
    reminding = asked.reminding
    assert reminding
    assert reminding.rule
    pieces = [typed_rule(reminding.rule), reminding.zone, f"{reminding.kind} {reminding.span}"]
    if reminding.at:
        pieces.append(f"{reminding.at:%H:%M}")
    line = " ".join(["remind", *data.draw(st.permutations(pieces))])
    assert parse(line).reminding == reminding


@given(reminders(), st.from_regex(r"[qx][a-z]{3,8}", fullmatch=True), st.data())
def test_no_word_is_passed_over(asked: Asked, stranger: str, data: st.DataObject) -> None:
    words = command(asked).split()
    words.insert(data.draw(st.integers(1, len(words))), stranger)
    with pytest.raises(Problem):
        parse(" ".join(words))


@given(LINES)
def test_any_line_is_understood_or_answered(text: str) -> None:
    """Each button of an answer is a command that is understood, and reads as its label fits."""
    try:
        asked = parse(f"remind {text}")
    except Problem as problem:
        suggestions = problem.suggestions
    else:
        suggestions = (Suggestion("the same", command(asked)),)
        assert parse(command(asked)) == asked
    assert suggestions
    for suggestion in suggestions:
        assert 0 < len(suggestion.label) <= 75
        assert parse(suggestion.command).verb is Verb.REMIND
