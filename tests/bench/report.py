"""Tables of figures for the terminal, and goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Goal", "table"]


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal in words, and whether it was reached."""

    text: str
    met: bool
    of_speed: bool = False
    """Whether a slower machine may miss it, and so no test may ask for it."""

    def __str__(self) -> str:
        return f"{'reached' if self.met else 'MISSED '}  {self.text}"


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as text: floats with one decimal; the first column left-aligned, all others right-aligned."""
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [
        "  ".join(
            text.ljust(width) if number == 0 else text.rjust(width)
            for number, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in [list(heads), *cells]
    ]
    return "\n".join([title, *(f"  {line}" for line in lines), ""])


def _text(cell: object) -> str:
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)
