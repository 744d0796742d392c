"""The list of reminders: those the reader may change, then others in the same channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views.blocks import Reply, actions, button, context, mention, section, sections
from handlers.views.reminders.card import Known, buttons, card, sentence
from store.reminders import Reminder

__all__ = ["Page", "listed", "paged"]

SHOWN = 10
"""The most cards on a page: with at most four blocks each, they stay below a message's 50."""
OTHERS = 20
"""The most lines about other people's reminders on a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list: reminders the reader may change, and others in this channel."""

    mine: Sequence[Reminder]
    others: Sequence[Reminder]
    number: int
    pages: int
    only: str
    """The only channel that the list covers; empty for all channels."""


def paged(mine: Sequence[Reminder], others: Sequence[Reminder], *, number: int, only: str) -> Page:
    """Page ``number``, counted from 0; the last page if the list has become shorter."""
    own = [mine[at : at + SHOWN] for at in range(0, len(mine), SHOWN)] or [()]
    theirs = [others[at : at + OTHERS] for at in range(0, len(others), OTHERS)] or [()]
    parts = [*((part, ()) for part in own[:-1]), (own[-1], theirs[0]), *(((), part) for part in theirs[1:])]
    number = min(number, len(parts) - 1)
    return Page(*parts[number], number, len(parts), only)


def listed(page: Page, known: Known, *, command: str, may_make: bool) -> Reply:
    """The message with one page: cards with buttons, then lines about others in this channel."""
    new = button("New reminder…", "remind_form", value="remind form") if may_make else None
    hint = f"`{command} remind #channel mon 9:00 Europe/Berlin check` makes one in a line" if may_make else ""
    how = (*actions(new), *([context(hint)] if hint else []))
    if not page.mine and not page.others:
        text = "You don’t manage any reminders yet."
        return Reply(" ".join(filter(None, (text, hint))), (section(text), *how))
    said: list[str] = []
    blocks: list[Block] = []
    for reminder in page.mine:
        words, shown = card(reminder, known)
        said.append(words)
        blocks += [*shown, *buttons(reminder)]
    if page.others:
        lines = [f"• {sentence(each, known)} ({mention(each.owner)} manages it)" for each in page.others]
        blocks += sections("\n".join(["*Others in this channel*", *lines]))
        said += [line.removeprefix("• ") for line in lines]
    if page.pages > 1:
        which = f"Page {page.number + 1} of {page.pages}."
        said.append(which)
        blocks += [context(which), *actions(*_turn(page))]
    return Reply(" ".join(filter(None, [*said, hint])), (*blocks, *how))


def _turn(page: Page) -> Iterable[ButtonElement | None]:
    for name, to in (("Previous", page.number - 1), ("More", page.number + 1)):
        if 0 <= to < page.pages:
            yield button(name, f"reminders_page:{name.lower()}", value=f"{to} {page.only}")
