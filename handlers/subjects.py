"""Whose week is meant, where that is not clear; and whom a mention names, linked or not."""

from __future__ import annotations

from handlers.asked import Me, Mention, SubjectRef
from handlers.slack_users import Standing
from store.directory import Entry

__all__ = [
    "NeedsPickerError",
    "NoSuchSubjectError",
    "NotLinkedError",
    "SeveralSubjectsError",
    "only_one",
    "slack_user",
]


class NotLinkedError(Exception):
    """This Slack user is no Focus user, as far as is known; of members alone it can become known."""

    def __init__(
        self, user_id: str, *, is_asker: bool, standing: Standing = Standing.MEMBER, parted: bool = False
    ) -> None:
        super().__init__(user_id)
        self.user_id = user_id
        self.is_asker = is_asker
        self.standing = standing
        self.parted = parted
        """They were linked, and somebody took that back."""


class NoSuchSubjectError(Exception):
    """Nobody and no placeholder has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class SeveralSubjectsError(Exception):
    """A name that more than one has, or a part of one where the whole is needed: the person must choose."""

    def __init__(self, name: str, entries: tuple[Entry, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.entries = entries


class NeedsPickerError(Exception):
    """``@here``, a group, a channel or an ``@name`` that Slack did not resolve: a person must be picked."""

    def __init__(self, ref: SubjectRef) -> None:
        super().__init__(repr(ref))
        self.ref = ref


def slack_user(ref: SubjectRef, *, asker: str) -> str:
    """The Slack user who is meant, linked or not.

    Raises:
        NeedsPickerError: that is not clear.
    """
    match ref:
        case Me():
            return asker
        case Mention(user_id=user_id):
            return user_id
        case _:
            raise NeedsPickerError(ref)


def only_one(name: str, entries: tuple[Entry, ...], *, whole: bool = False) -> Entry:
    """The only entry with exactly this name; where it need not be the ``whole`` one, the only entry."""
    same = tuple(entry for entry in entries if entry.name.casefold() == name.casefold())
    exact = same or tuple(entry for entry in entries if entry.is_called(name))
    match exact or entries:
        case (entry,) if exact or not whole:
            return entry
        case ():
            raise NoSuchSubjectError(name)
        case several:
            raise SeveralSubjectsError(name, several)
