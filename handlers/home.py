"""App Home: the reader's week, their team's day and an admin's to-dos, updated as they change."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from handlers import teams, waiting
from handlers.asked import Me
from handlers.attempts import in_lane
from handlers.desk import Ask, Desk
from handlers.local import reading
from handlers.replies import explain
from handlers.results import names_in
from handlers.slack_errors import SLACK_TROUBLE
from handlers.subjects import NotLinkedError
from handlers.views import home as views
from handlers.views.blocks import Reply
from handlers.views.plans.shown import coming
from handlers.views.troubles import focus_trouble
from handlers.views.words import counted
from handlers.work import Lane
from store.access import Action, Actor, NotAllowedError, Permit
from store.act import Place
from store.database import DatabaseUnusableError
from store.directory import Entry
from store.focus import FocusError
from store.health import Report
from store.hours import Look

__all__ = ["catch_up", "hide_first_steps", "opened", "publish"]

log = logging.getLogger(__name__)


async def opened(ask: Ask) -> None:
    """``app_home_opened``: publish the cached data at once, and the rest when Focus has answered."""
    if ask.view.get("tab") != "home":
        return
    ask.desk.homes.opened(ask.user_id)
    await _show(ask)


async def publish(desk: Desk, user_id: str) -> None:
    """Publish this person's Home; Focus is asked only if the cache has nothing fresh."""
    ask = Ask(desk=desk, user_id=user_id, team_id=desk.store.team_id, place=Place("home"), act_id="")
    await _show(ask)


async def catch_up(desk: Desk, user_ids: Sequence[str]) -> None:
    """Publish the Homes of these people, whose content has changed."""
    for user_id in user_ids:
        await publish(desk, user_id)


async def hide_first_steps(ask: Ask) -> None:
    """*Hide the first steps*, for all admins."""
    permit = await ask.may(Action.ADMINISTER)
    await ask.store.health.end_first_run(permit, now=ask.desk.clock.now())
    await publish(ask.desk, ask.user_id)
    ask.desk.changed()


async def _show(ask: Ask) -> None:
    reading(ask.desk.people.local(ask.user_id))
    whole = await _shown(ask, from_focus=False)
    if not whole:
        in_lane(Lane.FOCUS, ask, _read)


async def _read(ask: Ask) -> None:
    await _shown(ask, from_focus=True)


async def _shown(ask: Ask, *, from_focus: bool) -> bool:
    """Publish the Home with what is available; ``False`` if Focus has to be asked for the rest."""
    try:
        actor = await ask.actor()
        mine = await _mine(ask, actor, from_focus=from_focus)
        if mine is None:
            await _put(ask, views.loading())
            return False
        team = await teams.today(ask, actor, may_ask=from_focus)
        ask.desk.homes.shown(ask.user_id, others=team is not None or ask.store.access.is_admin(actor))
        deeds = await _deeds(ask, actor) if team else ()
        await _put(ask, await _page(ask, actor, mine, team, deeds))
    except NotAllowedError as error:
        await _put(ask, views.refused(await explain(error, ask)))
    except (*SLACK_TROUBLE, DatabaseUnusableError) as error:
        # Nobody waits for Home: it is published again at the next opening or change.
        log.warning("Home of %s was not published: %s", ask.user_id, error)
    else:
        return team is None or team.leave_known
    return True


async def _page(
    ask: Ask,
    actor: Actor,
    mine: views.Mine | Sequence[Block],
    team: views.Team | None,
    deeds: Sequence[views.Deed],
) -> View:
    return views.page(
        mine,
        deeds=deeds,
        team=team,
        todos=await _todos(ask, actor),
        reader=ask.user_id,
        now=ask.desk.clock.now(),
        command=ask.desk.command,
    )


# ------------------------------------------------------------------ my week


