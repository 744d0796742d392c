"""Every clause of the grammar, by example."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

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
    Unquoted,
    Verb,
)
from handlers.grammar import (
    format_days,
    format_hours,
    format_pattern,
    near,
    parse,
    parse_hours,
    parse_pattern,
    typed_hours,
)
from store.week import ALL_DAYS, WORKWEEK, Clause, Pattern, Weekday

ME = Me()
ANA = Mention("U1")
BEN = Mention("U2")


def refused(text: str) -> Problem:
    """The problem that the text is answered with."""
    with pytest.raises(Problem) as caught:
        parse(text)
    return caught.value


def commands(text: str) -> list[str]:
    """What the buttons of the text's problem would run."""
    return [suggestion.command for suggestion in refused(text).suggestions]


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("", (ME,)),
        ("  \u00a0 ", (ME,)),
        ("me", (ME,)),
        ("Me.", (ME,)),
        ("/hours me", (ME,)),
        ("my hours", (ME,)),
        ("show me", (ME,)),
        ("show me my hours, please", (ME,)),
        ("what are my hours?", (ME,)),
        ("what are my hours on monday?", (ME,)),
        ("<@U1|ana>", (ANA,)),
        ("<@U1> <@U2|ben>", (ANA, BEN)),
        ("<@U1|ana>, <@U2|ben> and me", (ANA, BEN, ME)),
        ("<@U1|ana> <@U1>", (ANA,)),
        ("<@W3>", (Mention("W3"),)),
        ("show <@U1|ana>", (ANA,)),
        ("show me <@U1|ana>", (ANA,)),
        ("show me and <@U1|ana>", (ME, ANA)),
        ("look <@U1|ana>", (ANA,)),
        ('"Designer 1"', (Quoted("Designer 1"),)),
        ("“Designer 1”", (Quoted("Designer 1"),)),
        ("„Designer 1“", (Quoted("Designer 1"),)),
        ("‘Designer 1’", (Quoted("Designer 1"),)),
        ('"Q&amp;A – Berlin"', (Quoted("Q&A – Berlin"),)),
        ("ghost:701", (Ghost(701),)),
        ("Ghost: 701", (Ghost(701),)),
        ("designer 1", (Unquoted("designer 1"),)),
        ("sam", (Unquoted("sam"),)),
        ("Frida", (Unquoted("Frida"),)),
        ("+MN", (Unquoted("+MN"),)),
        ("Ana Lindqvist", (Unquoted("Ana Lindqvist"),)),
        ("ana, ben", (Unquoted("ana"), Unquoted("ben"))),
        ("what are ben's hours?", (Unquoted("ben"),)),
        ("look set builder", (Unquoted("set builder"),)),
        ("<!subteam^S1|@designers>", (Group("S1"),)),
        ("<#C1|studio>", (Channel("C1"),)),
        ("<!here>", (Here("here"),)),
        ("@everyone", (Here("everyone"),)),
        ("@ana", (UnescapedMention("ana"),)),
        ("@ana lindqvist", (UnescapedMention("ana lindqvist"),)),
    ],
)
def test_looking(text: str, subjects: tuple[SubjectRef, ...]) -> None:
    assert parse(text) == Asked(Verb.LOOK, subjects)


def test_more_than_fit_beside_each_other_are_for_a_board() -> None:
    ghosts = " ".join(f"ghost:{number}" for number in range(21))
    assert len(parse(ghosts.removesuffix(" ghost:20")).subjects) == 20
    for line in (ghosts, f"look {ghosts}", f"show me {ghosts}"):
        with pytest.raises(Problem, match="20 weeks beside each other at most, and these are 21") as caught:
            parse(line)
        assert [each.command for each in caught.value.suggestions] == [f"who {ghosts} week"]
    for many in (", ".join(f"ana{number}" for number in range(21)), f"{ghosts} " + "<@U1|x> " * 9 + "lars"):
        with pytest.raises(Problem, match="For many there is who") as caught:
            parse(many)
        assert caught.value.suggestions == ()


@pytest.mark.parametrize(
    "text",
    [
        "`/hours set mon 6`", "`set mon 6`", "/hours `set mon 6`", "`/hours` set mon 6", "`set` `mon` 6",
        "```\n/hours set mon 6\n```", "*set* mon 6", "_set mon 6_", "*_set_ mon* 6", "&gt; set mon 6",
        "&gt; `/hours set mon 6`", "• set mon 6", "set _mon_ *6*.",
    ],
)  # fmt: skip
def test_a_command_pasted_as_code_or_with_marks_is_the_command(text: str) -> None:
    assert parse(text) == parse("set mon 6")


