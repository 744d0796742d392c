"""The board that a reminder posts: who works and who does not, without hours or reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import takewhile

from slack_sdk.models.blocks import Block

from handlers.views.blocks import Reply, context, literal, section, sentence_list
from handlers.views.boards import how_old
from handlers.views.lists import Item, Room, flowing
from handlers.views.week import Who
from handlers.views.words import day_title, format_days
from store.reminders import LEAVE_UNKNOWN, Invited, Run
from store.week import Subject, Weekday

__all__ = ["board", "named"]

MOST_NAMED = 400
"""The most names in one list; the rest are counted, since Slack limits a message's length."""

MOST_GROUPS = 40
"""The most paragraphs on a board, since Slack accepts 50 blocks; the people in the rest are counted."""

NOBODY = (Item("nobody", 0),)


def board(
    run: Run, names: Mapping[Subject, Who], *, span: str, notes: Sequence[str], age: timedelta | None
) -> Reply:
    """Who works on the run's day, or on which days of its week; ``age`` is the oldest week's age."""
    if span == "week":
        monday = run.day - timedelta(days=run.day.weekday())
        title, groups = f"Who works when, week of {monday.day} {monday:%B}", _by_days(run, names)
    else:
        title, groups = (
            f"Who works on {day_title(run.day)}, {run.day.day} {run.day:%B}",
            _by_today(run, names),
        )
    named_in = [(heading, named(group) or NOBODY) for heading, group in groups]
    lines = [f"{heading}: {sentence_list(each.text for each in every)}." for heading, every in named_in]
    weeks = f"Weeks from Toggl Focus{f', {how_old(age)}' if age is not None else ''}"
    leave = ["who is on leave is not known"] if run.reason == LEAVE_UNKNOWN else []
    foot = " · ".join([weeks, *leave, *notes])
    found = [item for heading, every in named_in for item in flowing(every, begins=f"*{heading}:* ")]
    room = Room()
    shown = list(takewhile(lambda item: room.takes(item.text), found[:MOST_GROUPS]))
    blocks: list[Block] = [section(f"*{title}*"), *(section(item.text) for item in shown)]
    if left := sum(item.people for item in found[len(shown) :]):
        blocks.append(context(f"and {left} more"))
    blocks.append(context(foot))
    return Reply(" ".join([f"{title}.", *lines, f"{foot}."]), tuple(blocks))


def named(words: Sequence[str]) -> list[Item]:
    """Up to ``MOST_NAMED`` names, then the number of the rest."""
    left = len(words) - MOST_NAMED
    return [*map(Item, words[:MOST_NAMED]), *([Item(f"{left} more", left)] if left > 0 else [])]


def _by_today(run: Run, names: Mapping[Subject, Who]) -> list[tuple[str, list[str]]]:
    today = Weekday(run.day.isoweekday())
    here = [_name(each, names) for each in run.people if each.week[today]]
    gone = [_name(each, names) for each in run.people if not each.week[today]]
    return [(f"Works ({len(here)})", here), (f"Does not ({len(gone)})", gone)]


def _by_days(run: Run, names: Mapping[Subject, Who]) -> list[tuple[str, list[str]]]:
    """The people grouped by their working days, most days first."""
    found: dict[tuple[Weekday, ...], list[str]] = {}
    for each in run.people:
        found.setdefault(each.week.worked_days, []).append(_name(each, names))
    return [
        (format_days(days) if days else "Not this week", found[days])
        for days in sorted(found, key=lambda days: (-len(days), days))
    ]


def _name(each: Invited, names: Mapping[Subject, Who]) -> str:
    """Plainly: a board must not ring for those who are on it."""
    return literal(names[each.subject].plain)
