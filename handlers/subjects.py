"""Errors for names that do not resolve to one subject, and the resolution of mentions to Slack users."""

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
    """The Slack user is not linked to a Focus user; only a member of the workspace can become linked."""

    def __init__(
        self,
        user_id: str,
        *,
        is_asker: bool,
        standing: Standing = Standing.MEMBER,
        parted: bool = False,
        unconfirmed: bool = False,
    ) -> None:
        super().__init__(user_id)
        self.user_id = user_id
        self.is_asker = is_asker
        self.standing = standing
        self.parted = parted
        """They were linked, and somebody took that back."""
        self.unconfirmed = unconfirmed
        """Their e-mail address in Slack is not confirmed, so it joins them to nobody."""


class NoSuchSubjectError(Exception):
    """No person and no placeholder has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class SeveralSubjectsError(Exception):
    """The name fits several entries, or is only part of one where the whole name is required."""

    def __init__(self, name: str, entries: tuple[Entry, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.entries = entries


class NeedsPickerError(Exception):
    """The reference is ``@here``, a group, a channel or an unresolved ``@name``; a person must be picked."""

    def __init__(self, ref: SubjectRef) -> None:
        super().__init__(repr(ref))
        self.ref = ref


def slack_user(ref: SubjectRef, *, asker: str) -> str:
    """The id of the Slack user that a reference names, linked or not.

    Raises:
        NeedsPickerError: the reference is neither the asker nor a mention.
    """
    match ref:
        case Me():
            return asker
        case Mention(user_id=user_id):
            return user_id
        case _:
            raise NeedsPickerError(ref)


def only_one(name: str, entries: tuple[Entry, ...], *, whole: bool = False) -> Entry:
    """The only entry with exactly this name; unless ``whole`` is required, else the only likely one given.

    Who has the text at the beginning of a word is likelier than all others: "ana" is in Tanaka, too.

    Raises:
        NoSuchSubjectError: there is no entry.
        SeveralSubjectsError: there are several, or only one whose whole name differs.
    """
    same = tuple(entry for entry in entries if entry.name.casefold() == name.casefold())
    exact = same or tuple(entry for entry in entries if entry.is_called(name))
    match exact or tuple(entry for entry in entries if entry.has_word(name)) or entries:
        case (entry,) if exact or not whole:
            return entry
        case ():
            raise NoSuchSubjectError(name)
        case several:
            raise SeveralSubjectsError(name, several)
