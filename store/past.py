"""Whether a change of a week in Focus moves the capacity of weeks that are over, too.

Focus says nothing of it, so it counts only where it was seen: by the doctor, who tries a write.
"""

from __future__ import annotations

from datetime import datetime

from store.facts import Facts

__all__ = ["Past"]

_MOVES = "focus_moves_the_past"


class Past:
    """What is known of it in one team."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @property
    def moves(self) -> bool:
        """Whether it was seen to move, as far as this process has read."""
        return bool(self._facts.get(_MOVES))

    async def learn(self, *, moves: bool, now: datetime) -> None:
        """Remember what was seen."""
        if self.moves is not moves:
            await self._facts.put(_MOVES, moves or None, now=now)
