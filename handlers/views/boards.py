"""Boards of who works when: a day as lists of names, a week as a table of people and days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from slack_sdk.models.blocks import Block, ButtonElement, TableBlock

from handlers.views.blocks import Reply, actions, button, context, literal, section, sections, sentence_list
from handlers.views.week import DAYS_UNSURE, Who, hours_word, total
from handlers.views.words import day_name, day_title, format_hours
from store.capacities import Dated
from store.week import Hours, Snapshot, Week, Weekday

__all__ = [
    "GUESTS_READ",
    "NOT_IN_CHANNELS",
    "PAGE",
    "Board",
    "Line",
    "day_board",
    "how_old",
    "nobody",
    "not_shared",
    "shared",
    "week_board",
]

NOT_IN_CHANNELS = "Only managers may see other people’s weeks here, so I show no boards in channels."
GUESTS_READ = (
    "There are guests in this channel, and guests may see only their own week, so I show no boards there."
    " Choose a channel without guests."
)

PAGE = 30
"""People on one page."""

SHARED = 50
"""The most names in one list of a board shared to a channel."""

LONGEST_ASKED = 1900
"""The longest command, in characters, that fits into a button's value beside the page number."""

_AWAY = "away"
_UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Line:
    """One subject on a board: the cached week, hours by date, leave, and the day of confirmation."""

    who: Who
    known: Snapshot | None
    dated: Dated | None = None
    """The shown week's hours by date, if they are newer than the cached week."""
    away: frozenset[date] = frozenset()
    confirmed: date | None = None

    @property
    def is_read(self) -> bool:
        """Whether any hours are known."""
        return self.known is not None or self.dated is not None

    def on(self, day: date) -> Hours | None:
        """The hours on that date; ``None`` if not set or never read."""
        weekly, dated = self._weekly(day), self.dated.hours.get(day) if self.dated else None
        if dated is None or (self.known and not dated and not weekly):
            return weekly  # for a day without hours, only the week says whether it is off or not set
        return dated

    def is_idle(self, day: date) -> bool:
        """Whether the date has no hours and it is unknown whether it is off or not set."""
        return self.on(day) == 0 and self._weekly(day) != 0

    def _weekly(self, day: date) -> Hours | None:
        return self.known.week[Weekday(day.isoweekday())] if self.known else None


