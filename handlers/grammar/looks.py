"""Parse commands that read, and lines without a verb; nothing parsed here ever writes.

A line without a verb may be a name, a question in plain words, a misspelt verb, or days and hours
without *set*. The last two raise a problem that suggests the right command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from handlers.asked import Asked, Me, Problem, Quoted, SubjectRef, Suggestion, Unquoted, Verb
from handlers.grammar.boards import WEEK
from handlers.grammar.dates import Period
from handlers.grammar.day_words import NEGATIONS
from handlers.grammar.days_and_hours import begins_with_days, read_pattern, readings
from handlers.grammar.named import MYSELF, Line, asked_back, named, problem, split_name, text_of
from handlers.grammar.near import near
from handlers.grammar.periods import which_date
from handlers.grammar.spelled import command, suggest
from handlers.grammar.typed import Word, normalised, scan, speaks_of_time_off, unescaped
from handlers.grammar.unclear import TimeOff, Unclear
from store.week import Pattern

__all__ = ["read_bare", "read_history", "read_look"]

# fmt: off
_QUESTIONS: Final = frozenset({
    "what", "whats", "what's", "how", "when", "where", "show", "see", "view", "display", "get",
    "tell", "give", "my", "our", "check", "list", "which", "do", "does", "i", "i'm", "im", "is", "are", "am",
})
_CHAT: Final = _QUESTIONS | frozenset({
    "the", "a", "an", "of", "for", "in", "on", "at", "and", "about", "please",
    "hours", "hour", "week", "weeks", "working", "work", "works", "schedule", "much", "many",
    "long", "days", "day", "people's", "current", "currently", "now", "today", "tomorrow", "this",
    "next", "me", "'s", "can", "could", "you", "would", "like", "to", "want", "will",
})
"""Words of a question that cannot be part of a name."""
_MEANT: Final = {
    "change": Verb.SET, "update": Verb.SET, "put": Verb.SET, "make": Verb.SET, "add": Verb.SET,
    "remove": Verb.CLEAR, "delete": Verb.CLEAR, "unset": Verb.CLEAR,
    "revert": Verb.UNDO, "restore": Verb.UNDO, "back": Verb.UNDO,
    "modify": Verb.EDIT, "open": Verb.EDIT, "connect": Verb.LINK, "disconnect": Verb.UNLINK,
    "log": Verb.HISTORY, "cancel": Verb.PLAN, "grant": Verb.MANAGERS, "revoke": Verb.MANAGERS,
}
# fmt: on
_I_AM: Final = re.compile(
    r"i(?:['’]?m|\s+am|(?:['’]ll|\s+will)\s+be|\s+(?:only\s+)?work)\s+(?:only\s+)?", re.IGNORECASE
)
_NAME_LIMIT: Final = 6
"""The most words in a name without quotes."""
_LOOK_LIMIT: Final = 20
"""The most weeks shown beside each other; boards have pages for more."""
_BUTTON_LIMIT: Final = 2000
"""The longest command that a button's value can hold, in characters."""

Parse = Callable[[str], Asked]


def read_look(text: str, *, chat: bool = False) -> Asked:
    """Parse ``look [subject …]``; with ``chat``, words of a question around the subjects are ignored."""
    tokens = scan(text)
    line = named(tokens)
    if line.words and not line.late and not chat:
        try:
            pattern = read_pattern(text_of(line.words))
        except Unclear:
            pass
        else:
            raise _no_verb(line.owners, pattern)
    return _look(tuple(dict.fromkeys(_names(tokens, chat=chat))) or (Me(),))


def read_history(text: str) -> Asked:
    """Parse ``history [of] [subject]``."""
    whose = re.sub(r"^(?:of|for)\s", "", text, flags=re.IGNORECASE)
    subjects = tuple(dict.fromkeys(_names(scan(whose), chat=False))) or (Me(),)
    if len(subjects) > 1:
        each = (Asked(Verb.HISTORY, (subject,)) for subject in subjects)
        raise problem("One history at a time. Whose?", Verb.HISTORY, *each)
    return Asked(Verb.HISTORY, subjects)


