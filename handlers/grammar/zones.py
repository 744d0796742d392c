"""Look up time zones as people type them: ``Europe/Berlin``, ``europe/berlin``, ``Berlin``, ``New York``.

Only places are accepted, since ``EST`` or ``CET`` would be wrong for half of the year.
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
"""Prefixes under which the zone database repeats all zones (``right/`` with leap seconds)."""
_ABBREVIATION: Final = re.compile(r"[a-z]{1,2}[sde]t|gmt|msk|sgt|(?:utc|gmt)\s?[+-]?[0-9].*")
"""Abbreviations of one or several offsets, and offsets themselves."""


def is_abbreviation(text: str) -> bool:
    """Whether the text is a zone's abbreviation (``cet``) or an offset (``utc+1``) rather than a place."""
    return bool(_ABBREVIATION.fullmatch(text))


def zones_with(part: str) -> tuple[str, ...]:
    """The zones whose names contain these letters, for a select's options."""
    wanted = part.lower().replace(" ", "_")
    return tuple(name for lower, name in _places().items() if wanted in lower and _is_place(name))


def zones_named(text: str) -> tuple[str, ...]:
    """The zone with this name, or the zones of cities with this name (several if cities share it)."""
    word = text.lower().replace(" ", "_")
    if exact := _places().get(word):
        return (exact,)
    return _cities().get(word, ())


def zones_like(text: str) -> tuple[str, ...]:
    """Up to three zones with similar names, as suggestions."""
    word = text.lower().replace(" ", "_")
    near = get_close_matches(word, _places(), n=3, cutoff=0.82)
    if not near:
        near = get_close_matches(word.rpartition("/")[2], _cities(), n=3, cutoff=0.75)
        return tuple(zone for city in near for zone in _cities()[city])[:3]
    return tuple(_places()[each] for each in near)


@cache
def _places() -> Mapping[str, str]:
    """Name in lower case -> name, including names kept for compatibility, such as US/Pacific."""
    known = (name for name in available_timezones() if "/" in name and not name.startswith(_COPIES))
    return {name.lower(): name for name in (_UTC, *sorted(known))}


@cache
def _cities() -> Mapping[str, tuple[str, ...]]:
    """City (a zone name's last part, in lower case) -> its zones."""
    found = defaultdict(list)
    for lower, name in _places().items():
        if _is_place(name):
            found[lower.rpartition("/")[2]].append(name)
    return {city: tuple(names) for city, names in found.items()}


def _is_place(name: str) -> bool:
    return name.partition("/")[0] in _CONTINENTS or name == _UTC
