"""What happens without anybody pressing: messages delivered, waiting changes run, a crash cleaned up after.

What is due lives in the store; each tick asks for it. A change that waited is judged again as its
actor's before it runs: a right that was taken away meanwhile gives nothing.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from handlers import home, leavers, plans, reminders
from handlers.attempts import in_lane
from handlers.delivery import deliver
from handlers.desk import Ask, Desk
from handlers.replies import EXPECTED
from handlers.work import Lane, only_logged
from store.access import Action, NotAllowedError
from store.act import Act, Change, Place, State
from store.changing import SubjectBusyError
from store.claims import LEASE
from store.hours import NotCurrentError
from store.outbox import Message
from store.trouble import Trouble, TroubleCode
from store.weekdays import WritesLockedError

__all__ = ["Clockwork"]

log = logging.getLogger(__name__)

WAITS_AT_MOST = timedelta(days=7)
QUEUE_AT_ONCE = 4
"""Changes of long acts under way at once: Focus is there for those who wait for an answer, too."""

FOCUS_RESTS = timedelta(minutes=1)
"""A queue waits so long when Focus does not answer: the next in it would fare no better."""

TRIES_AGAIN_AFTER = timedelta(minutes=1)
"""When a change could not be taken up: Slack did not tell who its actor is, for instance."""


class Clockwork:
    """One process's share of what is due."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._begun: set[str] = set()
        self._delivering = 0
        self._planning = False
        self._following_up = False
        self._recomputed = False
        self.stopping = False
        """Whether the process ends: messages still leave, changes that wait are left to the next start."""

    async def tick(self) -> None:
        """Do, or start, everything that is due now."""
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
        """Say so for ever, beside everything else: who is silent for 30 s loses what it has claimed.

        Raises:
            DatabaseUnusableError: it could not be said, and has to be begun anew.
        """
        while True:
            await self._desk.store.claims.heartbeat(self._desk.clock.now())
            await self._desk.clock.sleep(LEASE.total_seconds() / 3)

    async def deliver(self, now: datetime) -> int:
        """Begin as many deliveries as there are hands free; each one that ends makes room for the next."""
        free = Lane.OUTBOX.value - self._delivering
        if free <= 0:
            return 0
        messages = await self._desk.store.outbox.take(now, at_most=free)
        for message in messages:
            self._delivering += 1
            self._desk.work.start(
                partial(self._deliver_one, message), lane=Lane.OUTBOX, name="deliver", failed=only_logged
            )
        return len(messages)

    async def _deliver_one(self, message: Message) -> None:
        try:
            await deliver(self._desk, message)
        finally:
            self._delivering -= 1
            self._desk.store.outbox.stirred.set()

    async def _bring_about_plans(self, now: datetime) -> None:
        """In a lane of its own kind: who is judged may have to be asked of Slack, which may be slow."""
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
        """Likewise: who is asked once more may have to be looked up, and leave asked for."""
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
            except (SubjectBusyError, WritesLockedError, NotCurrentError) as error:
                log.info("change %s keeps waiting: %s", change.id, error)
            except EXPECTED as error:  # what nobody waits for is not answered either
                log.warning("change %s waits longer: %s", change.id, error)
                until = self._desk.clock.now() + TRIES_AGAIN_AFTER
                await self._desk.store.hours.put_off(change, until=until)
            finally:
                self._begun.discard(change.id)
                if act.queued:
                    self._desk.store.outbox.stirred.set()  # the next of the queue has room now

        self._begun.add(change.id)
        in_lane(Lane.FOCUS, ask, resume)

    async def _resume(self, ask: Ask, act: Act, change: Change) -> None:
        store = self._desk.store
        if change.state is not State.WAITING:
            await store.hours.settle(change, in_queue=act.queued)
            return
        if self._desk.clock.now() - act.at > WAITS_AT_MOST:
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
        after = await store.hours.resume(permit, change)
        if act.queued and (trouble := _for_all(after, change)):
            now = self._desk.clock.now()
            until = trouble.until or now + FOCUS_RESTS
            await store.hours.pause(after, replace(trouble, description="", trace_id=None, until=until))


def _for_all(act: Act, change: Change) -> Trouble | None:
    """What stood in this change's way and stands in that of those after it."""
    met = next(each.trouble for each in act.changes if each.id == change.id)
    return met if met and met.code.stops_queue else None
