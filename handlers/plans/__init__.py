"""Changes with dates: made (typed, or in a form), listed and changed, and brought about when they are due."""

from handlers.plans import due, listed, making

__all__ = ["due", "listed", "making"]
