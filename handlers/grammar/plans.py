"""Parse ``plan [subject …]``, which shows planned changes."""

from __future__ import annotations

from collections.abc import Callable

from handlers.asked import Asked, Problem, Verb
from handlers.grammar.named import named, problem, text_of
from handlers.grammar.typed import scan

__all__ = ["read_plan"]


def read_plan(text: str, *, read_set: Callable[[str], Asked]) -> Asked:
    """Parse whose plans to show; without subjects, all that concern the asker.

    Raises:
        Problem: other words follow; if they are a dated change, *set* is suggested.
    """
    line = named(scan(text))
    whose = Asked(Verb.PLAN, (*line.subjects, *line.late))
    if not line.words:
        return whose
    try:
        meant = read_set(text)
    except Problem:
        sentence = f"I don’t know what to do with “{text_of(line.words)}” after plan. Name people with an @."
        raise problem(sentence, Verb.PLAN, whose) from None
    dated = (meant,) if meant.first or meant.last else ()
    raise problem("Plan shows what is planned; set plans it, with from and a date.", Verb.PLAN, *dated, whose)
