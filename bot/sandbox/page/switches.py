"""The faults that one click on the page switches on, with a plain sentence for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.sandbox.faults import Fault, FaultKind

__all__ = ["SWITCHES", "Switch"]

WRITES = "[PD]*"
"""POST, PUT and DELETE, not GET."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One fault that stays until it is switched off."""

    service: Literal["slack", "focus"]
    name: str
    sentence: str
    kind: FaultKind
    match: str = "*"
    seconds: float = 0

    @property
    def key(self) -> str:
        """The switch's name in the page's requests."""
        return f"{self.service}-{self.name}"

    def fault(self) -> Fault:
        """A new fault of this kind."""
        return Fault(kind=self.kind, match=self.match, seconds=self.seconds)


SWITCHES = (
    Switch(
        service="focus",
        name="slow",
        sentence="Focus takes 8 seconds for every answer.",
        kind=FaultKind.SLOW,
        seconds=8,
    ),
    Switch(
        service="focus",
        name="refuses",
        sentence="Focus refuses the key, as if it had expired.",
        kind=FaultKind.REFUSE,
    ),
    Switch(
        service="focus",
        name="fails-before",
        sentence="Focus fails before it writes: nothing changes there.",
        kind=FaultKind.FAIL_BEFORE,
        match=WRITES,
    ),
    Switch(
        service="focus",
        name="fails-after",
        sentence="Focus fails after it has written: the change is there all the same.",
        kind=FaultKind.FAIL_AFTER,
        match=WRITES,
    ),
    Switch(
        service="focus",
        name="cut-after",
        sentence="Focus writes, then the connection breaks without an answer.",
        kind=FaultKind.CUT_AFTER,
        match=WRITES,
    ),
    Switch(
        service="focus",
        name="quota",
        sentence="Focus says that this hour’s requests are used up.",
        kind=FaultKind.OUT_OF_QUOTA,
    ),
    Switch(
        service="focus",
        name="rate",
        sentence="Focus asks to slow down and to come back in 5 seconds.",
        kind=FaultKind.RATE_LIMITED,
        seconds=5,
    ),
    Switch(
        service="slack",
        name="slow",
        sentence="Slack takes 2 seconds for every call.",
        kind=FaultKind.SLOW,
        seconds=2,
    ),
    Switch(
        service="slack",
        name="cut-after",
        sentence="Slack posts messages, then the connection breaks without an answer.",
        kind=FaultKind.CUT_AFTER,
        match="chat.post*",
    ),
    Switch(
        service="slack",
        name="rate",
        sentence="Slack asks to wait 5 seconds before each message.",
        kind=FaultKind.RATE_LIMITED,
        match="chat.*",
        seconds=5,
    ),
)
