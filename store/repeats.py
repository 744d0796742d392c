"""Whether Slack recognizes a message that is sent once more under the same ``client_msg_id``.

Slack promises it nowhere, so it counts only where it was seen: in a repeat after an unclear answer, or by
the doctor, who tries it.
"""

from __future__ import annotations

from datetime import datetime

from store.facts import Facts

__all__ = ["Repeats"]

_RECOGNIZED = "slack_recognizes_repeats"


class Repeats:
    """What is known of it in one team."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def are_recognized(self) -> bool:
        """Whether this was seen, by this process or another."""
        if not self._facts.get(_RECOGNIZED):
            await self._facts.load()
        return bool(self._facts.get(_RECOGNIZED))

    async def learn(self, *, recognized: bool, now: datetime) -> None:
        """Remember what was seen."""
        if bool(self._facts.get(_RECOGNIZED)) is not recognized:
            await self._facts.put(_RECOGNIZED, recognized or None, now=now)
