"""The question back when days or hours are only nearly right."""

from __future__ import annotations

from handlers.grammar.dates import read_date
from handlers.grammar.when import lacks_year

__all__ = ["TimeOff", "Unclear"]


class Unclear(Exception):  # noqa: N818 - a question back, not a fault
    """Days or hours cannot be understood.

    ``repairs`` are complete texts to parse instead. ``foreign``: the text does not begin with days or
    hours, so it may be a name. ``typo``: a word is nearly a day's name. ``undated``: the text contains
    a date that cannot be parsed, and this is the text without it.
    """

    def __init__(
        self,
        sentence: str,
        *repairs: str,
        foreign: bool = False,
        typo: bool = False,
        undated: str | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.repairs = repairs
        self.foreign = foreign
        self.typo = typo
        self.undated = undated

    @classmethod
    def date(cls, phrase: str, *, undated: str) -> Unclear:
        """The error for a date that is ambiguous or stands where no date is accepted."""
        if phrase.endswith("yesterday"):
            return cls("Yesterday is past: a change can begin today or later.", undated=undated)
        day = phrase.removeprefix("on ")
        if read_date(day):
            sentence = f"Is that from {day} on, or only then? Write from {day}, or from {day} until {day}."
            return cls(sentence, undated=undated)
        if lacks_year(phrase):
            return cls(f"Add the year to “{phrase}”, as in 31 Jan 2027.", undated=undated)
        return cls(
            f"I can’t tell which date “{phrase}” means. Put the date after the hours: from 2027-01-31,"
            " from tomorrow, until next fri.",
            undated=undated,
        )


class TimeOff(Unclear):
    """Vacation or sick leave, which no weekly pattern can say."""