def test_marks_in_a_name_are_the_names() -> None:
    for name in ("*Bold* `1`", "_Team_", "> A"):
        assert parse(f'`set "{name}" mon 6`').subjects == (Quoted(name),)
    assert parse("set '*Bold*' mon 6").subjects == (Quoted("*Bold*"),)
    assert parse("my_data").verb is parse("`my_data`").verb is Verb.MY_DATA


def test_what_is_struck_through_is_not_asked_for() -> None:
    for text in ("~set mon 6~", "set mon ~6~"):
        with pytest.raises(Problem):
            parse(text)


def test_a_misspelt_verb_keeps_all_that_follows() -> None:
    with pytest.raises(Problem) as caught:
        parse("*sett* `<@U1> mon 6`")
    assert [each.command for each in caught.value.suggestions] == ["set <@U1> mon 6"]


@pytest.mark.parametrize("line", ['set "" mon 8', "clear “” mon", 'edit " "', '""'])
def test_no_name_between_quotation_marks_is_nobodys(line: str) -> None:
    with pytest.raises(Problem, match="no name between"):
        parse(line)


def test_a_mention_keeps_its_label_for_reading() -> None:
    (ana,) = parse("<@U1|Zoë &amp; Co>").subjects
    assert isinstance(ana, Mention)
    assert ana.label == "Zoë & Co"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("mon-thu 8, fri off", "mon-thu 8, fri off"),
        ("Monday – Thursday 8, Friday OFF!", "mon-thu 8, fri off"),
        ("mo-th 8 fr 0", "mon-thu 8, fri off"),
        ("mon to thu 8", "mon-thu 8"),
        ("from mon through thu 8", "mon-thu 8"),
        ("fri-mon 8", "mon,fri-sun 8"),
        ("mon-mon 8", "mon 8"),
        ("mon,wed,fri 8", "mon,wed,fri 8"),
        ("mon wed fri 8", "mon,wed,fri 8"),
        ("mon and wed 8", "mon,wed 8"),
        ("mon &amp; wed 8", "mon,wed 8"),
        ("mon/wed 8", "mon,wed 8"),
        ("mon-tue, thu 8", "mon-tue,thu 8"),
        ("Mondays 8", "mon 8"),
        ("tues 8 thurs 7", "tue 8, thu 7"),
        ("weekdays 8", "mon-fri 8"),
        ("workdays 8", "workdays 8"),
        ("working days 8, sat 4", "workdays 8, sat 4"),
        ("every day 8", "mon-sun 8"),
        ("daily 8", "mon-sun 8"),
        ("all days off", "mon-sun off"),
        ("weekend off", "sat-sun off"),
        ("mon: 8; tue = 7", "mon 8, tue 7"),
        ("mon8 tue8h", "mon 8, tue 8"),
        ("monday to 8", "mon 8"),
        ("fri is a day off", "fri off"),
        ("8 mon-thu", "mon-thu 8"),
        ("8h on monday", "mon 8"),
        ("8 mon-thu, 4 on fri", "mon-thu 8, fri 4"),
        ("mon 8, tue 7,5", "mon 8, tue 7:30"),
        ("mon 7,5,tue 8", "mon 7:30, tue 8"),
        ("mon 7½", "mon 7:30"),
        ("mon 7h30 tue 7 h 30 min wed 7:30 h", "mon 7:30, tue 7:30, wed 7:30"),
        ("mon 7.25 tue 7.33", "mon 7:15, tue 7.33"),
        ("mon 8 per day from now on", "mon 8"),
        ("mon 24", "mon 24"),
        ("only mon-thu 8", "only mon-thu 8"),
        ("ｍｏｎ ８", "mon 8"),
    ],
)
def test_patterns(text: str, canonical: str) -> None:
    asked = parse(f"set {text}")
    assert asked.subjects == (ME,)
    assert asked.pattern is not None
    assert format_pattern(asked.pattern) == canonical
    assert parse_pattern(canonical) == asked.pattern


def test_a_pattern_is_made_of_days_and_exact_hours() -> None:
    assert parse_pattern("mon,tue 7h20, workdays 7.5, weekend 0") == Pattern(
        (
            Clause((Weekday.MONDAY, Weekday.TUESDAY), Decimal("7.3333")),
            Clause(None, Decimal("7.5")),
            Clause((Weekday.SATURDAY, Weekday.SUNDAY), Decimal(0)),
        )
    )


