"""Messages about an act: the actor's receipt, the notice to the person, and the audit line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views.blocks import (
    Reply,
    actions,
    button,
    context,
    mention,
    section,
    sections,
    sentence_list,
    when,
)
from handlers.views.conflicts import Writers, labels, question
from handlers.views.lists import sentences
from handlers.views.troubles import trouble_sentence
from handlers.views.week import (
    Who,
    capital,
    hours_word,
    in_words,
    kept,
    total,
    wanted,
    week_table,
    weeks_beside,
)
from handlers.views.words import format_days
from store.act import Act, Change, Kind, State, StepState
from store.week import Hours, Subject, Week, Weekday

__all__ = [
    "Reader",
    "ask_about",
    "audit",
    "difference",
    "earlier",
    "notice",
    "outcome",
    "receipt",
    "stamp",
    "undone",
]

IN_TABLE = 10
"""The most changes whose weeks are shown in a table."""
LATE = timedelta(minutes=1)
"""Between asking and writing: less nobody wonders about."""
A_SECTION = 10
"""The most lines in one paragraph."""

_Entries = Mapping[Weekday, Sequence[Hours]]
_NONE: _Entries = MappingProxyType({})
_DONE = {"POST": "set", "PUT": "changed", "DELETE": "removed"}
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
class Reader:
    """The reader of a receipt, the time, and whether tables and buttons (``offers``) are shown.

    Modals and Home have no tables; readers who did not make the act get no buttons.
    """

    user_id: str
    now: datetime
    tables: bool = True
    offers: bool = True


@dataclass(frozen=True, slots=True)
class _Part:
    """The result of one change: a sentence, and the weeks to show with it."""

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
        return f"{self.mark} {self.text}".strip()


def receipt(
    act: Act,
    who: Mapping[Subject, Who],
    reader: Reader,
    *,
    writers: Mapping[str, Writers] | None = None,
    past_moves: bool = False,
) -> Reply:
    """The receipt of an act, with buttons for what can be done about it.

    ``writers`` maps each change in conflict to the person who changed its days in the meantime.
    ``past_moves``: Focus was observed to change the capacity of past weeks, too.
    """
    since = writers or {}
    parts = [
        _part(act, change, who[change.subject], reader, since.get(change.id, {})) for change in act.changes
    ]
    blocks = list(_told(parts, reader))
    notes = [_foot(act, who, reader)]
    if any(step.state is StepState.FOUND for change in act.changes for step in change.steps):
        notes.append("Toggl Focus did not say whether it worked, so I read the week again: it did.")
    if past_moves and any(change.written for change in act.changes):
        notes.append("Toggl Focus counts the new hours for past weeks, too")
    if act.undone_by:
        notes.append(undone(act, reader))
    blocks.extend(map(context, notes))
    if reader.offers:
        blocks.extend(actions(*_offers(act, reader)))
    return Reply(" ".join([*(part.read for part in parts), ". ".join(notes)]), tuple(blocks))


def earlier(act: Act, who: Mapping[Subject, Who]) -> Reply:
    """Where it had said that something waits: what became of that is told by a message of its own."""
    whose = who[act.changes[0].subject].whose if len(act.changes) == 1 else f"{len(act.changes)} weeks"
    return Reply.saying(f"The change to {whose} had to wait. My newer message says what became of it.")


def notice(act: Act, change: Change, who: Who, *, may_change: bool, put_back: bool, team_id: str) -> Reply:
    """The notice to a person whose week somebody else changed."""
    deed = _DEED[act.kind]
    days = change.written
    asked = ", as you asked" if act.asked_by and who.label == mention(act.asked_by) else ""
    first = f"{mention(act.actor)} {deed} your working hours in Toggl Focus{asked}{_as_planned(act)}"
    blocks: list[Block] = [section(f"{first}.")]
    if change.before and (now := _now(change)) and (done := outcome(change)):
        first = f"{first}: {done}."
        blocks = [section(first), week_table([("Before", change.before), ("Now", now)], changed=True)]
        first = f"{first} Now: {in_words(now)}."
    foot = f"{format_days(days)} · {stamp(act, [change])} · Toggl Focus"
    first = f"{first} {foot}"
    blocks.append(context(foot))
    if put_back and act.undone_by_actor:
        back = f"Put back by {mention(act.undone_by_actor)}."
        first = f"{first}. {back}"
        blocks.append(context(back))
    ask = ask_about(act.actor, team_id=team_id)
    offer = button("Change", "edit", value=who.subject.key) if may_change else ask
    return Reply(first, (*blocks, *actions(offer)))


def ask_about(user_id: str, *, team_id: str) -> ButtonElement:
    """*Ask about it*: a button that opens a conversation with this user."""
    ask = button("Ask about it", "ask", value=user_id)
    ask.url = f"slack://user?team={team_id}&id={user_id}"
    return ask


def audit(act: Act, who: Mapping[Subject, Who]) -> Reply:
    """The act's line in the audit channel."""
    by = f"{mention(act.actor)} {_DEED[act.kind]}"
    lines = [
        f"{by} {_theirs(act, who[change.subject])}{_as_planned(act)}: {done}"
        for change in act.changes
        if (done := outcome(change))
    ]
    asked = f", asked by {mention(act.asked_by)}" if act.asked_by else ""
    undone = f" Undone by {mention(act.undone_by_actor)}." if act.undone_by_actor else ""
    return Reply.saying(f"{'; '.join(lines)}{asked}. {stamp(act, act.changes)}{undone}")


