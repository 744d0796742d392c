"""Reminders: made, listed, looked after; when one is due, whom it names, its post, and what is answered."""

from handlers.reminders import checks, due, invited, listed, making, nudges, posting

__all__ = ["checks", "due", "invited", "listed", "making", "nudges", "posting"]