@pytest.mark.parametrize(
    ("text", "subjects", "pattern"),
    [
        ("set me mon 8", (ME,), "mon 8"),
        ("SET ME MON–THU 8 PLEASE", (ME,), "mon-thu 8"),
        ("please set me mon 8.", (ME,), "mon 8"),
        ("set my monday to 8 hours", (ME,), "mon 8"),
        ("set <@U1|ana> mon 8", (ANA,), "mon 8"),
        ("set <@U1|ana>'s monday to 8", (ANA,), "mon 8"),
        ("set for <@U1|ana> and <@U2|ben>: mon 8", (ANA, BEN), "mon 8"),
        ("set <@U1|ana>, me mon 8", (ANA, ME), "mon 8"),
        ("set only <@U1|ana> mon-thu 8", (ANA,), "only mon-thu 8"),
        ("set <@U1|ana> only mon-thu 8", (ANA,), "only mon-thu 8"),
        ('set "Designer 1" mon 8', (Quoted("Designer 1"),), "mon 8"),
        ("set “Set Builder” mon 8", (Quoted("Set Builder"),), "mon 8"),
        ("set ghost:701 mon 8", (Ghost(701),), "mon 8"),
        ("set <!subteam^S1|@designers> mon 8", (Group("S1"),), "mon 8"),
        ("set <#C1> mon 8", (Channel("C1"),), "mon 8"),
        ("set @here mon 8", (Here("here"),), "mon 8"),
        ("set @ana mon 8", (UnescapedMention("ana"),), "mon 8"),
        ("set @ana's mon 8", (UnescapedMention("ana"),), "mon 8"),
        ("set @ana lindqvist mon 8", (UnescapedMention("ana lindqvist"),), "mon 8"),
    ],
)
def test_setting(text: str, subjects: tuple[SubjectRef, ...], pattern: str) -> None:
    assert parse(text) == Asked(Verb.SET, subjects, parse_pattern(pattern))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("edit", Asked(Verb.EDIT, (ME,))),
        ("edit <@U1|ana>", Asked(Verb.EDIT, (ANA,))),
        ('edit "Designer 1"', Asked(Verb.EDIT, (Quoted("Designer 1"),))),
        ("edit <@U1> from 2027-01-01", Asked(Verb.EDIT, (ANA,), first="2027-01-01")),
        ("edit from next mon until fri", Asked(Verb.EDIT, (ME,), first="monday", last="friday")),
        ("undo", Asked(Verb.UNDO)),
        ("Undo!", Asked(Verb.UNDO)),
        ("history", Asked(Verb.HISTORY, (ME,))),
        ("history <@U1|ana>", Asked(Verb.HISTORY, (ANA,))),
        ("history designer 1", Asked(Verb.HISTORY, (Unquoted("designer 1"),))),
        ("history of Ana", Asked(Verb.HISTORY, (Unquoted("Ana"),))),
        ("ok", Asked(Verb.LOOK, (ME,))),
        ("link", Asked(Verb.LINK, (ME,))),
        ("link <@U1|ana>", Asked(Verb.LINK, (ANA,))),
        ("link <@U1|ana> 501", Asked(Verb.LINK, (ANA,), focus_id=501)),
        ("link @ana 501", Asked(Verb.LINK, (UnescapedMention("ana"),), focus_id=501)),
        ("unlink", Asked(Verb.UNLINK, (ME,))),
        ("unlink <@U1|ana>", Asked(Verb.UNLINK, (ANA,))),
        ("links", Asked(Verb.LINKS)),
        ("placeholders", Asked(Verb.PLACEHOLDERS)),
        ("placeholders Desi", Asked(Verb.PLACEHOLDERS, rest="Desi")),
        ('placeholders "set b"', Asked(Verb.PLACEHOLDERS, rest="set b")),
        ("help", Asked(Verb.HELP)),
        ("?", Asked(Verb.HELP)),
        ("Hi!", Asked(Verb.HELP)),
        ("what can you do?", Asked(Verb.HELP)),
        ("How does this work?", Asked(Verb.HELP)),
        ("help set", Asked(Verb.HELP, rest="set")),
        ("who today <@U1|ana>", Asked(Verb.WHO, (Mention("U1"),), rest="today")),
        ("bulk", Asked(Verb.BULK)),
        ("plan", Asked(Verb.PLAN)),
        ("plan me", Asked(Verb.PLAN, (ME,))),
        ("plans <@U1|ana>", Asked(Verb.PLAN, (ANA,))),
        ('plan "Designer 1" and <@U2>', Asked(Verb.PLAN, (Quoted("Designer 1"), BEN))),
        ("reminders", Asked(Verb.REMINDERS)),
        ("status", Asked(Verb.STATUS)),
        ("my-data", Asked(Verb.MY_DATA)),
        ("my data", Asked(Verb.MY_DATA)),
        ("managers", Asked(Verb.MANAGERS, action="list")),
        ("managers list", Asked(Verb.MANAGERS, action="list")),
        ("managers grant <@U1> <@U2>", Asked(Verb.MANAGERS, (ANA, BEN), action="grant")),
        ("managers grant <@U1> everyone", Asked(Verb.MANAGERS, (ANA,), action="grant", rest="everyone")),
        (
            "managers grant <@U1> Placeholders",
            Asked(Verb.MANAGERS, (ANA,), action="grant", rest="placeholders"),
        ),
        ("managers revoke <@U1>", Asked(Verb.MANAGERS, (ANA,), action="revoke")),
        ("managers revoke <@U1> <@U2>", Asked(Verb.MANAGERS, (ANA, BEN), action="revoke")),
    ],
)
def test_other_verbs(text: str, asked: Asked) -> None:
    assert parse(text) == asked