def read_bare(text: str, *, parse: Parse) -> Asked:
    """Parse a line without a verb; ``parse`` parses the whole lines suggested by a problem's buttons."""
    _refuse_told(text, parse)
    tokens = scan(text)
    line = named(tokens)
    if not line.rest:
        return _look(line.owners)
    _refuse_dated(text, parse)
    _refuse_pattern(line)
    _refuse_near_verb(text, tokens, parse)
    words = [token.plain.strip(",.:?") for token in tokens if isinstance(token, Word)]
    chat = bool(words) and (words[0] in _QUESTIONS or _CHAT.issuperset(words))
    if not NEGATIONS.intersection(words):
        _refuse_hidden_set(text, line, parse, chat=chat)
    if chat:
        return read_look(text, chat=True)
    names = tuple(dict.fromkeys(_names(tokens, chat=False)))
    long = any(isinstance(name, Unquoted) and _is_no_name(name.name) for name in names)
    if long or not names:
        raise problem(
            f"I don’t understand “{unescaped(text)}”.",
            Verb.SET,
            Asked(Verb.LOOK, (Me(),)),
            Asked(Verb.HELP),
        )
    return _look(names)


def _look(subjects: tuple[SubjectRef, ...]) -> Asked:
    """The look command; too many subjects raise a problem that suggests a board (without bare names)."""
    if len(subjects) <= _LOOK_LIMIT:
        return Asked(Verb.LOOK, subjects)
    board = Asked(Verb.WHO, tuple(each for each in subjects if not isinstance(each, Unquoted)), rest=WEEK)
    offered = (board,) if board.subjects == subjects and len(command(board)) <= _BUTTON_LIMIT else ()
    raise Problem(
        f"I show {_LOOK_LIMIT} weeks beside each other at most, and these are {len(subjects)}."
        " For many there is who, with a page for every 30: name people, a group or a channel.",
        suggestions=tuple(map(suggest, offered)),
        examples=("who week @designers", "who week #studio"),
    )


def _names(tokens: Sequence[Word | SubjectRef], *, chat: bool) -> Iterator[SubjectRef]:
    """Yield the subjects, with the words between them as bare names."""
    name: list[str] = []
    for token in (*tokens, Word(",")):
        word = token.plain.strip(",;:?") if isinstance(token, Word) else ""
        ends = not word or word in MYSELF or word in ("and", "&", "+", "/")
        if isinstance(token, Word) and not ends and not (chat and (word in _CHAT or begins_with_days(word))):
            name.append(token.typed.strip(",;:?"))
            ends = token.typed.endswith((",", ";"))
        if ends and name:
            yield Unquoted(_nominative(" ".join(name)))
            name.clear()
        if not isinstance(token, Word):
            yield token
        elif word in MYSELF:
            yield Me()


def _nominative(name: str) -> str:
    """Remove a possessive ending: ``Ana's hours`` -> ``Ana``."""
    return re.sub(r"['’]s(?:\s(?:working\s)?(?:hours?|week|schedule))?$", "", name) or name


def _is_no_name(name: str) -> bool:
    words = name.lower().split()
    return len(words) > _NAME_LIMIT or not any(map(str.isalnum, name)) or not NEGATIONS.isdisjoint(words)


def _refuse_told(text: str, parse: Parse) -> None:
    """Refuse to take what somebody tells of themselves, ``I’m off on friday``, as a command."""
    told = _I_AM.match(text)
    if told is None or not (set_ := _buttons(f"set {text[told.end() :]}", parse)):
        return
    meant = [each for each in set_ if each.command.startswith(Verb.SET)]
    if meant:
        raise problem("To change a week, begin with set.", Verb.SET, *meant)


def _refuse_dated(text: str, parse: Parse) -> None:
    """Refuse days, hours and dates that lack *set* before them."""
    try:
        asked = parse(f"set {text}")
    except Problem:
        return  # the checks after this one give the reason
    if asked.first or asked.last:
        raise problem("To change a week, begin with set.", Verb.SET, asked)


