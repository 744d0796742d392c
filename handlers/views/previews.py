"""The list of placeholders with their weeks."""

from __future__ import annotations

from collections.abc import Container, Sequence

from handlers.asked import echoed
from handlers.views.blocks import Reply, actions, button, context, escape, literal, sections
from handlers.views.week import Who, day_list, total
from handlers.views.words import counted
from store.week import Snapshot, Subject

__all__ = ["placeholders"]

SHOWN = 40


def placeholders(
    lines: Sequence[tuple[Who, Snapshot | None]],
    *,
    part: str,
    changeable: Container[Subject],
    command: str,
) -> Reply:
    """Placeholders by name, with their last-known weeks; how to look at one, and to change what one may."""
    named = f" with “{literal(echoed(part))}” in the name" if part else ""
    if not lines:
        return Reply.saying(f"Toggl Focus has no placeholder{named}.")
    known = [(who, found.week) for who, found in lines if found]
    sentences = [f"{who.label}: {day_list(week)}; {total(week)}." for who, week in known]
    sentences += [f"{who.label}: not read yet." for who, found in lines if not found]
    mine = [who for who, _ in lines if who.subject in changeable]
    change = f" · change one: `{command} set {_typed(mine[0])} mon 8`" if mine else ""
    hint = f"Look at one: `{command} {_typed(lines[0][0])}`{change}"
    title = f"{counted(len(lines), 'placeholder')}{named}"
    blocks = [*sections(f"{title}\n" + "\n".join(sentences[:SHOWN])), context(hint)]
    if len(mine) <= 5:
        edits = (button(f"Edit {who.plain}", f"edit:{who.subject.id}", value=who.subject.key) for who in mine)
        blocks += actions(*edits)
    if len(sentences) > SHOWN:
        blocks.append(
            context(f"and {len(sentences) - SHOWN} more: `{command} placeholders` with a part of a name")
        )
    return Reply(f"{title}. {' '.join(sentences)} {hint}", tuple(blocks))


def _typed(who: Who) -> str:
    """The placeholder as it can be typed; by its number, where its name would end the example."""
    return f"ghost:{who.subject.id}" if set('"`') & set(who.plain) else f'"{escape(who.plain)}"'
