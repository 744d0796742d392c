"""Who in Slack is like whom in Focus, by name and e-mail: for proposals that a person confirms. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from store.directory import Entry
from store.links import SlackPerson

__all__ = ["alike", "likeliest", "likeliest_of"]

ALIKE = 0.6
"""The least similarity of two names, 0 to 1, for offering them as a pair."""


def likeliest(person: SlackPerson, entries: Iterable[Entry]) -> Entry | None:
    """The unlinked Focus user most similar to the person, if any is similar enough."""
    return next(iter(alike(person, entries, at_most=1)), None)


def alike(person: SlackPerson, entries: Iterable[Entry], *, at_most: int) -> list[Entry]:
    """The unlinked Focus users similar to the person, most similar first."""
    free = (entry for entry in entries if entry.active and entry.slack_user_id is None)
    found = [(likeness, entry) for entry in free if (likeness := _likeness(person, entry)) >= ALIKE]
    found.sort(key=lambda pair: -pair[0])
    return [entry for _, entry in found[:at_most]]


def likeliest_of(entry: Entry, people: Iterable[SlackPerson]) -> SlackPerson | None:
    """The Slack user most similar to a Focus user, if any is similar enough."""
    able = [person for person in people if person.can_link]
    best = max(able, key=lambda person: _likeness(person, entry), default=None)
    return best if best and _likeness(best, entry) >= ALIKE else None


def _likeness(person: SlackPerson, entry: Entry) -> float:
    """How like a person and a Focus user are: the names, their words in any order, or the e-mails.

    An unconfirmed e-mail says nothing: anybody can type a colleague's.
    """
    email = "" if person.unconfirmed else person.email
    pairs = (
        (person.name, entry.name),
        (" ".join(sorted(person.name.split())), " ".join(sorted(entry.name.split()))),
        (_mailbox(email), _mailbox(entry.email)),
        (person.name.replace(" ", "."), _mailbox(entry.email)),
    )
    likenesses = (
        SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
        for one, other in pairs
        if one and other
    )
    return max(likenesses, default=0.0)


def _mailbox(email: str) -> str:
    return email.partition("@")[0]