def _theirs(act: Act, who: Who) -> str:
    return "their own week" if who.label == mention(act.actor) else f"{who.label}’s week"


def stamp(act: Act, changes: Iterable[Change]) -> str:
    """When these changes of the act were written, and when they were asked for where that was before."""
    written = max((each.written_at for each in changes if each.written and each.written_at), default=act.at)
    if written - act.at < LATE:
        return when(act.at)
    return f"{when(written)} ({'due' if act.kind.of_the_clock else 'asked'} {when(act.at)})"


def outcome(change: Change) -> str:
    """Format what the change did: as :func:`difference`, for a repair with all entries that its day had.

    Empty if it wrote nothing.
    """
    now = _now(change)
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


def _told(parts: Sequence[_Part], reader: Reader) -> Iterable[Block]:
    """The sentences, and all their weeks in one table, since a message may have only one."""
    if not reader.tables:
        for part in parts[:IN_TABLE]:
            yield section(part.line)
            if part.weeks:
                yield weeks_beside(part.weeks)
        parts = parts[IN_TABLE:]
    for start in range(0, len(parts), A_SECTION):
        yield from sections("\n".join(part.line for part in parts[start : start + A_SECTION]))
    several = len(parts) > 1
    rows = [
        (f"{part.who.cell}, {name.lower()}" if several else name, week)
        for part in parts
        for name, week in part.weeks
    ]
    if rows and reader.tables and len(parts) <= IN_TABLE:
        yield week_table(rows, changed=True)