async def _mine(ask: Ask, actor: Actor, *, from_focus: bool) -> views.Mine | Sequence[Block] | None:
    """The reader's own week, or blocks with the reason there is none; ``None`` if Focus must be asked."""
    try:
        entry = await ask.desk.people.subject(Me(), asker=ask.user_id)
        permit = await ask.store.access.may(actor, Action.SEE, entry.subject)
        look = await (ask.store.hours.look(permit) if from_focus else ask.store.hours.glance(permit))
    except (NotLinkedError, NotAllowedError) as error:
        return views.problem(await explain(error, ask))
    except FocusError as error:
        return views.problem(Reply.saying(focus_trouble(error)))
    return await _week(ask, actor, entry, permit, look) if look else None


async def _week(ask: Ask, actor: Actor, entry: Entry, permit: Permit, look: Look) -> views.Mine:
    confirmation = await ask.store.confirmations.latest(permit, look.snapshot.week)
    # A Home published by the clock (without an event) does not count as the person's first use.
    told = await ask.introduction() if ask.event_id else ""
    return views.Mine(
        entry=entry,
        snapshot=look.snapshot,
        confirmed=confirmation.at if confirmation else None,
        waiting=(await waiting.of(ask, entry.subject)).blocks,
        planned=coming(await ask.store.plans.of([entry.subject]), command=ask.desk.command),
        acts=await ask.store.journal.history(entry.subject, limit=views.ACTS),
        may_change=await ask.store.access.can(actor, Action.CHANGE, entry.subject),
        trouble=focus_trouble(look.trouble) if look.trouble else "",
        days_unsure=ask.store.weekdays.uncertain,
        introduction=ask.desk.homes.telling(ask.user_id, told),
    )


async def _deeds(ask: Ask, actor: Actor) -> list[views.Deed]:
    """What a manager has changed of others lately, as far as they may still see it."""
    own = await ask.store.directory.linked(ask.user_id)
    subject = own.subject if own else None
    found = []
    for act in await ask.store.journal.made_by(ask.user_id, apart_from=subject, limit=views.ACTS):
        theirs = [change.subject for change in act.changes if change.subject != subject]
        seen = await ask.store.access.allowed(actor, Action.SEE, theirs)
        names = await names_in(ask.desk, act, reader=ask.user_id)
        found.append(views.Deed(act, {each: names[each] for each in seen}))
    return [deed for deed in found if deed.names]


# ------------------------------------------------------------------ the first run


async def _todos(ask: Ask, actor: Actor) -> Sequence[views.Todo] | None:
    """The remaining first steps of a new deployment; ``None`` if the reader is not an admin."""
    if not ask.store.access.is_admin(actor):
        return None
    permit = await ask.store.access.may(actor, Action.ADMINISTER)
    if ask.store.health.first_run_is_over:
        return ()
    report = await ask.store.health.report(permit, now=ask.desk.clock.now())
    todos = _first_steps(report, granted=bool(await ask.store.access.grants()))
    if all(todo.done for todo in todos):
        await ask.store.health.end_first_run(permit, now=ask.desk.clock.now())
        return ()
    return todos


def _first_steps(report: Report, *, granted: bool) -> tuple[views.Todo, ...]:
    unlinked = report.held.people - report.held.linked
    everybody = counted(report.held.people, "person", several="people")
    return (
        views.Todo(
            "I read Toggl Focus’s weekdays as its own page shows them: an admin has confirmed it.",
            done=report.lock is None,
            command="status",
            press="Status",
        ),
        views.Todo(
            f"Linked to Slack: {report.held.linked} of {everybody} in Toggl Focus.",
            done=unlinked <= 0,
            command="links",
            press="Link the rest",
        ),
        views.Todo("Somebody besides the admins may change weeks.", granted, "managers", "Grant …"),
        views.Todo(
            "A channel is reminded to check its weeks.", report.held.reminders > 0, "remind", "Remind …"
        ),
    )


async def _put(ask: Ask, view: View) -> None:
    await ask.desk.slack.views_publish(user_id=ask.user_id, view=view)
