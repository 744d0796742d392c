"""The clock's work: deliver messages, run waiting changes, start plans and reminders, recover from crashes.

The store decides what is due; each tick asks it. Before a waiting change runs, its actor's permission is
checked again, so a right that was revoked meanwhile no longer counts.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from handlers import home, leavers, plans, reminders
from handlers.attempts import in_lane
from handlers.delivery import deliver, not_delivered
from handlers.desk import Ask, Desk
from handlers.replies import EXPECTED
from handlers.work import Lane, only_logged
from store.access import Action, NotAllowedError
from store.act import WAITS_AT_MOST, Act, Change, Place, State
from store.changing import SubjectBusyError
from store.claims import LEASE
from store.hours import NotCurrentError
from store.messages import Message
from store.trouble import Trouble, TroubleCode
from store.weekdays import WritesLockedError

__all__ = ["Clockwork"]

log = logging.getLogger(__name__)

QUEUE_AT_ONCE = 4
"""Changes of queued acts that run at once; the rest of Focus's lane is for people waiting for an answer."""

FOCUS_RESTS = timedelta(minutes=1)
"""How long a queue pauses when Focus does not answer, since its next change would fail as well."""

TRIES_AGAIN_AFTER = timedelta(minutes=1)
"""How long to wait after a change could not be resumed, for example because writing is locked."""


