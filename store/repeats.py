"""Whether Slack deduplicates a message that is sent again with the same ``client_msg_id``.

Slack does not document it, so it is assumed only if it was observed: when a post was repeated after an
unclear answer, or by the ``doctor`` command, which tries it.
"""

from __future__ import annotations

from datetime import datetime

from store.facts import Facts

__all__ = ["Repeats"]

_RECOGNIZED = "slack_recognizes_repeats"


class Repeats:
    """Whether Slack deduplicates by ``client_msg_id``, as observed by this team."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def are_recognized(self) -> bool:
        """Whether deduplication was observed, by this process or another."""
        if not self._facts.get(_RECOGNIZED):
            await self._facts.load()
        return bool(self._facts.get(_RECOGNIZED))

    async def learn(self, *, recognized: bool, now: datetime) -> None:
        """Store what was observed."""
        if bool(self._facts.get(_RECOGNIZED)) is not recognized:
            await self._facts.put(_RECOGNIZED, recognized or None, now=now)
