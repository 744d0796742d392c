"""Links between Slack users and Focus users, one to one, made by confirmed e-mail or by an admin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeVar

from store.access import Action, Permit
from store.database import Database, Row, Sql, rows
from store.directory import Directory, Entry
from store.drafts import DraftOverError, find
from store.petitions import linked
from store.week import Subject

__all__ = ["AlreadyLinkedError", "Link", "LinkMethod", "Links", "Overview", "SlackPerson"]

T = TypeVar("T")

LinkMethod = Literal["email", "admin", "file"]
"""How a link was made: by equal e-mail, by an admin's command, or from an imported file."""


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """The facts about a Slack user that linking needs."""

    id: str
    name: str
    email: str = ""
    email_confirmed: bool = False
    can_link: bool = True  # an active member of this workspace, and no bot
    deleted: bool = False  # a former member, deactivated now

    @property
    def unconfirmed(self) -> bool:
        """Whether their e-mail address may be anybody's: they have typed it, and that is all."""
        return bool(self.email) and not self.email_confirmed


@dataclass(frozen=True, slots=True)
class Link:
    """The fact that one Slack user and one Focus user are the same person, and how it was established."""

    slack_user_id: str
    focus_user_id: int
    linked_by: str
    method: LinkMethod
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The users on both sides: those linked and those not.

    ``ambiguous`` are Focus users who share an e-mail; ``left`` are linked users who were deactivated on
    either side, or whom Focus does not list any more.
    """

    links: tuple[Link, ...]
    unmatched_slack: tuple[SlackPerson, ...]
    unmatched_focus: tuple[Entry, ...]
    ambiguous: tuple[Entry, ...]
    left: tuple[Entry, ...] = ()


class AlreadyLinkedError(Exception):
    """One of the two users is linked to somebody else; ``link`` is that link."""

    def __init__(self, link: Link) -> None:
        super().__init__(f"{link.slack_user_id} is linked to Focus user {link.focus_user_id}")
        self.link = link


class Links:
    """The links of one team.

    ``aliases`` map an e-mail address or domain in Slack to the one used in Focus; all in lower case.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        *,
        team_id: str,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._team_id = team_id
        self._aliases = aliases or {}

    async def match(self, people: Iterable[SlackPerson], *, now: datetime) -> tuple[Link, ...]:
        """Link people whose confirmed Slack e-mail equals a Focus user's, ignoring case; return new links.

        An e-mail that two users on one side share links nobody, and a pair that was unlinked stays unlinked.
        An alias takes precedence over the e-mail itself if Focus has the address that the alias gives.
        """
        listed = await self._directory.people()
        addresses = {entry.email.casefold() for entry in listed}
        focus = _by_email((entry.email, entry.subject.id) for entry in listed)
        slack = _by_email(
            (self._in_focus(person.email, addresses), person.id)
            for person in people
            if person.can_link and person.email_confirmed
        )
        pairs = [(slack[email], focus[email]) for email in slack if email in focus]

        def write(sql: Sql) -> tuple[Link, ...]:
            new: list[Link] = []
            for slack_user_id, focus_user_id in pairs:
                found = rows(
                    sql,
                    "INSERT INTO links (team_id, slack_user_id, focus_user_id, linked_by, method, linked_at)"
                    " SELECT ?1, ?2, ?3, 'bot', 'email', ?4 WHERE NOT EXISTS (SELECT 1 FROM unlinked"
                    " WHERE team_id = ?1 AND slack_user_id = ?2 AND focus_user_id = ?3)"
                    " ON CONFLICT DO NOTHING RETURNING *",
                    (self._team_id, slack_user_id, focus_user_id, now.isoformat()),
                )
                new.extend(map(_link, found))
            for link in new:
                linked(sql, team_id=self._team_id, slack_user_id=link.slack_user_id, by=None, now=now)
            return tuple(new)

        return await self._database.write(write) if pairs else ()

    async def link(
        self,
        permit: Permit,
        *,
        slack_user_id: str,
        focus_user_id: int,
        now: datetime,
        petition: str | None = None,
    ) -> Link:
        """Link two users on behalf of an admin, who may be answering the ``petition`` of the Slack user.

        Raises:
            AlreadyLinkedError: one of them is linked to somebody else.
            DraftOverError: another admin has decided the petition.
        """
        if permit.action is not Action.ADMINISTER:
            raise TypeError("links are made with a permit to administer")
        pair = (self._team_id, slack_user_id, focus_user_id)

        def write(sql: Sql) -> Link:
            others = rows(
                sql,
                "SELECT * FROM links WHERE team_id = ? AND (slack_user_id = ? OR focus_user_id = ?)",
                pair,
            )
            for other in map(_link, others):
                if (other.slack_user_id, other.focus_user_id) != (slack_user_id, focus_user_id):
                    raise AlreadyLinkedError(other)
                return other
            sql.execute(
                "DELETE FROM unlinked WHERE team_id = ? AND slack_user_id = ? AND focus_user_id = ?", pair
            )
            link = Link(slack_user_id, focus_user_id, permit.actor.user_id, "admin", now)
            sql.execute(
                "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
                (*pair, link.linked_by, link.method, now.isoformat()),
            )
            asked = linked(
                sql, team_id=self._team_id, slack_user_id=slack_user_id, by=link.linked_by, now=now
            )
            if petition and petition not in asked:
                raise DraftOverError(find(sql, petition, team_id=self._team_id))
            return link

        return await self._database.write(write)

    async def unlink(self, permit: Permit, *, now: datetime) -> Link | None:
        """Remove the link of the permit's subject and return it; equal e-mails do not link the pair again."""
        subject = permit.require(Action.UNLINK)
        if subject.kind != "person":
            return None  # placeholder ids are separate from people's: the same number may be a person's id

        def write(sql: Sql) -> Link | None:
            found = rows(
                sql,
                "DELETE FROM links WHERE team_id = ? AND focus_user_id = ? RETURNING *",
                (self._team_id, subject.id),
            )
            if not found:
                return None
            link = _link(found[0])
            sql.execute(
                "INSERT OR REPLACE INTO unlinked VALUES (?, ?, ?, ?, ?)",
                (
                    self._team_id,
                    link.slack_user_id,
                    link.focus_user_id,
                    permit.actor.user_id,
                    now.isoformat(),
                ),
            )
            return link

        return await self._database.write(write)

    async def of(self, subject: Subject) -> Link | None:
        """The link of a person; ``None`` without one, and for a placeholder."""
        if subject.kind != "person":
            return None
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT * FROM links WHERE team_id = ? AND focus_user_id = ?",
                (self._team_id, subject.id),
            )
        )
        return _link(found[0]) if found else None

    async def was_parted(self, slack_user_id: str) -> bool:
        """Whether a link of this Slack user was removed, so that e-mail does not link that pair again."""
        found = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT 1 FROM unlinked WHERE team_id = ? AND slack_user_id = ? LIMIT 1",
                (self._team_id, slack_user_id),
            )
        )
        return bool(found)

    async def listed_as(self, person: SlackPerson) -> tuple[int, ...]:
        """The ids of all Focus users with this person's confirmed e-mail, linked to them or to nobody.

        There may be several, and none of them has to be linked; users linked to somebody else are left out.
        """
        listed = await self._directory.people()
        if not person.email or not person.email_confirmed:
            return ()
        email = self._in_focus(person.email, {entry.email.casefold() for entry in listed})
        return tuple(
            entry.subject.id
            for entry in listed
            if entry.email.casefold() == email and entry.slack_user_id in {None, person.id}
        )

    async def first_use(self, slack_user_id: str, *, now: datetime) -> Link | None:
        """The link of a Slack user not told of it yet; marks it as told, so only one caller gets it."""

        def tell(sql: Sql) -> list[Row]:
            return rows(
                sql,
                "UPDATE links SET told_at = ? WHERE team_id = ? AND slack_user_id = ? AND told_at IS NULL"
                " RETURNING *",
                (now.isoformat(), self._team_id, slack_user_id),
            )

        untold = await self._database.read(
            lambda sql: rows(
                sql,
                "SELECT 1 FROM links WHERE team_id = ? AND slack_user_id = ? AND told_at IS NULL",
                (self._team_id, slack_user_id),
            )
        )
        found = await self._database.write(tell) if untold else []
        return _link(found[0]) if found else None

    async def overview(self, people: Iterable[SlackPerson]) -> Overview:
        """The linked and unlinked users of both sides; ``people`` are the members of the Slack workspace."""
        people = tuple(people)
        found = await self._database.read(
            lambda sql: rows(
                sql, "SELECT * FROM links WHERE team_id = ? ORDER BY linked_at, rowid", (self._team_id,)
            )
        )
        links = tuple(map(_link, found))
        in_slack = {link.slack_user_id for link in links}
        in_focus = {link.focus_user_id for link in links}
        focus = await self._directory.people()
        shared = Counter(entry.email.casefold() for entry in focus if entry.email)
        deleted = {person.id for person in people if person.deleted}
        living = {entry.subject.id for entry in focus if entry.active}
        left = [each for each in links if each.slack_user_id in deleted or each.focus_user_id not in living]
        return Overview(
            links,
            tuple(person for person in people if person.can_link and person.id not in in_slack),
            tuple(entry for entry in focus if entry.active and entry.subject.id not in in_focus),
            tuple(entry for entry in focus if shared[entry.email.casefold()] > 1),
            tuple([await self._entry(link) for link in left]),
        )

    async def _entry(self, link: Link) -> Entry:
        entry = await self._directory.entry_or_id(Subject("person", link.focus_user_id))
        return replace(entry, slack_user_id=link.slack_user_id)

    def _in_focus(self, email: str, addresses: AbstractSet[str]) -> str:
        """The address in Focus for a Slack e-mail: its alias, if Focus has that address, else the same."""
        own = email.casefold()
        mailbox, _, domain = own.partition("@")
        alias = self._aliases.get(own) or f"{mailbox}@{self._aliases.get(domain, domain)}"
        return alias if alias in addresses else own


def _by_email(users: Iterable[tuple[str, T]]) -> dict[str, T]:
    """The users by lower-case e-mail, without users who have none or share theirs with another."""
    found = [(email.casefold(), user) for email, user in users if email]
    shared = Counter(email for email, _ in found)
    return {email: user for email, user in found if shared[email] == 1}


def _link(row: Row) -> Link:
    return Link(
        row["slack_user_id"],
        row["focus_user_id"],
        row["linked_by"],
        row["method"],
        datetime.fromisoformat(row["linked_at"]),
    )
