"""Words that are nearly others: a slip of the finger or two, and of a short word one."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["near"]


def near(word: str, known: Iterable[str], *, at_most: int = 3) -> list[str]:
    """The known words that may have been meant, the nearest first."""
    slips = 1 if len(word) <= 4 else 2
    found = sorted((_distance(word, each), each) for each in known if abs(len(each) - len(word)) <= slips)
    return [each for distance, each in found if distance <= slips][:at_most]


def _distance(one: str, other: str) -> int:
    """Letters to leave out, add, change, or swap with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                least = min(least, last[j - 2] + 1)
            row.append(least)
    return row[-1]
