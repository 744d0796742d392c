"""What somebody asked for, as values: the grammar makes them, features read them.

Every string is plain text, as a person would read it; a view escapes it before it goes to Slack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Literal

from store.reminders import ReminderKind, Rule, Span
from store.week import Pattern

__all__ = [
    "Asked",
    "Channel",
    "Ghost",
    "Group",
    "Here",
    "Me",
    "Mention",
    "Problem",
    "Quoted",
    "Reminding",
    "SubjectRef",
    "Suggestion",
    "UnescapedMention",
    "Unquoted",
    "Verb",
]

LABEL_LIMIT = 75
"""Characters Slack shows on a button."""


class Verb(StrEnum):
    """The first word of a command; its value is how it is typed."""

    LOOK = "look"
    SET = "set"
    CLEAR = "clear"
    EDIT = "edit"
    PLACEHOLDERS = "placeholders"
    UNDO = "undo"
    HISTORY = "history"
    LINK = "link"
    UNLINK = "unlink"
    LINKS = "links"
    MANAGERS = "managers"
    HELP = "help"
    WHO = "who"
    BULK = "bulk"
    PLAN = "plan"
    REMIND = "remind"
    REMINDERS = "reminders"
    STATUS = "status"
    MY_DATA = "my-data"


@dataclass(frozen=True, slots=True)
class Me:
    """The person who asks."""


@dataclass(frozen=True, slots=True)
class Mention:
    """``<@U123|ana>``; the label is only for reading and never compared."""

    user_id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """``<!subteam^S123|@designers>``."""

    id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """``<#C123|studio>``."""

    id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Quoted:
    """``"Designer 1"``: the name of a placeholder, as typed between the quotes."""

    name: str


@dataclass(frozen=True, slots=True)
class Ghost:
    """``ghost:701``: a placeholder by its id in Focus."""

    id: int


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A bare name: good enough to look, never to write."""

    name: str


@dataclass(frozen=True, slots=True)
class UnescapedMention:
    """``@ana`` that Slack did not turn into a person: needs a people picker."""

    name: str


@dataclass(frozen=True, slots=True)
class Here:
    """``here``, ``channel`` or ``everyone`` behind an ``@``: needs a people picker."""

    word: str


SubjectRef = Me | Mention | Group | Channel | Quoted | Ghost | Unquoted | UnescapedMention | Here
"""How a subject was named; who that is, is not known yet."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """What a typed line says of a reminder; what it leaves out is empty."""

    rule: Rule | None = None
    at: time | None = None
    zone: str = ""
    """An IANA name, as the zone database writes it."""
    kind: ReminderKind | Literal[""] = ""
    span: Span | Literal[""] = ""
    """Of a board."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One understood command.

    ``subjects`` is never empty for look, set, clear, edit, history, link and unlink: without a name
    it is the person who asks. For managers the first subject is the manager, the others are whose
    weeks the grant is about.
    """

    verb: Verb
    subjects: tuple[SubjectRef, ...] = ()
    pattern: Pattern | None = None
    """Of set and clear; clear's clauses have no hours, and it alone can say *workdays* to clear."""
    focus_id: int | None = None
    """Of link: the Focus user to link to."""
    action: str = ""
    """Of managers ``list``, ``grant`` or ``revoke``; of remind ``form`` where only the form is wanted."""
    until: str = ""
    """Of managers: the last day of a grant: an ISO date, ``today``, ``tomorrow`` or a weekday's name."""
    first: str = ""
    """Of set, clear and edit: the day it begins, as ``until`` is written; empty: at once."""
    last: str = ""
    """Of these: the last day, after which the week is put back; empty: it stays."""
    rest: str = ""
    """As typed: help's topic, part of a placeholder's name; of managers ``everyone`` or ``placeholders``."""
    reminding: Reminding | None = None
    """Of remind, whose subjects are the channel and the group."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A button: what it says, and the command it runs as though typed."""

    label: str
    command: str

    def __post_init__(self) -> None:
        """Cut the label to what a button can show."""
        if len(self.label) > LABEL_LIMIT:
            object.__setattr__(self, "label", self.label[: LABEL_LIMIT - 1].rstrip() + "…")


class Problem(Exception):  # noqa: N818 - an answer for a person, not a fault
    """A text that is not a command: what to say, buttons to offer, two commands that would work."""

    def __init__(
        self, sentence: str, *, suggestions: tuple[Suggestion, ...] = (), examples: tuple[str, ...] = ()
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.suggestions = suggestions
        self.examples = examples
