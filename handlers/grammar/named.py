"""Parse the subjects of a command, and build problems for lines that are only nearly right."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.asked import Asked, Me, Problem, Quoted, SubjectRef, Suggestion, UnescapedMention, Verb
from handlers.grammar.dates import UNDATED, Period
from handlers.grammar.days_and_hours import begins_with_days, readings
from handlers.grammar.spelled import suggest
from handlers.grammar.typed import Word
from handlers.grammar.unclear import Unclear
from store.week import Pattern

__all__ = ["EXAMPLES", "MYSELF", "Line", "asked_back", "named", "problem", "split_name", "text_of"]

EXAMPLES: Final[dict[Verb, tuple[str, str]]] = {
    Verb.LOOK: ("me", '"Designer 1"'),
    Verb.SET: ("set mon-thu 8, fri off", 'set "Designer 1" mon 7:30'),
    Verb.CLEAR: ("clear fri", 'clear "Designer 1" sat, sun'),
    Verb.EDIT: ("edit", 'edit "Designer 1"'),
    Verb.HISTORY: ("history", 'history "Designer 1"'),
    Verb.UNDO: ("undo", "history"),
    Verb.REDO: ("redo", "history"),
    Verb.LINK: ("link", "link @ana 501"),
    Verb.UNLINK: ("unlink", "unlink @ana"),
    Verb.MY_DATA: ("my-data", "my-data @ana"),
    Verb.BULK: ("bulk", 'bulk "Designer 1" ghost:702'),
    Verb.PLAN: ("plan", "set mon-thu 8 from next mon"),
    Verb.MANAGERS: ("managers grant @mia everyone", "managers revoke @mia placeholders"),
    Verb.REMIND: ("remind first workday 9:00", "remind weekdays 8:45 board"),
    Verb.REMINDERS: ("reminders", "remind"),
}
MYSELF: Final = frozenset({"me", "my", "mine", "myself", "i"})
_JOINTS: Final = frozenset({*"&+/,;:=", "and", "for", "of", "to", "the", "'s", "hours", "hour", "week"})
_HOURS_OF: Final = frozenset({"hours", "week"})


@dataclass(frozen=True, slots=True)
class Line:
    """The text after the verb: the subjects named first, whether *only* was typed, and the rest.

    Dates that were parsed are in ``period`` and removed from ``rest``.
    """

    subjects: tuple[SubjectRef, ...]
    only: bool
    rest: tuple[Word | SubjectRef, ...]
    period: Period = UNDATED

    @property
    def owners(self) -> tuple[SubjectRef, ...]:
        """The subjects; if none are named, the asker."""
        return self.subjects or (Me(),)

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of the rest, without subjects."""
        return tuple(token for token in self.rest if isinstance(token, Word))

    @property
    def late(self) -> tuple[SubjectRef, ...]:
        """Subjects in the wrong place, after other words."""
        return tuple(token for token in self.rest if not isinstance(token, Word))


def named(tokens: Sequence[Word | SubjectRef], *, only: bool = False) -> Line:
    """Split tokens into a :class:`Line`; with ``only``, the word *only* is recognised.

    Raises:
        Problem: a quotation mark is not closed, or a quoted name is empty.
    """
    if any(isinstance(token, Word) and token.is_open_quote for token in tokens):
        raise problem("A quotation mark is not closed: put one on both sides of the name.", Verb.LOOK)
    if Quoted("") in tokens:
        raise problem("There is no name between the quotation marks.", Verb.LOOK)
    subjects: dict[SubjectRef, None] = {}
    said_only = False
    rest = deque(tokens)
    while rest:
        word = _plain_at(rest, 0)
        if not isinstance(rest[0], Word):
            subjects[rest[0]] = None
        elif word in MYSELF:
            subjects[Me()] = None
        elif only and word == "only":
            said_only = True
        elif word and word not in _JOINTS and not (word == "working" and _plain_at(rest, 1) in _HOURS_OF):
            break
        rest.popleft()
    late = (Me() if isinstance(token, Word) and token.plain in MYSELF else token for token in rest)
    return _with_surname(Line(tuple(subjects), said_only, tuple(late)))


def text_of(words: Iterable[Word]) -> str:
    """The words as typed, joined with single spaces."""
    return " ".join(word.typed for word in words)


def split_name(words: Sequence[Word]) -> tuple[str, str]:
    """Split words into a name (at least one word) and the text from the first day on."""
    days = (at for at, word in enumerate(words) if at and begins_with_days(word.typed))
    at = next(days, len(words))
    return text_of(words[:at]).strip(" ,;:"), text_of(words[at:])


def problem(sentence: str, verb: Verb, *suggested: Asked | Suggestion) -> Problem:
    """Build a problem with a button for each command that may have been meant, and the verb's examples."""
    offered = (suggest(each) if isinstance(each, Asked) else each for each in suggested)
    buttons = {button.command: button for button in offered}
    return Problem(
        sentence, suggestions=tuple(buttons.values())[:7], examples=EXAMPLES.get(verb, EXAMPLES[Verb.LOOK])
    )


def asked_back(unclear: Unclear, make: Callable[[Pattern], Asked], *others: Asked | Suggestion) -> Problem:
    """Build the problem for an unclear pattern, with a button for each possible reading."""
    return problem(unclear.sentence, Verb.SET, *map(make, readings(unclear)), *others)


def _plain_at(tokens: Sequence[Word | SubjectRef], at: int) -> str:
    """The word at this index without punctuation; empty if there is no word."""
    token = tokens[at] if at < len(tokens) else None
    return token.plain.strip(",;:") if isinstance(token, Word) else ""


def _with_surname(line: Line) -> Line:
    """Add a surname to an unresolved mention: ``@ana lindqvist mon 8``."""
    match line:
        case Line(subjects=(*others, UnescapedMention(first)), rest=(Word() as word, *_)) if not _starts(
            word
        ):
            names = []
            for token in line.rest:
                if not isinstance(token, Word) or _starts(token):
                    break
                names.append(token.typed)
            whole = UnescapedMention(" ".join((first, *names)))
            return Line((*others, whole), line.only, line.rest[len(names) :])
    return line


def _starts(word: Word) -> bool:
    """Whether days or hours begin with this word."""
    return begins_with_days(word.typed) or word.plain[:1].isdigit() or word.plain == "off"