@pytest.mark.parametrize(
    ("text", "subjects", "days"),
    [
        ("clear fri", (ME,), (Weekday.FRIDAY,)),
        ("clear me fri and sat", (ME,), (Weekday.FRIDAY, Weekday.SATURDAY)),
        ("clear my friday", (ME,), (Weekday.FRIDAY,)),
        ('clear "Designer 1" weekend', (Quoted("Designer 1"),), (Weekday.SATURDAY, Weekday.SUNDAY)),
        ("clear <@U1> every day", (ANA,), ALL_DAYS),
        ("clear me mon-fri", (ME,), WORKWEEK),
    ],
)
def test_clearing(text: str, subjects: tuple[SubjectRef, ...], days: tuple[Weekday, ...]) -> None:
    assert parse(text) == Asked(Verb.CLEAR, subjects, Pattern((Clause(days, None),)))


def test_clearing_workdays_leaves_the_days_to_the_week() -> None:
    assert parse("clear workdays") == Asked(Verb.CLEAR, (ME,), Pattern((Clause(None, None),)))


@pytest.mark.parametrize(
    ("dates", "first", "last"),
    [
        ("from 2027-01-01", "2027-01-01", ""),
        ("until 2027-03-31", "", "2027-03-31"),
        ("from 2027-01-01 until 2027-03-31", "2027-01-01", "2027-03-31"),
        ("until 2027-03-31, from 2027-01-01", "2027-01-01", "2027-03-31"),
        ("from 2027-01-01 to 2027-03-31", "2027-01-01", "2027-03-31"),
        ("from 2027-01-01 – 2027-03-31", "2027-01-01", "2027-03-31"),
        ("From 1 Jan 2027 till March 31st, 2027.", "2027-01-01", "2027-03-31"),
        ("from Fri 1 Jan 2027 until Wed 31 Mar 2027", "2027-01-01", "2027-03-31"),
        ("starting on the 1st of January 2027", "2027-01-01", ""),
        ("from today until tomorrow", "today", "tomorrow"),
        ("from next mon", "monday", ""),
        ("from next Monday until fri", "monday", "friday"),
        ("from mon until fri", "monday", "friday"),
        ("until fri from next mon", "monday", "friday"),
        ("from now on", "", ""),
    ],
)
def test_dates(dates: str, first: str, last: str) -> None:
    pattern = parse_pattern("mon-thu 8")
    assert parse(f"set <@U1|ana> mon-thu 8 {dates}") == Asked(
        Verb.SET, (ANA,), pattern, first=first, last=last
    )
    assert parse(f"set only <@U1> me mon-thu 8,{dates}") == Asked(
        Verb.SET, (ANA, ME), replace(pattern, only=True), first=first, last=last
    )
    cleared = Pattern((Clause((Weekday.FRIDAY,), None),))
    if first or last:
        assert parse(f'clear "Designer 1" fri {dates}') == Asked(
            Verb.CLEAR, (Quoted("Designer 1"),), cleared, first=first, last=last
        )


def test_dates_may_stand_before_the_days() -> None:
    assert parse("set me from 2027-01-01 until 1 Feb 2027 only mon 8") == Asked(
        Verb.SET, (ME,), parse_pattern("only mon 8"), first="2027-01-01", last="2027-02-01"
    )
    assert commands("set me until fri mon-thu 8") == ["set me mon-thu 8 until next friday"]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("set from mon to thu 8", "mon-thu 8"),
        ("set 8 from mon to thu", "mon-thu 8"),
        ("set from mon through thu 8", "mon-thu 8"),
        ("set monday to 8", "mon 8"),
    ],
)
def test_a_weekday_inside_a_pattern_is_no_date(text: str, canonical: str) -> None:
    assert parse(text) == Asked(Verb.SET, (ME,), parse_pattern(canonical))