@dataclass(frozen=True, slots=True)
class Board:
    """A board's content: its lines, page, day or week, and the command that asks for it again."""

    lines: tuple[Line, ...]
    first: date
    asked: str
    now: datetime
    page: int = 0
    unlinked: int = 0
    hidden: int = 0
    leave_known: bool = True
    days_unsure: bool = False
    """Whether weeks may be shown with their days shifted; hours by date are not."""
    notes: tuple[str, ...] = field(default=())
    """Mrkdwn, shown below."""

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines of the current page."""
        return self.lines[self.page * PAGE : (self.page + 1) * PAGE]

    @property
    def pages(self) -> int:
        """The number of pages."""
        return max(1, -(-len(self.lines) // PAGE))


def day_board(board: Board) -> Reply:
    """A board for one day: ``Works: Ana 8 h, Ben 4 h`` and so on, with placeholders listed separately."""
    title = f"Who works on {day_title(board.first)}, {board.first.day} {board.first:%B}"
    paragraphs = []
    for heading, lines, with_hours in _by_standing(board.shown, board.first):
        names = ", ".join(
            f"{line.who.label} {hours_word(line.on(board.first))}" if with_hours else line.who.label
            for line in lines
        )
        paragraphs.append(f"*{heading}* ({len(lines)}): {names}")
    summary = _summary(board)
    blocks = [section(f"*{title}*\n{summary}"), *(block for each in paragraphs for block in sections(each))]
    return _reply(board, f"{title}: {summary}", paragraphs, blocks)


def _summary(board: Board) -> str:
    """How many of how many work, as the groups below count them: placeholders are no people."""
    people = [line for line in board.lines if line.who.subject.kind == "person"] or board.lines
    here = [line for line in people if board.first not in line.away]
    working = [line for line in here if line.on(board.first)]
    together = sum((line.on(board.first) or Hours(0) for line in working), start=Hours(0))
    minutes = (together * 60).to_integral_value()  # 7:20 h is kept as 7.3333
    unread = sum(not line.is_read for line in here)
    counted, hours = f"{len(working)} of {len(people)}", f"{format_hours(minutes / 60)} together."
    if not unread:
        return f"{counted} {'works' if len(working) == 1 else 'work'}, {hours}"
    if not any(line.is_read for line in board.lines):
        return f"{unread} not read yet."
    return f"{counted} known to work, {hours} {unread} not read yet: press Refresh."


def week_board(board: Board) -> Reply:
    """A board for a week: people by days, with totals; – is not set, ? is never read."""
    days = [board.first + timedelta(days=number) for number in range(7)]
    title = f"Who works when, week of {board.first.day} {board.first:%B}"
    head = ["", *(f"{day_name(Weekday(day.isoweekday()))} {day.day}" for day in days), "Total"]
    body = [_row(line, days) for line in board.shown]
    if any(line.confirmed for line in board.lines):
        head.append("Confirmed")
        body = [[*cells, _date(line.confirmed)] for cells, line in zip(body, board.shown, strict=True)]
    # Cells as plain data: the library's own objects take 15 times as long to become JSON.
    table = TableBlock(
        rows=[[{"type": "raw_text", "text": cell or " "} for cell in row] for row in (head, *body)],
        column_settings=[{"align": align} for align in ("left", *["right"] * (len(head) - 1))],
    )
    sentences = [
        f"{literal(name)}: " + ", ".join(map(" ".join, zip(head[1:], cells, strict=True))) + "."
        for name, *cells in body
    ]
    blocks: list[Block] = [section(f"*{title}*"), *([table] if body else [])]
    some_unread = len({line.is_read for line in board.shown}) > 1
    legend = f"{_UNKNOWN} is a week not read yet: press Refresh" if some_unread else ""
    if any("–" in cells[1:8] for cells in body):
        legend = f"– = not set · {legend}".removesuffix(" · ")
    return _reply(board, f"{title}.", sentences, blocks, legend=legend)


def shared(board: Board, *, by: str, week: bool) -> Reply:
    """The board shared to a channel: who works and who does not, without hours or reasons."""
    if not week:
        title = f"Who works on {board.first:%A}, {board.first.day} {board.first:%B}"
        # Plain names instead of mentions, so that a shared board notifies nobody.
        known = [line for line in board.lines if line.is_read]
        here = [literal(line.who.plain) for line in known if _works(line, board.first)]
        gone = [literal(line.who.plain) for line in known if not _works(line, board.first)]
        text = [
            f"*{heading}* ({len(names)}): {_some(names)}"
            for heading, names in (("Works", here), ("Does not", gone))
        ]
    else:
        title = f"Who works when, week of {board.first.day} {board.first:%B}"
        days = [board.first + timedelta(days=number) for number in range(7)]
        text = [
            f"{literal(line.who.plain)}: "
            + (sentence_list(f"{day:%a}" for day in days if _works(line, day)) or "not")
            for line in board.lines[:PAGE]
            if line.is_read
        ]
        if len(board.lines) > PAGE:
            text.append(f"and {len(board.lines) - PAGE} more")
    line = f"Shared by {by} · {_age(board)}"
    return Reply(
        f"{title}. {' '.join(text)} {line}", (*sections(f"*{title}*\n" + "\n".join(text)), context(line))
    )


def not_shared(channel: str) -> Reply:
    """The answer if Slack did not confirm that the shared board is in the channel."""
    return Reply.saying(
        f"Slack did not confirm that it posted the board in <#{channel}>. If it is not there, press *Share to"
        " channel* again."
    )


def _some(names: Sequence[str]) -> str:
    """The names as a list, of which at most ``SHARED`` are named."""
    more = [f"{len(names) - SHARED} more"] if len(names) > SHARED else []
    return (sentence_list([*names[:SHARED], *more]) or "nobody") + "."


def nobody(*, command: str, may_manage: bool, named: bool) -> Reply:
    """The answer if a board would be empty, with the reason."""
    whom = "you may change nobody’s week" if not may_manage else "nobody in it is linked to Toggl Focus"
    if named:
        whom = "nobody you named is linked to Toggl Focus, or they have left"
    return Reply.saying(
        f"I don’t know who to show here: {whom}. Name people, a group or a channel:"
        f" `{command} who friday @ana @ben` or `{command} who week #studio`."
    )


def _reply(
    board: Board, title: str, sentences: Sequence[str], blocks: list[Block], *, legend: str = ""
) -> Reply:
    notes = [_age(board), *filter(None, (legend, *board.notes))]
    if confirmed := sum(line.confirmed is not None for line in board.lines):
        notes.append(f"{confirmed} of {len(board.lines)} confirmed")
    if board.pages > 1:
        notes.append(f"page {board.page + 1} of {board.pages}")
    if board.unlinked:
        notes.append(f"{board.unlinked} not linked to Toggl Focus")
    if board.hidden:
        notes.append(f"{board.hidden} whose week{'s' if board.hidden > 1 else ''} you can’t see")
    if not board.leave_known:
        notes.append("who is away is not known at the moment: press Refresh")
    foot = " · ".join(notes)
    return Reply(" ".join([title, *sentences, foot]), (*blocks, context(foot), *actions(*_offers(board))))


def _offers(board: Board) -> Iterable[ButtonElement]:
    if len(board.asked) > LONGEST_ASKED:
        return
    page = f"{board.page} {board.asked}"
    yield button("Refresh", "who_refresh", value=page)
    yield button("Share to channel", "who_share", value=page)
    for name, number in (("Previous", board.page - 1), ("More", board.page + 1)):
        if 0 <= number < board.pages:
            yield button(name, f"who_page:{name.lower()}", value=f"{number} {board.asked}")


def _by_standing(lines: Iterable[Line], day: date) -> Iterable[tuple[str, list[Line], bool]]:
    """The day's groups of lines in display order, without empty ones: (heading, lines, with hours)."""
    people = [line for line in lines if line.who.subject.kind == "person"]
    resources = [line for line in lines if line.who.subject.kind == "placeholder"]
    away = [line for line in people if day in line.away]
    here = [line for line in people if day not in line.away and line.is_read]
    groups = (
        ("Works", [line for line in here if line.on(day)], True),
        ("Off", [line for line in here if line.on(day) == 0 and not line.is_idle(day)], False),
        ("No hours", [line for line in here if line.is_idle(day)], False),
        ("Away", away, False),
        ("Not set", [line for line in here if line.on(day) is None], False),
        ("Not read yet", [line for line in people if not line.is_read and day not in line.away], False),
        ("Placeholders", [line for line in resources if line.known], True),
        ("Placeholders not read yet", [line for line in resources if not line.known], False),
    )
    return (group for group in groups if group[1])


