"""Plans, which are changes with dates: create, list, edit and cancel them, and begin them when due."""

from handlers.plans import due, listed, making

__all__ = ["due", "listed", "making"]