@pytest.mark.parametrize("name", ["From Tomorrow", "until 2027-01-01", "a,from"])
def test_a_name_in_quotes_is_no_date(name: str) -> None:
    assert parse(f'set "{name}" mon 8') == Asked(Verb.SET, (Quoted(name),), parse_pattern("mon 8"))


def test_dates_typed_among_hours_are_sent_to_their_fields() -> None:
    with pytest.raises(Problem) as caught:
        parse_pattern("mon 8 from 2027-01-01")
    assert "the fields From and Until" in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "buttons"),
    [
        # days and hours without a verb
        ("mon 8", ["set me mon 8"]),
        ("<@U1|ana> mon 8", ["set <@U1|ana> mon 8"]),
        ("designer 1 mon 8", ['set "designer 1" mon 8']),
        ("look mon 8", ["set me mon 8"]),
        ("i work mon-thu 8", ["set me mon-thu 8"]),
        ("can you set my monday to 8?", ["set me mon 8"]),
        # bare names never write
        ("set designer 1 mon 8", ['set "designer 1" mon 8']),
        ("set ana mon 8", ['set "ana" mon 8', "set @ana mon 8"]),
        ("set frida mon 8", ["set me mon,fri 8", 'set "frida" mon 8', "set @frida mon 8"]),
        ("set sam mon 8", ['set "sam" mon 8', "set @sam mon 8"]),
        ("set builder", ['edit "builder"', "edit @builder", "look set builder"]),
        ("clear designer 1 fri", ['clear "designer 1" fri']),
        ("edit designer 1", ['edit "designer 1"', "look edit designer 1"]),
        # names in the wrong place
        ("set mon 8 for <@U1|ana>", ["set <@U1|ana> mon 8"]),
        ("clear fri <@U1|ana>", ["clear <@U1|ana> fri"]),
        ("edit <@U1> <@U2>", ["edit <@U1>", "edit <@U2>"]),
        ("edit mon 8 until fri", ["set me mon 8 until next friday", "edit me until next friday"]),
        (
            "edit builder from tomorrow",
            ['edit "builder" from tomorrow', "edit @builder from tomorrow", "look edit builder"],
        ),
        ("edit <@U1> from 1.4.2026", ["edit <@U1> from 2026-04-01", "edit <@U1> from 2026-01-04"]),
        # verbs
        ("sett me mon 8", ["set me mon 8"]),
        ("histroy", ["history me", "look histroy"]),
        ("cler me fri", ["clear me fri"]),
        ("edith", ["edit me", "look edith"]),
        ("change my monday to 8", ["set me mon 8"]),
        ("remove fri", ["clear me fri"]),
        ("undo that", ["undo"]),
        ("link <@U1|ana> soon", ["link <@U1|ana>"]),
        # something is missing
        ("set", ["edit me"]),
        ("set <@U1|ana>", ["edit <@U1|ana>"]),
        ("set 8", ["set me workdays 8", "set me mon-fri 8"]),
        ("set me mon", ["set me mon 8", "set me mon off"]),
        ("set me mon 8 tue", ["set me mon 8", "set me mon 8, tue 8"]),
        ("clear me", [f"clear me {day.short.lower()}" for day in ALL_DAYS]),
        ("clear me mon 8", ["clear me mon", "set me mon 8"]),
        ("managers grant <@U1>", ["managers grant <@U1> everyone", "managers grant <@U1> placeholders"]),
        ("managers grant everyone <@U1>", ["managers grant <@U1> everyone"]),
        ("managers grant <@U1> everyone until 31 mar", []),
        ("managers grant <@U1> everyone until mar 2027", ["managers grant <@U1> everyone until 2027-03-31"]),
        # hours
        ("set me mon 7.30", ["set me mon 7:30", "set me mon 7:18"]),
        ("set me mon 7,30", ["set me mon 7:30", "set me mon 7:18"]),
        ("set me mon 9-17", ["set me mon 8"]),
        ("set <@U1|ana> mon-fri 9:00–17:30", ["set <@U1|ana> mon-fri 8:30"]),
        ("set me mon 9am to 5pm", ["set me mon 8"]),
        ("set me 9-5", ["set me workdays 8", "set me mon-fri 8"]),
        ("set me fri until 17:00", ["set me fri 8", "set me fri off"]),
        ("set me fri till 4", ["set me fri 8", "set me fri off"]),
        ("set me fri from 9:00", ["set me fri 8", "set me fri off"]),
        ("set me fri at 12:00", ["set me fri 8", "set me fri off"]),
        ("set me mon -8", ["set me mon 8"]),
        ("set me mon 25", []),
        ("set me mon-fri 40", ["set me mon-fri 8"]),
        ("set me mon 7.333", ["set me mon 7:20", "set me mon 7.33"]),
        ("set me mon 7:5", ["set me mon 7:05", "set me mon 7:50"]),
        ("set me mon 7:75", []),
        ("set me mon eight", ["set me mon 8"]),
        ("set me fri none", ["set me fri off"]),
        # days
        ("set me mon-fri 8, fri 4", ["set me mon-thu 8, fri 4"]),
        ("set me mon mon 8", ["set me mon 8"]),
        ("set me wendesday 8", ["set me wed 8"]),
        ("set wendesday 8", ["set me wed 8"]),
        ("set me mno 8", ["set me mon 8"]),
        ("fridya 8", ["set me fri 8", "look fridya 8"]),
        ("set me 40 hours a week", ["set me mon-fri 8", "set me mon-thu 10"]),
        ("set me mon-wed-fri 8", ["set me mon-wed,fri 8", "set me mon,wed,fri 8"]),
        # dates
        ("mon 8 from 2027-01-01", ["set me mon 8 from 2027-01-01"]),
        ("mon 8 from next week", ["set me mon 8 from next monday"]),
        ("set me from next week mon 8", ["set me mon 8 from next monday"]),
        ("set me mon-thu 8 until 31.12.2027", ["set me mon-thu 8 until 2027-12-31"]),
        (
            "set me mon 8 from 1.2.2027",
            ["set me mon 8 from 2027-02-01", "set me mon 8 from 2027-01-02"],
        ),
        (
            "set me mon 8 from March 2027 until 2027-04-15",
            ["set me mon 8 from 2027-03-01 until 2027-04-15"],
        ),
        ("clear fri until march 2027", ["clear me fri until 2027-03-31"]),
        (
            "set <@U1|ana> fri off on 1 Jan 2027",
            [
                "set <@U1|ana> fri off from 2027-01-01",
                "set <@U1|ana> fri off from 2027-01-01 until 2027-01-01",
            ],
        ),
        (
            "set me fri off tomorrow",
            ["set me fri off from tomorrow", "set me fri off from tomorrow until tomorrow"],
        ),
        ("set me only mon 8 starting 1 May", []),
        ("set me mon 8 for two weeks", []),
        ("set me mon 8 from 2027-02-29", []),
        ("set me mon 8 from Mon 1 Jan 2027", []),
        ("set me mon 8 from 2027-01-01 from 2027-02-01", []),
        ("set ana mon 8 from tomorrow", ['set "ana" mon 8 from tomorrow', "set @ana mon 8 from tomorrow"]),
        ("set mon 8 for <@U1|ana> until tomorrow", ["set <@U1|ana> mon 8 until tomorrow"]),
        ("set me mon until tomorrow", ["set me mon 8 until tomorrow", "set me mon off until tomorrow"]),
        ("set me 8 from tomorrow", ["set me workdays 8 from tomorrow", "set me mon-fri 8 from tomorrow"]),
        ("clear me mon 8 from tomorrow", ["clear me mon from tomorrow", "set me mon 8 from tomorrow"]),
        ("plan me mon 8 from 2027-01-01", ["set me mon 8 from 2027-01-01", "plan me"]),
        ("plan me mon 8", ["plan me"]),
        ("plan world peace", ["plan"]),
        # what is left over
        ("set me mon 8 foo", ["set me mon 8"]),
        ("set me mon 8?", ["set me mon 8"]),
        ("set me mon-fri 8 not fri", ["set me mon-thu 8", "set me mon-thu 8, fri off"]),
        (
            "set me only mon-fri 8 except wed",
            ["set only me mon-tue,thu-fri 8", "set only me mon-tue,thu-fri 8, wed off"],
        ),
        ("set me every day except sun 8", ["set me mon-sat 8", "set me mon-sat 8, sun off"]),
        ("set me mon-fri 8, but fri 4", ["set me mon-thu 8, fri 4"]),
        ("set me mon-fri 8 but not fri 4", []),
        ("set me workdays 8 except fri", []),
        ("set me mon 8 without lunch", []),
        ("set me fri frei", ["set me fri off"]),
        ("don't set me mon 8", ["me", "help"]),
        ('set "Designer 1 mon 8', []),
        ("🙂", ["me", "help"]),
        ("<>", ["me", "help"]),
    ],
)
def test_what_is_nearly_right_gets_buttons(text: str, buttons: list[str]) -> None:
    assert commands(text) == buttons
    for suggestion in refused(text).suggestions:
        parse(suggestion.command)
        assert len(suggestion.label) <= 75
    assert refused(text).sentence
    assert len(refused(text).examples) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("set me mon 8 foo", "I read “mon 8”, but not “foo”."),
        ("set me mon-fri 8, fri 4", "Friday is named twice"),
        ("set me mon 9-17", "not start and end times"),
        ("set me mon until 8", "not start and end times"),
        ("set me mon 8 from 1.2.2027", "I can’t tell which date “from 1.2.2027” means."),
        ("set me mon 8 from soon", "I can’t tell which date “from soon” means."),
        ("set me mon 8 from 1 aug until 31 aug", "Add the year to “from 1 aug”"),
        ("set me mon 8 until 31 aug", "Add the year to “until 31 aug”"),
        ("set me mon 8 in august", "Add the year to “in august”"),
        ("set me mon off tomorrow", "Is that from tomorrow on, or only then?"),
        ("set me mon off on 2027-01-04", "from 2027-01-04, or from 2027-01-04 until 2027-01-04."),
        ("set me mon 7.30", "Is “7.30” 7 h 30 min, or 7.3 h (7:18)?"),
        ("set me mon 8 9", "no day between 8 and 9"),
        ("set designer 1 mon 8", "in quotes"),
        ("x" * 3000, "too long"),
    ],
)
def test_sentences_say_what_is_the_matter(text: str, said: str) -> None:
    assert said in refused(text).sentence