def _row(line: Line, days: Sequence[date]) -> list[str]:
    if not line.is_read:
        return [line.who.cell, *[_UNKNOWN] * 7, _UNKNOWN]
    cells = [_AWAY if day in line.away and line.on(day) else _cell(line, day) for day in days]
    at_work = Week(tuple(None if day in line.away else line.on(day) for day in days))
    return [line.who.cell, *cells, total(at_work)]


def _cell(line: Line, day: date) -> str:
    hours = line.on(day)
    if hours is None:
        return "–"
    if line.is_idle(day):
        return "0"
    return format_hours(hours).removesuffix(" h") if hours else "off"


def _date(day: date | None) -> str:
    return f"{day.day} {day:%b}" if day else "–"


def _works(line: Line, day: date) -> bool:
    return bool(line.on(day)) and day not in line.away


def _age(board: Board) -> str:
    """The age of the shown weeks and, separately, of the hours by date."""
    weeks = [line.known.as_of for line in board.lines if line.known and not line.dated]
    dates = [line.dated.as_of for line in board.lines if line.dated]
    told = []
    if dates:
        told.append(f"These dates’ hours from Toggl Focus, {how_old(board.now - min(dates))}")
    if weeks:
        whose = "the other weeks" if dates else "Weeks from Toggl Focus"
        told.append(f"{whose}, {how_old(board.now - min(weeks))}")
        told += [DAYS_UNSURE] if board.days_unsure else []
    return "; ".join(told) or "No week has been read yet: press Refresh"


def how_old(age: timedelta) -> str:
    """Format an age, such as ``at most 3 h old``."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"at most {minutes} min old"
    return f"at most {minutes // 60} h old" if minutes < 2880 else f"at most {minutes // 1440} days old"
