"""Who may do what: the one place that decides.

Whatever reads or changes a week takes a :class:`Permit`, and only :meth:`Access.may` makes one, so no
button, command or clock can forget to ask. Grants never cover oneself; admins may everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import InitVar, dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from store.database import Database, Sql, rows
from store.directory import focus_user_of
from store.focus import Clock
from store.week import Subject

__all__ = [
    "EVERYONE",
    "GROUP",
    "PLACEHOLDERS",
    "Access",
    "Action",
    "Actor",
    "Grant",
    "NotAllowedError",
    "Permit",
    "Policy",
    "Refusal",
]

EVERYONE = "everyone"
PLACEHOLDERS = "placeholders"
GROUP = "group:"
"""Before a Slack user group's id: a grant for whoever is in it."""

GROUPS_COUNT_FOR = timedelta(hours=24)
"""A group that could not be read for so long gives nothing any more."""

_SEAL = object()


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
        if seal is not _SEAL:
            raise TypeError("only Access.may makes a permit")

    def require(self, action: Action) -> Subject:
        """The subject, if the permit is for this action.

        Raises:
            TypeError: the caller brought a permit for something else.
        """
        if self.action is not action or self.subject is None:
            raise TypeError(f"a permit to {self.action} is none to {action}")
        return self.subject


@dataclass(frozen=True, slots=True)
class Grant:
    """``manager`` may change ``scope``: a subject's key, a user group, ``everyone`` or ``placeholders``."""

    manager: str
    scope: str
    granted_by: str
    granted_at: datetime
    until: date | None = None
    """The last day on which it gives anything."""


