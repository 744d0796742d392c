"""The question of a conflict: which days, who changed them meanwhile as far as is known, and the hours."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from handlers.views.blocks import mention, when
from handlers.views.week import Who, day_list, hours_word
from handlers.views.words import format_days
from store.act import Act, Change
from store.week import Weekday

__all__ = ["Writers", "labels", "question"]

Writers = Mapping[Weekday, Act]
"""Which act has left a day as it is; of a day changed in Focus itself nobody knows."""

A_LABEL = 30
"""Characters of a button that are shown."""


def question(act: Act, change: Change, who: Who, writers: Writers, *, reader: str) -> str:
    """What has come between, day by day, and what there is to decide; for a change in conflict."""
    lines = [
        f"{format_days(run)}: {told}"
        for told, run in groupby(
            change.contested, key=lambda day: _told(act, change, writers, day, reader=reader)
        )
    ]
    own = {writers[day].actor if day in writers else "" for day in change.contested} == {act.actor}
    which = "the newer change, or this one?" if own else "theirs, or yours?"
    return " ".join([*lines, f"Nothing was written to {who.whose}: {which}"])


def labels(change: Change) -> tuple[str, str]:
    """What is written on the two buttons: the hours, where there is room for them.

    They name every day the decision is about, since it is about the whole change, not its contested days.
    """
    plain = "Overwrite", "Keep what is there"
    if not (change.contested and change.found and change.wanted):
        return plain
    # Before a first attempt has written, ``wanted`` is what was found with the change's days replaced.
    days = sorted({*change.contested, *(change.days or change.found.differing(change.wanted))})
    told = f"Overwrite: {day_list(change.wanted, days)}", f"Keep: {day_list(change.found, days)}"
    return told if max(map(len, told)) <= A_LABEL else plain


def _told(act: Act, change: Change, writers: Writers, day: Weekday, *, reader: str) -> str:
    """What the day was, what it is and by whom, and what was wanted of it."""
    was = dict(change.before) if change.before else change.expected or {}
    now, wanted = (hours_word(week[day]) if week else "" for week in (change.found, change.wanted))
    before = f"{hours_word(was[day])} before, " if day in was and hours_word(was[day]) != now else ""
    by = writers.get(day)
    whom = f"by {_name(by.actor, reader)} {when(by.written_at or by.at)}" if by else "in Toggl Focus itself"
    return f"{before}changed to {now} {whom}; {_name(act.actor, reader)} wanted {wanted}."


def _name(user_id: str, reader: str) -> str:
    return "you" if user_id == reader else mention(user_id)