def _part(act: Act, change: Change, who: Who, reader: Reader, writers: Writers) -> _Part:
    """The result of one change of the act, by its state."""
    by = "You" if act.actor == reader.user_id else mention(act.actor)
    trouble = trouble_sentence(change)
    before, now = change.before, _now(change)
    match change.state:
        case State.APPLIED if before and now and change.written:
            text = f"{by} {_DEED[act.kind]} {who.whose}{_as_planned(act)}: {outcome(change)}."
            text = f"{text} {kept(before, now, apart_from=change.doubled)}".strip()
            weeks = (("Before", before), ("Now", now))
            return _Part(text, who, ":white_check_mark:", weeks, told=True)
        case State.APPLIED | State.UNCHANGED:
            week = now or before
            text = f"{capital(who.whose)} is already like that, so nothing was changed."
            return _Part(text, who, weeks=(("Now", week),) if week else ())
        case State.PARTIAL if before and change.wanted and now:
            done = set(change.written)
            missing = [day for day in change.days if day not in done]
            rest = f", {format_days(missing)} not" if missing else ""
            rest = f"{rest}, but there are still two entries" if change.doubled else rest
            text = (
                f"Only a part of the change to {who.whose} is in Toggl Focus:"
                f" {format_days(sorted(done))} done{rest}. {trouble}"
            )
            return _Part(text, who, ":warning:", (("Wanted", change.wanted), ("Now", now)))
        case State.CONFLICT if change.found and change.wanted:
            text = question(act, change, who, writers, reader=reader.user_id)
            return _Part(text, who, ":warning:", (("Now", change.found), ("Wanted", change.wanted)))
        case State.STARTED | State.WAITING if not trouble:
            return _Part(f"The change to {who.whose} is under way.", who, ":hourglass:")
        case State.WAITING:
            return _Part(
                f"The change to {who.whose} waits: {wanted(change.pattern)}. {trouble}", who, ":hourglass:"
            )
        case State.UNCLEAR | State.STARTED:
            text = f"The change to {who.whose} is not certain yet: {wanted(change.pattern)}. {trouble}"
            return _Part(text, who, ":hourglass:")
        case State.CANCELLED:
            return _Part(f"Cancelled: {who.whose} stays as it is.", who)
        case _:
            return _Part(f"Nothing was changed in {who.whose}. {trouble}", who, ":x:")


def _as_planned(act: Act) -> str:
    """A suffix for changes that a plan made."""
    return ", as planned" if act.kind.of_the_clock else ""


def _now(change: Change) -> Week | None:
    """The week in Focus after the change, if known."""
    if change.state is State.APPLIED and change.found is None:
        return change.wanted
    return change.found


def _foot(act: Act, who: Mapping[Subject, Who], reader: Reader) -> str:
    calls = [
        f"{_DONE[step.verb]} {format_days(step.days)}"
        for change in act.changes
        for step in change.steps
        if step.state in {StepState.DONE, StepState.FOUND}
    ]
    parts = [capital(", ".join(dict.fromkeys(calls)))] if calls else []
    if any(change.state is not State.UNCHANGED for change in act.changes):
        parts += ["by you" if act.actor == reader.user_id else f"by {mention(act.actor)}"]
        parts.append(stamp(act, act.changes))
    if act.asked_by:
        parts.append(
            "asked by you" if act.asked_by == reader.user_id else f"asked by {mention(act.asked_by)}"
        )
    parts.append("Toggl Focus")
    untold = [
        who[change.subject].label
        for change in act.changes
        if change.written and change.subject.kind == "person" and not who[change.subject].linked
    ]
    if untold:
        parts.append(f"{sentence_list(untold)} not told: no Slack link")
    if any(change.state is not State.UNCHANGED for change in act.changes):
        parts.append(f"act {act.id}")
    return " · ".join(parts)


def undone(act: Act, reader: Reader) -> str:
    """The note about who has undone the act, and when."""
    by = "you" if act.undone_by_actor == reader.user_id else mention(act.undone_by_actor or "")
    return f"Undone by {by} {when(act.undone_at) if act.undone_at else ''}".rstrip()


def _offers(act: Act, reader: Reader) -> Iterable[ButtonElement | None]:
    """Buttons for the act and, up to five, for its changes; each value is the id of its act or change."""
    for change in act.changes[:5]:
        match change.state:
            case State.PARTIAL if not change.is_over:
                yield button("Finish", f"finish:{change.id}", value=change.id, style="primary")
            case State.FAILED if change.can_finish:
                yield button("Try again", f"finish:{change.id}", value=change.id)
            case State.CONFLICT:
                overwrite, keep = labels(change)
                yield button(overwrite, f"overwrite:{change.id}", value=change.id, style="danger")
                yield button(keep, f"keep:{change.id}", value=change.id)
            case State.WAITING:
                yield button("Cancel", f"cancel:{change.id}", value=change.id)
    if act.undoable(reader.now):
        partly = any(change.state is State.PARTIAL for change in act.changes)
        name = "Put back" if partly else "Redo" if act.kind is Kind.UNDO else "Undo"
        yield button(name, "undo", value=act.id)
