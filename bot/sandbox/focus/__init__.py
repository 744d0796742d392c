"""A local Toggl Focus: the eight working-hours operations and what the bot reads around them."""

from bot.sandbox.focus.book import Ghost, Kind, Person, Row
from bot.sandbox.focus.calendar import Holiday, TimeOff
from bot.sandbox.focus.door import Quota
from bot.sandbox.focus.options import Numbering, Options
from bot.sandbox.focus.service import Focus, WeekLine

__all__ = [
    "Focus",
    "Ghost",
    "Holiday",
    "Kind",
    "Numbering",
    "Options",
    "Person",
    "Quota",
    "Row",
    "TimeOff",
    "WeekLine",
]
