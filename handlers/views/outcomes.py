"""What became of one change: a sentence for each state, the weeks to show with it, and when it was.

Receipts, the history, Home and previews word the same change in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from types import MappingProxyType

from handlers.views.blocks import mention, sentence_list, when
from handlers.views.conflicts import Writers, question
from handlers.views.lists import sentences
from handlers.views.troubles import trouble_sentence
from handlers.views.week import Who, capital, hours_word, in_words, kept, total, wanted
from handlers.views.words import format_days
from store.act import Act, Change, Kind, State
from store.week import Hours, Week, Weekday

__all__ = ["Result", "deed", "difference", "outcome", "result_of", "stamp", "week_now"]

LATE = timedelta(minutes=1)
"""Between asking and writing: less nobody wonders about."""

_Entries = Mapping[Weekday, Sequence[Hours]]
_NONE: _Entries = MappingProxyType({})
_DEED = {
    Kind.PLAN: "changed",
    Kind.PUT_BACK: "put back",
    Kind.SET: "changed",
    Kind.BULK: "changed",
    Kind.UNDO: "put back",
    Kind.REDO: "redid the change to",
    Kind.REPAIR: "repaired",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one change, for one reader: a sentence, and the weeks to show with it."""

    text: str
    who: Who
    mark: str = ""
    weeks: tuple[tuple[str, Week], ...] = ()
    told: bool = False
    """Whether the sentence already says everything that the weeks show."""

    @property
    def read(self) -> str:
        """The text for readers who do not see the table."""
        weeks = "" if self.told else sentences(f"{name}: {in_words(week)}." for name, week in self.weeks)
        return f"{self.text} {weeks}".strip()

    @property
    def line(self) -> str:
        """The text with its mark, for readers who see the weeks beside or below it."""
        return f"{self.mark} {self.text}".strip()


def result_of(act: Act, change: Change, who: Who, *, reader: str, writers: Writers) -> Result:
    """The result of one change of the act, by its state.

    ``writers`` are the people who changed the days of a conflict in the meantime.
    """
    by = "You" if act.actor == reader else mention(act.actor)
    trouble = trouble_sentence(change)
    before, now = change.before, week_now(change)
    match change.state:
        case State.APPLIED if before and now and change.written:
            text = f"{by} {deed(act, who.whose)}: {outcome(change)}."
            text = f"{text} {kept(before, now, apart_from=change.doubled)}".strip()
            weeks = (("Before", before), ("Now", now))
            return Result(text, who, ":white_check_mark:", weeks, told=True)
        case State.APPLIED | State.UNCHANGED:
            week = now or before
            text = f"{capital(who.whose)} is already like that, so nothing was changed."
            return Result(text, who, weeks=(("Now", week),) if week else ())
        case State.PARTIAL if before and change.wanted and now:
            done = set(change.written)
            missing = [day for day in change.days if day not in done]
            rest = f", {format_days(missing)} not" if missing else ""
            rest = f"{rest}, but there are still two entries" if change.doubled else rest
            text = (
                f"Only a part of the change to {who.whose} is in Toggl Focus:"
                f" {format_days(sorted(done))} done{rest}. {trouble}"
            )
            return Result(text, who, ":warning:", (("Wanted", change.wanted), ("Now", now)))
        case State.CONFLICT if change.found and change.wanted:
            text = question(act, change, who, writers, reader=reader)
            return Result(text, who, ":warning:", (("Now", change.found), ("Wanted", change.wanted)))
        case State.STARTED | State.WAITING if not trouble:
            return Result(f"The change to {who.whose} is under way.", who, ":hourglass:")
        case State.WAITING:
            return Result(
                f"The change to {who.whose} waits: {wanted(change.pattern)}. {trouble}", who, ":hourglass:"
            )
        case State.UNCLEAR | State.STARTED:
            text = f"The change to {who.whose} is not certain yet: {wanted(change.pattern)}. {trouble}"
            return Result(text, who, ":hourglass:")
        case State.CANCELLED:
            return Result(f"Cancelled: {who.whose} stays as it is.", who)
        case _:
            return Result(f"Nothing was changed in {who.whose}. {trouble}", who, ":x:")


def deed(act: Act, whose: str) -> str:
    """Format what an act has done to somebody's week: ``put back Ben’s week``."""
    return f"{_DEED[act.kind]} {whose}{', as planned' if act.kind.of_the_clock else ''}"


def week_now(change: Change) -> Week | None:
    """The week in Focus after the change, if known."""
    if change.state is State.APPLIED and change.found is None:
        return change.wanted
    return change.found


def outcome(change: Change) -> str:
    """Format what the change did: as :func:`difference`, for a repair with all entries that its day had.

    Empty if it wrote nothing.
    """
    now = week_now(change)
    if change.before is None or now is None or not change.written:
        return ""
    # Of a repair in part the days have their hours, but still several entries.
    return difference(change.before, now, doubled=change.doubled if change.state is State.APPLIED else _NONE)


def difference(before: Week, after: Week, *, doubled: _Entries = _NONE) -> str:
    """Format what changed: ``Mon, Tue 8 h → 9 h, Fri 8 h → off; 40 h → 34 h in all``.

    ``doubled`` are days of which one entry was kept: ``Fri 8 h and 4 h → 8 h``.
    """

    def step(day: Weekday) -> str:
        was = sentence_list(map(hours_word, doubled.get(day, (before[day],))))
        return f"{was} → {hours_word(after[day])}"

    days = sorted({*before.differing(after), *doubled})
    changed = ", ".join(f"{format_days(run)} {told}" for told, run in groupby(days, key=step))
    if before.total == after.total:
        return f"{changed}; {total(after)} in all, as before"
    return f"{changed}; {total(before)} → {total(after)} in all"


def stamp(act: Act, changes: Iterable[Change]) -> str:
    """When these changes of the act were written, and when they were asked for where that was before."""
    written = max((each.written_at for each in changes if each.written and each.written_at), default=act.at)
    if written - act.at < LATE:
        return when(act.at)
    return f"{when(written)} ({'due' if act.kind.of_the_clock else 'asked'} {when(act.at)})"
