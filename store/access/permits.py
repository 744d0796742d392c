"""The values of permissions: actor, action, policy, and the result: a permit or a refusal."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from store.week import Subject

__all__ = ["SEAL", "Action", "Actor", "NotAllowedError", "Permit", "Policy", "Refusal"]

SEAL: Final = object()
"""Required to create a permit; only :class:`~store.access.deciding.Access` passes it."""


class Action(StrEnum):
    """What an actor wants to do."""

    SEE = "see"  # see a subject's week
    CHANGE = "change"  # change a subject's week
    CALL_OFF = "call_off"  # cancel a planned change to a subject's week before it begins
    SEE_HISTORY = "see_history"  # see the changes made to a subject's week
    UNLINK = "unlink"  # remove the link between a person's Slack and Focus users
    ADMINISTER = "administer"  # manage links, grants, locks
    READ_OWN_DATA = "read_own_data"  # read everything stored about the actor
    REMIND = "remind"  # create reminders
    MANAGE_REMINDER = "manage_reminder"  # change an owner's reminders


@dataclass(frozen=True, slots=True)
class Actor:
    """The Slack user who asks, with the facts that decide, as Slack gave them at ``as_of``."""

    team_id: str
    user_id: str
    as_of: datetime
    guest: bool = False
    outsider: bool = False  # a member of another organization, a bot, or deactivated
    name: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that decide about permissions."""

    admins: frozenset[str]
    members_see: bool = True
    self_edit: bool = True
    guests_see_own: bool = True


class Refusal(StrEnum):
    """The reasons of a refusal."""

    OUTSIDER = "outsider"
    GUEST = "guest"
    SELF_EDIT_OFF = "self_edit_off"
    NOT_MANAGER = "not_manager"
    NOT_ADMIN = "not_admin"
    VIEW_RESTRICTED = "view_restricted"
    NOT_OWNER = "not_owner"


class NotAllowedError(Exception):
    """The actor may not do this; ``who_can`` are Slack users who could."""

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
    """Proof that :class:`Access` decided that this actor may do this to this subject; to be used at once."""

    actor: Actor
    action: Action
    subject: Subject | None
    own: bool
    owner: str = ""
    """The owner of the reminders (:attr:`Action.MANAGE_REMINDER`) or the plan (:attr:`Action.CALL_OFF`)."""
    seal: InitVar[object] = None  # not stored, so that no copy for another subject can be made

    def __post_init__(self, seal: object) -> None:
        """Refuse creation without the seal."""
        if seal is not SEAL:
            raise TypeError("only Access.may makes a permit")

    def require(self, action: Action) -> Subject:
        """The subject, after a check that the permit is for this action.

        Raises:
            TypeError: the permit is for another action, or has no subject.
        """
        if self.action is not action or self.subject is None:
            raise TypeError(f"a permit to {self.action} is none to {action}")
        return self.subject
