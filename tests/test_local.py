"""Weekdays and numbers as people write them where they are; what is typed so, is understood so."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack import Human
from handlers.grammar import parse
from handlers.grammar.spelled import format_pattern
from handlers.local import ENGLISH, local_of, reading, to_english
from handlers.views.words import days_of
from store.week import ALL_DAYS, Hours, Pattern, Weekday
from tests.office import STUDIO, Office

ROOT = Path(__file__).parent.parent
SLACKS = (
    "de-DE", "en-GB", "en-US", "es-ES", "es-LA", "fr-FR", "it-IT", "pt-BR", "ru-RU", "ja-JP", "zh-CN",
    "zh-TW", "ko-KR",
)  # fmt: skip
"""The languages that Slack has."""
MORE = ("sv-SE", "nl-NL", "pl-PL", "cs-CZ", "fi-FI", "hu-HU", "tr-TR", "vi-VN", "da-DK", "nb-NO")


@pytest.mark.parametrize("tag", [*SLACKS, *MORE])
def test_every_language_of_slack_has_seven_names(tag: str) -> None:
    local = local_of(tag)
    assert len(set(local.short)) == len(set(local.full)) == 7
    assert sorted(local.days) == list(ALL_DAYS)


@pytest.mark.parametrize("tag", ["", "xx-XX", "no such thing", "en"])
def test_an_unknown_language_reads_english(tag: str) -> None:
    assert local_of(tag).short == ENGLISH.short


@given(st.sampled_from([*SLACKS, *MORE]), st.lists(st.sampled_from(ALL_DAYS), min_size=1, unique=True))
def test_english_is_understood_in_every_language(tag: str, days: list[Weekday]) -> None:
    """A name of one language never takes the place of another day's English name."""
    for text in (", ".join(day.short for day in days), " to ".join(day.name for day in days)):
        line = f"set {text} 8"
        assert to_english(local_of(tag))(line).lower() == line.lower()


@given(
    st.sampled_from(["de-DE", "fr-FR", "es-ES", "it-IT", "pt-BR", "sv-SE", "nl-NL"]),
    st.sampled_from(ALL_DAYS),
)
def test_a_day_typed_in_ones_own_language_is_that_day(tag: str, day: Weekday) -> None:
    local = local_of(tag)
    typed = to_english(local)(f"set {local.full_name(day)} 7,25")
    assert parse(typed).pattern == Pattern.exactly({day: Hours("7.25")})


@pytest.mark.parametrize(
    ("tag", "typed", "means"),
    [
        ("de-DE", "set Mo-Do 8, Fr off", "mon-thu 8, fri off"),
        ("de-DE", "set Mo.–Do. 8", "mon-thu 8"),
        ("fr-FR", "set lun-jeu 7,5", "mon-thu 7:30"),
        ("sv-SE", "set mån-tors 8", "mon-thu 8"),
        ("fi-FI", "set mon to fri 8", "mon-fri 8"),
        ("hu-HU", "set mon 8 h", "mon 8"),
        ("de-DE", 'set "Do it" mon 8', "mon 8"),
        ("de-DE", "set <@U0MI|mi> tue 8", "tue 8"),
    ],
)
def test_what_is_typed_in_a_language(tag: str, typed: str, means: str) -> None:
    assert format_pattern(parse(to_english(local_of(tag))(typed)).pattern or Pattern(())) == means


def test_quoted_names_and_mentions_stay_as_they_are() -> None:
    german = to_english(local_of("de-DE"))
    for text, local in product(('set "Mo Di Mi" mon 8', "set <@U1|mo> 8", "@mi", "<#C1|do>"), [german]):
        assert local(text) == text


def test_who_reads_english_needs_no_other_languages_names() -> None:
    """Babel's data is large, and most readers need none of it."""
    looked = "from handlers.local import local_of; import sys; local_of('en-US'), local_of('en-GB')"
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", f"{looked}; sys.exit('babel' in sys.modules)"], cwd=ROOT, check=False
    )
    assert run.returncode == 0


# ------------------------------------------------------------------ in the product


async def _speaks(office: Office, human: Human, locale: str) -> None:
    """Somebody changes their language, and uses the bot once."""
    await office.change_user(human.id, locale=locale)
    before = len(human.messages(STUDIO))
    await human.types(STUDIO, "/hours me")
    await human.sees("", channel=STUDIO, after=before)


async def test_a_german_reads_and_types_german_days_and_decimals(office: Office) -> None:
    await _speaks(office, office.ana, "de-DE")
    await office.ana.types(STUDIO, "/hours set Di 7,33, Mi-Do 6")
    told = await office.ana.sees("You changed your week", channel=STUDIO)
    assert "Di 8 h → 7,33 h" in told.plain
    assert "Mi–Do 8 h → 6 h" in told.plain
    assert office.focus_week(501) == "8 7.33 6 6 8 - -"
    await office.ana.types(STUDIO, "/hours edit")
    modal = await office.ana.sees_modal("Dienstag")
    assert "7,33" in str(modal.blocks)


