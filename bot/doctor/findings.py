"""What the doctor says: one line for each thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "note", "ok", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: whether it is well, what was seen, and how to mend it."""

    mark: Literal["ok", "note", "not"]
    seen: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.mark:<5}{self.seen}{f' — {self.fix}' if self.fix else ''}"


def ok(seen: str) -> Finding:
    """As it should be."""
    return Finding("ok", seen)


def note(seen: str, *, fix: str = "") -> Finding:
    """Nothing is broken, and somebody should know."""
    return Finding("note", seen, fix)


def wrong(seen: str, *, fix: str) -> Finding:
    """Something will not work until it is mended."""
    return Finding("not", seen, fix)
