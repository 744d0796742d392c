"""All data of the bot and where it is stored: weeks in Toggl Focus, everything else in one SQLite file.

``await store.open(config, http=…, clock=…)`` returns the :class:`Store` that handlers use. Its attributes
hide Focus's HTTP interface, quota and errors, the cache, the journal, crash recovery and all SQL.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import httpx

from store.absences import Absences
from store.access import Access, Policy
from store.alarms import Alarms
from store.capacities import Capacities
from store.changing import Changer
from store.changing.ledger import Ledger
from store.checkups import Checkups
from store.claims import Claims, new_owner
from store.clock import Clock
from store.confirmations import Confirmations
from store.database import Database
from store.directory import Directory
from store.drafts import Drafts
from store.facts import Facts
from store.focus import Budget, FocusClient, Numbering
from store.groups import Groups
from store.health import Health
from store.hours import HoursBook
from store.journal import Journal
from store.lastknown import LastKnown
from store.leavers import Leavers
from store.links import Links
from store.outbox import Outbox
from store.past import Past
from store.personal import Personal
from store.petitions import Petitions
from store.plans import Beginnings, Plans
from store.reminders import Posting, Reminders, Runs
from store.repeats import Repeats
from store.retention import Retention
from store.signatures import Signatures
from store.upcoming import Upcoming
from store.weekdays import Lock, Weekdays

__all__ = ["Config", "Store", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings that the store needs."""

    team_id: str
    database: Path
    focus_url: str
    focus_auth: httpx.Auth
    organization_id: int
    workspace_id: int | None
    weekdays: Numbering | None
    policy: Policy
    email_aliases: Mapping[str, str] = field(default_factory=dict)
    audit_channel: str | None = None
    zone: tzinfo = UTC
    grace: timedelta = timedelta(hours=1)
    fresh_for: timedelta = timedelta(minutes=15)
    quota: int = 30
    reserve: float = 0.2
    retention_days: int = 365
    owner: str = field(default_factory=new_owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything that handlers may use of this package; created by :func:`open`."""

    team_id: str

    # weeks, and other data about people's days
    hours: HoursBook
    journal: Journal
    plans: Plans
    beginnings: Beginnings
    drafts: Drafts
    petitions: Petitions
    confirmations: Confirmations
    absences: Absences
    capacities: Capacities
    past: Past

    # identities and permissions
    access: Access
    directory: Directory
    groups: Groups
    links: Links
    checkups: Checkups
    leavers: Leavers
    personal: Personal

    # messages to Slack
    outbox: Outbox
    reminders: Reminders
    runs: Runs
    posting: Posting
    repeats: Repeats

    # the deployment itself
    alarms: Alarms
    health: Health
    retention: Retention
    upcoming: Upcoming
    claims: Claims
    signatures: Signatures
    budget: Budget
    focus_calls: Callable[[], Mapping[tuple[str, str], int]]
    """Number of requests sent to Focus by this process, by method and status (``none``: no answer)."""
    close: Callable[[], Awaitable[None]]

    @property
    def weekdays(self) -> Weekdays:
        """The weekday numbering in use, and the write lock."""
        return self.hours.weekdays


async def open(  # noqa: A001 - read as store.open
    config: Config,
    *,
    http: httpx.AsyncClient,
    clock: Clock,
    on_wait: Callable[[], None] | None = None,
) -> Store:
    """Open the database, create or migrate its tables, and build every object that uses it.

    Args:
        config: what this deployment is.
        http: the connection to Focus, closed by the caller.
        clock: for every "now".
        on_wait: called in the context of each caller who is about to wait for Focus.

    Raises:
        NewerDatabaseError: the file was written by a newer version.
    """
    database = await Database.open(config.database)
    facts = Facts(database, team_id=config.team_id)
    await facts.load()
    claims = Claims(database, owner=config.owner)
    await claims.heartbeat(clock.now())
    outbox = Outbox(database, team_id=config.team_id)
    await outbox.wake_by_itself()
    admins = tuple(sorted(config.policy.admins))
    alarms = Alarms(database, facts, team_id=config.team_id, admins=admins)
    focus = FocusClient(
        http,
        url=config.focus_url,
        organization_id=config.organization_id,
        workspace_id=config.workspace_id,
        auth=config.focus_auth,
        clock=clock,
        on_key=alarms.heard_of_key,
        on_wait=on_wait,
    )
    weeks = LastKnown(database, team_id=config.team_id)
    directory = Directory(database, focus, team_id=config.team_id)

    async def alert_admins(lock: Lock, unlocked_at: datetime | None) -> None:
        # The alert's key contains the last unlock, so admins get one alert per lock until the next
        # unlock, even when several changes run into the same problem at the same time.
        await outbox.alert(
            f"lock:{lock.code}:{unlocked_at.isoformat() if unlocked_at else ''}",
            recipients=admins,
            detail={"code": lock.code, "seen": lock.seen},
            now=clock.now(),
        )

    weekdays = Weekdays(facts, setting=config.weekdays, alert_admins=alert_admins)
    ledger = Ledger(database, outbox, owner=config.owner, clock=clock, audit_channel=config.audit_channel)
    changer = Changer(
        focus=focus,
        weekdays=weekdays,
        weeks=weeks,
        ledger=ledger,
        clock=clock,
    )
    budget = Budget(
        lambda: focus.quota, spent=focus.spent, clock=clock, hourly=config.quota, reserve=config.reserve
    )
    hours = HoursBook(
        team_id=config.team_id,
        owner=config.owner,
        database=database,
        focus=focus,
        weekdays=weekdays,
        weeks=weeks,
        ledger=ledger,
        changer=changer,
        clock=clock,
        fresh_for=config.fresh_for,
        budget=budget,
    )

    async def close() -> None:
        try:
            await claims.farewell()
        finally:
            await database.close()

    return Store(
        team_id=config.team_id,
        hours=hours,
        links=Links(database, directory, team_id=config.team_id, aliases=config.email_aliases),
        checkups=Checkups(database, directory, team_id=config.team_id),
        leavers=Leavers(
            database,
            outbox,
            team_id=config.team_id,
            owner=config.owner,
            audit_channel=config.audit_channel,
            abandon=ledger.abandon,
        ),
        access=Access(database, team_id=config.team_id, policy=config.policy, clock=clock, zone=config.zone),
        alarms=alarms,
        health=Health(
            database,
            team_id=config.team_id,
            contact=lambda: focus.contact,
            quota=lambda: focus.quota,
            budget=budget,
            weekdays=weekdays,
            facts=facts,
            alarms=alarms,
            has_workspace=focus.has_workspace,
        ),
        groups=Groups(database, team_id=config.team_id),
        absences=Absences(focus, directory, clock=clock),
        confirmations=Confirmations(database, team_id=config.team_id),
        capacities=Capacities(database, facts, focus, hours, weeks, team_id=config.team_id, clock=clock),
        drafts=Drafts(database, team_id=config.team_id),
        personal=Personal(database, team_id=config.team_id),
        petitions=Petitions(database, team_id=config.team_id),
        plans=Plans(database, outbox, team_id=config.team_id, abandon=ledger.abandon),
        reminders=Reminders(database, outbox, team_id=config.team_id),
        runs=Runs(database, outbox, team_id=config.team_id, grace=config.grace),
        posting=Posting(
            database,
            team_id=config.team_id,
            admins=config.policy.admins,
            grace=config.grace,
        ),
        past=Past(facts),
        repeats=Repeats(facts),
        upcoming=Upcoming(database, team_id=config.team_id),
        beginnings=Beginnings(
            database,
            outbox,
            team_id=config.team_id,
            owner=config.owner,
            admins=config.policy.admins,
            abandon=ledger.abandon,
        ),
        journal=Journal(database, team_id=config.team_id, owner=config.owner, running=changer.running),
        outbox=outbox,
        directory=directory,
        claims=claims,
        signatures=Signatures(database, team_id=config.team_id),
        budget=budget,
        focus_calls=lambda: focus.calls,
        retention=Retention(database, team_id=config.team_id, days=config.retention_days),
        close=close,
    )