def test_labels_name_the_owner_and_the_days() -> None:
    def labels(text: str) -> list[str]:
        return [suggestion.label for suggestion in refused(text).suggestions]

    assert labels("mon 8") == ["Set your Monday to 8 h"]
    assert labels("<@U1|ana> mon-thu 7:30") == ["Set @ana’s Mon–Thu to 7:30 h"]
    assert labels("<@U1|ana> <@U2> mon off") == ["Set 2 people’s Monday off"]
    assert labels("mon 8, tue off") == ["Set your week to Mon 8 h, Tue off"]
    assert labels("8")[0] == "Set your workdays to 8 h"


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("8", "8"),
        ("8.0", "8"),
        ("7.5", "7.5"),
        ("7,5", "7.5"),
        ("7h30", "7.5"),
        ("7:30", "7.5"),
        ("7 h 30 min", "7.5"),
        ("7 hours and 30 minutes", "7.5"),
        ("7h20", "7.3333"),
        ("7½", "7.5"),
        ("450 min", "7.5"),
        ("8h", "8"),
        ("8 hours", "8"),
        ("10", "10"),
        ("off", "0"),
        ("0", "0"),
        (" 24 ", "24"),
    ],
)
def test_hours(typed: str, hours: str) -> None:
    assert str(parse_hours(typed)) == hours


