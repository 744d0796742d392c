"""The doctor's findings: one printed line for each thing that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "note", "ok", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: whether all is well, what was seen, and how to fix it."""

    mark: Literal["ok", "note", "not"]
    seen: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.mark:<5}{self.seen}{f' — {self.fix}' if self.fix else ''}"


def ok(seen: str) -> Finding:
    """A finding that all is as it should be."""
    return Finding("ok", seen)


def note(seen: str, *, fix: str = "") -> Finding:
    """A finding that breaks nothing, but that somebody should know."""
    return Finding("note", seen, fix)


def wrong(seen: str, *, fix: str) -> Finding:
    """A finding that stops something from working until it is fixed."""
    return Finding("not", seen, fix)
