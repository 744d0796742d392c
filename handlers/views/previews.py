"""Weeks in lists: what a change would do to several, and which placeholders there are."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.views.blocks import Reply, actions, button, context, escape, section
from handlers.views.receipts import difference
from handlers.views.week import Who, capital, day_list, total, week_table
from store.week import Snapshot, Week

__all__ = ["placeholders", "several"]

TABLE_ROWS = 99
SHOWN = 40


def several(lines: Sequence[tuple[Who, Week, Week]], *, text: str) -> Reply:
    """Before -> after for each, with one button for all; those already like that are said so."""
    changing = [(who, before, after) for who, before, after in lines if before != after]
    same = [who for who, before, after in lines if before == after]
    sentences = [f"{capital(who.whose)}: {difference(before, after)}." for who, before, after in changing]
    sentences += [f"{capital(who.whose)} is already like that." for who in same]
    if not changing:
        return Reply.saying(" ".join(sentences))
    rows = [
        row
        for who, before, after in changing[: TABLE_ROWS // 2]
        for row in ((f"{who.plain}, now", before), ("→ then", after))
    ]
    apply = button(f"Apply to {len(changing)}", "apply", value=text[:2000], style="primary")
    return Reply(
        " ".join(["Nothing is written yet.", *sentences]),
        (
            section("\n".join(sentences[:SHOWN])),
            week_table(rows),
            context("Nothing is written yet."),
            *actions(apply, button("Cancel", "dismiss")),
        ),
    )


def placeholders(lines: Sequence[tuple[Who, Snapshot | None]], *, part: str, command: str) -> Reply:
    """Placeholders by name, with their last-known weeks; how to look at one and to change one."""
    named = f" with “{escape(part)}” in the name" if part else ""
    if not lines:
        return Reply.saying(f"Toggl Focus has no placeholder{named}.")
    known = [(who, found.week) for who, found in lines if found]
    sentences = [f"{who.label}: {day_list(week)}; {total(week)}." for who, week in known]
    sentences += [f"{who.label}: not read yet." for who, found in lines if not found]
    first = lines[0][0].plain
    hint = f'Change one: `{command} set "{escape(first)}" mon 8` · look: `{command} "{escape(first)}"`'
    title = f"{len(lines)} placeholder{'s' if len(lines) > 1 else ''}{named}"
    blocks = [section(f"{title}\n" + "\n".join(sentences[:SHOWN])), context(hint)]
    if len(lines) <= 5:
        looks = [
            button(f"Edit {who.plain}", f"edit:{who.subject.id}", value=who.subject.key) for who, _ in lines
        ]
        blocks += actions(*looks)
    if len(sentences) > SHOWN:
        blocks.append(
            context(f"and {len(sentences) - SHOWN} more: `{command} placeholders` with a part of a name")
        )
    return Reply(f"{title}. {' '.join(sentences)} {hint}", tuple(blocks))