@pytest.mark.parametrize(
    "typed", ["", "x", "-1", "24.5", "25", "7.333", "7.30", "9-17", "mon 8", "8 9", "7:60", "1e3", "٨"]
)
def test_what_is_not_hours(typed: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_hours(typed)
    assert caught.value.sentence
    assert not caught.value.suggestions


@pytest.mark.parametrize(
    ("hours", "read", "typed"),
    [
        ("8", "8 h", "8"),
        ("8.00", "8 h", "8"),
        ("7.5", "7:30 h", "7:30"),
        ("7.3333", "7:20 h", "7:20"),
        ("7.33", "7.33 h", "7.33"),
        ("0.05", "0:03 h", "0:03"),
        ("40", "40 h", "40"),
        ("0", "0 h", "off"),
    ],
)
def test_writing_hours(hours: str, read: str, typed: str) -> None:
    assert format_hours(Decimal(hours)) == read
    assert typed_hours(Decimal(hours)) == typed


def test_writing_days() -> None:
    assert format_days(WORKWEEK) == "Mon–Fri"
    assert format_days([*WORKWEEK[:4], Weekday.SATURDAY]) == "Mon–Thu, Sat"
    assert format_days(ALL_DAYS[5:]) == "Sat–Sun"
    assert format_days(None) == "workdays"


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("set no fridays", ["set me fri off"]),
        ("set not mon, tue", ["set me mon-tue off"]),
        ("no fridays", ["set me fri off", "look no fridays"]),
        ("i don't work fridays", ["set me fri off", "me"]),
        ("set not friday 8", []),
        ("set lundi 8", ["set me mon 8"]),
        (
            "Montag-Donnerstag 8, Freitag 4",
            ["set me mon-thu 8, fri 4", "look Montag-Donnerstag 8, Freitag 4"],
        ),
        ("set <@U1> miércoles 8", ["set <@U1> wed 8"]),
        ("set segunda-feira 8", ["set me mon 8"]),
        ("set vacation", []),
        ("set fri sick", []),
        ("set me fri off holiday", []),
    ],
)
def test_what_is_no_name_is_taken_for_none(text: str, offered: list[str]) -> None:
    assert commands(text) == offered