async def test_others_read_their_own_language(office: Office) -> None:
    await office.make_manager()
    await _speaks(office, office.mia, "de-DE")
    await office.mia.types(STUDIO, "/hours set <@U0BEN> Mi 6")
    assert "Mi 4 h → 6 h" in (await office.mia.sees("You changed", channel=STUDIO)).plain
    assert (
        "Wed 4 h → 6 h" in (await office.ben.sees("changed your working hours", channel=office.ben.dm)).plain
    )


async def test_an_american_week_begins_on_sunday(office: Office) -> None:
    await office.change_user("U0ANA", locale="en-US")
    await office.ana.types(STUDIO, "/hours me")
    told = await office.ana.sees("Your week", channel=STUDIO)
    assert told.plain.index("Sun") < told.plain.index("Mon\n")
    await office.ana.types(STUDIO, "/hours who week")
    board = await office.ana.sees("week of 1 March", channel=STUDIO)
    assert board.plain.index("Sun 1") < board.plain.index("Mon 2") < board.plain.index("Sat 7")
    await office.ana.open_home()
    home = (await office.ana.sees_home("40 h")).plain
    assert home.index("Sunday") < home.index("Monday")


async def test_an_untouched_field_stays_exact_when_the_language_is_learnt_in_between(office: Office) -> None:
    await office.ana.types(STUDIO, "/hours set mon 7h20")
    await office.ana.sees("You changed", channel=STUDIO)
    await office.ana.types(STUDIO, "/hours set tue 7.33")
    await office.ana.sees("7.33 h", channel=STUDIO)
    await office.ana.types(STUDIO, "/hours edit")
    modal = await office.ana.sees_modal("Monday")
    await _speaks(office, office.ana, "de-DE")
    office.ana.fill(modal, "Friday", "5")
    await office.ana.submit(modal)
    await office.ana.sees_modal("You changed your week")
    assert office.focus_week(501) == "7.3333 7.33 8 8 5 - -"


ENGLISH_DAY = re.compile(r"\b(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)(?:day|sday|nesday|urday)?\b")
ENGLISH_NUMBER = re.compile(r"\b\d+\.\d+\b(?! MB)")


async def test_nothing_a_german_reads_has_an_english_weekday_or_decimal_point(office: Office) -> None:
    """What is typed, and the date of a moment, which each reader's Slack words itself, apart."""
    await office.make_manager()
    for human in (office.ana, office.mia, office.olivia):
        await _speaks(office, human, "de-DE")
    mia = office.mia
    for typed, told in (
        ("me", "36:40 h"),
        ("set <@U0ANA> fri 7.33", "7,33 h"),
        ("set <@U0ANA> Mi 6 from 2026-04-01 until 2026-06-30", "Mi 1 Apr 2026"),
        ("plan", "Mi 1 Apr 2026"),
        ("<@U0ANA> <@U0BEN>", "7,33"),
        ("set <@U0ANA> <@U0BEN> thu 5.33", "5,33 h"),
        ("history <@U0ANA>", "Fr 8 h → 7,33 h"),
        ("undo", "Fr 7,33 h → 8 h"),
        ("who fri", "Freitag"),
        ("who week", "Mo 2"),
        ("remind <#C0STUDIO> mon-wed 9:00", "every Mo–Mi"),
        ("remind <#C0STUDIO> 2nd tue 9:00 board", "the second Dienstag"),
        ("reminders", "every Mo–Mi"),
    ):
        before = len(mia.messages(STUDIO))
        await mia.types(STUDIO, f"/hours {typed}")
        await mia.sees(told, channel=STUDIO, after=before)
    await office.olivia.types(STUDIO, "/hours managers grant <@U0MIA> <@U0BEN> until 2026-12-31")
    await office.olivia.sees("until Do 31 Dec 2026", channel=STUDIO)
    await office.ana.types(STUDIO, "/hours set <@U0BEN> Do 6")
    await office.ana.click(await office.ana.sees("You can’t change", channel=STUDIO), "petition")
    await mia.sees("Do not set → 6 h", channel=mia.dm)
    await office.later(seconds=1)
    for human in (office.ana, mia, office.olivia):
        await human.open_home()
        assert not _english((await human.sees_home("Montag")).plain)
        for message in (*human.messages(human.dm), *human.messages(STUDIO)):
            if message.ephemeral_to or message in human.messages(human.dm):
                assert not _english(f"{message.text}\n{message.plain}")


def _english(text: str) -> list[str]:
    read = re.sub(r"`[^`]*`|<!date[^>]*>|[<>=]?\[[^\]]*\]", "", text)
    return [*ENGLISH_DAY.findall(read), *ENGLISH_NUMBER.findall(read)]


async def test_a_form_says_its_days_and_presets_in_ones_own_language(office: Office) -> None:
    await _speaks(office, office.ana, "de-DE")
    await office.ana.types(STUDIO, "/hours edit")
    modal = await office.ana.sees_modal("Mo–Fr 8 h")
    assert not _english(modal.plain)
    await office.ana.click(modal, "preset:four")
    await office.bot.desk.work.idle()
    assert "Montag" in (await office.ana.sees_modal("Freitag")).plain


def test_days_that_the_journal_keeps_are_worded_for_the_reader() -> None:
    reading(local_of("de-DE"))
    assert days_of("Mon Tue") == "Mo Di"
    assert days_of("Monday") == "Montag"
    assert days_of("anything else") == "anything else"
    reading(ENGLISH)