class Clockwork:
    """Starts what is due, for one process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._begun: set[str] = set()
        self._delivering = 0
        self._planning = False
        self._following_up = False
        self._recomputed = False
        self.stopping = False
        """Whether the process is shutting down: messages are still delivered, but nothing else is started."""

    async def tick(self) -> None:
        """Do or start everything that is due now."""
        now = self._desk.clock.now()
        if self.stopping:
            await self.deliver(now)
            return
        if not self._recomputed:
            self._recomputed = True
            await self._desk.store.reminders.recompute()
        await self._desk.store.journal.tell_interrupted(now)
        await self._desk.store.petitions.expire(now)
        await self._desk.store.alarms.tell(now)
        await self._bring_about_plans(now)
        await reminders.due.start_due(self._desk, now)
        await self._follow_up_checks(now)
        acts: dict[str, Act] = {}
        for change in await self._desk.store.journal.due(now):
            if change.act_id not in acts:
                acts[change.act_id] = await self._desk.store.journal.act_of(change)
            self._take_up(acts[change.act_id], change)
        await self.deliver(now)
        if behind := self._desk.homes.take(now):
            self._desk.work.start(
                partial(home.catch_up, self._desk, behind), lane=Lane.QUICK, name="home", failed=only_logged
            )

    async def stay_alive(self) -> None:
        """Send a heartbeat every 10 s, for ever; the claims of a process silent for 30 s are released.

        Raises:
            DatabaseUnusableError: the heartbeat could not be written; the caller has to start this again.
        """
        while True:
            await self._desk.store.claims.heartbeat(self._desk.clock.now())
            await self._desk.clock.sleep(LEASE.total_seconds() / 3)

    async def deliver(self, now: datetime) -> int:
        """Start deliveries up to the free places in the outbox's lane; return how many were started."""
        free = Lane.OUTBOX.value - self._delivering
        if free <= 0:
            return 0
        messages = await self._desk.store.outbox.take(now, at_most=free)
        for message in messages:
            self._delivering += 1
            self._desk.work.start(
                partial(self._deliver_one, message),
                lane=Lane.OUTBOX,
                name="deliver",
                failed=partial(not_delivered, self._desk, message),
            )
        return len(messages)

    async def _deliver_one(self, message: Message) -> None:
        try:
            await deliver(self._desk, message)
        finally:
            self._delivering -= 1
            self._desk.store.outbox.stirred.set()

    async def _bring_about_plans(self, now: datetime) -> None:
        """Start due plans in the quick lane, since checking a planner's permission may wait for Slack.

        One run at a time.
        """
        if self._planning or not await self._desk.store.beginnings.any_due(now):
            return

        async def bring_about() -> None:
            try:
                await plans.due.bring_about(self._desk)
            finally:
                self._planning = False

        self._planning = True
        self._desk.work.start(bring_about, lane=Lane.QUICK, name="plans", failed=only_logged)

    async def _follow_up_checks(self, now: datetime) -> None:
        """Close open checks and send nudges, in Focus's lane, since Focus may be asked who is on leave.

        One run at a time.
        """
        if self._following_up or not await self._desk.store.runs.any_open(now):
            return

        async def follow_up() -> None:
            try:
                await reminders.nudges.close_and_nudge(self._desk)
            finally:
                self._following_up = False

        self._following_up = True
        self._desk.work.start(follow_up, lane=Lane.FOCUS, name="checks", failed=only_logged)

    def _take_up(self, act: Act, change: Change) -> None:
        if self._desk.store.hours.is_running(change) or change.id in self._begun:
            return
        if act.queued and len(self._begun) >= QUEUE_AT_ONCE:
            return
        ask = Ask(
            desk=self._desk,
            user_id=act.actor,
            team_id=act.team_id,
            place=Place("dm", ""),
            act_id=act.id,
            said=act.request,
            quiet=True,
        )

        async def resume(_: Ask) -> None:
            try:
                await self._resume(ask, act, change)
            except NotCurrentError as error:
                log.info("change %s is not resumed: %s", change.id, error)
            except SubjectBusyError as error:
                log.info("change %s keeps waiting: %s", change.id, error)
                await self._desk.store.hours.wait_for_turn(change)
            except EXPECTED as error:  # nobody is waiting for an answer
                log.warning("change %s waits longer: %s", change.id, error)
                until = self._desk.clock.now() + TRIES_AGAIN_AFTER
                await self._desk.store.hours.put_off(change, until=until)
            else:
                if act.queued:
                    self._desk.store.outbox.stirred.set()  # the queue's next change has room: wake the clock
            finally:
                self._begun.discard(change.id)

        self._begun.add(change.id)
        in_lane(Lane.FOCUS, ask, resume)

    async def _resume(self, ask: Ask, act: Act, change: Change) -> None:
        store = self._desk.store
        if change.state is not State.WAITING:
            await store.hours.settle(change, in_queue=act.queued)
            return
        # Whoever took over the act has a week from then, however long it had waited before.
        since = max(act.at, change.waits_since or act.at)
        if self._desk.clock.now() - since > WAITS_AT_MOST:
            await store.hours.give_up(change, trouble=Trouble(TroubleCode.EXPIRED))
            return
        if act.queued and not store.hours.can_spare():
            await store.hours.pause(act)
            return
        try:
            permit = await store.access.may(await ask.actor(), Action.CHANGE, change.subject)
        except NotAllowedError:
            if await leavers.rests(self._desk, act.actor):
                return
            await store.hours.give_up(change, trouble=Trouble(TroubleCode.NOT_ALLOWED))
            return
        try:
            after = await store.hours.resume(permit, change)
        except WritesLockedError as error:
            log.info("act %s keeps waiting: %s", act.id, error)
            locked = Trouble(TroubleCode.LOCKED, error.lock.code)
            await store.hours.pause(act, locked, due_at=self._desk.clock.now() + TRIES_AGAIN_AFTER)
            return
        if act.queued and (trouble := _for_all(after, change)):
            now = self._desk.clock.now()
            until = trouble.until or now + FOCUS_RESTS
            await store.hours.pause(after, replace(trouble, description="", trace_id=None, until=until))


def _for_all(act: Act, change: Change) -> Trouble | None:
    """The change's trouble, if it would stop the queue's later changes as well."""
    met = next(each.trouble for each in act.changes if each.id == change.id)
    return met if met and met.code.stops_queue else None
