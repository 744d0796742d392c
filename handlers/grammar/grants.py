"""Parse ``managers grant @mia @ana @designers until 2027-03-31``."""

from __future__ import annotations

import re
from typing import Final

from handlers.asked import (
    Asked,
    Channel,
    Ghost,
    Here,
    Me,
    Mention,
    Quoted,
    SubjectRef,
    UnescapedMention,
    Verb,
)
from handlers.grammar.dates import near_dates, read_date
from handlers.grammar.named import Line, named, problem, text_of
from handlers.grammar.typed import Word, scan

__all__ = ["read_managers"]

_WIDE: Final = ("everyone", "placeholders")
_JOINTS: Final = ("over", "change", "changes", "can", "may", "manage", "manages")
_UNTIL: Final = re.compile(r"(?:^|\s)(?:until|till?|through)(?:[\s:]+|$)", re.IGNORECASE)


def read_managers(text: str) -> Asked:
    """Parse ``managers [list | (grant|revoke) @a @b @group …|everyone|placeholders [until <date>]]``."""
    first, _, rest = text.strip().partition(" ")
    action = first.lower().strip(",:")
    if not first or (action == "list" and not rest.strip()):
        return Asked(Verb.MANAGERS, action="list")
    if action not in ("grant", "revoke"):
        every = Asked(Verb.MANAGERS, action="list")
        raise problem("Managers can be listed, granted and revoked.", Verb.MANAGERS, every)
    whom, *dates = _UNTIL.split(rest, maxsplit=1)
    if not dates:
        return _read(action, whom, until="")
    if action == "revoke":
        understood = _read(action, whom, until="")
        raise problem("A right is taken back at once, so it takes no date.", Verb.MANAGERS, understood)
    until = read_date(dates[0])
    if until is None:  # never suggested without its end: it would last for ever
        meant = (_read(action, whom, until=day) for day in near_dates(dates[0], last=True))
        raise problem(
            f"Which day is “{dates[0].strip() or 'until'}”? Write the last day as 2027-03-31, or as tomorrow"
            " or next mon.",
            Verb.MANAGERS,
            *meant,
        )
    return _read(action, whom, until=until)


def _read(action: str, text: str, *, until: str) -> Asked:
    """Parse the manager and the scope of a grant or revocation."""
    tokens = scan(text)
    scopes = [token.plain for token in tokens if isinstance(token, Word) and token.plain in _WIDE]
    leave_out = (*scopes, *_JOINTS)
    line = named([token for token in tokens if not (isinstance(token, Word) and token.plain in leave_out)])
    manager, whom = _parties(action, line)
    if tokens.count(manager) > 1:
        whom.append(manager)  # naming the manager twice means their own week, which is refused with a reason
    wide = tuple(Asked(Verb.MANAGERS, (manager,), action=action, rest=scope, until=until) for scope in _WIDE)
    if any(isinstance(subject, Here | Channel | Quoted | Ghost) for subject in whom):
        sentence = "A right covers named people, user groups, everyone, or all placeholders."
        raise problem(sentence, Verb.MANAGERS, *wide)
    if len(scopes) + bool(whom) > 1:
        raise problem(
            "One kind at a time: people and groups, everyone, or placeholders.", Verb.MANAGERS, *wide
        )
    if action == "grant" and not scopes and not whom:
        sentence = "Whose weeks? Name people after the manager, or say everyone or placeholders."
        raise problem(sentence, Verb.MANAGERS, *wide)
    asked = Asked(Verb.MANAGERS, (manager, *whom), action=action, rest="".join(scopes), until=until)
    if scopes and isinstance(tokens[0], Word) and tokens[0].plain in _WIDE:
        raise problem("Name the manager first, then whose weeks.", Verb.MANAGERS, asked)
    return asked


def _parties(action: str, line: Line) -> tuple[SubjectRef, list[SubjectRef]]:
    """The manager, and the subjects named after them."""
    if line.rest:
        raise problem(
            f"I don’t understand “{text_of(line.words) or 'that'}” here. Name people with an @.",
            Verb.MANAGERS,
        )
    if not line.subjects or not isinstance(line.subjects[0], Me | Mention | UnescapedMention):
        raise problem(
            f"Whom? Say {action} @manager, then whose weeks: @people, a @group, everyone or placeholders.",
            Verb.MANAGERS,
        )
    manager, *whom = line.subjects
    return manager, whom
