"""The parsed command as values: the grammar builds them and the features read them.

Every string is plain, unescaped text; a view escapes it for mrkdwn before it goes to Slack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Literal

from store.reminders import ReminderKind, Rule, Span
from store.week import Pattern

__all__ = [
    "Asked",
    "Channel",
    "DayDated",
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
    "echoed",
]

LABEL_LIMIT = 75
"""The longest text Slack accepts on a button, in characters."""


ECHO_LIMIT = 40
"""Characters of what somebody typed that are enough to know it again."""

_TYPED = re.compile(rf"(?<=“)[^“”]{{{ECHO_LIMIT + 1},}}(?=”)|[^\s“”]{{{ECHO_LIMIT + 1},}}")
"""What of a sentence can only be somebody's own words."""


def echoed(text: str) -> str:
    """What somebody typed, as far as it is said back to them."""
    return text if len(text) <= ECHO_LIMIT else text[: ECHO_LIMIT - 1].rstrip() + "…"


class Verb(StrEnum):
    """The first word of a command; the value is what people type."""

    LOOK = "look"
    SET = "set"
    CLEAR = "clear"
    EDIT = "edit"
    PLACEHOLDERS = "placeholders"
    UNDO = "undo"
    REDO = "redo"
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
    """The person who sent the command."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A Slack user, ``<@U123|ana>``; the label is for display only and never compared."""

    user_id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A Slack user group, ``<!subteam^S123|@designers>``."""

    id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """A Slack channel, ``<#C123|studio>``."""

    id: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A placeholder's name as typed between quotes, ``"Designer 1"``."""

    name: str


@dataclass(frozen=True, slots=True)
class Ghost:
    """A placeholder by its id in Focus, ``ghost:701``."""

    id: int


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A name without quotes or ``@``; accepted for reading a week, never for changing one."""

    name: str


@dataclass(frozen=True, slots=True)
class UnescapedMention:
    """An ``@ana`` that Slack did not resolve to a user id; the bot answers with a people picker."""

    name: str


@dataclass(frozen=True, slots=True)
class Here:
    """``@here``, ``@channel`` or ``@everyone``; the bot answers with a people picker."""

    word: str


SubjectRef = Me | Mention | Group | Channel | Quoted | Ghost | Unquoted | UnescapedMention | Here
"""How a command names a subject, before the name is resolved to a person or placeholder."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """The reminder settings in a typed line; anything not typed is empty."""

    rule: Rule | None = None
    at: time | None = None
    zone: str = ""
    """An IANA time zone name, spelled as in the time zone database."""
    kind: ReminderKind | Literal[""] = ""
    span: Span | Literal[""] = ""
    """How many days a board shows."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One parsed command.

    ``subjects`` is never empty for look, set, clear, edit, history, link and unlink: without a name
    it is the asker (:class:`Me`). For managers, the first subject is the manager and the others are the
    people whose weeks the grant covers.
    """

    verb: Verb
    subjects: tuple[SubjectRef, ...] = ()
    pattern: Pattern | None = None
    """For set and clear. Clear's clauses have no hours, and only clear accepts *workdays*."""
    focus_id: int | None = None
    """For link: the Focus user to link to."""
    action: str = ""
    """For managers: ``list``, ``grant`` or ``revoke``. For remind: ``form`` if only the form is wanted."""
    until: str = ""
    """For managers: a grant's last day, as an ISO date, ``today``, ``tomorrow`` or a weekday's name."""
    first: str = ""
    """For set, clear and edit: the first day, in the format of ``until``; empty means at once."""
    last: str = ""
    """For set, clear and edit: the last day, after which the week is put back; empty means no end."""
    rest: str = ""
    """Remaining text as typed: help's topic, part of a placeholder's name, the day of ``who``.

    For managers: ``everyone`` or ``placeholders``.
    """
    reminding: Reminding | None = None
    """For remind, whose ``subjects`` are the channel and the user group."""

    @property
    def channel(self) -> str:
        """The id of the channel that the command names; empty if none."""
        return next((ref.id for ref in self.subjects if isinstance(ref, Channel)), "")


@dataclass(frozen=True, slots=True)
class DayDated:
    """A date in the place of a weekday, as in ``tomorrow off``: a calendar tells which weekday it is."""

    word: str
    """As :attr:`Asked.first` is written."""
    asked: Asked
    """The same of a Monday."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A button with its label and the command it runs, as though the person had typed it."""

    label: str
    command: str
    dated: bool = False
    """Whether there are dates in it."""
    bare: bool = False
    """Whether it takes a name without quotes or @ for somebody's."""

    def __post_init__(self) -> None:
        """Shorten the label to Slack's limit for buttons."""
        if len(self.label) > LABEL_LIMIT:
            object.__setattr__(self, "label", self.label[: LABEL_LIMIT - 1].rstrip() + "…")


class Problem(Exception):  # noqa: N818 - an answer for a person, not a fault
    """A request that cannot be understood or used: a sentence, buttons to offer, working examples.

    ``day`` describes further buttons, for a caller that knows today's date.
    """

    def __init__(
        self,
        sentence: str,
        *,
        suggestions: tuple[Suggestion, ...] = (),
        examples: tuple[str, ...] = (),
        day: DayDated | None = None,
    ) -> None:
        sentence = _TYPED.sub(lambda found: echoed(found[0]), sentence)
        super().__init__(sentence)
        self.sentence = sentence
        self.suggestions = suggestions
        self.examples = examples
        self.day = day

    def offering(self, suggestions: Iterable[Suggestion]) -> Problem:
        """The same with these buttons."""
        return Problem(self.sentence, suggestions=tuple(suggestions), examples=self.examples, day=self.day)