class Access:
    """Rules and grants of one team."""

    def __init__(
        self, database: Database, *, team_id: str, policy: Policy, clock: Clock, zone: tzinfo = UTC
    ) -> None:
        self._database = database
        self._team_id = team_id
        self.policy = policy
        self._clock = clock
        self._zone = zone

    @property
    def zone(self) -> tzinfo:
        """What counts where nobody's own zone is known."""
        return self._zone

    @property
    def today(self) -> date:
        """The day that decides whether a grant has ended."""
        return self._clock.now().astimezone(self._zone).date()

    async def admit(self, actor: Actor) -> None:
        """Let in whoever may anything at all.

        Raises:
            NotAllowedError: a stranger, or a guest where guests may nothing.
        """
        if actor.outsider or (actor.guest and not self.policy.guests_see_own):
            await self.may(actor, Action.SEE)

    def is_admin(self, actor: Actor) -> bool:
        """Whether this actor may everything."""
        return actor.user_id in self.policy.admins and not actor.guest and not actor.outsider

    async def may(self, actor: Actor, action: Action, subject: Subject | None = None) -> Permit:
        """A permit for this actor to do this to this subject, judged now.

        Raises:
            NotAllowedError: with the people who could do it.
        """
        own, granted = await self._database.read(lambda sql: self._standing(sql, actor.user_id, subject))
        if action is Action.REMIND:
            granted = await self._database.read(lambda sql: self._manages_somebody(sql, actor.user_id))
        if refusal := self._refusal(actor, action, own=own, granted=granted):
            who_can = await self.who_can(action, subject)
            raise NotAllowedError(refusal, action=action, subject=subject, who_can=who_can)
        return Permit(actor, action, subject, own=own, seal=_SEAL)

    async def may_manage(self, actor: Actor, *, owner: str) -> Permit:
        """A permit to change the reminders of ``owner``: that is for themselves and for admins.

        Raises:
            NotAllowedError: anybody else asks.
        """
        action = Action.MANAGE_REMINDER
        if refusal := self._refusal(actor, action, own=actor.user_id == owner, granted=False):
            who_can = (owner, *sorted(self.policy.admins - {owner}))
            raise NotAllowedError(refusal, action=action, subject=None, who_can=who_can)
        return Permit(actor, action, None, own=actor.user_id == owner, owner=owner, seal=_SEAL)

    async def may_call_off(self, actor: Actor, subject: Subject, *, planner: str) -> Permit:
        """A permit to cancel what ``planner`` has planned and what has not begun.

        That is for planners themselves, whatever else they may still do: it only takes away.

        Raises:
            NotAllowedError: somebody else, who may not change the week, or whoever may nothing here.
        """
        own = actor.user_id == planner
        if not own or self._refusal(actor, Action.CALL_OFF, own=own, granted=False):
            return await self.may(actor, Action.CHANGE, subject)
        return Permit(actor, Action.CALL_OFF, subject, own=own, owner=planner, seal=_SEAL)

    async def allowed(
        self, actor: Actor, action: Action, subjects: Iterable[Subject]
    ) -> dict[Subject, Permit]:
        """Permits for those of many subjects for which the actor may; one look into the database."""
        return await self.each_allowed(action, [(subject, actor) for subject in subjects])

    async def each_allowed(
        self, action: Action, pairs: Iterable[tuple[Subject, Actor]]
    ) -> dict[Subject, Permit]:
        """The same for subjects that have an actor each, as when many look at their own weeks."""
        wanted = tuple(pairs)
        standings = await self._database.read(
            lambda sql: [self._standing(sql, actor.user_id, subject) for subject, actor in wanted]
        )
        return {
            subject: Permit(actor, action, subject, own=own, seal=_SEAL)
            for (subject, actor), (own, granted) in zip(wanted, standings, strict=True)
            if self._refusal(actor, action, own=own, granted=granted) is None
        }

    def _refusal(self, actor: Actor, action: Action, *, own: bool, granted: bool) -> Refusal | None:
        if actor.outsider or actor.team_id != self._team_id:
            return Refusal.OUTSIDER
        own = own or action is Action.READ_OWN_DATA
        if actor.guest and not (own and self.policy.guests_see_own):
            return Refusal.GUEST
        return None if self.is_admin(actor) else self._ruled_out(action, own=own, granted=granted)

    def _ruled_out(self, action: Action, *, own: bool, granted: bool) -> Refusal | None:
        """Why a member who is no admin may not."""
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
        """Slack users who could do this, managers of the subject first."""
        managers: tuple[str, ...] = ()
        if subject and action not in {Action.ADMINISTER, Action.UNLINK}:
            managers = await self._database.read(lambda sql: self._managers(sql, subject))
        return (*managers, *sorted(self.policy.admins - set(managers)))

    async def managed_by(self, actor: Actor) -> tuple[Grant, ...]:
        """What an actor was granted."""
        return tuple(grant for grant in await self.grants() if grant.manager == actor.user_id)

    async def grants(self) -> tuple[Grant, ...]:
        """All grants that have not ended, oldest first."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT manager, scope, granted_by, granted_at, until FROM grants"
                " WHERE team_id = ? AND (until IS NULL OR until >= ?) ORDER BY rowid",
                (self._team_id, self.today.isoformat()),
            )
        )
        return tuple(
            Grant(
                row["manager"],
                row["scope"],
                row["granted_by"],
                datetime.fromisoformat(row["granted_at"]),
                date.fromisoformat(row["until"]) if row["until"] else None,
            )
            for row in found
        )

    async def grant(
        self, permit: Permit, *, manager: str, scope: str, now: datetime, until: date | None = None
    ) -> bool:
        """Let ``manager`` change ``scope`` to the end of ``until``; ``False`` if that was so before."""
        last_day = until.isoformat() if until else None
        return await self._administer(
            permit,
            "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET until = excluded.until,"
            " granted_by = excluded.granted_by, granted_at = excluded.granted_at"
            " WHERE grants.until IS NOT excluded.until",
            (self._team_id, manager, scope, permit.actor.user_id, now.isoformat(), last_day),
        )

    async def revoke(self, permit: Permit, *, manager: str, scope: str | None) -> bool:
        """Take one grant back, or all of a manager's (``scope=None``); ``False`` if there was none."""
        return await self._administer(
            permit,
            "DELETE FROM grants WHERE team_id = ? AND manager = ? AND scope = coalesce(?, scope)",
            (self._team_id, manager, scope),
        )

    async def _administer(self, permit: Permit, statement: str, values: tuple[object, ...]) -> bool:
        if permit.action is not Action.ADMINISTER:
            raise TypeError("grants are changed with a permit to administer")
        return await self._database.write(lambda sql: sql.execute(statement, values).rowcount > 0)

    def _standing(self, sql: Sql, user_id: str, subject: Subject | None) -> tuple[bool, bool]:
        """Whether the subject is the user's own, and whether a grant covers it."""
        if subject is None:
            return False, False
        mine = focus_user_of(sql, team_id=self._team_id, slack_user_id=user_id)
        own = subject == Subject("person", mine) if mine is not None else False
        return own, not own and user_id in self._managers(sql, subject)

    def _manages_somebody(self, sql: Sql, user_id: str) -> bool:
        """Whether any grant of theirs counts today."""
        found = rows(
            sql,
            "SELECT 1 FROM grants WHERE team_id = :team AND manager = :user"
            " AND (until IS NULL OR until >= :today) AND manager NOT IN"
            " (SELECT slack_user_id FROM leavers WHERE team_id = :team AND decision IS NULL) LIMIT 1",
            {"team": self._team_id, "user": user_id, "today": self.today.isoformat()},
        )
        return bool(found)

    def _managers(self, sql: Sql, subject: Subject) -> tuple[str, ...]:
        wide = EVERYONE if subject.kind == "person" else PLACEHOLDERS
        found = rows(
            sql,
            """
            WITH person AS (SELECT slack_user_id FROM links
                            WHERE team_id = :team AND 'person:' || focus_user_id = :subject),
                 groups AS (SELECT :group || group_id AS scope FROM user_group_members
                            JOIN user_groups USING (team_id, group_id) JOIN person USING (slack_user_id)
                            WHERE team_id = :team AND as_of > :counts)
            SELECT DISTINCT manager FROM grants
            WHERE team_id = :team AND (until IS NULL OR until >= :today)
              AND (scope IN (:subject, :wide) OR scope IN (SELECT scope FROM groups))
              AND manager NOT IN (SELECT slack_user_id FROM person)
              AND manager NOT IN (SELECT slack_user_id FROM leavers WHERE team_id = :team
                                  AND decision IS NULL)
            ORDER BY manager
            """,
            {
                "team": self._team_id,
                "subject": subject.key,
                "wide": wide,
                "group": GROUP,
                "today": self.today.isoformat(),
                "counts": (self._clock.now() - GROUPS_COUNT_FOR).isoformat(),
            },
        )
        return tuple(row["manager"] for row in found)
