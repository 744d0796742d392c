"""Whether a change of a week in Focus also changes the capacity of past weeks.

Focus does not document it, so it is assumed only if it was observed: the ``doctor`` command tries a write.
"""

from __future__ import annotations

from datetime import datetime

from store.facts import Facts

__all__ = ["Past"]

_MOVES = "focus_moves_the_past"


class Past:
    """Whether Focus changes past capacity, as observed by this team."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @property
    def moves(self) -> bool:
        """Whether past capacity was observed to change, according to the facts loaded last."""
        return bool(self._facts.get(_MOVES))

    async def learn(self, *, moves: bool, now: datetime) -> None:
        """Store what was observed."""
        if self.moves is not moves:
            await self._facts.put(_MOVES, moves or None, now=now)
