"""The dry run of a change to many weeks, shown with one button that applies all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from handlers.views.asking import Askable, ask_for_weeks
from handlers.views.blocks import Reply, actions, button, context, mention, section, sentence_list
from handlers.views.lists import Item, Room, about, grouped, listed, named, sentences
from handlers.views.modals import modal
from handlers.views.outcomes import difference
from handlers.views.spans import span
from handlers.views.week import Who, ago, capital, wanted
from handlers.views.words import counted
from store.act import FEW, Days
from store.codec import days_from_json, days_to_json, pattern_from_json, pattern_to_json
from store.week import Pattern, Subject, Week

__all__ = ["CALLBACK", "DryRun", "Line", "dates", "kept", "message", "restored", "view"]

CALLBACK = "bulk_preview"

_REFUSED = "You can’t change these weeks"
NOTHING_YET = "Nothing is written yet."


@dataclass(frozen=True, slots=True)
class Line:
    """One cached week, and the week after the change; both ``None`` if it was never read."""

    who: Who
    before: Week | None = None
    after: Week | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """The effect of a pattern on many weeks, and the people it cannot be applied to, by reason."""

    pattern: Pattern
    first: date | None = None
    last: date | None = None
    """The dates of the plan; without both, the change is made at once. The weeks are as of the first day."""
    lines: tuple[Line, ...] = ()
    oldest: timedelta | None = None
    """The age of the oldest cached week."""
    takes: timedelta = timedelta()
    refused: tuple[Who, ...] = ()
    who_can: tuple[str, ...] = ()
    """Slack users who may change the refused weeks."""
    askable: tuple[Askable, ...] = ()
    """The people who can be asked to change them, with a button each."""
    unlinked: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    """Mentions of other organizations' people; ``unlinked`` have no Focus user, ``gone`` are deactivated."""
    problems: tuple[str, ...] = ()
    """Escaped sentences about subjects that are left out."""

    @property
    def is_dated(self) -> bool:
        """Whether the change would be planned rather than made at once."""
        return self.first is not None or self.last is not None

    @property
    def changing(self) -> tuple[Line, ...]:
        """The lines whose week would change, or was never read."""
        return tuple(line for line in self.lines if line.before is None or line.before != line.after)


def kept(dry: DryRun) -> dict[str, Any]:
    """Encode for a draft what applying the dry run needs."""
    weeks = [
        [line.who.subject.key, days_to_json(None if line.before is None else dict(line.before))]
        for line in dry.changing
    ]
    first, last = (day.isoformat() if day else "" for day in (dry.first, dry.last))
    return {"pattern": pattern_to_json(dry.pattern), "weeks": weeks, "first": first, "last": last}


def restored(body: Any) -> tuple[Pattern, dict[Subject, Days | None]]:
    """Decode from :func:`kept`'s result the pattern, and the days shown for each subject."""
    weeks: dict[Subject, Days | None] = {
        Subject.parse(key): days_from_json(days) for key, days in body["weeks"]
    }
    return pattern_from_json(body["pattern"]), weeks


def dates(body: Any) -> tuple[str, str]:
    """Decode from :func:`kept`'s result the first and last day (ISO, or empty)."""
    return body.get("first", ""), body.get("last", "")


def message(dry: DryRun, draft: str | None) -> Reply:
    """The dry run as a message; without a draft it has no buttons."""
    return Reply(
        sentences(_sentences(dry)),
        (
            *_blocks(dry),
            *actions(
                button(_apply(dry), "apply", value=draft, style="primary") if draft else None,
                button("Cancel", "dismiss") if draft else None,
            ),
        ),
    )


def view(dry: DryRun, draft: str | None, *, title: str, external_id: str | None) -> View:
    """The dry run as a modal, whose submit button applies it."""
    return modal(
        title,
        _blocks(dry),
        callback_id=CALLBACK,
        submit=_apply(dry) if draft else None,
        close="Cancel" if draft else "Close",
        external_id=external_id,
        private_metadata=draft or "",
    )