def _refuse_pattern(line: Line) -> None:
    """Refuse days and hours that lack *set* before them."""
    text = text_of(line.words)
    owners = line.late if line.late and not line.subjects else line.owners
    try:
        raise _no_verb(owners, read_pattern(text.removesuffix(" for")))
    except Unclear as unclear:
        only_a_name = (unclear.typo or isinstance(unclear, TimeOff)) and not any(map(str.isdigit, text))
        no_hours = unclear.undated is not None and not _is_pattern(unclear.undated)
        if unclear.foreign or line.late or only_a_name or no_hours:
            return
        if unclear.undated is not None:
            raise which_date(
                Verb.SET, unclear, line, lambda days, period: _set(owners, read_pattern(days), period)
            ) from None
        look = [Asked(Verb.LOOK, line.subjects or (Unquoted(text),))] if any(map(str.isalpha, text)) else []
        raise asked_back(unclear, lambda pattern: Asked(Verb.SET, owners, pattern), *look) from None


def _set(owners: tuple[SubjectRef, ...], pattern: Pattern, period: Period) -> Asked:
    return Asked(Verb.SET, owners, pattern, first=period.first, last=period.last)


def _is_pattern(text: str) -> bool:
    try:
        return bool(read_pattern(text))
    except Unclear as unclear:
        return bool(readings(unclear))


def _no_verb(owners: tuple[SubjectRef, ...], pattern: Pattern) -> Problem:
    return problem("To change a week, begin with set.", Verb.SET, Asked(Verb.SET, owners, pattern))


def _refuse_near_verb(text: str, tokens: Sequence[Word | SubjectRef], parse: Parse) -> None:
    """Refuse a misspelt verb or a common synonym; a single word may also be a name, so a look is offered."""
    match tokens:
        case [Word() as first]:
            pass
        case [Word() as first, second, *_] if not isinstance(second, Word) or _is_argument(second):
            pass
        case _:
            return
    word = first.plain.strip(",.:?")
    meant = [_MEANT[word]] if word in _MEANT else [*map(Verb, near(word, Verb))]
    if not meant:
        return
    rest = text.partition(first.typed)[2].strip()
    look = [Asked(Verb.LOOK, (Unquoted(first.typed.strip(",.:?")),))] if len(tokens) == 1 else []
    found = (button for verb in meant for button in _buttons(f"{verb} {rest}", parse))
    raise problem(f"I don’t know “{word}”. Did you mean {' or '.join(meant)}?", meant[0], *found, *look)


def _is_argument(word: Word) -> bool:
    """Whether the word is a verb's argument rather than a surname."""
    plain = word.plain.strip(",")
    return plain in MYSELF or plain == "only" or begins_with_days(plain) or plain[:1].isdigit()


def _buttons(line: str, parse: Parse) -> tuple[Suggestion, ...]:
    """A button that runs the line, or the buttons of the problem it raises."""
    try:
        return (suggest(parse(line)),)
    except Problem as problem:
        return problem.suggestions


def _refuse_hidden_set(text: str, line: Line, parse: Parse, *, chat: bool) -> None:
    """Refuse a line that seems to want a change: a verb further on, or days and hours after a name."""
    for verb in re.finditer(r"(?<!\S)(?:set|clear|edit)(?!\S)", text, re.IGNORECASE):
        if verb.start() and (meant := _buttons(text[verb.start() :], parse)):
            raise problem("Begin with what to do: set, clear or edit.", Verb.SET, *meant)
    name, days = split_name(line.words)
    if not days or line.late or speaks_of_time_off(name):
        return
    try:
        patterns: tuple[Pattern, ...] = (read_pattern(days),)
    except Unclear as unclear:
        patterns = () if chat else readings(unclear)
    unnamed = _CHAT.issuperset(normalised(name).split())
    owners = line.owners if line.subjects or unnamed else (Quoted(name.strip("'")),)
    if patterns:
        quotes = (
            "" if line.subjects or unnamed else " A placeholder’s name goes in quotes, a person gets an @."
        )
        sentence = f"To change a week, begin with set.{quotes}"
        sets = (Asked(Verb.SET, owners, pattern) for pattern in patterns)
        raise problem(sentence, Verb.SET, *(suggest(each, bare=bool(quotes)) for each in sets))
