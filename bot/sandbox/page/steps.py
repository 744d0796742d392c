"""The page's three first steps (look, edit, undo), ticked off by what the call log shows."""

from __future__ import annotations

from typing import Any

from bot.sandbox.calls import Call

__all__ = ["Steps"]

_ACTS = frozenset({"slash_command", "message", "block_actions", "view_submission"})


class Steps:
    """Which of the three steps have been done."""

    def __init__(self) -> None:
        self.done = [False, False, False]
        self._undoing = False

    def reset(self) -> None:
        """Mark all steps as not done."""
        self.__init__()  # type: ignore[misc]  # it sets both fields, and nothing else is kept

    def take(self, call: Call) -> None:
        """Tick off the step that a new call shows to be done."""
        payload = call.request if isinstance(call.request, dict) else {}
        if call.service == "slack" and call.direction == "out" and call.name in _ACTS:
            words = _words(payload)
            self._undoing = "undo" in words
            self.done[0] |= words in {"", "me"} and call.name in {"slash_command", "message"}
        if call.service == "focus" and call.name[0] in "PD" and (call.status or 500) < 300:
            if self._undoing:
                self.done[2] |= self.done[1]
            else:
                self.done[1] = True


def _words(payload: dict[str, Any]) -> str:
    """The text that was typed, or the action ids of what was pressed."""
    event = payload.get("event") or payload
    if event.get("actions"):
        return " ".join(str(action.get("action_id")) for action in event["actions"]).lower()
    return str(event.get("text") or "").strip().lower()
