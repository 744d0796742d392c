"""Which placeholders there are, with their weeks."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.views.blocks import Reply, actions, button, context, escape, section
from handlers.views.week import Who, day_list, total
from store.week import Snapshot

__all__ = ["placeholders"]

SHOWN = 40


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
