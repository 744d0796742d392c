"""Parse ``who [today | tomorrow | friday | week] [@group | @ana @ben | #channel | "Designer 1"]``."""

from __future__ import annotations

from typing import Final

from handlers.asked import Asked, SubjectRef, Verb
from handlers.grammar.named import problem
from handlers.grammar.typed import Word, scan
from store.week import ALL_DAYS

__all__ = ["TODAY", "WEEK", "read_who"]

TODAY: Final = "today"
WEEK: Final = "week"
_WHEN: Final = {
    TODAY: TODAY,
    "now": TODAY,
    "tomorrow": "tomorrow",
    WEEK: WEEK,
    **{day.name.lower(): day.name.lower() for day in ALL_DAYS},
    **{day.short.lower(): day.name.lower() for day in ALL_DAYS},
}
_FILLING: Final = frozenset(
    {"works", "work", "working", "is", "are", "on", "in", "this", "when", "the", "of", "and"}
)


def read_who(text: str) -> Asked:
    """Parse what follows *who*; ``rest`` becomes ``today``, ``tomorrow``, a weekday's name or ``week``.

    Raises:
        Problem: a word is not a day, or two days are named.
    """
    subjects: list[SubjectRef] = []
    days: list[str] = []
    for token in scan(text):
        if not isinstance(token, Word):
            subjects.append(token)
        elif (word := token.plain.strip(",?.")) in _WHEN:
            days.append(_WHEN[word])
        elif word and word not in _FILLING:
            raise problem(
                f"I can’t tell what “{token.typed}” means here: name a day, and people or a #channel.",
                Verb.WHO,
                Asked(Verb.WHO, tuple(subjects), rest=TODAY),
                Asked(Verb.WHO, tuple(subjects), rest=WEEK),
            )
    if len(days) > 1:
        raise problem(
            "One day at a time, or the whole week.", Verb.WHO, Asked(Verb.WHO, tuple(subjects), rest=WEEK)
        )
    return Asked(Verb.WHO, tuple(subjects), rest=days[0] if days else TODAY)
