"""The decision whether an actor may do something to a subject, and, if not, who could do it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, tzinfo
from typing import NoReturn

from store.access.grants import Grants
from store.access.permits import SEAL, Action, Actor, NotAllowedError, Permit, Policy, Refusal
from store.clock import Clock
from store.database import Database, Sql
from store.directory import focus_user_of
from store.week import Subject

__all__ = ["Access"]


class Access(Grants):
    """The rules and grants of one team, and the decisions that follow from them."""

    def __init__(
        self, database: Database, *, team_id: str, policy: Policy, clock: Clock, zone: tzinfo = UTC
    ) -> None:
        super().__init__(database, team_id=team_id, clock=clock, zone=zone)
        self.policy = policy

    async def admit(self, actor: Actor) -> None:
        """Check that the actor may use the bot at all.

        Raises:
            NotAllowedError: the actor is an outsider, or a guest while guests may do nothing.
        """
        if actor.outsider or (actor.guest and not self.policy.guests_see_own):
            await self.refuse(actor, Action.SEE)

    @property
    def admins(self) -> tuple[str, ...]:
        """The admins named in the settings, sorted; :meth:`is_admin` decides whether one counts now."""
        return tuple(sorted(self.policy.admins))

    def is_admin(self, actor: Actor) -> bool:
        """Whether this actor is an admin, who may do everything; guests and outsiders are none."""
        return actor.user_id in self.policy.admins and not actor.guest and not actor.outsider

    @property
    def may_share_boards(self) -> bool:
        """Whether weeks may be shown in a channel: only if every member may see them."""
        return self.policy.members_see

    async def can(self, actor: Actor, action: Action, subject: Subject | None = None) -> bool:
        """Whether :meth:`may` would return a permit now; for deciding what to show or offer."""
        refusal, _ = await self._judged(actor, action, subject)
        return refusal is None

    async def may(self, actor: Actor, action: Action, subject: Subject | None = None) -> Permit:
        """A permit for this actor to do this to this subject, judged now.

        Raises:
            NotAllowedError: the actor may not; ``who_can`` lists people who could.
        """
        refusal, own = await self._judged(actor, action, subject)
        if refusal:
            who_can = await self.who_can(action, subject)
            raise NotAllowedError(refusal, action=action, subject=subject, who_can=who_can)
        return Permit(actor, action, subject, own=own, seal=SEAL)

    async def refuse(self, actor: Actor, action: Action, subject: Subject | None = None) -> NoReturn:
        """Refuse an actor who was found not to have the right, even if they were granted it since.

        Raises:
            NotAllowedError: always; ``who_can`` lists people who could do it.
        """
        own, _ = await self._database.read(lambda sql: self._standing(sql, actor.user_id, subject))
        refusal = self._refusal(actor, action, own=own, granted=False) or Refusal.NOT_MANAGER
        who_can = await self.who_can(action, subject)
        raise NotAllowedError(refusal, action=action, subject=subject, who_can=who_can)

    async def may_manage(self, actor: Actor, *, owner: str) -> Permit:
        """A permit to change the reminders of ``owner``, for the owner and for admins.

        Raises:
            NotAllowedError: the actor is neither.
        """
        action = Action.MANAGE_REMINDER
        if refusal := self._refusal(actor, action, own=actor.user_id == owner, granted=False):
            who_can = (owner, *sorted(self.policy.admins - {owner}))
            raise NotAllowedError(refusal, action=action, subject=None, who_can=who_can)
        return Permit(actor, action, None, own=actor.user_id == owner, owner=owner, seal=SEAL)

    async def may_call_off(self, actor: Actor, subject: Subject, *, planner: str) -> Permit:
        """A permit to cancel a change that ``planner`` has planned or asked for and that has not begun.

        Planners may always cancel their own, even if they may no longer change the week, because cancelling
        only takes a change away. Other actors need the right to change the week.

        Raises:
            NotAllowedError: the actor may neither.
        """
        own = actor.user_id == planner
        if not own or self._refusal(actor, Action.CALL_OFF, own=own, granted=False):
            return await self.may(actor, Action.CHANGE, subject)
        return Permit(actor, Action.CALL_OFF, subject, own=own, owner=planner, seal=SEAL)

    async def allowed(
        self, actor: Actor, action: Action, subjects: Iterable[Subject]
    ) -> dict[Subject, Permit]:
        """Permits for those of many subjects for which the actor may do this, with one database read."""
        return await self.each_allowed(action, [(subject, actor) for subject in subjects])

    async def each_allowed(
        self, action: Action, pairs: Iterable[tuple[Subject, Actor]]
    ) -> dict[Subject, Permit]:
        """Like :meth:`allowed`, with an actor for each subject, as when many people see their own weeks."""
        wanted = tuple(pairs)
        standings = await self._database.read(
            lambda sql: [self._standing(sql, actor.user_id, subject) for subject, actor in wanted]
        )
        return {
            subject: Permit(actor, action, subject, own=own, seal=SEAL)
            for (subject, actor), (own, granted) in zip(wanted, standings, strict=True)
            if self._refusal(actor, action, own=own, granted=granted) is None
        }

    async def _judged(
        self, actor: Actor, action: Action, subject: Subject | None
    ) -> tuple[Refusal | None, bool]:
        """The reason of a refusal (``None``: the actor may), and whether the subject is the actor's own."""
        own, granted = await self._database.read(lambda sql: self._standing(sql, actor.user_id, subject))
        if action is Action.REMIND:
            granted = await self._database.read(lambda sql: self._manages_somebody(sql, actor.user_id))
        return self._refusal(actor, action, own=own, granted=granted), own

    def _refusal(self, actor: Actor, action: Action, *, own: bool, granted: bool) -> Refusal | None:
        if actor.outsider or actor.team_id != self._team_id:
            return Refusal.OUTSIDER
        own = own or action is Action.READ_OWN_DATA
        if actor.guest and not (own and self.policy.guests_see_own):
            return Refusal.GUEST
        return None if self.is_admin(actor) else self._ruled_out(action, own=own, granted=granted)

    def _ruled_out(self, action: Action, *, own: bool, granted: bool) -> Refusal | None:
        """The reason why an ordinary member may not do this; ``None``: they may."""
        match action:
            case Action.ADMINISTER:
                return Refusal.NOT_ADMIN
            case Action.SEE:
                return None if own or granted or self.policy.members_see else Refusal.VIEW_RESTRICTED
            case Action.UNLINK | Action.READ_OWN_DATA:
                return None if own else Refusal.NOT_ADMIN
            case Action.REMIND:
                return None if granted else Refusal.NOT_MANAGER
            case Action.MANAGE_REMINDER | Action.CALL_OFF:
                return None if own else Refusal.NOT_OWNER
            case Action.SEE_HISTORY:
                return None if own or granted else Refusal.NOT_MANAGER
            case Action.CHANGE if own:
                return None if self.policy.self_edit else Refusal.SELF_EDIT_OFF
            case Action.CHANGE:
                return None if granted else Refusal.NOT_MANAGER

    async def who_can(self, action: Action, subject: Subject | None) -> tuple[str, ...]:
        """The Slack users who could do this: the subject's managers first, then admins."""
        managers: tuple[str, ...] = ()
        if subject and action not in {Action.ADMINISTER, Action.UNLINK}:
            managers = await self._database.read(lambda sql: self._managers(sql, subject))
        return (*managers, *sorted(self.policy.admins - set(managers)))

    def _standing(self, sql: Sql, user_id: str, subject: Subject | None) -> tuple[bool, bool]:
        """Whether the subject is the user's own, and whether a grant of theirs covers it."""
        if subject is None:
            return False, False
        mine = focus_user_of(sql, team_id=self._team_id, slack_user_id=user_id)
        own = subject == Subject("person", mine) if mine is not None else False
        return own, not own and user_id in self._managers(sql, subject)