def _apply(dry: DryRun) -> str:
    return f"Apply to {len(dry.changing)}"


def _blocks(dry: DryRun) -> list[Block]:
    known, unread, same = _sorted(dry)
    blocks: list[Block] = [section(f"*{capital(wanted(dry.pattern))}*{_when(dry)} · {_counts(dry)}")]
    room = Room()
    for heading, items in (
        ("Would change", grouped((line.who.label, _difference(line)) for line in known)),
        (
            "Never read yet, so they are read before they are changed",
            named([line.who.label for line in unread]),
        ),
        ("Already like that", named([line.who.label for line in same])),
    ):
        blocks += listed(heading, items, room=room)
    for heading, items in _left_out(dry):
        blocks += listed(heading, items, room=room)
        if items and heading.startswith(_REFUSED):
            blocks += actions(*map(ask_for_weeks, dry.askable))
    if dry.changing:
        blocks.append(context(f"{_note(dry)} {NOTHING_YET}".lstrip()))
    return blocks


def _sentences(dry: DryRun) -> list[str]:
    """The dry run as sentences, the most important first, since the last ones may be cut off."""
    known, unread, same = _sorted(dry)
    told = (
        [NOTHING_YET, f"{_counts(dry)}{_when(dry)}.", _note(dry)]
        if dry.changing
        else [f"Nothing would change{_when(dry)}."]
    )
    told += [
        f"{heading}: {', '.join(item.text for item in items).rstrip('.')}."
        for heading, items in _left_out(dry)
    ]
    told += [f"{capital(line.who.whose)}: {_difference(line)}." for line in known]
    told += [f"{capital(line.who.whose)} was never read yet." for line in unread]
    told += [f"{capital(line.who.whose)} is already like that." for line in same]
    return told


def _sorted(dry: DryRun) -> tuple[list[Line], list[Line], list[Line]]:
    known = [line for line in dry.changing if line.before is not None]
    unread = [line for line in dry.lines if line.before is None]
    same = [line for line in dry.lines if line.before is not None and line.before == line.after]
    return known, unread, same


def _left_out(dry: DryRun) -> Sequence[tuple[str, list[Item]]]:
    """The people to whom the change is not applied, by reason: (heading, items)."""
    could = f"; {sentence_list([mention(each) for each in dry.who_can[:3]], last='or')} can" * bool(
        dry.who_can
    )
    lists = (
        (f"{_REFUSED}{could}", named([who.label for who in dry.refused])),
        ("Not linked to anybody in Toggl Focus", named(dry.unlinked)),
        ("Deactivated", named(dry.gone)),
        ("Not of this workspace", named(dry.elsewhere)),
        ("Left out", [Item(problem) for problem in dry.problems]),
    )
    return [(heading, items) for heading, items in lists if items]


def _difference(line: Line) -> str:
    return difference(line.before, line.after) if line.before and line.after else ""


def _counts(dry: DryRun) -> str:
    every = len(dry.lines)
    if not every:
        return "nothing would change"
    would = len(dry.changing)
    return f"{would} of {counted(every, 'week')} would change"


def _when(dry: DryRun) -> str:
    return f" {span(dry.first, dry.last)}" if dry.is_dated else ""


def _note(dry: DryRun) -> str:
    parts = []
    if dry.oldest is not None:
        parts.append(f"From the weeks as last read, the oldest {ago(dry.oldest)}")
    if dry.is_dated:
        parts.append("days begin at 0:00 in each person’s own zone")
    elif len(dry.changing) > FEW:
        parts.append(f"it takes {about(dry.takes)} with your quota, and others can still use me")
    if dry.changing:
        then = "then" if dry.is_dated else "first"
        parts.append(f"each week is read again {then}, and those that have changed since are skipped")
    return f"{capital('; '.join(parts))}." if parts else ""
