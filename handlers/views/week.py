"""Show weeks: days, total, age, and whose week it is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    MarkdownTextObject,
    SectionBlock,
    TableBlock,
)

from handlers.local import read_by
from handlers.views.blocks import (
    A_NAME,
    Reply,
    actions,
    button,
    context,
    cut,
    literal,
    mention,
    on,
    section,
    sections,
    sentence_list,
)
from handlers.views.words import day_name, format_days, format_hours
from store.directory import Entry
from store.week import ALL_DAYS, Hours, Pattern, Snapshot, Subject, Week, Weekday

__all__ = [
    "DAYS_UNSURE",
    "Who",
    "ago",
    "as_of",
    "capital",
    "day_list",
    "doubled",
    "hours_word",
    "in_words",
    "kept",
    "look",
    "looks",
    "total",
    "unread",
    "wanted",
    "week_table",
    "weeks_beside",
]

NOT_SET = "–"
DAYS_UNSURE = "which day is which is not confirmed yet"
"""The note on weeks while it is not settled which number means which weekday in Focus."""

WHOLE_MINUTES = Decimal("0.0007")
"""The largest rounding error, in hours, of a week's total if each day is whole minutes to four decimals."""


@dataclass(frozen=True, slots=True)
class Who:
    """A subject as the reader should see it: ``label`` is escaped mrkdwn, ``plain`` the name in Focus."""

    subject: Subject
    label: str
    plain: str
    you: bool = False
    linked: bool = False

    @classmethod
    def of(cls, entry: Entry, *, reader: str = "") -> Who:
        """The subject of an entry: mentioned if linked to Slack, else named as in Focus."""
        you = entry.slack_user_id == reader and bool(reader)
        if entry.slack_user_id:
            return cls(entry.subject, mention(entry.slack_user_id), entry.name, you, linked=True)
        return cls(entry.subject, f"*{literal(entry.name)}*", entry.name, you)

    @property
    def cell(self) -> str:
        """The name for a table, whose cells may have 10,000 characters together."""
        return cut(self.plain, A_NAME)

    @property
    def whose(self) -> str:
        """``your week`` or ``@ana’s week``."""
        return "your week" if self.you else f"{self.label}’s week"


