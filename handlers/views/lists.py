"""Format long lists within Slack's limits, with a count of what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from slack_sdk.models.blocks import Block

from handlers.views.blocks import SECTION_TEXT, context, section

__all__ = ["Item", "Room", "about", "flowing", "grouped", "listed", "named", "sentences"]

PARAGRAPHS = 6
"""The most paragraphs of one list, to leave room for other lists and buttons."""

A_BLOCK = 100
A_LINE = 1000
"""The most characters of the names in one line of a list."""
FEW = 10
"""Up to this many people get a line each; if there are more, people with equal texts share lines."""

TEXT = 3500
"""The most bytes of the sentences in a message's ``text``, to leave room for others before them."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list, and how many people it covers."""

    text: str
    people: int = 1


@dataclass(slots=True)
class Room:
    """The characters that are left for lists in one message.

    Slack takes about 13,200 in all of a message's blocks, and counts about 100 more for each block.
    """

    left: int = 10_000

    def takes(self, text: str, *, new_block: bool = True) -> bool:
        """Whether there is room for this text, which then is taken."""
        length = len(text) + (A_BLOCK if new_block else 1)
        if length > self.left:
            return False
        self.left -= length
        return True


def listed(
    title: str, items: Sequence[Item], *, paragraphs: int = PARAGRAPHS, room: Room | None = None
) -> list[Block]:
    """A heading and as many lines as fit, then the number of people left out; empty without items.

    Lists of one message share its ``room``; without it, the list has a message's room to itself.
    """
    if not items:
        return []
    room = room or Room()
    pages: list[list[str]] = [[f"*{title}*"]]
    left = list(items)
    while left:
        line = f"• {left[0].text}"
        full = sum(len(each) + 1 for each in pages[-1]) + len(line) > SECTION_TEXT
        if (full and len(pages) == paragraphs) or not room.takes(line, new_block=full):
            break
        if full:
            pages.append([])
        pages[-1].append(line)
        left.pop(0)
    blocks: list[Block] = [section("\n".join(page)) for page in pages]
    if left:
        blocks.append(context(f"and {sum(item.people for item in left)} more"))
    return blocks


def grouped(what: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[Item]:
    """Turn ``(name, text)`` pairs into items: one line each for a few, else one per different text."""
    pairs = list(what.items()) if isinstance(what, Mapping) else list(what)
    if len(pairs) <= FEW:
        return [Item(f"{name}: {text}" if text else name) for name, text in pairs]
    together: dict[str, list[str]] = {}
    for name, text in pairs:
        together.setdefault(text, []).append(name)
    by_size = sorted(together.items(), key=lambda each: -len(each[1]))
    return [item for text, names in by_size for item in _with_names(text, names)]


def named(names: Sequence[str]) -> list[Item]:
    """Turn names into items with many names per line."""
    return list(_with_names("", names)) if names else []


def flowing(
    parts: Iterable[Item], *, begins: str = "", between: str = ", ", at_most: int = SECTION_TEXT
) -> list[Item]:
    """Join parts to texts of at most so many characters; the first one ``begins`` with a heading."""
    found = [Item(begins, 0)]
    for part in parts:
        last = found[-1]
        text = f"{last.text}{between if last.people else ''}{part.text}"
        if last.people and len(text) > at_most:
            found.append(part)
        else:
            found[-1] = Item(text, last.people + part.people)
    return found


def sentences(parts: Iterable[str]) -> str:
    """Join sentences for a message's ``text``, up to ``TEXT`` bytes."""
    found, length, every = [], 0, list(parts)
    for number, part in enumerate(every):
        if length + len(part.encode()) > TEXT:
            found.append(f"And {len(every) - number} more.")
            break
        found.append(part)
        length += len(part.encode()) + 1
    return " ".join(found)


def about(time: timedelta) -> str:
    """Format an estimate: ``under a minute``, ``about 20 min``, ``about 1 h 50``."""
    minutes = round(time.total_seconds() / 60)
    if minutes < 1:
        return "under a minute"
    if minutes < 60:
        return f"about {minutes} min"
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    return f"about {hours} h {rest}" if rest else f"about {hours} h"


def _with_names(text: str, names: Sequence[str]) -> Iterable[Item]:
    some = f"{text}: " if text else ""
    every = f"{text} · {len(names)} people: " if text and len(names) > 1 else some
    for number, line in enumerate(flowing(map(Item, names), at_most=A_LINE)):
        yield Item((some if number else every) + line.text, line.people)