@pytest.mark.parametrize("text", ["set vacation", "set fri sick", "set fri off, on leave tomorrow"])
def test_time_off_is_kept_elsewhere(text: str) -> None:
    assert refused(text).sentence.startswith("Time off, such as vacation or sick leave, is kept in Toggl")


@pytest.mark.parametrize("name", ["Domingo", "Billy Holiday", "on leave friday", "sick"])
def test_what_may_be_a_name_is_looked_up(name: str) -> None:
    assert parse(name) == Asked(Verb.LOOK, (Unquoted(name),))


@pytest.mark.parametrize(
    ("word", "verbs"),
    [
        ("sick", []), ("ayuda", []), ("admin", []), ("rmind", ["remind"]), ("hlep", ["help"]),
        ("sett", ["set"]),
        ("remindres", ["reminders"]), ("ana", []), ("clera", ["clear"]), ("placeholder", ["placeholders"]),
    ],
)  # fmt: skip
def test_only_a_slip_or_two_are_taken_for_a_verb(word: str, verbs: list[str]) -> None:
    assert near(word, Verb) == verbs


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("set 40", ["set me mon-fri 8", "set me mon-thu 10"]),
        ("set 32", ["set me mon-fri 6:24", "set me mon-thu 8"]),
        ("set <@U1> 38.5", ["set <@U1> mon-fri 7:42"]),
        ("set mon-thu 32", ["set me mon-thu 8"]),
        ("set mon,wed 20, fri 30", []),
        ("set mon 40", []),
        ("set 99", []),
        ("set mon 8.333", ["set me mon 8:20", "set me mon 8.33"]),
        ("set mon 8.125", ["set me mon 8.12"]),
        ("set fri off from yesterday", ["set me fri off from today"]),
    ],
)
def test_what_is_offered_says_what_was_meant(text: str, offered: list[str]) -> None:
    assert commands(text) == offered


def test_yesterday_is_past() -> None:
    for text in ("set fri off from yesterday", "set fri off yesterday"):
        assert refused(text).sentence == "Yesterday is past: a change can begin today or later."


@pytest.mark.parametrize("text", ["/hours edit", "hours", "mond"])
def test_a_field_for_hours_asks_for_no_day(text: str) -> None:
    with pytest.raises(Problem, match="is not the hours of one day"):
        parse_hours(text)


@pytest.mark.parametrize(
    ("text", "sentence", "offered"),
    [
        ("I'm off on friday", "begin with set", ["set me fri off"]),
        ("i’ll be off fri from next mon", "begin with set", ["set me fri off from next monday"]),
        ("I work 4 hours on monday", "begin with set", ["set me mon 4"]),
        ("set fri +1", "mean more than now?", ["set me fri 1"]),
        ("set fri + 1", "mean more than now?", ["set me fri 1"]),
        ("set 4 days", "does not say which", ["set only me mon-thu 8"]),
        ("set 3 days a week 6.5", "does not say which", ["set only me mon-wed 6:30"]),
        ("4-day week", "does not say which", ["set only me mon-thu 8", "look 4-day week"]),
        ("I only work 4 days a week", "begin with set", ["set only me mon-thu 8"]),
        ("set 9 days", "does not say which", []),
        ("set fri 50%", "how much 100 % is", []),
        ("set mon-fri 80 percent", "how much 100 % is", []),
        ("half day friday", "half a day?", ["set me fri 4", "look half day friday"]),
        ("set fri half a day", "half a day?", ["set me fri 4"]),
        ("cancel", "Did you mean plan?", ["plan", "look cancel"]),
    ],
)
def test_what_people_say_of_themselves_is_asked_back_and_never_guessed(
    text: str, sentence: str, offered: list[str]
) -> None:
    assert sentence in refused(text).sentence
    assert commands(text) == offered


@pytest.mark.parametrize(
    "text", ["is ben working tomorrow?", "when is ben working", "are ben and me working"]
)
def test_a_question_about_somebody_is_a_look(text: str) -> None:
    asked = parse(text)
    assert asked.verb is Verb.LOOK
    assert Unquoted("ben") in asked.subjects


def test_a_plus_between_days_still_joins_them() -> None:
    assert parse("set mon 8 + fri 4") == parse("set mon 8, fri 4")


@pytest.mark.parametrize(
    "text", ["set everyone fri off", "set the team mon-thu 8", "clear all fri", "edit everybody"]
)
def test_many_people_are_led_to_what_changes_many_weeks(text: str) -> None:
    assert "name a @group or a #channel, or open the form" in refused(text).sentence
    quoted, bulk = commands(text)
    assert '"' in quoted  # it may be a placeholder's name all the same
    assert bulk == "bulk"