def capital(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[0].upper() + text[1:]


def hours_word(hours: Hours | None) -> str:
    """Format a day's hours: ``8 h``, ``off`` or ``not set``."""
    if hours is None:
        return "not set"
    return format_hours(hours) if hours else "off"


def wanted(pattern: Pattern) -> str:
    """Format a pattern: ``Mon–Thu 8 h, Fri off``, with *only* before it if the other days become off."""
    spoken = (
        (None if clause.days is None else [*filter(pattern.is_about, clause.days)], clause)
        for clause in pattern.clauses
    )
    clauses = (
        f"{format_days(days)} {hours_word(clause.hours)}{' (where set)' if clause.if_set else ''}"
        for days, clause in spoken
        if days is None or days
    )
    return ("only " if pattern.only else "") + ", ".join(clauses)


def total(week: Week) -> str:
    """Format a week's total, rounded to minutes: five days of 7:20 h, stored as 7.3333, are ``36:40 h``."""
    whole = (week.total * 60).to_integral_value() / 60
    return format_hours(whole if abs(whole - week.total) <= WHOLE_MINUTES else week.total)


def day_list(week: Week, days: Iterable[Weekday] = ALL_DAYS) -> str:
    """Format days with their hours, merging neighbours: ``Mon–Thu 8 h, Fri 4 h, Sat–Sun off``."""
    runs = groupby(days, key=lambda day: week[day])
    return ", ".join(f"{format_days(run)} {hours_word(hours)}" for hours, run in runs)


def _legend(weeks: Iterable[Week]) -> str:
    return f" · {NOT_SET} = not set" if any(hours is None for week in weeks for _, hours in week) else ""


def in_words(week: Week) -> str:
    """All seven days and the total, as text."""
    return f"{day_list(week)}; {total(week)} in all"


def kept(before: Week, after: Week, *, apart_from: Container[Weekday] = ()) -> str:
    """The unchanged days, ``Kept: Mon–Thu 8 h.``, for readers who do not see the table; empty if none."""
    same = [day for day in ALL_DAYS if before[day] == after[day] and after[day] is not None]
    days = [day for day in same if day not in apart_from]
    return f"Kept: {day_list(after, days)}." if days else ""


def week_table(lines: Sequence[tuple[str, Week]], *, changed: bool = False) -> Block:
    """A table of weeks with a column per day and the total.

    With ``changed``, the lines are pairs, and the differences are bold in the second line of each.
    """
    days = read_by().days
    head = ["", *map(day_name, days), "Total"]
    rows = [[_raw(cell) for cell in head]]
    for number, (name, week) in enumerate(lines):
        before = lines[number - 1][1] if changed and number % 2 else week
        cells = [
            _bold(_cell(week[day])) if before[day] != week[day] else _raw(_cell(week[day])) for day in days
        ]
        rows.append([_raw(name), *cells, _raw(total(week))])
    settings: list[dict[str, Any]] = [{"align": align} for align in ("left", *["right"] * 8)]
    return TableBlock(rows=rows, column_settings=settings)


def weeks_beside(lines: Sequence[tuple[str, Week]]) -> Block:
    """Up to ten weeks in columns, for surfaces without tables."""
    return SectionBlock(
        fields=[
            MarkdownTextObject(text=f"*{name}*\n{day_list(week)}\n_{total(week)} in all_")
            for name, week in lines[:10]
        ]
    )


def unread(never: Sequence[Who]) -> tuple[str, ...]:
    """A sentence about weeks that were not read, to save quota; empty if there are none."""
    if not never:
        return ()
    names = sentence_list(who.label for who in never)
    kept_for = "The rest of the hour’s quota is kept for looks at a few weeks at a time."
    return (f"Never read yet: {names}. {kept_for}",)


def look(
    who: Who,
    snapshot: Snapshot,
    *,
    note: str,
    may_change: bool,
    may_see_history: bool,
    confirmed: datetime | None = None,
    planned: str = "",
    waiting: Reply,
) -> Reply:
    """One week: all seven days, the total, its age, and buttons for what the reader may do."""
    week = snapshot.week
    if confirmed:
        note = f"Confirmed on {on(confirmed)} · {note}"
    title = f"{capital(who.whose)} · *{total(week)}*"
    sentence = f"{capital(who.whose)}: {in_words(week)}. {note}"
    blocks: list[Block] = [section(title), week_table([("Hours", week)])]
    if snapshot.doubled:
        warning = f":warning: {doubled(snapshot)} Choose which one to keep: that can’t be undone."
        blocks.append(section(warning))
        sentence = f"{sentence} {warning}"
    if planned:
        sentence = f"{sentence} {' '.join(planned.splitlines())}"
        blocks.append(section(planned))
    if waiting.text:
        sentence = f"{sentence} {waiting.text}"
        blocks.extend(waiting.blocks)
    blocks.append(context(f"{note}{_legend([week])}"))
    blocks.extend(actions(*_offers(who, snapshot, may_change=may_change, may_see_history=may_see_history)))
    return Reply(sentence, tuple(blocks))


def looks(lines: Sequence[tuple[Who, Snapshot]], *, note: str, missing: Sequence[str] = ()) -> Reply:
    """Several weeks in one table, with warnings and sentences about missing weeks."""
    sentences = [
        f"{capital(who.whose)}: {day_list(found.week)}; {total(found.week)}." for who, found in lines
    ]
    alone = "Look at that week alone to choose which one to keep."
    warnings = [
        f":warning: {capital(who.whose)}: {doubled(found)} {alone}" for who, found in lines if found.doubled
    ]
    blocks: list[Block] = []
    if lines:
        blocks += [week_table([(who.cell, found.week) for who, found in lines])]
        blocks.append(context(f"{note}{_legend([found.week for _, found in lines])}"))
    blocks += sections("\n".join(warnings)) if warnings else ()
    blocks += [block for line in missing for block in sections(line)]
    return Reply(" ".join([*sentences, *warnings, *missing, note]), tuple(blocks))


def _offers(
    who: Who, snapshot: Snapshot, *, may_change: bool, may_see_history: bool
) -> Iterable[ButtonElement | None]:
    key = who.subject.key
    yield button("Edit", "edit", value=key, style="primary") if may_change else None
    if may_change:
        for day in snapshot.doubled:
            for hours in sorted({row.hours for row in snapshot.rows if row.day == day}):
                yield button(
                    f"Keep {day_name(day)} {hours_word(hours)}",
                    f"repair:{int(day)}:{hours}",
                    value=f"{key} {int(day)} {hours}",
                )
    yield button("History", "history", value=key) if may_see_history else None


def doubled(snapshot: Snapshot) -> str:
    """A sentence about days with two rows in Focus; the snapshot must have such days."""
    days = [
        f"{day_name(day)} has "
        + " and ".join(hours_word(row.hours) for row in snapshot.rows if row.day == day)
        for day in snapshot.doubled
    ]
    return f"Focus has two entries for one day: {'; '.join(days)}."


# Cells are plain dicts, since the library's objects take 15 times as long to serialise.
def _raw(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text or " "}


def _bold(text: str) -> dict[str, Any]:
    run = {"type": "text", "text": text, "style": {"bold": True}}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [run]}]}


def _cell(hours: Hours | None) -> str:
    if hours is None:
        return NOT_SET
    return format_hours(hours).removesuffix(" h") if hours else "off"


def as_of(snapshot: Snapshot, *, now: datetime) -> str:
    """The age of a snapshot, such as ``12 min ago``."""
    return ago(now - snapshot.as_of)


def ago(age: timedelta) -> str:
    """Format an age: ``just now``, ``12 min ago``, ``3 days ago``."""
    seconds = int(age.total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < 172_800 else f"{seconds // 86_400} days ago"
