"""Parse ``my-data [@ana]``."""

from __future__ import annotations

from handlers.asked import Asked, Me, Mention, UnescapedMention, Verb
from handlers.grammar.named import named, problem
from handlers.grammar.typed import scan

__all__ = ["read_my_data"]


def read_my_data(text: str) -> Asked:
    """Parse ``my-data`` (the asker's own data) or ``my-data @ana`` (for admins)."""
    line = named(scan(text.strip(" ?")))
    match line.subjects:
        case () | (Me(),) if not line.rest:
            return Asked(Verb.MY_DATA)
        case (Mention() | UnescapedMention() as person,) if not line.rest:
            return Asked(Verb.MY_DATA, (person,))
    raise problem(
        "I show what I store about one person: you, or, for admins, the person they name with an @.",
        Verb.MY_DATA,
        Asked(Verb.MY_DATA),
    )
