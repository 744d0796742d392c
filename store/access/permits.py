"""Permissions as values: who asks, what for, which settings decide; and the permit, or the refusal."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from store.week import Subject

__all__ = ["SEAL", "Action", "Actor", "NotAllowedError", "Permit", "Policy", "Refusal"]

SEAL: Final = object()
"""What :class:`~store.access.deciding.Access` alone puts on a permit."""


class Action(StrEnum):
    """What somebody wants."""

    SEE = "see"  # a subject's week
    CHANGE = "change"  # a subject's week
    CALL_OFF = "call_off"  # a change to a subject's week that one has planned, before it begins
    SEE_HISTORY = "see_history"  # of a subject's week
    UNLINK = "unlink"  # a person's Slack user from their Focus user
    ADMINISTER = "administer"  # links, grants, locks
    READ_OWN_DATA = "read_own_data"  # all that is stored about oneself
    REMIND = "remind"  # make reminders
    MANAGE_REMINDER = "manage_reminder"  # of an owner


@dataclass(frozen=True, slots=True)
class Actor:
    """The Slack user who asks, with the facts that count, as Slack told them at ``as_of``."""

    team_id: str
    user_id: str
    as_of: datetime
    guest: bool = False
    outsider: bool = False  # another organization's, a bot, or deactivated
    name: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that decide."""

    admins: frozenset[str]
    members_see: bool = True
    self_edit: bool = True
    guests_see_own: bool = True


class Refusal(StrEnum):
    """Why somebody may not."""

    OUTSIDER = "outsider"
    GUEST = "guest"
    SELF_EDIT_OFF = "self_edit_off"
    NOT_MANAGER = "not_manager"
    NOT_ADMIN = "not_admin"
    VIEW_RESTRICTED = "view_restricted"
    NOT_OWNER = "not_owner"


class NotAllowedError(Exception):
    """Somebody may not do this; ``who_can`` are Slack users who could."""

    def __init__(
        self, refusal: Refusal, *, action: Action, subject: Subject | None, who_can: tuple[str, ...]
    ) -> None:
        super().__init__(f"not allowed: {action} {subject.key if subject else ''} ({refusal})")
        self.refusal = refusal
        self.action = action
        self.subject = subject
        self.who_can = who_can


@dataclass(frozen=True, slots=True)
class Permit:
    """Proof that :class:`Access` was asked: this actor may do this to this subject, as of now."""

    actor: Actor
    action: Action
    subject: Subject | None
    own: bool
    owner: str = ""
    """Of :attr:`Action.MANAGE_REMINDER`: whose reminders; of :attr:`Action.CALL_OFF`: whose plan."""
    seal: InitVar[object] = None  # not kept, so that no copy for another subject can be made

    def __post_init__(self, seal: object) -> None:
        """Refuse to be made anywhere else."""
        if seal is not SEAL:
            raise TypeError("only Access.may makes a permit")

    def require(self, action: Action) -> Subject:
        """The subject, if the permit is for this action.

        Raises:
            TypeError: the caller brought a permit for something else.
        """
        if self.action is not action or self.subject is None:
            raise TypeError(f"a permit to {self.action} is none to {action}")
        return self.subject
