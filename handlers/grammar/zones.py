"""Time zones as people type them: ``Europe/Berlin``, ``europe/berlin``, ``Berlin``, ``New York``.

Only places count: ``EST`` or ``CET`` would be wrong for half of the year.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final
from zoneinfo import available_timezones

__all__ = ["is_abbreviation", "zones_like", "zones_named", "zones_with"]

_UTC: Final = "UTC"
_CONTINENTS: Final = frozenset(
    {
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
)
_COPIES: Final = ("posix/", "right/")
"""The whole database once more: in the second, with leap seconds."""
_ABBREVIATION: Final = re.compile(r"[a-z]{1,2}[sde]t|gmt|msk|sgt|(?:utc|gmt)\s?[+-]?[0-9].*")
"""Letters that stand for an offset, or for several."""


def is_abbreviation(text: str) -> bool:
    """Whether it is a zone's letters (``cet``) or an offset (``utc+1``), which are no place."""
    return bool(_ABBREVIATION.fullmatch(text))


def zones_with(part: str) -> tuple[str, ...]:
    """The zones with these letters in their name, for a list to choose from."""
    wanted = part.lower().replace(" ", "_")
    return tuple(name for lower, name in _places().items() if wanted in lower and _is_place(name))


def zones_named(text: str) -> tuple[str, ...]:
    """The zones of this name, or of a place of this name; several only where places share it."""
    word = text.lower().replace(" ", "_")
    if exact := _places().get(word):
        return (exact,)
    return _cities().get(word, ())


def zones_like(text: str) -> tuple[str, ...]:
    """Up to three zones that may have been meant."""
    word = text.lower().replace(" ", "_")
    near = get_close_matches(word, _places(), n=3, cutoff=0.82)
    if not near:
        near = get_close_matches(word.rpartition("/")[2], _cities(), n=3, cutoff=0.75)
        return tuple(zone for city in near for zone in _cities()[city])[:3]
    return tuple(_places()[each] for each in near)


@cache
def _places() -> Mapping[str, str]:
    """Name in lower case -> name; also of names that are kept for old times' sake, such as US/Pacific."""
    known = (name for name in available_timezones() if "/" in name and not name.startswith(_COPIES))
    return {name.lower(): name for name in (_UTC, *sorted(known))}


@cache
def _cities() -> Mapping[str, tuple[str, ...]]:
    """The last part of a place's name, in lower case -> the zones."""
    found = defaultdict(list)
    for lower, name in _places().items():
        if _is_place(name):
            found[lower.rpartition("/")[2]].append(name)
    return {city: tuple(names) for city, names in found.items()}


def _is_place(name: str) -> bool:
    return name.partition("/")[0] in _CONTINENTS or name == _UTC
