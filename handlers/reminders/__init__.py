"""Reminders: create and manage them, choose whom they name, post them when due, and handle the answers."""

from handlers.reminders import checks, due, invited, listed, making, nudges, posting

__all__ = ["checks", "due", "invited", "listed", "making", "nudges", "posting"]
